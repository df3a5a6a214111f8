//! Files of bare receipts: what is told of the whole, and where breaks stand.

use super::draft::{Draft, envelope, hash, key, plain, ring};
use crate::log::held::{Held, Trouble};
use crate::log::{
    Break, BreakReason, FirstBad, KeyRange, SessionReport, Status, VerifyOptions, verify_receipts,
};
use crate::receipt::ReceiptStatus;
use crate::{LineFault, LogFormat, TrailKeys, verify_log};

fn options(keys: &[u8]) -> VerifyOptions {
    VerifyOptions { keys: ring(keys), ..VerifyOptions::default() }
}

fn check(mut files: Vec<Held>, options: &VerifyOptions) -> SessionReport {
    let mut told: Vec<Break> = Vec::new();
    let report = verify_receipts(&mut files, options, &mut |found| told.push(found.clone()));
    assert_eq!(told, report.breaks);
    assert_eq!(report.first_bad, report.breaks.first().and_then(FirstBad::of));
    assert_eq!(report.receipt_first_bad, report.first_bad);
    assert_eq!(report.sentences.len(), 4);
    report
}

fn file(bytes: &[u8]) -> SessionReport {
    check(vec![Held("r.jsonl", bytes.to_vec(), Trouble::None)], &options(&[1]))
}

fn lines(receipts: &[String]) -> Vec<u8> {
    receipts.iter().flat_map(|receipt| format!("{receipt}\n").into_bytes()).collect()
}

fn breaks(report: &SessionReport) -> Vec<(&str, u64, u64)> {
    let all = report.breaks.iter();
    all.map(|found| (found.reason.name(), found.line.unwrap(), found.offset.unwrap())).collect()
}

#[test]
fn a_whole_file_is_intact_and_its_key_vouches_for_all() {
    let receipts = plain(3);
    let bytes = lines(&receipts);
    let report = file(&bytes);
    assert_eq!((report.session.as_str(), report.format), ("r.jsonl", "pipelock-receipts"));
    assert_eq!((report.status, report.receipts), (Status::Intact, Some(ReceiptStatus::Valid)));
    assert_eq!(
        (report.entries, report.bytes, report.files, report.trusted_keys),
        (3, bytes.len() as u64, 1, 1)
    );
    assert_eq!((report.first_seq, report.last_seq), (Some(0), Some(2)));
    assert_eq!(report.authenticated_through_seq, Some(2));
    let range = KeyRange { key: key(1).public().hex(), first_seq: 0, last_seq: 2, checkpoints: 0 };
    assert_eq!((report.authority, report.torn), (vec![range], None));
    assert!(report.receipt_chain.is_some());
    for keys in [&[][..], &[2]] {
        let other = check(vec![Held("r.jsonl", bytes.clone(), Trouble::None)], &options(keys));
        assert_eq!(
            (other.authenticated_through_seq, other.authority, other.status),
            (None, vec![], Status::Intact)
        );
    }
}

#[test]
fn breaks_stand_in_the_order_of_their_lines() {
    let mut receipts = plain(4);
    receipts[1] = receipts[1].replace("\"allow\"", "\"block\"");
    let long = "x".repeat(5000);
    let bytes = [&lines(&receipts[..1])[..], long.as_bytes(), b"\n", &lines(&receipts[1..])].concat();
    let limited = VerifyOptions { line_limit: 4000, ..options(&[1]) };
    let report = check(vec![Held("r.jsonl", bytes, Trouble::None)], &limited);
    let at = lines(&receipts[..1]).len() as u64;
    let altered = at + 5001;
    assert_eq!(breaks(&report)[..2], [("line", 2, at), ("record", 3, altered)]);
    let fault = LineFault::TooLong { bytes: 5001, limit: 4000 };
    assert_eq!(report.breaks[0].reason, BreakReason::Line { fault, content_agrees: false });
    // The next receipt does not link to what was altered.
    assert_eq!((report.breaks_total, report.status, report.entries), (3, Status::Broken, 4));
    let after = [&lines(&receipts)[..], long.as_bytes(), b"\n"].concat();
    let report = check(vec![Held("r.jsonl", after, Trouble::None)], &limited);
    let end = lines(&receipts).len() as u64;
    assert_eq!((breaks(&report)[0], breaks(&report)[2]), (("record", 2, at), ("line", 5, end)));
    // An endorsement that fits no change of keys stands nowhere, and is told at the first line.
    let unused = super::rotated::endorse(1, 1, &hash("x"), 2, "s");
    let endorsed = VerifyOptions { endorsements: vec![unused], ..options(&[1]) };
    let report = check(vec![Held("r.jsonl", lines(&plain(3)), Trouble::None)], &endorsed);
    assert_eq!(
        (breaks(&report), report.breaks[0].file.as_deref()),
        (vec![("record", 1, 0)], Some("r.jsonl"))
    );
    let many = file(&b"x\n".repeat(300));
    assert_eq!((many.breaks_total, many.breaks.len()), (300, 256));
}

