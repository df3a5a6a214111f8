//! Deltas of model answers, joined to whole texts.

mod joiner;
mod shapes;
#[cfg(test)]
mod tests;

pub use joiner::{Joined, Joiner, Kind};
