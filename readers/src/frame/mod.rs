//! Where records end: cheap enough to run under a lock, exact enough that every byte is booked.

mod elements;
mod items;
mod json;
mod lines;

pub(crate) use elements::{ElementFrames, length};
pub(crate) use items::ItemFrames;
pub(crate) use json::{JsonFrames, Target};
pub(crate) use lines::LineFrames;

use bytes::Bytes;
use coldcase_model::{Account, AnomalyKind, Ledger, Span};

use crate::source::Stream;

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordKind {
    /// A record of the format, whole.
    Whole,
    /// The start of a record that is over the cap, with the bytes that were left out.
    OverCap(u64),
    /// The start of a record that the input ends inside of.
    CutShort,
    /// Bytes round the records: the head and tail of a document.
    Envelope,
    /// Bytes where the format demands a record and there is none.
    Garbage,
}

/// A record in a chunk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record {
    pub(crate) span: Span,
    pub(crate) kind: RecordKind,
}

/// A stretch of decoded input with the records in it.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) bytes: Bytes,
    /// Where it starts in the decoded content.
    pub(crate) offset: u64,
    /// The number of its first record.
    pub(crate) first_record: u64,
    pub(crate) records: Vec<Record>,
    /// Bytes between the records, and what was left out of them.
    pub(crate) ledger: Ledger,
    /// Bytes of the decoded content that it stands for: its own and those left out.
    pub(crate) consumed: u64,
}

impl Chunk {
    /// How many records it holds; the envelope round them is none.
    pub(crate) fn count(&self) -> u64 {
        self.records.iter().filter(|record| record.kind != RecordKind::Envelope).count() as u64
    }

    fn new(bytes: Vec<u8>, offset: u64, first_record: u64, records: Vec<Record>) -> Self {
        let in_records: u64 = records.iter().map(|record| record.span.len() as u64).sum();
        let over: u64 =
            records.iter().map(|record| if let RecordKind::OverCap(n) = record.kind { n } else { 0 }).sum();
        let mut ledger = Ledger::default();
        ledger.add(Account::Framing, (bytes.len() as u64).saturating_sub(in_records));
        ledger.add(Account::OverLimit, over);
        let consumed = bytes.len() as u64 + over;
        Self { bytes: Bytes::from(bytes), offset, first_record, records, ledger, consumed }
    }
}

/// Cuts a stream into chunks of whole records.
pub(crate) trait Frames: Send {
    /// The next chunk; `None` at the end of the stream.
    fn next_chunk(&mut self, stream: &mut Stream) -> Option<Chunk>;

    /// What is wrong with the structure round the records; asked after the last chunk.
    fn complaint(&self) -> Option<(AnomalyKind, u64, &'static str)> {
        None
    }
}
