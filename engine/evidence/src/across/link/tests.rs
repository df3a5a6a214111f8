//! Links: the strict form, the signed bytes, trust, and what they are compared with. Forks, too.

use super::*;
use crate::across::{Claim, forks};
use crate::{KeyError, SecretKey};

fn secret(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

fn body(before: &str, after: &str) -> String {
    format!(
        r#"{{"version":1,"predecessor_session":"{before}","predecessor_tail_seq":18446744073709551615,"predecessor_tail_hash":"{}","predecessor_signer_key":"{}","successor_session":"{after}","successor_signer_key":"{}","linked_at":"2026-05-01T00:00:00.5Z""#,
        "ab".repeat(32),
        secret(1).public().hex(),
        secret(2).public().hex(),
    )
}

/// A link, signed as the format says, independently of the code under test.
fn signed(body: &str, key: u8) -> String {
    let message = [b"pipelock-chain-link-v1\0", body.as_bytes(), b"}"].concat();
    format!(r#"{body},"signature":"ed25519:{}"}}"#, hex::encode(&secret(key).sign(&message)))
}

fn link() -> ChainLink {
    ChainLink::parse(signed(&body("a\\u0026", "b"), 2).as_bytes()).unwrap()
}

#[test]
fn a_genuine_link_holds_and_is_trusted_by_its_key() {
    let link = link();
    assert_eq!(link.signature, SignatureCheck::Good);
    assert_eq!((link.predecessor_session.as_str(), link.predecessor_tail_seq), ("a&", u64::MAX));
    let ring = KeyRing::new([secret(1).public(), secret(2).public()]);
    assert_eq!(link.trusted(&ring), Some(KeyIndex(1)));
    assert_eq!(link.trusted(&KeyRing::new([secret(1).public()])), None);
    assert_eq!(link.check_against(&LinkFacts::default()), []);
}

#[test]
fn another_signer_an_altered_member_or_a_missing_domain_is_noticed() {
    let bad = |json: &str| {
        let link = ChainLink::parse(json.as_bytes()).unwrap();
        assert_eq!(link.trusted(&KeyRing::new([secret(2).public()])), None);
        link.check_against(&LinkFacts::default())
    };
    let good = signed(&body("a", "b"), 2);
    assert_eq!(bad(&signed(&body("a", "b"), 1)), [LinkProblem::SignatureWrong]);
    for (old, new) in [
        ("\"a\"", "\"c\""),
        ("\"b\"", "\"c\""),
        ("1615,", "1614,"),
        ("abab\"", "abac\""),
        ("00.5Z", "00.6Z"),
        (&secret(1).public().hex(), &secret(3).public().hex()),
    ] {
        assert_eq!(bad(&good.replace(old, new)), [LinkProblem::SignatureWrong], "{new}");
    }
    let plain = body("a", "b");
    let bare = secret(2).sign(format!("{plain}}}").as_bytes());
    assert_eq!(
        bad(&format!(r#"{plain},"signature":"ed25519:{}"}}"#, hex::encode(&bare))),
        [LinkProblem::SignatureWrong]
    );
}

#[test]
fn the_form_is_strict() {
    let good = signed(&body("a", "b"), 2);
    let error = |old: &str, new: &str| {
        let changed = good.replace(old, new);
        assert_ne!(changed, good, "{old}");
        ChainLink::parse(changed.as_bytes()).unwrap_err()
    };
    let form = |member| DocumentError::Form { member };
    assert_eq!(error("\"version\":1", "\"version\":2"), DocumentError::Unsupported { member: "version" });
    assert_eq!(error("18446744073709551615", "1.0"), form("predecessor_tail_seq"));
    assert_eq!(error("abab\"", "abAB\""), form("predecessor_tail_hash"));
    assert_eq!(error("\"a\"", "\"a/b\""), form("predecessor_session"));
    assert_eq!(error("\"b\"", "\"a\\\\b\""), form("successor_session"));
    assert_eq!(error("00.5Z", "00.50Z"), form("linked_at"));
    assert_eq!(error("\"ed25519:", "\""), form("signature"));
    assert!(matches!(error("\"linked_at\"", "\"x\":1,\"linked_at\""), DocumentError::Stray { .. }));
    assert!(matches!(error("\"linked_at\"", "\"Linked_at\""), DocumentError::Stray { .. }));
    let weak = format!("01{}", "00".repeat(31));
    let cause = KeyError::Weak;
    let wanted = DocumentError::Key { member: "successor_signer_key", cause };
    assert_eq!(error(&secret(2).public().hex(), &weak), wanted);
    let large = format!("{}{good}", " ".repeat(MOST_BYTES));
    assert_eq!(ChainLink::parse(large.as_bytes()), Err(DocumentError::TooLarge { limit: MOST_BYTES }));
}

#[test]
fn each_fact_is_compared() {
    let link = link();
    let (one, two, hash) = (secret(1).public(), secret(2).public(), "ab".repeat(32));
    let facts = LinkFacts {
        named_predecessor: Some("a&"),
        predecessor_tail: Some((u64::MAX, &hash)),
        predecessor_signer: Some(&one),
        successor_session: Some("b"),
        successor_signer: Some(&two),
    };
    assert_eq!(link.check_against(&facts), []);
    let other = "00".repeat(32);
    for (facts, problem) in [
        (LinkFacts { named_predecessor: Some("x"), ..facts }, LinkProblem::FileName),
        (
            LinkFacts { predecessor_tail: Some((3, &hash)), ..facts },
            LinkProblem::TailSeq { claimed: u64::MAX, seen: 3 },
        ),
        // Hashes of different receipts differ: that goes without saying.
        (
            LinkFacts { predecessor_tail: Some((3, &other)), ..facts },
            LinkProblem::TailSeq { claimed: u64::MAX, seen: 3 },
        ),
        (LinkFacts { predecessor_tail: Some((u64::MAX, &other)), ..facts }, LinkProblem::TailHash),
        (LinkFacts { predecessor_signer: Some(&two), ..facts }, LinkProblem::PredecessorSigner),
        (LinkFacts { successor_session: Some("x"), ..facts }, LinkProblem::SuccessorSession),
        (LinkFacts { successor_signer: Some(&one), ..facts }, LinkProblem::SuccessorSigner),
    ] {
        assert_eq!(link.check_against(&facts), [problem]);
    }
    let itself = ChainLink::parse(signed(&body("a", "a"), 2).as_bytes()).unwrap();
    assert_eq!(itself.check_against(&LinkFacts::default()), [LinkProblem::SameSession]);
    let lenient = ChainLink { signature: SignatureCheck::LenientOnly, ..link };
    assert_eq!(lenient.check_against(&LinkFacts::default()), [LinkProblem::LenientOnly]);
}

#[test]
fn two_successors_of_one_session_are_a_fork() {
    let claim = |before: &str, after: &str, key: u8| {
        Claim::parse(signed(&body(before, after), key).as_bytes()).unwrap()
    };
    let whole = [claim("a", "b", 2), claim("b", "c", 2), claim("a", "b", 2), claim("a", "x", 1)];
    assert_eq!(forks(&whole), [], "twice the same, and one that does not hold");
    let forked = forks(&[claim("b", "d", 2), claim("a", "c", 2), claim("a", "b", 2), claim("b", "c", 2)]);
    let short: Vec<_> = forked
        .iter()
        .map(|fork| (fork.predecessor_session.as_str(), fork.successor_sessions.join(" ")))
        .collect();
    assert_eq!(short, [("a", "b c".to_owned()), ("b", "c d".to_owned())]);
    assert!(forked.iter().all(|fork| fork.same_tail));
    let later = signed(&body("a", "c").replace("1615,", "1614,"), 2);
    let forked = forks(&[claim("a", "b", 2), Claim::parse(later.as_bytes()).unwrap()]);
    assert!(forked.iter().all(|fork| !fork.same_tail) && forked.len() == 1);
}
