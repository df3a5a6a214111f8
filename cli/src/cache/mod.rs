//! The cache of `scan --cache`: whole reports by the hashes of all that they were made from, and what was concluded of each input.
//!
//! A report is known by the hash of everything that went in: findings of sessions, drift and risk come of all inputs together, so
//! the result of one input by itself is not what a run says of it. What was concluded of an input before its session was looked at
//! does not depend on others. It is kept on [`shelf`]s, sealed, by the hash of the input and of all that counts besides rules;
//! which rules it holds for, it says itself.
//!
//! Whoever can write to the folder can make it useless and not make it lie: everything in it carries a code of a key that is
//! kept elsewhere.

mod entry;
mod filling;
mod inputs;
mod keeping;
mod known;
mod program;
mod room;
mod seal;
mod shelf;
mod shelves;
mod ticket;

pub(crate) use entry::{Cache, Found};
pub(crate) use inputs::{Hashed, hash};
pub(crate) use keeping::{Keeping, Shares, Touched};
pub(crate) use ticket::TicketParts;
