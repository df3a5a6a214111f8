//! Facts about a run and its inputs, as reports show them.

use std::borrow::Cow;

use crate::kind::vocabulary;
use crate::{ArtifactIndex, CaptureSummary, Digest, Ledger};

vocabulary! {
    /// What became of an input.
    InputState {
        /// It was read to its end.
        Read => "read",
        /// It was read in part: something in it is malformed, cut or over a limit.
        Partial => "partial",
        /// Its format is not one that Coldcase reads; nothing of it was scanned.
        NotScanned => "not_scanned",
        /// It could not be opened or read at all.
        Failed => "failed",
    }
}

/// Facts about one input.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct InputFacts {
    /// Its place in the run.
    pub artifact: ArtifactIndex,
    /// Its path as named or found, made displayable.
    pub path: String,
    /// The SHA-256 of its stored bytes; `None` when it could not be read to its end.
    pub sha256: Option<Digest>,
    /// Its size on disk in bytes.
    pub stored_bytes: u64,
    /// The size of its content after decompression; equal to `stored_bytes` when it is not compressed.
    pub decoded_bytes: u64,
    /// The compression around it (`none`, `gzip`, `zstd`).
    pub compression: Cow<'static, str>,
    /// The format that was recognised.
    pub format: Cow<'static, str>,
    /// The software that wrote it, where the format says so.
    pub creator: Option<String>,
    /// What became of it.
    pub state: InputState,
    /// Records that were read.
    pub records: u64,
    /// Events that came of them.
    pub events: u64,
    /// Anomalies in it.
    pub anomalies: u64,
    /// Every stored byte by account.
    pub stored: Ledger,
    /// Every decoded byte by account; `None` when the input is not compressed.
    pub decoded: Option<Ledger>,
    /// What is in it, if it is a packet capture.
    pub capture: Option<Box<CaptureSummary>>,
}

/// Facts about the run that do not change from one machine or hour to the next.
#[derive(Debug, Clone)]
pub struct RunFacts {
    /// Coldcase's version.
    pub version: &'static str,
    /// The name of the policy in force.
    pub policy: String,
    /// The SHA-256 of the policy's text.
    pub policy_sha256: Digest,
    /// Name, version and SHA-256 of each pack, in load order.
    pub packs: Vec<(String, String, Digest)>,
    /// How many rules they hold.
    pub rules: u64,
}
