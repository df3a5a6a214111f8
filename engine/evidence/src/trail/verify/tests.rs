//! Files of trails: what is told of each session, where breaks stand, and what belongs to no session.

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::*;
use crate::keys::{KeyRing, SecretKey};
use crate::log::ExpectedHead;
use crate::log::held::{Held, Trouble};
use crate::trail::record::tests::{first, form, p256, sign_ed25519, sign_es256};

/// A trail of one session; every record from the second on is signed.
fn trail(session: &str, length: usize) -> Vec<Json> {
    let mut records: Vec<Json> = Vec::new();
    for at in 0..length {
        let mut record = first();
        record["session_id"] = json!(session);
        record["record_id"] = json!(format!("r{at}"));
        if let Some(last) = records.last() {
            record["prev_hash"] = json!(hash(last));
            record["parent_record_id"] = last["record_id"].clone();
            sign_ed25519(&mut record, 7);
        }
        records.push(record);
    }
    records
}

fn hash(record: &Json) -> String {
    hex::encode(&Sha256::digest(form(record, &["batch"])))
}

fn lines(records: &[Json]) -> Vec<u8> {
    records.iter().flat_map(|record| format!("{record}\n").into_bytes()).collect()
}

fn keys() -> TrailKeys {
    let ring = [8, 7].map(|seed| SecretKey::from_seed(&[seed; 32]).public());
    TrailKeys::new(KeyRing::new(ring), vec![p256().1])
}

fn check(mut files: Vec<Held>, options: &VerifyOptions) -> Vec<SessionReport> {
    let mut told: Vec<Break> = Vec::new();
    let reports = verify_trails(&mut files, &keys(), options, &mut |found| told.push(found.clone()));
    let kept: Vec<Break> = reports.iter().flat_map(|report| report.breaks.clone()).collect();
    assert_eq!(told.len(), kept.len());
    assert!(kept.iter().all(|found| told.contains(found)), "each break is told once");
    for report in &reports {
        assert_eq!((report.sentences.len(), report.format), (4, "agent-audit-trail"));
        assert_eq!(report.first_bad, report.breaks.first().and_then(FirstBad::of));
    }
    reports
}

fn file(bytes: Vec<u8>) -> Vec<SessionReport> {
    check(vec![Held("a.jsonl", bytes, Trouble::None)], &VerifyOptions::default())
}

fn one(bytes: Vec<u8>) -> SessionReport {
    let mut reports = file(bytes);
    assert_eq!(reports.len(), 1);
    reports.remove(0)
}

/// Reason, file, line and offset of each break.
fn breaks(report: &SessionReport) -> Vec<(&str, &str, u64, u64)> {
    let place = |found: &Break| (found.line.unwrap(), found.offset.unwrap());
    let all = report.breaks.iter();
    all.map(|found| (found.reason.name(), found.file.as_deref().unwrap(), place(found).0, place(found).1))
        .collect()
}

#[test]
fn a_genuine_trail_is_intact_with_its_numbers() {
    let records = trail("s", 4);
    let bytes = lines(&records);
    let report = one(bytes.clone());
    assert_eq!((report.session.as_str(), report.status), ("s", Status::Intact));
    assert_eq!((report.entries, report.bytes, report.files), (4, bytes.len() as u64, 1));
    assert_eq!((report.first_seq, report.last_seq, report.trusted_keys), (Some(0), Some(3), 3));
    assert_eq!(report.head_hash, Some(hash(&records[3])));
    assert_eq!(report.authenticated_through_seq, Some(3));
    let key = SecretKey::from_seed(&[7; 32]).public().hex();
    assert_eq!(report.authority, [KeyRange { key, first_seq: 0, last_seq: 3, checkpoints: 0 }]);
    let unsigned = Remark { kind: "unsigned", text: "1 records have no signature of their own".to_owned() };
    assert_eq!((report.remarks, report.torn, report.breaks_total), (vec![unsigned], None, 0));
    assert!(report.heads_found.is_empty());
}

#[test]
fn the_range_names_a_key_of_the_other_kind_too() {
    let mut record = first();
    sign_es256(&mut record);
    let report = one(lines(&[record]));
    assert_eq!((report.authority[0].key.clone(), report.remarks), (p256().1.hex(), vec![]));
    assert_eq!((report.first_seq, report.last_seq), (Some(0), Some(0)));
}

