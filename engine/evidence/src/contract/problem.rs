//! What can be wrong with an evidence receipt and its place in the chain.

use super::canonical::CanonicalError;

/// One thing that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceProblem {
    /// There is nothing that could have been signed.
    #[error("no canonical form: {0}")]
    Canonical(CanonicalError),
    /// A detail that is no object.
    #[error("the receipt is no object")]
    NotAnObject,
    /// A member is absent.
    #[error("`{member}` is missing")]
    Missing {
        /// Which.
        member: &'static str,
    },
    /// A member of the wrong type, form or value, or an empty one.
    #[error("`{member}` has the wrong type or value, or is empty")]
    Form {
        /// Which.
        member: &'static str,
    },
    /// A member that does not belong here, or that Go would take for another one.
    #[error("a member that does not belong at byte {offset}")]
    Stray {
        /// The key's first byte in the detail.
        offset: usize,
    },
    /// A payload kind that is not known.
    #[error("a payload kind that is not known")]
    UnknownKind,
    /// The key's purpose is not the one that must sign this kind.
    #[error("this kind must be signed for `{wanted}`")]
    Purpose {
        /// The purpose that must sign it.
        wanted: &'static str,
    },
    /// The signature does not hold under the key that its signer id names.
    #[error("the signature does not hold")]
    SignatureWrong,
    /// Common verifiers take the signature, a strict one does not.
    #[error("a signature that no honest signer makes")]
    LenientOnly,
    /// The receipt stands at another position than it says.
    #[error("`chain_seq` is {found}, not {wanted}")]
    Seq {
        /// By its position.
        wanted: u64,
        /// What it says.
        found: u64,
    },
    /// The first receipt does not start a chain.
    #[error("the first receipt does not follow `genesis`")]
    NotGenesis,
    /// The receipt does not follow the one before it.
    #[error("`chain_prev_hash` is not the hash of the receipt before")]
    Link,
    /// Another signer id than that of the receipts before.
    #[error("the signer id changes within the chain")]
    SignerChanged,
    /// One signer id, and another trusted key than before.
    #[error("the key behind the signer id changes within the chain")]
    KeyChanged,
}
