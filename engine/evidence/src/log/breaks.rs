//! What can be wrong with a chain, and the fewest explanations of each.
//!
//! An explanation says what would leave these bytes; it never says who or why.

use std::fmt;

use serde::{Serialize, Serializer};

use super::verify::LogFiles;
use crate::entry::LineFault;
use crate::place::Place;

/// A place where a log is not what a recorder leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Break {
    /// What was seen.
    pub reason: BreakReason,
    /// The file's name; none if the set of files is at fault, not one line.
    pub file: Option<String>,
    /// The line, counted from 1.
    pub line: Option<u64>,
    /// The byte offset of the line's first byte in its file.
    pub offset: Option<u64>,
    /// The entry's sequence number, if it can be read.
    pub seq: Option<u64>,
    /// What was seen, in words.
    pub seen: String,
    /// What would leave these bytes.
    pub explanations: Vec<String>,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BreakReason {
    /// A line is not spelled as the writer spells entries.
    Line {
        /// How.
        fault: LineFault,
        /// Whether the hash is still that of the content.
        content_agrees: bool,
    },
    /// A line does not have the hash that it states.
    HashDiffers {
        /// What is known of broken bytes that the writer replaced.
        replaced: Replaced,
    },
    /// A hashed string holds the byte that separates the hashed parts.
    Ambiguous,
    /// The entry names another session than the file.
    OtherSession,
    /// The next number, but not a link to the entry before.
    LinkDiffers,
    /// Entries are not there.
    Missing {
        /// The first of them.
        first: u64,
        /// The last of them.
        last: u64,
    },
    /// A number that was there before.
    Repeats {
        /// The number of the entry before.
        after: u64,
    },
    /// Links agree and numbers do not.
    SequenceGap {
        /// The number that should stand here.
        expected: u64,
    },
    /// Entry versions that never share a chain in this order.
    VersionChanged {
        /// Of the entry before.
        before: u8,
        /// Of this entry.
        after: u8,
    },
    /// Entry 0 links to something.
    NoGenesis,
    /// A later entry claims to be the first.
    LateGenesis,
    /// A checkpoint that is not as the writer writes one, or whose span is not where it stands.
    CheckpointForm,
    /// A checkpoint's span reaches back over the checkpoint before.
    CheckpointSpan,
    /// A checkpoint's signature is by none of the trusted keys.
    CheckpointSignature {
        /// The last entry that a good checkpoint before this one vouches for.
        good_through: Option<u64>,
    },
    /// A checkpoint's signature that only lenient verifiers take.
    LenientSignature,
    /// An unsigned checkpoint after signed ones.
    UnsignedCheckpoint,
    /// A key signs again after another has taken over.
    KeyWentBack,
    /// Bytes without a newline at the end of a file that others follow.
    TornInside {
        /// How many.
        bytes: u64,
    },
    /// Bytes after the last newline that no writer leaves.
    ForeignTail {
        /// How many.
        bytes: u64,
    },
    /// The file's name states another start than its first entry has.
    Misnamed {
        /// What the name states.
        stated: u64,
        /// What the entry has.
        found: u64,
    },
    /// Two files state the same start.
    TwoNames {
        /// The other file.
        other: String,
    },
    /// A file that could not be read.
    Unreadable {
        /// Why.
        why: String,
    },
    /// A record of another format, or a receipt, is not as it was signed or does not follow the one before.
    Record {
        /// What is wrong.
        what: String,
    },
    /// A head that was recorded elsewhere is not in the log.
    HeadMissing {
        /// Where it was recorded, and what it says.
        head: String,
    },
}

/// Whether a hash may differ because of a known defect of older writers: they hashed broken UTF-8 and stored U+FFFD.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaced {
    /// No replaced byte in a hashed string: it is not that.
    None,
    /// There are some; whether they explain the hash is open.
    Possible,
    /// With these bytes put back the hash agrees.
    Proved,
}

impl Break {
    /// A break at a line of a log.
    pub(crate) fn at(files: &dyn LogFiles, place: Place, reason: BreakReason) -> Self {
        Self {
            file: Some(files.name(place.file as usize)),
            line: Some(place.line),
            offset: Some(place.offset),
            seq: None,
            seen: reason.to_string(),
            explanations: reason.explanations(),
            reason,
        }
    }
}

