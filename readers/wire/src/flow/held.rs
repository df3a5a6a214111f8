//! The first bytes of a connection, held until they tell the protocol.

use crate::Side;
use crate::http1::{Protocol, SNIFF, sniff};
use crate::http2::frames_in_a_row;

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
        // One header of a frame may be chance; bytes that may be one are held until another tells.
        let frames =
            frames_in_a_row(Side::Client, &self.client).max(frames_in_a_row(Side::Server, &self.server));
        match sniff(&self.client, &self.server) {
            // A server of HTTP/2 sends its settings to clients that speak HTTP/1, too.
            Protocol::Http2 if self.client.is_empty() && self.bytes < MOST => None,
            Protocol::Undecided | Protocol::Unknown if frames > 1 => Some(Protocol::Http2),
            Protocol::Undecided | Protocol::Unknown if frames == 1 && self.bytes < MOST => None,
            Protocol::Undecided if self.bytes < 2 * SNIFF => None,
            Protocol::Undecided | Protocol::Unknown if !whole && self.bytes < MOST => None,
            Protocol::Undecided => Some(Protocol::Unknown),
            told => Some(told),
        }
    }

    /// The protocol of a stream that is over.
    pub(super) fn told_at_end(&self) -> Protocol {
        self.told(true).unwrap_or_else(|| match sniff(&self.client, &self.server) {
            Protocol::Http2 => Protocol::Http2,
            _ => Protocol::Unknown,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http2_without_its_start_is_told_by_two_frames_in_a_row() {
        let head = [0, 0, 6, 1, 4, 0, 0, 0, 7, 0x83, 0x86, 0xc1, 0xc0, 0xbf, 0xbe];
        let data = [&[0, 1, 0, 0, 1, 0, 0, 0, 7][..], &[b'a'; 256]].concat();
        let mut start = Held::default();
        start.data(Side::Client, &head, 0, None);
        assert_eq!(start.told(true), None, "one header may be chance");
        start.data(Side::Client, &data, 0, None);
        for starts in [true, false] {
            assert_eq!(start.told(starts), Some(Protocol::Http2));
        }
    }

    #[test]
    fn the_settings_of_a_server_do_not_tell_what_its_client_speaks() {
        let mut held = Held::default();
        held.data(Side::Server, &[0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100], 0, None);
        assert_eq!((held.told(true), held.told_at_end()), (None, Protocol::Http2));
        held.data(Side::Client, b"GET /big.txt HTTP/1.1\r\n", 0, None);
        assert_eq!(held.told(true), Some(Protocol::Http1));
    }

    #[test]
    fn what_only_begins_as_a_frame_is_of_no_known_protocol() {
        let mut held = Held::default();
        held.data(Side::Client, &[0, 0, 6, 1, 4, 0, 0, 0, 7, 0x83, 0x86, 0xc1, 0xc0, 0xbf, 0xbe], 0, None);
        held.data(Side::Client, &[0xaa; 256], 0, None);
        assert_eq!(held.told(true), Some(Protocol::Unknown));
    }
}
