//! Which protocol a connection speaks, by the first bytes of both sides.

use super::start;
use crate::Side;

/// What the first bytes of a connection look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.x, or the middle of it.
    Http1,
    /// HTTP/2 with prior knowledge.
    Http2,
    /// TLS records.
    Tls,
    /// SSH.
    Ssh,
    /// Too few bytes to tell: it may be any of these still.
    Undecided,
    /// None of these.
    Unknown,
}

/// As many first bytes of each side tell as much as can be told, but for a stream that starts in the middle of a message.
pub const SNIFF: usize = 64;

/// What a client of HTTP/2 sends first (RFC 9113 section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The longest TLS record, with what TLS 1.2 lets encryption add (RFC 5246 section 6.2.3).
const RECORD: usize = (16 << 10) + 2048;

/// Tells the protocol by the first bytes of both sides; a side that was not seen is empty, and undecided.
///
/// More than [`SNIFF`] bytes find HTTP/1 whose first message started before the capture. A caller that has no more bytes
/// takes what is undecided for unknown.
pub fn sniff(client: &[u8], server: &[u8]) -> Protocol {
    let says = [one_side(Side::Client, client), one_side(Side::Server, server)];
    let is_open = |told: &Protocol| matches!(told, Protocol::Undecided | Protocol::Unknown);
    if let Some(told) = says.iter().find(|told| !is_open(told)) {
        *told
    } else if has_message(Side::Client, client) || has_message(Side::Server, server) {
        Protocol::Http1
    } else if says.contains(&Protocol::Undecided) {
        Protocol::Undecided
    } else {
        Protocol::Unknown
    }
}

fn one_side(side: Side, bytes: &[u8]) -> Protocol {
    let starts = |text: &[u8], least: usize| {
        let len = text.len().min(bytes.len());
        len >= least && text.get(..len) == bytes.get(..len)
    };
    if starts(PREFACE, 16) && side == Side::Client || side == Side::Server && is_settings(bytes) {
        return Protocol::Http2;
    }
    if starts(b"SSH-", 4) {
        return Protocol::Ssh;
    }
    match tls(bytes) {
        Some(true) => Protocol::Tls,
        Some(false) => http1(side, bytes),
        None => Protocol::Undecided,
    }
}

/// Whether the bytes start with the settings that a server of HTTP/2 sends first (RFC 9113 sections 3.4 and 6.5).
fn is_settings(bytes: &[u8]) -> bool {
    matches!(bytes, [0, high, low, 4, 0, 0, 0, 0, 0, ..] if (u16::from(*high) << 8 | u16::from(*low)) % 6 == 0)
}

/// Whether the bytes are records of TLS (RFC 8446 section 5.1), or too few to tell.
fn tls(bytes: &[u8]) -> Option<bool> {
    let fits = |at: usize, test: fn(u8) -> bool| bytes.get(at).copied().is_none_or(test);
    if !fits(0, |kind| (20..=23).contains(&kind))
        || !fits(1, |major| major == 3)
        || !fits(2, |minor| minor <= 4)
    {
        return Some(false);
    }
    let (Some(kind), Some(high), Some(low)) = (bytes.first(), bytes.get(3), bytes.get(4)) else {
        return None;
    };
    let len = usize::from(*high) << 8 | usize::from(*low);
    if len == 0 || len > RECORD {
        return Some(false);
    }
    // An alert in clear has two bytes, a change of cipher one; a handshake starts with a known message or is encrypted.
    Some(match kind {
        20 => len == 1,
        21 => len == 2 || len >= 16,
        _ => true,
    })
}

fn http1(side: Side, bytes: &[u8]) -> Protocol {
    let text = bytes.trim_ascii_start();
    let (line, is_whole) = match memchr::memchr(b'\n', text) {
        Some(at) => (text.get(..at).unwrap_or_default(), true),
        None => (text, false),
    };
    if is_whole {
        let parsed = start::parse(side, line).is_some_and(|line| !line.is_simple() || is_text(text));
        return if parsed { Protocol::Http1 } else { Protocol::Unknown };
    }
    if line.len() >= SNIFF {
        return if start::may_start(side, line) && is_text(line) {
            Protocol::Http1
        } else {
            Protocol::Unknown
        };
    }
    if may_go_on(side, line) { Protocol::Undecided } else { Protocol::Unknown }
}

