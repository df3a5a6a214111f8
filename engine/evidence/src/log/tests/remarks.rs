//! What is counted and is no break: the same whether lines come all at once, one in a block, or in several files.

use std::io;

use sha2::Digest;

use super::entries::{How, Line, key, rebuild};
use super::hand::Hand;
use super::logs::{Log, options, plain, ring};
use crate::contract::samples::Receipt;
use crate::log::{
    AnchorResult, BreakReason, ExpectedHead, FirstBad, LogFiles, OpenShard, SessionReport, Status,
    verify_session,
};

/// Eight entries, each odd in one way or another.
fn odd() -> Vec<Line> {
    let mut hand = Hand::new("proxy", 2);
    for at in 0..8 {
        hand = hand.entry(&format!("allow: {at}"), "{}");
    }
    let mut lines = hand.log().entries();
    for (at, second) in [(1, 30), (2, 20), (3, 20), (4, 10)] {
        lines[at].ts = format!("2026-03-01T10:00:{second}.5Z");
    }
    lines[3].raw_ref = "evidence-proxy-3.raw.enc".to_owned();
    lines[6].raw_ref = "evidence-proxy-6.raw.enc".to_owned();
    lines[4].detail = r#"{"reason":"marshal error","redacted":true}"#.to_owned();
    lines[5].detail = lines[4].detail.clone();
    for (at, kind) in [(2, "strange"), (5, "odd"), (7, "strange")] {
        lines[at].kind = kind.to_owned();
    }
    rebuild(&lines, 0, How::Keep)
}

fn bytes(lines: &[Line]) -> Vec<u8> {
    lines.iter().flat_map(Line::spell).collect()
}

/// A log of files that start at these entries.
fn files(lines: &[Line], starts: &[usize]) -> Log {
    let ends = starts.iter().skip(1).copied().chain([lines.len()]);
    let name = |start: &usize| format!("evidence-proxy-{start}.jsonl");
    let shards = starts.iter().zip(ends).map(|(start, end)| (name(start), bytes(&lines[*start..end])));
    Log { session: Some("proxy".to_owned()), shards: shards.collect(), step: usize::MAX }
}

fn remarks(report: &SessionReport) -> Vec<(&str, String)> {
    let word = |text: &str| text.split(' ').next().unwrap().to_owned();
    report.remarks.iter().map(|remark| (remark.kind, word(&remark.text))).collect()
}

#[test]
fn what_is_odd_is_counted_over_blocks_and_files() {
    let lines = odd();
    let right = [
        ("time_backwards", "3"),
        ("redacted", "2"),
        ("sidecars", "2"),
        ("unknown_type", "1"),
        ("unknown_type", "2"),
    ];
    let right: Vec<(&str, String)> = right.map(|(kind, count)| (kind, count.to_owned())).into();
    for starts in [&[0][..], &[0, 2, 3], &[0, 4, 5, 6]] {
        for step in [1, 700, usize::MAX] {
            let log = Log { step, ..files(&lines, starts) };
            let report = log.verify(&ring());
            assert_eq!(report.status, Status::Intact, "{:?}", report.breaks);
            assert_eq!((remarks(&report), report.redacted), (right.clone(), 2), "{starts:?} {step}");
        }
    }
}

#[test]
fn a_plain_log_has_no_remark() {
    let report = plain("proxy", 9, 4, 3, "one").verify(&ring());
    assert_eq!(report.remarks, vec![]);
}

#[test]
fn empty_files_are_counted_and_break_nothing() {
    let mut log = files(&odd()[..2], &[0, 1]);
    log.shards.insert(1, ("evidence-proxy-3.jsonl".to_owned(), Vec::new()));
    log.shards.push(("evidence-proxy-4.jsonl".to_owned(), Vec::new()));
    let report = log.verify(&ring());
    assert_eq!((report.status, report.files), (Status::Intact, 4));
    assert_eq!(remarks(&report), [("empty_files", "2".to_owned())]);
}

/// A log whose files are not what they seem when they are opened.
struct Unsteady {
    log: Log,
    /// What is said of the size, more or less than it is.
    grown: i64,
    /// Which file cannot be opened.
    shut: Option<usize>,
}

/// A reader that fails behind its bytes.
struct Failing(io::Cursor<Vec<u8>>);

impl io::Read for Failing {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.0.read(out)? {
            0 => Err(io::Error::other("the disk is gone")),
            count => Ok(count),
        }
    }
}

impl LogFiles for Unsteady {
    fn session(&self) -> Option<&str> {
        self.log.session()
    }

    fn len(&self) -> usize {
        self.log.len()
    }

    fn name(&self, index: usize) -> String {
        self.log.name(index)
    }

    fn start(&self, index: usize) -> Option<u64> {
        self.log.start(index)
    }

