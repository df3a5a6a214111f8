//! Sealing: what is kept of inputs holds names and short values of the traffic as they are, so it lies on the disk encrypted, and
//! whoever writes to the folder can take it away and not change it.
//!
//! AES-256-GCM (NIST SP 800-38D), each record under a key of its own that is made from the cache's key and the record's name, with
//! a random nonce before it and its tag behind. A record under another name does not open. Left out: that a record is there at
//! all, how long it is, and when it was written.

use anyhow::anyhow;
use coldcase_engine::MacKey;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::random;

/// Keeps these keys apart from any other use of the cache's key.
const PURPOSE: &str = "coldcase.cache.seal/1";

const KEY_PURPOSE: &str = "coldcase.cache.key/1";
pub(super) const KEY_ID: usize = 16;

/// Seals and opens records.
#[derive(Debug, Clone)]
pub(super) struct Seal(MacKey);

impl Seal {
    pub(super) fn new(key: MacKey) -> Self {
        Self(key)
    }

    /// What tells the shelves of this key from those of another; it gives nothing of the key away.
    pub(super) fn id(&self) -> [u8; KEY_ID] {
        self.0.mac(KEY_PURPOSE, &[]).first_chunk().copied().unwrap_or_default()
    }

    /// The record that holds these bytes under this name.
    pub(super) fn seal(&self, name: &[&[u8]], bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
        let nonce: [u8; NONCE_LEN] = random::bytes()?;
        let (key, names) = self.named(name)?;
        let mut record = Vec::with_capacity(NONCE_LEN + bytes.len() + key.algorithm().tag_len());
        record.extend_from_slice(&nonce);
        record.extend_from_slice(bytes);
        let (_, sealed) = record.split_at_mut(NONCE_LEN);
        let tag = key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(names), sealed)
            .map_err(|_| anyhow!("too long to be sealed"))?;
        record.extend_from_slice(tag.as_ref());
        Ok(record)
    }

    /// What a record of this name holds; `None` if it is not as this key's owner left it.
    pub(super) fn open(&self, name: &[&[u8]], mut record: Vec<u8>) -> Option<Vec<u8>> {
        let nonce = Nonce::assume_unique_for_key(*record.first_chunk()?);
        let (key, names) = self.named(name).ok()?;
        let len = key.open_within(nonce, Aad::from(names), &mut record, NONCE_LEN..).ok()?.len();
        record.truncate(len);
        Some(record)
    }

    /// The key of a name, and the name as one byte string.
    fn named(&self, name: &[&[u8]]) -> anyhow::Result<(LessSafeKey, Vec<u8>)> {
        let key = UnboundKey::new(&AES_256_GCM, &self.0.mac(PURPOSE, name));
        let key = key.map_err(|_| anyhow!("no key can be made"))?;
        let lengths = name.iter().flat_map(|part| (part.len() as u64).to_le_bytes());
        Ok((LessSafeKey::new(key), lengths.chain(name.concat()).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_opens_under_its_name_and_key_alone_and_whole() {
        let seal = Seal::new(MacKey::new([7; 32]));
        let record = seal.seal(&[b"ab", b"c"], b"a value").unwrap();
        assert!(!record.windows(5).any(|five| five == b"value"), "it is not to be read");
        assert_ne!(record, seal.seal(&[b"ab", b"c"], b"a value").unwrap());
        assert_eq!(seal.open(&[b"ab", b"c"], record.clone()).as_deref(), Some(&b"a value"[..]));
        for name in [&[&b"a"[..], b"bc"][..], &[b"abc"], &[b"ab", b"d"], &[]] {
            assert_eq!(seal.open(name, record.clone()), None, "{name:?}");
        }
        assert_eq!(Seal::new(MacKey::new([8; 32])).open(&[b"ab", b"c"], record.clone()), None);
        for at in 0..record.len() {
            let mut other = record.clone();
            other[at] ^= 1;
            assert_eq!(seal.open(&[b"ab", b"c"], other), None, "byte {at}");
            assert_eq!(seal.open(&[b"ab", b"c"], record[..at].to_vec()), None, "cut at {at}");
        }
    }
}
