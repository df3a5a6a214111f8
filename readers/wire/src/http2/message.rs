//! One side of a stream as it is handed on.

use crate::Side;
use bytes::Bytes;

use super::field::Field;
use super::grpc;
use crate::Note;

/// A stretch of a body that stands in one piece in the capture file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Where it starts in the body.
    pub offset: u64,
    /// Where it stands in the capture file.
    pub at: u64,
    /// Its length in bytes.
    pub len: u64,
}

/// What one side sent on one stream. Request and answer have the same `stream` and different `side`s.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// The stream's number.
    pub stream: u32,
    /// Who sent it.
    pub side: Side,
    /// A request that the server made up, in PUSH_PROMISE: the stream on which it was announced. `stream` is the one on
    /// which the answer comes.
    pub promised_on: Option<u32>,
    /// Where in the capture file its first frame starts.
    pub at: u64,
    /// When its first byte was captured. Units: nanoseconds since 1970; `None` when the capture has no times.
    pub start: Option<i64>,
    /// When its last byte was captured. Units as for `start`.
    pub end: Option<i64>,
    /// Heads with a status of 1xx that came before the head.
    pub interim: Vec<Vec<Field>>,
    /// The head's fields in their order, pseudo-header fields included.
    pub fields: Vec<Field>,
    /// What the DATA frames have, padding removed, content coding not.
    pub body: Bytes,
    /// Where the body stands in the capture file, in the body's order and without holes in the body.
    pub extents: Vec<Extent>,
    /// Fields after the body.
    pub trailers: Vec<Field>,
    /// Bytes of the field blocks as they were sent, as far as they are in `interim`, `fields` and `trailers`.
    pub block_bytes: u64,
    /// Bytes of the body beyond the cap.
    pub over_limit: u64,
    /// Fields beyond the cap.
    pub fields_over_limit: u64,
    /// It was not seen to its end or not from its start: reset, cut by a limit, by a gap or by the capture.
    pub is_cut: bool,
    /// The stream was reset, with this error code. Source: RFC 9113, section 7.
    pub reset: Option<u32>,
    /// Bytes of its side are missing since it began, maybe its own.
    pub has_gap: bool,
    /// What is odd about it, once a kind.
    pub notes: Vec<Note>,
}

impl Message {
    pub(super) fn new(stream: u32, side: Side, at: u64, time: Option<i64>) -> Self {
        Self {
            stream,
            side,
            promised_on: None,
            at,
            start: time,
            end: time,
            interim: Vec::new(),
            fields: Vec::new(),
            body: Bytes::new(),
            extents: Vec::new(),
            trailers: Vec::new(),
            block_bytes: 0,
            over_limit: 0,
            fields_over_limit: 0,
            is_cut: false,
            reset: None,
            has_gap: false,
            notes: Vec::new(),
        }
    }

    /// Bytes of the connection that are in this message: those of its body and its field blocks.
    pub fn content_bytes(&self) -> u64 {
        self.block_bytes + self.body.len() as u64
    }

    /// The value of the first field of the head with this name, which is in lower case.
    pub fn field(&self, name: &str) -> Option<&Bytes> {
        value_of(&self.fields, name)
    }

    /// The body is a row of gRPC messages.
    pub fn is_grpc(&self) -> bool {
        self.field("content-type").is_some_and(|kind| grpc::is_grpc(kind))
    }

    pub(super) fn note(
        &mut self,
        kind: &'static str,
        at: u64,
        what: impl Into<std::borrow::Cow<'static, str>>,
    ) {
        if !self.notes.iter().any(|note| note.kind == kind) {
            self.notes.push(Note { kind, at, what: what.into() });
        }
    }
}

/// The value of the first field with this name.
pub(super) fn value_of<'a>(fields: &'a [Field], name: &str) -> Option<&'a Bytes> {
    fields.iter().find(|field| field.name == name.as_bytes()).map(|field| &field.value)
}
