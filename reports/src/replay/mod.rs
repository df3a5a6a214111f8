//! The report of a replay: what changed from baseline to candidate, as a table, JSON Lines, a page, JUnit and words.
//!
//! It counts and lays out; what changed and why is decided in the engine.

mod junit;
mod lines;
mod page;
mod sums;
mod text;
mod writer;

pub use junit::replay_junit;
pub use lines::replay_json;
pub use sums::{FindingSums, Gate, ReplaySummary, RuleSum, SessionPeak};
pub use text::replay_text;
pub use writer::{ReplayWriter, RulesetPair};
