//! The scan core and the fold over sessions over the events of recordings:
//! `cargo run --release -p coldcase-benches --example detect -- PATH…`.
//!
//! Reads everything first, then scans all events five times on one thread and prints the first and the best pass in MB/s of
//! the events' text, by the time that the thread was on a processor where the system tells it, and the best pass of the fold
//! over what was found, in events a second. Left out: reading, hashing, tables.

#![expect(clippy::print_stdout, reason = "a tool of the benches prints what it measured")]
#![expect(clippy::disallowed_methods, reason = "it measures time")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use coldcase_engine::{Detection, Detector, Joiner, Pack, Policy, Tracker};
use coldcase_model::{BatchSource, Event, Item, Show};
use coldcase_readers::{InputSet, Limits, expand};

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PASSES: usize = 5;

fn main() {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let events = events(&paths);
    let bytes: usize = events.iter().map(|event| event.text.len()).sum();
    let pack = match coldcase_builtin::pack() {
        Ok(pack) => pack,
        Err(error) => return println!("{error}"),
    };
    let mut detector = Detector::new(&pack, Show::Redacted);
    let mut passes = Vec::new();
    let mut findings = 0;
    let origin = Instant::now();
    for _ in 0..PASSES {
        let start = seconds(origin);
        findings = events.iter().map(|event| detector.detect(event).findings.len()).sum();
        passes.push(seconds(origin) - start);
    }
    let first = passes.first().copied().unwrap_or(f64::INFINITY);
    let best = passes.into_iter().fold(f64::INFINITY, f64::min);
    #[expect(clippy::cast_precision_loss, reason = "sizes of recordings are far below 2^52")]
    let megabytes = bytes as f64 / 1e6;
    let folded = fold(&events, &mut detector, &pack);
    #[expect(clippy::cast_precision_loss, reason = "numbers of events are far below 2^52")]
    let millions = events.len() as f64 / 1e6;
    println!(
        "{} events, {megabytes:.1} MB of text, {findings} findings, {:.1} MB/s, {:.1} at first; fold {:.2} million events/s, {:.1} % of the scan",
        events.len(),
        megabytes / best,
        megabytes / first,
        millions / folded,
        folded / best * 100.0
    );
}

/// Time on a processor, which others' work does not lengthen; since `origin` where the system does not tell it.
fn seconds(origin: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|told| told.split(' ').next()?.parse::<u64>().ok());
    nanos.map_or_else(|| origin.elapsed().as_secs_f64(), |nanos| Duration::from_nanos(nanos).as_secs_f64())
}

/// The best of some passes of the fold, in seconds.
fn fold(events: &[Event], detector: &mut Detector<'_>, pack: &Pack) -> f64 {
    let policy = Policy::balanced();
    let origin = Instant::now();
    let mut best = f64::INFINITY;
    for _ in 0..PASSES {
        let detections: Vec<Detection> = events.iter().map(|event| detector.detect(event)).collect();
        let (mut tracker, mut joiner) = (Tracker::default(), Joiner::new(pack));
        let start = seconds(origin);
        for detection in detections {
            drop(tracker.conclude(detection, &policy, &mut joiner));
        }
        best = best.min(seconds(origin) - start);
    }
    best
}

fn events(paths: &[PathBuf]) -> Vec<Event> {
    let mut events = Vec::new();
    let limits = Limits::default();
    let found = match expand(paths, &limits) {
        Ok(found) => found,
        Err(error) => {
            println!("{error}");
            return events;
        }
    };
    let mut inputs = InputSet::new(found, limits);
    while let Some(batch) = inputs.next_batch() {
        batch.read(&mut |item| {
            if let Item::Event(event) = item {
                events.push(*event);
            }
        });
    }
    events
}
