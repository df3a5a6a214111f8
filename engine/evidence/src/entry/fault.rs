//! Why a line is not an entry as the writer writes it.

use std::fmt;

/// What is wrong with the spelling of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineFault {
    /// Nothing between two newlines.
    Blank,
    /// A byte order mark.
    ByteOrderMark,
    /// A carriage return: copied as text by some other system.
    CarriageReturn,
    /// Zero bytes inside a line.
    ZeroBytes,
    /// No JSON object.
    NotJson,
    /// Not UTF-8.
    NotUtf8,
    /// An entry version that is not known.
    UnknownVersion(u64),
    /// A key that no entry has.
    UnknownKey(String),
    /// A key in other capitals, which some readers take for the right one.
    FoldedKey(String),
    /// A key twice; readers differ in which of the two they take.
    DuplicateKey(String),
    /// A key that this version of entries does not have, and does not hash.
    UnhashedKey(String),
    /// A key that every entry has.
    MissingKey(&'static str),
    /// White space between tokens.
    WhiteSpace,
    /// A time in another spelling, or none.
    Time,
    /// Bytes after the entry.
    Trailing,
    /// Nested deeper than any writer can.
    TooDeep,
    /// The right keys and values, spelled as the writer does not spell them.
    Respelled,
    /// Longer than the limit.
    TooLong {
        /// Bytes of the line.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
}

impl fmt::Display for LineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => f.write_str("a blank line"),
            Self::ByteOrderMark => f.write_str("a byte order mark"),
            Self::CarriageReturn => f.write_str("a carriage return at the end"),
            Self::ZeroBytes => f.write_str("zero bytes inside the line"),
            Self::NotJson => f.write_str("not a JSON object"),
            Self::NotUtf8 => f.write_str("not UTF-8"),
            Self::UnknownVersion(version) => write!(f, "entry version {version}, which is not known"),
            Self::UnknownKey(key) => write!(f, "the key {key:?}, which no entry has"),
            Self::FoldedKey(key) => write!(f, "the key {key:?}, which some readers take for another"),
            Self::DuplicateKey(key) => write!(f, "the key {key:?} twice"),
            Self::UnhashedKey(key) => {
                write!(f, "the key {key:?}, which the hash of this version does not cover")
            }
            Self::MissingKey(key) => write!(f, "no key {key:?}"),
            Self::WhiteSpace => f.write_str("white space between tokens"),
            Self::Time => f.write_str("a time in another spelling than the writer's"),
            Self::Trailing => f.write_str("bytes after the entry"),
            Self::TooDeep => f.write_str("nested deeper than a writer can"),
            Self::Respelled => f.write_str("not spelled as the writer spells it"),
            Self::TooLong { bytes, limit } => write!(f, "a line of {bytes} bytes, over the limit of {limit}"),
        }
    }
}
