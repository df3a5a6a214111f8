//! JSON of no format that is known: each value becomes a log event, so that all of it is scanned.

use coldcase_model::{Detail, EventHead, EventKind, Item, Surface, TimeSource};

use crate::build;
use crate::record::{Booked, Context, Emit, RawRecord, RecordReader, Reject, Scratch};
use crate::time;

/// Reads any JSON value.
pub(crate) struct GenericReader {
    pub(crate) context: std::sync::Arc<Context>,
}

impl RecordReader for GenericReader {
    fn read(&self, record: &RawRecord, scratch: &mut Scratch, emit: Emit<'_>) -> Result<Booked, Reject> {
        let root = scratch.tape.parse(&record.bytes)?;
        let mut head = EventHead::new(EventKind::Log, self.context.session.clone(), record.span());
        head.detail = Detail::Log { entry_type: Some(scratch.names.name("json")) };
        let stated = ["timestamp", "time", "ts", "@timestamp"].iter().find_map(|key| root.get_str(key));
        head.time = stated.and_then(|text| time::parse(&text, TimeSource::LogField));
        let event =
            build::document_event(head, &record.bytes, record.pos.offset, root, &[], Surface::LogField);
        emit(Item::Event(Box::new(event)));
        Ok(Booked::Whole)
    }
}
