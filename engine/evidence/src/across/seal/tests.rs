//! Seals: the strict form, the signed bytes, trust, and what they are compared with.

use super::*;
use crate::across::Claim;
use crate::{SecretKey, hex};

fn secret(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

fn body() -> String {
    format!(
        r#"{{"kind":"recovery_seal","version":1,"predecessor_session":"a","shard":"evidence-a-0.jsonl","shard_size":100,"shard_sha256":"{}","damage_offset":90,"last_good_seq":7,"last_good_hash":"{}","predecessor_tail_seq":3,"predecessor_tail_hash":"genesis","predecessor_signer_key":"{}","successor_session":"b","successor_signer_key":"{}","successor_open_hash":"{}","observed_at":"2026-05-01T00:00:00Z""#,
        "11".repeat(32),
        "22".repeat(32),
        secret(1).public().hex(),
        secret(2).public().hex(),
        "33".repeat(32),
    )
}

/// A seal, signed as the format says, independently of the code under test.
fn signed(body: &str) -> String {
    let message = [b"pipelock-recovery-seal-v1\0", body.as_bytes(), b"}"].concat();
    format!("{body},\"signature\":\"ed25519:{}\"}}\n", hex::encode(&secret(2).sign(&message)))
}

#[test]
fn a_genuine_seal_holds_and_is_trusted_by_its_key() {
    let json = signed(&body());
    let seal = RecoverySeal::parse(json.as_bytes()).unwrap();
    assert_eq!(seal.signature, SignatureCheck::Good);
    assert_eq!(seal.check_against(&SealFacts::default()), []);
    assert_eq!(seal.trusted(&KeyRing::new([secret(2).public()])), Some(KeyIndex(0)));
    assert_eq!(seal.trusted(&KeyRing::new([secret(1).public()])), None);
    assert_eq!(Claim::parse(json.as_bytes()), Ok(Claim::Seal(Box::new(seal))));
}

#[test]
fn every_member_is_signed() {
    let good = signed(&body());
    for (old, new) in [
        ("\"a\"", "\"c\""),
        ("evidence-a-0", "evidence-a-1"),
        ("\"shard_size\":100", "\"shard_size\":101"),
        ("1111\"", "1112\""),
        (":90", ":91"),
        (":7,", ":8,"),
        ("2222\"", "2223\""),
        (":3,", ":4,"),
        ("\"genesis\"", &format!("\"{}\"", "44".repeat(32))),
        (&secret(1).public().hex(), &secret(3).public().hex()),
        ("\"b\"", "\"c\""),
        ("3333\"", "3334\""),
        ("2026-05-01", "2026-05-02"),
    ] {
        let changed = good.replace(old, new);
        assert_ne!(changed, good, "{old}");
        let seal = RecoverySeal::parse(changed.as_bytes()).unwrap();
        assert_eq!(seal.check_against(&SealFacts::default()), [SealProblem::SignatureWrong], "{new}");
        assert_eq!(seal.trusted(&KeyRing::new([secret(2).public()])), None);
    }
}

#[test]
fn the_form_is_strict() {
    let good = signed(&body());
    let error = |old: &str, new: &str| {
        let changed = good.replace(old, new);
        assert_ne!(changed, good, "{old}");
        RecoverySeal::parse(changed.as_bytes()).unwrap_err()
    };
    let form = |member| DocumentError::Form { member };
    assert_eq!(error("\"recovery_seal\"", "\"seal\""), DocumentError::Unsupported { member: "kind" });
    assert_eq!(error("\"version\":1", "\"version\":2"), DocumentError::Unsupported { member: "version" });
    assert_eq!(error(":100", ":9007199254740992"), form("shard_size"));
    assert!(RecoverySeal::parse(good.replace(":100", ":9007199254740991").as_bytes()).is_ok());
    assert_eq!(error("evidence-a-0", "../a-0"), form("shard"));
    assert_eq!(error("1111\"", "111\""), form("shard_sha256"));
    assert_eq!(error("\"genesis\"", "\"none\""), form("predecessor_tail_hash"));
    assert_eq!(error("3333\"", "333\""), form("successor_open_hash"));
    assert!(matches!(error("\"shard\"", "\"x\":1,\"shard\""), DocumentError::Stray { .. }));
}

#[test]
fn each_fact_is_compared() {
    let seal = RecoverySeal::parse(signed(&body()).as_bytes()).unwrap();
    let (one, two) = (secret(1).public(), secret(2).public());
    let (shard, good, open) = ("11".repeat(32), "22".repeat(32), "33".repeat(32));
    let facts = SealFacts {
        predecessor_session: Some("a"),
        shard: Some("evidence-a-0.jsonl"),
        shard_size: Some(100),
        shard_sha256: Some(&shard),
        damage_offset: Some(90),
        last_good: Some((7, &good)),
        predecessor_tail: Some((3, "genesis")),
        predecessor_signer: Some(&one),
        successor_session: Some("b"),
        successor_signer: Some(&two),
        successor_open_hash: Some(&open),
    };
    assert_eq!(seal.check_against(&facts), []);
    for (facts, part) in [
        (SealFacts { predecessor_session: Some("x"), ..facts }, SealPart::PredecessorSession),
        (SealFacts { shard: Some("x"), ..facts }, SealPart::Shard),
        (SealFacts { shard_size: Some(1), ..facts }, SealPart::ShardSize),
        (SealFacts { shard_sha256: Some(&good), ..facts }, SealPart::ShardSha256),
        (SealFacts { damage_offset: Some(1), ..facts }, SealPart::DamageOffset),
        (SealFacts { last_good: Some((6, &good)), ..facts }, SealPart::LastGood),
        (SealFacts { last_good: Some((7, &open)), ..facts }, SealPart::LastGood),
        (SealFacts { predecessor_tail: Some((4, "genesis")), ..facts }, SealPart::PredecessorTail),
        (SealFacts { predecessor_signer: Some(&two), ..facts }, SealPart::PredecessorSigner),
        (SealFacts { successor_session: Some("x"), ..facts }, SealPart::SuccessorSession),
        (SealFacts { successor_signer: Some(&one), ..facts }, SealPart::SuccessorSigner),
        (SealFacts { successor_open_hash: Some(&good), ..facts }, SealPart::SuccessorOpenHash),
    ] {
        assert_eq!(seal.check_against(&facts), [SealProblem::Differs(part)]);
    }
}

#[test]
fn a_seal_does_not_contradict_itself() {
    let check = |old: &str, new: &str| {
        let seal = RecoverySeal::parse(signed(&body().replace(old, new)).as_bytes()).unwrap();
        seal.check_against(&SealFacts::default())
    };
    assert_eq!(check(":90", ":99"), []);
    assert_eq!(check(":90", ":100"), [SealProblem::DamageBeyondEnd]);
    assert_eq!(check(":90", ":101"), [SealProblem::DamageBeyondEnd]);
    assert_eq!(check("\"b\"", "\"a\""), [SealProblem::SameSession]);
    let seal = RecoverySeal::parse(signed(&body()).as_bytes()).unwrap();
    let lenient = RecoverySeal { signature: SignatureCheck::LenientOnly, ..seal };
    assert_eq!(lenient.check_against(&SealFacts::default()), [SealProblem::LenientOnly]);
}
