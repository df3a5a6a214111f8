//! What the stateless half concluded of an input, kept from one run for the next.
//!
//! The unit is a batch of one input. Of each its items are kept as bytes, and a sign: under which rules they were concluded, and
//! what tells rules that could add to them ([`Sign`]). The fold runs over what is recalled as over what is read, so sessions, drift,
//! joins, risk and verdicts are those of a whole scan; a policy is asked in the fold alone. Where these bytes lie, under which name,
//! and that they are the very bytes that were kept, is the caller's to see to ([`Keeper`]): nothing here reads a byte that is not
//! vouched for.
//!
//! # Invariants
//! - A sign holds for a pack only if every rule that differs has no text that may stand in any stretch that was searched, turned
//!   forms included, and no stretch would be cut otherwise.
//! - What ended at a limit holds for the same rules alone.

pub(crate) mod byte_string;
mod part;
mod sign;

pub use sign::{Holds, Sign};

use coldcase_model::{ArtifactIndex, InputFacts, KeptPart};

pub(crate) use part::{recalled, remembered};

/// Remembers parts of inputs. Parts are kept and recalled on any thread.
pub trait Keeper: Sync {
    /// Whether what comes of this input is to be kept.
    fn wants(&self, artifact: ArtifactIndex) -> bool;

    /// Keeps what came of a batch; without a part nothing of the input can be kept. Batches of an input have rising numbers, and
    /// come in any order; the last one has its facts.
    fn keep(&self, artifact: ArtifactIndex, number: u64, part: Option<Part>, facts: Option<&InputFacts>);

    /// The items of a part, as they were kept; `None` ends the run, whose results are void then.
    fn recall(&self, part: KeptPart) -> Option<Vec<u8>>;

    /// Hears that the items of a part could not be read; the run ends, and its results are void.
    fn unreadable(&self, part: KeptPart);
}

/// What is kept of a batch.
#[derive(Debug)]
pub struct Part {
    /// Tells when its items hold.
    pub sign: Sign,
    /// Its items.
    pub items: Vec<u8>,
}

#[cfg(test)]
mod tests;
