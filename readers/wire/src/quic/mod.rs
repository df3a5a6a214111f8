//! QUIC: the client hello in Initial packets, which anybody who sees them can decrypt.
//!
//! Versions 1 (RFC 9000, RFC 9001) and 2 (RFC 9369). The keys of Initial packets come from the connection id that the
//! client chose for its first packet, or from that of a Retry. CRYPTO frames may come in any order and over several
//! packets, with packets of other kinds in the same datagram.
//!
//! Left out: drafts and Google's own versions, what the server says, and all that is encrypted with keys that were agreed:
//! it is opaque even with a key log.
//!
//! # Invariants
//! - A hello is handed on whole, and out of packets that authenticated.
//! - Memory is bounded by [`Limits`], whatever comes.

mod connections;
mod frames;
mod header;
mod keys;
mod stream;
#[cfg(test)]
mod tests;

pub use connections::{Connections, Heard, Limits};
