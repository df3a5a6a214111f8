//! Blocks that carry packets: pcapng, sections 4.3 (enhanced), 4.4 (simple) and appendix A (obsolete).

use super::block::{Block, OLD_PACKET, Pcapng, broken};
use super::options::{COMMENT, walk};
use crate::capture::bytes::{size, wide};
use crate::capture::facts::CommentOn;
use crate::capture::frame::Frame;
use crate::capture::reader::{Core, Read};

/// Fixed fields of the enhanced and the obsolete block.
const FIELDS: usize = 20;

/// Bytes of a block before its body.
const BEFORE: usize = 8;

/// What the options of a packet say.
#[derive(Default)]
struct Extra<'a> {
    flags: Option<u32>,
    dropped: Option<u64>,
    comment: Option<&'a [u8]>,
}

impl Pcapng {
    /// An enhanced or obsolete packet block.
    pub(super) fn packet<'a>(
        &mut self,
        core: &mut Core,
        block: Block<'a>,
        window: &mut &'a [u8],
    ) -> Read<'a> {
        let (order, body) = (self.order, block.body);
        let Some((fields, rest)) = body.split_at_checked(FIELDS) else { return broken(core, block, window) };
        let number = |at| order.u32(fields, at).unwrap_or_default();
        let (high, low, captured, original) = (number(4), number(8), number(12), number(16));
        let (id, drops) = if block.kind == OLD_PACKET {
            let drops = order.u16(fields, 2).filter(|drops| *drops != u16::MAX);
            (u32::from(order.u16(fields, 0).unwrap_or_default()), drops.map(u64::from))
        } else {
            (number(0), None)
        };
        let data = rest.get(..size(captured)).unwrap_or_else(|| {
            core.notes.add("pcapng_packet_length", core.at, "the packet is longer than its block");
            rest
        });
        if data.len() > core.limits.frame {
            return core.over_limit(block.size, data.len(), window);
        }
        let Some((index, link, time)) = self.of_interface(core, id, (u64::from(high) << 32) | u64::from(low))
        else {
            return no_interface(core, block, data, window);
        };
        let options = rest.get(data.len().next_multiple_of(4)..).unwrap_or_default();
        let extra = if options.is_empty() { Extra::default() } else { self.extra(core, options) };
        if time.is_none() {
            core.notes.add("pcapng_time", core.at, "a time that does not fit");
        }
        let frame = Frame {
            at: core.at + wide(BEFORE + FIELDS),
            data,
            original_len: original,
            time,
            link,
            interface: id,
            section: self.section,
            flags: extra.flags,
            dropped: extra.dropped.or(drops),
            comment: extra.comment,
        };
        core.frame(index, frame, block.size, window)
    }

    /// A simple packet block: on the first interface, without a time.
    pub(super) fn simple_packet<'a>(
        &mut self,
        core: &mut Core,
        block: Block<'a>,
        window: &mut &'a [u8],
    ) -> Read<'a> {
        let Some((_, rest)) = block.body.split_at_checked(4) else { return broken(core, block, window) };
        let original = self.order.u32(block.body, 0).unwrap_or_default();
        let facts = (self.interfaces > 0).then(|| core.facts.interfaces.get(self.first)).flatten();
        let Some((link, snap_length)) = facts.map(|facts| (facts.link, facts.snap_length)) else {
            return no_interface(core, block, rest.get(..size(original)).unwrap_or(rest), window);
        };
        let captured = if snap_length == 0 { original } else { original.min(snap_length) };
        let data = rest.get(..size(captured)).unwrap_or_else(|| {
            core.notes.add("pcapng_packet_length", core.at, "the packet is longer than its block");
            rest
        });
        if data.len() > core.limits.frame {
            return core.over_limit(block.size, data.len(), window);
        }
        let frame = Frame {
            at: core.at + wide(BEFORE + 4),
            data,
            original_len: original,
            time: None,
            link,
            interface: 0,
            section: self.section,
            flags: None,
            dropped: None,
            comment: None,
        };
        core.frame(self.first, frame, block.size, window)
    }

    /// Index in the facts, link type, and time by the interface's clock.
    fn of_interface(&self, core: &Core, id: u32, ticks: u64) -> Option<(usize, u16, Option<i64>)> {
        let index = self.index(id)?;
        let facts = core.facts.interfaces.get(index)?;
        Some((index, facts.link, facts.clock.time(ticks)))
    }

    fn extra<'a>(&self, core: &mut Core, options: &'a [u8]) -> Extra<'a> {
        let (order, at) = (self.order, core.at);
        let mut extra = Extra::default();
        let sound = walk(order, options, |code, value| match code {
            COMMENT => {
                core.facts.comment(&core.limits, at, CommentOn::Packet, value);
                extra.comment.get_or_insert(value);
            }
            // epb_flags and pack_flags.
            2 => extra.flags = order.u32(value, 0),
            // epb_dropcount.
            4 => extra.dropped = order.u64(value, 0),
            _ => {}
        });
        if !sound {
            core.notes.add("pcapng_option_length", at, "an option is longer than its block");
        }
        extra
    }
}

/// A packet of an interface that is not described, or one too many: its link type is not known.
#[cold]
fn no_interface<'a>(core: &mut Core, block: Block<'a>, data: &[u8], window: &mut &'a [u8]) -> Read<'a> {
    core.notes.add("pcapng_no_interface", core.at, "a packet of an interface that is not described");
    core.count.opaque += wide(data.len());
    core.count.framing += wide(block.size - data.len());
    core.pass(window, block.size);
    Read::Again
}
