//! What is said of one session's log: four facts, kept apart, with their numbers.

use serde::Serialize;

use super::breaks::Break;
use super::details::Decisions;
use super::verify::LogFiles;
use crate::contract::{EvidenceChain, EvidenceStatus};
use crate::place::Place;
use crate::receipt::{ReceiptStatus, Receipts, TranscriptSeal};

/// Whether the log is whole, as far as it can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Every entry hashes and links, from the first of the session on.
    Intact,
    /// Every entry hashes and links; the first of them is not the first of the session.
    MissingStart,
    /// Whole lines are right; an incomplete one follows them.
    TornTail,
    /// Something is not as a recorder leaves it.
    Broken,
    /// No entry.
    Empty,
}

impl Status {
    /// The name in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Intact => "intact",
            Self::MissingStart => "missing_start",
            Self::TornTail => "torn_tail",
            Self::Broken => "broken",
            Self::Empty => "empty",
        }
    }
}

/// The entries that one key vouches for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyRange {
    /// The key in hex.
    pub key: String,
    /// The first entry.
    pub first_seq: u64,
    /// The last entry.
    pub last_seq: u64,
    /// How many of its checkpoints are good.
    pub checkpoints: u64,
}

/// Entries between two breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// The first entry.
    pub first_seq: u64,
    /// The last entry.
    pub last_seq: u64,
    /// The last entry that a good checkpoint of this stretch vouches for.
    pub authenticated_through_seq: Option<u64>,
}

/// An incomplete line at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Torn {
    /// The file.
    pub file: String,
    /// Where the last whole line ends.
    pub last_good_offset: u64,
    /// Bytes of the incomplete line.
    pub bytes: u64,
    /// Zero bytes behind it, as some file systems leave them after a loss of power.
    pub zero_bytes: u64,
    /// Whether the line is whole and only its newline is missing.
    pub only_newline_missing: bool,
    /// Whether it is the start of an entry as the writer spells one.
    pub is_start_of_entry: bool,
}

impl Torn {
    /// What is left of a line of another format, of which no more can be said.
    pub(crate) fn of(files: &dyn LogFiles, place: Place, bytes: u64, zero_bytes: u64) -> Self {
        Self {
            file: files.name(place.file as usize),
            last_good_offset: place.offset,
            bytes,
            zero_bytes,
            only_newline_missing: false,
            is_start_of_entry: false,
        }
    }
}

/// Lines that were not checked, because the file names more sessions than are followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotFollowed {
    /// The first of them.
    pub from: FirstBad,
    /// How many there are.
    pub lines: u64,
}

/// A head that was recorded outside the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnchorResult {
    /// The hash in hex.
    pub hash: String,
    /// Where it was recorded.
    pub source: String,
    /// The entry that has this hash; none if the log does not hold it.
    pub seq: Option<u64>,
}

/// How many checkpoints there are, and of which kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Checkpoints {
    /// All.
    pub total: u64,
    /// With a signature.
    pub signed: u64,
    /// Signed by a trusted key.
    pub good: u64,
}

/// Something worth knowing that is no break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// A name that does not change.
    pub kind: &'static str,
    /// In words.
    pub text: String,
}

/// All that is said of one session's log.
#[derive(Debug, Clone, Serialize)]
pub struct SessionReport {
    /// The session.
    pub session: String,
    /// The log's format.
    pub format: &'static str,
    /// Whether the log is whole.
    pub status: Status,
    /// Whole, well-spelled entries.
    pub entries: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// The files, in order.
    pub files: u64,
    /// The first entry.
    pub first_seq: Option<u64>,
    /// The last entry.
    pub last_seq: Option<u64>,
    /// The hash of the last entry, to be kept elsewhere.
    pub head_hash: Option<String>,
    /// The last entry that a trusted key vouches for, with all before it; none: nothing is authenticated.
    pub authenticated_through_seq: Option<u64>,
    /// The last segment, from 0, where bare receipts change their key: numbers start anew in each, those above are of
    /// the last one, and `authority` has a range for each.
    pub last_segment: Option<u64>,
    /// Which key vouches for which entries.
    pub authority: Vec<KeyRange>,
    /// How many keys were trusted.
    pub trusted_keys: u64,
    /// The checkpoints.
    pub checkpoints: Checkpoints,
    /// Where the checkpoints stand, if there are at most 200.
    pub checkpoint_seqs: Vec<u64>,
    /// Whether the last entry is a checkpoint.
    pub ends_with_checkpoint: bool,
    /// The first break, if it is a line's: where to look. None if the set of files is at fault first.
    pub first_bad: Option<FirstBad>,
    /// The breaks, at most 256.
    pub breaks: Vec<Break>,
    /// How many breaks there are.
    pub breaks_total: u64,
    /// The stretches between breaks, at most 256.
    pub stretches: Vec<Stretch>,
    /// The incomplete line at the end.
    pub torn: Option<Torn>,
    /// Lines that were not checked; only of a file with too many sessions.
    pub not_followed: Option<NotFollowed>,
    /// Heads that were recorded elsewhere.
    pub anchors: Vec<AnchorResult>,
    /// All heads of those that were recorded elsewhere that are here.
    #[serde(skip)]
    pub heads_found: Vec<[u8; 32]>,
    /// The receipts in one word; none if there are none.
    pub receipts: Option<ReceiptStatus>,
    /// Where the receipts first go wrong.
    pub receipt_first_bad: Option<FirstBad>,
    /// All of the receipts. Files are indices into the log's files in order.
    pub receipt_chain: Option<Receipts>,
    /// The evidence receipts.
    pub evidence_receipts: Option<EvidenceReceipts>,
    /// Decision records with signatures of their own.
    pub decisions: Decisions,
    /// The first decision record with a bad signature.
    pub decision_first_bad: Option<FirstBad>,
    /// Entries whose detail the recorder took out or blanked before it was hashed.
    pub redacted: u64,
    /// What is no break.
    pub remarks: Vec<Remark>,
    /// The four lines: consistent, authenticated, complete, damage.
    pub sentences: Vec<String>,
    /// What the receipts show, if there are any.
    pub receipt_sentence: Option<String>,
}

