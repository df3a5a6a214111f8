//! Whether bytes are HTTP/2, for a caller that does not know it from ALPN or an upgrade.

use super::frame::{ACK, DEFAULT_MAX_FRAME, Frame, HEADER, PREFACE, SETTINGS, is_plausible};
use crate::Side;

/// What the first bytes of a side look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sniffed {
    /// The start of a connection: the client's preface, or the server's first SETTINGS.
    Start,
    /// Frames of a connection whose start was not captured.
    Frames,
    /// Something else.
    Other,
    /// Too few bytes to tell.
    TooShort,
}

/// Looks at the first bytes of a side. Frames without a start are believed if each is where the one before it ends, as
/// far as the bytes go.
pub fn sniff(side: Side, bytes: &[u8]) -> Sniffed {
    if side == Side::Client && (bytes.starts_with(PREFACE) || PREFACE.starts_with(bytes)) {
        return if bytes.len() < PREFACE.len() { Sniffed::TooShort } else { Sniffed::Start };
    }
    let Some(first) = bytes.first_chunk::<HEADER>() else { return Sniffed::TooShort };
    if frames_in_a_row(side, bytes) == 0 {
        return Sniffed::Other;
    }
    let first = Frame::parse(*first, 0, None);
    if side == Side::Server && first.kind == SETTINGS && first.flags & ACK == 0 {
        Sniffed::Start
    } else {
        Sniffed::Frames
    }
}

/// How many frames of a connection whose start was not captured stand in a row from the first byte on, the last maybe cut;
/// none if anything but a frame follows one.
pub(crate) fn frames_in_a_row(side: Side, bytes: &[u8]) -> usize {
    let (mut rest, mut count) = (bytes, 0);
    while let Some(header) = rest.first_chunk::<HEADER>() {
        if !is_plausible(*header, side, DEFAULT_MAX_FRAME) {
            return 0;
        }
        count += 1;
        let frame = Frame::parse(*header, 0, None);
        rest = rest.get(HEADER + frame.length as usize..).unwrap_or_default();
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_frames_and_other_protocols_are_told_apart() {
        let settings = [0, 0, 0, SETTINGS, 0, 0, 0, 0, 0];
        let ping = [&[0, 0, 8, 6, 0, 0, 0, 0, 0][..], &[0; 8]].concat();
        assert_eq!(sniff(Side::Client, PREFACE), Sniffed::Start);
        assert_eq!(sniff(Side::Client, b"PRI * HT"), Sniffed::TooShort);
        assert_eq!(sniff(Side::Client, b""), Sniffed::TooShort);
        assert_eq!(sniff(Side::Server, &settings), Sniffed::Start);
        assert_eq!(sniff(Side::Server, &settings[..8]), Sniffed::TooShort);
        assert_eq!(sniff(Side::Server, &[&ping[..], &settings].concat()), Sniffed::Frames);
        assert_eq!(sniff(Side::Client, &ping[..12]), Sniffed::Frames);
        assert_eq!(sniff(Side::Client, &[&ping[..], b"something"].concat()), Sniffed::Other);
        assert_eq!(sniff(Side::Client, b"POST / HTTP/1.1\r\n"), Sniffed::Other);
        assert_eq!(sniff(Side::Server, &[0x16, 3, 3, 0, 90, 2, 0, 0, 86]), Sniffed::Other);
        assert_eq!(sniff(Side::Server, &[0; 100]), Sniffed::Other);
    }

    #[test]
    fn frames_in_a_row_are_counted_up_to_anything_else() {
        let ping = [&[0, 0, 8, 6, 0, 0, 0, 0, 0][..], &[0; 8]].concat();
        let row = [&ping[..], &ping, &ping[..12]].concat();
        assert_eq!(frames_in_a_row(Side::Client, &row), 3);
        assert_eq!(frames_in_a_row(Side::Client, &row[..ping.len() + 4]), 1);
        assert_eq!(frames_in_a_row(Side::Client, &[&ping[..], b"something"].concat()), 0);
        assert_eq!(frames_in_a_row(Side::Server, b"HTTP/1.1 200 OK\r\n"), 0);
        assert_eq!(frames_in_a_row(Side::Server, b""), 0);
    }
}
