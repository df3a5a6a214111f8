//! Messages as they come out, and the account of a direction's bytes.

use bytes::Bytes;

use super::Side;

/// What a message is (RFC 6455 section 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opcode {
    /// A message whose first frame was not seen.
    Continuation,
    /// Text, which should be UTF-8.
    Text,
    /// Bytes.
    Binary,
    /// The end of the connection: a 16-bit code and a reason, as sent.
    Close,
    /// A ping with its payload.
    Ping,
    /// A pong with its payload.
    Pong,
    /// One of those that the standard keeps for later.
    Reserved(u8),
}

impl Opcode {
    pub(super) const fn read(bits: u8) -> Self {
        match bits {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            other => Self::Reserved(other),
        }
    }
}

/// One message: the payload of a control frame, or that of all frames of a data message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who sent it.
    pub side: Side,
    /// What it is.
    pub opcode: Opcode,
    /// The payload, unmasked and inflated.
    pub data: Bytes,
    /// Whether it was compressed.
    pub was_compressed: bool,
    /// When its first frame was captured, in nanoseconds since 1970.
    pub time: Option<i64>,
    /// Where in the capture file it stands: from this offset of `data` on, at this offset of the file. Of a compressed
    /// message the file has the compressed bytes, so that only the starts of its pieces can be told.
    pub extents: Vec<(usize, u64)>,
    /// Whether bytes of it are missing: lost, over a limit, not inflated, or of a fragment that never came.
    pub is_cut: bool,
    /// How many bytes of `data` are zeros in place of what an inflater copied from before a gap.
    pub unknown: usize,
}

/// Where the bytes went that were pushed for one direction.
///
/// Invariant: after `finish`, all but `lost` sum up to what was pushed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Bytes of payload that came out in messages, in their compressed form where they were compressed.
    pub content: u64,
    /// Bytes of frame headers.
    pub framing: u64,
    /// Bytes that the gaps spanned.
    pub lost: u64,
    /// Bytes of payload over a cap. A compressed message that was cut by a cap is counted here in whole.
    pub over_limit: u64,
    /// Bytes in which no frame was found, and compressed ones that could not be inflated.
    pub opaque: u64,
}
