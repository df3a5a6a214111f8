//! Rosters: who signed, and what no roster may hold.

use super::*;
use crate::contract::samples::{envelope, roster, roster_key, secret};

fn pinned() -> Fingerprint {
    Fingerprint::of(&secret(9).public())
}

fn root() -> String {
    roster_key("root", "roster-root", &secret(9), "null", "root")
}

fn verify(json: &str) -> Result<KeyRoster, RosterError> {
    KeyRoster::verify(json.as_bytes(), &pinned())
}

#[test]
fn a_signed_roster_gives_its_keys() {
    let key = roster_key("k", "receipt-signing", &secret(1), "\"2027-01-01T00:00:00Z\"", "active");
    let key = key.replace("\"status\"", "\"principal\":\"ops\",\"status\"");
    let roster = verify(&roster(&[root(), key])).unwrap();
    let [_, key] = roster.keys() else { panic!("two keys") };
    assert_eq!((key.id.as_str(), key.purpose, key.status), ("k", Purpose::Receipt, KeyStatus::Active));
    assert_eq!(
        (key.valid_from.as_str(), key.valid_until.as_deref()),
        ("2026-01-01T00:00:00Z", Some("2027-01-01T00:00:00Z"))
    );
    assert_eq!((key.principal.as_deref(), roster.data_class_root()), (Some("ops"), "public"));
    assert_eq!(key.key, secret(1).public());
}

#[test]
fn a_roster_under_another_root_or_altered_is_refused() {
    let good = roster(&[root()]);
    let other = Fingerprint::of(&secret(8).public());
    assert_eq!(KeyRoster::verify(good.as_bytes(), &other).unwrap_err(), RosterError::NotPinned);
    let altered = good.replace("\"public\"", "\"secret\"");
    assert_eq!(verify(&altered).unwrap_err(), RosterError::SignatureWrong);
    let spaced = good.replace(":[", ": [");
    assert!(verify(&spaced).is_ok(), "the canonical form has no white space");
    let by_other = roster_key("root", "roster-root", &secret(8), "null", "root");
    assert_eq!(verify(&roster(&[by_other])).unwrap_err(), RosterError::NotPinned);
}

#[test]
fn the_signer_is_a_root_for_rosters() {
    for (purpose, status) in
        [("roster-root", "active"), ("roster-root", "revoked"), ("recovery-root", "root")]
    {
        let key = roster_key("root", purpose, &secret(9), "null", status);
        assert_eq!(verify(&roster(&[key])).unwrap_err(), RosterError::NoRoot, "{purpose} {status}");
    }
    let unnamed = roster_key("toor", "roster-root", &secret(9), "null", "root");
    assert_eq!(verify(&roster(&[unnamed])).unwrap_err(), RosterError::NoRoot);
}

#[test]
fn an_id_stands_for_one_key() {
    let twice = roster_key("root", "receipt-signing", &secret(1), "null", "active");
    let between = roster_key("a", "receipt-signing", &secret(2), "null", "active");
    assert_eq!(verify(&roster(&[root(), twice.clone()])).unwrap_err(), RosterError::IdTwice);
    assert_eq!(verify(&roster(&[root(), between, twice])).unwrap_err(), RosterError::IdTwice);
}

#[test]
fn what_is_no_roster_is_refused_with_the_member() {
    let error = |old: &str, new: &str| {
        let body =
            r#"{"schema_version":1,"roster_signed_by":"root","keys":[KEY],"data_class_root":"public"}"#;
        let body = body.replace("KEY", &root());
        let changed = body.replace(old, new);
        assert_ne!(changed, body, "{old}");
        let RosterError::Document(error) = verify(&envelope(&changed, &secret(9))).unwrap_err() else {
            panic!("a malformed roster")
        };
        error
    };
    let form = |member| DocumentError::Form { member };
    assert_eq!(
        error("schema_version\":1", "schema_version\":2"),
        DocumentError::Unsupported { member: "schema_version" }
    );
    assert_eq!(
        error("\"roster_signed_by\":\"root\",", ""),
        DocumentError::Missing { member: "roster_signed_by" }
    );
    assert_eq!(error(&format!("[{}]", root()), "{}"), form("keys"));
    assert_eq!(error("\"roster-root\"", "\"all\""), form("key_purpose"));
    assert_eq!(error("\"status\":\"root\"", "\"status\":\"ROOT\""), form("status"));
    assert_eq!(error("\"2026-01-01T00:00:00Z\"", "\"2026-01-01\""), form("valid_from"));
    assert_eq!(error("\"valid_until\":null", "\"valid_until\":\"\""), form("valid_until"));
    assert_eq!(error("\"valid_until\":null,", ""), DocumentError::Missing { member: "valid_until" });
    assert_eq!(error("\"key_id\":\"root\"", "\"key_id\":\"\""), form("key_id"));
    assert!(matches!(error("\"key_id\"", "\"x\":1,\"key_id\""), DocumentError::Stray { .. }));
    assert!(matches!(error("\"keys\"", "\"x\":1,\"keys\""), DocumentError::Stray { .. }));
    let weak = format!("01{}", "00".repeat(31));
    let cause = crate::KeyError::Weak;
    let wanted = DocumentError::Key { member: "public_key_hex", cause };
    assert_eq!(error(&secret(9).public().hex(), &weak), wanted);
}
