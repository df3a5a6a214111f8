//! Any bytes as a key: what parses is spelled in hex that parses to the same key, and is no key of small order.
#![no_main]

use coldcase_evidence::{P256Key, PublicKey, SecretKey, SignatureCheck};
use libfuzzer_sys::fuzz_target;

/// The low bits of every spelling of a point of small order; the top bit is the sign.
///
/// Source: "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko 2020), table 1.
const SMALL_ORDER: [&str; 7] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
];

fuzz_target!(|bytes: &[u8]| {
    if let Ok(key) = PublicKey::parse(bytes) {
        let hex = key.hex();
        assert_eq!(PublicKey::parse(hex.as_bytes()).as_ref(), Ok(&key));
        assert_eq!(PublicKey::from_bytes(&key.to_bytes()).as_ref(), Ok(&key));
        assert!(!is_of_small_order(&key), "a weak key came out: {hex}");
        assert_ne!(key.check(bytes, &[0; 64]), SignatureCheck::Good);
    }
    if let Ok(key) = SecretKey::parse(bytes) {
        let public = key.public();
        assert!(!is_of_small_order(&public));
        assert_eq!(public.check(bytes, &key.sign(bytes)), SignatureCheck::Good);
        let again = SecretKey::parse(key.private_file().as_bytes()).map(|key| key.public());
        assert_eq!(again.as_ref(), Ok(&public));
        assert_eq!(PublicKey::parse(key.public_file().as_bytes()).as_ref(), Ok(&public));
        // A file of a private key is never taken for a public one that has those bytes.
        assert!(PublicKey::parse(key.private_file().as_bytes()).is_err());
    }
    if let Ok(key) = P256Key::parse(bytes) {
        let again = P256Key::parse(key.hex().as_bytes()).expect("our own spelling");
        assert_eq!(again.hex(), key.hex());
        assert!(!key.check(bytes, &[0; 64]));
    }
});

fn is_of_small_order(key: &PublicKey) -> bool {
    let mut bytes = key.to_bytes();
    bytes[31] &= 0x7F;
    let low: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    SMALL_ORDER.contains(&low.as_str())
}