#[test]
fn what_is_odd_and_no_break_is_counted() {
    let mut record = first();
    record["action_detail"]["n"] = json!(9_007_199_254_740_993_u64);
    let text = record.to_string().replace("urn:agent:a\"", "urn:agent:a\",\"batch\":1") + "\n";
    let kinds: Vec<&str> = one(text.into_bytes()).remarks.iter().map(|remark| remark.kind).collect();
    assert_eq!(kinds, ["unsigned", "inexact", "batch"]);
    let mut other = first();
    sign_ed25519(&mut other, 9);
    let untrusted = one(lines(&[other.clone()]));
    assert_eq!((untrusted.remarks[0].kind, untrusted.authenticated_through_seq), ("untrusted", None));
    other["sig_alg"] = json!("ML-DSA-65");
    assert_eq!(one(lines(&[other])).remarks[0].kind, "other_algorithm");
}

#[test]
fn an_altered_record_is_told_where_it_stands() {
    let mut records = trail("s", 4);
    records[1]["outcome"] = json!("failure");
    let report = one(lines(&records));
    let offset = lines(&records[..2]).len() as u64;
    assert_eq!((report.status, report.breaks_total), (Status::Broken, 1));
    assert_eq!(breaks(&report), [("record", "a.jsonl", 3, offset)]);
    assert_eq!(report.breaks[0].seq, Some(2));
}

#[test]
fn sessions_are_told_apart_and_the_end_belongs_to_the_last() {
    let (mut b, a) = (trail("b", 3), trail("a", 2));
    b[0]["outcome"] = json!("failure");
    let mut records = b.clone();
    records.splice(1..1, a.clone());
    let bytes = [lines(&records), b"{\"half\":\0\0".to_vec()].concat();
    let reports = file(bytes.clone());
    let [first, last] = &reports[..] else { panic!("two sessions") };
    assert_eq!((first.session.as_str(), first.status, first.entries), ("a", Status::Intact, 2));
    assert_eq!((first.bytes, first.torn.clone()), (0, None));
    assert_eq!((last.session.as_str(), last.status, last.entries), ("b", Status::Broken, 3));
    let torn = Torn {
        file: "a.jsonl".to_owned(),
        last_good_offset: lines(&records).len() as u64,
        bytes: 8,
        zero_bytes: 2,
        only_newline_missing: false,
        is_start_of_entry: false,
    };
    assert_eq!((last.bytes, last.torn.clone()), (bytes.len() as u64, Some(torn)));
    let whole = [lines(&b[..1]), lines(&a), b"\0".to_vec()].concat();
    let reports = file(whole);
    assert_eq!((reports[0].status, reports[1].status), (Status::TornTail, Status::Intact));
}

/// A line of which no session can be read is a break of the session of the line before it.
#[test]
fn a_line_that_cannot_be_read_belongs_to_the_session_before() {
    let (b, a) = (lines(&trail("b", 1)), lines(&trail("a", 1)));
    let reports = file([&b[..], b"x\n", &a].concat());
    assert_eq!(breaks(&reports[1]), [("record", "a.jsonl", 2, b.len() as u64)]);
    assert_eq!((reports[0].status, reports[1].status), (Status::Intact, Status::Broken));
    let many = one(b"x\n".repeat(300));
    assert_eq!((many.breaks_total, many.breaks.len()), (300, 256));
}

#[test]
fn a_trail_is_told_from_other_logs() {
    for record in [trail("s", 1).remove(0), trail("s", 2).remove(1)] {
        let line = record.to_string();
        assert_eq!(crate::LogFormat::of(line.as_bytes()), Some(crate::LogFormat::Trail));
        let marked = [b"\xEF\xBB\xBF ", line.as_bytes(), b" \r"].concat();
        assert_eq!(crate::LogFormat::of(&marked), Some(crate::LogFormat::Trail));
    }
}

#[test]
fn heads_that_are_wanted_are_found() {
    let records = trail("s", 3);
    let head = |record: &Json| ExpectedHead::from_hex(&hash(record), "a note").unwrap();
    let other = ExpectedHead { hash: [7; 32], ..head(&records[0]) };
    let options = VerifyOptions { heads: vec![head(&records[1]), other], ..VerifyOptions::default() };
    let reports = check(vec![Held("a.jsonl", lines(&records), Trouble::None)], &options);
    assert_eq!(reports[0].heads_found, [head(&records[1]).hash]);
}

