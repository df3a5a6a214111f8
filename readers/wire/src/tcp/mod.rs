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
//! Decoys are told apart by what receivers check (checksum, ACK, window, FIN) or by what senders do not change (time to
//! live); a caller that distrusts the checksums of a capture, because it was edited, gives `None` for them.
//!
//! ```
//! use coldcase_wire::tcp::*;
//!
//! struct Print(String);
//!
//! impl Sink for Print {
//!     fn open(&mut self, flow: FlowId, info: &FlowInfo) {
//!         self.0 += &format!("{} to port {}\n", flow.0, info.server.port);
//!     }
//!     fn data(&mut self, _: FlowId, side: Side, offset: u64, bytes: &[u8], _: u64, _: Option<i64>) {
//!         self.0 += &format!("{side:?} {offset}: {}\n", bytes.escape_ascii());
//!     }
//!     fn gap(&mut self, _: FlowId, side: Side, offset: u64, len: u64) {
//!         self.0 += &format!("{side:?} {offset}: {len} lost\n");
//!     }
//!     fn conflict(&mut self, _: FlowId, _: Side, _: &Conflict<'_>) {}
//!     fn decoy(&mut self, _: FlowId, _: Side, _: &Decoy<'_>) {}
//!     fn close(&mut self, _: FlowId, why: Close) {
//!         self.0 += &format!("{why:?}\n");
//!     }
//! }
//!
//! let client = Endpoint { address: [10, 0, 0, 1].into(), port: 40_000 };
//! let server = Endpoint { address: [10, 0, 0, 2].into(), port: 80 };
//! let first = Segment {
//!     space: 0, source: client, target: server, seq: 7, ack: 0, flags: Flags::SYN, window: 1000, window_scale: None,
//!     payload: b"", missing: 0, at: 54, time: None, ttl: 64, checksum_ok: Some(true), is_alternative: false,
//! };
//! let (mut tcp, mut out) = (Reassembler::default(), Print(String::new()));
//! tcp.segment(&first, &mut out);
//! tcp.segment(&Segment { seq: 12, flags: Flags::ACK, payload: b"/", ..first }, &mut out);
//! tcp.segment(&Segment { seq: 8, flags: Flags::ACK, payload: b"GET ", ..first }, &mut out);
//! tcp.finish(&mut out);
//! assert_eq!(out.0, "0 to port 80\nClient 0: GET \nClient 4: /\nEndOfCapture\n");
//! ```
//!
//! Left out: payload after more than 1 GiB that was not captured is not joined to its stream (it is handed over apart);
//! options other than window scale (no PAWS), multipath TCP, checks of the checksum itself.

mod arrival;
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

pub use crate::Side;
pub use counts::Counts;
pub use limits::{Limits, Policy};
pub use reassembler::Reassembler;
pub use segment::{Endpoint, Flags, Segment};
pub use sink::{Apart, Close, Conflict, Decoy, FlowId, FlowInfo, Sink};
