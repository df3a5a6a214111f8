//! Records made here as the draft says, read, and changed in every way that must be noticed.

use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value as Json, json};

use super::*;
use crate::keys::{KeyRing, SecretKey};
use crate::trail::P256Key;

/// A P-256 key pair.
pub(in crate::trail) fn p256() -> (SigningKey, P256Key) {
    let secret = SigningKey::from_slice(&[7; 32]).unwrap();
    let public = P256Key::from_sec1(secret.verifying_key().to_sec1_point(false).as_bytes()).unwrap();
    (secret, public)
}

/// Trusts the P-256 key pair, and the Ed25519 key of the seed of sevens.
pub(in crate::trail) fn keys() -> TrailKeys {
    TrailKeys::new(KeyRing::new([SecretKey::from_seed(&[7; 32]).public()]), vec![p256().1])
}

/// The canonical form, found by another way: serde sorts keys, and these records hold ASCII and small numbers only.
pub(in crate::trail) fn form(record: &Json, leave_out: &[&str]) -> Vec<u8> {
    let members = record.as_object().unwrap().iter().filter(|(key, _)| !leave_out.contains(&key.as_str()));
    let sorted: std::collections::BTreeMap<_, _> = members.collect();
    serde_json::to_vec(&sorted).unwrap()
}

/// Signs a record as section 6.2 says.
pub(in crate::trail) fn sign_es256(record: &mut Json) {
    record["sig_alg"] = json!("ES256");
    let signature: Signature = p256().0.sign(&form(record, &fields::OUTSIDE_SIGNATURE));
    record["signature"] = json!(URL_SAFE_NO_PAD.encode(signature.to_bytes()));
}

pub(in crate::trail) fn sign_ed25519(record: &mut Json, seed: u8) {
    record["sig_alg"] = json!("EdDSA");
    let message = form(record, &fields::OUTSIDE_SIGNATURE);
    let signature = SecretKey::from_seed(&[seed; 32]).sign(&message);
    record["signature"] = json!(URL_SAFE_NO_PAD.encode(signature));
}

/// A signature that only lenient verifiers take: its point R is the identity, which has order 1.
pub(crate) fn lenient(seed: u8, message: &[u8]) -> [u8; 64] {
    use curve25519_dalek::Scalar;
    let key = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
    let identity = [&[1_u8][..], &[0; 31]].concat();
    let hashed = [&identity[..], key.verifying_key().as_bytes(), message].concat();
    let challenge = Scalar::from_bytes_mod_order_wide(&sha2::Sha512::digest(hashed).into());
    let s = challenge * key.to_scalar();
    [&identity[..], s.as_bytes()].concat().try_into().unwrap()
}

/// A first record.
pub(in crate::trail) fn first() -> Json {
    json!({
        "record_id": "r0", "timestamp": "2026-09-14T13:40:00.000Z", "agent_id": "urn:agent:a",
        "agent_version": "1", "session_id": "s", "action_type": "lifecycle",
        "action_detail": {"event": "session_start", "n": [1, 2.5, null]}, "outcome": "success",
        "trust_level": "L2", "parent_record_id": null, "prev_hash": null, "record_phase": "concurrent",
    })
}

pub(in crate::trail) fn seen(record: &Json) -> Result<Seen, Fault> {
    read(record.to_string().as_bytes(), &mut Tape::default(), &keys())
}

#[test]
fn a_record_is_recognised_by_its_members() {
    let line = first().to_string();
    assert!(recognise(line.as_bytes()));
    for name in ["record_id", "session_id", "agent_id", "action_type", "prev_hash"] {
        let mut other = first();
        other.as_object_mut().unwrap().remove(name);
        assert!(!recognise(other.to_string().as_bytes()), "{name}");
    }
    let mut linked = first();
    linked["prev_hash"] = json!("0".repeat(64));
    assert!(recognise(linked.to_string().as_bytes()));
    for name in ["record_id", "session_id", "agent_id", "action_type", "prev_hash"] {
        let mut other = first();
        other[name] = json!(1);
        assert!(!recognise(other.to_string().as_bytes()), "{name}");
    }
    for line in ["", "{}", "[1]", "not json", r#"{"v":2,"seq":0,"prev_hash":"genesis"}"#] {
        assert!(!recognise(line.as_bytes()), "{line}");
    }
}

#[test]
fn the_hash_covers_all_but_the_batch() {
    let mut record = first();
    sign_es256(&mut record);
    let hash = Sha256::digest(form(&record, &[]));
    assert_eq!(seen(&record).unwrap().hash[..], hash[..]);
    record["batch"] = json!({"epoch": 1});
    let read = seen(&record).unwrap();
    assert_eq!(read.hash[..], hash[..]);
    assert!(read.outside && !seen(&first()).unwrap().outside);
    assert_eq!(read.signed, TrailSigned::By(TrailKey::P256(0)));
    let bare = Sha256::digest(form(&record, &fields::OUTSIDE_SIGNATURE));
    assert_eq!(read.unsigned_hash[..], bare[..]);
}

#[test]
fn spelling_and_order_do_not_change_the_hash() {
    let hash = seen(&first()).unwrap().hash;
    let spread = serde_json::to_vec_pretty(&first()).unwrap();
    assert_eq!(read(&spread, &mut Tape::default(), &keys()).unwrap().hash, hash);
}

