//! Keys from secrets: HKDF-Expand-Label of TLS 1.3, the PRF of TLS 1.2, and that of TLS 1.0 and 1.1.

use md5::{Digest, Md5};
use ring::hmac;

use super::secret::Secret;
use super::suite::Hash;

/// The HMAC of a hash.
pub(super) fn algorithm(hash: Hash) -> hmac::Algorithm {
    match hash {
        Hash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Hash::Sha256 => hmac::HMAC_SHA256,
        Hash::Sha384 => hmac::HMAC_SHA384,
    }
}

/// HKDF-Expand-Label with an empty context (RFC 8446, section 7.1; RFC 5869, section 2.3).
pub(crate) fn expand_label(hash: Hash, secret: &[u8], label: &str, len: usize) -> Secret {
    let key = hmac::Key::new(algorithm(hash), secret);
    let mut out = Secret::zero(len);
    // Both lengths are those of constants here: at most 64 and 18.
    let length = u16::try_from(len).unwrap_or(0).to_be_bytes();
    let label_len = u8::try_from(LABEL.len() + label.len()).unwrap_or(0);
    let mut before: Option<hmac::Tag> = None;
    for (block, counter) in out.as_mut().chunks_mut(hash.len()).zip(1u8..) {
        let mut mac = hmac::Context::with_key(&key);
        if let Some(tag) = &before {
            mac.update(tag.as_ref());
        }
        mac.update(&length);
        mac.update(&[label_len]);
        mac.update(LABEL);
        mac.update(label.as_bytes());
        mac.update(&[0, counter]);
        let tag = mac.sign();
        copy(tag.as_ref(), block);
        before = Some(tag);
    }
    out
}

const LABEL: &[u8] = b"tls13 ";

/// The traffic secret after a key update (RFC 8446, section 7.2).
pub(super) fn updated(hash: Hash, secret: &Secret) -> Secret {
    expand_label(hash, secret.as_ref(), "traffic upd", hash.len())
}

/// Which pseudo-random function a version before 1.3 has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prf {
    /// TLS 1.0 and 1.1: MD5 and SHA-1, each on half of the secret (RFC 2246, section 5).
    Md5Sha1,
    /// TLS 1.2 (RFC 5246, section 5).
    Of(Hash),
}

/// The PRF over `label` and `seed`, which fills `out`.
pub(super) fn prf(prf: Prf, secret: &[u8], label: &str, seed: &[u8], out: &mut [u8]) {
    let seed = [label.as_bytes(), seed].concat();
    match prf {
        Prf::Of(hash) => {
            let key = hmac::Key::new(algorithm(hash), secret);
            p_hash(&seed, out, |parts| sign(&key, parts));
        }
        Prf::Md5Sha1 => {
            let half = secret.len().div_ceil(2);
            let md5 = secret.get(..half).unwrap_or_default();
            let sha1 = secret.get(secret.len() - half..).unwrap_or_default();
            let key = hmac::Key::new(algorithm(Hash::Sha1), sha1);
            p_hash(&seed, out, |parts| hmac_md5(md5, parts));
            p_hash(&seed, out, |parts| sign(&key, parts));
        }
    }
}

/// P_hash (RFC 5246, section 5), added to `out` by exclusive or.
fn p_hash<T: AsRef<[u8]>>(seed: &[u8], out: &mut [u8], sign: impl Fn(&[&[u8]]) -> T) {
    let mut a = sign(&[seed]);
    let mut rest = out;
    while !rest.is_empty() {
        let block = sign(&[a.as_ref(), seed]);
        let (now, later) = rest.split_at_mut(rest.len().min(block.as_ref().len()));
        for (byte, key) in now.iter_mut().zip(block.as_ref()) {
            *byte ^= key;
        }
        rest = later;
        a = sign(&[a.as_ref()]);
    }
}

fn sign(key: &hmac::Key, parts: &[&[u8]]) -> hmac::Tag {
    let mut mac = hmac::Context::with_key(key);
    for part in parts {
        mac.update(part);
    }
    mac.sign()
}

/// HMAC (RFC 2104) with MD5, for keys of at most a block: half of a master secret has 24 bytes.
fn hmac_md5(key: &[u8], parts: &[&[u8]]) -> [u8; 16] {
    let (mut inner, mut outer) = ([0x36; 64], [0x5c; 64]);
    for ((inner, outer), byte) in inner.iter_mut().zip(&mut outer).zip(key) {
        *inner ^= byte;
        *outer ^= byte;
    }
    let mut hash = Md5::new();
    hash.update(inner);
    for part in parts {
        hash.update(part);
    }
    let inside = hash.finalize();
    let mut hash = Md5::new();
    hash.update(outer);
    hash.update(inside);
    hash.finalize().into()
}

/// As much of `from` as there is place for.
pub(super) fn copy(from: &[u8], to: &mut [u8]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::unhex;
    use super::*;

    #[test]
    fn keys_are_those_of_rfc_8448_section_3() {
        let secret = unhex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
        let key = expand_label(Hash::Sha256, &secret, "key", 16);
        let iv = expand_label(Hash::Sha256, &secret, "iv", 12);
        assert_eq!(key.as_ref(), unhex("3fce516009c21727d0f2e4e86ee403bc"));
        assert_eq!(iv.as_ref(), unhex("5d313eb2671276ee13000b30"));
    }

    #[test]
    fn hmac_md5_is_that_of_rfc_2202_section_2() {
        assert_eq!(
            hmac_md5(&[0x0b; 16], &[b"Hi ", b"There"]).as_slice(),
            unhex("9294727a3638bb1c13f48ef8158bfc9d")
        );
    }

    #[test]
    fn the_prf_is_that_of_the_published_test_vectors() {
        // "Test vectors for TLS 1.2 PRF", mail to the TLS working group of 2009-02-20, P_SHA256.
        let (secret, seed) =
            (unhex("9bbe436ba940f017b17652849a71db35"), unhex("a0ba9f936cda311827a6f796ffd5198c"));
        let mut out = [0; 100];
        prf(Prf::Of(Hash::Sha256), &secret, "test label", &seed, &mut out);
        let start = unhex("e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a");
        assert_eq!(out[..32], start);
        assert_eq!(out[95..], unhex("0187347b66"));
    }
}
