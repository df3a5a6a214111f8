//! Every byte-length prefix: a crash leaves one, and so does whoever cuts the end off. Neither is called tampering,
//! and neither is called more than it shows.

use super::entries::Line;
use super::logs::{Log, genuine, plain, ring, vouched};
use crate::log::{BreakReason, SessionReport, Status};

/// What is right to say of a file cut after `len` bytes, found without the verifier's code.
struct Cut {
    /// Whole lines before the cut, in this file.
    lines: usize,
    /// Where the last of them ends.
    offset: usize,
}

impl Cut {
    fn of(bytes: &[u8], len: usize) -> Self {
        let kept = &bytes[..len];
        let lines = memchr::memchr_iter(b'\n', kept).count();
        let offset = kept.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        Self { lines, offset }
    }
}

/// What is wrong with the report of a log whose last file was cut after `len` bytes.
fn objection(log: &Log, entries: &[Line], len: usize, report: &SessionReport) -> Option<String> {
    let (name, bytes) = log.shards.last().unwrap();
    let (cut, last) = (Cut::of(bytes, len), log.shards.len() - 1);
    let before = log.lines().iter().filter(|(_, shard)| *shard < last).count();
    let whole = &entries[..before + cut.lines];
    if report.entries != whole.len() as u64 || report.authenticated_through_seq != vouched(whole) {
        return Some(format!("{} entries through {:?}", report.entries, report.authenticated_through_seq));
    }
    if cut.offset == len {
        let right = if whole.is_empty() { Status::Empty } else { Status::Intact };
        return (report.status != right || report.torn.is_some()).then(|| format!("{:?}", report.status));
    }
    let Some(torn) = report.torn.as_ref().filter(|_| report.status == Status::TornTail) else {
        return Some(format!("{:?}: {:?}", report.status, report.breaks));
    };
    let right = torn.file == *name
        && torn.last_good_offset == cut.offset as u64
        && torn.bytes == (len - cut.offset) as u64
        && torn.zero_bytes == 0
        && torn.only_newline_missing == (bytes[len] == b'\n');
    (!right).then(|| format!("{torn:?}"))
}

#[test]
fn every_prefix_is_an_intact_one_or_a_torn_tail_at_the_right_offset() {
    let (mut prefixes, mut torn, mut foreign, mut expected) = (0, 0, 0, 0);
    for (name, log) in genuine() {
        let entries = log.entries();
        let bytes = log.shards.last().unwrap().1.clone();
        expected += bytes.len() + 1;
        for len in 0..=bytes.len() {
            let mut cut = log.clone();
            cut.shards.last_mut().unwrap().1.truncate(len);
            let report = cut.verify(&ring());
            assert_eq!(objection(&log, &entries, len, &report), None, "{name}: {len} bytes");
            prefixes += 1;
            torn += usize::from(report.status == Status::TornTail);
            foreign += usize::from(report.torn.is_some_and(|torn| !torn.is_start_of_entry));
        }
    }
    println!(
        "{prefixes} prefixes, {torn} of them torn, 0 wrong; {foreign} not known as the start of an entry"
    );
    assert_eq!(prefixes, expected);
}

/// A tail as a loss of power leaves it: cut anywhere, with zero bytes behind.
#[test]
fn a_cut_with_zeros_behind_it_is_a_torn_tail_too() {
    let log = plain("proxy", 3, 2, 100, "one");
    let entries = log.entries();
    let bytes = &log.shards[0].1;
    for len in 0..bytes.len() {
        let mut cut = log.clone();
        cut.shards[0].1.truncate(len);
        cut.shards[0].1.extend_from_slice(&[0; 7]);
        let (report, right) = (cut.verify(&ring()), Cut::of(bytes, len));
        let torn = report.torn.as_ref().unwrap_or_else(|| panic!("{len}: {:?}", report.breaks));
        assert_eq!((torn.last_good_offset, torn.zero_bytes), (right.offset as u64, 7), "{len}");
        assert_eq!(report.authenticated_through_seq, vouched(&entries[..right.lines]), "{len}");
        assert_eq!(report.status, Status::TornTail, "{len}");
    }
    println!("{} prefixes with zeros behind", bytes.len());
    assert!(bytes.len() > 1000);
}

/// What is wrong with the report of a two-shard log whose first file was cut.
fn objection_inside(log: &Log, entries: &[Line], len: usize, report: &SessionReport) -> Option<String> {
    let cut = Cut::of(&log.shards[0].1, len);
    let through = report.authenticated_through_seq;
    if through != vouched(&entries[..cut.lines]) && len != 0 {
        return Some(format!("authenticated through {through:?}"));
    }
    if len == 0 {
        // An empty first file is what a recorder leaves that is killed at once: the start is missing, and said so.
        return (report.status != Status::MissingStart).then(|| format!("{:?}", report.status));
    }
    let first = report.breaks.first()?;
    let place = (first.file.clone(), first.line, first.offset);
    if cut.offset == len {
        let missing = BreakReason::Missing { first: cut.lines as u64, last: entry_of(log, 1) - 1 };
        let right = (Some(log.shards[1].0.clone()), Some(1), Some(0));
        let found = report.status == Status::Broken && first.reason == missing && place == right;
        return (!found).then(|| format!("{:?} {first:?}", report.status));
    }
    let right = (Some(log.shards[0].0.clone()), Some(cut.lines as u64 + 1), Some(cut.offset as u64));
    let bad = report.first_bad.as_ref().map(|bad| (Some(bad.file.clone()), Some(bad.line), Some(bad.offset)));
    let torn = matches!(first.reason, BreakReason::TornInside { .. });
    let found = report.status == Status::Broken && torn && place == right && bad == Some(right.clone());
    (!found).then(|| format!("{:?} {first:?}", report.status))
}

/// The number of the first entry of a shard.
fn entry_of(log: &Log, shard: usize) -> u64 {
    log.lines().iter().take_while(|(_, at)| *at < shard).count() as u64
}

#[test]
fn the_same_cut_in_an_earlier_file_breaks_the_log_in_that_file() {
    let log = plain("proxy", 6, 3, 4, "one");
    assert_eq!(log.shards.len(), 2);
    let (entries, bytes) = (log.entries(), &log.shards[0].1);
    for len in 0..bytes.len() {
        let mut cut = log.clone();
        cut.shards[0].1.truncate(len);
        assert_eq!(objection_inside(&log, &entries, len, &cut.verify(&ring())), None, "{len} bytes");
    }
    println!("{} cuts in the first of two files, 0 wrong", bytes.len());
    assert!(bytes.len() > 1000);
}