#[test]
fn both_algorithms_hold_in_both_spellings() {
    let mut record = first();
    sign_es256(&mut record);
    assert_eq!(seen(&record).unwrap().signed, TrailSigned::By(TrailKey::P256(0)));
    let raw = URL_SAFE_NO_PAD.decode(record["signature"].as_str().unwrap()).unwrap();
    record["signature"] = json!(hex::encode(&raw));
    assert_eq!(seen(&record).unwrap().signed, TrailSigned::By(TrailKey::P256(0)));
    sign_ed25519(&mut record, 7);
    assert_eq!(seen(&record).unwrap().signed, TrailSigned::By(TrailKey::Ed25519(KeyIndex(0))));
    sign_ed25519(&mut record, 8);
    assert_eq!(seen(&record).unwrap().signed, TrailSigned::Nobody);
    record["sig_alg"] = json!("ML-DSA-65");
    assert_eq!(seen(&record).unwrap().signed, TrailSigned::OtherAlgorithm);
}

#[test]
fn a_signature_for_lenient_verifiers_is_told_apart() {
    let mut record = first();
    record["sig_alg"] = json!("Ed25519");
    let signature = lenient(7, &form(&record, &[]));
    record["signature"] = json!(URL_SAFE_NO_PAD.encode(signature));
    assert_eq!(seen(&record).unwrap().signed, TrailSigned::LenientOnly(TrailKey::Ed25519(KeyIndex(0))));
}

#[test]
fn without_an_algorithm_es256_is_meant() {
    let mut record = first();
    let signature: Signature = p256().0.sign(&form(&record, &[]));
    record["signature"] = json!(URL_SAFE_NO_PAD.encode(signature.to_bytes()));
    assert_eq!(seen(&record).unwrap().signed, TrailSigned::By(TrailKey::P256(0)));
}

#[test]
fn every_member_is_covered_by_the_signature() {
    let mut record = first();
    record["signer_kid"] = json!("k");
    sign_es256(&mut record);
    for name in record.as_object().unwrap().keys().filter(|name| *name != "signature" && *name != "sig_alg") {
        let mut changed = record.clone();
        changed[name] = if name == "prev_hash" { json!("0".repeat(64)) } else { json!("changed") };
        assert_eq!(seen(&changed).unwrap().signed, TrailSigned::Nobody, "{name}");
    }
}

#[test]
fn a_wrong_signature_that_names_a_trusted_key_is_told_apart() {
    let mut record = first();
    record["signer_kid"] = json!(p256().1.thumbprint());
    sign_es256(&mut record);
    assert_eq!(seen(&record).unwrap().signed, TrailSigned::By(TrailKey::P256(0)));
    record["outcome"] = json!("failure");
    assert_eq!(seen(&record).unwrap().signed, TrailSigned::Wrong(TrailKey::P256(0)));
}

#[test]
fn members_must_be_there_and_rightly_spelled() {
    for name in ["record_id", "session_id", "agent_id", "parent_record_id", "prev_hash"] {
        let mut record = first();
        record.as_object_mut().unwrap().remove(name);
        assert_eq!(seen(&record), Err(Fault::Missing(name)));
        record[name] = json!(1);
        assert_eq!(seen(&record), Err(Fault::Spelling(name)));
    }
    for (name, value) in [
        ("prev_hash", json!("A".repeat(64))),
        ("prev_hash", json!("a".repeat(63))),
        ("tombstone_hash", json!("x")),
        ("signature", json!("x")),
        ("signature", json!(null)),
        ("seq", json!(-1)),
        ("sequence", json!("1")),
        ("sequence_number", json!(1.5)),
    ] {
        let mut record = first();
        record[name] = value.clone();
        assert_eq!(seen(&record), Err(Fault::Spelling(name)), "{value}");
    }
}

/// Base64 with padding, and DER, are refused (section 6.2).
#[test]
fn only_raw_signatures_are_read() {
    let mut record = first();
    sign_es256(&mut record);
    let right = record["signature"].as_str().unwrap().to_owned();
    let raw = URL_SAFE_NO_PAD.decode(&right).unwrap();
    let der = Signature::from_slice(&raw).unwrap().to_der();
    for text in
        [format!("{right}=="), URL_SAFE_NO_PAD.encode(der.as_bytes()), hex::encode(&raw).to_uppercase()]
    {
        record["signature"] = json!(text);
        assert_eq!(seen(&record), Err(Fault::Spelling("signature")), "{text}");
    }
}

#[test]
fn lines_that_are_no_records_are_faults() {
    let fault = |line: &str| read(line.as_bytes(), &mut Tape::default(), &keys()).unwrap_err();
    assert!(matches!(fault("{"), Fault::NotJson(_)));
    assert_eq!(fault("[]"), Fault::NotAnObject);
    let twice = first().to_string().replacen('{', r#"{"batch":1,"batch":2,"#, 1);
    assert!(matches!(fault(&twice), Fault::Irregular(_)));
    let lone = first().to_string().replace("urn:agent:a", r"\ud800");
    assert!(matches!(fault(&lone), Fault::Irregular(_)));
}

#[test]
fn digits_that_the_hash_does_not_cover_are_told_of() {
    assert!(!seen(&first()).unwrap().inexact);
    let long = first().to_string().replace("2.5", "9007199254740993");
    assert!(read(long.as_bytes(), &mut Tape::default(), &keys()).unwrap().inexact);
}
