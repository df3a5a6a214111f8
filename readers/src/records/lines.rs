//! Event records line by line, for a caller that judges each before the next arrives.

use std::sync::Arc;

use bytes::Bytes;
use coldcase_model::{
    Anomaly, AnomalyKind, ArtifactIndex, EventKind, Item, NotScanned, SessionKey, SourcePos, Surface,
};

use super::read::RecordsReader;
use crate::build;
use crate::limits::Limits;
use crate::record::{Context, RawRecord, RecordReader, Reject, Scratch};

/// A reader of lines.
pub struct RecordLines {
    reader: RecordsReader,
    scratch: Scratch,
    line: u64,
    offset: u64,
}

impl RecordLines {
    /// A reader whose events belong to `session` where they name none.
    pub fn new(session: &str) -> Self {
        let context = Context {
            artifact: ArtifactIndex::default(),
            session: SessionKey::new(session),
            limits: Limits::default(),
        };
        let reader = RecordsReader { context: Arc::new(context) };
        Self { reader, scratch: Scratch::default(), line: 0, offset: 0 }
    }

    /// The items of the next line, given without its line feed and without `left_out` bytes at its end. A broken
    /// line gives an anomaly and its text as an event, so that it is scanned all the same.
    pub fn read(&mut self, line: &[u8], left_out: u64) -> Vec<Item> {
        let pos = SourcePos { artifact: ArtifactIndex::default(), record: self.line, offset: self.offset };
        let record = RawRecord { bytes: Bytes::copy_from_slice(line), pos };
        self.line += 1;
        self.offset += line.len() as u64 + left_out + 1;
        let mut items = Vec::new();
        let read = if left_out == 0 {
            self.reader.read(&record, &mut self.scratch, &mut |item| items.push(item)).map(|_| ())
        } else {
            let what = format!("the record is over {} bytes; {left_out} bytes are left out", line.len());
            Err(Reject { kind: AnomalyKind::OverLimit, offset: 0, what })
        };
        if let Err(reject) = read {
            items.push(Item::Anomaly(Anomaly::new(reject.kind, record.at(reject.offset), reject.what)));
            let session = self.reader.context.session.clone();
            let mut event = build::text_event(EventKind::Text, session, &record, Surface::JsonString);
            // Its text is scanned, but what it means is unknown: policy is told that it was not understood.
            let why = if left_out > 0 { NotScanned::RecordCap } else { NotScanned::NotUnderstood };
            event.head.missing.push((why, left_out));
            items.push(Item::Event(Box::new(event)));
        }
        items
    }
}
