//! Other spellings of what was signed: which hold, which hash they were chained by, and what is read from odd fields.

use super::draft::{Draft, envelope, hash, judge, problems, read, text};
use crate::receipt::ReceiptProblem as Problem;
use crate::receipt::{ReceiptReason, ReceiptStatus};

fn draft() -> Draft {
    Draft::new(0, "genesis")
}

/// The same values in the writer's spelling, and as they stand here.
#[test]
fn what_go_would_write_again_in_the_signed_form_holds() {
    let with = |field: &str, raw: &str| draft().set(field, raw).record();
    let list = |raw: &str| with("data_classes_in", raw);
    let counts = |raw: &str| with("redaction", &format!(r#"{{"by_class":{raw}}}"#));
    let taint = |raw: &str| with("recent_taint_sources", raw);
    for (held, signed) in [
        (list(r#"["\u0061","b"]"#), list(r#"["a","b"]"#)),
        (list(r#"["a", "b" ]"#), list(r#"["a","b"]"#)),
        (list("[]"), draft().record()),
        (counts(r#"{"b":1,"a":2}"#), counts(r#"{"a":2,"b":1}"#)),
        (counts(r#"{"\u0061":2, "b":1}"#), counts(r#"{"a":2,"b":1}"#)),
        (
            taint(
                r#"[{"kind":"k","url":"u","level":1,"timestamp":"2026-04-01T12:00:00Z"},{"url":"","kind":"","level":0,"timestamp":"2026-04-01T12:00:00Z"}]"#,
            ),
            taint(
                r#"[{"url":"u","kind":"k","level":1,"timestamp":"2026-04-01T12:00:00Z"},{"url":"","kind":"","level":0,"timestamp":"2026-04-01T12:00:00Z"}]"#,
            ),
        ),
    ] {
        assert_ne!(held, signed);
        let receipt = envelope(&held, &signed, 1);
        let seen = read(&receipt);
        assert_eq!(seen.problems, [Problem::Respelled], "{held}");
        let original = hash(&envelope(&signed, &signed, 1));
        assert_eq!(seen.head.respelled.map(|head| crate::hex::encode(&head)), Some(original), "{held}");
    }
}

/// What is not there is signed as what Go writes for it; that it is not there is told all the same.
#[test]
fn a_missing_or_null_field_is_signed_as_an_empty_one() {
    let object = "action_record";
    let (null, wrong) = (draft().set("intent", "null"), Problem::WrongType { object, field: "intent" });
    assert_eq!(problems(&envelope(&null.record(), &draft().record(), 1)), [wrong, Problem::Respelled]);
    for (field, zero) in [("actor", "\"\""), ("delegation_chain", "null")] {
        let held = draft().without(field).record();
        let signed = draft().set(field, zero).record();
        let missing = Problem::MissingField { object, field };
        assert_eq!(problems(&envelope(&held, &signed, 1)), [missing, Problem::Respelled], "{field}");
    }
}

#[test]
fn ext_is_hashed_without_white_space_and_safe_in_html() {
    let with = |ext: &str| {
        let receipt = draft().sign(1);
        receipt.strip_suffix('}').unwrap().to_owned() + ",\"ext\":" + ext + "}"
    };
    for (held, written) in [
        (r#"{"a": "b" , "c":[ 1 ]}"#, r#"{"a":"b","c":[1]}"#),
        (r#"{"a": "\\" , "b": " "}"#, r#"{"a":"\\","b":" "}"#),
        (r#"{"a": "\" \\\" : " , "b": 1}"#, r#"{"a":"\" \\\" : ","b":1}"#),
        ("{\"a\": \"\u{20ac}\u{2029}\u{2027}\"}", "{\"a\":\"\u{20ac}\\u2029\u{2027}\"}"),
    ] {
        let seen = read(&with(held));
        assert_eq!(seen.problems, [Problem::Respelled], "{held}");
        assert_eq!(crate::hex::encode(&seen.head.respelled.unwrap()), hash(&with(written)), "{held}");
    }
}

#[test]
fn a_record_that_is_none_is_told_once() {
    let receipt = draft().sign(1);
    let (_, rest) = receipt.split_once(",\"signature\"").unwrap();
    for record in ["5", "[]", "\"x\""] {
        let changed = format!("{{\"version\":1,\"action_record\":{record},\"signature\"{rest}");
        let wrong = Problem::WrongType { object: "receipt", field: "action_record" };
        assert_eq!(problems(&changed), [wrong], "{record}");
    }
    let empty = receipt.split_once("\"signer_key\":\"").unwrap().0.to_owned() + "\"signer_key\":\"\"}";
    assert_eq!(problems(&empty), [Problem::EmptyField { object: "receipt", field: "signer_key" }]);
    let (before, after) = receipt.split_once("ed25519:").unwrap();
    let unsigned = before.to_owned() + after.split_at(128).1;
    assert_eq!(problems(&unsigned), [Problem::EmptyField { object: "receipt", field: "signature" }]);
}

/// An empty name of a run, and a null, are what is left out otherwise.
#[test]
fn empty_fields_name_nothing() {
    let plain = read(&draft().set("run_nonce", "\"\"").sign(1));
    assert_eq!(plain.run, None);
    for (field, raw) in [("key_transition", "null"), ("session_control", "null")] {
        let seen = read(&draft().set(field, raw).sign(1));
        assert_eq!(
            (seen.problems, seen.transition.is_none(), seen.control.is_none()),
            (vec![Problem::SignedOutOfForm], true, true)
        );
    }
    let open = |more: &str| {
        let payload = r#"{"run_nonce":"r","open_nonce":"o","recorder_session":"","policy_hash":"","signer_key_epoch":"","heartbeat_seconds":0,"chain_open_seq":0,"prior_chain_head":"","genesis_hash":""}"#;
        let control = format!(r#"{{"kind":"session_open","open":{payload}{more}}}"#);
        read(&draft().set("run_nonce", text("r")).set("session_control", control).sign(1))
    };
    for more in ["", r#","close":null"#] {
        let seen = open(more);
        assert_eq!(seen.problems, [Problem::SignedOutOfForm], "{more}");
        let Some(crate::receipt::seen::Control::Open(open)) = seen.control.as_deref() else {
            panic!("an opening")
        };
        assert!(!open.has_prior && !open.has_genesis && open.prior_head.is_none() && open.genesis.is_none());
    }
}

/// A head is one of a chain before, also at number 0; what is absent counts as nothing.
#[test]
fn an_opening_says_what_was_before_it() {
    let open = |json: &str| {
        let control = format!(r#"{{"kind":"session_open","open":{json}}}"#);
        let receipt = draft().set("run_nonce", text("r")).set("session_control", control).sign(1);
        match read(&receipt).control.as_deref() {
            Some(crate::receipt::seen::Control::Open(open)) => (open.has_prior, open.bound),
            _ => panic!("an opening"),
        }
    };
    let (none, bound) = open(r#"{"run_nonce":"r","open_nonce":"o","heartbeat_seconds":0}"#);
    assert!(!none);
    let head = "0".repeat(64);
    assert!(open(&format!(r#"{{"run_nonce":"r","prior_chain_head":"{head}"}}"#)).0);
    assert!(open(&format!(r#"{{"run_nonce":"r","prior_chain_head":"{head}","prior_chain_seq":0}}"#)).0);
    assert!(open(r#"{"run_nonce":"r","prior_chain_seq":1}"#).0);
    assert_eq!(open(r#"{"run_nonce":"r","open_nonce":"o"}"#).1, bound);
    assert_ne!(open(r#"{"run_nonce":"r","open_nonce":"o","heartbeat_seconds":1}"#).1, bound);
}

#[test]
fn hashes_inside_a_record_are_64_digits() {
    let key = "0".repeat(64);
    let of = |key: &str, tail: &str| {
        let marker =
            format!(r#"{{"prior_signer_key":"{key}","prior_chain_seq":1,"prior_chain_hash":"{tail}"}}"#);
        problems(&draft().set("key_transition", marker).sign(1))
    };
    let form = |field| Problem::HexForm { object: "key_transition", field };
    assert_eq!(of(&key, &key), []);
    assert_eq!(of(&key, "zz"), [form("prior_chain_hash")]);
    assert_eq!(of(&"F".repeat(64), &key), [form("prior_signer_key")]);
    assert_eq!(of("", &key), []);
}

/// A receipt that is wrong by itself breaks the chain; one that is only spelled otherwise does not.
#[test]
fn what_is_wrong_with_a_receipt_breaks_its_chain() {
    let mut receipts = super::draft::plain(3);
    receipts[2] = receipts[2].replace("\"allow\"", "\"block\"");
    let found = judge(&receipts);
    assert_eq!((found.status, found.breaks.len(), found.remarks.len()), (ReceiptStatus::Broken, 1, 0));
    assert_eq!(found.breaks[0].reason, ReceiptReason::Receipt(Problem::SignatureMismatch));
    assert_eq!((found.breaks[0].seq, found.breaks[0].place.map(|place| place.line)), (Some(2), Some(3)));
}
