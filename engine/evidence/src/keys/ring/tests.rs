//! Spellings, refusals, and who signed.

use super::*;
use crate::hex;
use crate::keys::{KeyError, SecretKey};

fn secret(byte: u8) -> SecretKey {
    SecretKey::from_seed(&[byte; 32])
}

#[test]
fn every_spelling_gives_the_same_key() {
    let secret = secret(7);
    let public = secret.public();
    let hex = public.hex();
    let der = [
        &[0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00],
        public.to_bytes().as_slice(),
    ]
    .concat();
    let base64 = |bytes: &[u8]| {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(bytes)
    };
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", base64(&der));
    for text in [
        hex.clone(),
        format!("{hex}\n"),
        hex.to_uppercase(),
        base64(&public.to_bytes()),
        secret.public_file(),
        pem,
    ] {
        assert_eq!(PublicKey::parse(text.as_bytes()), Ok(public.clone()), "{text}");
    }
    assert_eq!(PublicKey::parse(format!("{hex:<4096}").as_bytes()), Ok(public.clone()));
    for long in [4097, 5000] {
        assert_eq!(PublicKey::parse(format!("{hex:<long$}").as_bytes()), Err(KeyError::Unknown), "{long}");
    }
    let again = SecretKey::parse(secret.private_file().as_bytes()).unwrap();
    assert_eq!(again.public(), public);
    let seed = SecretKey::parse(hex::encode(&[7; 32]).as_bytes()).unwrap();
    assert_eq!(seed.public(), public);
}

#[test]
fn weak_foreign_and_swapped_keys_are_refused_with_the_reason() {
    let identity = format!("01{}", "00".repeat(31));
    assert_eq!(PublicKey::parse(identity.as_bytes()), Err(KeyError::Weak));
    let no_point = format!("02{}", "00".repeat(31));
    assert_eq!(PublicKey::parse(no_point.as_bytes()), Err(KeyError::NotAPoint));
    for text in ["", "abc", "zz", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"] {
        assert_eq!(PublicKey::parse(text.as_bytes()), Err(KeyError::Unknown), "{text}");
    }
    // The headers of RFC 8410 with 64 bytes behind them, which bare they may have.
    let secret = secret(1);
    let (seed, public) = ([1; 32], secret.public().to_bytes());
    let pkcs8 = [&b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20"[..], &seed].concat();
    let pem = |der: &[u8]| {
        let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der);
        format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----")
    };
    assert_eq!(SecretKey::parse(pem(&pkcs8).as_bytes()).unwrap().public(), secret.public());
    let longer = pem(&[&pkcs8[..], &public].concat());
    assert_eq!(SecretKey::parse(longer.as_bytes()).unwrap_err(), KeyError::Unknown);
    assert_eq!(PublicKey::parse(secret.private_file().as_bytes()), Err(KeyError::Private));
    assert_eq!(SecretKey::parse(secret.public_file().as_bytes()).unwrap_err(), KeyError::Public);
    let mixed = format!("{}{}", hex::encode(&[1; 32]), "11".repeat(32));
    assert_eq!(SecretKey::parse(mixed.as_bytes()).unwrap_err(), KeyError::HalvesDiffer);
}

#[test]
fn the_key_that_signed_is_named_and_no_other() {
    let (a, b, c) = (secret(1), secret(2), secret(3));
    let ring = KeyRing::new([a.public(), b.public(), a.public()]);
    assert_eq!(ring.keys().len(), 2);
    assert_eq!(ring.who_signed(b"text", &b.sign(b"text")), Signed::By(KeyIndex(1)));
    assert_eq!(ring.who_signed(b"text", &c.sign(b"text")), Signed::Nobody);
    assert_eq!(ring.who_signed(b"other", &a.sign(b"text")), Signed::Nobody);
    assert_eq!(ring.find(&b.public().to_bytes()), Some(KeyIndex(1)));
    assert_eq!(ring.find(&c.public().to_bytes()), None);
}
