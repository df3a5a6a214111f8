//! Every bit of every byte of a log of each shape, flipped. After the test that journald has for its own journal.

use super::logs::{Log, genuine, ring};
use crate::keys::KeyRing;
use crate::log::{SessionReport, Status};

/// Where in a log a byte stands: the shard, its line there counted from 1, and the line's number in all shards.
struct Spot {
    shard: usize,
    line: u64,
    seq: u64,
    /// Whether it is the very last newline.
    is_end: bool,
}

fn spots(log: &Log) -> Vec<(usize, Spot)> {
    let (mut spots, mut seq) = (Vec::new(), 0);
    for (shard, (_, bytes)) in log.shards.iter().enumerate() {
        let mut line = 1;
        for (at, byte) in bytes.iter().enumerate() {
            let is_end = shard + 1 == log.shards.len() && at + 1 == bytes.len();
            spots.push((at, Spot { shard, line, seq, is_end }));
            if *byte == b'\n' {
                line += 1;
                seq += 1;
            }
        }
    }
    spots
}

/// What is wrong with the report of a log with one bit flipped there.
fn objection(log: &Log, spot: &Spot, report: &SessionReport) -> Option<String> {
    if report.authenticated_through_seq.is_some_and(|through| through >= spot.seq) {
        return Some(format!("vouches for the flipped entry: {:?}", report.authenticated_through_seq));
    }
    match report.status {
        // The last newline is all that makes the last line whole.
        Status::TornTail if spot.is_end => None,
        Status::Broken => {
            // The flipped line itself, always: also when its newline is gone, for the joined line starts there, and
            // when a link is changed, for the entry's own hash is compared first.
            let first = report.breaks.first()?;
            let right = first.file.as_deref() == Some(log.shards[spot.shard].0.as_str())
                && first.line == Some(spot.line);
            (!right).then(|| format!("placed at {:?} line {:?}: {}", first.file, first.line, first.seen))
        }
        other => Some(format!("passes as {other:?}")),
    }
}

/// Flips every bit of a log; gives how many there are.
fn flip_all(name: &str, log: &Log, keys: &KeyRing) -> usize {
    let (mut flips, mut log) = (0, log.clone());
    for (at, spot) in spots(&log) {
        for bit in 0..8 {
            log.shards[spot.shard].1[at] ^= 1 << bit;
            let found = objection(&log, &spot, &log.verify(keys));
            assert_eq!(
                found, None,
                "{name}: bit {bit} of byte {at}, shard {}, line {}",
                spot.shard, spot.line
            );
            log.shards[spot.shard].1[at] ^= 1 << bit;
            flips += 1;
        }
    }
    flips
}

fn flip_genuine(part: usize, keys: &KeyRing) {
    let (mut flips, mut bytes) = (0, 0);
    for (index, (name, log)) in genuine().iter().enumerate() {
        if index % 2 == part {
            flips += flip_all(name, log, keys);
            bytes += log.shards.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
        }
    }
    println!("{flips} flips, none missed, none misplaced");
    assert!(flips == 8 * bytes && flips > 40_000, "{flips}");
}

// Two halves, so that they run side by side.
#[test]
fn no_flipped_bit_passes_and_each_is_placed_in_its_line() {
    flip_genuine(0, &ring());
}

#[test]
fn no_flipped_bit_passes_and_each_is_placed_in_its_line_in_the_other_shapes() {
    flip_genuine(1, &ring());
}

/// Without a key nothing else holds the log together than its hashes.
#[test]
fn no_flipped_bit_passes_without_a_key() {
    let (name, log) = genuine().swap_remove(6);
    let flips = flip_all(name, &log, &KeyRing::default());
    println!("{flips} flips without a key");
    assert_eq!(flips, 8 * log.shards.iter().map(|(_, bytes)| bytes.len()).sum::<usize>());
}
