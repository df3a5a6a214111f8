//! HTTP/2 frames, HPACK and gRPC.
//!
//! [`Connection`] takes the bytes of both sides of a connection and gives one [`Message`] for each side of each stream.
//! Flow control is not followed, and content codings are the caller's to undo.

mod block;
mod check;
mod connection;
mod field;
mod flood;
mod frame;
mod grpc;
mod hpack;
mod huffman;
mod limits;
mod message;
mod peer;
mod reader;
mod resync;
mod settings;
mod sniff;
mod static_table;
mod stream;
mod table;

pub use crate::Side;
pub use connection::Connection;
pub use field::{Field, Known};
pub use grpc::{GrpcBody, GrpcMessage, is_grpc, split as split_grpc};
pub use limits::{Count, Limits};
pub use message::{Extent, Message};
pub(crate) use sniff::frames_in_a_row;
pub use sniff::{Sniffed, sniff};
