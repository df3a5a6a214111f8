//! What may stand behind the last newline, one case each.

use super::entries::Line;
use super::logs::{Log, options, plain, ring};
use crate::entry::LineFault;
use crate::log::{BreakReason, Replaced, SessionReport, Status, Torn, VerifyOptions};

fn lines() -> Vec<Line> {
    plain("proxy", 3, 9, 9, "one").entries()
}

/// The report of these lines, each with its newline, and a tail without one.
fn report(lines: &[Line], tail: &[u8]) -> SessionReport {
    let bytes = [lines.iter().flat_map(Line::spell).collect(), tail.to_vec()].concat();
    let log = Log::file(bytes);
    let report = log.verify(&ring());
    let slow = Log { step: 1, ..log }.verify(&ring());
    assert_eq!((&slow.torn, &slow.breaks), (&report.torn, &report.breaks));
    report
}

/// The one break of these lines and the tail.
fn broken(lines: &[Line], tail: &[u8]) -> BreakReason {
    let report = report(lines, tail);
    assert_eq!((report.breaks_total, &report.torn), (1, &None), "{:?}", report.breaks);
    let (line, offset) = (lines.len() as u64 + 1, lines.iter().map(|line| line.spell().len() as u64).sum());
    let found = &report.breaks[0];
    assert_eq!((found.line, found.offset), (Some(line), Some(offset)));
    found.reason.clone()
}

fn torn(lines: &[Line], tail: &[u8]) -> Torn {
    let report = report(lines, tail);
    assert_eq!(report.status, Status::TornTail, "{:?}", report.breaks);
    report.torn.unwrap()
}

/// The line without its newline.
fn whole(line: &Line) -> Vec<u8> {
    line.spell().strip_suffix(b"\n").unwrap().to_vec()
}

/// The line hashed anew after a change.
fn hashed(mut line: Line, change: impl FnOnce(&mut Line)) -> Vec<u8> {
    change(&mut line);
    line.rehash();
    whole(&line)
}

#[test]
fn a_whole_entry_lacks_its_newline_only() {
    let lines = lines();
    for count in 0..3 {
        let torn = torn(&lines[..count], &whole(&lines[count]));
        assert!(torn.only_newline_missing && torn.is_start_of_entry);
        assert_eq!((torn.bytes, torn.zero_bytes), (whole(&lines[count]).len() as u64, 0));
    }
}

#[test]
fn a_whole_entry_is_held_to_its_hash_its_session_and_its_place() {
    let lines = lines();
    let (before, last) = (&lines[..2], &lines[2]);
    let mut altered = last.clone();
    altered.summary.push('!');
    let differs = BreakReason::HashDiffers { replaced: Replaced::None };
    assert_eq!(broken(before, &whole(&altered)), differs);
    let zero = hashed(last.clone(), |line| line.summary = "a\0b".to_owned());
    assert_eq!(broken(before, &zero), BreakReason::Ambiguous);
    let other = hashed(last.clone(), |line| line.session = "other".to_owned());
    assert_eq!(broken(before, &other), BreakReason::OtherSession);
    assert_eq!(broken(&lines[..1], &whole(last)), BreakReason::Missing { first: 1, last: 1 });
    let linked = hashed(lines[0].clone(), |line| line.prev = last.hash.clone());
    assert_eq!(broken(&[], &linked), BreakReason::NoGenesis);
    let late = hashed(last.clone(), |line| line.prev = "genesis".to_owned());
    assert_eq!(broken(&[], &late), BreakReason::LateGenesis);
}

/// A file whose name states a session holds its tail to that, also before any entry was read.
#[test]
fn the_name_states_the_session_of_a_tail() {
    let of = |name: &str| {
        let shard = (format!("evidence-{name}-0.jsonl"), whole(&lines()[0]));
        Log { session: Some(name.to_owned()), shards: vec![shard], step: usize::MAX }.verify(&ring())
    };
    assert_eq!(of("proxy").status, Status::TornTail);
    assert_eq!(of("other").breaks[0].reason, BreakReason::OtherSession);
}

#[test]
fn behind_a_line_that_says_nothing_a_whole_entry_may_be_any() {
    let report = report(&[], &[b"x\n".to_vec(), whole(&lines()[2])].concat());
    assert_eq!(report.breaks_total, 1);
    assert!(report.torn.unwrap().only_newline_missing);
}

