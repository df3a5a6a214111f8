//! What comes out of a connection.

use crate::Side;
use std::borrow::Cow;
use std::ops::Range;

use super::part::Part;
use crate::Note;

/// How a side came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The sender closed: a body that lasts until close is whole.
    Closed,
    /// The capture ends, or the connection was reset or forgotten.
    Cut,
}

/// A range of a head's or trailer's bytes, half-open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The first byte after.
    pub end: u32,
}

impl Span {
    pub(super) fn new(range: Range<usize>) -> Self {
        let bound = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { start: bound(range.start), end: bound(range.end) }
    }

    /// The bytes of `whole` that it spans.
    pub fn of(self, whole: &[u8]) -> &[u8] {
        whole.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// The first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// RFC 9112 section 3. `version` is empty in HTTP/0.9 and where the line is cut off.
    Request {
        /// The method.
        method: Span,
        /// The target, in any of its forms, as sent.
        target: Span,
        /// `HTTP/1.1` or another.
        version: Span,
    },
    /// RFC 9112 section 4.
    Response {
        /// `HTTP/1.1` or another.
        version: Span,
        /// The status code; 0 where the line is cut off before it.
        status: u16,
        /// The reason phrase, often empty.
        reason: Span,
    },
    /// An answer of HTTP/0.9, which has a body only.
    Absent,
}

/// A header field or trailer field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The name, as sent. Empty for a line without a colon.
    pub name: Span,
    /// The value without the white space around it. Of a folded line it holds the line ends: see [`unfold`].
    pub value: Span,
}

/// Bytes of a body that the capture lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// They would stand before this offset of the body.
    pub offset: u64,
    /// How many; chunk sizes are among them where the body is chunked.
    pub len: u64,
}

/// A request or response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its sender.
    pub side: Side,
    /// Which request of the connection it is, or answers, from 0.
    pub exchange: u64,
    /// The first line, in `head`.
    pub start: Start,
    /// First line and fields with the empty line that ends them.
    pub head: Part,
    /// The header fields, in `head`.
    pub headers: Vec<Field>,
    /// The body without its chunks, in its content coding.
    pub body: Part,
    /// The lines after the last chunk.
    pub trailer: Part,
    /// The trailer fields, in `trailer`.
    pub trailers: Vec<Field>,
    /// What stands after the size of chunks, from the semicolon on, joined.
    pub extensions: Part,
    /// What readers who frame by different lengths see differently: filled where lengths contradict each other or
    /// `Transfer-Encoding`.
    ///
    /// Where the other length is shorter, what its reader takes for the next message; these bytes are also in `body`, or
    /// count as framing. Where it is longer and what follows is no message, the rest of its reader's body.
    pub smuggled: Part,
    /// Bytes of `smuggled` that are neither in `body` nor framing.
    pub surplus: u64,
    /// Places of the body that the capture lacks.
    pub missing: Vec<Missing>,
    /// Bytes of head, body and trailer that were over a cap.
    pub over_limit: u64,
    /// Whether it ends before its end.
    pub is_cut: bool,
    /// When its first byte was captured, in nanoseconds since 1970.
    pub first_time: Option<i64>,
    /// When its last byte was captured.
    pub last_time: Option<i64>,
    /// What is not as the standard says.
    pub notes: Vec<Note>,
}

impl Message {
    /// Bytes of the connection that are in this message, each counted once.
    pub fn content_bytes(&self) -> u64 {
        let parts = [&self.head, &self.body, &self.trailer, &self.extensions];
        parts.iter().fold(self.surplus, |sum, part| sum.saturating_add(part.bytes.len() as u64))
    }

    /// Whether it is a 1xx response other than 101, which another response follows.
    pub fn is_interim(&self) -> bool {
        matches!(self.status(), Some(100 | 102..=199))
    }

    /// The status code of a response.
    pub fn status(&self) -> Option<u16> {
        match self.start {
            Start::Response { status, .. } => Some(status),
            Start::Request { .. } | Start::Absent => None,
        }
    }

    /// Method and target of a request, as sent.
    pub fn request(&self) -> Option<(&[u8], &[u8])> {
        match self.start {
            Start::Request { method, target, .. } => {
                Some((method.of(&self.head.bytes), target.of(&self.head.bytes)))
            }
            Start::Response { .. } | Start::Absent => None,
        }
    }

    /// Values of the header fields of a name, unfolded.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Cow<'a, [u8]>> {
        let head = &self.head.bytes;
        let named = move |field: &&Field| field.name.of(head).eq_ignore_ascii_case(name.as_bytes());
        self.headers.iter().filter(named).map(move |field| unfold(field.value.of(head)))
    }

    /// Transfer codings that are still on the body, in the order in which they were applied.
    pub fn transfer_codings(&self) -> Vec<Vec<u8>> {
        let split = |value: Cow<'_, [u8]>| -> Vec<Vec<u8>> {
            value.split(|byte| *byte == b',').map(|coding| coding.trim_ascii().to_ascii_lowercase()).collect()
        };
        let open = |coding: &Vec<u8>| !matches!(coding.as_slice(), b"" | b"chunked" | b"identity");
        self.values("transfer-encoding").flat_map(split).filter(open).collect()
    }
}

/// A value with the line ends of folded lines, and the white space after them, as one space (RFC 9112 section 5.2).
pub fn unfold(value: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\n', value).is_none() {
        return Cow::Borrowed(value);
    }
    let mut text = Vec::with_capacity(value.len());
    for line in value.split(|byte| *byte == b'\n') {
        let line = line.trim_ascii();
        if !text.is_empty() && !line.is_empty() {
            text.push(b' ');
        }
        text.extend_from_slice(line);
    }
    Cow::Owned(text)
}

/// One thing that a connection hands on.
#[derive(Debug)]
pub enum Output<'a> {
    /// A request or response, at its end.
    Message(Box<Message>),
    /// Bytes after a 101 response.
    Upgraded {
        /// The new protocol, as the `Upgrade` field names it, in lower case.
        protocol: &'a [u8],
        /// The sender.
        side: Side,
        /// The bytes.
        bytes: &'a [u8],
        /// Where they stand in the file.
        at: u64,
        /// When they were captured.
        time: Option<i64>,
    },
    /// Bytes after a `CONNECT` that was granted.
    Tunnel {
        /// The sender.
        side: Side,
        /// The bytes.
        bytes: &'a [u8],
        /// Where they stand in the file.
        at: u64,
        /// When they were captured.
        time: Option<i64>,
    },
    /// Bytes that are lost after an upgrade or in a tunnel.
    Gap {
        /// The sender.
        side: Side,
        /// How many.
        len: u64,
    },
}
