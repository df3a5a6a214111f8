//! The protection of records by one key in one direction: one record in, its content out.
//!
//! Sources: RFC 8446, section 5 (TLS 1.3); RFC 5246, section 6.2.3 (CBC); RFC 5288 (GCM); RFC 6655 (CCM); RFC 7905
//! (ChaCha20); RFC 7366 (encrypt-then-MAC). What leaks through timing does not matter here: the keys are in a file.

use aes::{Aes128, Aes256};
use cbc::cipher::{Block, BlockModeDecrypt, InnerIvInit, KeyInit};
use ccm::Ccm;
use ccm::aead::AeadInOut;
use ccm::consts::{U8, U12, U16};
use ring::{aead, hmac};

use super::record::Record;
use super::schedule::{algorithm, copy, expand_label};
use super::secret::Secret;
use super::suite::{Bulk, Hash, Suite};

/// A key and how it is used.
pub(super) struct Seal {
    cipher: Cipher,
    iv: [u8; 12],
    /// How much of the nonce stands in the record: 8 bytes in TLS 1.2 with GCM and CCM.
    explicit: bool,
    tls13: bool,
}

enum Cipher {
    Ring(Box<aead::LessSafeKey>),
    Ccm128(Box<Ccm<Aes128, U16, U12>>),
    Ccm256(Box<Ccm<Aes256, U16, U12>>),
    Ccm8128(Box<Ccm<Aes128, U8, U12>>),
    Ccm8256(Box<Ccm<Aes256, U8, U12>>),
    Cbc(Box<Cbc>),
}

/// CBC with HMAC.
struct Cbc {
    key: Aes,
    mac: hmac::Key,
    mac_len: usize,
    encrypt_then_mac: bool,
    /// TLS 1.0: the IV is the last block of the record before; later versions have it in the record.
    chained: Option<[u8; 16]>,
}

enum Aes {
    Short(Aes128),
    Long(Aes256),
}

/// The part of the key block of TLS 1.2 and before that is for one direction (RFC 5246, section 6.3).
pub(super) struct Keys<'a> {
    pub(super) mac: &'a [u8],
    pub(super) key: &'a [u8],
    pub(super) iv: &'a [u8],
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(..)")
    }
}

impl Seal {
    /// Of a traffic secret of TLS 1.3 (RFC 8446, section 7.3).
    pub(super) fn tls13(suite: Suite, secret: &Secret) -> Option<Self> {
        let key = expand_label(suite.hash, secret.as_ref(), "key", suite.bulk.key_len());
        let mut iv = [0; 12];
        copy(expand_label(suite.hash, secret.as_ref(), "iv", 12).as_ref(), &mut iv);
        Some(Self { cipher: aead(suite.bulk, key.as_ref())?, iv, explicit: false, tls13: true })
    }

    /// Of a part of the key block of TLS 1.0 to 1.2.
    pub(super) fn tls12(suite: Suite, keys: &Keys<'_>, version: u16, encrypt_then_mac: bool) -> Option<Self> {
        let mut iv = [0; 12];
        let cipher = match suite.bulk {
            Bulk::Aes128Cbc(hash) | Bulk::Aes256Cbc(hash) => {
                let key = match keys.key.len() {
                    16 => Aes::Short(Aes128::new_from_slice(keys.key).ok()?),
                    _ => Aes::Long(Aes256::new_from_slice(keys.key).ok()?),
                };
                let chained = if version <= 0x0301 { Some(keys.iv.try_into().ok()?) } else { None };
                let mac = hmac::Key::new(algorithm(hash), keys.mac);
                Cipher::Cbc(Box::new(Cbc { key, mac, mac_len: hash.len(), encrypt_then_mac, chained }))
            }
            bulk => {
                copy(keys.iv, &mut iv);
                aead(bulk, keys.key)?
            }
        };
        Some(Self { cipher, iv, explicit: suite.bulk.iv_len() == 4, tls13: false })
    }

