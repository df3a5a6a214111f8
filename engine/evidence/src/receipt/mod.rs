//! Action receipts, version 1: each signed by itself, chained to one another.
//!
//! Left out: receipts of version 2, which `contract` reads, and the links between runs, which `across` follows.

mod chain;
mod decision;
mod endorsement;
mod genesis;
mod problem;
mod read;
mod rebuild;
mod redacted;
mod result;
mod runs;
mod schema;
mod seal;
mod seen;
mod trust;
mod walk;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use chain::Chain;
pub(crate) use decision::{Decision, check_decision};
pub use endorsement::{Endorsement, EndorsementError};
pub use problem::{ChainFault, ReceiptProblem};
pub(crate) use read::{Outer, ReceiptReader};
pub(crate) use redacted::is_redacted;
pub use result::{
    Contradiction, ReceiptBreak, ReceiptReason, ReceiptRemark, ReceiptRemarkKind, ReceiptStatus, Receipts,
    SealFault, Segment, SegmentTrust, TranscriptSeal,
};
pub(crate) use seen::Seen;
