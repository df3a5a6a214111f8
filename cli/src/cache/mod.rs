//! The cache of `scan --cache`: whole reports, by the hashes of all that they were made from.
//!
//! The unit is a run. Findings of sessions, drift and risk come of all inputs together, so the result of one input by itself
//! is not what a run says of it; the hash of everything that went in is the one name under which a result is sure to be the
//! same. Whoever can write to the folder can make it useless and not make it lie: each entry carries a code of a key that is
//! kept elsewhere.

mod entry;
mod inputs;
mod program;
mod ticket;

pub(crate) use entry::{Cache, Found};
pub(crate) use inputs::{Hashed, hash};
pub(crate) use ticket::TicketParts;
