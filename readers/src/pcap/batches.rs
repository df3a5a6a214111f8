//! What was found in captures, ready to be read on any thread.

use std::sync::Arc;

use coldcase_model::{Batch, Item, Ledger, Outcome, SessionKey};
use coldcase_wire::{Found, Note};

use super::event::FoundReader;
use super::places::Places;
use crate::record::Context;

/// A finding with its number among those of its file, and its session.
pub(super) struct Numbered {
    pub(super) found: Found,
    pub(super) record: u64,
    pub(super) session: SessionKey,
}

/// Findings. Their bytes are booked when the file ends.
pub(super) struct FoundBatch {
    pub(super) found: Vec<Numbered>,
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
        for one in found {
            reader.read(one, emit);
        }
        for note in notes {
            reader.note(&note, emit);
        }
        let (artifact, ledger) = (context.artifact, Ledger::default());
        Outcome { artifact, ledger, records: 0, bytes, finished: None }
    }
}
