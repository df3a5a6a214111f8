//! What redaction and a missing start take away, and what the chain still says.

use super::draft::{Draft, chain, faults, hash, judge, place, plain, problems, read, ring, text};
use crate::receipt::seen::Redaction;
use crate::receipt::{
    ChainFault as Fault, ReceiptProblem as Problem, ReceiptReader, ReceiptStatus, SealFault, TranscriptSeal,
    is_redacted,
};

const WHOLE: &str = r#"{"reason":"marshal error","redacted":true}"#;

#[test]
fn a_chain_says_where_it_begins_and_ends() {
    let receipts = plain(3);
    let found = judge(&receipts);
    assert_eq!((found.open_hash, found.tail_hash), (Some(hash(&receipts[0])), Some(hash(&receipts[2]))));
    assert_eq!((found.missing_before, found.more_breaks, found.more_remarks), (0, 0, 0));
    assert_eq!((found.altered, found.unprovable_links), (0, 0));
    assert_eq!(judge(&receipts[1..]).open_hash, None, "not the first");
    assert_eq!(judge(&receipts[1..]).tail_hash, Some(hash(&receipts[2])));
}

#[test]
fn a_last_receipt_that_was_redacted_costs_the_verdict_and_no_link() {
    let mut receipts = plain(2);
    let last = Draft::new(2, &hash(&receipts[1])).blanked("[REDACTED]", 1);
    receipts.push(last);
    let found = judge(&receipts);
    assert_eq!((found.status, found.altered, found.unprovable_links), (ReceiptStatus::Redacted, 1, 0));
    assert_eq!((found.tail_hash, found.segments[0].last_seq), (None, 2));
}

#[test]
fn a_first_receipt_of_which_nothing_is_left_still_counts() {
    let mut receipts = plain(3);
    receipts[0] = WHOLE.to_owned();
    let found = judge(&receipts);
    assert_eq!((faults(&found), found.status), (vec![], ReceiptStatus::Redacted));
    assert_eq!((found.altered, found.unprovable_links, found.open_hash), (1, 1, None));
    let [segment] = &found.segments[..] else { panic!("one signer") };
    assert_eq!((segment.first_seq, segment.last_seq), (0, 2));
    assert_eq!(segment.signer_key, super::draft::key(1).public().hex());
    let alone = judge(&[WHOLE.to_owned()]);
    assert_eq!((alone.count, alone.status, alone.segments.len()), (1, ReceiptStatus::Untrusted, 1));
}

/// A run that may have been opened where nothing is left is not said to have no opening.
#[test]
fn a_run_may_have_been_opened_in_what_is_gone() {
    let in_run = |seq: u64, prev: &str| Draft::new(seq, prev).set("run_nonce", text("r")).sign(1);
    let after = |start: Vec<String>| {
        let mut receipts = start;
        let seq = receipts.len() as u64;
        receipts.push(in_run(seq, &hash(&receipts[receipts.len() - 1])));
        faults(&judge(&receipts))
    };
    assert_eq!(after(plain(2)), [(3, Fault::RunNotOpened)]);
    let mut redacted = plain(2);
    redacted[1] = WHOLE.to_owned();
    assert_eq!(after(redacted), []);
    // The start is missing, and is said to be or not.
    let rest = [in_run(3, &hash("before"))];
    let cut = |known: bool| {
        let mut chain = chain(&[], Vec::new());
        if known {
            chain.start_is_missing();
        }
        for (line, receipt) in (1..).zip(&rest) {
            chain.push(place(line), &ReceiptReader::default().read(receipt.as_bytes(), None, &ring(&[1])));
        }
        chain.finish(&ring(&[1]))
    };
    assert_eq!(faults(&cut(false)), [(1, Fault::StartMissing { seq: 3 })]);
    assert_eq!((faults(&cut(true)), cut(true).missing_before), (vec![], 3));
}

