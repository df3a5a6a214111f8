//! The text of an HTTP event: start line, header fields, body, as HTTP/1.1 writes them.
//!
//! HAR files, captures and the live proxy all give the same layout, so that a rule that names a header matches in
//! all of them.

use coldcase_model::{Event, EventHead, Name, Origin, Surface};

use super::Body;
use crate::build::Pieces;

/// An HTTP message under construction.
pub(crate) struct HttpText {
    pieces: Pieces,
}

impl HttpText {
    /// A message whose text will have about this many bytes.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { pieces: Pieces::with_capacity(bytes) }
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
        self.pieces.push_named(Surface::Header, (name, b": "), (value, b"\n"), origin);
    }

    /// A parameter or cookie that the recording lists beside the message; nothing where the message has it already.
    pub(crate) fn listed(&mut self, surface: Surface, name: &[u8], value: &[u8], origin: Origin) {
        let pair = [name, b"=", value].concat();
        if !self.pieces.contains(&pair) {
            self.pieces.push_named(surface, (name, b"="), (value, b"\n"), origin);
        }
    }

    /// A field of the recording that belongs to no part of HTTP, under its JSON pointer.
    pub(crate) fn other(&mut self, pointer: &Name, bytes: &[u8], origin: Origin) {
        self.pieces.push_fixed(Surface::LogField, pointer, bytes, origin);
        self.pieces.push(Surface::LogField, b"\n", origin);
    }

    /// The body.
    pub(crate) fn body(&mut self, body: &Body) {
        self.payload(Surface::Body, body);
    }

    /// The payload of a WebSocket message or server-sent event.
    pub(crate) fn payload(&mut self, surface: Surface, body: &Body) {
        let origin = Origin::Decoded { offset: body.offset, len: body.len };
        self.pieces.push(surface, &body.bytes, origin);
    }

    /// The finished event.
    pub(crate) fn into_event(self, head: EventHead) -> Event {
        self.pieces.into_event(head)
    }
}