    fn open(&mut self, index: usize) -> io::Result<OpenShard> {
        if self.shut == Some(index) {
            return Err(io::Error::other("no permission"));
        }
        let bytes = self.log.shards[index].1.clone();
        if self.grown == i64::MAX {
            return Ok(OpenShard { reader: Box::new(Failing(io::Cursor::new(bytes))), size: None });
        }
        let size = (bytes.len() as u64).checked_add_signed(self.grown);
        Ok(OpenShard { reader: Box::new(io::Cursor::new(bytes)), size })
    }
}

fn unsteady(grown: i64, shut: Option<usize>) -> SessionReport {
    let log = files(&odd()[..2], &[0, 1]);
    verify_session(&mut Unsteady { log, grown, shut }, &options(&ring()), &mut |_| {})
}

#[test]
fn files_that_change_while_they_are_read_are_counted() {
    assert_eq!(unsteady(0, None).remarks, vec![]);
    let report = unsteady(5, None);
    assert_eq!((report.status, remarks(&report)), (Status::Intact, vec![("file_changed", "2".to_owned())]));
    assert_eq!(remarks(&unsteady(-1, None)), [("file_changed", "2".to_owned())]);
}

#[test]
fn a_file_that_cannot_be_read_breaks_the_log_and_is_named() {
    let opened = unsteady(0, Some(1));
    let place = |file: u64, line, offset| {
        Some(FirstBad { file: format!("evidence-proxy-{file}.jsonl"), line, offset })
    };
    assert_eq!(opened.breaks[0].reason, BreakReason::Unreadable { why: "no permission".to_owned() });
    assert_eq!((opened.status, opened.entries), (Status::Broken, 1));
    assert_eq!(opened.first_bad, place(1, 1, 0));
    // Each file gives its one line, and then nothing more.
    let failed = unsteady(i64::MAX, None);
    let line = odd()[0].spell().len() as u64;
    assert_eq!(failed.first_bad, place(0, 2, line));
    let reasons: Vec<_> = failed.breaks.iter().map(|found| found.reason.clone()).collect();
    let why = || "the disk is gone".to_owned();
    assert_eq!(reasons, [0, 1].map(|_| BreakReason::Unreadable { why: why() }));
    assert_eq!(failed.breaks[1].file.as_deref(), Some("evidence-proxy-1.jsonl"));
}

/// Old files were deleted, and with them the first receipts.
#[test]
fn evidence_receipts_of_a_log_without_its_start_are_not_broken() {
    let (mut lines, mut before) = (odd(), "genesis".to_owned());
    for (seq, line) in (0..).zip(&mut lines) {
        line.kind = "evidence_receipt".to_owned();
        line.detail = Receipt { seq, prev: before, ..Receipt::default() }.sign(&key(1));
        let canonical = crate::canonical_form(line.detail.as_bytes()).unwrap();
        before = crate::hex::encode(&<[u8; 32]>::from(sha2::Sha256::digest(canonical)));
    }
    let lines = rebuild(&lines, 0, How::Keep);
    let whole = files(&lines, &[0]).verify(&ring());
    let found = whole.evidence_receipts.unwrap();
    assert_eq!((found.status, found.missing_before, found.verified), ("valid", 0, 8));
    assert!(whole.remarks.iter().all(|remark| remark.kind != "evidence_start_missing"));
    let late = files(&lines[3..], &[0]);
    let late = Log { shards: vec![("evidence-proxy-3.jsonl".to_owned(), late.shards[0].1.clone())], ..late };
    let report = late.verify(&ring());
    let found = report.evidence_receipts.clone().unwrap();
    assert_eq!((report.status, found.status, found.missing_before), (Status::MissingStart, "valid", 3));
    assert_eq!((found.verified, found.why), (5, None));
    assert!(report.remarks.iter().any(|remark| remark.kind == "evidence_start_missing"));
}

#[test]
fn two_files_of_one_start_are_told() {
    let mut log = files(&odd()[..2], &[0, 1]);
    log.shards.insert(1, ("evidence-proxy-00.jsonl".to_owned(), Vec::new()));
    let report = log.verify(&ring());
    let other = "evidence-proxy-0.jsonl".to_owned();
    assert_eq!(report.breaks[0].reason, BreakReason::TwoNames { other });
    assert_eq!((report.breaks_total, report.breaks[0].file.clone()), (1, None));
    // Names that state no start are never the same start.
    let mut named = files(&odd()[..2], &[0, 1]);
    named.shards[0].0 = "one".to_owned();
    named.shards[1].0 = "two".to_owned();
    assert_eq!(named.verify(&ring()).breaks, vec![]);
}

