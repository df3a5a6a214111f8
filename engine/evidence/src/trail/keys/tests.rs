//! Spellings of P-256 keys, and what ES256 takes. The key is the one of RFC 7515, appendix A.3.

use super::*;
use crate::keys::PublicKey;

const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
/// RFC 7515, appendix A.3.1: what is signed, and the signature.
const SIGNED: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const SIGNATURE: &str =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
/// The order of the curve's group (SEC 2, section 2.4.2).
const ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

fn jwk() -> String {
    format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}"}}"#)
}

fn key() -> P256Key {
    P256Key::parse(jwk().as_bytes()).unwrap()
}

fn signature() -> [u8; 64] {
    URL_SAFE_NO_PAD.decode(SIGNATURE).unwrap().try_into().unwrap()
}

#[test]
fn every_spelling_is_the_same_key() {
    let key = key();
    let point = hex::decode::<65>(key.hex().as_bytes()).unwrap();
    let compressed = key.0.to_sec1_point(true);
    let pem = |der: &[u8]| {
        let (first, last) = ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----");
        format!("{first}\n{}\n{last}\n", STANDARD.encode(der))
    };
    for text in [
        key.hex(),
        key.hex().to_uppercase(),
        hex::encode(compressed.as_bytes()),
        pem(&[SPKI, &point].concat()),
        pem(&[SPKI_COMPRESSED, compressed.as_bytes()].concat()),
    ] {
        assert_eq!(P256Key::parse(text.as_bytes()), Ok(key.clone()), "{text}");
    }
}

#[test]
fn what_is_no_public_key_is_refused() {
    let private = jwk().replace('}', r#","d":"AA"}"#);
    assert_eq!(P256Key::parse(private.as_bytes()), Err(P256KeyError::Private));
    assert_eq!(P256Key::parse(b"-----BEGIN EC PRIVATE KEY-----\nAA==\n"), Err(P256KeyError::Private));
    let off_curve = jwk().replace(Y, X);
    assert_eq!(P256Key::parse(off_curve.as_bytes()), Err(P256KeyError::NotAPoint));
    for text in
        ["", "00", &jwk().replace("P-256", "P-384"), &jwk().replace("EC", "OKP"), &jwk().replace(X, "AA")]
    {
        assert_eq!(P256Key::parse(text.as_bytes()), Err(P256KeyError::Unknown), "{text}");
    }
    assert_eq!(P256Key::parse(b"PRIVATE KEY-----"), Err(P256KeyError::Unknown));
    assert_eq!(P256Key::parse(&[b'0'; MOST + 1]), Err(P256KeyError::Unknown));
    let padded = |length: usize| P256Key::parse(format!("{:<length$}", jwk()).as_bytes());
    assert_eq!(padded(MOST), Ok(key()));
    for length in [MOST + 1, MOST + 100] {
        assert_eq!(padded(length), Err(P256KeyError::Unknown));
    }
}

#[test]
fn trusted_keys_of_both_kinds_are_kept() {
    assert!(TrailKeys::default().is_empty());
    let keys = TrailKeys::new(KeyRing::default(), vec![key()]);
    assert!(!keys.is_empty() && keys.ring().is_empty());
    assert_eq!(keys.p256(), [key()]);
}

#[test]
fn the_signature_of_rfc_7515_holds_and_a_changed_one_does_not() {
    assert!(key().check(SIGNED.as_bytes(), &signature()));
    assert!(!key().check(b"other", &signature()));
    for bit in 0..512 {
        let mut changed = signature();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(!key().check(SIGNED.as_bytes(), &changed), "bit {bit}");
    }
    assert!(!key().check(SIGNED.as_bytes(), &[0; 64]));
}

/// No revision of the draft refuses the other of the two values of s.
#[test]
fn both_values_of_s_count() {
    let mut other = signature();
    let order = hex::decode::<32>(ORDER.as_bytes()).unwrap();
    let mut borrow = 0;
    for (byte, order) in other[32..].iter_mut().zip(order).rev() {
        let difference = i16::from(order) - i16::from(*byte) - borrow;
        borrow = i16::from(difference < 0);
        *byte = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    assert_ne!(other, signature());
    assert!(key().check(SIGNED.as_bytes(), &other));
}

/// RFC 8037, appendix A.3, has the thumbprint of an Ed25519 key.
#[test]
fn keys_are_found_by_their_thumbprints() {
    let ed = STANDARD.decode("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=").unwrap();
    let ring = KeyRing::new([PublicKey::from_bytes(&ed.try_into().unwrap()).unwrap()]);
    let keys = TrailKeys::new(ring, vec![key()]);
    assert_eq!(
        keys.named("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"),
        Some(TrailKey::Ed25519(KeyIndex(0)))
    );
    assert_eq!(keys.named("oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U"), Some(TrailKey::P256(0)));
    assert_eq!(keys.named("other"), None);
}
