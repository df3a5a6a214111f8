//! A finding of a capture to its events: what all kinds have in common.

use coldcase_model::json::Tape;
use coldcase_model::{
    Detail, Direction, EventHead, EventKind, Interner, Item, Precision, SessionKey, SourcePos, SourceSpan,
    TimeSource, Timestamp,
};
use coldcase_wire::{Found, Note, Place, Side, What};

use super::batches::Numbered;
use super::places::Places;
use crate::http::anomaly;
use crate::record::{Context, Emit};

/// Reads findings; one for each batch.
pub(super) struct FoundReader<'r> {
    pub(super) context: &'r Context,
    places: &'r Places,
    pub(super) tape: Tape,
    pub(super) names: Interner,
    /// The record that is being read, and where it starts.
    record: u64,
    home: u64,
    session: SessionKey,
}

impl<'r> FoundReader<'r> {
    pub(super) fn new(context: &'r Context, places: &'r Places) -> Self {
        Self {
            context,
            places,
            tape: Tape::default(),
            names: Interner::default(),
            record: 0,
            home: 0,
            session: context.session.clone(),
        }
    }

    /// Emits the events of a finding.
    pub(super) fn read(&mut self, one: Numbered, emit: Emit<'_>) {
        let Numbered { found, record, session } = one;
        self.session = session;
        (self.record, self.home) = (record, found.at());
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
        let (artifact, offset) = self.places.of(offset);
        // In another file than the record's it has another number, or none.
        let record = if self.places.of(self.home).0 == artifact { self.record } else { 0 };
        SourcePos { artifact, record, offset }
    }

    /// The offset of a part in the file in which the event stands. A part that stands in a later file is said to stand
    /// where the event does.
    pub(super) fn offset(&self, at: u64) -> u64 {
        let (home, start) = self.places.of(self.home);
        let (artifact, offset) = self.places.of(at);
        if artifact == home { offset } else { start }
    }

    /// The offset of something in the file in which the event stands; `None` where it stands in another.
    pub(super) fn offset_at_home(&self, at: u64) -> Option<u64> {
        let (artifact, offset) = self.places.of(at);
        (artifact == self.places.of(self.home).0).then_some(offset)
    }

    pub(super) fn source(&self, offset: u64, len: u64) -> SourceSpan {
        SourceSpan { pos: self.pos(offset), len }
    }

    /// The session of what is read.
    pub(super) fn session(&self) -> SessionKey {
        self.session.clone()
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
        let mut head = EventHead::new(kind, self.session(), source);
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
