//! A part: a stretch of an event's text on one surface.

use crate::{Name, Surface};

/// A half-open range of bytes. The field or function that holds it says in which space it is measured.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize,
)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The span from `start` up to `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// How many bytes it covers.
    pub const fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether it covers nothing.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Whether the two share a byte.
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The bytes of `of` that the span covers; empty where it reaches beyond.
    pub fn of(self, of: &[u8]) -> &[u8] {
        of.get(self.start..self.end).unwrap_or_default()
    }
}

/// What a part is called in its event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Label {
    /// It has no name of its own (a URL, a body).
    #[default]
    None,
    /// The name of a header, cookie or parameter: a span of the event's text.
    Text(Span),
    /// A fixed name or JSON pointer.
    Fixed(Name),
}

/// How a part's bytes relate to the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A stretch of the JSON document that the event was read from, with string escapes resolved.
    /// Positions and pointers are found by walking the document again, on demand.
    Document,
    /// The event's JSON document, with string escapes resolved, where a recording holds it as a string or encoded: a body.
    /// Pointers are found as in [`Origin::Document`]; the source is this stretch of the artifact.
    Body {
        /// The byte offset in the artifact's decoded content.
        offset: u64,
        /// How many source bytes.
        len: u64,
    },
    /// Decoded from this stretch of the artifact.
    Decoded {
        /// The byte offset in the artifact's decoded content.
        offset: u64,
        /// How many source bytes.
        len: u64,
    },
}

/// A stretch of an event's text on one surface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where in the event it sits.
    pub surface: Surface,
    /// Its bytes, as a span of the event's text.
    pub span: Span,
    /// What it is called.
    pub label: Label,
    /// Where it comes from.
    pub origin: Origin,
}
