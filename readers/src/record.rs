//! A batch of records and the format's reader that turns each into events.

use std::sync::Arc;

use bytes::Bytes;
use coldcase_model::json::Tape;
use coldcase_model::{
    Account, Anomaly, AnomalyKind, ArtifactIndex, Batch, EventKind, Interner, Item, Ledger, NotScanned,
    Outcome, SessionKey, SourcePos, SourceSpan, Surface,
};

use crate::build;
use crate::frame::{Chunk, RecordKind};
use crate::limits::Limits;
use crate::utf8;

/// One record with its place.
#[derive(Debug, Clone)]
pub(crate) struct RawRecord {
    pub(crate) bytes: Bytes,
    pub(crate) pos: SourcePos,
}

impl RawRecord {
    /// The record as a stretch of the artifact.
    pub(crate) fn span(&self) -> SourceSpan {
        SourceSpan { pos: self.pos, len: self.bytes.len() as u64 }
    }

    /// A position inside the record.
    pub(crate) fn at(&self, offset: usize) -> SourcePos {
        SourcePos { offset: self.pos.offset + offset as u64, ..self.pos }
    }
}

/// What a reader needs from record to record, reused over a batch.
#[derive(Default)]
pub(crate) struct Scratch {
    pub(crate) tape: Tape,
    /// For a document inside a string of the first.
    pub(crate) inner: Tape,
    pub(crate) names: Interner,
    /// Unknown fields that were noted.
    pub(crate) seen: std::collections::BTreeSet<String>,
}

/// What is the same for every record of an input.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) artifact: ArtifactIndex,
    /// The session of events that name none themselves.
    pub(crate) session: SessionKey,
    pub(crate) limits: Limits,
}

/// Where a reader puts what it reads.
pub(crate) type Emit<'a> = &'a mut dyn FnMut(Item);

/// The reader of one format.
pub(crate) trait RecordReader: Send + Sync {
    /// Reads one whole record. Every byte of it that is not in `text` of an event is said to be framing.
    ///
    /// An error says why the record is not one of the format; it is then scanned as plain text.
    fn read(&self, record: &RawRecord, scratch: &mut Scratch, emit: Emit<'_>) -> Result<Booked, Reject>;

    /// Whether records are text, so that bytes that are not UTF-8 are odd.
    fn is_of_text(&self) -> bool {
        true
    }
}

/// How many bytes of a record were given to the scan.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Booked {
    /// All of them.
    Whole,
    /// This many; the others are separators.
    Scanned(usize),
}

/// Why a record is not one of its format.
#[derive(Debug)]
pub(crate) struct Reject {
    pub(crate) kind: AnomalyKind,
    /// The byte in the record at which it shows.
    pub(crate) offset: usize,
    pub(crate) what: String,
}

impl From<coldcase_model::json::Error> for Reject {
    fn from(error: coldcase_model::json::Error) -> Self {
        use coldcase_model::json::ErrorKind;
        let kind = match error.kind {
            ErrorKind::EndsEarly => AnomalyKind::CutShort,
            ErrorKind::TooDeep | ErrorKind::TooLarge => AnomalyKind::OverLimit,
            ErrorKind::Unexpected | ErrorKind::Trailing => AnomalyKind::Malformed,
        };
        Self { kind, offset: error.offset, what: format!("the record {error}; scanned as plain text") }
    }
}

/// A chunk of records, ready to be read on any thread.
pub(crate) struct RecordBatch {
    pub(crate) chunk: Chunk,
    pub(crate) context: Arc<Context>,
    pub(crate) reader: Arc<dyn RecordReader>,
}

impl Batch for RecordBatch {
    fn read(self: Box<Self>, emit: &mut dyn FnMut(Item)) -> Outcome {
        let mut scratch = Scratch::default();
        let mut ledger = self.chunk.ledger;
        let mut records = 0;
        // What was left out of a record moves all that follow it.
        let mut shift = 0;
        for record in &self.chunk.records {
            let offset = self.chunk.offset + record.span.start as u64 + shift;
            let raw = RawRecord {
                bytes: self.chunk.bytes.slice(record.span.start..record.span.end),
                pos: SourcePos {
                    artifact: self.context.artifact,
                    record: self.chunk.first_record + records,
                    offset,
                },
            };
            if let RecordKind::OverCap(left_out) = record.kind {
                shift += left_out;
            }
            records += u64::from(record.kind != RecordKind::Envelope);
            self.record(&raw, record.kind, &mut scratch, &mut ledger, emit);
        }
        let artifact = self.context.artifact;
        Outcome { artifact, ledger, records, bytes: self.chunk.consumed, finished: None }
    }
}

impl RecordBatch {
    fn record(
        &self,
        raw: &RawRecord,
        kind: RecordKind,
        scratch: &mut Scratch,
        ledger: &mut Ledger,
        emit: Emit<'_>,
    ) {
        let len = raw.bytes.len();
        let scanned = match kind {
            RecordKind::Whole => match self.whole(raw, scratch, emit) {
                Ok(Booked::Whole) => len,
                Ok(Booked::Scanned(scanned)) => scanned.min(len),
                Err(reject) => {
                    emit(Item::Anomaly(Anomaly::new(reject.kind, raw.at(reject.offset), reject.what)));
                    self.as_text(raw, vec![(NotScanned::NotUnderstood, 0)], emit)
                }
            },
            RecordKind::OverCap(left_out) => {
                let what = format!(
                    "the record is over {} bytes; {left_out} bytes are left out",
                    self.context.limits.record_bytes
                );
                emit(Item::Anomaly(Anomaly::new(AnomalyKind::OverLimit, raw.pos, what)));
                self.as_text(raw, vec![(NotScanned::RecordCap, left_out)], emit)
            }
            RecordKind::CutShort => {
                let what = "the input ends inside this record; what is there is scanned as plain text";
                emit(Item::Anomaly(Anomaly::new(AnomalyKind::CutShort, raw.pos, what)));
                self.as_text(raw, Vec::new(), emit)
            }
            RecordKind::Garbage => {
                let what = "bytes where a record should stand; scanned as plain text";
                emit(Item::Anomaly(Anomaly::new(AnomalyKind::Malformed, raw.pos, what)));
                self.as_text(raw, Vec::new(), emit)
            }
            // Brackets and commas alone are no event.
            RecordKind::Envelope
                if !raw.bytes.iter().any(u8::is_ascii_alphanumeric) && raw.bytes.is_ascii() =>
            {
                0
            }
            RecordKind::Envelope => self.as_text(raw, Vec::new(), emit),
        };
        ledger.add(Account::Scanned, scanned as u64);
        ledger.add(Account::Framing, (len - scanned) as u64);
    }

    fn whole(&self, raw: &RawRecord, scratch: &mut Scratch, emit: Emit<'_>) -> Result<Booked, Reject> {
        if self.reader.is_of_text()
            && let Some(invalid) = utf8::first_invalid(&raw.bytes)
        {
            let what = "bytes that are not UTF-8; they were scanned as they stand";
            emit(Item::Anomaly(Anomaly::new(AnomalyKind::Malformed, raw.at(invalid), what)));
        }
        self.reader.read(raw, scratch, emit)
    }

    fn as_text(&self, raw: &RawRecord, missing: Vec<(NotScanned, u64)>, emit: Emit<'_>) -> usize {
        let mut event =
            build::text_event(EventKind::Text, self.context.session.clone(), raw, Surface::JsonString);
        event.head.missing = missing;
        emit(Item::Event(Box::new(event)));
        raw.bytes.len()
    }
}
