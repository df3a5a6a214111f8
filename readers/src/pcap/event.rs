//! A finding of a capture to its events: what all kinds have in common.

use coldcase_model::json::Tape;
use coldcase_model::{
    Detail, Direction, EventHead, EventKind, Interner, Item, Precision, SessionKey, SourcePos, SourceSpan,
    TimeSource, Timestamp,
};
use coldcase_wire::{Found, Note, Place, Side, What};

use crate::http::anomaly;
use crate::record::{Context, Emit};

/// Reads findings; one for each batch.
pub(super) struct FoundReader<'r> {
    pub(super) context: &'r Context,
    pub(super) tape: Tape,
    pub(super) names: Interner,
    /// The record that is being read.
    record: u64,
}

impl<'r> FoundReader<'r> {
    pub(super) fn new(context: &'r Context) -> Self {
        Self { context, tape: Tape::default(), names: Interner::default(), record: 0 }
    }

    /// Emits the events of a finding.
    pub(super) fn read(&mut self, found: Found, record: u64, emit: Emit<'_>) {
        self.record = record;
        let Found { place, what } = found;
        match what {
            What::Http1(message, url) => self.http1(&place, &message, url.as_deref(), emit),
            What::Http2(message, url) => self.http2(&place, &message, url.as_deref(), emit),
            What::WebSocket(message, _) => self.web_socket(&place, &message, emit),
            What::Dns(side, message) => self.dns(&place, side, &message, emit),
            What::Hello(hello) => self.hello(&place, &hello, emit),
            What::Text(text) => self.text(&place, text, emit),
        }
    }

    /// Something that breaks the rules of its layer.
    pub(super) fn note(&self, note: &Note, emit: Emit<'_>) {
        emit(Item::Anomaly(anomaly(note, self.pos(note.at))));
    }

    pub(super) fn pos(&self, offset: u64) -> SourcePos {
        SourcePos { artifact: self.context.artifact, record: self.record, offset }
    }

    pub(super) fn source(&self, offset: u64, len: u64) -> SourceSpan {
        SourceSpan { pos: self.pos(offset), len }
    }

    /// The session: a client, that is one address in one capture.
    pub(super) fn session(&self, place: &Place) -> SessionKey {
        SessionKey::new(&format!("{} {}", self.context.session.as_str(), place.flow.client.address))
    }

    /// The head of an event that a side sent.
    pub(super) fn head(
        &mut self,
        kind: EventKind,
        (place, side): (&Place, Side),
        detail: Detail,
        source: SourceSpan,
        time: Option<i64>,
    ) -> EventHead {
        let mut head = EventHead::new(kind, self.session(place), source);
        head.direction = Some(direction(side));
        head.time = timestamp(time);
        head.server = Some(self.server(place));
        head.detail = detail;
        head
    }

    fn server(&mut self, place: &Place) -> coldcase_model::Name {
        match &place.host {
            Some(host) => self.names.name_lossy(host.as_bytes()),
            None => self.names.name(&place.flow.server.address.to_string()),
        }
    }
}

/// The client is the agent's side.
pub(super) fn direction(side: Side) -> Direction {
    match side {
        Side::Client => Direction::Egress,
        Side::Server => Direction::Ingress,
    }
}

pub(super) fn timestamp(time: Option<i64>) -> Option<Timestamp> {
    time.map(|nanos| Timestamp { nanos, precision: Precision::Nano, source: TimeSource::Capture })
}
