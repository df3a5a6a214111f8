//! Hand-overs and recovery authorisations: both signatures, the pin, the keys and the times.

use super::*;
use crate::contract::samples::{envelope, secret, spell};
use crate::contract::{RecoveryAuthorisation, canonical_form};

fn print(number: u8) -> Fingerprint {
    Fingerprint::of(&secret(number).public())
}

fn transition(old: u8, new: u8, signers: (u8, u8)) -> String {
    let (old, new) = (print(old), print(new));
    let body = format!(
        r#"{{"schema_version":1,"root_kind":"roster-root","old_fingerprint":"{old}","new_fingerprint":"{new}","effective_at":"2026-05-01T00:00:00Z","reason":"yearly"}}"#
    );
    let message = canonical_form(body.as_bytes()).unwrap();
    let sign = |number| spell(&secret(number).sign(&message));
    let (old, new) = (sign(signers.0), sign(signers.1));
    format!(r#"{{"body":{body},"old_signature":"{old}","new_signature":"{new}"}}"#)
}

fn verify(json: &str, old: u8, new: u8, pin: u8) -> Result<RootTransition, TransitionError> {
    RootTransition::verify(json.as_bytes(), &secret(old).public(), &secret(new).public(), &print(pin))
}

#[test]
fn a_hand_over_needs_both_signatures_and_the_pin() {
    let good = transition(1, 2, (1, 2));
    let read = verify(&good, 1, 2, 1).unwrap();
    assert_eq!((read.old, read.new, read.reason.as_str()), (print(1), print(2), "yearly"));
    assert_eq!(read.effective_at, "2026-05-01T00:00:00Z");
    assert_eq!(verify(&good, 1, 2, 3), Err(TransitionError::NotPinned));
    assert_eq!(verify(&good, 3, 2, 1), Err(TransitionError::OtherKey("old")));
    assert_eq!(verify(&good, 1, 3, 1), Err(TransitionError::OtherKey("new")));
    let wrong = |member| Err(TransitionError::SignatureWrong(member));
    assert_eq!(verify(&transition(1, 2, (2, 2)), 1, 2, 1), wrong("old_signature"));
    assert_eq!(verify(&transition(1, 2, (1, 1)), 1, 2, 1), wrong("new_signature"));
    assert_eq!(verify(&transition(1, 1, (1, 1)), 1, 1, 1), Err(TransitionError::SameKey));
    assert_eq!(verify(&good.replace("yearly", "theft"), 1, 2, 1), wrong("old_signature"));
    let form = TransitionError::Document(DocumentError::Form { member: "old_fingerprint" });
    assert_eq!(
        verify(&good.replace("\"old_fingerprint\":\"sha256:", "\"old_fingerprint\":\""), 1, 2, 1),
        Err(form)
    );
    let missing = TransitionError::Document(DocumentError::Missing { member: "new_signature" });
    let cut = format!("{}}}", good.split(",\"new_signature\"").next().unwrap());
    assert_eq!(verify(&cut, 1, 2, 1), Err(missing));
    let version = TransitionError::Document(DocumentError::Unsupported { member: "schema_version" });
    assert_eq!(verify(&good.replace("schema_version\":1", "schema_version\":2"), 1, 2, 1), Err(version));
}

#[test]
fn an_authorisation_is_the_recovery_roots_and_has_its_time() {
    let body = r#"{"schema_version":1,"reason":"lost","expires_at":"2026-05-02T00:00:00Z","target_roster_hash":"sha256:x","operator_identity":"ops","issued_at":"2026-05-01T00:00:00Z"}"#;
    let json = envelope(body, &secret(4));
    let root = secret(4).public();
    let read = RecoveryAuthorisation::verify(json.as_bytes(), &root).unwrap();
    assert_eq!((read.target_roster_hash.as_str(), read.operator_identity.as_str()), ("sha256:x", "ops"));
    for (time, counts) in [
        ("2026-04-30T23:59:59.999999999Z", Some(false)),
        ("2026-05-01T00:00:00Z", Some(true)),
        ("2026-05-02T00:00:00Z", Some(true)),
        ("2026-05-02T00:00:00.1Z", Some(false)),
        ("tomorrow", None),
    ] {
        assert_eq!(read.counts_at(time), counts, "{time}");
    }
    let refused = |json: &str, key: u8| {
        RecoveryAuthorisation::verify(json.as_bytes(), &secret(key).public()).unwrap_err()
    };
    let wrong = TransitionError::SignatureWrong("signature");
    assert_eq!(refused(&json, 5), wrong);
    assert_eq!(refused(&json.replace("lost", "gone"), 4), wrong);
    let version = TransitionError::Document(DocumentError::Unsupported { member: "schema_version" });
    let next = body.replace("schema_version\":1", "schema_version\":2");
    assert_eq!(refused(&envelope(&next, &secret(4)), 4), version);
    let form = TransitionError::Document(DocumentError::Form { member: "operator_identity" });
    assert_eq!(refused(&envelope(&body.replace("\"ops\"", "\"\""), &secret(4)), 4), form);
}
