//! What sessions cost: `cargo run --release -p coldcase-benches --example sessions -- [--time] PATH…`.
//!
//! Without `--time` it scans and concludes event after event, keeps nothing else, and prints how many there were, how much
//! of them was not followed, and how much memory the process has taken since it began to read. With it, it holds up to
//! 200,000 events in memory, 64 MB of text at the most, and scans them in turn without and with what sessions need, then
//! folds: the best of five passes of each counts, in time of the processor. Left out of the time: writing a report, which sessions add rows to.

#![expect(clippy::print_stdout, reason = "a tool of the benches prints what it measured")]
#![expect(clippy::disallowed_methods, reason = "it reads what the system says of its memory and time")]

use std::path::PathBuf;
use std::time::Duration;

use coldcase_engine::{Detection, Detector, Joiner, Pack, Policy, Tracker};
use coldcase_model::{BatchSource, Event, Item, Show};
use coldcase_readers::{InputSet, Limits, expand};

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many events are held for a measurement of time, and how many bytes of their text.
const MOST_EVENTS: usize = 200_000;
const MOST_BYTES: usize = 64 << 20;
/// How many events are scanned before they are folded; a scan holds a batch or two.
const BATCH: usize = 1024;
const PASSES: usize = 5;

fn main() {
    let mut paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let timed = paths.first().is_some_and(|first| first.as_os_str() == "--time");
    if timed {
        paths.remove(0);
    }
    let limits = Limits::default();
    let pack = match coldcase_builtin::pack() {
        Ok(pack) => pack,
        Err(error) => return println!("{error}"),
    };
    let mut inputs = match expand(&paths, &limits) {
        Ok(found) => InputSet::new(found, limits),
        Err(error) => return println!("{error}"),
    };
    if timed { time(&pack, &mut inputs) } else { memory(&pack, &mut inputs) }
}

fn memory(pack: &Pack, inputs: &mut InputSet) {
    let (mut detector, policy) = (Detector::new(pack, Show::Redacted), Policy::balanced());
    let (mut tracker, mut joiner) = (Tracker::default(), Joiner::new(pack));
    let (mut events, mut edges, before) = (0_u64, 0, megabytes());
    while let Some(batch) = inputs.next_batch() {
        batch.read(&mut |item| {
            if let Item::Event(event) = item {
                let judged = tracker.conclude(detector.detect(&event), &policy, &mut joiner);
                events += 1;
                edges += judged.story.edges.len();
            }
        });
    }
    println!(
        "{events} events, {edges} edges, {} not followed, {:.0} MB taken, {before:.0} before",
        tracker.left_out().total(),
        megabytes() - before
    );
}

fn time(pack: &Pack, inputs: &mut InputSet) {
    let (mut events, mut bytes, mut read) = (Vec::<Event>::new(), 0, Duration::ZERO);
    while let Some(batch) = inputs.next_batch() {
        if events.len() >= MOST_EVENTS || bytes >= MOST_BYTES {
            break;
        }
        let start = spent();
        batch.read(&mut |item| {
            if let Item::Event(event) = item {
                bytes += event.text.len();
                events.push(*event);
            }
        });
        read += spent().saturating_sub(start);
    }
    let mut best = [Duration::MAX; 3];
    for _ in 0..PASSES {
        for (best, took) in best.iter_mut().zip([without(pack, &events), with(pack, &events)].concat()) {
            *best = took.min(*best);
        }
    }
    report(events.len(), bytes, read, best);
}

/// How long a scan without sessions takes.
fn without(pack: &Pack, events: &[Event]) -> Vec<Duration> {
    let (mut detector, policy) = (Detector::without_sessions(pack, Show::Redacted), Policy::balanced());
    let mut all = Duration::ZERO;
    for batch in events.chunks(BATCH) {
        let start = spent();
        let detections: Vec<Detection> = batch.iter().map(|event| detector.detect(event)).collect();
        for Detection { findings, coverage, .. } in &detections {
            std::hint::black_box(policy.decide(findings, coverage));
        }
        drop(detections);
        all += spent().saturating_sub(start);
    }
    vec![all]
}

/// How long a scan with what sessions need takes, and how long the fold.
fn with(pack: &Pack, events: &[Event]) -> Vec<Duration> {
    let (mut detector, policy) = (Detector::new(pack, Show::Redacted), Policy::balanced());
    let (mut tracker, mut joiner) = (Tracker::default(), Joiner::new(pack));
    let (mut scan, mut fold) = (Duration::ZERO, Duration::ZERO);
    for batch in events.chunks(BATCH) {
        let start = spent();
        let detections: Vec<Detection> = batch.iter().map(|event| detector.detect(event)).collect();
        scan += spent().saturating_sub(start);
        let start = spent();
        for detection in detections {
            std::hint::black_box(tracker.conclude(detection, &policy, &mut joiner));
        }
        fold += spent().saturating_sub(start);
    }
    vec![scan, fold]
}

#[expect(clippy::cast_precision_loss, reason = "counts that are printed with three digits")]
fn report(events: usize, bytes: usize, read: Duration, [without, scan, fold]: [Duration; 3]) {
    let [read, without, scan, fold] = [read, without, scan, fold].map(|took| took.as_secs_f64());
    let more = scan + fold - without;
    println!("{events} events, {:.1} MB of text, read in {read:.3} s", bytes as f64 / 1e6);
    println!("without sessions {without:.3} s, with {scan:.3} s and the fold {fold:.3} s");
    println!("the fold {:.0} events a second", events as f64 / fold);
    println!(
        "sessions add {:.1} %, {:.1} % with reading",
        100.0 * more / without,
        100.0 * more / (without + read)
    );
}

/// The time that this thread has run, where the system tells it: the machine's other work does not count.
fn spent() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    Duration::from_nanos(told.and_then(|told| told.split(' ').next()?.parse().ok()).unwrap_or_default())
}

/// What the process has in memory, where the system tells it.
fn megabytes() -> f64 {
    let told = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = told.and_then(|told| told.split(' ').nth(1)?.parse::<f64>().ok());
    pages.map_or(f64::NAN, |pages| pages * 4096.0 / 1e6)
}
