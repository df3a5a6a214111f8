//! The verifier against logs that are right, and against the same logs changed in every way that fits the time.
//!
//! Each test counts its cases and holds the count to what it must be, so that none of them quietly tries nothing.

mod bits;
mod block_ends;
mod bounds;
mod entries;
mod hand;
mod hostile;
mod inside;
mod lines;
mod logs;
mod places;
mod prefixes;
mod regressions;
mod rehash;
mod remarks;
mod replaced;
mod seams;
mod shape;
mod stretches;
mod subsets;
mod tails;
