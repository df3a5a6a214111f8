//! The types of entries that readers know. Others alarm them, so there is no way to write one.

/// What an entry records. Checkpoints are not here: the writer makes them by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum EntryKind {
    /// What a proxy decided about a request.
    #[default]
    Decision,
    /// A signed receipt, version 1.
    ActionReceipt,
    /// The sum of all receipts at a clean end.
    TranscriptRoot,
    /// A signed receipt, version 2.
    EvidenceReceipt,
    /// A summary of captured traffic.
    Capture,
    /// Captures that were dropped.
    CaptureDrop,
}

impl EntryKind {
    /// The `type` of the entry.
    ///
    /// Source: FLIGHT_RECORDER_FORMAT, section 8.
    pub fn name(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::ActionReceipt => "action_receipt",
            Self::TranscriptRoot => "transcript_root",
            Self::EvidenceReceipt => "evidence_receipt",
            Self::Capture => "capture",
            Self::CaptureDrop => "capture_drop",
        }
    }
}
