//! HTTP/2 frames, HPACK and gRPC.

mod field;
mod hpack;
mod huffman;
mod limits;
mod static_table;
mod table;

pub use field::{Field, Known};
pub use limits::{Count, Limits};
