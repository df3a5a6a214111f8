//! Framing of blocks, and which of them are read: pcapng, section 3.1.

use crate::capture::bytes::{ByteOrder, size, wide};
use crate::capture::frame::{Item, Step};
use crate::capture::limits::{MOST_BLOCK, MOST_SEARCHED};
use crate::capture::pcap::{FOLLOWING, begins_file, is_magic};
use crate::capture::reader::{Core, Read};
use crate::capture::resync::{Candidate, Records};
use crate::capture::sniff::{SECTION, section_order};

const INTERFACE: u32 = 1;
pub(super) const OLD_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const NAMES: u32 = 4;
const STATISTICS: u32 = 5;
pub(super) const PACKET: u32 = 6;
const JOURNAL: u32 = 9;
const SECRETS: u32 = 10;
const CUSTOM: u32 = 0xbad;
const CUSTOM_PRIVATE: u32 = 0x4000_0bad;

/// Type, length and their copy at the end.
const FRAMING: usize = 12;

/// State of a pcapng file: the section that is read.
#[derive(Debug)]
pub(in crate::capture) struct Pcapng {
    pub(super) order: ByteOrder,
    pub(super) section: u32,
    /// Index in the facts of the section's first interface.
    pub(super) first: usize,
    /// Interfaces of the section so far.
    pub(super) interfaces: u32,
    /// A block that is too long to be read whole.
    long: Option<Long>,
}

#[derive(Debug, Clone, Copy)]
struct Long {
    at: u64,
    length: u32,
    left: u64,
}

/// Type and length of a block.
#[derive(Debug, Clone, Copy)]
struct Head {
    order: ByteOrder,
    block_type: u32,
    length: u32,
    /// The length with padding, which some writers leave out of it.
    size: usize,
}

/// A block that is whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block<'a> {
    pub(super) kind: u32,
    /// Between the lengths.
    pub(super) body: &'a [u8],
    /// The whole block.
    pub(super) size: usize,
}

impl Default for Pcapng {
    fn default() -> Self {
        Self { order: ByteOrder::Little, section: 0, first: 0, interfaces: 0, long: None }
    }
}

impl Pcapng {
    /// Reads the block at the start of the window.
    pub(in crate::capture) fn read<'a>(
        &mut self,
        core: &mut Core,
        window: &mut &'a [u8],
        is_end: bool,
    ) -> Read<'a> {
        if let Some(long) = self.long {
            return self.pass_long(core, long, window, is_end);
        }
        if window.len() < FRAMING {
            return match (is_end, window.is_empty()) {
                (false, _) => Read::Give(Step::Need(FRAMING)),
                (true, true) => Read::Give(Step::End),
                (true, false) => Read::CutShort,
            };
        }
        // A section header is read as such; this is for the other format.
        if self.order.u32(window, 0).is_some_and(|number| number != SECTION && is_magic(number)) {
            if window.len() < FOLLOWING && !is_end {
                return Read::Give(Step::Need(FOLLOWING));
            }
            if begins_file(window) {
                return Read::Restart;
            }
        }
        let Some(head) = self.head(window) else { return damaged(core, "a section of no byte order") };
        if size(head.length) < FRAMING {
            return damaged(core, "a block shorter than its framing");
        }
        if head.size > MOST_BLOCK {
            if !matches!(head.block_type, JOURNAL | SECRETS | CUSTOM | CUSTOM_PRIVATE) {
                return damaged(core, "a block longer than any of its type");
            }
            let left = wide(head.size).saturating_sub(4);
            self.long = Some(Long { at: core.at, length: head.length, left });
            core.facts.skipped(head.block_type, u64::from(head.length));
            return Read::Again;
        }
        let Some((block, behind)) = window.split_at_checked(head.size) else {
            return match (is_end, head.is_known()) {
                (false, _) => Read::Give(Step::Need(head.size)),
                (true, true) => Read::CutShort,
                (true, false) => damaged(core, "a block of unknown type that does not end"),
            };
        };
        if head.order.u32(block, head.size - 4) != Some(head.length) {
            if behind.len() < FRAMING && !is_end {
                return Read::Give(Step::Need(head.size + FRAMING));
            }
            if !self.follows(behind) {
                return damaged(core, "a block whose two lengths differ");
            }
            core.notes.add("pcapng_lengths_differ", core.at, "the second length is wrong");
        }
        if size(head.length) != head.size {
            core.notes.add(
                "pcapng_length_padding",
                core.at,
                "the length of the block leaves out its padding",
            );
        }
        self.order = head.order;
        let body = block.get(8..head.size - 4).unwrap_or_default();
        let block = Block { kind: head.block_type, body, size: head.size };
        self.dispatch(core, block, window)
    }

    fn dispatch<'a>(&mut self, core: &mut Core, block: Block<'a>, window: &mut &'a [u8]) -> Read<'a> {
        let read = match block.kind {
            PACKET | OLD_PACKET => return self.packet(core, block, window),
            SIMPLE_PACKET => return self.simple_packet(core, block, window),
            SECRETS => return self.secrets(core, block, window),
            SECTION => self.section(core, block.body),
            INTERFACE => self.interface(core, block.body),
            NAMES => Some(self.names(core, block.body)),
            STATISTICS => self.statistics(core, block.body),
            _ => {
                core.facts.skipped(block.kind, wide(block.size));
                core.count.framing += wide(FRAMING);
                core.count.opaque += wide(block.body.len());
                core.pass(window, block.size);
                return Read::Again;
            }
        };
        match read {
            Some(read) => {
                core.count.framing += wide(block.size);
                core.pass(window, block.size);
                read
            }
            None => broken(core, block, window),
        }
    }

    /// Passes over a block that is too long, in pieces.
    fn pass_long<'a>(
        &mut self,
        core: &mut Core,
        long: Long,
        window: &mut &'a [u8],
        is_end: bool,
    ) -> Read<'a> {
        let step = usize::try_from(long.left).unwrap_or(usize::MAX).min(window.len());
        core.count.over_limit += wide(step);
        core.pass(window, step);
        let left = long.left - wide(step);
        self.long = Some(Long { left, ..long });
        if window.len() < 4 && !is_end {
            return Read::Give(Step::Need(4));
        }
        self.long = None;
        let ends = left == 0 && self.order.u32(window, 0) == Some(long.length);
        if ends {
            core.count.framing += 4;
            core.pass(window, 4);
        } else {
            core.notes.add("pcapng_damaged_block", long.at, "a long block that does not end as it says");
        }
        core.notes.add("capture_over_limit", long.at, "a block is over the limit");
        let bytes = core.at - long.at;
        Read::Give(Step::Item(Item::OverLimit { at: long.at, bytes }))
    }

    fn head(&self, bytes: &[u8]) -> Option<Head> {
        let block_type = self.order.u32(bytes, 0)?;
        let order = if block_type == SECTION { section_order(bytes)? } else { self.order };
        let length = order.u32(bytes, 4)?;
        Some(Head { order, block_type, length, size: size(length).checked_next_multiple_of(4)? })
    }

    /// Whether another block begins at the start of `bytes`, or the content ends.
    fn follows(&self, bytes: &[u8]) -> bool {
        bytes.is_empty() || self.head(bytes).is_some_and(|head| head.is_known() && head.is_sound())
    }
}

