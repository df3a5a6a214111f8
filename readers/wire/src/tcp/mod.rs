//! TCP: segments in capture order to the ordered bytes of both directions of each connection.
//!
//! A [`Reassembler`] takes decoded [`Segment`]s and calls a [`Sink`]. It reads as a careful end host would (RFC 9293,
//! RFC 5961), and where hosts differ or a third party may have spoken it hands over every version of the bytes.
//!
//! # Invariants
//! - `data` and `gap` of one direction come in order, and their offsets join without hole or overlap.
//! - Each payload byte is handed on once: as data, as the other version of an overlap, or apart as a decoy; or it is
//!   counted as a duplicate that was compared, or that the receiver had already acknowledged.
//! - What is kept is bounded: see [`Limits`]. Results do not depend on hash order or on a clock.
//!
//! Left out: options other than window scale (no PAWS), multipath TCP, checks of the checksum itself.

mod counts;
mod ending;
mod flow;
mod half;
mod handshake;
mod held;
mod history;
mod limits;
mod list;
mod old;
mod pool;
mod reassembler;
mod roles;
mod segment;
mod sink;
mod table;
#[cfg(test)]
mod tests;

pub use counts::Counts;
pub use limits::{Limits, Policy};
pub use reassembler::Reassembler;
pub use segment::{Endpoint, Flags, Segment};
pub use sink::{Apart, Close, Conflict, Decoy, FlowId, FlowInfo, Side, Sink};