/// Whether fewer bytes than tell may be the beginning of a first line.
fn may_go_on(side: Side, line: &[u8]) -> bool {
    match side {
        Side::Client => {
            let method = line.iter().take_while(|byte| start::is_token(**byte)).count();
            is_text(line) && (method == line.len() || start::may_start(side, line))
        }
        Side::Server => {
            let len = line.len().min(5);
            line.get(..len)
                .is_some_and(|text| text.eq_ignore_ascii_case(b"HTTP/".get(..len).unwrap_or_default()))
                && is_text(line)
        }
    }
}

/// Text has no control characters but white space.
fn is_text(bytes: &[u8]) -> bool {
    !bytes.iter().any(|byte| (*byte < b' ' && !matches!(byte, b'\t' | b'\r' | b'\n')) || *byte == 0x7f)
}

/// Whether a message starts somewhere in the bytes: a first line, and a header line after it.
fn has_message(side: Side, bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let Some(next) = lines.peek() else { return false };
        let name = memchr::memchr(b':', next).and_then(|at| next.get(..at)).unwrap_or_default();
        let is_header = !name.is_empty() && name.iter().all(|byte| start::is_token(*byte));
        if is_header && start::find(side, line).is_some() {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_protocol_is_told_by_either_side() {
        let hello = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3];
        for (client, server, protocol) in [
            (&b"GET / HTTP/1.1\r\n"[..], &b""[..], Protocol::Http1),
            (b"", b"HTTP/1.1 200 OK\r\n", Protocol::Http1),
            (b"\r\nPOST /a HTTP/1.0\n", b"", Protocol::Http1),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"", Protocol::Http2),
            (b"", b"\0\0\x12\x04\0\0\0\0\0\0\x03", Protocol::Http2),
            (&hello, b"", Protocol::Tls),
            (b"", b"\x17\x03\x03\x04\x00abc", Protocol::Tls),
            (b"", b"SSH-2.0-OpenSSH_9.6\r\n", Protocol::Ssh),
            (b"", b"", Protocol::Undecided),
            (b"GE", b"", Protocol::Undecided),
            (b"", b"HTTP", Protocol::Undecided),
            (b"PRI * HTTP", b"", Protocol::Undecided),
            (b"\x16\x03", b"", Protocol::Undecided),
        ] {
            assert_eq!(
                sniff(client, server),
                protocol,
                "{:?} {:?}",
                client.escape_ascii(),
                server.escape_ascii()
            );
        }
    }

    #[test]
    fn other_protocols_are_not_taken_for_http() {
        let long = [0xaa; 80];
        for (client, server) in [
            (&b"EHLO mail.example\r\n"[..], &b"220 ready\r\n"[..]),
            (b"*1\r\n$4\r\nPING\r\n", b"+PONG\r\n"),
            (b"GET key\r\n", b"$-1\r\n"),
            (b"\x16\x03\x01\xff\xff\x01", b"\0\0\0"),
            (&long, &long),
            (b"OPTIONS rtsp://a/b RTSP/1.0\r\n", b"RTSP/1.0 200 OK\r\n"),
        ] {
            assert_eq!(sniff(client, server), Protocol::Unknown, "{:?}", client.escape_ascii());
        }
    }

    #[test]
    fn the_middle_of_http_is_found_by_a_later_message() {
        assert_eq!(sniff(b"tail\"}POST /b HTTP/1.1\r\nHost: a\r\n\r\n", b""), Protocol::Http1);
        assert_eq!(sniff(b"", b"\x01\x02tailHTTP/1.1 200 OK\r\nServer: a\r\n\r\n"), Protocol::Http1);
        assert_eq!(sniff(b"", b"a text on HTTP/1.1 200 OK\r\nand more\r\n\r\n"), Protocol::Undecided);
    }
}
