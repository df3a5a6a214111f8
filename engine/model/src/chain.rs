//! What the verification of one session's audit log came to, as reports show it.
//!
//! Plain values: whoever verifies fills them, whoever reports writes them. All text is displayable and bounded by
//! whoever fills it in. Names are those of the verifier's own report.

use crate::kind::vocabulary;

vocabulary! {
    /// Whether a log is whole, as far as it can be seen.
    ChainStatus {
        /// Every entry hashes and links, from the first of the session on.
        Intact => "intact",
        /// Every entry hashes and links; the first of them is not the first of the session.
        MissingStart => "missing_start",
        /// Whole lines are right; an incomplete one follows them.
        TornTail => "torn_tail",
        /// Something is not as a recorder leaves it.
        Broken => "broken",
        /// No entry.
        Empty => "empty",
    }
}

/// The verification of one session's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The folder of its files, made displayable.
    pub folder: String,
    /// The session.
    pub session: String,
    /// The log's format.
    pub format: &'static str,
    /// Whether the log is whole.
    pub status: ChainStatus,
    /// Its files.
    pub files: u64,
    /// Whole, well-spelled entries.
    pub entries: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// The first entry; `None` without one.
    pub first_seq: Option<u64>,
    /// The last entry; `None` without one.
    pub last_seq: Option<u64>,
    /// The hash of the last entry in hex; `None` without one.
    pub head_hash: Option<String>,
    /// The last entry that a trusted key vouches for, with all before it; `None`: nothing is authenticated.
    pub authenticated_through_seq: Option<u64>,
    /// How many keys were trusted.
    pub trusted_keys: u64,
    /// Which key vouches for which entries.
    pub authority: Vec<ChainKey>,
    /// The checkpoints.
    pub checkpoints: ChainCheckpoints,
    /// Where checkpoints stand, if there are few; empty if there are many, or if it is not known.
    pub checkpoint_seqs: Vec<u64>,
    /// Where to look first; `None` without a break that is a line's.
    pub first_bad: Option<ChainPlace>,
    /// The first breaks.
    pub breaks: Vec<ChainBreak>,
    /// How many breaks there are.
    pub breaks_total: u64,
    /// The first stretches of good entries between breaks.
    pub stretches: Vec<ChainStretch>,
    /// The incomplete line at the end.
    pub torn: Option<ChainTorn>,
    /// What the chain of receipts inside came to; `None` if none was looked for.
    pub receipts: Option<String>,
    /// The four sentences for an auditor, by the names in [`Chain::SENTENCES`].
    pub sentences: [String; 4],
    /// What is worth knowing and no break.
    pub remarks: Vec<String>,
}

/// The entries that one key vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainKey {
    /// The key in hex.
    pub key: String,
    /// The first entry.
    pub first_seq: u64,
    /// The last entry.
    pub last_seq: u64,
    /// How many of its checkpoints are good.
    pub checkpoints: u64,
}

/// How many checkpoints there are, and of which kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChainCheckpoints {
    /// All.
    pub total: u64,
    /// With a signature.
    pub signed: u64,
    /// Signed by a trusted key.
    pub good: u64,
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainPlace {
    /// The file's name.
    pub file: String,
    /// The line, counted from 1.
    pub line: u64,
    /// The byte offset of the line's first byte in its file.
    pub offset: u64,
}

/// Where a log is not what a recorder leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainBreak {
    /// A name that does not change, for filters.
    pub reason: &'static str,
    /// Where; `None` if the set of files is at fault, not one line.
    pub place: Option<ChainPlace>,
    /// The entry; `None` if its number cannot be read.
    pub seq: Option<u64>,
    /// What was seen.
    pub seen: String,
    /// What would leave these bytes.
    pub explanations: Vec<String>,
}

/// Good entries between two breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainStretch {
    /// The first entry.
    pub first_seq: u64,
    /// The last entry.
    pub last_seq: u64,
    /// The last entry that a good checkpoint of this stretch vouches for; `None` without one.
    pub authenticated_through_seq: Option<u64>,
}

/// An incomplete line at the end of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainTorn {
    /// The file.
    pub file: String,
    /// Where the last whole line ends.
    ///
    /// Units: bytes from the start of the file.
    pub last_good_offset: u64,
    /// Bytes of the incomplete line.
    pub bytes: u64,
    /// Zero bytes behind it.
    pub zero_bytes: u64,
}

impl Chain {
    /// What the four sentences are about, in their order.
    pub const SENTENCES: [&'static str; 4] = ["consistent", "authenticated", "complete", "damage"];

    /// Whether a key was trusted and vouches for nothing.
    pub fn is_unpinned(&self) -> bool {
        self.trusted_keys > 0 && self.authenticated_through_seq.is_none()
    }

    /// Whether the log is not as it was written, or not by whom it should be.
    pub fn has_failed(&self) -> bool {
        self.status == ChainStatus::Broken || self.is_unpinned()
    }
}
