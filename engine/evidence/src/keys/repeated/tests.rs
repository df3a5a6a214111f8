//! The quick way and the library's agree: on good signatures, on each of them with a bit changed, on chance bytes, and
//! for keys of mixed order. Published cases are put to both in `vectors`.

use curve25519_dalek::constants::EIGHT_TORSION;
use proptest::prelude::*;

use super::*;
use crate::keys::SecretKey;

/// A key that the next check computes multiples for.
pub(in crate::keys) fn often_used(key: PublicKey) -> RepeatedKey {
    RepeatedKey { checks: CHECKS_BEFORE - 1, ..RepeatedKey::new(key) }
}

#[test]
fn multiples_are_computed_at_the_sixty_fourth_check_and_answers_stay_the_same() {
    let secret = SecretKey::from_seed(&[5; 32]);
    let mut key = RepeatedKey::new(secret.public());
    let signature = secret.sign(b"message");
    for count in 1..=130 {
        assert_eq!(key.check(b"message", &signature), SignatureCheck::Good);
        assert_eq!(key.check(b"massage", &signature), SignatureCheck::Bad);
        assert_eq!(key.multiples.is_some(), count >= 32, "two checks a round");
    }
    assert_eq!(key.is_good(b"message", &signature), Some(true));
    assert_eq!(key.is_good(b"massage", &signature), Some(false));
}

#[test]
fn no_changed_bit_passes_and_none_is_judged_differently() {
    let secret = SecretKey::from_seed(&[6; 32]);
    let (signature, mut key) = (secret.sign(b"m"), often_used(secret.public()));
    for bit in 0..512 {
        let mut changed = signature;
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(key.check(b"m", &changed), secret.public().check(b"m", &changed), "bit {bit}");
        assert_ne!(key.is_good(b"m", &changed), Some(true), "bit {bit}");
    }
}

/// Under a key with a part of small order some signatures hold without the cofactor and some do not.
#[test]
fn keys_of_mixed_order_are_judged_alike() {
    let (mut good, mut bad) = (0, 0);
    for torsion in EIGHT_TORSION {
        for count in 1..40_u64 {
            let a = Scalar::from(count).invert();
            let point = EdwardsPoint::mul_base(&a) + torsion;
            let key = PublicKey::from_bytes(point.compress().as_bytes()).unwrap();
            let r = Scalar::from(count + 1000).invert();
            let nonce = EdwardsPoint::mul_base(&r).compress();
            let hash = Sha512::new().chain_update(nonce.0).chain_update(key.to_bytes()).chain_update(b"m");
            let s = r + Scalar::from_bytes_mod_order_wide(&hash.finalize().into()) * a;
            let signature: [u8; 64] = [nonce.0, s.to_bytes()].concat().try_into().unwrap();
            let mut often = often_used(key.clone());
            let found = often.check(b"m", &signature);
            assert_eq!(found, key.check(b"m", &signature));
            assert_eq!(often.is_good(b"m", &signature), Some(found == SignatureCheck::Good));
            if found == SignatureCheck::Good { good += 1 } else { bad += 1 }
        }
    }
    assert!(good > 40 && bad > 200, "{good} good, {bad} bad");
}

proptest! {
    #[test]
    fn any_signature_is_judged_as_the_library_does(
        seed in any::<[u8; 32]>(),
        message in any::<Vec<u8>>(),
        chance in any::<[u8; 32]>(),
        part in 0..4,
    ) {
        let secret = SecretKey::from_seed(&seed);
        let mut signature = secret.sign(&message);
        match part {
            0 => signature[..32].copy_from_slice(&chance),
            1 => signature[32..].copy_from_slice(&chance),
            2 => signature[63] |= chance[0] & 0xF0,
            _ => {}
        }
        let mut key = often_used(secret.public());
        prop_assert_eq!(key.check(&message, &signature), secret.public().check(&message, &signature));
        prop_assert_eq!(key.is_good(&message, &secret.sign(&message)), Some(true));
    }
}
