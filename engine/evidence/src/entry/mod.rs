//! One line of a flight-recorder log: read strictly, hashed as it stands.

mod diagnose;
mod fault;
mod line;
mod project;

pub(crate) use diagnose::diagnose;
pub use fault::LineFault;
pub(crate) use line::{Entry, HashCheck, Room, Text, read};
pub(crate) use project::{Fields, GENESIS, hash, project};

#[cfg(test)]
mod vectors;
