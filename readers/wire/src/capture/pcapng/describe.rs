//! Blocks that describe: sections 4.1 (section header), 4.2 (interface), 4.5 (names), 4.6 (statistics) and 4.7 (secrets) of
//! pcapng.
//!
//! `None` from a function here means that the block is too short for its fixed fields.

use super::block::{Block, Pcapng, broken};
use super::options::{COMMENT, walk};
use crate::capture::bytes::{ByteOrder, size, wide};
use crate::capture::facts::{CaptureFacts, CommentOn, InterfaceFacts, capped};
use crate::capture::frame::{Item, Names, SecretKind, Step};
use crate::capture::limits::Limits;
use crate::capture::reader::{Core, Read};
use crate::capture::time::Clock;

/// Texts that are kept of who wrote the file.
const MOST_WRITERS: usize = 3;

impl Pcapng {
    /// Index in the facts of an interface of this section.
    pub(super) fn index(&self, id: u32) -> Option<usize> {
        if id >= self.interfaces {
            return None;
        }
        self.first.checked_add(size(id))
    }

    pub(super) fn section(&mut self, core: &mut Core, body: &[u8]) -> Option<Read<'static>> {
        let options = body.get(16..)?;
        let (major, minor) = (self.order.u16(body, 4)?, self.order.u16(body, 6)?);
        if major != 1 || !matches!(minor, 0 | 2) {
            core.notes.add("pcapng_version", core.at, format!("version {major}.{minor}, read as 1.0"));
        }
        self.section = core.facts.sections;
        self.first = core.facts.interfaces.len();
        self.interfaces = 0;
        core.facts.sections = core.facts.sections.saturating_add(1);
        if core.facts.variant.is_empty() {
            core.facts.variant =
                if self.order == ByteOrder::Big { "pcapng, big-endian" } else { "pcapng, little-endian" };
        }
        let Core { facts, limits, at, .. } = core;
        let first = facts.written_by.is_empty();
        let sound = walk(self.order, options, |code, value| match code {
            COMMENT => facts.comment(limits, *at, CommentOn::Section, value),
            // shb_hardware, shb_os, shb_userappl.
            2..=4 if first && facts.written_by.len() < MOST_WRITERS => {
                facts.written_by.push(capped(limits, value));
            }
            _ => {}
        });
        check(core, sound);
        Some(give(Item::Section(self.section)))
    }

    pub(super) fn interface(&mut self, core: &mut Core, body: &[u8]) -> Option<Read<'static>> {
        let options = body.get(8..)?;
        let (link, snap_length) = (self.order.u16(body, 0)?, self.order.u32(body, 4)?);
        let interface = self.interfaces;
        self.interfaces = self.interfaces.saturating_add(1);
        if core.facts.interfaces.len() >= core.limits.interfaces {
            core.notes.add("capture_interfaces", core.at, "more interfaces than are read");
            return Some(Read::Again);
        }
        let mut new = InterfaceFacts {
            section: self.section,
            interface,
            link,
            snap_length,
            ..InterfaceFacts::default()
        };
        let sound = self.interface_options(&mut new, &mut core.facts, &core.limits, core.at, options);
        check(core, sound);
        core.facts.interfaces.push(new);
        Some(give(Item::Interface(core.facts.interfaces.len() - 1)))
    }

    fn interface_options(
        &self,
        new: &mut InterfaceFacts,
        facts: &mut CaptureFacts,
        limits: &Limits,
        at: u64,
        options: &[u8],
    ) -> bool {
        let (mut resolution, mut offset) = (6, 0);
        let sound = walk(self.order, options, |code, value| match code {
            COMMENT => facts.comment(limits, at, CommentOn::Interface, value),
            2 => new.name = Some(capped(limits, value)),
            3 => new.description = Some(capped(limits, value)),
            9 => resolution = value.first().copied().unwrap_or(resolution),
            // The first byte says whether the filter is text or a program.
            11 => new.filter = value.get(1..).map(|filter| capped(limits, filter)),
            12 => new.os = Some(capped(limits, value)),
            13 => new.fcs_len = value.first().copied(),
            14 => offset = self.order.u64(value, 0).map_or(offset, u64::cast_signed),
            _ => {}
        });
        new.clock = Clock::new(resolution, offset);
        sound
    }

    pub(super) fn names<'a>(&mut self, core: &mut Core, body: &'a [u8]) -> Read<'a> {
        let (order, at) = (self.order, core.at);
        let Some(options) = Names::options(order, body) else {
            core.notes.add("pcapng_name_length", at, "a name record is longer than its block");
            return give(Item::Names(Names::new(order, body)));
        };
        self.comments(core, options);
        give(Item::Names(Names::new(order, body)))
    }

    pub(super) fn statistics(&mut self, core: &mut Core, body: &[u8]) -> Option<Read<'static>> {
        let (options, order) = (body.get(12..)?, self.order);
        let index = self.index(order.u32(body, 0)?);
        let (mut received, mut dropped) = (None, None::<u64>);
        let Core { facts, limits, at, .. } = core;
        let sound = walk(order, options, |code, value| match code {
            COMMENT => facts.comment(limits, *at, CommentOn::Other, value),
            4 => received = order.u64(value, 0),
            // isb_ifdrop and isb_osdrop.
            5 | 7 => {
                if let Some(count) = order.u64(value, 0) {
                    dropped = Some(dropped.unwrap_or(0).saturating_add(count));
                }
            }
            _ => {}
        });
        check(core, sound);
        let Some((index, facts)) =
            index.and_then(|index| Some((index, core.facts.interfaces.get_mut(index)?)))
        else {
            core.notes.add(
                "pcapng_no_interface",
                core.at,
                "statistics of an interface that is not described",
            );
            return Some(Read::Again);
        };
        // The counts are since the start of the capture: the last block has them all.
        facts.received = received.or(facts.received);
        facts.dropped = dropped.or(facts.dropped);
        Some(give(Item::Statistics(index)))
    }

    pub(super) fn secrets<'a>(
        &mut self,
        core: &mut Core,
        block: Block<'a>,
        window: &mut &'a [u8],
    ) -> Read<'a> {
        let fields = (self.order.u32(block.body, 0), self.order.u32(block.body, 4), block.body.get(8..));
        let (Some(kind), Some(length), Some(rest)) = fields else { return broken(core, block, window) };
        let data = rest.get(..size(length)).unwrap_or_else(|| {
            core.notes.add("pcapng_secrets_length", core.at, "the secrets are longer than their block");
            rest
        });
        self.comments(core, rest.get(data.len().next_multiple_of(4)..).unwrap_or_default());
        let at = core.at + 16;
        core.count.secrets += wide(data.len());
        core.count.framing += wide(block.size - data.len());
        core.pass(window, block.size);
        Read::Give(Step::Item(Item::Secrets { at, kind: SecretKind::of(kind), data }))
    }

    /// Options of which only the comments matter.
    fn comments(&self, core: &mut Core, options: &[u8]) {
        let Core { facts, limits, at, .. } = core;
        let sound = walk(self.order, options, |code, value| {
            if code == COMMENT {
                facts.comment(limits, *at, CommentOn::Other, value);
            }
        });
        check(core, sound);
    }
}

fn give(item: Item<'_>) -> Read<'_> {
    Read::Give(Step::Item(item))
}

fn check(core: &mut Core, sound: bool) {
    if !sound {
        core.notes.add("pcapng_option_length", core.at, "an option is longer than its block");
    }
}
