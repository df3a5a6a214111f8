//! Under which key a receipt must be signed: its signer id by a roster, or the trusted keys in turn.

use super::kind::Purpose;
use super::roster::KeyRoster;
use crate::spelling::Stamp;
use crate::{KeyRing, SignatureCheck, Signed};

/// What can give a key for a signer id.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Signers<'a> {
    /// Trusted keys; none of them says which signer id is its own.
    Ring(&'a KeyRing),
    /// A verified roster.
    Roster(&'a KeyRoster),
}

/// What a receipt's signature is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attestation {
    /// It holds under a trusted key of these bytes.
    Good([u8; 32]),
    /// Only lenient verifiers take it, under the trusted key of these bytes.
    LenientOnly([u8; 32]),
    /// It does not hold under the key that the roster names.
    Wrong,
    /// None of the trusted keys made it: altered, or another's.
    Nobody,
    /// Nothing was verified: there is no key.
    NotVerified(NoKey),
    /// The receipt is too far from one for its signature to be looked at.
    Unread,
}

/// Why there is no key for a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoKey {
    /// The caller trusts none.
    #[error("no key was given, and receipts of this kind carry none")]
    NoneGiven,
    /// The roster does not know the signer id.
    #[error("the roster does not name this signer")]
    UnknownId,
    /// The roster's key is not active.
    #[error("the signer's key is revoked, or is a root")]
    NotActive,
    /// The key is for something else.
    #[error("the signer's key is for another purpose")]
    OtherPurpose,
    /// The receipt's time lies outside the key's validity.
    #[error("the signer's key was not valid at the time of the receipt")]
    OutsideWindow,
}

impl Signers<'_> {
    /// What a signature is worth.
    pub(super) fn attest(
        self,
        signer: &str,
        purpose: Purpose,
        at: Stamp,
        message: &[u8],
        signature: &[u8; 64],
    ) -> Attestation {
        match self {
            Self::Ring(ring) if ring.is_empty() => Attestation::NotVerified(NoKey::NoneGiven),
            Self::Ring(ring) => {
                let bytes = |index| ring.key(index).map_or([0; 32], crate::PublicKey::to_bytes);
                match ring.who_signed(message, signature) {
                    Signed::By(index) => Attestation::Good(bytes(index)),
                    Signed::LenientOnly(index) => Attestation::LenientOnly(bytes(index)),
                    Signed::Nobody => Attestation::Nobody,
                }
            }
            Self::Roster(roster) => match roster.resolve(signer, purpose, at) {
                Err(reason) => Attestation::NotVerified(reason),
                Ok(key) => match key.check(message, signature) {
                    SignatureCheck::Good => Attestation::Good(key.to_bytes()),
                    SignatureCheck::LenientOnly => Attestation::LenientOnly(key.to_bytes()),
                    SignatureCheck::Bad => Attestation::Wrong,
                },
            },
        }
    }
}
