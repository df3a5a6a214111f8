//! Rows to files: Parquet tables, JSON Lines, the HTML report, the manifest, and a summary for the terminal.
//!
//! [`ReportWriter`] takes judged events, anomalies and inputs in input order and writes a folder. It never judges,
//! and it never sees the text of an event: what it writes of an input is an [`Excerpt`], which is redacted.
//!
//! ```no_run
//! # use std::path::Path;
//! # use coldcase_model::{Digest, InputFacts, Judged, RunFacts};
//! # use coldcase_reports::{ReportError, ReportWriter, summary_text};
//! # fn all(dir: &Path, run: RunFacts, events: &[Judged], input: &InputFacts) -> Result<String, ReportError> {
//! let mut report = ReportWriter::create(dir, run)?;
//! for judged in events {
//!     report.event(judged)?;
//! }
//! report.input(input)?;
//! let summary = report.finish(&[("policy.yaml".to_owned(), Digest::default(), 0)])?;
//! Ok(summary_text(&summary))
//! # }
//! ```
//!
//! # Invariants
//! - No clock, no environment, no threads, no hash order: the same calls give byte-identical files.
//! - Memory is bounded however long the run.
//! - A run in which nothing was read is never called clean.
//!
//! [`Excerpt`]: coldcase_model::Excerpt
#![forbid(unsafe_code)]

mod error;
mod headline;
mod html;
mod jsonl;
mod junit;
mod manifest;
mod output;
mod profile;
mod quantity;
mod replay;
mod schema;
mod stories;
mod summary;
mod suppressed;
mod tables;
mod text;
mod timeline;
mod verdict_record;
mod worst;
mod writer;

pub use error::ReportError;
pub use junit::{TestCase, TestSuite, junit};
pub use profile::{
    Deviation, Gathered, LARGEST_PROFILE, Profile, SessionFacts, Shape, Spread, Usual, deviations_text,
};
pub use replay::{
    FindingSums, Gate, ReplaySummary, ReplayWriter, RuleSum, RulesetPair, SessionPeak, replay_json,
    replay_junit, replay_text,
};
pub use schema::tables_markdown;
pub use summary::Summary;
pub use suppressed::{Applied, Suppressed};
pub use text::summary_text;
pub use timeline::{
    Lane, Moment, SessionSum, Tie, joined, joined_text, recordings, recordings_text, sessions, sessions_text,
    timeline, timeline_text,
};
pub use verdict_record::{VerdictRecord, verdict_record};
pub use worst::{RuleFindings, ShownFinding, WorstFindings};
pub use writer::ReportWriter;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
