//! The first bytes of a connection, held until they tell the protocol.

use crate::Side;
use crate::http1::{Protocol, SNIFF, sniff};

/// A connection whose start was not seen may begin in the middle of a long body.
const MOST: usize = 16 << 10;

/// Bytes or a loss, in the order of the capture.
#[derive(Debug)]
pub(super) enum Piece {
    Data { side: Side, bytes: Vec<u8>, at: u64, time: Option<i64> },
    Gap { side: Side, len: u64 },
}

/// What was held.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) pieces: Vec<Piece>,
    client: Vec<u8>,
    server: Vec<u8>,
    bytes: usize,
    has_gap: bool,
}

impl Held {
    pub(super) fn data(&mut self, side: Side, bytes: &[u8], at: u64, time: Option<i64>) {
        let prefix = match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        };
        let room = MOST.saturating_sub(prefix.len()).min(bytes.len());
        prefix.extend_from_slice(bytes.get(..room).unwrap_or_default());
        self.bytes += bytes.len();
        self.pieces.push(Piece::Data { side, bytes: bytes.to_vec(), at, time });
    }

    pub(super) fn gap(&mut self, side: Side, len: u64) {
        self.has_gap = true;
        self.pieces.push(Piece::Gap { side, len });
    }

    /// The protocol, as soon as it is told; `starts` says whether these are the first bytes of the connection.
    pub(super) fn told(&self, starts: bool) -> Option<Protocol> {
        let whole = starts && !self.has_gap;
        match sniff(&self.client, &self.server) {
            Protocol::Undecided if self.bytes < 2 * SNIFF => None,
            Protocol::Undecided | Protocol::Unknown if !whole && self.bytes < MOST => None,
            Protocol::Undecided => Some(Protocol::Unknown),
            told => Some(told),
        }
    }
}