#[test]
fn lines_over_the_limit_are_told_with_their_length() {
    let records = trail("s", 3);
    let limit = lines(&records).split(|byte| *byte == b'\n').map(<[u8]>::len).max().unwrap();
    let options = VerifyOptions { line_limit: limit, ..VerifyOptions::default() };
    for length in [limit + 1, limit + 2, 300_000, 600_000] {
        let long = ["x".repeat(length).into_bytes(), b"\n".to_vec()].concat();
        let (before, after) = (lines(&records[..1]), lines(&records[1..]));
        let bytes = [&before[..], &long, &after, b"x\n"].concat();
        let report = check(vec![Held("a.jsonl", bytes.clone(), Trouble::None)], &options).remove(0);
        let (at, end) = (before.len() as u64, (bytes.len() - 2) as u64);
        // What belongs to no session stands behind the rest.
        assert_eq!(breaks(&report), [("record", "a.jsonl", 5, end), ("line", "a.jsonl", 2, at)], "{length}");
        let fault = LineFault::TooLong { bytes: length as u64 + 1, limit: limit as u64 };
        assert_eq!(report.breaks[1].reason, BreakReason::Line { fault, content_agrees: false });
        assert_eq!((report.entries, report.bytes), (4, bytes.len() as u64));
    }
    let right = check(vec![Held("a.jsonl", lines(&records), Trouble::None)], &options);
    assert_eq!(right[0].status, Status::Intact, "a line may be as long as the limit");
    let tail = [lines(&records), "x".repeat(limit + 1).into_bytes()].concat();
    let torn = check(vec![Held("a.jsonl", tail, Trouble::None)], &options);
    assert_eq!(torn[0].status, Status::TornTail);
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_the_next_is_read() {
    let records = trail("s", 4);
    let files = vec![
        Held("a.jsonl", lines(&records[..2]), Trouble::None),
        Held("b.jsonl", Vec::new(), Trouble::Shut),
        Held("c.jsonl", lines(&records[2..]), Trouble::Fails),
        Held("d.jsonl", Vec::new(), Trouble::None),
    ];
    let report = check(files, &VerifyOptions::default()).remove(0);
    let end = lines(&records[2..]).len() as u64;
    assert_eq!((report.entries, report.files, report.bytes), (4, 4, lines(&records).len() as u64));
    let places = breaks(&report);
    assert_eq!(places[0], ("unreadable", "b.jsonl", 1, 0));
    assert!(places[1] == ("unreadable", "c.jsonl", 3, end), "{places:?}");
    assert_eq!((places.len(), report.breaks_total), (2, 2));
}

#[test]
fn a_file_without_a_line_is_empty() {
    let report = one(Vec::new());
    assert_eq!((report.session.as_str(), report.status), ("", Status::Empty));
    assert_eq!((report.first_seq, report.last_seq, report.entries), (None, None, 0));
    assert_eq!(one(b"half".to_vec()).status, Status::TornTail);
    assert_eq!(one(b"\0\0".to_vec()).torn.map(|torn| (torn.bytes, torn.zero_bytes)), Some((0, 2)));
}

#[test]
fn breaks_of_no_session_are_counted_and_256_of_them_are_kept() {
    let options = VerifyOptions { line_limit: 10, ..VerifyOptions::default() };
    for (bad, long) in [(0, 5000), (100, 200), (100, 156), (300, 20)] {
        let bytes = [b"x\n".repeat(bad), b"a line over the limit\n".repeat(long)].concat();
        let report = check(vec![Held("a.jsonl", bytes, Trouble::None)], &options).remove(0);
        let kept = bad.min(256) + long.min(256);
        assert_eq!((report.breaks_total, report.breaks.len()), ((bad + long) as u64, kept), "{bad} {long}");
    }
}

#[test]
fn offsets_go_on_behind_lines_that_were_passed_over() {
    let long = [vec![b'x'; 700_000], b"\n".to_vec()].concat();
    let options = VerifyOptions { line_limit: 1000, ..VerifyOptions::default() };
    let bytes = [&long[..], &long, b"{}"].concat();
    let report = check(vec![Held("a.jsonl", bytes, Trouble::None)], &options).remove(0);
    assert_eq!(breaks(&report), [("line", "a.jsonl", 1, 0), ("line", "a.jsonl", 2, 700_001)]);
    assert_eq!(report.torn.map(|torn| torn.last_good_offset), Some(1_400_002));
    let fails = check(vec![Held("a.jsonl", long, Trouble::Fails)], &options).remove(0);
    assert_eq!(breaks(&fails)[1], ("unreadable", "a.jsonl", 2, 700_001));
}