impl BreakReason {
    /// A name that does not change, for filters.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Line { .. } => "line",
            Self::HashDiffers { .. } => "hash_differs",
            Self::Ambiguous => "ambiguous",
            Self::OtherSession => "other_session",
            Self::LinkDiffers => "link_differs",
            Self::Missing { .. } => "missing",
            Self::Repeats { .. } => "repeats",
            Self::SequenceGap { .. } => "sequence_gap",
            Self::VersionChanged { .. } => "version_changed",
            Self::NoGenesis => "no_genesis",
            Self::LateGenesis => "late_genesis",
            Self::CheckpointForm => "checkpoint_form",
            Self::CheckpointSpan => "checkpoint_span",
            Self::CheckpointSignature { .. } => "checkpoint_signature",
            Self::LenientSignature => "lenient_signature",
            Self::UnsignedCheckpoint => "unsigned_checkpoint",
            Self::KeyWentBack => "key_went_back",
            Self::TornInside { .. } => "torn_inside",
            Self::ForeignTail { .. } => "foreign_tail",
            Self::Misnamed { .. } => "misnamed",
            Self::TwoNames { .. } => "two_names",
            Self::Unreadable { .. } => "unreadable",
            Self::Record { .. } => "record",
            Self::HeadMissing { .. } => "head_missing",
        }
    }

    /// What would leave these bytes.
    pub fn explanations(&self) -> Vec<String> {
        let texts: &[&str] = match self {
            Self::Line { content_agrees: true, .. } => {
                &["the line was written anew by another program; what its hash covers did not change"]
            }
            Self::Line { .. } => &["the line was altered, or comes from another program"],
            Self::HashDiffers { replaced: Replaced::Proved } => &[
                "a known defect of recorders before the fix of 2026: they hashed broken UTF-8 and stored U+FFFD; with \
                   the broken bytes put back the hash agrees",
            ],
            Self::HashDiffers { replaced: Replaced::Possible } => {
                &["the entry was altered after writing", "a known defect of recorders with broken UTF-8"]
            }
            Self::HashDiffers { replaced: Replaced::None } => &["the entry was altered after writing"],
            Self::Ambiguous => &["two different entries share this hash, so it proves neither"],
            Self::OtherSession => &["the entry was taken from another session's log"],
            Self::LinkDiffers => &[
                "the entry before was replaced and hashed anew",
                "this entry comes from another writer or log",
            ],
            Self::Missing { .. } => {
                &["entries or files were removed here", "a file is missing from this copy"]
            }
            Self::Repeats { .. } => &[
                "lines or files were copied, moved or put in another order",
                "two recorders wrote to one session at once",
            ],
            Self::SequenceGap { .. } => {
                &["entries were removed or put in and the links made anew, not the numbers"]
            }
            Self::VersionChanged { .. } => &["entries of different recorders were joined"],
            Self::NoGenesis => &["entries before this one were removed and the numbers made anew"],
            Self::LateGenesis => &["the log was cut and made to look like a start"],
            Self::CheckpointForm | Self::CheckpointSpan => &[
                "the checkpoint was altered and hashed anew",
                "entries were removed or put in and hashed anew",
            ],
            Self::CheckpointSignature { .. } => &[
                "at least one entry since the last good checkpoint was rewritten and hashed anew; which one cannot be \
                 told from the log",
                "another key signed",
            ],
            Self::LenientSignature => &["the signature was altered, or made by no honest signer"],
            Self::UnsignedCheckpoint => &["the checkpoint's signature was removed and the rest hashed anew"],
            Self::KeyWentBack => &["logs of different runs were joined", "an old key was used again"],
            Self::TornInside { .. } => {
                &["the file was cut", "the recorder was killed and another run went on"]
            }
            Self::ForeignTail { .. } => {
                &["bytes were put behind the log", "the file system left them after a crash"]
            }
            Self::Misnamed { .. } => &["the file was renamed", "entries at its start were removed"],
            Self::TwoNames { .. } => {
                &["a file was copied under a second name", "two logs were put in one folder"]
            }
            Self::Unreadable { .. } => &["the file cannot be read here"],
            Self::Record { .. } => {
                &["it was altered after it was signed", "records before it were removed or put in"]
            }
            Self::HeadMissing { .. } => &[
                "the end of the log was removed since the head was recorded",
                "the log was rewritten since then",
                "the head belongs to another log",
            ],
        };
        texts.iter().map(|text| (*text).to_owned()).collect()
    }
}

impl fmt::Display for BreakReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { fault, content_agrees: true } => write!(f, "{fault}; the hashed content agrees"),
            Self::Line { fault, .. } => fault.fmt(f),
            Self::HashDiffers { .. } => f.write_str("the entry does not have the hash that it states"),
            Self::Ambiguous => f.write_str("a zero byte in a hashed string"),
            Self::OtherSession => f.write_str("an entry of another session"),
            Self::LinkDiffers => f.write_str("does not link to the entry before it"),
            Self::Missing { first, last } if first == last => write!(f, "entry {first} is not here"),
            Self::Missing { first, last } => write!(f, "entries {first} to {last} are not here"),
            Self::Repeats { after } => write!(f, "follows entry {after} with a number that was there before"),
            Self::SequenceGap { expected } => {
                write!(f, "links to the entry before, but should be entry {expected}")
            }
            Self::VersionChanged { before, after } => {
                write!(f, "entry version {after} after version {before}")
            }
            Self::NoGenesis => f.write_str("entry 0 links to an entry before it"),
            Self::LateGenesis => f.write_str("claims to be the first entry of its session"),
            Self::CheckpointForm => f.write_str("a checkpoint that does not describe where it stands"),
            Self::CheckpointSpan => f.write_str("a checkpoint that reaches back over the one before it"),
            Self::CheckpointSignature { good_through: Some(seq) } => {
                write!(
                    f,
                    "a checkpoint that no trusted key signed; entries up to {seq} were vouched for before it"
                )
            }
            Self::CheckpointSignature { .. } => f.write_str("a checkpoint that no trusted key signed"),
            Self::LenientSignature => f.write_str("a signature that only lenient verifiers accept"),
            Self::UnsignedCheckpoint => f.write_str("an unsigned checkpoint after signed ones"),
            Self::KeyWentBack => f.write_str("a checkpoint by a key that another had replaced"),
            Self::TornInside { bytes } => {
                write!(f, "{bytes} bytes of an incomplete line, and another file follows")
            }
            Self::ForeignTail { bytes } => {
                write!(f, "{bytes} bytes after the last line that no recorder leaves")
            }
            Self::Misnamed { stated, found } => {
                write!(f, "the file's name says that it starts at entry {stated}; it starts at {found}")
            }
            Self::TwoNames { other } => write!(f, "{other:?} states the same start"),
            Self::Unreadable { why } => write!(f, "cannot be read: {why}"),
            Self::Record { what } => f.write_str(what),
            Self::HeadMissing { head } => write!(f, "does not contain the head {head}"),
        }
    }
}

impl Serialize for BreakReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
