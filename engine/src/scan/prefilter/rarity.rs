//! How common four bytes are in agent traffic: what a literal is looked for by, and what an anchor costs, is chosen by it.

use crate::vector::{BITS, FOLD, hash};

/// The four bytes of a literal that occur least often in agent traffic, with their offset, folded.
fn rarest_gram(literal: &[u8]) -> Option<(usize, u32)> {
    literal
        .array_windows::<4>()
        .map(|four| u32::from_le_bytes(*four) | FOLD)
        .enumerate()
        .min_by_key(|(_, gram)| commonness(*gram))
}

/// log2 counts, times eight, of folded grams in 42 MB of agent sessions, web pages, tool definitions and logs, by
/// the gram's hash. The example `gram_counts` of the corpus crate writes it.
const GRAMS: &[u8; 1 << BITS] = include_bytes!("../grams.bin");

/// How common folded bytes are, in the unit of the table.
pub(super) fn commonness(gram: u32) -> u8 {
    GRAMS.get(hash(gram) as usize).copied().unwrap_or(u8::MAX)
}

/// How many megabytes of traffic the grams were counted in.
pub(crate) const EXPECTED_IN: f64 = 42.0;

/// How often a literal is expected in the traffic that the grams were counted in, at the most.
pub(crate) fn expected_hits(literal: &[u8]) -> f64 {
    rarest_gram(literal).map_or(f64::INFINITY, |(_, gram)| (f64::from(commonness(gram)) / 8.0).exp2())
}