impl Head {
    fn is_known(self) -> bool {
        self.least().is_some()
    }

    fn is_sound(self) -> bool {
        size(self.length) == self.size
            && self.size <= MOST_BLOCK
            && self.least().is_none_or(|least| self.size >= least)
    }

    /// The shortest block of a type that may be skipped or is read.
    fn least(self) -> Option<usize> {
        Some(match self.block_type {
            SECTION => 28,
            INTERFACE => 20,
            OLD_PACKET | PACKET => 32,
            SIMPLE_PACKET | NAMES | CUSTOM | CUSTOM_PRIVATE => 16,
            STATISTICS => 24,
            SECRETS => 20,
            JOURNAL => FRAMING,
            _ => return None,
        })
    }
}

impl Records for Pcapng {
    fn candidate(&self, core: &Core, bytes: &[u8], is_end: bool) -> Candidate {
        if bytes.len() < FRAMING {
            return if is_end { Candidate::No } else { Candidate::Need(FRAMING) };
        }
        let Some(head) = self.head(bytes).filter(|head| head.is_known() && head.is_sound()) else {
            return Candidate::No;
        };
        // Only lengths that packets have, so that a search does not wait for much more content.
        if head.size > core.limits.frame.min(MOST_SEARCHED).saturating_add(64 << 10) {
            return Candidate::No;
        }
        if matches!(head.block_type, PACKET | OLD_PACKET) {
            // The fields stand in the first 28 bytes of a block that has at least 32.
            let captured = if bytes.len() < 28 && !is_end { None } else { Some(head.order.u32(bytes, 20)) };
            match captured {
                None => return Candidate::Need(28),
                Some(captured) if captured.is_none_or(|captured| size(captured) > head.size - 32) => {
                    return Candidate::No;
                }
                Some(_) => {}
            }
        }
        let Some((block, behind)) = bytes.split_at_checked(head.size) else {
            return if is_end { Candidate::No } else { Candidate::Need(head.size.saturating_add(FRAMING)) };
        };
        if head.order.u32(block, head.size - 4) != Some(head.length) {
            return Candidate::No;
        }
        if behind.len() < FRAMING && !is_end {
            return Candidate::Need(head.size.saturating_add(FRAMING));
        }
        let next = Self { order: head.order, ..Self::default() };
        if next.follows(behind) { Candidate::Sound(head.size) } else { Candidate::No }
    }

    fn size(&self, _core: &Core, bytes: &[u8]) -> Option<usize> {
        let head = self.head(bytes).filter(|head| head.is_sound() && head.size >= FRAMING)?;
        let block = bytes.get(..head.size)?;
        (head.order.u32(block, head.size - 4) == Some(head.length)).then_some(head.size)
    }
}

/// A block whose framing is sound and whose content is too short for its type.
#[cold]
pub(super) fn broken<'a>(core: &mut Core, block: Block<'a>, window: &mut &'a [u8]) -> Read<'a> {
    let (at, bytes) = (core.at, wide(block.size));
    core.notes.add("pcapng_broken_block", at, format!("a block of type {} is too short", block.kind));
    core.count.lost += bytes;
    core.pass(window, block.size);
    Read::Give(Step::Item(Item::Lost { at, bytes }))
}

#[cold]
fn damaged<'a>(core: &mut Core, what: &'static str) -> Read<'a> {
    core.notes.add("pcapng_damaged_block", core.at, what);
    Read::Damaged
}
