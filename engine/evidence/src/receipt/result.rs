//! What the receipts of a log prove.

use serde::{Serialize, Serializer};

use super::problem::{ChainFault, ReceiptProblem};
use crate::keys::KeyIndex;
use crate::place::Place;

/// The receipts of one chain, judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Receipts {
    /// How many there are, those lost to redaction included.
    pub count: u64,
    /// The verdict.
    pub status: ReceiptStatus,
    /// How many receipts before the first are not here; 0 unless the log itself lacks its start.
    pub missing_before: u64,
    /// The breaks in the order in which they were found, at most 256.
    pub breaks: Vec<ReceiptBreak>,
    /// How many breaks there are beyond those.
    pub more_breaks: u64,
    /// How many receipts the recorder's redaction altered after they were signed.
    pub altered: u64,
    /// How many links to the receipt before cannot be proved, because one of the two was altered so.
    pub unprovable_links: u64,
    /// The signers, one after the other.
    pub segments: Vec<Segment>,
    /// The first receipt's hash in hex; none if redaction took it, or the chain lacks its start.
    pub open_hash: Option<String>,
    /// The last receipt's hash in hex, if it is known.
    pub tail_hash: Option<String>,
    /// What the last `transcript_root` says.
    pub seal: TranscriptSeal,
    /// What is odd and breaks nothing, at most 256.
    pub remarks: Vec<ReceiptRemark>,
    /// How many remarks there are beyond those.
    pub more_remarks: u64,
}

impl Receipts {
    /// The first break by place; one that stands at no line comes last.
    pub fn first_break(&self) -> Option<&ReceiptBreak> {
        self.breaks.iter().min_by_key(|found| (found.place.is_none(), found.place))
    }
}

/// The verdict on a chain of receipts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReceiptStatus {
    /// There are no receipts.
    Absent,
    /// Whole, and signed by trusted keys.
    Valid,
    /// Something is wrong; see the breaks.
    Broken,
    /// Whole under trusted keys, but for receipts and links that redaction took the proof of.
    Redacted,
    /// Whole, but a signer is not among the trusted keys, though some were given.
    Untrusted,
    /// Whole, but no trusted key was given: whoever wrote the log may have made the key.
    Unpinned,
}

impl ReceiptStatus {
    /// The name in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Valid => "valid",
            Self::Broken => "broken",
            Self::Redacted => "redacted",
            Self::Untrusted => "untrusted",
            Self::Unpinned => "unpinned",
        }
    }
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ReceiptBreak {
    /// The line; `None` if it is about the whole.
    #[serde(serialize_with = "write_place_or_none")]
    pub place: Option<Place>,
    /// The receipt's `chain_seq`, where it has one.
    pub seq: Option<u64>,
    /// What.
    pub reason: ReceiptReason,
}

/// Why something is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReceiptReason {
    /// The receipt by itself.
    #[error(transparent)]
    Receipt(ReceiptProblem),
    /// Its place in the chain.
    #[error(transparent)]
    Chain(ChainFault),
}

/// A run of receipts under one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Segment {
    /// The key in lower-case hex; empty if the first receipt names none.
    pub signer_key: String,
    /// The first `chain_seq`.
    pub first_seq: u64,
    /// The last `chain_seq`.
    pub last_seq: u64,
    /// Why the key is trusted, if it is.
    pub trust: SegmentTrust,
}

/// Why a segment's key is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SegmentTrust {
    /// It is one of the trusted keys.
    Key(#[serde(serialize_with = "write_key_index")] KeyIndex),
    /// The key before it, itself trusted, endorses it: the endorsement's index.
    Endorsed(usize),
    /// No key was given, and it is the first.
    FirstUse,
    /// It is not.
    Untrusted,
}

/// Whether a `transcript_root` closes the receipts, and agrees with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TranscriptSeal {
    /// There is no root: the receipts may have gone on.
    None,
    /// The last root agrees with the receipts before it.
    Agrees {
        /// Its line.
        #[serde(serialize_with = "write_place")]
        place: Place,
        /// How many receipts follow it.
        receipts_after: u64,
    },
    /// The last root, or the receipt that it names, was redacted.
    Unprovable {
        /// Its line.
        #[serde(serialize_with = "write_place")]
        place: Place,
        /// How many receipts follow it.
        receipts_after: u64,
    },
    /// A root does not fit the receipts before it. The first such one stays.
    Contradicts {
        /// Its line.
        #[serde(serialize_with = "write_place")]
        place: Place,
        /// What does not fit.
        what: SealFault,
    },
}

/// What of a root does not fit the receipts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SealFault {
    /// It is not of the form of one.
    #[error("the transcript_root is malformed")]
    Malformed,
    /// There is nothing before it.
    #[error("no receipt stands before the transcript_root")]
    NoReceipts,
    /// `final_seq`.
    #[error("final_seq is not that of the last receipt")]
    FinalSeq,
    /// `root_hash`.
    #[error("root_hash is not the hash of the last receipt")]
    RootHash,
    /// `receipt_count`.
    #[error("receipt_count is not the number of receipts under the last key")]
    ReceiptCount,
}

/// Where the unsigned line says something else than the signed receipt in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Contradiction {
    /// `summary`.
    #[error("the line's summary is not that of the signed receipt")]
    Summary,
    /// `transport`.
    #[error("the line's transport is not that of the signed receipt")]
    Transport,
    /// `event_kind`.
    #[error("the line's event_kind is not the action type of the signed receipt")]
    EventKind,
}

/// Something odd.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ReceiptRemark {
    /// The line.
    #[serde(serialize_with = "write_place")]
    pub place: Place,
    /// What.
    pub kind: ReceiptRemarkKind,
}

/// What is odd.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReceiptRemarkKind {
    /// The line contradicts the receipt.
    #[error(transparent)]
    Outer(Contradiction),
    /// The receipt, for what does not take away its proof.
    #[error(transparent)]
    Receipt(ReceiptProblem),
    /// An `ext` that nothing covers: no receipt follows, or the link of the next one cannot be proved.
    #[error("the receipt's `ext` is not signed, and no link of a later receipt covers it")]
    ExtNotSigned,
    /// So many runs that later ones are not followed.
    #[error("{limit} runs are followed, and none that is opened after those")]
    RunsCapped {
        /// How many are.
        limit: usize,
    },
}

/// A place as its three numbers.
#[derive(Serialize)]
struct Spot {
    file: u32,
    line: u64,
    offset: u64,
}

impl From<&Place> for Spot {
    fn from(place: &Place) -> Self {
        Self { file: place.file, line: place.line, offset: place.offset }
    }
}

fn write_place<S: Serializer>(place: &Place, serializer: S) -> Result<S::Ok, S::Error> {
    Spot::from(place).serialize(serializer)
}

#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
fn write_place_or_none<S: Serializer>(place: &Option<Place>, serializer: S) -> Result<S::Ok, S::Error> {
    place.as_ref().map(Spot::from).serialize(serializer)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn write_key_index<S: Serializer>(index: &KeyIndex, serializer: S) -> Result<S::Ok, S::Error> {
    index.0.serialize(serializer)
}
