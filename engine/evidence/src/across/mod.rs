//! What ties runs together: chain links, recovery seals, groups of receipts.

mod claim;
mod fork;
mod group;
mod link;
mod message;
mod seal;

pub use claim::{Claim, claimed_predecessor};
pub use fork::{Fork, forks};
pub use group::{GroupManifest, GroupSignature, GroupStage};
pub use link::{ChainLink, LinkFacts, LinkProblem};
pub use seal::{RecoverySeal, SealFacts, SealPart, SealProblem};
