//! Flight-recorder logs: shards found and joined, every line checked, and what that shows said in four sentences.

mod authority;
mod blocks;
mod breaks;
mod check;
mod checkpoint;
mod defect;
mod details;
mod fold;
mod heads;
mod lanes;
mod lines;
mod link;
mod memory;
mod name;
mod names;
mod options;
mod outcome;
mod receipt_file;
mod report;
mod sentences;
mod set;
mod tail;
mod verify;

pub use blocks::OpenShard;
pub use breaks::{Break, BreakReason, Replaced};
pub use defect::ReplacedBudget;
pub use details::Decisions;
pub(crate) use lines::{Met, each_line};
pub use memory::MemoryFiles;
pub use name::EvidenceName;
pub use names::NameList;
pub use options::{ExpectedHead, VerifyOptions};
pub use receipt_file::verify_receipts;
pub use report::{
    AnchorResult, Checkpoints, EvidenceReceipts, FirstBad, KeyRange, NotFollowed, Remark, SessionReport,
    Status, Stretch, Torn,
};
pub(crate) use sentences::complete_report;
pub use set::{EvidenceSet, SessionShards};
pub use verify::{LogFiles, verify_session};

#[cfg(test)]
pub(crate) mod held;
#[cfg(test)]
mod tests;
