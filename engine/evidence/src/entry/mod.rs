//! One line of a flight-recorder log: read strictly, hashed as it stands.

mod project;

pub(crate) use project::{Fields, GENESIS, hash};
