//! Flight-recorder logs: shards found and joined, every line checked, and what that shows said in four sentences.

mod authority;
mod blocks;
mod breaks;
mod check;
mod checkpoint;
mod defect;
mod fold;
mod lanes;
mod link;
mod name;
mod report;
mod sentences;
mod set;
mod tail;
mod verify;

pub use blocks::OpenShard;
pub use breaks::{Break, BreakReason, Replaced};
pub use name::EvidenceName;
pub use report::{
    AnchorResult, Checkpoints, FirstBad, KeyRange, Remark, SessionReport, Status, Stretch, Torn,
};
pub use set::{EvidenceSet, SessionShards};
pub use verify::{ExpectedHead, LogFiles, VerifyOptions, verify_session};

#[cfg(test)]
mod tests;
