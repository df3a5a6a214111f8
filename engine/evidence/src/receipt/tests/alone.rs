//! What is wrong with a receipt by itself.

use super::draft::{Draft, envelope, hash, problems, read};
use crate::receipt::ReceiptProblem as Problem;
use crate::receipt::is_redacted;
use crate::receipt::seen::{PrevHash, Redaction};

fn draft() -> Draft {
    Draft::new(0, "genesis")
}

/// Every field that there is, with nothing empty.
fn full() -> Draft {
    let taint = r#"[{"url":"u","kind":"web","level":255,"timestamp":"2026-04-01T12:00:00.12+02:00"}]"#;
    let shield = r#"{"pipeline":"p","total_rewrites":3,"partial":true}"#;
    draft()
        .set("delegation_chain", r#"["a","b"]"#)
        .set("data_classes_in", r#"["a"]"#)
        .set("session_contaminated", "true")
        .set("recent_taint_sources", taint)
        .set("contract_generation", "18446744073709551615")
        .set("redaction", r#"{"total_redactions":2,"by_class":{"a":1,"b":1}}"#)
        .set("shield", shield)
        .set("precedent_refs", r#"["x"]"#)
}

/// A receipt with these digits written over those at a place.
fn over(receipt: &str, at: usize, digits: &str) -> String {
    let mut receipt = receipt.to_owned();
    receipt.replace_range(at..at + digits.len(), digits);
    receipt
}

#[test]
fn a_writers_receipt_has_no_problem() {
    for receipt in [draft().sign(1), full().sign(1)] {
        let seen = read(&receipt);
        assert_eq!(seen.problems, [], "{receipt}");
        assert_eq!((seen.prev, seen.seq), (Some(PrevHash::Genesis), Some(0)));
        assert_eq!(crate::hex::encode(&seen.head.raw), hash(&receipt));
        assert!(seen.trusted.is_some() && seen.head.respelled.is_none() && seen.time.is_some());
        assert_eq!(&*seen.verdict, b"allow");
    }
    assert!(read(&draft().sign(2)).trusted.is_none());
}

#[test]
fn an_edited_record_does_not_match_its_signature() {
    let receipt = draft().sign(1).replace("\"allow\"", "\"block\"");
    assert_eq!(problems(&receipt), [Problem::SignatureMismatch]);
}

#[test]
fn unknown_duplicate_and_missing_fields_are_found_at_any_depth() {
    let object = "action_record";
    let unknown = |object, field: &str| Problem::UnknownField { object, field: field.to_owned() };
    assert_eq!(problems(&draft().set("approved", "true").sign(1))[0], unknown(object, "approved"));
    let shield = draft().set("shield", r#"{"pipeline":"p","Partial":true}"#).sign(1);
    assert_eq!(problems(&shield)[0], unknown("shield", "Partial"));
    let outside = draft().sign(1).replace("\"signature\":", "\"note\":1,\"signature\":");
    assert_eq!(problems(&outside)[0], unknown("receipt", "note"));
    let twice = draft().sign(1).replace("\"actor\":", "\"actor\":\"x\",\"actor\":");
    assert_eq!(problems(&twice)[0], Problem::DuplicateField { object, field: "actor" });
    let nested = r#"{"by_class":{"a":1,"a":2}}"#;
    let twice = Problem::WrongType { object: "redaction", field: "by_class" };
    assert_eq!(problems(&draft().set("redaction", nested).sign(1))[0], twice);
    let missing = draft().without("actor").sign(1);
    assert_eq!(problems(&missing)[0], Problem::MissingField { object, field: "actor" });
    let listed = draft().set("redacted_fields", "[]").sign(1);
    assert!(problems(&listed).contains(&Problem::RedactionForm), "only a real redaction may list fields");
}

#[test]
fn wrong_types_versions_and_empty_fields_are_found() {
    let object = "action_record";
    let wrong = |field| Problem::WrongType { object, field };
    for (field, value) in [
        ("actor", "1"),
        ("chain_seq", "1.0"),
        ("chain_seq", "-1"),
        ("delegation_chain", "[1]"),
        ("session_contaminated", "1"),
        ("timestamp", "\"yesterday\""),
        ("shield", "[]"),
        ("recent_taint_sources", "{}"),
        ("recent_taint_sources", "[1]"),
        ("contract_generation", "18446744073709551616"),
    ] {
        assert_eq!(problems(&draft().set(field, value).sign(1))[0], wrong(field), "{field}: {value}");
    }
    let level = draft().set(
        "recent_taint_sources",
        r#"[{"url":"","kind":"","level":256,"timestamp":"2026-04-01T12:00:00Z"}]"#,
    );
    let wrong = Problem::WrongType { object: "recent_taint_sources", field: "level" };
    assert_eq!(problems(&level.sign(1))[0], wrong);
    for field in ["action_id", "target", "verdict", "transport", "timestamp"] {
        assert_eq!(problems(&draft().set(field, "\"\"").sign(1))[0], Problem::EmptyField { object, field });
    }
    assert_eq!(problems(&draft().set("version", "2").sign(1)), [Problem::WrongVersion { object }]);
    let receipt = draft().sign(1).replacen("\"version\":1", "\"version\":2", 1);
    assert_eq!(problems(&receipt), [Problem::WrongVersion { object: "receipt" }]);
    assert_eq!(problems(&draft().set("action_type", "\"eat\"").sign(1)), [Problem::UnknownActionType]);
    for prev in ["", "Genesis", "g1:00", "00"] {
        assert_eq!(problems(&Draft::new(0, prev).sign(1)), [Problem::PrevHashForm], "{prev}");
    }
}

#[test]
fn what_is_no_receipt_is_said_where() {
    assert_eq!(problems("{\"version\":1,"), [Problem::NotJson { offset: 13 }]);
    assert_eq!(problems("[]"), [Problem::NotJson { offset: 0 }]);
    let trailing = draft().sign(1) + "{}";
    assert!(matches!(problems(&trailing)[..], [Problem::NotJson { .. }]));
    let deep =
        draft().sign(1).replace("\"signer_key\"", &format!("\"ext\":{}1,\"signer_key\"", "[".repeat(200)));
    assert!(matches!(problems(&deep)[..], [Problem::NotJson { .. }]));
}

#[test]
fn signatures_and_keys_have_one_form() {
    let receipt = draft().sign(1);
    assert_eq!(problems(&receipt.replace("ed25519:", "")), [Problem::SignatureForm]);
    assert_eq!(problems(&receipt.replace("ed25519:", "ed25519:00")), [Problem::SignatureForm]);
    assert_eq!(problems(&receipt.replace("\"signer_key\":\"", "\"signer_key\":\"0")), [Problem::KeyForm]);
    let with_key = |digits: &str| {
        let at = receipt.find("\"signer_key\":\"").unwrap() + 14;
        problems(&over(&receipt, at, digits))
    };
    assert_eq!(with_key(&("01".to_owned() + &"00".repeat(31))), [Problem::KeyWeak]);
    assert_eq!(with_key(&("02".to_owned() + &"00".repeat(31))), [Problem::KeyNotAPoint]);
}

/// A signature whose nonce point is of small order: lenient verifiers multiply the difference away.
#[test]
fn a_signature_for_lenient_verifiers_is_told_from_a_wrong_one() {
    use curve25519_dalek::scalar::Scalar;
    use sha2::{Digest, Sha512};
    let key = super::draft::key(1).public();
    let secret: [u8; 64] = Sha512::digest([1; 32]).into();
    let mut low: [u8; 32] = secret[..32].try_into().unwrap();
    low[0] &= 0xF8;
    low[31] = low[31] & 0x7F | 0x40;
    let record = draft().record();
    let message = sha2::Sha256::digest(&record);
    // The neutral point as R, so that S is the challenge times the secret.
    let mut point = [0; 32];
    point[0] = 1;
    let mut hasher = Sha512::new();
    hasher.update(point);
    hasher.update(key.to_bytes());
    hasher.update(message);
    let challenge = Scalar::from_bytes_mod_order_wide(&hasher.finalize().into());
    let s = challenge * Scalar::from_bytes_mod_order(low);
    let signature = crate::hex::encode(&point) + &crate::hex::encode(s.as_bytes());
    let receipt = draft().sign(1);
    let at = receipt.find("ed25519:").unwrap() + 8;
    let forged = over(&receipt, at, &signature);
    assert_eq!(problems(&forged), [Problem::SignatureLenient]);
}

#[test]
fn a_respelled_receipt_is_a_remark_and_keeps_its_hash() {
    let receipt = full().sign(1);
    let spaced = receipt.replace("\":", "\": ");
    let reordered =
        receipt.replace(r#""principal":"local","actor":"agent""#, r#""actor":"agent","principal":"local""#);
    let escaped = receipt.replace("\"local\"", "\"\\u006cocal\"");
    let emptied = receipt.replace("\"transport\":", "\"layer\":\"\",\"transport\":");
    let key = receipt.replace("\"actor\"", "\"\\u0061ctor\"");
    let outside = receipt.clone() + "\n";
    for respelled in [spaced, reordered, escaped, emptied, key, outside] {
        assert_ne!(respelled, receipt);
        let seen = read(&respelled);
        assert_eq!(seen.problems, [Problem::Respelled], "{respelled}");
        let head = seen.head.respelled.expect("another spelling");
        assert_eq!(crate::hex::encode(&head), hash(&receipt), "{respelled}");
    }
}

#[test]
fn a_signature_over_another_spelling_is_refused() {
    let record = draft().record();
    for record in [
        record.replace("\":", "\": "),
        record.replace("\"transport\":", "\"layer\":\"\",\"transport\":"),
        record.replace("\\u0026", "&"),
    ] {
        assert_eq!(problems(&envelope(&record, &record, 1)), [Problem::SignedOutOfForm], "{record}");
    }
}

#[test]
fn a_replaced_byte_holds_in_either_spelling() {
    let (escaped, raw) =
        (draft().set("intent", "\"\\ufffd\"").record(), draft().set("intent", "\"\u{fffd}\"").record());
    assert_eq!(problems(&envelope(&escaped, &escaped, 1)), []);
    assert_eq!(problems(&envelope(&escaped, &raw, 1)), [Problem::Respelled]);
}

#[test]
fn ext_is_any_json_and_unsigned() {
    let with = |ext: &str| {
        let receipt = draft().sign(1);
        receipt.strip_suffix('}').unwrap().to_owned() + ",\"ext\":" + ext + "}"
    };
    assert_eq!(problems(&with(r#"{"b":1,"a":[{"unknown":1.50}]}"#)), []);
    let seen = read(&with("{\"b\": \"<\u{2028}\\\" >\"}"));
    assert_eq!(seen.problems, [Problem::Respelled]);
    let canonical = hash(&with(r#"{"b":"\u003c\u2028\" \u003e"}"#));
    assert_eq!(crate::hex::encode(&seen.head.respelled.unwrap()), canonical);
}

#[test]
fn redaction_by_the_recorder_is_no_forgery() {
    let blanked = draft().blanked("[REDACTED]", 1);
    let seen = read(&blanked);
    assert_eq!((seen.redaction, &seen.problems[..]), (Some(Redaction::Fields), &[][..]), "{blanked}");
    let told = draft().blanked("https://example.com", 1);
    assert_eq!(problems(&told), [Problem::RedactionForm]);
    let unsorted =
        blanked.replace(r#""actor":"agent","#, "").replace(r#""version":1}"#, r#""version":1,"actor":""}"#);
    assert!(problems(&unsorted).contains(&Problem::RedactionForm));
    let outside = blanked.replace(",\"version\":1}", "}").replacen('{', "{\"version\":1,", 1);
    assert!(problems(&outside).contains(&Problem::RedactionForm), "{outside}");
    for replaced in [
        r#"{"detected_patterns":["[REDACTED:AWS Access ID]"],"original_size":34,"redacted":true}"#,
        r#"{"reason":"marshal error","redacted":true}"#,
    ] {
        assert!(is_redacted(replaced.as_bytes()));
        assert_eq!(read(replaced).redaction, Some(Redaction::Whole));
    }
    for other in [
        r#"{"detected_patterns":["x"],"original_size":34,"redacted":true}"#,
        r#"{"detected_patterns":[],"original_size":34,"redacted":false}"#,
        r#"{"detected_patterns":[],"original_size":34,"redacted":true,"a":1}"#,
        r#"{"redacted":true}"#,
    ] {
        assert!(!is_redacted(other.as_bytes()), "{other}");
    }
}
