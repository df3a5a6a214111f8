//! Key changes, and the endorsements that make the new key count.

use sha2::{Digest, Sha256};

use super::draft::{Draft, chain, faults, hash, key, ring, text};
use crate::hex;
use crate::log::{MemoryFiles, VerifyOptions, verify_receipts};
use crate::receipt::{
    ChainFault as Fault, Endorsement, EndorsementError, ReceiptProblem, ReceiptStatus, Receipts, SegmentTrust,
};

/// A first receipt that opens a run of session `s`, and one more.
fn opened() -> Vec<String> {
    let open = |more: &str| {
        format!(
            r#"{{"run_nonce":"r","open_nonce":"o","recorder_session":"s","policy_hash":"","signer_key_epoch":"","heartbeat_seconds":0,"chain_open_seq":0{more}}}"#
        )
    };
    let mut tape = coldcase_model::json::Tape::default();
    let bare = open("");
    let bound = crate::receipt::genesis::bound_genesis(tape.parse(bare.as_bytes()).unwrap());
    let genesis = format!("g1:{}", hex::encode(&bound));
    let payload = open(&format!(r#","genesis_hash":"{genesis}""#));
    let control = format!(r#"{{"kind":"session_open","open":{payload}}}"#);
    let first = Draft::new(0, &genesis).set("run_nonce", text("r")).set("session_control", control).sign(1);
    let second = Draft::new(1, &hash(&first)).sign(1);
    vec![first, second]
}

fn transition(key_hex: &str, seq: u64, tail: &str) -> String {
    format!(r#"{{"prior_signer_key":"{key_hex}","prior_chain_seq":{seq},"prior_chain_hash":"{tail}"}}"#)
}

/// Adds a marked receipt and a plain one under the key of `seed`.
fn change_key(receipts: &mut Vec<String>, old: u8, last_seq: u64, seed: u8) {
    let tail = hash(receipts.last().unwrap());
    let marker = transition(&key(old).public().hex(), last_seq, &tail);
    receipts.push(Draft::new(0, &tail).set("key_transition", marker).sign(seed));
    let next = Draft::new(1, &hash(receipts.last().unwrap())).sign(seed);
    receipts.push(next);
}

/// Numbers start anew with each key, so a range says nothing without its segment.
#[test]
fn ranges_of_bare_receipts_name_their_segments() {
    let mut receipts = opened();
    receipts.push(Draft::new(2, &hash(&receipts[1])).sign(1));
    let whole = receipts.join("\n") + "\n";
    let tail = hash(&receipts[2]);
    change_key(&mut receipts, 1, 2, 2);
    let verify = |text: &str, options: &VerifyOptions| {
        verify_receipts(&mut MemoryFiles::file(text.as_bytes().to_vec()), options, &mut |_| {})
    };
    let mut options = VerifyOptions { keys: ring(&[1, 2]), ..VerifyOptions::default() };
    let one = verify(&whole, &options);
    assert_eq!((one.last_segment, one.authenticated_through_seq), (None, Some(2)));
    assert!(one.sentences[1].ends_with("vouches for entries 0 to 2."), "{}", one.sentences[1]);
    let text = receipts.join("\n") + "\n";
    let two = verify(&text, &options);
    assert_eq!((two.last_segment, two.last_seq, two.authenticated_through_seq), (Some(1), Some(1), Some(1)));
    let ranges: Vec<_> = two.authority.iter().map(|range| (range.first_seq, range.last_seq)).collect();
    assert_eq!(ranges, [(0, 2), (0, 1)]);
    for part in ["receipts 0 to 2 of segment 0.", "which you gave, vouches for receipts 0 to 1 of segment 1."]
    {
        assert!(two.sentences[1].contains(part), "{}", two.sentences[1]);
    }
    options.keys = ring(&[1]);
    options.endorsements = vec![endorse(1, 2, &tail, 2, "s")];
    let endorsed = &verify(&text, &options).sentences[1];
    assert!(endorsed.contains("which the key before it endorses, vouches for receipts 0 to 1"), "{endorsed}");
}

fn statement(old: u8, seq: u64, tail: &str, new: u8, session: &str) -> String {
    let (prior, new) = (key(old).public().hex(), key(new).public().hex());
    format!(
        r#"{{"version":1,"session_id":"{session}","prior_signer_key":"{prior}","prior_final_seq":{seq},"prior_tail_hash":"{tail}","new_signer_key":"{new}","rotated_at":"2026-03-01T10:00:00Z"}}"#
    )
}

fn sealed(statement: &str, seed: u8) -> String {
    let signed = Sha256::digest(["pipelock-rotation-endorsement-v1\0", statement].concat());
    let signature = hex::encode(&key(seed).sign(&signed));
    format!("{},\"endorsement\":\"ed25519:{signature}\"}}", statement.trim_end_matches('}'))
}

pub(super) fn endorse(old: u8, seq: u64, tail: &str, new: u8, session: &str) -> Endorsement {
    Endorsement::read(sealed(&statement(old, seq, tail, new, session), old).as_bytes()).unwrap()
}

fn judge(receipts: &[String], endorsements: Vec<Endorsement>, keys: &[u8]) -> Receipts {
    chain(receipts, endorsements).finish(&ring(keys))
}

fn rotated() -> (Vec<String>, String) {
    let mut receipts = opened();
    let tail = hash(&receipts[1]);
    change_key(&mut receipts, 1, 1, 2);
    (receipts, tail)
}

#[test]
fn a_new_key_needs_trust_or_an_endorsement() {
    let (receipts, tail) = rotated();
    let alone = judge(&receipts, vec![], &[1]);
    assert_eq!((faults(&alone), alone.status), (vec![], ReceiptStatus::Untrusted));
    assert_eq!(alone.segments.len(), 2);
    assert_eq!(judge(&receipts, vec![], &[1, 2]).status, ReceiptStatus::Valid);
    let endorsed = judge(&receipts, vec![endorse(1, 1, &tail, 2, "s")], &[1]);
    assert_eq!(endorsed.status, ReceiptStatus::Valid);
    assert_eq!(endorsed.segments[1].trust, SegmentTrust::Endorsed(0));
    // An endorsement by a key that is not trusted itself is worth nothing.
    let other = judge(&receipts, vec![endorse(1, 1, &tail, 2, "s")], &[3]);
    assert_eq!((other.status, other.segments[1].trust), (ReceiptStatus::Untrusted, SegmentTrust::Untrusted));
}

#[test]
fn markers_name_the_last_receipt_under_the_old_key() {
    let old = key(1).public().hex();
    let with = |seq: u64, seed: u8, marker: fn(&str, &str) -> String| {
        let mut receipts = opened();
        let tail = hash(&receipts[1]);
        receipts.push(Draft::new(seq, &tail).set("key_transition", marker(&old, &tail)).sign(seed));
        faults(&judge(&receipts, vec![], &[1, 2]))
    };
    assert_eq!(with(0, 2, |old, tail| transition(old, 1, tail)), []);
    assert_eq!(with(2, 2, |old, tail| transition(old, 1, tail)), [(3, Fault::TransitionMisplaced)]);
    assert_eq!(with(0, 1, |old, tail| transition(old, 1, tail)), [(3, Fault::TransitionSameKey)]);
    assert_eq!(with(0, 2, |old, tail| transition(old, 2, tail)), [(3, Fault::TransitionMismatch)]);
    assert_eq!(with(0, 2, |old, _| transition(old, 1, &hash(""))), [(3, Fault::TransitionMismatch)]);
    assert_eq!(with(0, 2, |_, tail| transition(&"0".repeat(64), 1, tail)), [(3, Fault::TransitionMismatch)]);
    let mut receipts = opened();
    let marker = transition(&old, 1, &hash(&receipts[1]));
    receipts.push(Draft::new(0, &hash("")).set("key_transition", marker.clone()).sign(2));
    assert_eq!(faults(&judge(&receipts, vec![], &[1, 2])), [(3, Fault::Link)]);
    let first = [Draft::new(0, "genesis").set("key_transition", marker).sign(1)];
    assert_eq!(faults(&judge(&first, vec![], &[1])), [(1, Fault::TransitionMisplaced)]);
    let mut unmarked = opened();
    unmarked.push(Draft::new(2, &hash(&unmarked[1])).sign(2));
    assert_eq!(faults(&judge(&unmarked, vec![], &[1, 2])), [(3, Fault::KeyChanged)]);
}

#[test]
fn each_endorsement_fits_exactly_one_key_change() {
    let (receipts, tail) = rotated();
    let right = || endorse(1, 1, &tail, 2, "s");
    let fault = |endorsements| faults(&judge(&receipts, endorsements, &[1, 2]));
    assert_eq!(fault(vec![right(), right()]), [(0, Fault::EndorsementTwice { index: 1 })]);
    for wrong in [
        endorse(1, 2, &tail, 2, "s"),
        endorse(1, 1, &hash(""), 2, "s"),
        endorse(1, 1, &tail, 3, "s"),
        endorse(3, 1, &tail, 2, "s"),
    ] {
        assert_eq!(fault(vec![right(), wrong]), [(0, Fault::EndorsementUnused { index: 1 })]);
    }
    let other = vec![endorse(1, 1, &tail, 2, "t")];
    assert_eq!(fault(other), [(0, Fault::EndorsementSession { index: 0 })]);
    let mut moved = receipts.clone();
    let control = |session: &str, prev: &str| {
        format!(
            r#"{{"kind":"session_open","open":{{"run_nonce":"q","open_nonce":"o","recorder_session":"{session}","policy_hash":"","signer_key_epoch":"","heartbeat_seconds":0,"chain_open_seq":2,"prior_chain_head":"{prev}","prior_chain_seq":1}}}}"#
        )
    };
    for (session, expected) in [("s", vec![]), ("t", vec![(0, Fault::EndorsementSession { index: 0 })])] {
        let prev = hash(&moved[3]);
        let open =
            Draft::new(2, &prev).set("run_nonce", text("q")).set("session_control", control(session, &prev));
        moved.truncate(4);
        moved.push(open.sign(2));
        assert_eq!(faults(&judge(&moved, vec![right()], &[1])), expected);
    }
    let mut plain = super::draft::plain(2);
    let tail = hash(&plain[1]);
    change_key(&mut plain, 1, 1, 2);
    let unopened = judge(&plain, vec![endorse(1, 1, &tail, 2, "s")], &[1, 2]);
    assert_eq!(faults(&unopened), [(0, Fault::EndorsementSession { index: 0 })]);
}

/// The session is the one that was opened under the first key; a later one is none that the old key knew of.
#[test]
fn a_session_opened_under_the_new_key_is_not_the_endorsed_one() {
    let mut receipts = super::draft::plain(2);
    let tail = hash(&receipts[1]);
    change_key(&mut receipts, 1, 1, 2);
    let prev = hash(&receipts[3]);
    let open = format!(
        r#"{{"kind":"session_open","open":{{"run_nonce":"q","open_nonce":"o","recorder_session":"s","policy_hash":"","signer_key_epoch":"","heartbeat_seconds":0,"chain_open_seq":2,"prior_chain_head":"{prev}","prior_chain_seq":1}}}}"#
    );
    receipts.push(Draft::new(2, &prev).set("run_nonce", text("q")).set("session_control", open).sign(2));
    assert_eq!(faults(&judge(&receipts, vec![], &[1, 2])), []);
    let found = judge(&receipts, vec![endorse(1, 1, &tail, 2, "s")], &[1]);
    assert_eq!(faults(&found), [(0, Fault::EndorsementSession { index: 0 })]);
}

#[test]
fn no_endorsement_leads_back_to_an_earlier_key() {
    let (mut receipts, tail) = rotated();
    let second = hash(&receipts[3]);
    change_key(&mut receipts, 2, 1, 1);
    let endorsements = vec![endorse(1, 1, &tail, 2, "s"), endorse(2, 1, &second, 1, "s")];
    let found = judge(&receipts, endorsements, &[1]);
    assert_eq!(faults(&found), [(0, Fault::EndorsementBack { index: 1 })]);
}

#[test]
fn endorsements_are_read_strictly() {
    let statement = statement(1, 1, &hash(""), 2, "s");
    let right = sealed(&statement, 1);
    assert!(Endorsement::read(right.as_bytes()).is_ok());
    let error = |text: &str| Endorsement::read(text.as_bytes()).unwrap_err();
    assert_eq!(error(&right.replace("final_seq\":1", "final_seq\":2")), EndorsementError::SignatureMismatch);
    assert_eq!(error(&sealed(&statement, 2)), EndorsementError::SignatureMismatch);
    assert_eq!(error(&right.replace("ed25519:", "")), EndorsementError::SignatureForm);
    let same = super::rotated::statement(1, 1, &hash(""), 1, "s");
    assert_eq!(error(&sealed(&same, 1)), EndorsementError::SameKey);
    let offset = statement.replace("00Z", "00+01:00");
    assert_eq!(error(&sealed(&offset, 1)), EndorsementError::Time);
    let upper = statement.replace(&key(2).public().hex(), &key(2).public().hex().to_uppercase());
    let object = "rotation_endorsement";
    let form = |problem| EndorsementError::Form(problem);
    let field = "new_signer_key";
    assert_eq!(error(&sealed(&upper, 1)), form(ReceiptProblem::HexForm { object, field }));
    let version = statement.replace("\"version\":1", "\"version\":2");
    assert_eq!(error(&sealed(&version, 1)), form(ReceiptProblem::WrongVersion { object }));
    let unknown = ReceiptProblem::UnknownField { object, field: "x".to_owned() };
    assert_eq!(error(&right.replace("{\"version\"", "{\"x\":1,\"version\"")), form(unknown));
    let field = "endorsement";
    assert_eq!(error(&statement), form(ReceiptProblem::MissingField { object, field }));
    let padded = |length: usize| right.clone() + &" ".repeat(length - right.len());
    assert!(Endorsement::read(padded(1 << 16).as_bytes()).is_ok());
    assert_eq!(error(&padded((1 << 16) + 1)), EndorsementError::TooLong);
    assert!(matches!(error("[]"), EndorsementError::Form(_)));
    assert!(matches!(error("{"), EndorsementError::NotJson { .. }));
}
