//! Events as they come out, and what is kept of them.

/// How an event came to its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ending {
    /// An empty line, as it should be.
    #[default]
    Line,
    /// The stream's end, or a gap; a browser drops such an event.
    Cut,
}

/// One event: the lines up to an empty line (WHATWG HTML section 9.2.6).
///
/// A browser drops a block without a data line. It comes out here all the same, since its name, id and comments can
/// carry something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// The value of `event`; `None` where it has none, which means `message`.
    pub name: Option<Vec<u8>>,
    /// The value of `id`.
    pub id: Option<Vec<u8>>,
    /// The value of `retry`.
    pub retry: Option<Vec<u8>>,
    /// The values of all `data` lines, joined by line feeds; `None` where there is no data line.
    pub data: Option<Vec<u8>>,
    /// The texts of comments, joined by line feeds.
    pub comments: Vec<u8>,
    /// Lines of unknown fields, and values that a later line of the same field replaces, joined by line feeds.
    pub other: Vec<u8>,
    /// Where its first line begins in the body and its last one ends, without that line's end.
    pub span: (u64, u64),
    /// How it ended.
    pub ending: Ending,
    /// Whether bytes are missing: lost, or over a limit.
    pub is_cut: bool,
}

/// Caps on what a parser keeps.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The longest line, and the most bytes of one event's data and of its other texts; genuine events of model answers
    /// are a few hundred bytes, those of MCP as large as a tool's result.
    pub event_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { event_bytes: 16 << 20 }
    }
}

/// Where the bytes went that were pushed.
///
/// Invariant: after `finish`, all but `lost` sum up to what was pushed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Bytes of values that came out in events.
    pub content: u64,
    /// Field names, colons, line ends, the byte order mark.
    pub framing: u64,
    /// Bytes that the gaps spanned.
    pub lost: u64,
    /// Bytes over a cap.
    pub over_limit: u64,
}
