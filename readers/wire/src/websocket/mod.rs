//! WebSocket frames, to messages (RFC 6455), with permessage-deflate (RFC 7692).
//!
//! One [`Connection`] takes both directions after the handshake. Frames are unmasked, fragments are joined over the
//! control frames between them, compressed messages are inflated. What breaks a rule is noted and read on, since a
//! lenient peer reads it too. After a gap, frames are looked for; what an inflater no longer knows is counted.
//!
//! Left out: the handshake, extensions other than permessage-deflate, and any judgement of what a message says.

mod building;
mod connection;
mod extensions;
mod frame;
mod half;
mod inflate;
mod interruption;
mod message;
mod oddities;
mod search;
#[cfg(test)]
mod tests;

pub use crate::Side;
pub use connection::{Connection, Limits};
pub use message::{Count, Message, Opcode};
