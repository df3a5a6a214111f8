//! Field blocks that are over: decoded, and given to their messages.

use super::super::block::Block;
use super::super::check;
use super::super::frame::END_STREAM;
use super::super::hpack::{Decoded, Terms};
use super::super::message::value_of;
use super::super::stream::Place;
use super::{Connection, Message, Out, pick, place};
use crate::Side;

impl Connection {
    /// The open block of a side is over, or nothing more of it comes: its fields go to their message.
    pub(super) fn flush(&mut self, side: Side, out: Out<'_>) {
        let offered = self.peer(side.other()).settings.offered();
        let peer = pick(&mut self.client, &mut self.server, side);
        let Some(block) = peer.block.take() else { return };
        let terms = Terms { list_bytes: self.limits.list_bytes, offered, acked: peer.acked.take() };
        let mut decoded = peer.decoder.decode(&block.bytes, &terms);
        decoded.is_part |= block.why_cut().is_some();
        if block.over > 0 || block.has_gap {
            peer.decoder.lose();
        }
        self.count.over_limit += decoded.over + block.over;
        self.count.opaque += decoded.opaque + block.opaque;
        let place = place(side, &block.first);
        if let Some(promised) = block.promised {
            self.promise(place, promised, decoded, &block, out);
            return;
        }
        let is_last = block.first.has(END_STREAM);
        self.streams.fields(place, decoded, is_last, block.end);
        if let Some(why) = block.why_cut() {
            self.streams.cut_fields(place, why);
        }
        if block.has_gap {
            self.streams.gap_in(place.stream, side);
        }
        self.keep_limits(place.at, out);
        if is_last && let Some(message) = self.streams.end(place.stream, side) {
            out(message);
        }
    }

    /// A request that the server made up.
    fn promise(&mut self, place: Place, promised: u32, decoded: Decoded, block: &Block, out: Out<'_>) {
        let mut message = Message::new(promised, place.side, place.at, place.time);
        message.promised_on = Some(place.stream);
        message.end = block.end;
        message.block_bytes = decoded.kept;
        message.fields_over_limit = decoded.left_out;
        message.is_cut = block.why_cut().is_some();
        message.has_gap = block.has_gap;
        for (kind, what) in decoded.notes {
            message.note(kind, place.at, what);
        }
        check::head(&mut message, &decoded.fields, decoded.is_part, place.at);
        let is_head = value_of(&decoded.fields, ":method").map(|method| method == "HEAD");
        message.fields = decoded.fields;
        self.streams.request_is_elsewhere(promised, is_head);
        out(message);
        self.keep_limits(place.at, out);
    }
}
