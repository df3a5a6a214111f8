//! Who vouches for a report, and when: seals over its manifest, signed notes, and the time stamps of others.
//!
//! Left out: checking the files that a manifest lists, which the caller has, and the certificates of time stampers.

mod listed;
mod note;
mod seal;
mod time_stamp;

pub use listed::{Listed, ManifestError, Role, listed};
pub use note::{NoteError, check_note, sign_note};
pub use seal::{
    ReportSeal, ReportSealFacts, SealCheck, SealError, SealSignature, check_seal, fingerprint, seal,
};
pub use time_stamp::{TimeStampError, UncheckedTimeStamp, read_time_stamp};
