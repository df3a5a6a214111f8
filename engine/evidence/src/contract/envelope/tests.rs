//! One receipt: what is refused, who signed it, and the receipts that the Go code signed.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::*;
use crate::contract::samples::{DECISION, Receipt, roster, roster_key, secret};
use crate::contract::{CanonicalError, Fingerprint, KeyRoster, NoKey};
use crate::{KeyRing, PublicKey};

fn look(detail: &str, ring: &KeyRing) -> Seen {
    read(detail.as_bytes(), &mut Tape::default(), &Signers::Ring(ring))
}

fn ring() -> KeyRing {
    KeyRing::new([secret(2).public(), secret(1).public()])
}

#[test]
fn a_genuine_receipt_holds_and_gives_what_the_chain_needs() {
    let detail = Receipt::default().sign(&secret(1));
    let seen = look(&detail, &ring());
    assert_eq!(seen.problems, []);
    assert_eq!(seen.attestation, Attestation::Good(secret(1).public().to_bytes()));
    assert_eq!((seen.kind, seen.seq, seen.prev), (Some("proxy_decision"), Some(0), Some(Previous::Genesis)));
    assert_eq!(seen.signer.as_deref(), Some("k"));
    let form = crate::canonical_form(detail.as_bytes()).unwrap();
    assert_eq!(seen.hash, Some(Sha256::digest(form).into()));
}

#[test]
fn without_a_key_nothing_is_verified() {
    let detail = Receipt::default().sign(&secret(1));
    let none = look(&detail, &KeyRing::default()).attestation;
    assert_eq!(none, Attestation::NotVerified(NoKey::NoneGiven));
    assert_eq!(look(&detail, &KeyRing::new([secret(3).public()])).attestation, Attestation::Nobody);
}

#[test]
fn one_changed_letter_anywhere_in_what_is_signed_is_noticed() {
    let detail = Receipt::default().sign(&secret(1));
    for (old, new) in [
        ("\"allow\"", "\"block\""),
        ("00.12Z", "00.13Z"),
        ("\"e\"", "\"f\""),
        ("\"chain_seq\":0", "\"chain_seq\":1"),
        ("a=1", "a=2"),
    ] {
        let changed = detail.replace(old, new);
        assert_ne!(changed, detail);
        assert_eq!(look(&changed, &ring()).attestation, Attestation::Nobody, "{new}");
    }
    // The members of the signature are not signed; the receipt's hash covers them.
    let renamed = look(&detail.replace("\"k\"", "\"l\""), &ring());
    assert!(matches!(renamed.attestation, Attestation::Good(_)));
    assert_ne!(renamed.hash, look(&detail, &ring()).hash);
}

#[test]
fn members_of_the_envelope_are_there_known_and_of_their_type() {
    let detail = Receipt::default().sign(&secret(1));
    let problem = |old: &str, new: &str| {
        let changed = detail.replace(old, new);
        assert_ne!(changed, detail, "{old}");
        look(&changed, &ring()).problems
    };
    let form = |member| vec![EvidenceProblem::Form { member }];
    assert_eq!(problem("evidence_receipt_v2", "evidence_receipt_v3"), form("record_type"));
    assert_eq!(problem("\"receipt_version\":2", "\"receipt_version\":3"), form("receipt_version"));
    assert_eq!(problem("\"event_id\":\"e\"", "\"event_id\":\"\""), form("event_id"));
    assert_eq!(problem("00.12Z", "00.120Z"), form("timestamp"));
    assert_eq!(problem("\"genesis\"", "\"Genesis\""), form("chain_prev_hash"));
    assert_eq!(problem("\"k\"", "\"\""), form("signer_key_id"));
    assert_eq!(problem("\"algorithm\":\"ed25519\"", "\"algorithm\":\"none\""), form("algorithm"));
    assert_eq!(problem("\"ed25519:", "\""), form("signature"));
    assert_eq!(problem("\"chain_seq\":0", "\"chain_seq\":\"0\""), form("chain_seq"));
    assert_eq!(problem("\"event_id\":\"e\",", ""), [EvidenceProblem::Missing { member: "event_id" }]);
    let kind = problem("proxy_decision", "secret_egress");
    assert_eq!(kind, [EvidenceProblem::UnknownKind]);
    let stray = problem("\"event_id\"", "\"x\":1,\"event_id\"");
    assert!(matches!(stray[..], [EvidenceProblem::Stray { .. }]));
    let stray = problem("\"algorithm\"", "\"x\":1,\"algorithm\"");
    assert!(matches!(stray[..], [EvidenceProblem::Stray { .. }]));
    let twice = problem("\"event_id\"", "\"event_id\":\"z\",\"event_id\"");
    assert_eq!(twice, [EvidenceProblem::Canonical(CanonicalError::KeysMeet { offset: 0 })]);
    let float = problem("\"target\"", "\"n\":1.5,\"target\"");
    assert!(matches!(float[..], [EvidenceProblem::Canonical(CanonicalError::NotWhole { .. })]));
}

