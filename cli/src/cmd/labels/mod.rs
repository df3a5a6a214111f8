//! Labels of recordings, and what findings amount to beside them: precision, recall, and both at each least confidence.

pub(super) mod curve;
mod expected;
mod marking;
mod score;

pub(super) use expected::{About, ENDING, Entry, ExpectedFinding, Labels, Texts, is_named, read};
pub(super) use marking::Marking;
pub(super) use score::{Observation, Score, Share, Tally};
