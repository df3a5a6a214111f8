//! HTTP/1.x: two byte streams of a connection to requests and responses (RFC 9110, RFC 9112).
//!
//! [`Connection`] reads both directions as leniently as the most lenient real peer and notes each leniency. What it hands
//! on is a [`Message`]: raw head, body without its chunks, trailers, each with a map to the capture file. After an upgrade
//! or `CONNECT` the bytes are passed on as they are. Content codings are left as they are sent; so are transfer codings
//! other than chunked.
//!
//! # Invariants
//! - What comes out does not depend on how the streams are split into pushes.
//! - Each pushed byte is counted once in [`Count`]; before [`Connection::finish`] some are still held.

mod body;
mod chunk;
mod connection;
mod fields;
mod framing;
mod head;
mod limits;
mod message;
mod pairing;
mod part;
mod skipped;
mod sniff;
mod start;
mod stream;

#[cfg(test)]
mod tests;

pub use crate::Side;
pub use connection::Connection;
pub use limits::{Count, Limits};
pub use message::{End, Field, Message, Missing, Output, Span, Start, unfold};
pub use part::{Extent, Part};
pub use skipped::Skipped;
pub use sniff::{Protocol, SNIFF, sniff};
