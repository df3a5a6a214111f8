//! A key that many signatures in a row are checked under.
//!
//! Most of a check is the multiplication of the key's point. Multiples that are computed once take half of that off, and
//! cost as much as some sixty checks. Only the answer "good" is found this way, and only where the library's strict check
//! would find the same: anything else is left to it.

use std::fmt;

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsBasepointTable};
use curve25519_dalek::traits::BasepointTable;
use curve25519_dalek::{EdwardsPoint, Scalar};
use sha2::{Digest, Sha512};

use super::{PublicKey, SignatureCheck};

/// After so many checks more are likely to come than the multiples cost.
const CHECKS_BEFORE: u32 = 64;

/// A key and, once it was used often, multiples of its point.
pub(crate) struct RepeatedKey {
    key: PublicKey,
    checks: u32,
    /// Multiples of the negated point.
    multiples: Option<Box<EdwardsBasepointTable>>,
}

impl RepeatedKey {
    pub(crate) fn new(key: PublicKey) -> Self {
        Self { key, checks: 0, multiples: None }
    }

    /// What a signature over these bytes is worth: what [`PublicKey::check`] says, sooner.
    pub(crate) fn check(&mut self, message: &[u8], signature: &[u8; 64]) -> SignatureCheck {
        self.checks = self.checks.saturating_add(1);
        if self.checks == CHECKS_BEFORE {
            let point = CompressedEdwardsY(self.key.to_bytes()).decompress();
            self.multiples = point.map(|point| Box::new(EdwardsBasepointTable::create(&-point)));
        }
        if self.is_good(message, signature) == Some(true) {
            return SignatureCheck::Good;
        }
        self.key.check(message, signature)
    }

    /// Whether R is sB - kA, neither R nor A of small order, s below the order of B.
    ///
    /// Source: RFC 8032, section 5.1.7; A is not weak, or it would be no [`PublicKey`].
    fn is_good(&self, message: &[u8], signature: &[u8; 64]) -> Option<bool> {
        let multiples = self.multiples.as_ref()?;
        let (stated, s) = signature.split_first_chunk::<32>()?;
        let s = Option::<Scalar>::from(Scalar::from_canonical_bytes(s.try_into().ok()?))?;
        let hash = Sha512::new().chain_update(stated).chain_update(self.key.to_bytes()).chain_update(message);
        let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
        let point = EdwardsPoint::mul_base(&s) + multiples.mul_base(&k);
        Some(point.compress().as_bytes() == stated && !point.is_small_order())
    }
}

impl fmt::Debug for RepeatedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RepeatedKey").field("key", &self.key).finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(super) mod tests;
