//! A file in the format of `age`: a key of its own, wrapped for each recipient, and the content in chunks under it.
//!
//! A file is made whole. One that grows would end in the middle of a chunk, which `age` refuses to decrypt.

use anyhow::anyhow;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use ring::hmac;
use ring::rand::SystemRandom;

use super::Recipient;
use crate::random;

const VERSION: &str = "age-encryption.org/v1";
/// Source: age-encryption.org/v1, "Payload".
const CHUNK: usize = 64 << 10;
const TAG: usize = 16;

/// Encrypts a text to all of these.
pub(crate) fn seal(text: &[u8], to: &[Recipient]) -> anyhow::Result<Vec<u8>> {
    let key: [u8; 16] = random::bytes()?;
    let mut file = format!("{VERSION}\n").into_bytes();
    for recipient in to {
        wrap(&mut file, &key, recipient)?;
    }
    file.extend_from_slice(b"---");
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &derived(&[], &key, b"header")?), &file);
    file.extend_from_slice(format!(" {}\n", STANDARD_NO_PAD.encode(mac)).as_bytes());
    let nonce: [u8; 16] = random::bytes()?;
    file.extend_from_slice(&nonce);
    let key = cipher(&derived(&nonce, &key, b"payload")?)?;
    file.reserve(text.len() + (text.len() / CHUNK + 1) * TAG);
    let chunks = text.len().div_ceil(CHUNK).max(1);
    for number in 0..chunks {
        let rest = text.get(number * CHUNK..).unwrap_or_default();
        let chunk = rest.get(..CHUNK).unwrap_or(rest);
        // A counter of eleven bytes, and whether it is the last.
        let mut nonce = [0; 12];
        nonce[3..11].copy_from_slice(&(number as u64).to_be_bytes());
        nonce[11] = u8::from(number + 1 == chunks);
        encrypt(&mut file, &key, nonce, chunk)?;
    }
    Ok(file)
}

/// The key of a file, for one recipient (age-encryption.org/v1, "The X25519 recipient type").
fn wrap(file: &mut Vec<u8>, key: &[u8; 16], to: &Recipient) -> anyhow::Result<()> {
    let own = EphemeralPrivateKey::generate(&X25519, &SystemRandom::new()).map_err(failed)?;
    let share = own.compute_public_key().map_err(failed)?;
    let salt = [share.as_ref(), &to.0].concat();
    // A key for which every secret is the same is refused here.
    let wrapping = agree_ephemeral(own, &UnparsedPublicKey::new(&X25519, &to.0), |secret| {
        derived(&salt, secret, b"age-encryption.org/v1/X25519")
    });
    let wrapping = cipher(&wrapping.map_err(failed)??)?;
    let mut wrapped = Vec::with_capacity(key.len() + TAG);
    // Each of these keys encrypts once.
    encrypt(&mut wrapped, &wrapping, [0; 12], key)?;
    let (share, wrapped) = (STANDARD_NO_PAD.encode(share), STANDARD_NO_PAD.encode(wrapped));
    file.extend_from_slice(format!("-> X25519 {share}\n{wrapped}\n").as_bytes());
    Ok(())
}

/// The length of a key.
struct Bytes32;

impl KeyType for Bytes32 {
    fn len(&self) -> usize {
        32
    }
}

fn derived(salt: &[u8], secret: &[u8], info: &[u8]) -> anyhow::Result<[u8; 32]> {
    let mut key = [0; 32];
    let extracted = Salt::new(HKDF_SHA256, salt).extract(secret);
    extracted.expand(&[info], Bytes32).and_then(|out| out.fill(&mut key)).map_err(failed)?;
    Ok(key)
}

fn cipher(key: &[u8; 32]) -> anyhow::Result<LessSafeKey> {
    Ok(LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).map_err(failed)?))
}

fn encrypt(out: &mut Vec<u8>, key: &LessSafeKey, nonce: [u8; 12], text: &[u8]) -> anyhow::Result<()> {
    let start = out.len();
    out.extend_from_slice(text);
    let place = out.get_mut(start..).unwrap_or_default();
    let nonce = Nonce::assume_unique_for_key(nonce);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::empty(), place).map_err(failed)?;
    out.extend_from_slice(tag.as_ref());
    Ok(())
}

fn failed(_: ring::error::Unspecified) -> anyhow::Error {
    anyhow!("cannot encrypt to the public keys that were given")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decrypts by the book, once: the key is used up.
    fn open(file: &[u8], own: EphemeralPrivateKey) -> Vec<u8> {
        let public = own.compute_public_key().unwrap();
        let at = file.windows(5).position(|window| window == b"\n--- ").unwrap();
        let head = std::str::from_utf8(&file[..=at]).unwrap();
        let mac = STANDARD_NO_PAD.decode(&file[at + 5..at + 48]).unwrap();
        let lines: Vec<&str> = head.lines().collect();
        assert_eq!(lines[0], "age-encryption.org/v1");
        let share = STANDARD_NO_PAD.decode(lines[1].strip_prefix("-> X25519 ").unwrap()).unwrap();
        let salt = [share.as_slice(), public.as_ref()].concat();
        let wrapping = agree_ephemeral(own, &UnparsedPublicKey::new(&X25519, &share), |secret| {
            derived(&salt, secret, b"age-encryption.org/v1/X25519").unwrap()
        });
        let mut key = STANDARD_NO_PAD.decode(lines[2]).unwrap();
        let zero = Nonce::assume_unique_for_key([0; 12]);
        let key = cipher(&wrapping.unwrap()).unwrap().open_in_place(zero, Aad::empty(), &mut key).unwrap();
        let check = hmac::Key::new(hmac::HMAC_SHA256, &derived(&[], key, b"header").unwrap());
        hmac::verify(&check, &file[..at + 4], &mac).unwrap();
        let (nonce, chunks) = file[at + 49..].split_at(16);
        let payload = cipher(&derived(nonce, key, b"payload").unwrap()).unwrap();
        let mut text = Vec::new();
        let count = chunks.chunks(CHUNK + TAG).count();
        for (number, chunk) in chunks.chunks(CHUNK + TAG).enumerate() {
            let mut nonce = [0; 12];
            nonce[10] = u8::try_from(number).unwrap();
            nonce[11] = u8::from(number + 1 == count);
            let mut chunk = chunk.to_vec();
            let nonce = Nonce::assume_unique_for_key(nonce);
            text.extend_from_slice(payload.open_in_place(nonce, Aad::empty(), &mut chunk).unwrap());
        }
        text
    }

    #[test]
    fn who_has_the_key_reads_what_was_written() {
        for len in [0, 1, 2000, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7] {
            let text: Vec<u8> = (0..len).map(|at| u8::try_from(at % 251).unwrap()).collect();
            let own = EphemeralPrivateKey::generate(&X25519, &SystemRandom::new()).unwrap();
            let public = own.compute_public_key().unwrap();
            let to = Recipient(public.as_ref().try_into().unwrap());
            let file = seal(&text, &[to.clone(), Recipient([9; 32])]).unwrap();
            assert!(file.len() > text.len());
            assert_eq!(open(&file, own), text, "{len}");
            assert_ne!(seal(&text, &[to]).unwrap(), file);
        }
    }

    #[test]
    fn a_key_that_gives_no_secret_is_refused() {
        assert!(seal(b"x", &[Recipient([0; 32])]).is_err());
    }
}
