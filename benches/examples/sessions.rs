//! What the fold remembers of many sessions: `cargo run --release -p coldcase-benches --example sessions -- PATH…`.
//!
//! Scans and concludes event after event, keeps nothing else, and prints how many there were, how much of them was not
//! followed, and how much memory the process has taken since it began to read. Left out: time, which `detect` measures.

#![expect(clippy::print_stdout, reason = "a tool of the benches prints what it measured")]
#![expect(clippy::disallowed_methods, reason = "it reads what the system says of its memory")]

use std::path::PathBuf;

use coldcase_engine::{Detector, Joiner, Pack, Policy, Tracker};
use coldcase_model::{BatchSource, Item, Show};
use coldcase_readers::{InputSet, Limits, expand};

fn main() {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let limits = Limits::default();
    let pack = match coldcase_builtin::pack() {
        Ok(pack) => pack,
        Err(error) => return println!("{error}"),
    };
    let mut inputs = match expand(&paths, &limits) {
        Ok(found) => InputSet::new(found, limits),
        Err(error) => return println!("{error}"),
    };
    let (mut detector, policy) = (Detector::new(&pack, Show::Redacted), Policy::balanced());
    let (mut tracker, mut joiner) = (Tracker::default(), Joiner::new(&pack));
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
        tracker.left_out(),
        megabytes() - before
    );
}

/// What the process has in memory, where the system tells it.
fn megabytes() -> f64 {
    let told = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = told.and_then(|told| told.split(' ').nth(1)?.parse::<f64>().ok());
    pages.map_or(f64::NAN, |pages| pages * 4096.0 / 1e6)
}
