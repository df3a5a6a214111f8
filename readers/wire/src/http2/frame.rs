//! The header of a frame, and which headers are believed when frames are looked for.
//!
//! Source: RFC 9113, sections 4.1 and 6.

use crate::Side;

/// Length of a frame's header in bytes.
pub(super) const HEADER: usize = 9;
/// What a client says first. Source: RFC 9113, section 3.4.
pub(super) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The largest payload before anything is said of it. Source: RFC 9113, section 6.5.2.
pub(super) const DEFAULT_MAX_FRAME: u32 = 16_384;
/// A frame that is looked for has no longer payload than this, whatever the settings say: the bytes up to the frame after
/// it are held until that one confirms it.
const MOST_LOOKED_FOR: u32 = 256 << 10;

pub(super) const DATA: u8 = 0x0;
pub(super) const HEADERS: u8 = 0x1;
pub(super) const PRIORITY: u8 = 0x2;
pub(super) const RST_STREAM: u8 = 0x3;
pub(super) const SETTINGS: u8 = 0x4;
pub(super) const PUSH_PROMISE: u8 = 0x5;
pub(super) const PING: u8 = 0x6;
pub(super) const GOAWAY: u8 = 0x7;
pub(super) const WINDOW_UPDATE: u8 = 0x8;
pub(super) const CONTINUATION: u8 = 0x9;
/// RFC 7838, section 4.
pub(super) const ALTSVC: u8 = 0xa;
/// RFC 8336, section 2.
pub(super) const ORIGIN: u8 = 0xc;
/// RFC 9218, section 7.1.
pub(super) const PRIORITY_UPDATE: u8 = 0x10;

/// END_STREAM of DATA and HEADERS; ACK of SETTINGS and PING.
pub(super) const END_STREAM: u8 = 0x1;
pub(super) const ACK: u8 = 0x1;
pub(super) const END_HEADERS: u8 = 0x4;
pub(super) const PADDED: u8 = 0x8;
pub(super) const HAS_PRIORITY: u8 = 0x20;

/// A frame's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
    /// Length of the payload in bytes.
    pub(super) length: u32,
    /// Where its header starts in the capture file, and when that was captured.
    pub(super) at: u64,
    pub(super) time: Option<i64>,
}

impl Frame {
    pub(super) fn parse(header: [u8; HEADER], at: u64, time: Option<i64>) -> Self {
        let [l0, l1, l2, kind, flags, s0, s1, s2, s3] = header;
        let stream = u32::from_be_bytes([s0, s1, s2, s3]) & 0x7fff_ffff;
        Self { kind, flags, stream, length: u32::from_be_bytes([0, l0, l1, l2]), at, time }
    }

    pub(super) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Bytes before the content: length of the padding, priority, promised stream.
    pub(super) fn prefix(&self) -> u8 {
        let padding = u8::from(self.has(PADDED));
        match self.kind {
            DATA => padding,
            HEADERS => padding + if self.has(HAS_PRIORITY) { 5 } else { 0 },
            PUSH_PROMISE => padding + 4,
            _ => 0,
        }
    }

    pub(super) fn is_padded(&self) -> bool {
        matches!(self.kind, DATA | HEADERS | PUSH_PROMISE) && self.has(PADDED)
    }

    /// Its length is one that its type can have. Source: RFC 9113, sections 6.1 to 6.10.
    pub(super) fn has_right_length(&self) -> bool {
        match self.kind {
            PING => self.length == 8,
            RST_STREAM | WINDOW_UPDATE => self.length == 4,
            PRIORITY => self.length == 5,
            SETTINGS if self.has(ACK) => self.length == 0,
            SETTINGS => self.length.is_multiple_of(6),
            GOAWAY => self.length >= 8,
            _ => self.length >= u32::from(self.prefix()),
        }
    }
}

/// These bytes may be the header of a frame from this side: a known type, with flags, length and stream as the type has
/// them. One place in some millions of random bytes passes, and next to none of a text.
pub(super) fn is_plausible(header: [u8; HEADER], side: Side, max_length: u32) -> bool {
    let frame = Frame::parse(header, 0, None);
    let [.., stream_top, _, _, _] = header;
    let (flags, on_stream) = match frame.kind {
        DATA => (END_STREAM | PADDED, true),
        HEADERS => (END_STREAM | END_HEADERS | PADDED | HAS_PRIORITY, true),
        PRIORITY | RST_STREAM => (0, true),
        SETTINGS | PING => (ACK, false),
        PUSH_PROMISE if side == Side::Server => (END_HEADERS | PADDED, true),
        GOAWAY => (0, false),
        WINDOW_UPDATE => (0, frame.stream != 0),
        CONTINUATION => (END_HEADERS, true),
        _ => return false,
    };
    // Settings are few: a writer has some ten to say.
    let longest = if frame.kind == SETTINGS { 6 * 32 } else { max_length.min(MOST_LOOKED_FOR) };
    let is_empty_head = frame.kind == HEADERS && frame.length == 0;
    let is_own_stream = frame.kind != HEADERS || side == Side::Server || frame.stream % 2 == 1;
    stream_top & 0x80 == 0
        && frame.flags & !flags == 0
        && (frame.stream != 0) == on_stream
        && frame.length <= longest
        && frame.has_right_length()
        && !is_empty_head
        && is_own_stream
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_break_their_type_are_not_believed() {
        let ok = |header, side| is_plausible(header, side, DEFAULT_MAX_FRAME);
        let both = |header| (ok(header, Side::Client), ok(header, Side::Server));
        assert_eq!(both([0, 0, 5, DATA, 1, 0, 0, 0, 3]), (true, true));
        assert_eq!(both([0, 0, 0, SETTINGS, 1, 0, 0, 0, 0]), (true, true));
        assert_eq!(both([0, 0, 8, HEADERS, 4, 0, 0, 0, 2]), (false, true));
        assert_eq!(both([0, 0, 8, PUSH_PROMISE, 4, 0, 0, 0, 1]), (false, true));
        for bad in [
            [0, 0, 5, DATA, 1, 0, 0, 0, 0],
            [0, 0, 5, DATA, 2, 0, 0, 0, 1],
            [0, 0, 5, DATA, 1, 0x80, 0, 0, 1],
            [0, 0x40, 1, DATA, 1, 0, 0, 0, 1],
            [0, 0, 7, PING, 0, 0, 0, 0, 0],
            [0, 0, 6, SETTINGS, 1, 0, 0, 0, 0],
            [0, 0, 5, ALTSVC, 0, 0, 0, 0, 1],
            *b"\"content\"",
            [0; 9],
        ] {
            assert_eq!(both(bad), (false, false), "{bad:?}");
        }
    }
}
