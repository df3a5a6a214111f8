//! Recovery authorisations: the recovery root allows a roster to be replaced.
//!
//! Left out: what `target_roster_hash` is the hash of, which the format's description does not say.

use coldcase_model::json::Tape;

use super::canonical::whole;
use super::document::{Document, DocumentError, filled, signature, time};
use super::transition::{MOST_BYTES, TransitionError};
use crate::spelling::{Stamp, stamp};
use crate::{PublicKey, SignatureCheck};

/// An authorisation that the recovery root signed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecoveryAuthorisation {
    /// Why.
    pub reason: String,
    /// The roster that it is for, as written.
    pub target_roster_hash: String,
    /// Who asked for it.
    pub operator_identity: String,
    /// From when it counts, in the writer's spelling.
    pub issued_at: String,
    /// Until when it counts.
    pub expires_at: String,
    window: (Stamp, Stamp),
}

impl RecoveryAuthorisation {
    /// Reads an authorisation, and checks its signature under the recovery root that the caller trusts.
    pub fn verify(json: &[u8], recovery_root: &PublicKey) -> Result<Self, TransitionError> {
        let mut tape = Tape::default();
        let file = Document::read(json, &mut tape, MOST_BYTES)?;
        let [body, proof] = file.unordered(["body", "signature"], [])?;
        let proof = signature(proof, "signature")?;
        let message = whole(body).map_err(DocumentError::Canonical)?;
        let names = [
            "schema_version",
            "reason",
            "expires_at",
            "target_roster_hash",
            "operator_identity",
            "issued_at",
        ];
        let [version, reason, expires_at, target, operator, issued_at] =
            Document::of(body)?.unordered(names, [])?;
        if version.u64() != Some(1) {
            return Err(DocumentError::Unsupported { member: "schema_version" }.into());
        }
        let (issued_at, from) = time(issued_at, "issued_at")?;
        let (expires_at, until) = time(expires_at, "expires_at")?;
        if recovery_root.check(&message, &proof) != SignatureCheck::Good {
            return Err(TransitionError::SignatureWrong("signature"));
        }
        Ok(Self {
            reason: filled(reason, "reason")?,
            target_roster_hash: filled(target, "target_roster_hash")?,
            operator_identity: filled(operator, "operator_identity")?,
            issued_at,
            expires_at,
            window: (from, until),
        })
    }

    /// Whether it counted at a time in the writer's spelling; none if the time is spelled otherwise.
    pub fn counts_at(&self, time: &str) -> Option<bool> {
        let at = stamp(time.as_bytes())?;
        Some(self.window.0 <= at && at <= self.window.1)
    }
}
