//! Findings that are no HTTP: joined answers of models, DNS, hellos of TLS, and bytes that stand alone.

use coldcase_model::{Detail, EventKind, Item, Name, Origin, SourceSpan, Surface};
use coldcase_wire::{Hello, Place, Side, Text, dns, sse};

use super::event::FoundReader;
use crate::build::Pieces;
use crate::http::answer_event;
use crate::record::{Emit, RawRecord};

impl FoundReader<'_> {
    /// Texts that a model sent in pieces, each whole.
    pub(super) fn joined(
        &mut self,
        place: &Place,
        (side, time): (Side, Option<i64>),
        source: SourceSpan,
        joined: Vec<sse::Joined>,
        emit: Emit<'_>,
    ) {
        for answer in joined {
            let head = self.head(EventKind::Model, (place, side), Detail::None, source, time);
            let origin = Origin::Body { offset: source.pos.offset, len: source.len };
            emit(Item::Event(Box::new(answer_event(&answer, head, origin, &mut self.names))));
        }
    }

    pub(super) fn dns(&mut self, place: &Place, side: Side, message: &dns::Message, emit: Emit<'_>) {
        let at = message.extents.first().map_or(0, |(_, at)| *at);
        let source = self.source(at, message.bytes.len() as u64);
        let head = self.head(EventKind::Dns, (place, side), Detail::None, source, message.time);
        let origin = Origin::Decoded { offset: source.pos.offset, len: source.len };
        let mut pieces = Pieces::with_capacity(256);
        for question in &message.questions {
            pieces.push(Surface::DnsName, format!("{}\n", question.name).as_bytes(), origin);
        }
        for record in &message.records {
            let kind = Name::from(record.kind.to_string().as_str());
            pieces.push(Surface::DnsName, format!("{}\n", record.name).as_bytes(), origin);
            pieces.push_fixed(Surface::LogField, &kind, format!("{}\n", record.text).as_bytes(), origin);
        }
        let trailing = message.bytes.get(message.trailing.0..message.trailing.1).unwrap_or_default();
        pieces.push(Surface::LogField, trailing, origin);
        emit(Item::Event(Box::new(pieces.into_event(head))));
    }

    pub(super) fn hello(&mut self, place: &Place, hello: &Hello, emit: Emit<'_>) {
        let source = self.source(hello.at, 0);
        let detail = Detail::Log { entry_type: Some(self.names.name("tls_client_hello")) };
        let head = self.head(EventKind::Log, (place, Side::Client), detail, source, hello.time);
        let origin = Origin::Decoded { offset: source.pos.offset, len: 0 };
        let mut pieces = Pieces::with_capacity(256);
        if let Some(name) = &hello.server_name {
            pieces.push(Surface::Host, format!("{name}\n").as_bytes(), origin);
        }
        let alpn = hello.alpn.join(&b","[..]);
        for (name, value) in [
            ("transport", hello.carrier.name().as_bytes()),
            ("alpn", alpn.as_slice()),
            ("ja3", hello.ja3.as_bytes()),
            ("ja4", hello.ja4.as_bytes()),
        ] {
            let text = [name.as_bytes(), b": ", value, b"\n"].concat();
            pieces.push_fixed(Surface::LogField, &Name::from(name), &text, origin);
        }
        emit(Item::Event(Box::new(pieces.into_event(head))));
    }

    pub(super) fn text(&mut self, place: &Place, text: Text, emit: Emit<'_>) {
        let head = {
            let source = self.source(text.at, text.bytes.len() as u64);
            let detail = Detail::Log { entry_type: Some(self.names.name(text.why)) };
            self.head(EventKind::Text, (place, text.side), detail, source, text.time)
        };
        let record = RawRecord { bytes: text.bytes, pos: head.source.pos };
        let mut event =
            crate::build::text_event(EventKind::Text, head.session.clone(), &record, Surface::Body);
        event.head = head;
        emit(Item::Event(Box::new(event)));
    }
}