/// The marker of a new key may be the first receipt that is left.
#[test]
fn a_change_of_keys_may_stand_first_where_the_start_is_missing() {
    let old = super::draft::key(2).public().hex();
    let tail = hash("before");
    let marker = format!(r#"{{"prior_signer_key":"{old}","prior_chain_seq":7,"prior_chain_hash":"{tail}"}}"#);
    let receipt = Draft::new(0, &tail).set("key_transition", marker).sign(1);
    let mut chain = chain(&[], Vec::new());
    chain.start_is_missing();
    chain.push(place(1), &read(&receipt));
    let found = chain.finish(&ring(&[1]));
    assert_eq!((faults(&found), found.status), (vec![], ReceiptStatus::Valid));
}

/// The link to a receipt that was redacted is not proved by the marker of a new key either.
#[test]
fn a_change_of_keys_after_a_redacted_receipt_proves_no_link() {
    let mut receipts = plain(2);
    receipts[1] = WHOLE.to_owned();
    let (old, tail) = (super::draft::key(1).public().hex(), hash("what it was"));
    let marker = format!(r#"{{"prior_signer_key":"{old}","prior_chain_seq":1,"prior_chain_hash":"{tail}"}}"#);
    receipts.push(Draft::new(0, &tail).set("key_transition", marker).sign(2));
    let found = chain(&receipts, Vec::new()).finish(&ring(&[1, 2]));
    assert_eq!((faults(&found), found.status), (vec![], ReceiptStatus::Redacted));
    assert_eq!((found.altered, found.unprovable_links, found.open_hash), (1, 2, Some(hash(&receipts[0]))));
}

#[test]
fn a_root_that_contradicts_stays_and_one_that_was_redacted_proves_nothing() {
    let receipts = plain(2);
    let root = |seq: u64, hash: &str| {
        format!(
            r#"{{"session_id":"s","final_seq":{seq},"root_hash":"{hash}","receipt_count":{},"start_time":"2026-03-01T10:00:00Z","end_time":"2026-03-01T10:00:00Z"}}"#,
            seq + 1
        )
    };
    let right = root(1, &hash(&receipts[1]));
    let sealed = |roots: &[&str]| {
        let mut chain = chain(&receipts, Vec::new());
        for (line, root) in (3..).zip(roots) {
            chain.push_root(place(line), root.as_bytes());
        }
        chain.finish(&ring(&[1])).seal
    };
    let agrees = |line| TranscriptSeal::Agrees { place: place(line), receipts_after: 0 };
    assert_eq!(sealed(&[&right]), agrees(3));
    assert_eq!(sealed(&[WHOLE]), TranscriptSeal::Unprovable { place: place(3), receipts_after: 0 });
    assert_eq!(sealed(&[WHOLE, &right]), agrees(4));
    let last = Draft::new(2, &hash(&receipts[1])).blanked("[REDACTED]", 1);
    let blanked = [&receipts[..], std::slice::from_ref(&last)].concat();
    let mut unproved = chain(&blanked, Vec::new());
    unproved.push_root(place(4), root(2, &hash(&last)).as_bytes());
    let unprovable = TranscriptSeal::Unprovable { place: place(4), receipts_after: 0 };
    assert_eq!(unproved.finish(&ring(&[1])).seal, unprovable);
    let contradicts = |what| TranscriptSeal::Contradicts { place: place(3), what };
    assert_eq!(sealed(&[&root(0, &hash(&receipts[1])), &right]), contradicts(SealFault::FinalSeq));
    for malformed in [
        "[]".to_owned(),
        "{}".to_owned(),
        right.replace("\"session_id\":\"s\",", ""),
        right.replace("\"session_id\"", "\"x\":1,\"session_id\""),
        right.replace(&hash(&receipts[1]), "00"),
        right.replace("\"end_time\":\"2026", "\"end_time\":\"x2026"),
    ] {
        assert_eq!(sealed(&[&malformed]), contradicts(SealFault::Malformed), "{malformed}");
    }
}

#[test]
fn remarks_beyond_256_are_counted() {
    let receipts: Vec<String> = plain(260).iter().map(|receipt| receipt.replace("\":", "\": ")).collect();
    let found = judge(&receipts);
    assert_eq!((found.status, found.remarks.len(), found.more_remarks), (ReceiptStatus::Valid, 256, 4));
}

#[test]
fn a_detail_in_the_place_of_another_has_one_form() {
    let right =
        r#"{"detected_patterns":["[REDACTED:key]","[REDACTED:x]"],"original_size":34,"redacted":true}"#;
    assert!(is_redacted(right.as_bytes()));
    for (from, to) in [
        ("{\"detected", "{ \"detected"),
        ("detected_patterns", "patterns"),
        ("original_size", "size"),
        ("\"redacted\"", "\"masked\""),
        (":34", ":\"34\""),
        (":34", ":-1"),
        ("[REDACTED:x]", "x"),
        (r#"["[REDACTED:key]","[REDACTED:x]"]"#, "{}"),
        (r#"["[REDACTED:key]","[REDACTED:x]"]"#, "null"),
        ("true}", "true,\"a\":1}"),
        ("true", "false"),
    ] {
        let changed = right.replacen(from, to, 1);
        assert_ne!(changed, right);
        assert!(!is_redacted(changed.as_bytes()), "{changed}");
    }
}

/// Only a target and a pattern are ever blanked, and a struct that was blanked has its keys in order.
#[test]
fn a_blanked_receipt_has_one_form() {
    let shield = r#"{"partial":true,"pipeline":"p"}"#;
    let blanked = Draft::new(0, "genesis").set("shield", shield).blanked("[REDACTED]", 1);
    assert_eq!((read(&blanked).redaction, problems(&blanked)), (Some(Redaction::Fields), vec![]));
    let list = |fields: &str| blanked.replace("[\"target\"]", fields);
    let transport = list("[\"target\",\"transport\"]").replace("\"fetch\"", "\"[REDACTED]\"");
    let pattern = list("[\"target\",\"pattern\"]");
    let nested = blanked.replace(shield, r#"{"pipeline":"p","partial":true}"#);
    let twice = blanked.replace("\"actor\":\"agent\"", "\"actor\":\"agent\",\"actor\":\"agent\"");
    for wrong in [list("[]"), list("[\"transport\"]"), transport, pattern, nested, twice] {
        assert_ne!(wrong, blanked);
        let seen = read(&wrong);
        assert!(seen.problems.contains(&Problem::RedactionForm), "{wrong}");
        assert_eq!(seen.redaction, None);
    }
}