#[test]
fn a_tail_over_the_limit_is_told_with_its_length() {
    let log = Log::file(vec![b'x'; 60]);
    let reason = |line_limit| {
        let report = log.verify_with(&VerifyOptions { line_limit, ..options(&ring()) });
        report.breaks.first().map(|found| found.reason.clone())
    };
    let fault = LineFault::TooLong { bytes: 60, limit: 59 };
    assert_eq!(reason(59), Some(BreakReason::Line { fault, content_agrees: false }));
    assert_eq!(reason(60), None);
}

/// The same for a line that ends and is read, and for one so long that it is not.
#[test]
fn a_line_over_the_limit_is_told_with_its_length_and_newline() {
    for len in [60, 600_000] {
        let log = Log::file([vec![b'x'; len], b"\n".to_vec()].concat());
        let report = log.verify_with(&VerifyOptions { line_limit: 59, ..options(&ring()) });
        let fault = LineFault::TooLong { bytes: len as u64 + 1, limit: 59 };
        assert_eq!(report.breaks[0].reason, BreakReason::Line { fault, content_agrees: false });
        assert_eq!((report.breaks_total, report.breaks[0].offset), (1, Some(0)));
    }
}

#[test]
fn a_value_that_is_whole_is_no_cut() {
    let spaced = [b"{ ", &whole(&lines()[1])[1..]].concat();
    for (tail, agrees) in [(br#"{"a":1}"#.to_vec(), false), (spaced, true)] {
        let BreakReason::Line { content_agrees, .. } = broken(&lines()[..1], &tail) else {
            panic!("no line")
        };
        assert_eq!(content_agrees, agrees);
    }
    for tail in ["[1]", "1", "\"a\"", r#"{"a":1"#, "abc"] {
        let torn = torn(&lines()[..1], tail.as_bytes());
        assert!(!torn.only_newline_missing && !torn.is_start_of_entry, "{tail}");
    }
}

#[test]
fn text_behind_a_whole_entry_is_no_cut() {
    let tail = [whole(&lines()[1]), b"x".to_vec()].concat();
    let BreakReason::Line { fault, .. } = broken(&lines()[..1], &tail) else { panic!("no line") };
    assert_eq!(fault, LineFault::Trailing);
}

#[test]
fn bytes_that_no_json_holds_are_counted_with_the_zeros_behind_them() {
    assert_eq!(broken(&[], b"abc\x1fdef"), BreakReason::ForeignTail { bytes: 7 });
    assert_eq!(broken(&lines()[..1], b"ab\x01\0\0"), BreakReason::ForeignTail { bytes: 5 });
    assert!(!torn(&[], b"abc\x20def").is_start_of_entry);
    let zeros = torn(&lines()[..1], &[0; 9]);
    assert_eq!((zeros.bytes, zeros.zero_bytes, zeros.is_start_of_entry), (0, 9, true));
}

/// What stands between two files counts with its zeros, at its line and offset.
#[test]
fn a_tail_before_another_file_is_told_with_its_place() {
    let lines = lines();
    let first = lines[0].spell();
    for rest in [lines[1..].iter().flat_map(Line::spell).collect(), b"{".to_vec(), vec![b'x'; 300]] {
        let cut = [first.clone(), b"{\"v\":2\0\0\0".to_vec()].concat();
        let shards =
            vec![("evidence-proxy-0.jsonl".to_owned(), cut), ("evidence-proxy-1.jsonl".to_owned(), rest)];
        let log = Log { session: Some("proxy".to_owned()), shards, step: usize::MAX };
        let report = log.verify_with(&VerifyOptions { line_limit: 1000, ..options(&ring()) });
        let found = &report.breaks[0];
        assert_eq!(found.reason, BreakReason::TornInside { bytes: 9 });
        assert_eq!((found.line, found.offset), (Some(2), Some(first.len() as u64)));
        assert_eq!(found.file.as_deref(), Some("evidence-proxy-0.jsonl"));
    }
}

/// An empty file behind a cut is what a recorder leaves that is killed at once: the cut is still the end.
#[test]
fn a_tail_before_an_empty_file_is_the_end() {
    let lines = lines();
    let shards = vec![
        ("evidence-proxy-0.jsonl".to_owned(), lines[0].spell()[..30].to_vec()),
        ("evidence-proxy-1.jsonl".to_owned(), Vec::new()),
    ];
    let report = Log { session: Some("proxy".to_owned()), shards, step: usize::MAX }.verify(&ring());
    assert_eq!((report.status, report.breaks_total), (Status::TornTail, 0));
    assert_eq!(report.torn.unwrap().file, "evidence-proxy-0.jsonl");
}
