//! What stands in details reaches the report: receipts, roots, evidence receipts, decisions, and when a log has failed.

use super::entries::{How, Line, rebuild};
use super::logs::{Log, options, plain, ring};
use crate::contract::samples::Receipt;
use crate::keys::KeyRing;
use crate::log::{BreakReason, Decisions, FirstBad, SessionReport, Status, VerifyOptions};
use crate::receipt::tests::decisions::signed;
use crate::receipt::tests::draft::{self, Draft, text};
use crate::receipt::{ReceiptStatus, TranscriptSeal};

const REDACTED: &str = r#"{"reason":"marshal error","redacted":true}"#;

/// A signed log of entries of these types and details, with what a receipt's line says round it.
fn lines(details: &[(&str, &str)]) -> Vec<Line> {
    let mut lines = plain("proxy", details.len(), details.len() as u64, 1000, "one").entries();
    for (line, (kind, detail)) in lines.iter_mut().zip(details) {
        (line.kind, line.detail) = ((*kind).to_owned(), (*detail).to_owned());
        if *kind == "action_receipt" {
            line.summary = "receipt: allow read fetch".to_owned();
            (line.transport, line.event_kind) = ("fetch".to_owned(), "read".to_owned());
        }
    }
    rebuild(&lines, 0, How::Sign(1))
}

/// The report of these lines, the same whether they come all in one block or each in one.
fn report_of(lines: &[Line]) -> SessionReport {
    let log = Log::file(lines.iter().flat_map(Line::spell).collect());
    let report = log.verify(&ring());
    let slow = Log { step: 1, ..log }.verify(&ring());
    assert_eq!(serde_json::to_string(&slow).unwrap(), serde_json::to_string(&report).unwrap());
    assert_eq!((report.status, report.breaks_total), (Status::Intact, 0), "{:?}", report.breaks);
    report
}

fn report(details: &[(&str, &str)]) -> SessionReport {
    report_of(&lines(details))
}

fn receipts(receipts: &[String]) -> Vec<(&str, &str)> {
    receipts.iter().map(|receipt| ("action_receipt", receipt.as_str())).collect()
}

/// Where a line starts.
fn at(lines: &[Line], line: usize) -> FirstBad {
    let offset = lines[..line].iter().map(|line| line.spell().len() as u64).sum();
    FirstBad { file: "x.jsonl".to_owned(), line: line as u64 + 1, offset }
}

#[test]
fn receipts_are_read_and_the_first_bad_one_is_placed() {
    let mut whole = draft::plain(3);
    let good = report(&receipts(&whole));
    assert_eq!((good.receipts, good.receipt_first_bad.clone()), (Some(ReceiptStatus::Valid), None));
    assert_eq!(good.receipt_chain.as_ref().map(|chain| chain.count), Some(3));
    assert!(good.receipt_sentence.is_some() && good.remarks.is_empty() && !good.has_failed());
    whole[1] = whole[1].replace("\"allow\"", "\"block\"");
    let changed = lines(&receipts(&whole));
    let bad = report_of(&changed);
    assert_eq!(
        (bad.receipts, bad.receipt_first_bad.clone()),
        (Some(ReceiptStatus::Broken), Some(at(&changed, 1)))
    );
    assert!(bad.has_failed());
    let none = report(&[("decision", "{}")]);
    assert!(none.receipts.is_none() && none.receipt_chain.is_none() && none.receipt_sentence.is_none());
    assert!(none.evidence_receipts.is_none() && !none.has_failed());
}

/// The line's parts are decoded before they are compared, and each line's are its own.
#[test]
fn a_line_that_says_something_else_than_its_receipt_is_a_remark() {
    let odd = Draft::new(0, "genesis").set("transport", text("a&b")).sign(1);
    let second = Draft::new(1, &draft::hash(&odd)).sign(1);
    let mut lines = lines(&receipts(&[odd, second]));
    lines[0].summary = "receipt: allow read a&b".to_owned();
    lines[0].transport = "a&b".to_owned();
    let right = rebuild(&lines, 0, How::Sign(1));
    assert_eq!(report_of(&right).remarks, vec![]);
    lines[1].summary = "receipt: block read fetch".to_owned();
    let other = report_of(&rebuild(&lines, 0, How::Sign(1)));
    let kinds: Vec<&str> = other.remarks.iter().map(|remark| remark.kind).collect();
    assert_eq!((kinds, other.receipts), (vec!["receipt"], Some(ReceiptStatus::Valid)));
    assert!(other.remarks[0].text.starts_with("x.jsonl, line 2: "));
}

#[test]
fn what_was_taken_out_is_counted_whatever_it_was() {
    let whole = draft::plain(1);
    let found = report(&[
        ("action_receipt", &whole[0]),
        ("action_receipt", REDACTED),
        ("evidence_receipt", REDACTED),
        ("decision", REDACTED),
        ("decision", "{}"),
    ]);
    assert_eq!((found.redacted, found.receipts), (3, Some(ReceiptStatus::Redacted)));
    assert!(found.evidence_receipts.is_none() && !found.has_failed());
}

