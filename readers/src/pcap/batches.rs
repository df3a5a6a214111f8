//! What was found in captures, ready to be read on any thread.

use std::sync::Arc;

use coldcase_model::{Batch, Item, Ledger, Outcome};
use coldcase_wire::{Found, Note};

use super::event::FoundReader;
use super::places::Places;
use crate::record::Context;

/// Findings with their numbers among those of their file. Their bytes are booked when the file ends.
pub(super) struct FoundBatch {
    pub(super) found: Vec<(Found, u64)>,
    pub(super) notes: Vec<Note>,
    pub(super) context: Arc<Context>,
    pub(super) places: Arc<Places>,
    /// Bytes that were read for it.
    pub(super) bytes: u64,
}

impl Batch for FoundBatch {
    fn read(self: Box<Self>, emit: &mut dyn FnMut(Item)) -> Outcome {
        let Self { found, notes, context, places, bytes } = *self;
        let mut reader = FoundReader::new(&context, &places);
        for (found, record) in found {
            reader.read(found, record, emit);
        }
        for note in notes {
            reader.note(&note, emit);
        }
        let (artifact, ledger) = (context.artifact, Ledger::default());
        Outcome { artifact, ledger, records: 0, bytes, finished: None }
    }
}