#[test]
fn a_name_that_states_another_start_is_told_with_its_place_only_where_entries_are_gone() {
    let lines = odd();
    for (stated, from, line) in [(0, 1, Some(1)), (3, 1, None), (5, 0, None)] {
        let mut log = files(&lines[from..], &[0]);
        log.shards[0].0 = format!("evidence-proxy-{stated}.jsonl");
        let report = log.verify(&ring());
        let found = report.breaks.last().unwrap();
        assert_eq!(found.reason, BreakReason::Misnamed { stated, found: from as u64 });
        assert_eq!((found.line, found.seq), (line, Some(from as u64)), "{stated} {from}");
    }
    // Later files have names of their own, and only names are at fault there.
    let mut log = files(&lines, &[0, 4]);
    log.shards[1].0 = "evidence-proxy-3.jsonl".to_owned();
    let report = log.verify(&ring());
    assert_eq!(report.breaks[0].reason, BreakReason::Misnamed { stated: 3, found: 4 });
    assert_eq!((report.breaks[0].line, report.breaks_total), (None, 1));
}

#[test]
fn unknown_types_are_kept_up_to_256_and_counted_on() {
    let mut hand = Hand::new("proxy", 2);
    for _ in 0..260 {
        hand = hand.entry("", "{}");
    }
    let mut lines = hand.log().entries();
    for (at, line) in lines.iter_mut().enumerate() {
        line.kind = format!("t{:03}", if at < 257 { at } else { 4 });
    }
    let report = files(&rebuild(&lines, 0, How::Keep), &[0]).verify(&ring());
    assert_eq!(report.remarks.len(), 256);
    assert!(report.remarks[255].text.contains("t255"), "{:?}", report.remarks[255]);
    let counts: Vec<_> = remarks(&report).into_iter().filter(|(_, count)| count != "1").collect();
    assert_eq!(counts, [("unknown_type", "4".to_owned())]);
}

#[test]
fn the_name_of_an_unknown_type_is_cut_at_64_bytes() {
    let mut lines = odd()[..3].to_vec();
    lines[1].kind = "a".repeat(64);
    lines[2].kind = "b".repeat(65);
    let report = files(&rebuild(&lines, 0, How::Keep), &[0]).verify(&ring());
    let shown: Vec<_> = report.remarks.iter().filter(|remark| remark.kind == "unknown_type").collect();
    assert!(shown[0].text.contains(&format!("\"{}\"", "a".repeat(64))));
    assert!(shown[1].text.contains(&format!("\"{}\"", "b".repeat(64))));
}

fn head(line: &Line, source: &str) -> ExpectedHead {
    ExpectedHead::from_hex(&line.hash, source).unwrap()
}

#[test]
fn heads_are_told_by_source_and_the_last_stands_for_all() {
    let lines = odd();
    let mut given = options(&ring());
    given.heads = [5, 2, 6].map(|at| head(&lines[at], "notes")).into();
    given.heads.insert(1, head(&lines[1], "mail"));
    given.heads.push(head(&lines[3], "notes"));
    for step in [1, usize::MAX] {
        let report = Log { step, ..files(&lines, &[0, 4]) }.verify_with(&given);
        let found = |source: &str, at: usize| AnchorResult {
            hash: lines[at].hash.clone(),
            source: source.to_owned(),
            seq: Some(at as u64),
        };
        assert_eq!(report.anchors, [found("mail", 1), found("notes", 6)]);
    }
}

#[test]
fn heads_of_other_sessions_are_not_asked_for() {
    let lines = odd();
    let of = |session: Option<&str>, only| {
        let mut given = options(&ring());
        given.is_only_session = only;
        let session = session.map(str::to_owned);
        given.heads = vec![ExpectedHead { hash: [7; 32], seq: None, session, source: "notes".to_owned() }];
        let report = files(&lines, &[0]).verify_with(&given);
        (report.breaks_total, report.anchors.len())
    };
    assert_eq!(of(Some("other"), true), (0, 0));
    assert_eq!(of(Some("proxy"), false), (1, 1));
    assert_eq!(of(None, true), (1, 1));
    assert_eq!(of(None, false), (0, 0));
}

#[test]
fn of_missing_heads_ten_are_told_and_all_are_breaks() {
    let mut given = options(&ring());
    given.is_only_session = true;
    let missing =
        |byte| ExpectedHead { hash: [byte; 32], seq: None, session: None, source: "notes".to_owned() };
    given.heads = (0..12).map(missing).collect();
    let report = files(&odd(), &[0]).verify_with(&given);
    assert_eq!((report.breaks_total, report.anchors.len()), (12, 10));
    assert!(report.anchors.iter().all(|anchor| anchor.seq.is_none()));
    // Where there is no log there is nothing to miss.
    let none = Log { session: None, shards: Vec::new(), step: 1 }.verify_with(&given);
    assert_eq!((none.status, none.breaks_total), (Status::Empty, 0));
}
