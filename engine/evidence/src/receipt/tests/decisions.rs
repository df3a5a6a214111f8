//! Signed decisions: stored with sorted keys, signed in another order.

use coldcase_model::json::Tape;
use sha2::{Digest, Sha256};

use super::draft::{key, ring};
use crate::hex;
use crate::keys::{KeyIndex, KeyRing};
use crate::receipt::{Decision, check_decision};

fn check(detail: &str, keys: &KeyRing) -> Decision {
    check_decision(detail.as_bytes(), &mut Tape::default(), keys)
}

pub(crate) fn signed() -> String {
    let order = r#"{"version":1,"type":"decision_record","session_id":"s","timestamp":"2026-11-22T13:43:35Z","verdict":"block","scanner_result":{"layer":"dlp","match_text":"\u003c"},"policy_rule":{"source":"dlp"},"request_context":{"transport":"fetch"}}"#;
    let signature = hex::encode(&key(1).sign(&Sha256::digest(order)));
    format!(
        r#"{{"policy_rule":{{"source":"dlp"}},"request_context":{{"transport":"fetch"}},"scanner_result":{{"layer":"dlp","match_text":"\u003c"}},"session_id":"s","signature":"ed25519:{signature}","timestamp":"2026-11-22T13:43:35Z","type":"decision_record","verdict":"block","version":1}}"#
    )
}

#[test]
fn a_decision_is_checked_in_the_order_of_its_struct() {
    let detail = signed();
    assert_eq!(check(&detail, &ring(&[2, 1])), Decision::Good(KeyIndex(1)));
    assert_eq!(check(&detail, &ring(&[2])), Decision::Bad);
    assert_eq!(check(&detail, &ring(&[])), Decision::Untrusted);
    assert_eq!(check(&detail.replace("block", "allow"), &ring(&[1])), Decision::Bad);
}

#[test]
fn what_is_not_signed_or_not_a_decision_is_told_apart() {
    let plain = r#"{"layer":"dlp","pattern":"p","request_id":"r","verdict":"block"}"#;
    assert_eq!(check(plain, &ring(&[1])), Decision::NotSigned);
    assert_eq!(check(r#"{"layer":"dlp","signature":"x"}"#, &ring(&[1])), Decision::NotSigned);
    assert_eq!(check(r#"{"layer":"dlp","signature":"ed25519:"}"#, &ring(&[1])), Decision::Malformed);
    let detail = signed();
    for wrong in [
        detail.replace("\"signature\"", "\"sig\""),
        detail.replace("ed25519:", ""),
        detail.replace("\"version\":1", "\"version\":2"),
        detail.replace("\"layer\":", "\"signature\":\"\",\"layer\":"),
        detail.replace("\"session_id\":", "\"signature\":\"\",\"session_id\":"),
        detail.replace("\"timestamp\":", "\"signature\":\"\",\"timestamp\":"),
        detail.replace("decision_record", "decision"),
        "{".to_owned(),
    ] {
        assert_eq!(check(&wrong, &ring(&[1])), Decision::Malformed, "{wrong}");
    }
}
