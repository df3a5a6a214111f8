//! Bytes that belong to no message: the middle of one whose start was not captured, or what is no HTTP.

use super::part::Piece;
use super::stream::Shared;
use crate::Side;

/// Bytes of one side that belong to no message. They count as opaque; a caller may make something of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Who sent them.
    pub side: Side,
    /// The bytes; what was skipped since the last call is joined.
    pub bytes: Vec<u8>,
    /// Where the first of them stands in the capture file.
    pub at: u64,
    /// When it was captured, in nanoseconds since 1970.
    pub time: Option<i64>,
}

impl Shared {
    /// Counts bytes as opaque, and keeps them for the caller.
    pub(super) fn skip(&mut self, side: Side, piece: Piece<'_>) {
        if piece.bytes.is_empty() {
            return;
        }
        self.count.opaque += piece.bytes.len() as u64;
        match self.skipped.last_mut() {
            Some(last) if last.side == side => last.bytes.extend_from_slice(piece.bytes),
            _ => self.skipped.push(Skipped {
                side,
                bytes: piece.bytes.to_vec(),
                at: piece.at,
                time: piece.time,
            }),
        }
    }
}