    /// Decrypts `record` as number `sequence` into `out`, which then holds the content; the type of the content.
    /// `None` if it does not authenticate, and `out` is of no use.
    pub(super) fn open(&self, sequence: u64, record: &Record<'_>, out: &mut Vec<u8>) -> Option<u8> {
        if let Cipher::Cbc(cbc) = &self.cipher {
            return cbc.open(sequence, record, out);
        }
        let mut nonce = self.iv;
        let mut sealed = record.payload;
        if self.explicit {
            let (explicit, rest) = sealed.split_at_checked(8)?;
            copy(explicit, &mut nonce[4..]);
            sealed = rest;
        } else {
            for (byte, number) in nonce[4..].iter_mut().zip(sequence.to_be_bytes()) {
                *byte ^= number;
            }
        }
        out.clear();
        out.extend_from_slice(sealed);
        let len = sealed.len().checked_sub(self.cipher.tag_len())?;
        if self.tls13 {
            self.cipher.open(nonce, &record.header(), out)?;
            out.truncate(len);
            // RFC 8446, section 5.4: zeros of padding after the type of the content.
            let end = out.iter().rposition(|byte| *byte != 0)?;
            let kind = *out.get(end)?;
            out.truncate(end);
            Some(kind)
        } else {
            self.cipher.open(nonce, &associated(sequence, record, len)?, out)?;
            out.truncate(len);
            Some(record.kind)
        }
    }

    /// Takes note of a record that has gone by, whether or not it was opened.
    pub(super) fn pass(&mut self, record: &Record<'_>) {
        if let Cipher::Cbc(cbc) = &mut self.cipher {
            let tag = if cbc.encrypt_then_mac { cbc.mac_len } else { 0 };
            let sealed = record.payload.len().checked_sub(tag).and_then(|len| record.payload.get(..len));
            if let (Some(chained), Some(last)) = (&mut cbc.chained, sealed.and_then(<[u8]>::last_chunk::<16>))
            {
                *chained = *last;
            }
        }
    }
}

fn aead(bulk: Bulk, key: &[u8]) -> Option<Cipher> {
    let ring = |algorithm| {
        let key = aead::UnboundKey::new(algorithm, key).ok()?;
        Some(Cipher::Ring(Box::new(aead::LessSafeKey::new(key))))
    };
    match bulk {
        Bulk::Aes128Gcm => ring(&aead::AES_128_GCM),
        Bulk::Aes256Gcm => ring(&aead::AES_256_GCM),
        Bulk::ChaCha20Poly1305 => ring(&aead::CHACHA20_POLY1305),
        Bulk::Aes128Ccm => Some(Cipher::Ccm128(Box::new(Ccm::new_from_slice(key).ok()?))),
        Bulk::Aes256Ccm => Some(Cipher::Ccm256(Box::new(Ccm::new_from_slice(key).ok()?))),
        Bulk::Aes128Ccm8 => Some(Cipher::Ccm8128(Box::new(Ccm::new_from_slice(key).ok()?))),
        Bulk::Aes256Ccm8 => Some(Cipher::Ccm8256(Box::new(Ccm::new_from_slice(key).ok()?))),
        Bulk::Aes128Cbc(_) | Bulk::Aes256Cbc(_) => None,
    }
}

/// The associated data of an AEAD, or what a MAC covers before the content (RFC 5246, sections 6.2.3.1 and 6.2.3.3).
fn associated(sequence: u64, record: &Record<'_>, len: usize) -> Option<[u8; 13]> {
    let mut bytes = [0; 13];
    copy(&sequence.to_be_bytes(), &mut bytes);
    copy(&record.header(), &mut bytes[8..]);
    copy(&u16::try_from(len).ok()?.to_be_bytes(), &mut bytes[11..]);
    Some(bytes)
}

impl Cipher {
    const fn tag_len(&self) -> usize {
        match self {
            Self::Ccm8128(_) | Self::Ccm8256(_) => 8,
            _ => 16,
        }
    }

