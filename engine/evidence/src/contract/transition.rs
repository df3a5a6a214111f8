//! Root transitions: an old root key hands over to a new one, and both sign.
//!
//! Left out: the moment from which it counts against a clock; `effective_at` is given, and the caller has the time.

use coldcase_model::json::Tape;

use super::canonical::whole;
use super::document::{Document, DocumentError, filled, signature, text, time};
use super::fingerprint::Fingerprint;
use crate::{PublicKey, SignatureCheck};

/// A hand-over that both keys signed, from the root that the operator pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RootTransition {
    /// Which root changes.
    pub root_kind: String,
    /// The pin that ends.
    pub old: Fingerprint,
    /// The pin from then on.
    pub new: Fingerprint,
    /// From when, in the writer's spelling.
    pub effective_at: String,
    /// Why.
    pub reason: String,
}

/// Why a hand-over does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransitionError {
    /// It is no such file.
    #[error("no root transition or recovery authorisation")]
    Document(#[from] DocumentError),
    /// The old root is not the pinned one.
    #[error("the old root is not the pinned one")]
    NotPinned,
    /// The key given is not the one that the file names.
    #[error("the {0} root key is not the one that the file names")]
    OtherKey(&'static str),
    /// The old and the new root are one.
    #[error("the old and the new root are the same key")]
    SameKey,
    /// A signature does not hold strictly.
    #[error("`{0}` does not hold")]
    SignatureWrong(&'static str),
}

/// Chosen, as for chain links.
pub(super) const MOST_BYTES: usize = 64 << 10;

impl RootTransition {
    /// Reads a hand-over, and checks both signatures.
    pub fn verify(
        json: &[u8],
        old: &PublicKey,
        new: &PublicKey,
        pinned: &Fingerprint,
    ) -> Result<Self, TransitionError> {
        let mut tape = Tape::default();
        let file = Document::read(json, &mut tape, MOST_BYTES)?;
        let [body, old_proof, new_proof] = file.unordered(["body", "old_signature", "new_signature"], [])?;
        let old_proof = signature(old_proof, "old_signature")?;
        let new_proof = signature(new_proof, "new_signature")?;
        let message = whole(body).map_err(DocumentError::Canonical)?;
        let names =
            ["schema_version", "root_kind", "old_fingerprint", "new_fingerprint", "effective_at", "reason"];
        let [version, root_kind, old_print, new_print, effective_at, reason] =
            Document::of(body)?.unordered(names, [])?;
        if version.u64() != Some(1) {
            return Err(DocumentError::Unsupported { member: "schema_version" }.into());
        }
        let print =
            |value, member| Fingerprint::parse(&text(value, member)?).ok_or(DocumentError::Form { member });
        let transition = Self {
            root_kind: filled(root_kind, "root_kind")?,
            old: print(old_print, "old_fingerprint")?,
            new: print(new_print, "new_fingerprint")?,
            effective_at: time(effective_at, "effective_at")?.0,
            reason: filled(reason, "reason")?,
        };
        transition.check_keys(old, new, pinned)?;
        if old.check(&message, &old_proof) != SignatureCheck::Good {
            return Err(TransitionError::SignatureWrong("old_signature"));
        }
        if new.check(&message, &new_proof) != SignatureCheck::Good {
            return Err(TransitionError::SignatureWrong("new_signature"));
        }
        Ok(transition)
    }

    fn check_keys(
        &self,
        old: &PublicKey,
        new: &PublicKey,
        pinned: &Fingerprint,
    ) -> Result<(), TransitionError> {
        if self.old != *pinned {
            Err(TransitionError::NotPinned)
        } else if Fingerprint::of(old) != self.old {
            Err(TransitionError::OtherKey("old"))
        } else if Fingerprint::of(new) != self.new {
            Err(TransitionError::OtherKey("new"))
        } else if self.old == self.new {
            Err(TransitionError::SameKey)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
