//! What a connection may hold, and where the bytes went that no message has.

/// Caps of one connection, both sides together where it is not said.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Limits {
    /// The longest field block before HPACK that is kept: HEADERS and all its CONTINUATION. Go's servers take
    /// 1 MiB, most others 8 to 64 KiB.
    pub block_bytes: usize,
    /// The longest list of fields that a block may decode to, each field with 32 bytes for itself as RFC 9113
    /// section 6.5.2 counts. A block of one byte a field refers to an entry of 4 KiB; this ends it.
    pub list_bytes: usize,
    /// The largest dynamic table of HPACK for a side. Browsers ask for 64 KiB, most others for 4.
    pub table_bytes: usize,
    /// The longest body of one message that is handed on.
    pub body_bytes: usize,
    /// What the open messages may hold together; beyond it the oldest stream is handed on as cut.
    pub held_bytes: usize,
    /// Streams open at a time; beyond it the oldest is handed on as cut. Servers allow 100 to 250.
    pub streams: usize,
    /// CONTINUATION frames of one block. A block of `block_bytes` in frames of the usual size has 64.
    pub continuations: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            block_bytes: 1 << 20,
            list_bytes: 1 << 20,
            table_bytes: 256 << 10,
            body_bytes: 16 << 20,
            held_bytes: 64 << 20,
            streams: 10_000,
            continuations: 1024,
        }
    }
}

/// Where the bytes went that no message has.
///
/// Units: bytes of both sides. Together with [`Message::content_bytes`](super::Message::content_bytes) of all messages it
/// adds up to what was pushed and what was said to be a gap, once both sides are finished.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Count {
    /// The preface, frame headers, padding and control frames.
    pub framing: u64,
    /// Bodies and field blocks beyond a cap.
    pub over_limit: u64,
    /// Gaps.
    pub lost: u64,
    /// What could not be read: frames of unknown type, blocks that HPACK makes no sense of, bytes between a gap and the
    /// next frame, debug data of GOAWAY.
    pub opaque: u64,
}

impl Count {
    /// All of it.
    pub fn total(&self) -> u64 {
        [self.over_limit, self.lost, self.opaque].into_iter().fold(self.framing, u64::saturating_add)
    }
}
