//! A2A agent cards: what an agent says about itself to those that may call it.

use std::sync::Arc;

use bytes::Bytes;
use coldcase_model::json::{Mark, Value};
use coldcase_model::{Direction, Event, EventHead, EventKind, Item, Surface};

use crate::build;
use crate::record::{Booked, Context, Emit, RawRecord, RecordReader, Reject, Scratch};

/// Reads files that hold one card, or several.
pub(crate) struct CardReader {
    pub(crate) context: Arc<Context>,
}

/// Whether an object is an agent card.
pub(crate) fn is_card(value: Value<'_, '_>) -> bool {
    let has = |key| value.get(key).is_some();
    has("name") && has("skills") && (has("capabilities") || has("url") || has("supportedInterfaces"))
}

/// The event of a card.
pub(crate) fn event(mut head: EventHead, document: &Bytes, offset: u64, card: Value<'_, '_>) -> Event {
    head.direction = head.direction.or(Some(Direction::Ingress));
    let mut marks: Vec<Mark> = Vec::new();
    for (key, value) in card.members() {
        let surface = match key.raw() {
            b"\"name\"" => Surface::ToolName,
            b"\"url\"" | b"\"documentationUrl\"" | b"\"iconUrl\"" => Surface::Url,
            b"\"description\"" | b"\"skills\"" | b"\"capabilities\"" | b"\"provider\"" => {
                Surface::ToolDescription
            }
            _ => continue,
        };
        marks.push(Mark { span: value.content(), surface });
    }
    build::document_event(head, document, offset, card, &marks, Surface::JsonString)
}

impl RecordReader for CardReader {
    fn read(&self, record: &RawRecord, scratch: &mut Scratch, emit: Emit<'_>) -> Result<Booked, Reject> {
        let card = scratch.tape.parse(&record.bytes)?;
        let mut head = EventHead::new(EventKind::A2aCard, self.context.session.clone(), record.span());
        head.agent = card.get_str("name").map(|name| scratch.names.name(&name));
        emit(Item::Event(Box::new(event(head, &record.bytes, record.pos.offset, card))));
        Ok(Booked::Whole)
    }
}
