//! A capture under way: its content goes through the layers, and what is found is handed out in batches.

use std::sync::Arc;

use coldcase_model::{Account, Batch, CaptureSummary, Item, Ledger, Outcome};
use coldcase_wire::tls::KeyLog;
use coldcase_wire::{Advance, Found, Note, Wire};

use super::event::FoundReader;
use super::summary::summary;
use crate::record::Context;
use crate::source::Stream;

/// Bytes that are read at once.
const CHUNK: usize = 1 << 20;

/// A capture that is read.
pub(crate) struct Captures {
    wire: Wire,
    /// What was read and not taken in: from `start` on.
    buffer: Vec<u8>,
    start: usize,
    ended: bool,
    is_done: bool,
    records: u64,
    /// Content bytes in findings so far.
    found: u64,
    /// Bytes of content that were taken in.
    at: u64,
}

impl Captures {
    /// A capture whose first bytes were read already.
    pub(crate) fn new(head: Vec<u8>, keys: KeyLog) -> Self {
        Self {
            wire: Wire::new(keys),
            buffer: head,
            start: 0,
            ended: false,
            is_done: false,
            records: 0,
            found: 0,
            at: 0,
        }
    }

    /// The next batch; `None` at the end.
    pub(crate) fn next_batch(
        &mut self,
        stream: &mut Stream,
        context: &Arc<Context>,
    ) -> Option<Box<dyn Batch>> {
        if self.is_done {
            return None;
        }
        loop {
            let mut window = self.buffer.get(self.start..).unwrap_or_default();
            let advance = self.wire.advance(&mut window, self.ended);
            let left = window.len();
            let taken = self.buffer.len() - self.start - left;
            self.start += taken;
            self.at += taken as u64;
            match advance {
                Advance::Full => return Some(self.batch(context)),
                Advance::End => {
                    self.is_done = true;
                    return Some(self.batch(context));
                }
                Advance::Need(wanted) => {
                    self.buffer.drain(..self.start);
                    self.start = 0;
                    let upto = wanted.max(self.buffer.len() + 1).max(CHUNK);
                    self.ended = !stream.fill(&mut self.buffer, upto);
                }
            }
        }
    }

    /// What is in the capture; final at its end.
    pub(crate) fn summary(&self) -> CaptureSummary {
        summary(self.wire.facts(), self.wire.survey(), self.wire.missing())
    }

    /// What was found since the last batch; the last one also has what is in no finding.
    fn batch(&mut self, context: &Arc<Context>) -> Box<dyn Batch> {
        let found = self.wire.take();
        self.found += found.iter().map(Found::content_bytes).sum::<u64>();
        let mut ledger = Ledger::default();
        if self.is_done {
            let accounts = self.wire.accounts();
            ledger.add(Account::Scanned, accounts.content);
            ledger.add(Account::Lost, accounts.lost);
            ledger.add(Account::OverLimit, accounts.over_limit);
            ledger.add(Account::Framing, accounts.framing);
            // A byte that a layer forgot would not be clean.
            let booked = ledger.total() + self.found + accounts.opaque;
            debug_assert_eq!(booked, accounts.total, "every byte is in one account: {accounts:?}");
            ledger.add(Account::Opaque, accounts.opaque + accounts.total.saturating_sub(booked));
        }
        let first_record = self.records;
        self.records += found.len() as u64;
        let notes = self.wire.take_notes();
        let bytes = std::mem::take(&mut self.at);
        Box::new(FoundBatch { found, notes, context: context.clone(), first_record, ledger, bytes })
    }
}

/// Findings, ready to be read on any thread.
struct FoundBatch {
    found: Vec<Found>,
    notes: Vec<Note>,
    context: Arc<Context>,
    first_record: u64,
    ledger: Ledger,
    bytes: u64,
}

impl Batch for FoundBatch {
    fn read(self: Box<Self>, emit: &mut dyn FnMut(Item)) -> Outcome {
        let Self { found, notes, context, first_record, mut ledger, bytes } = *self;
        let records = found.len() as u64;
        let mut reader = FoundReader::new(&context);
        for (found, record) in found.into_iter().zip(first_record..) {
            ledger.add(Account::Scanned, found.content_bytes());
            reader.read(found, record, emit);
        }
        for note in notes {
            reader.note(&note, emit);
        }
        Outcome { ledger, records, bytes, finished: None }
    }
}