#[test]
fn a_root_is_held_against_the_receipts() {
    let whole = draft::plain(2);
    let root = |seq: u64| {
        let tail = draft::hash(&whole[1]);
        format!(
            r#"{{"session_id":"s","final_seq":{seq},"root_hash":"{tail}","receipt_count":{},"start_time":"2026-03-01T10:00:00Z","end_time":"2026-03-01T10:00:00Z"}}"#,
            seq + 1
        )
    };
    let of = |root: &str| {
        let mut details = receipts(&whole);
        details.push(("transcript_root", root));
        report(&details)
    };
    let agrees = of(&root(1));
    assert!(matches!(agrees.receipt_chain.as_ref().unwrap().seal, TranscriptSeal::Agrees { .. }));
    assert!(!agrees.has_failed());
    let other = of(&root(2));
    assert!(matches!(other.receipt_chain.as_ref().unwrap().seal, TranscriptSeal::Contradicts { .. }));
    assert_eq!(other.receipts, Some(ReceiptStatus::Valid));
    assert!(other.has_failed());
}

#[test]
fn evidence_receipts_are_counted_and_the_first_bad_one_is_placed() {
    let first = Receipt::default().sign(&crate::contract::samples::secret(1));
    let good = report(&[("decision", "{}"), ("evidence_receipt", &first)]);
    let found = good.evidence_receipts.as_ref().unwrap();
    assert_eq!((found.count, found.verified, found.status, &found.first_bad), (1, 1, "valid", &None));
    assert!(found.why.is_none() && !good.has_failed());
    let altered = first.replace("\"e\"", "\"f\"");
    let changed = lines(&[("decision", "{}"), ("evidence_receipt", &first), ("evidence_receipt", &altered)]);
    let bad = report_of(&changed);
    let found = bad.evidence_receipts.as_ref().unwrap();
    assert_eq!((found.count, found.status, &found.first_bad), (2, "broken", &Some(at(&changed, 2))));
    assert!(found.why.is_some() && bad.has_failed());
    let stranger = Receipt::default().sign(&crate::contract::samples::secret(9));
    let untrusted = report(&[("evidence_receipt", &stranger)]);
    assert_eq!(untrusted.evidence_receipts.as_ref().map(|found| found.status), Some("untrusted"));
    assert!(untrusted.has_failed());
}

#[test]
fn signed_decisions_are_counted_by_what_they_are_worth() {
    let (good, plain) = (signed(), r#"{"layer":"dlp"}"#);
    let bad = good.replace("\"block\"", "\"allow\"");
    let all = [("decision", good.as_str()), ("decision", plain), ("decision", &good), ("decision", &good)];
    let right = report(&all);
    assert_eq!(right.decisions, Decisions { signed: 3, good: 3, bad: 0 });
    assert!(right.decision_first_bad.is_none() && !right.has_failed());
    let changed = lines(&[all[0], ("decision", &bad), all[1], ("decision", &bad)]);
    let wrong = report_of(&changed);
    assert_eq!(wrong.decisions, Decisions { signed: 3, good: 1, bad: 2 });
    assert_eq!(wrong.decision_first_bad, Some(at(&changed, 1)));
    assert!(wrong.has_failed());
    let one = report(&[("decision", &bad)]);
    assert!(one.decisions.bad == 1 && one.has_failed());
}

#[test]
fn a_log_has_failed_if_it_is_broken_or_none_of_the_given_keys_vouches_for_it() {
    let log = plain("proxy", 4, 4, 100, "one");
    let failed = |log: &Log, keys: &KeyRing| log.verify(keys).has_failed();
    let stranger = KeyRing::new([super::entries::key(9).public()]);
    assert!(!failed(&log, &ring()) && !failed(&log, &KeyRing::default()));
    assert!(failed(&plain("proxy", 4, 9, 100, "one"), &ring()), "no checkpoint");
    assert!(!failed(&plain("proxy", 4, 9, 100, "one"), &KeyRing::default()));
    assert!(failed(&log, &stranger));
    let unsigned = plain("proxy", 4, 9, 100, "one");
    assert!(failed(&unsigned, &KeyRing::new([super::entries::key(1).public()])), "one key is enough");
    let mut lines = log.lines();
    lines.remove(1);
    assert!(failed(&log.with_lines(&lines), &KeyRing::default()));
    // A key of another kind was given, and can vouch for nothing here.
    let other = VerifyOptions { other_keys: 3, ..options(&KeyRing::default()) };
    let report = log.verify_with(&other);
    assert_eq!((report.trusted_keys, report.has_failed()), (3, true));
    let both = log.verify_with(&VerifyOptions { other_keys: 3, ..options(&ring()) });
    assert_eq!((both.trusted_keys, both.has_failed()), (5, false));
}

/// A log that lacks its start may lack receipts too, and one that does not may not.
#[test]
fn receipts_may_start_late_where_the_log_does() {
    let whole = draft::plain(4);
    let lines = lines(&receipts(&whole));
    let rest = Log::file(lines[2..].iter().flat_map(Line::spell).collect()).verify(&ring());
    assert_eq!((rest.status, rest.receipts), (Status::MissingStart, Some(ReceiptStatus::Valid)));
    assert_eq!(rest.receipt_chain.map(|chain| chain.missing_before), Some(2));
    let late = report(&receipts(&whole[2..]));
    assert_eq!(late.receipts, Some(ReceiptStatus::Broken));
    assert_ne!(late.status, Status::Broken);
    assert_eq!(late.breaks.iter().filter(|found| found.reason == BreakReason::LateGenesis).count(), 0);
}
