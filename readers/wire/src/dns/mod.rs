//! DNS messages, from datagrams, TCP streams and bodies of DNS over HTTPS (RFC 1035 and its followers).
//!
//! [`read`] takes one message; [`Stream`] takes one direction of a TCP connection. Names come as text with escapes,
//! record data as text and as the byte strings within. What breaks the rules is noted, and what can be read is given:
//! a message of a tunnel need not be sound to carry something.
//!
//! Left out: validation, caches, pairs of query and response.

mod data;
mod kind;
mod message;
mod name;
mod reader;
mod stream;
#[cfg(test)]
mod tests;

pub use kind::Kind;
pub use message::{Message, Question, Record, Section};
pub use reader::read;
pub use stream::{Count, Stream};