#[test]
fn what_is_no_receipt_at_all_is_told_and_never_valid() {
    for detail in ["", "{", "null", "[]", "\"x\"", "{}", r#"{"payload":{},"signature":{}}"#] {
        let seen = look(detail, &ring());
        assert!(!seen.problems.is_empty(), "{detail}");
        assert_eq!(seen.attestation, Attestation::Unread, "{detail}");
    }
    let strays = format!("{{{}\"z\":1}}", (0..100).map(|at| format!("\"{at}\":1,")).collect::<String>());
    assert_eq!(look(&strays, &ring()).problems.len(), MOST_PROBLEMS);
}

#[test]
fn an_object_of_another_type_is_told_once() {
    let form = |member| [EvidenceProblem::Form { member }];
    let detail = Receipt { payload: "[1]", ..Receipt::default() }.sign(&secret(1));
    assert_eq!(look(&detail, &ring()).problems, form("payload"));
    let good = Receipt::default().sign(&secret(1));
    let (before, rest) = good.split_once("\"signature\":{").unwrap();
    let (_, after) = rest.split_once('}').unwrap();
    let seen = look(&format!("{before}\"signature\":\"\"{after}"), &ring());
    assert_eq!((&seen.problems[..], seen.attestation), (&form("signature")[..], Attestation::Unread));
}

#[test]
fn each_kind_is_signed_for_its_purpose() {
    let rotation = r#"{"key_id":"a","key_purpose":"b","old_status":"c","new_status":"d","roster_hash":"e","authorization_id":"f"}"#;
    let receipt = Receipt { kind: "key_rotation", payload: rotation, ..Receipt::default() };
    let wanted = EvidenceProblem::Purpose { wanted: "contract-activation-signing" };
    assert_eq!(look(&receipt.sign(&secret(1)), &ring()).problems, [wanted]);
    let right = Receipt { purpose: "contract-activation-signing", ..receipt };
    assert_eq!(look(&right.sign(&secret(1)), &ring()).problems, []);
    let activation: Vec<_> = crate::contract::kind::KINDS
        .iter()
        .filter(|kind| kind.purpose == crate::Purpose::ContractActivation)
        .map(|kind| kind.name)
        .collect();
    assert_eq!(
        activation,
        [
            "contract_promote_intent",
            "contract_rollback_authorized",
            "key_rotation",
            "contract_redaction_request"
        ]
    );
}

