//! Who is client and who is server when no SYN was seen.

use super::{Segment, Sink};
use crate::Side;

/// Starts of what a client sends first: methods of HTTP (RFC 9110, section 9), the preface of HTTP/2 (RFC 9113, section 3.4).
const REQUESTS: [&[u8]; 10] = [
    b"GET ",
    b"POST ",
    b"PUT ",
    b"HEAD ",
    b"PATCH ",
    b"DELETE ",
    b"OPTIONS ",
    b"CONNECT ",
    b"TRACE ",
    b"PRI * ",
];

/// Who sent the first segment of a flow: SYN, then the caller, content, ports, and at last whoever spoke first.
pub(super) fn sender(segment: &Segment<'_>, out: &mut impl Sink) -> Side {
    if segment.flags.has(super::Flags::SYN) {
        return if segment.flags.has(super::Flags::ACK) { Side::Server } else { Side::Client };
    }
    if let Some(side) = out.sender(segment).or_else(|| by_content(segment.payload)) {
        return side;
    }
    if segment.source.port < segment.target.port { Side::Server } else { Side::Client }
}

fn by_content(payload: &[u8]) -> Option<Side> {
    if payload.starts_with(b"HTTP/1.") {
        return Some(Side::Server);
    }
    if REQUESTS.iter().any(|start| payload.starts_with(start)) {
        return Some(Side::Client);
    }
    // TLS handshake records: the hello of either side (RFC 8446, section 4).
    match payload {
        [22, 3, 0..=4, _, _, 1, ..] => Some(Side::Client),
        [22, 3, 0..=4, _, _, 2, ..] => Some(Side::Server),
        _ => None,
    }
}
