//! Manifests: names, exact spelling, and the signature where the file says which key.

use super::*;
use crate::SecretKey;

fn secret(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

fn body() -> String {
    format!(r#"{{"version":1,"x":["\u003c"],"signer_key":"{}""#, secret(1).public().hex())
}

fn signed(domain: &str, body: &str, key: u8) -> String {
    let signature = secret(key).sign(format!("{domain}{body}}}").as_bytes());
    format!(r#"{body},"signature":"ed25519:{}"}}"#, hex::encode(&signature))
}

const OPEN: &str = "pipelock/receipt-group-open/v1";

#[test]
fn each_stage_signs_under_its_own_domain() {
    for (stage, domain) in [
        (GroupStage::Open, OPEN),
        (GroupStage::Close, "pipelock/receipt-group-close/v1"),
        (GroupStage::Transition, "pipelock/receipt-group-transition/v1"),
    ] {
        let file = signed(domain, &body(), 1);
        for other in [GroupStage::Open, GroupStage::Close, GroupStage::Transition] {
            let manifest = GroupManifest::parse(other, file.as_bytes()).unwrap();
            let wanted = if stage == other { SignatureCheck::Good } else { SignatureCheck::Bad };
            assert_eq!(manifest.signature, GroupSignature::Checked(secret(1).public(), wanted));
            let trusted = manifest.trusted(&KeyRing::new([secret(1).public()]));
            assert_eq!(trusted.is_some(), stage == other);
            assert_eq!(manifest.trusted(&KeyRing::new([secret(2).public()])), None);
        }
        let newline = GroupManifest::parse(stage, format!("{file}\n").as_bytes()).unwrap();
        assert!(newline.trusted(&KeyRing::new([secret(1).public()])).is_some());
    }
}

#[test]
fn what_was_altered_or_signed_by_another_does_not_hold() {
    let bad = GroupSignature::Checked(secret(1).public(), SignatureCheck::Bad);
    let read = |file: &str| GroupManifest::parse(GroupStage::Open, file.as_bytes()).unwrap().signature;
    assert_eq!(read(&signed(OPEN, &body(), 2)), bad);
    assert_eq!(read(&signed(OPEN, &body(), 1).replace("\"version\":1", "\"version\":2")), bad);
    assert_eq!(read(&signed(&format!("{OPEN}\0"), &body(), 1)), bad);
}

#[test]
fn a_file_that_does_not_say_which_key_is_not_checked() {
    let good = signed(OPEN, &body(), 1);
    for file in [
        good.replace("\"signer_key\"", "\"key\""),
        good.replace("\"signature\"", "\"proof\""),
        good.replace(",\"signature\"", ",\"signature\":\"\",\"z\""),
        "{}".to_owned(),
    ] {
        let manifest = GroupManifest::parse(GroupStage::Open, file.as_bytes()).unwrap();
        assert_eq!(manifest.signature, GroupSignature::NotChecked, "{file}");
        assert_eq!(manifest.trusted(&KeyRing::new([secret(1).public()])), None);
    }
}

#[test]
fn the_spelling_is_exact() {
    for file in [
        r#"{ "a":1}"#,
        r#"{"a":1} "#,
        "{\"a\":1}\n\n",
        r#"{"a":"<"}"#,
        r#"{"a":"\u003C"}"#,
        r#"{"\u0061":1}"#,
        r#"{"a":"\/"}"#,
        r#"{"a":1.0}"#,
        r#"{"a":1e3}"#,
        r#"{"a":-0}"#,
        r#"{"a":[{"b":1,"b":1}]}"#,
    ] {
        let error = GroupManifest::parse(GroupStage::Open, file.as_bytes()).unwrap_err();
        assert!(matches!(error, DocumentError::Spelling { .. }), "{file}: {error}");
    }
    assert!(GroupManifest::parse(GroupStage::Open, br#"{"b":[0,"\u003c"],"a":null}"#).is_ok());
    let list = GroupManifest::parse(GroupStage::Open, b"[]");
    assert_eq!(list, Err(DocumentError::NotAnObject { offset: 0 }));
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(MOST_BYTES));
    let wanted = DocumentError::TooLarge { limit: MOST_BYTES };
    assert_eq!(GroupManifest::parse(GroupStage::Open, large.as_bytes()), Err(wanted));
}

#[test]
fn names_give_the_group_and_the_stage() {
    let id = "0123456789abcdef".repeat(2);
    let name = |stage: &str| format!("receipt-group-{id}-{stage}.json");
    assert_eq!(GroupStage::of_name(&name("close")), Some((id.as_str(), GroupStage::Close)));
    for wrong in [name("shut"), name("open").to_uppercase(), name("open").replace("01", ""), name("open-x")] {
        assert_eq!(GroupStage::of_name(&wrong), None, "{wrong}");
    }
}