    /// Opens content and tag in place; the tag stays at the end.
    fn open(&self, nonce: [u8; 12], associated: &[u8], sealed: &mut [u8]) -> Option<()> {
        match self {
            Self::Ring(key) => {
                let nonce = aead::Nonce::assume_unique_for_key(nonce);
                key.open_in_place(nonce, aead::Aad::from(associated), sealed).ok().map(|_| ())
            }
            Self::Ccm128(key) => detached(key.as_ref(), nonce, associated, sealed, self.tag_len()),
            Self::Ccm256(key) => detached(key.as_ref(), nonce, associated, sealed, self.tag_len()),
            Self::Ccm8128(key) => detached(key.as_ref(), nonce, associated, sealed, self.tag_len()),
            Self::Ccm8256(key) => detached(key.as_ref(), nonce, associated, sealed, self.tag_len()),
            Self::Cbc(_) => None,
        }
    }
}

fn detached<A>(key: &A, nonce: [u8; 12], associated: &[u8], sealed: &mut [u8], tag_len: usize) -> Option<()>
where
    A: AeadInOut + ccm::AeadCore<NonceSize = U12>,
{
    let content = sealed.len().checked_sub(tag_len)?;
    let (content, tag) = sealed.split_at_mut_checked(content)?;
    let tag = ccm::aead::Tag::<A>::try_from(&*tag).ok()?;
    key.decrypt_inout_detached(&nonce.into(), associated, content.into(), &tag).ok()
}

impl Cbc {
    fn open(&self, sequence: u64, record: &Record<'_>, out: &mut Vec<u8>) -> Option<u8> {
        let mut covered = record.payload;
        if self.encrypt_then_mac {
            let (before, tag) = covered.split_at_checked(covered.len().checked_sub(self.mac_len)?)?;
            self.check(sequence, record, before, tag)?;
            covered = before;
        }
        let (iv, sealed) = match self.chained {
            Some(iv) => (iv, covered),
            None => covered.split_first_chunk::<16>().map(|(iv, rest)| (*iv, rest))?,
        };
        out.clear();
        out.extend_from_slice(sealed);
        match &self.key {
            Aes::Short(key) => decrypt(key.clone(), iv, out)?,
            Aes::Long(key) => decrypt(key.clone(), iv, out)?,
        }
        let padding = usize::from(*out.last()?) + 1;
        let content = out.len().checked_sub(padding)?;
        if out.get(content..)?.iter().any(|byte| usize::from(*byte) + 1 != padding) {
            return None;
        }
        out.truncate(content);
        if !self.encrypt_then_mac {
            let (before, tag) = out.split_at_checked(content.checked_sub(self.mac_len)?)?;
            self.check(sequence, record, before, tag)?;
            let len = before.len();
            out.truncate(len);
        }
        Some(record.kind)
    }

    fn check(&self, sequence: u64, record: &Record<'_>, covered: &[u8], tag: &[u8]) -> Option<()> {
        let mut mac = hmac::Context::with_key(&self.mac);
        mac.update(&associated(sequence, record, covered.len())?);
        mac.update(covered);
        (mac.sign().as_ref() == tag).then_some(())
    }
}

fn decrypt<C>(key: C, iv: [u8; 16], bytes: &mut [u8]) -> Option<()>
where
    C: cbc::cipher::BlockCipherDecrypt + cbc::cipher::BlockSizeUser<BlockSize = U16>,
{
    let (blocks, rest) = Block::<C>::slice_as_chunks_mut(bytes);
    if blocks.is_empty() || !rest.is_empty() {
        return None;
    }
    cbc::Decryptor::inner_iv_slice_init(key, &iv).ok()?.decrypt_blocks(blocks);
    Some(())
}

/// The hash that a suite of TLS 1.3 has for a secret of this length; secrets are as long as the hash.
pub(super) fn fits(suite: Suite, secret: &Secret) -> bool {
    secret.as_ref().len() == suite.hash.len() && suite.hash != Hash::Sha1
}
