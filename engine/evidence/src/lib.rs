//! What an audit log proves, and no more: hash chains, checkpoints, receipts and signatures, checked offline.
//!
//! # Invariants
//!
//! - Bytes are hashed as they stand. Nothing is decoded and encoded again to make a hash agree.
//! - A signature counts only by `verify_strict`, under a key that the caller trusts.
//! - No input panics, recurses, or takes more memory than a block and one line a thread.
//!
//! # Deliberately absent
//!
//! Files, folders, clocks and randomness: the caller passes readers, times and seeds.

mod across;
mod contract;
mod custody;
mod entry;
mod formats;
mod hex;
mod keys;
mod log;
mod place;
mod receipt;
mod sha256;
mod spelling;
mod trail;
mod writer;

pub use across::{
    ChainLink, Claim, Fork, GroupManifest, GroupSignature, GroupStage, LinkFacts, LinkProblem, RecoverySeal,
    SealFacts, SealPart, SealProblem, claimed_predecessor, forks,
};
pub use contract::{
    Attestation, CanonicalError, DocumentError, EvidenceBreak, EvidenceChain, EvidenceProblem,
    EvidenceStatus, Fingerprint, KeyRoster, KeyStatus, NoKey, Purpose, RecoveryAuthorisation, RootTransition,
    RosterError, RosterKey, TransitionError, canonical_form,
};
pub use custody::{
    Listed, ManifestError, NoteError, ReportSeal, ReportSealFacts, Role, SealCheck, SealError, SealSignature,
    TimeStampError, UncheckedTimeStamp, check_note, check_seal, fingerprint, listed, read_time_stamp, seal,
    sign_note,
};
pub use entry::LineFault;
pub use formats::{LogFormat, verify_log};
pub use keys::{
    DetachedProblem, KeyError, KeyIndex, KeyRing, PublicKey, SecretKey, SignatureCheck, Signed, sign_file,
    signature_bytes, who_signed_file,
};
pub use log::{
    AnchorResult, Break, BreakReason, Checkpoints, Decisions, EvidenceName, EvidenceReceipts, EvidenceSet,
    ExpectedHead, FirstBad, KeyRange, LogFiles, MemoryFiles, NameList, NotFollowed, OpenShard, Remark,
    Replaced, ReplacedBudget, SessionReport, SessionShards, Status, Stretch, Torn, VerifyOptions,
    verify_receipts, verify_session,
};
pub use place::Place;
pub use receipt::{
    ChainFault, Contradiction, Endorsement, EndorsementError, ReceiptBreak, ReceiptProblem, ReceiptReason,
    ReceiptRemark, ReceiptRemarkKind, ReceiptStatus, Receipts, SealFault, Segment, SegmentTrust,
    TranscriptSeal,
};
pub use trail::{
    Fault as TrailFault, Irregular as TrailIrregular, IrregularKind as TrailIrregularKind, P256Key,
    P256KeyError, TrailBreak, TrailFacts, TrailKey, TrailKeys, TrailReason, TrailSigned, verify_trails,
};
pub use writer::{
    Action, ActionType, Altered, Detail, DetailError, EntryKind, Head, HeadError, LogConfig, LogConfigError,
    LogWriter, MemoryStore, ReceiptError, ReceiptWriter, Record, Recorded, Reversibility, Session,
    SessionError, SideEffect, SignedReceipt, Store, Tail, TranscriptRoot, WriteError, head_note, read_heads,
};
