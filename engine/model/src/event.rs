//! The event: one normalised record, with all its text in one buffer and the parts that tile it.

use bytes::Bytes;

use crate::kind::vocabulary;
use crate::{
    Direction, EventId, EventKind, Label, Name, NotScanned, Origin, Part, SessionKey, SourceSpan, Span,
    Surface, Timestamp,
};

vocabulary! {
    /// What a JSON-RPC message is.
    RpcRole {
        /// It has a method and an id.
        Request => "request",
        /// It has a method and no id.
        Notification => "notification",
        /// It has an id and a result.
        Response => "response",
        /// It has an id and an error.
        Error => "error",
    }
}

/// What is particular to an event's kind, small enough to keep for every event.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum Detail {
    /// Nothing.
    #[default]
    None,
    /// An HTTP request or response, a WebSocket message or a server-sent event.
    Http {
        /// The request's method; for a WebSocket message its opcode.
        method: Option<Name>,
        /// The response's status.
        status: Option<u16>,
    },
    /// A JSON-RPC message (MCP or A2A).
    Rpc {
        /// What it is.
        role: RpcRole,
        /// Its method; for a response, that of the request, where the pair was found.
        method: Option<Name>,
        /// Its id as it stands in the JSON, so that `1` and `"1"` differ.
        id: Option<Name>,
        /// The tool that it calls, or that answered, where it is known.
        tool: Option<Name>,
        /// The event at the other end of the pair.
        pair: Option<EventId>,
    },
    /// A log entry: its type or format.
    Log {
        /// The entry's type.
        entry_type: Option<Name>,
    },
    /// A message to or from a model.
    Model {
        /// Who speaks.
        role: Option<Name>,
        /// The tool that is called, or that answers, where it is known.
        tool: Option<Name>,
        /// The id that a call and its result share.
        call: Option<Name>,
        /// The event at the other end: a call's result, a result's call.
        pair: Option<EventId>,
    },
}

/// The verdict that the recording firewall wrote down at the time.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Recorded {
    /// Its word for what it did, as it stands (`block`, `allow`, …).
    pub verdict: Name,
    /// The layer that decided, where the entry names one.
    pub layer: Option<Name>,
    /// The pattern that fired, where the entry names one.
    pub pattern: Option<Name>,
    /// Whether the recording holds all of what the verdict was about; without it the verdict can be read and not replayed.
    pub has_content: bool,
}

/// What is kept of an event after its bytes are gone.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct EventHead {
    /// Its place in the run.
    pub id: EventId,
    /// The name that the recording gave it.
    pub name: Option<Name>,
    /// What it is.
    pub kind: EventKind,
    /// When it happened; `None` when the recording does not say.
    pub time: Option<Timestamp>,
    /// The session that it belongs to.
    pub session: SessionKey,
    /// Which way it went; `None` when the recording does not tell.
    pub direction: Option<Direction>,
    /// Who acts.
    pub agent: Option<Name>,
    /// The server at the other end.
    pub server: Option<Name>,
    /// What is particular to its kind.
    pub detail: Detail,
    /// The firewall's own verdict.
    pub recorded: Option<Recorded>,
    /// Where it stands in the input.
    pub source: SourceSpan,
    /// Bytes of it that no scanner can see, by reason.
    pub missing: Vec<(NotScanned, u64)>,
}

impl EventHead {
    /// Whether the recording itself left bytes of it out, or only names what a firewall judged.
    pub fn lacks_bytes(&self) -> bool {
        self.missing.iter().any(|(reason, _)| *reason == NotScanned::NotRecorded)
            || self.recorded.as_ref().is_some_and(|recorded| !recorded.has_content)
    }

    /// The head of an event of which only its kind, session and place are known yet.
    pub fn new(kind: EventKind, session: SessionKey, source: SourceSpan) -> Self {
        Self {
            id: EventId { artifact: source.pos.artifact, index: 0 },
            name: None,
            kind,
            time: None,
            session,
            direction: None,
            agent: None,
            server: None,
            detail: Detail::None,
            recorded: None,
            source,
            missing: Vec::new(),
        }
    }
}

/// One normalised record.
#[derive(Debug, Clone)]
pub struct Event {
    /// All that is known besides its bytes.
    pub head: EventHead,
    /// Every byte of it that is to be scanned, in one buffer.
    pub text: Bytes,
    /// The parts, in order; they tile the text.
    pub parts: Vec<Part>,
    /// The JSON document that parts of origin [`Origin::Document`] or [`Origin::Body`] come from, with its escapes; of a
    /// body that is made of parts, the body as it was sent.
    pub document: Bytes,
    /// Where the document starts in the artifact's decoded content.
    pub document_offset: u64,
    /// Where the bytes of a body stand that was sent in pieces, in order, as far as that is known and more than the parts
    /// say.
    pub extents: Vec<Extent>,
}

/// A stretch of an event's body that stands in one piece in the artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// The stretch: of the document, where one of the parts comes from it; else of the text.
    pub span: Span,
    /// Where it stands in the artifact's decoded content.
    pub offset: u64,
    /// Whether it stands there byte by byte; if not, it is encrypted there.
    pub is_exact: bool,
}

impl Extent {
    /// Where the part of `span` stands that lies in this stretch: offset and length.
    pub fn source(&self, span: Span) -> (u64, u64) {
        if !self.is_exact {
            return (self.offset, self.span.len() as u64);
        }
        let before = span.start.saturating_sub(self.span.start);
        let len = span.len().min(self.span.len().saturating_sub(before));
        (self.offset.saturating_add(before as u64), len as u64)
    }
}

impl Event {
    /// The part that holds a byte of the text; the last one for a position at or past the end.
    pub fn part_at(&self, position: usize) -> Option<&Part> {
        let index = self.parts.partition_point(|part| part.span.end <= position);
        self.parts.get(index).or(self.parts.last())
    }

    /// The stretch that holds a byte of the document or text.
    pub fn extent_at(&self, position: usize) -> Option<&Extent> {
        let index = self.extents.partition_point(|extent| extent.span.end <= position);
        self.extents.get(index).filter(|extent| extent.span.start <= position)
    }

    /// The bytes of a part.
    pub fn bytes(&self, part: &Part) -> &[u8] {
        part.span.of(&self.text)
    }

    /// The name of a part as bytes of the input; empty when it has none.
    pub fn label<'e>(&'e self, part: &'e Part) -> &'e [u8] {
        match &part.label {
            Label::None => &[],
            Label::Text(span) => span.of(&self.text),
            Label::Fixed(name) => name.as_bytes(),
        }
    }

    /// The first part on a surface.
    pub fn first_on(&self, surface: Surface) -> Option<&Part> {
        self.parts.iter().find(|part| part.surface == surface)
    }

    /// Whether the parts tile the text: the invariant that lets one pass over the text see every part.
    pub fn is_tiled(&self) -> bool {
        let mut at = 0;
        let tiled = self.parts.iter().all(|part| {
            let follows = part.span.start == at && part.span.end >= at;
            at = part.span.end;
            follows
        });
        tiled && at == self.text.len()
    }

    /// Whether the event was read from a JSON document, and not from a message whose body is one.
    pub fn has_document(&self) -> bool {
        self.parts.iter().any(|part| part.origin == Origin::Document)
    }
}
