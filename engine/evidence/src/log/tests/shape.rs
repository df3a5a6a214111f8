//! Any log that is written rightly is intact, and what is said of it does not depend on threads or on how it is read.

use proptest::prelude::*;

use super::entries::Line;
use super::hand::Hand;
use super::logs::{Log, options, plain, ring, vouched, written};
use crate::keys::KeyRing;
use crate::log::{ExpectedHead, Status, VerifyOptions};
use crate::writer::{Detail, EntryKind, Record};

/// Any detail that the writer takes.
fn detail() -> impl Strategy<Value = Detail> {
    let leaf = prop_oneof![
        Just(Detail::null()),
        any::<bool>().prop_map(Detail::from),
        any::<i64>().prop_map(Detail::from),
        prop::collection::vec(any::<u8>(), 0..12).prop_map(|text| Detail::text(&text)),
        any::<String>().prop_map(Detail::from),
        // As a document spells it: fractions, exponents, escapes, keys in any order and twice.
        prop::sample::select(vec![
            "-0",
            "1.50",
            "1e400",
            "-12.5E-3",
            "123456789012345678901234567890",
            r#""\/\u00e9\ud83d""#,
            r#"{"z":1,"a":{},"z":[[]]}"#,
        ])
        .prop_map(|json| Detail::raw(json.as_bytes()).unwrap()),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|items| Detail::list(items).unwrap()),
            prop::collection::btree_map("[a-z<é]{0,4}", inner, 0..5)
                .prop_map(|members| Detail::object(members).unwrap()),
        ]
    })
}

/// The types whose details are free.
fn kind() -> impl Strategy<Value = EntryKind> {
    prop::sample::select(vec![EntryKind::Decision, EntryKind::Capture, EntryKind::CaptureDrop])
}

type Parts = (String, String, String, String, EntryKind, Detail);

fn record((trace, event_kind, transport, summary, kind, detail): &Parts) -> Record<'_> {
    Record { trace, kind: *kind, event_kind, transport, summary, detail: detail.clone() }
}

fn parts() -> impl Strategy<Value = Parts> {
    let text = || prop_oneof![any::<String>(), "[ -~]{0,20}", "[\u{0}-\u{1f}\"\\\\<>&\u{2028}]{0,6}"];
    (text(), text(), text(), text(), kind(), detail())
}

/// The same report, as JSON, whatever the threads and however few bytes a read gives.
fn reports_agree(log: &Log, steps: &[usize], keys: &KeyRing) -> Result<(), TestCaseError> {
    let json = |threads, step| {
        let log = Log { step, ..log.clone() };
        serde_json::to_string(&log.verify_with(&VerifyOptions { threads, ..options(keys) })).unwrap()
    };
    let whole = json(1, usize::MAX);
    for threads in [1, 2, 5] {
        for step in steps.iter().chain(&[usize::MAX]) {
            prop_assert_eq!(&json(threads, *step), &whole, "{} threads, {} bytes", threads, step);
        }
    }
    Ok(())
}

/// Status, range, counts and head of a log that is right.
fn is_right(log: &Log) -> Result<Vec<Line>, TestCaseError> {
    let (report, entries) = (log.verify(&ring()), log.entries());
    prop_assert_eq!(report.breaks, vec![]);
    let right = if entries.is_empty() { Status::Empty } else { Status::Intact };
    prop_assert_eq!(report.status, right);
    prop_assert_eq!(report.entries, entries.len() as u64);
    prop_assert_eq!(report.authenticated_through_seq, vouched(&entries));
    prop_assert_eq!(report.head_hash.as_ref(), entries.last().map(|last| &last.hash));
    prop_assert_eq!(report.last_seq, entries.last().map(|last| last.seq));
    let checkpoints = entries.iter().filter(|line| line.is_checkpoint()).count() as u64;
    prop_assert_eq!(report.checkpoints.total, checkpoints);
    prop_assert_eq!(report.bytes, log.shards.iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>());
    Ok(entries)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn whatever_the_writer_writes_is_intact_with_the_exact_range(
        session in "[^\\p{Cc}/\\\\]{1,20}",
        all in prop::collection::vec(parts(), 0..12),
        (interval, max_entries, closed) in (1u64..6, 1u64..6, any::<bool>()),
        step in 1usize..=7,
    ) {
        let records: Vec<Record<'_>> = all.iter().map(record).collect();
        let log = written(&session, (interval, max_entries), &records, closed);
        let entries = is_right(&log)?;
        prop_assert!(entries.len() >= records.len());
        if closed && !entries.is_empty() {
            prop_assert_eq!(vouched(&entries), Some(entries.len() as u64 - 2));
        }
        reports_agree(&log, &[step], &ring())?;
    }
}

