//! The text of an HTTP event: start line, header fields, body, as HTTP/1.1 writes them.
//!
//! HAR files, captures and the live proxy all give the same layout, so that a rule that names a header matches in
//! all of them.

use bytes::Bytes;
use coldcase_model::json::Tape;
use coldcase_model::{Event, EventHead, Extent, Interner, Name, Origin, Surface};

use super::parts::{self, Odd, Said};
use super::{Body, model};
use crate::build::Pieces;

/// An HTTP message under construction.
pub(crate) struct HttpText {
    pieces: Pieces,
    /// The body, where it is JSON or made of parts.
    document: Bytes,
    said: Said,
    extents: Vec<Extent>,
}

impl HttpText {
    /// A message whose text will have about this many bytes.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self {
            pieces: Pieces::with_capacity(bytes),
            document: Bytes::new(),
            said: Said::default(),
            extents: Vec::new(),
        }
    }

    /// The method or status line before the URL.
    pub(crate) fn start(&mut self, surface: Surface, text: &[u8], origin: Origin) {
        self.pieces.push(surface, text, origin);
    }

    /// The URL, on a line of its own.
    pub(crate) fn url(&mut self, url: &[u8], origin: Origin) {
        self.pieces.push(Surface::Url, url, origin);
        self.pieces.push(Surface::Header, b"\n", origin);
    }

    /// A header field.
    pub(crate) fn header(&mut self, name: &[u8], value: &[u8], origin: Origin) {
        self.said.field(name, value);
        self.pieces.push_named(Surface::Header, (name, b": "), (value, b"\n"), origin);
    }

    /// A parameter or cookie that the recording lists beside the message; nothing where the message has it already.
    pub(crate) fn listed(&mut self, surface: Surface, name: &[u8], value: &[u8], origin: Origin) {
        let pair = [name, b"=", value].concat();
        if !self.pieces.contains(&pair) {
            self.start_line(surface, origin);
            self.pieces.push_named(surface, (name, b"="), (value, b"\n"), origin);
        }
    }

    /// A field of the recording that belongs to no part of HTTP, under its JSON pointer.
    pub(crate) fn other(&mut self, pointer: &Name, bytes: &[u8], origin: Origin) {
        self.start_line(Surface::LogField, origin);
        self.pieces.push_fixed(Surface::LogField, pointer, bytes, origin);
        self.pieces.push(Surface::LogField, b"\n", origin);
    }

    /// What a recording holds beside the message, as it stands.
    pub(crate) fn beside(&mut self, bytes: &[u8], origin: Origin) {
        self.pieces.push(Surface::LogField, bytes, origin);
    }

    /// What comes after a body must not run into its last word.
    fn start_line(&mut self, surface: Surface, origin: Origin) {
        if !self.pieces.is_at_line_start() {
            self.pieces.push(surface, b"\n", origin);
        }
    }

    /// The type of the body, where the recording tells it and header fields do not.
    pub(crate) fn assume_type(&mut self, content_type: &[u8]) {
        self.said.assume_type(content_type);
    }

    /// The body, laid out as the header fields before it say. `tape` is room to read it in; `most` bytes are decoded of
    /// what is in its parts.
    pub(crate) fn body(&mut self, body: Body, most: usize, (tape, names): (&mut Tape, &mut Interner)) -> Odd {
        let base = self.pieces.len();
        if let Some(layout) = self.said.layout()
            // Programs send JSON under the type of a form, too.
            && !(may_be_json(&body.bytes) && tape.parse(&body.bytes).is_ok())
            && let Some(odd) = parts::push(&mut self.pieces, &body, (layout, &self.said), most, names)
        {
            if odd.is_as_sent {
                self.extents = body.places.extents(0, base);
            }
            self.document = Bytes::from(body.bytes);
            return odd;
        }
        self.payload(Surface::Body, body, tape);
        Odd::default()
    }

    /// The payload of a WebSocket message or server-sent event. Of a JSON document the escapes of strings are resolved,
    /// and what is said to a model or by one has the surfaces of that.
    pub(crate) fn payload(&mut self, surface: Surface, body: Body, tape: &mut Tape) {
        let Body { bytes, offset, len, places } = body;
        if may_be_json(&bytes)
            && let Ok(root) = tape.parse(&bytes)
        {
            let marks = model::marks(root);
            self.pieces.push_document((&marks, surface), &bytes, root, Origin::Body { offset, len });
            self.document = Bytes::from(bytes);
            self.extents = places.extents(0, 0);
        } else {
            self.extents = places.extents(0, self.pieces.len());
            self.pieces.push(surface, &bytes, Origin::Decoded { offset, len });
        }
    }

    /// The finished event.
    pub(crate) fn into_event(self, head: EventHead) -> Event {
        Event { extents: self.extents, ..self.pieces.into_event_of(head, self.document, 0) }
    }
}

fn may_be_json(bytes: &[u8]) -> bool {
    matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['))
}
