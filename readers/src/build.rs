//! Ways to make an event: from plain bytes, from a JSON document, or piece by piece.

use bytes::Bytes;
use coldcase_model::json::{self, Mark, Value};
use coldcase_model::{Event, EventHead, EventKind, Label, Name, Origin, Part, SessionKey, Span, Surface};

use crate::record::RawRecord;

/// An event whose text is a record as it stands.
pub(crate) fn text_event(
    kind: EventKind,
    session: SessionKey,
    record: &RawRecord,
    surface: Surface,
) -> Event {
    let len = record.bytes.len();
    Event {
        head: EventHead::new(kind, session, record.span()),
        parts: vec![Part {
            surface,
            span: Span::new(0, len),
            label: Label::None,
            origin: Origin::Decoded { offset: record.pos.offset, len: len as u64 },
        }],
        text: record.bytes.clone(),
        document: Bytes::new(),
        document_offset: 0,
        extents: Vec::new(),
    }
}

/// An event whose text is a JSON value of `document`, which starts at `offset` of the artifact.
pub(crate) fn document_event(
    head: EventHead,
    document: &Bytes,
    offset: u64,
    root: Value<'_, '_>,
    marks: &[Mark],
    rest: Surface,
) -> Event {
    let flat = json::flatten(document, root, marks, rest);
    // The document is cut to the value, so that positions in it can be found again without the rest.
    let span = root.span();
    Event {
        head,
        text: flat.text,
        parts: flat.parts,
        document: document.slice(span.start..span.end),
        document_offset: offset + span.start as u64,
        extents: Vec::new(),
    }
}

/// An event under construction, piece by piece.
pub(crate) struct Pieces {
    text: Vec<u8>,
    parts: Vec<Part>,
}

impl Pieces {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { text: Vec::with_capacity(bytes), parts: Vec::with_capacity(24) }
    }

    /// Goes on after what an event already holds, with room for so many bytes more.
    pub(crate) fn after(event: Event, room: usize) -> (EventHead, Self, Bytes, u64) {
        let text = if event.text.is_unique() {
            event.text.into()
        } else {
            let mut text = Vec::with_capacity(event.text.len() + room);
            text.extend_from_slice(&event.text);
            text
        };
        let pieces = Self { text, parts: event.parts };
        (event.head, pieces, event.document, event.document_offset)
    }

    /// Adds a part without a name.
    pub(crate) fn push(&mut self, surface: Surface, bytes: &[u8], origin: Origin) {
        self.push_labelled(surface, bytes, Label::None, origin);
    }

    /// Adds a JSON value of `document`, with the escapes of its strings resolved: what is marked as parts on their
    /// surfaces, the rest on `rest`.
    pub(crate) fn push_document(
        &mut self,
        (marks, rest): (&[Mark], Surface),
        document: &[u8],
        root: Value<'_, '_>,
        origin: Origin,
    ) {
        self.parts.extend(json::flatten_into(document, root, (marks, rest), origin, &mut self.text));
    }

    /// Adds a part with a fixed name or pointer.
    pub(crate) fn push_fixed(&mut self, surface: Surface, name: &Name, bytes: &[u8], origin: Origin) {
        self.push_labelled(surface, bytes, Label::Fixed(name.clone()), origin);
    }

    /// Adds `name`, `separator`, `value` and `end` as the text has them in a protocol; the part is the value, and
    /// its label the name. Name and separator are a part of their own on the same surface.
    pub(crate) fn push_named(
        &mut self,
        surface: Surface,
        (name, separator): (&[u8], &[u8]),
        (value, end): (&[u8], &[u8]),
        origin: Origin,
    ) {
        let start = self.text.len();
        self.text.extend_from_slice(name);
        let label = Label::Text(Span::new(start, self.text.len()));
        self.text.extend_from_slice(separator);
        self.part_since(start, surface, label.clone(), origin);
        let start = self.text.len();
        self.text.extend_from_slice(value);
        self.text.extend_from_slice(end);
        self.part_since(start, surface, label, origin);
    }

    fn push_labelled(&mut self, surface: Surface, bytes: &[u8], label: Label, origin: Origin) {
        let start = self.text.len();
        self.text.extend_from_slice(bytes);
        self.part_since(start, surface, label, origin);
    }

    fn part_since(&mut self, start: usize, surface: Surface, label: Label, origin: Origin) {
        if start < self.text.len() {
            self.parts.push(Part { surface, span: Span::new(start, self.text.len()), label, origin });
        }
    }

    /// Whether the next byte is the first of a line.
    pub(crate) fn is_at_line_start(&self) -> bool {
        self.text.last().is_none_or(|byte| *byte == b'\n')
    }

    /// How long the text is so far.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether the text so far contains these bytes.
    pub(crate) fn contains(&self, bytes: &[u8]) -> bool {
        memchr::memmem::find(&self.text, bytes).is_some()
    }

    /// The finished event.
    pub(crate) fn into_event(self, head: EventHead) -> Event {
        self.into_event_of(head, Bytes::new(), 0)
    }

    /// The finished event, with the document that some of its parts come from.
    pub(crate) fn into_event_of(self, head: EventHead, document: Bytes, document_offset: u64) -> Event {
        let extents = Vec::new();
        Event { head, text: Bytes::from(self.text), parts: self.parts, document, document_offset, extents }
    }
}