/// The evidence receipts of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EvidenceReceipts {
    /// How many there are.
    pub count: u64,
    /// How many hold under a trusted key.
    pub verified: u64,
    /// How many before the first are not here, by its number, in a log that lacks its start.
    pub missing_before: u64,
    /// In one word.
    pub status: &'static str,
    /// Where they first go wrong.
    pub first_bad: Option<FirstBad>,
    /// What is wrong there, or why nothing is verified.
    pub why: Option<String>,
}

impl EvidenceReceipts {
    pub(crate) fn of(chain: &EvidenceChain, place: impl Fn(crate::Place) -> FirstBad) -> Option<Self> {
        let status = match chain.status {
            EvidenceStatus::Empty => return None,
            EvidenceStatus::Valid => "valid",
            EvidenceStatus::Broken => "broken",
            EvidenceStatus::Untrusted => "untrusted",
            EvidenceStatus::Unpinned => "unpinned",
        };
        let problem = chain.first_break.as_ref().map(|found| found.problem.to_string());
        Some(Self {
            count: chain.count,
            verified: chain.verified,
            missing_before: chain.missing_before,
            status,
            first_bad: chain.first_break.as_ref().map(|found| place(found.place)),
            why: problem.or_else(|| chain.no_key.as_ref().map(ToString::to_string)),
        })
    }

    pub(crate) fn has_failed(&self) -> bool {
        matches!(self.status, "broken" | "untrusted")
    }
}

/// The place of the first break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FirstBad {
    /// The file's name.
    pub file: String,
    /// The line, counted from 1.
    pub line: u64,
    /// The byte offset of the line's first byte.
    pub offset: u64,
}

impl FirstBad {
    /// A place in a log's files.
    pub(crate) fn at(files: &dyn LogFiles, place: Place) -> Self {
        Self { file: files.name(place.file as usize), line: place.line, offset: place.offset }
    }

    /// The place of a break, if a line is at fault.
    pub(crate) fn of(found: &Break) -> Option<Self> {
        Some(Self { file: found.file.clone()?, line: found.line?, offset: found.offset? })
    }
}

impl SessionReport {
    /// A report that says nothing yet.
    pub(crate) fn of(session: String, format: &'static str) -> Self {
        Self {
            session,
            format,
            status: Status::Empty,
            entries: 0,
            bytes: 0,
            files: 0,
            first_seq: None,
            last_seq: None,
            head_hash: None,
            authenticated_through_seq: None,
            last_segment: None,
            authority: Vec::new(),
            trusted_keys: 0,
            checkpoints: Checkpoints::default(),
            checkpoint_seqs: Vec::new(),
            ends_with_checkpoint: false,
            first_bad: None,
            breaks: Vec::new(),
            breaks_total: 0,
            stretches: Vec::new(),
            torn: None,
            not_followed: None,
            anchors: Vec::new(),
            heads_found: Vec::new(),
            receipts: None,
            receipt_first_bad: None,
            receipt_chain: None,
            evidence_receipts: None,
            decisions: Decisions::default(),
            decision_first_bad: None,
            redacted: 0,
            remarks: Vec::new(),
            sentences: Vec::new(),
            receipt_sentence: None,
        }
    }

    /// Whether the evidence shows a log that is not as it was written, or not by whom it should be.
    pub fn has_failed(&self) -> bool {
        let unpinned = self.trusted_keys > 0 && self.authenticated_through_seq.is_none();
        let seal = self.receipt_chain.as_ref().map(|chain| chain.seal);
        self.status == Status::Broken
            || unpinned
            || matches!(self.receipts, Some(ReceiptStatus::Broken | ReceiptStatus::Untrusted))
            || matches!(seal, Some(TranscriptSeal::Contradicts { .. }))
            || self.evidence_receipts.as_ref().is_some_and(EvidenceReceipts::has_failed)
            || self.decisions.bad > 0
    }
}
