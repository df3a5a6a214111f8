//! A header field as HPACK gives it.

use std::fmt;

use bytes::Bytes;

/// How much of a field is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Name and value.
    All,
    /// The value; the name is in an entry of the dynamic table that was not captured.
    ValueOnly,
    /// That there was a field.
    Nothing,
}

/// A header field, pseudo-header fields included, in the bytes in which it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name; empty if it is not known.
    pub name: Bytes,
    /// Its value; empty if it is not known.
    pub value: Bytes,
    /// How much of it is known.
    pub known: Known,
}

/// For people and tests: what is not UTF-8 or printable is escaped.
impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.known {
            Known::All => write!(f, "{}: {}", self.name.escape_ascii(), self.value.escape_ascii()),
            Known::ValueOnly => write!(f, "?: {}", self.value.escape_ascii()),
            Known::Nothing => write!(f, "?: ?"),
        }
    }
}