#[test]
fn a_last_receipt_may_lack_its_newline_and_half_of_one_is_torn() {
    let receipts = plain(2);
    let whole = lines(&receipts);
    let cut = &whole[..whole.len() - 1];
    let report = file(cut);
    assert_eq!((report.status, report.entries, report.torn), (Status::Intact, 2, None));
    assert_eq!((report.last_seq, report.authenticated_through_seq), (Some(1), Some(1)));
    let at = lines(&receipts[..1]).len() as u64;
    let torn = file(&whole[..whole.len() - 5]);
    assert_eq!((torn.status, torn.entries), (Status::TornTail, 1));
    let tail = torn.torn.unwrap();
    assert_eq!((tail.file.as_str(), tail.last_good_offset, tail.zero_bytes), ("r.jsonl", at, 0));
    assert_eq!(tail.bytes, whole.len() as u64 - 5 - at);
    let zeros = file(&[cut, b"\0\0"].concat());
    assert_eq!((zeros.status, zeros.entries), (Status::TornTail, 1));
    assert_eq!(zeros.torn.map(|torn| torn.zero_bytes), Some(2));
}

#[test]
fn a_receipt_that_is_spelled_otherwise_is_a_remark() {
    let mut receipts = plain(2);
    assert_eq!(file(&lines(&receipts)).remarks, vec![]);
    receipts[1] = receipts[1].replace("\":", "\": ");
    let report = file(&lines(&receipts));
    let [remark] = &report.remarks[..] else { panic!("one remark") };
    assert!(remark.kind == "receipt" && remark.text.starts_with("r.jsonl, line 2: "), "{}", remark.text);
    assert_eq!((report.status, report.breaks_total), (Status::Intact, 0));
}

#[test]
fn an_empty_or_unreadable_file_is_told() {
    let empty = file(b"");
    assert_eq!((empty.status, empty.receipts, empty.first_seq), (Status::Empty, None, None));
    assert!(empty.receipt_chain.is_none());
    let shut = check(vec![Held("r.jsonl", Vec::new(), Trouble::Shut)], &options(&[1]));
    assert_eq!((shut.status, breaks(&shut)), (Status::Broken, vec![("unreadable", 1, 0)]));
    let fails = check(vec![Held("r.jsonl", lines(&plain(1)), Trouble::Fails)], &options(&[1]));
    assert_eq!((fails.status, fails.entries), (Status::Broken, 1));
}

/// Only what the chain proves is claimed.
#[test]
fn a_file_that_starts_late_or_is_signed_by_two_keys_claims_no_more() {
    let late = file(&lines(&plain(4)[2..]));
    assert_eq!((late.status, late.authenticated_through_seq), (Status::Broken, None));
    let mut receipts = plain(2);
    let tail = hash(&receipts[1]);
    let marker = format!(
        r#"{{"prior_signer_key":"{}","prior_chain_seq":1,"prior_chain_hash":"{tail}"}}"#,
        key(1).public().hex()
    );
    receipts.push(Draft::new(0, &tail).set("key_transition", marker).sign(2));
    let bytes = lines(&receipts);
    let both = check(vec![Held("r.jsonl", bytes.clone(), Trouble::None)], &options(&[1, 2]));
    let ranges: Vec<_> = both.authority.iter().map(|range| (range.first_seq, range.last_seq)).collect();
    assert_eq!((ranges, both.status), (vec![(0, 1), (0, 0)], Status::Intact));
    let one = check(vec![Held("r.jsonl", bytes, Trouble::None)], &options(&[1]));
    assert_eq!((one.receipts, one.authority), (Some(ReceiptStatus::Untrusted), vec![]));
}

/// The three formats come out of one door.
#[test]
fn a_log_is_verified_by_its_format() {
    let receipts = lines(&plain(2));
    let record = Draft::new(0, "genesis").record();
    assert_eq!(LogFormat::of(envelope(&record, &record, 1).as_bytes()), Some(LogFormat::Receipts));
    for (format, name, entries) in [
        (LogFormat::Receipts, "pipelock-receipts", 2),
        (LogFormat::Recorder, "pipelock", 0),
        (LogFormat::Trail, "agent-audit-trail", 2),
    ] {
        let mut files = vec![Held("r.jsonl", receipts.clone(), Trouble::None)];
        let mut found = Vec::new();
        let keys = TrailKeys::default();
        verify_log(format, &mut files, &keys, &options(&[1]), &mut |_| {}, &mut |report| found.push(report));
        assert_eq!((found.len(), found[0].format, found[0].entries), (1, name, entries));
    }
}
