//! Evidence receipts, version 2, and the rosters of keys that they are signed under.

mod canonical;
mod chain;
mod document;
mod envelope;
mod fingerprint;
mod form;
mod kind;
mod problem;
mod recovery;
mod roster;
#[cfg(test)]
pub(crate) mod samples;
mod signers;
mod transition;

pub use canonical::{CanonicalError, canonical_form};
pub(crate) use chain::Chain;
pub use chain::{EvidenceBreak, EvidenceChain, EvidenceStatus};
pub use document::DocumentError;
pub(crate) use document::{Document, key, number, signature, text};
pub(crate) use envelope::{Seen, read};
pub use fingerprint::Fingerprint;
pub use kind::Purpose;
pub use problem::EvidenceProblem;
pub use recovery::RecoveryAuthorisation;
pub use roster::{KeyRoster, KeyStatus, RosterError, RosterKey};
pub(crate) use signers::Signers;
pub use signers::{Attestation, NoKey};
pub use transition::{RootTransition, TransitionError};
