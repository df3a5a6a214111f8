//! What the run pulls from: stretches of input that are cheap to cut off and dear to read.

use crate::{ArtifactIndex, InputFacts, Item, Ledger};

/// Input, cut into batches. Cutting is cheap (read, hash, find the ends of records) and happens under a lock.
pub trait BatchSource: Send {
    /// The next stretch of input; `None` at the end.
    fn next_batch(&mut self) -> Option<Box<dyn Batch>>;
}

/// A stretch of input. Reading it is dear (parsing, decoding) and happens on any thread.
pub trait Batch: Send {
    /// The part of an input for which it stands, where what came of that is known from an earlier run: it has no bytes.
    fn kept(&self) -> Option<KeptPart> {
        None
    }

    /// Reads the stretch, handing each event and anomaly to `emit` in order.
    fn read(self: Box<Self>, emit: &mut dyn FnMut(Item)) -> Outcome;
}

/// A part of an input of which nothing is read, since what came of it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptPart {
    /// The input.
    pub artifact: ArtifactIndex,
    /// Which of its parts, from 0.
    pub part: u32,
}

/// What reading a batch amounted to, besides its items.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Outcome {
    /// The input whose the ledger and the records are. Items say theirs themselves: of files that are read as one, a batch
    /// may have items of several.
    pub artifact: ArtifactIndex,
    /// Every byte of the batch by account.
    pub ledger: Ledger,
    /// Records in it.
    pub records: u64,
    /// Bytes of input that it stands for, for progress.
    pub bytes: u64,
    /// Facts about an input that ends with this batch; counts and ledgers of its batches are added by the run.
    pub finished: Option<Box<InputFacts>>,
}
