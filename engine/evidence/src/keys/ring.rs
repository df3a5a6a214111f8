//! The keys that a caller trusts.

use super::{PublicKey, SignatureCheck};

/// Trusted keys, in the order in which they were given.
#[derive(Debug, Clone, Default)]
pub struct KeyRing(Vec<PublicKey>);

/// Which key of a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyIndex(pub usize);

/// Who signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// This trusted key.
    By(KeyIndex),
    /// A signature that only lenient verifiers take under this trusted key.
    LenientOnly(KeyIndex),
    /// None of the trusted keys.
    Nobody,
}

impl KeyRing {
    /// A ring of these keys; a key given twice counts once.
    pub fn new(keys: impl IntoIterator<Item = PublicKey>) -> Self {
        let mut ring = Vec::new();
        for key in keys {
            if !ring.contains(&key) {
                ring.push(key);
            }
        }
        Self(ring)
    }

    /// Whether no key is trusted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys.
    pub fn keys(&self) -> &[PublicKey] {
        &self.0
    }

    /// A key by its index.
    pub fn key(&self, index: KeyIndex) -> Option<&PublicKey> {
        self.0.get(index.0)
    }

    /// The index of a key by its bytes.
    pub fn find(&self, bytes: &[u8; 32]) -> Option<KeyIndex> {
        self.0.iter().position(|key| key.to_bytes() == *bytes).map(KeyIndex)
    }

    /// Who of the ring signed these bytes.
    pub fn who_signed(&self, message: &[u8], signature: &[u8; 64]) -> Signed {
        let mut lenient = None;
        for (index, key) in self.0.iter().enumerate() {
            match key.check(message, signature) {
                SignatureCheck::Good => return Signed::By(KeyIndex(index)),
                SignatureCheck::LenientOnly => lenient = lenient.or(Some(KeyIndex(index))),
                SignatureCheck::Bad => {}
            }
        }
        lenient.map_or(Signed::Nobody, Signed::LenientOnly)
    }
}

#[cfg(test)]
mod tests;
