//! What a frame's header says against the rules of RFC 6455.

use super::Side;
use super::frame::Header;
use crate::Notes;

/// What was known of a direction before the header.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) side: Side,
    pub(super) may_compress: bool,
    /// Whether a close frame came.
    pub(super) is_closed: bool,
}

/// Notes each rule that a header at `at` breaks.
pub(super) fn note(header: &Header, seen: Seen, at: u64, notes: &mut Notes) {
    let mut note = |is_so: bool, kind, what: &'static str| {
        if is_so {
            notes.add(kind, at, what);
        }
    };
    let (is_masked, is_control) = (header.mask.is_some(), header.is_control());
    // Section 5.1.
    note(seen.side == Side::Client && !is_masked, "ws_unmasked_client", "a client's frame has no mask");
    note(seen.side == Side::Server && is_masked, "ws_masked_server", "a server's frame is masked");
    // Section 5.2; RFC 7692 section 6 gives the first bit of a message's first frame a meaning.
    let is_first = matches!(header.opcode, 1..=7);
    let reserved = if seen.may_compress && is_first { header.reserved & 3 } else { header.reserved };
    note(reserved != 0, "ws_reserved_bits", "reserved bits are set that no extension uses");
    note(!matches!(header.opcode, 0..=2 | 8..=10), "ws_reserved_opcode", "a frame of an unknown kind");
    note(header.is_padded(), "ws_padded_length", "a length is written longer than it need be");
    // Section 5.5.
    note(is_control && !header.is_final, "ws_fragmented_control", "a control frame is fragmented");
    note(is_control && header.payload > 125, "ws_long_control", "a control frame is over 125 bytes");
    note(seen.is_closed, "ws_after_close", "a frame after the close frame");
}
