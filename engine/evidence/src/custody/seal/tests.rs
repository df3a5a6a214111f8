//! Seals hold for what they seal, and for nothing else.

use super::*;

const MANIFEST: &[u8] = b"{\"schema\":\"coldcase.manifest/1\"}\n";

fn key() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

fn ring() -> KeyRing {
    KeyRing::new([SecretKey::from_seed(&[9; 32]).public(), key().public()])
}

fn made() -> String {
    let facts =
        ReportSealFacts {
            signed_at: "2026-11-24T10:00:00Z", signed_by: "Dr. \"Ä\" \u{1}", version: "0.1.0"
        };
    String::from_utf8(seal(MANIFEST, &facts, &key())).unwrap()
}

/// The seal with `signed` changed, signed anew by another key or not.
fn changed(from: &str, to: &str) -> String {
    let seal = made().replace(from, to);
    assert_ne!(seal, made());
    seal
}

fn check(seal: &str) -> Result<SealCheck, SealError> {
    check_seal(seal.as_bytes(), MANIFEST, &ring())
}

#[test]
fn a_seal_holds_for_its_manifest() {
    let check = check(&made()).unwrap();
    assert!(check.holds());
    assert_eq!(check.signature, SealSignature::Good(KeyIndex(1)));
    assert_eq!(check.seal.signed_at, "2026-11-24T10:00:00Z");
    assert_eq!(check.seal.signed_by, "Dr. \"Ä\" \u{1}");
    assert_eq!(check.seal.version, "0.1.0");
    assert_eq!(check.seal.manifest_bytes, MANIFEST.len() as u64);
    assert_eq!(check.seal.public_key, key().public());
}

#[test]
fn another_manifest_does_not_match() {
    let check = check_seal(made().as_bytes(), b"{}", &ring()).unwrap();
    assert_eq!((check.manifest_matches, check.holds()), (false, false));
    assert_eq!(check.signature, SealSignature::Good(KeyIndex(1)));
    // The digest alone is not enough, nor is the size.
    let digest = hex::encode(&Sha256::digest(MANIFEST));
    assert!(!self::check(&changed(&digest, &"0".repeat(64))).unwrap().manifest_matches);
    let bytes = format!("\"manifest_bytes\":{}", MANIFEST.len());
    assert!(!self::check(&changed(&bytes, "\"manifest_bytes\":1")).unwrap().manifest_matches);
}

#[test]
fn a_key_that_is_not_trusted_is_told_apart_from_a_bad_signature() {
    let check = |ring: &KeyRing| check_seal(made().as_bytes(), MANIFEST, ring).unwrap();
    let untrusted = check(&KeyRing::default());
    assert_eq!((untrusted.signature, untrusted.holds()), (SealSignature::Untrusted, false));
    let bad = self::check(&changed("10:00:00", "11:00:00")).unwrap();
    assert_eq!((bad.signature, bad.manifest_matches, bad.holds()), (SealSignature::Bad, true, false));
}

#[test]
fn the_signature_is_over_a_separated_text() {
    let signed = made().lines().nth(1).unwrap().trim_end_matches(',').replacen("\"signed\":", "", 1);
    let bare = hex::encode(&key().sign(signed.as_bytes()));
    let signature = made().lines().nth(2).unwrap().split('"').nth(3).unwrap().to_owned();
    assert_eq!(check(&made().replace(&signature, &bare)).unwrap().signature, SealSignature::Bad);
    let message = [b"coldcase-seal-v1\0".as_slice(), signed.as_bytes()].concat();
    assert_eq!(hex::encode(&key().sign(&message)), signature);
}

#[test]
fn a_signature_for_lenient_verifiers_is_told_apart() {
    let seal = made();
    let signed = seal.lines().nth(1).unwrap().trim_end_matches(',').replacen("\"signed\":", "", 1);
    let signature = seal.lines().nth(2).unwrap().split('"').nth(3).unwrap();
    let lenient = hex::encode(&crate::trail::lenient(7, &message(signed.as_bytes())));
    let check = check(&seal.replace(signature, &lenient)).unwrap();
    assert_eq!((check.signature, check.holds()), (SealSignature::LenientOnly, false));
}

#[test]
fn a_key_of_small_order_is_refused() {
    let small = hex::encode(&[&[1_u8][..], &[0; 31]].concat());
    assert_eq!(check(&changed(&key().public().hex(), &small)), Err(SealError::Key));
}

#[test]
fn a_fingerprint_of_another_key_is_refused() {
    let other = fingerprint(&SecretKey::from_seed(&[8; 32]).public());
    assert_eq!(check(&changed(&fingerprint(&key().public()), &other)), Err(SealError::Fingerprint));
}

#[test]
fn what_is_no_seal_is_refused() {
    for text in ["", "{}", "[]", "{\"schema\":\"coldcase.seal/2\"}"] {
        assert_eq!(check(text), Err(SealError::Unknown), "{text}");
    }
    assert_eq!(check(&(made() + &" ".repeat(MOST + 1 - made().len()))), Err(SealError::Unknown));
    assert!(check(&(made() + &" ".repeat(MOST - made().len()))).unwrap().holds());
    for (from, to) in [
        ("\"signed_at\"", "\"at\""),
        ("\"version\":\"0.1.0\"", "\"version\":1"),
        ("{\"manifest_sha256\"", "{\"more\":1,\"manifest_sha256\""),
        ("\"version\":\"0.1.0\"", "\"signed_at\":\"x\""),
        ("\"schema\":", "\"schema\":\"coldcase.seal/1\",\"schema\":"),
        ("\"signature\":\"", "\"signature\":\"0"),
    ] {
        assert_eq!(check(&changed(from, to)), Err(SealError::Malformed), "{from}");
    }
}

/// Each bit of the signed object and of the signature counts.
#[test]
fn every_bit_is_noticed() {
    let seal = made().into_bytes();
    for bit in 0..seal.len() * 8 {
        let mut flipped = seal.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let passes = check_seal(&flipped, MANIFEST, &ring()).is_ok_and(|check| check.holds());
        assert!(!passes || matches!(seal[bit / 8], b'\n'), "bit {bit}");
    }
}