/// A step of a recorder of any era.
#[derive(Debug, Clone)]
enum Step {
    Entry(String),
    Checkpoint,
    Rotate,
    Restart,
    Upgrade,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => any::<String>().prop_map(|text| Step::Entry(text.replace('\0', "?"))),
        3 => Just(Step::Checkpoint),
        1 => Just(Step::Rotate),
        1 => Just(Step::Restart),
        1 => Just(Step::Upgrade),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]
    #[test]
    fn logs_of_every_version_with_restarts_are_intact_with_the_exact_range(
        steps in prop::collection::vec(step(), 1..20),
        first in 1u8..=3,
        // From which checkpoint on they are signed, and from which on by a second key.
        (signed, second) in (0usize..4, 0usize..4),
        bytes in 1usize..=7,
    ) {
        let (mut hand, mut checkpoints) = (Hand::new("proxy", first), 0);
        for step in &steps {
            hand = match step {
                Step::Entry(text) => hand.entry(text, "{}"),
                Step::Checkpoint if hand.has_uncovered() => {
                    checkpoints += 1;
                    let seed = if checkpoints > signed + second { 2 } else { 1 };
                    hand.checkpoint((checkpoints > signed).then_some(seed))
                }
                Step::Checkpoint => hand,
                Step::Rotate => hand.rotate(),
                Step::Restart => hand.restart(),
                Step::Upgrade => hand.version(if first == 3 { 3 } else { 2 }),
            };
        }
        let log = hand.log();
        let entries = is_right(&log)?;
        reports_agree(&log, &[bytes], &ring())?;
        heads_are_found(&log, &entries)?;
    }
}

/// A head that was recorded is found at its entry; one that is not in the log breaks it.
fn heads_are_found(log: &Log, entries: &[Line]) -> Result<(), TestCaseError> {
    for line in entries {
        let known = ExpectedHead::from_hex(&line.hash, "a note").unwrap();
        let mut head = options(&ring());
        head.is_only_session = true;
        head.heads = vec![ExpectedHead { seq: Some(line.seq), ..known.clone() }, known.clone()];
        let report = log.verify_with(&head);
        prop_assert_eq!(report.status, Status::Intact);
        prop_assert!(report.anchors.iter().all(|anchor| anchor.seq == Some(line.seq)));
        // The right hash at another number, and a hash that is nowhere.
        let other = ExpectedHead { seq: Some(line.seq + 1), ..known.clone() };
        let nowhere = ExpectedHead { hash: [7; 32], ..known };
        for wrong in [other, nowhere] {
            head.heads = vec![wrong];
            let report = log.verify_with(&head);
            prop_assert_eq!(report.status, Status::Broken);
            prop_assert_eq!(report.breaks[0].reason.name(), "head_missing");
        }
    }
    Ok(())
}

/// Small logs fit one block; this one is many, right and with a line gone.
#[test]
fn threads_agree_on_a_log_of_many_blocks() {
    let log = plain("proxy", 4000, 300, 3000, &"long ".repeat(40));
    assert!(log.shards[0].1.len() > 4 * (256 << 10) && log.shards.len() == 2);
    reports_agree(&log, &[70_000], &ring()).unwrap();
    let mut lines = log.lines();
    lines.remove(1700);
    let broken = log.with_lines(&lines);
    let report = broken.verify(&ring());
    assert_eq!((report.status, report.breaks[0].line), (Status::Broken, Some(1701)));
    reports_agree(&broken, &[70_000], &ring()).unwrap();
}
