//! Server-sent events, and deltas of model answers joined.
//!
//! [`Parser`] takes the bytes of a `text/event-stream` body as they come and gives its events. [`Joiner`] takes the data
//! of events, and gives what models wrote in many small deltas as whole texts, so that a secret or an instruction that
//! is split over deltas is seen.
//!
//! Left out: reconnection, and what the events mean.

mod deltas;
mod event;
mod parser;

pub use deltas::{Joined, Joiner, Kind};
pub use event::{Count, Ending, Event, Limits};
pub use parser::Parser;
