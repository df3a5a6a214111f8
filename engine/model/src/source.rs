//! Where something stands in the input: artifact, record and byte offset.

use std::fmt;

use crate::{Anomaly, ArtifactIndex, Event};

/// A position in an artifact.
///
/// Units: the offset counts bytes of the artifact's *decoded* content, which for an uncompressed file is the
/// file itself; the record counts the reader's records (lines, HAR entries) from 0.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, serde::Serialize, serde::Deserialize,
)]
pub struct SourcePos {
    /// The input.
    pub artifact: ArtifactIndex,
    /// The record in it.
    pub record: u64,
    /// The byte offset from the start of the decoded content.
    pub offset: u64,
}

impl fmt::Display for SourcePos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "input {}, record {}, byte {}", self.artifact, self.record, self.offset)
    }
}

/// A stretch of an artifact.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, serde::Serialize, serde::Deserialize,
)]
pub struct SourceSpan {
    /// Where it starts.
    pub pos: SourcePos,
    /// How many bytes it covers.
    pub len: u64,
}

/// What a reader yields, in input order.
#[derive(Debug)]
pub enum Item {
    /// A normalised record.
    Event(Box<Event>),
    /// Input that breaks its own format.
    Anomaly(Anomaly),
}
