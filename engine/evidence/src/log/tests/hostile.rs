//! Bytes that no recorder writes: no panic, no stack overflow, and no time that grows faster than the input.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::logs::{Log, genuine, options, plain, ring};
use crate::log::{BreakReason, SessionReport, Status, VerifyOptions};

/// The longest that any one of these inputs may take. The slowest takes a fraction of it; what grows with the square
/// of its size takes far longer.
const MOST: Duration = Duration::from_secs(5);

/// The report and how long it took.
#[expect(
    clippy::disallowed_methods,
    reason = "what is measured here is time; nothing but this test depends on it"
)]
fn timed(log: &Log, options: &VerifyOptions) -> (SessionReport, Duration) {
    let start = Instant::now();
    let report = log.verify_with(options);
    (report, start.elapsed())
}

/// A right line with another detail and the hash of the old one: hostile, and not JSON's fault.
fn around(detail: &str) -> Vec<u8> {
    let line = String::from_utf8(plain("proxy", 1, 9, 9, "one").shards[0].1.clone()).unwrap();
    line.replacen(r#"{"a":1}"#, detail, 1).into_bytes()
}

/// Large inputs, each made to hurt one part of the reading.
fn inputs() -> Vec<(&'static str, Vec<u8>)> {
    let (mut keys, mut outer, mut same) = (String::from("{"), String::from("{"), String::from("{"));
    for at in 0..100_000 {
        write!(keys, "\"k{at}\":{at},").unwrap();
        write!(outer, "\"k{at}\":{at},").unwrap();
        same.push_str("\"v\":2,");
    }
    let close = |text: &str| format!("{}}}", text.trim_end_matches(','));
    let deep = |open: &str, close: &str, count: usize| open.repeat(count) + &close.repeat(count);
    let broken = "\u{fffd}".repeat(300_000);
    vec![
        ("100,000 keys in a detail", around(&close(&keys))),
        ("100,000 unknown keys", (close(&outer) + "\n").into_bytes()),
        ("100,000 times the same key", (close(&same) + "\n").into_bytes()),
        ("a million escapes in a detail", around(&format!("\"{}\"", r"\u0001".repeat(1_000_000)))),
        ("a million escaped quotes", around(&format!("\"{}\"", r#"\""#.repeat(1_000_000)))),
        ("a million backslashes and no end", around(&format!("\"{}", r"\".repeat(999_999)))),
        ("a million open brackets", [vec![b'['; 1_000_000], vec![b'\n']].concat()),
        ("a million brackets in a detail", around(&deep("[", "]", 500_000))),
        ("a million braces in a detail", around(&deep(r#"{"a":"#, "}", 200_000))),
        ("many bytes that were replaced", around(&format!("\"{broken}\""))),
        ("a million blank lines", vec![b'\n'; 1_000_000]),
        ("100,000 lines of no JSON", b"{\"v\":2,\"seq\":x}\n".repeat(100_000)),
        ("a tail of zeros", [plain("proxy", 2, 9, 9, "one").shards[0].1.clone(), vec![0; 4 << 20]].concat()),
        ("nothing but zeros", vec![0; 4 << 20]),
        ("a number without end", around(&"9".repeat(1_000_000))),
    ]
}

#[test]
fn hostile_lines_cost_no_more_than_their_length() {
    let (mut slowest, mut count) = ((Duration::ZERO, ""), 0);
    for (name, bytes) in inputs() {
        let log = Log::file(bytes);
        let (report, took) = timed(&log, &options(&ring()));
        let right = if name.contains("zeros") { Status::TornTail } else { Status::Broken };
        assert_eq!(report.status, right, "{name}");
        assert!(report.breaks.len() <= 256 && took < MOST, "{name} took {took:?}");
        slowest = slowest.max((took, name));
        count += 1;
    }
    println!("{count} inputs, the slowest {slowest:?}");
    assert_eq!(count, 15);
}

#[test]
fn a_line_over_the_limit_is_told_and_the_lines_around_it_are_read() {
    let log = plain("proxy", 4, 9, 9, "one");
    let mut lines = log.lines();
    lines[1].0 = [vec![b'x'; 3 << 20], b"\n".to_vec()].concat();
    let changed = log.with_lines(&lines);
    for step in [usize::MAX, 1000] {
        let limited = VerifyOptions { line_limit: 1000, ..options(&ring()) };
        let (report, took) = timed(&Log { step, ..changed.clone() }, &limited);
        assert!(matches!(report.breaks[0].reason, BreakReason::Line { .. }), "{:?}", report.breaks);
        assert_eq!((report.breaks[0].line, report.entries, report.breaks_total), (Some(2), 3, 1));
        assert!(took < MOST, "{took:?}");
    }
}

/// A log of which nothing but its last line's detail is long: the limit holds for what it is set to, and one less not.
#[test]
fn a_line_of_just_the_limit_is_read() {
    let log = plain("proxy", 2, 9, 9, "one");
    let longest = log.lines().iter().map(|(line, _)| line.len() - 1).max().unwrap();
    let status = |line_limit| log.verify_with(&VerifyOptions { line_limit, ..options(&ring()) }).status;
    assert_eq!((status(longest), status(longest - 1)), (Status::Intact, Status::Broken));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]
    #[test]
    fn any_bytes_give_a_report(bytes in prop::collection::vec(any::<u8>(), 0..300), step in 1usize..9) {
        let report = Log { step, ..Log::file(bytes) }.verify(&ring());
        prop_assert!(report.status != Status::Intact);
        prop_assert_eq!(report.authenticated_through_seq, None);
    }

    /// Pieces of a right log cut out, doubled, overwritten and put elsewhere: a report, and never that all is well.
    #[test]
    fn any_mutation_of_a_log_gives_a_report_and_is_seen(
        which in any::<prop::sample::Index>(),
        edits in prop::collection::vec((0u8..4, any::<prop::sample::Index>(), 0usize..40, any::<u8>()), 1..4),
    ) {
        let logs = genuine();
        let (name, log) = &logs[which.index(logs.len())];
        let last = log.shards.len() - 1;
        let mut changed = log.clone();
        let bytes = &mut changed.shards[last].1;
        for (kind, at, len, byte) in edits {
            let at = at.index(bytes.len().max(1)).min(bytes.len());
            let end = (at + len).min(bytes.len());
            let piece = bytes[at..end].to_vec();
            match kind {
                0 => drop(bytes.drain(at..end)),
                1 => drop(bytes.splice(end..end, piece)),
                2 => bytes[at..end].fill(byte),
                _ => bytes.splice(at..at, [byte].repeat(len)).for_each(drop),
            }
        }
        let cut = &changed.shards[last].1;
        let whole_lines = cut.is_empty() || cut.ends_with(b"\n");
        let report = changed.verify(&ring());
        if changed.shards[last].1 != log.shards[last].1 {
            // What is left may be a prefix, which nothing can show.
            let prefix = log.shards[last].1.starts_with(&changed.shards[last].1);
            let passes = matches!(report.status, Status::Intact | Status::Empty) && !(prefix && whole_lines);
            prop_assert!(!passes, "{}: {:?}", name, report.status);
        }
    }
}
