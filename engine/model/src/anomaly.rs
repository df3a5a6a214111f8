//! Input that breaks its own format: data for the report, not an error. Zeek calls such a thing a weird.

use crate::SourcePos;
use crate::kind::vocabulary;

vocabulary! {
    /// In which way the input is odd.
    AnomalyKind {
        /// The bytes are not what the format demands; they were scanned as plain text.
        Malformed => "malformed",
        /// The input stops inside a structure.
        CutShort => "cut_short",
        /// A compressed stream cannot be decoded from here on.
        BadCompression => "bad_compression",
        /// Bytes follow where the format has ended.
        TrailingBytes => "trailing_bytes",
        /// A cap was reached; what is beyond is counted as over the limit.
        OverLimit => "over_limit",
        /// A field has a type or value that its format does not allow.
        BadField => "bad_field",
        /// A field that the format requires is missing.
        MissingField => "missing_field",
        /// A field that the reader does not know; its content was scanned.
        UnknownField => "unknown_field",
        /// A body says how it is coded and is not coded so.
        BadBody => "bad_body",
        /// A name occurs twice in one object.
        DuplicateKey => "duplicate_key",
        /// A record version that the reader does not know.
        UnknownVersion => "unknown_version",
        /// The format could not be recognised; nothing of it was scanned.
        UnknownFormat => "unknown_format",
        /// A response without a request, or two with one id.
        Unpaired => "unpaired",
        /// The input could not be read from its medium.
        Unreadable => "unreadable",
        /// Decoding of disguises stopped at its budget; the bytes themselves were scanned.
        ViewBudget => "view_budget",
    }
}

/// One oddity, with its place.
///
/// The text is the reader's own: it names fields of the format and numbers only. Of the input it may hold names of
/// types and fields that are new to a format, where a reader has made sure that they are plain words and no tokens.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Anomaly {
    /// Which kind.
    pub kind: AnomalyKind,
    /// Where.
    pub pos: SourcePos,
    /// What exactly, in words of the format.
    pub what: String,
}

impl Anomaly {
    /// An anomaly at a position.
    pub fn new(kind: AnomalyKind, pos: SourcePos, what: impl Into<String>) -> Self {
        Self { kind, pos, what: what.into() }
    }
}