#[test]
fn payloads_have_their_members() {
    let problems = |kind: &str, payload: &str| {
        let purpose = find(kind).unwrap().purpose.name();
        let receipt = Receipt { kind, purpose, payload, ..Receipt::default() };
        look(&receipt.sign(&secret(1)), &ring()).problems
    };
    for kind in &crate::contract::kind::KINDS {
        let missing = problems(kind.name, "{}");
        assert!(missing.contains(&EvidenceProblem::Form { member: "payload" }), "{}", kind.name);
        let must = kind.members.iter().filter(|member| matches!(member.need, Need::Always)).count();
        assert_eq!(missing.len(), must + 1, "{}", kind.name);
    }
    let form = |member| vec![EvidenceProblem::Form { member }];
    let decision = |old: &str, new: &str| problems("proxy_decision", &DECISION.replace(old, new));
    assert_eq!(decision("[\"p\"]", "[]"), form("policy_sources"));
    assert_eq!(decision("[\"p\"]", "[1]"), form("policy_sources"));
    assert_eq!(decision("\"allow\"", "\"\""), form("verdict"));
    assert_eq!(decision("\"allow\"", "null"), form("verdict"));
    assert_eq!(decision("\"allow\"", "\"allow\",\"extra\":1"), []);
    assert_eq!(decision("\"allow\"", "\"allow\",\"rule_id\":1"), form("rule_id"));
    assert_eq!(decision("\"allow\"", "\"allow\",\"rule_id\":\"\""), [], "what may be left out may be empty");
    assert_eq!(decision("[\"p\"]", "\"p\""), form("policy_sources"));
    assert_eq!(decision("[\"p\"]", "{\"p\":\"q\"}"), form("policy_sources"));
    for folded in ["Verdict", "verdIct", "tran\u{17f}port"] {
        let found = decision("\"allow\"", &format!("\"allow\",\"{folded}\":\"block\""));
        assert!(matches!(found[..], [EvidenceProblem::Stray { .. }]), "{folded}");
    }
    let drift = r#"{"contract_hash":"a","rule_id":"b","drift_kind":"c","drift_\u212aind":"d"}"#;
    assert!(matches!(problems("contract_drift", drift)[..], [EvidenceProblem::Stray { .. }]));
    let ratified = |decisions: &str| {
        let payload = format!(
            r#"{{"contract_hash":"a","ratifier_key_id":"b","ratified_rule_ids":["r"],"ratification_decision_per_rule":{decisions}}}"#
        );
        problems("contract_ratified", &payload)
    };
    assert_eq!(ratified(r#"{"r":"yes","s":"no"}"#), []);
    for decisions in [r#"{"r":"yes","s":1}"#, r#"{"r":{}}"#, "{}", "\"yes\"", "[\"yes\"]"] {
        assert_eq!(ratified(decisions), form("ratification_decision_per_rule"), "{decisions}");
    }
    let committed = |rest: &str| {
        let payload =
            format!(r#"{{"target_manifest_hash":"a","prior_manifest_hash":"b","intent_id":"c",{rest}}}"#);
        problems("contract_promote_committed", &payload)
    };
    assert_eq!(committed(r#""validation_outcome":"accepted""#), []);
    assert_eq!(committed(r#""validation_outcome":"rejected","reject_reason":"r""#), []);
    let missing = EvidenceProblem::Missing { member: "reject_reason" };
    assert_eq!(committed(r#""validation_outcome":"rejected""#), [missing]);
    assert_eq!(committed(r#""validation_outcome":"maybe""#), form("validation_outcome"));
    let intent = |generation: &str| {
        let payload = format!(
            r#"{{"target_manifest_hash":"a","target_generation":{generation},"prior_manifest_hash":"b","intent_id":"c"}}"#
        );
        problems("contract_promote_intent", &payload)
    };
    assert_eq!(intent("0"), []);
    assert_eq!(intent("\"0\""), form("target_generation"));
    let delta = |aggregation: &str| {
        let payload = format!(
            r#"{{"contract_hash":"a","rule_id":"b","original_verdict":"c","candidate_verdict":"d","aggregation":{aggregation}}}"#
        );
        problems("shadow_delta", &payload)
    };
    let whole = r#"{"window_start":"a","window_end":"b","lossless_count":"1","delta_sample_count":"0","exemplar_ids":["x"]}"#;
    assert_eq!(delta(whole), []);
    assert_eq!(delta(&whole.replace("[\"x\"]", "[]")), form("aggregation"));
    assert_eq!(delta(&whole.replace("window_end", "end")), form("aggregation"));
}

#[test]
fn a_roster_gives_the_key_of_the_signer_id() {
    let keys = [
        roster_key("root", "roster-root", &secret(9), "null", "root"),
        roster_key("k", "receipt-signing", &secret(1), "null", "active"),
        roster_key("gone", "receipt-signing", &secret(2), "null", "revoked"),
        roster_key("old", "receipt-signing", &secret(3), "\"2026-04-01T12:00:00.11Z\"", "active"),
        roster_key("other", "contract-activation-signing", &secret(4), "null", "active"),
        roster_key("edge", "receipt-signing", &secret(5), "\"2026-04-01T12:00:00.12Z\"", "active"),
        roster_key("new", "receipt-signing", &secret(6), "null", "active")
            .replace("2026-01-01T00:00:00Z", "2026-04-01T12:00:00.13Z"),
        roster_key("first", "receipt-signing", &secret(7), "null", "active")
            .replace("2026-01-01T00:00:00Z", "2026-04-01T12:00:00.12Z"),
    ];
    let pinned = Fingerprint::of(&secret(9).public());
    let roster = KeyRoster::verify(roster(&keys).as_bytes(), &pinned).unwrap();
    let attest = |signer: &str, key: u8| {
        let detail = Receipt { signer, ..Receipt::default() }.sign(&secret(key));
        read(detail.as_bytes(), &mut Tape::default(), &Signers::Roster(&roster)).attestation
    };
    assert_eq!(attest("k", 1), Attestation::Good(secret(1).public().to_bytes()));
    assert_eq!(attest("edge", 5), Attestation::Good(secret(5).public().to_bytes()));
    assert_eq!(attest("first", 7), Attestation::Good(secret(7).public().to_bytes()));
    assert_eq!(attest("k", 2), Attestation::Wrong);
    assert_eq!(attest("nobody", 1), Attestation::NotVerified(NoKey::UnknownId));
    assert_eq!(attest("gone", 2), Attestation::NotVerified(NoKey::NotActive));
    assert_eq!(attest("root", 9), Attestation::NotVerified(NoKey::NotActive));
    assert_eq!(attest("old", 3), Attestation::NotVerified(NoKey::OutsideWindow));
    assert_eq!(attest("new", 6), Attestation::NotVerified(NoKey::OutsideWindow));
    assert_eq!(attest("other", 4), Attestation::NotVerified(NoKey::OtherPurpose));
}

/// Receipts that Go signed, among them text with `<`, `>`, `&`, U+2028 and a decomposed letter.
#[test]
fn receipts_that_go_signed_have_the_signed_bytes_and_hold() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/flight");
    let text = |name: &str| {
        let mut text = String::new();
        File::open(root.join(name)).ok()?.read_to_string(&mut text).ok()?;
        Some(text)
    };
    let Some(lines) = text("vectors/evidence-receipt-v2-go.jsonl") else {
        println!("skipped: the published vectors are not here");
        return;
    };
    let key = PublicKey::parse(text("keys/A.pub").unwrap().as_bytes()).unwrap();
    let ring = KeyRing::new([key.clone()]);
    for line in lines.lines() {
        let mut tape = Tape::default();
        let (receipt, message) = {
            let vector = tape.parse(line.as_bytes()).unwrap();
            let digits = vector.get("preimage_hex").and_then(Value::string).unwrap().into_owned();
            let pairs = digits.chunks(2).map(|pair| hex::decode::<1>(pair).unwrap()[0]);
            (vector.get("receipt").unwrap().raw(), pairs.collect::<Vec<_>>())
        };
        assert_eq!(unsigned(tape.parse(receipt).unwrap()).unwrap(), message);
        let seen = read(receipt, &mut tape, &Signers::Ring(&ring));
        assert_eq!(seen.problems, []);
        assert_eq!(seen.attestation, Attestation::Good(key.to_bytes()));
    }
    assert_eq!(lines.lines().count(), 4);
}
