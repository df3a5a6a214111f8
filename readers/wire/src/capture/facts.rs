//! What a capture file says about itself, and what was counted on the way.

use super::bytes::wide;
use super::frame::Frame;
use super::limits::Limits;
use super::sniff::Kind;
use super::time::Clock;

/// Types of blocks that are counted apart; files have a handful.
const MOST_BLOCK_TYPES: usize = 64;
/// A longer wait between two packets of an interface is a jump of its clock. A network with an agent on it is not silent
/// for an hour: address resolution alone is heard every few minutes. Units: nanoseconds.
pub const JUMP: u64 = 3_600_000_000_000;
/// Nothing was captured before 1990-01-01: tcpdump is of 1988, its file format of 1991. Units: nanoseconds since 1970.
pub const EARLIEST: i64 = 631_152_000_000_000_000;
/// 2100-01-01. The seconds of pcap reach to 2106; a clock that is set there counts all ones. Units: as for [`EARLIEST`].
pub const LATEST: i64 = 4_102_444_800_000_000_000;

/// Facts of one capture file. All texts are bytes of the file, cut to a limit: clean them before they are shown.
#[derive(Debug, Default)]
pub struct CaptureFacts {
    /// `None` if the content is no capture.
    pub kind: Option<Kind>,
    /// Name of the variant: `pcap, nanoseconds`.
    pub variant: &'static str,
    /// Sections that were begun; a pcap file is one.
    pub sections: u32,
    /// Interfaces of all sections, in the file's order.
    pub interfaces: Vec<InterfaceFacts>,
    /// Comments, the first ones.
    pub comments: Vec<Comment>,
    /// Comments in all.
    pub comments_seen: u64,
    /// Blocks that are not read, by type.
    pub skipped: Vec<BlockFacts>,
    /// Operating system and application that wrote the file, of the first section that says so.
    pub written_by: Vec<Box<[u8]>>,
}

/// Facts of one interface.
#[derive(Debug, Default)]
pub struct InterfaceFacts {
    /// Index of its section in the file.
    pub section: u32,
    /// Index in the section.
    pub interface: u32,
    /// LINKTYPE value.
    pub link: u16,
    /// Most bytes that are captured of a packet; 0 is no limit.
    pub snap_length: u32,
    /// Bytes of check sequence at each packet's end, if the file says so.
    pub fcs_len: Option<u8>,
    /// Name on the machine that captured.
    pub name: Option<Box<[u8]>>,
    /// What a person called it.
    pub description: Option<Box<[u8]>>,
    /// Capture filter, without the byte that says its kind.
    pub filter: Option<Box<[u8]>>,
    /// Operating system.
    pub os: Option<Box<[u8]>>,
    /// Packets that were given out.
    pub packets: u64,
    /// Their captured bytes.
    pub bytes: u64,
    /// Packets that the snap length cut.
    pub cut: u64,
    /// The earliest time, in nanoseconds since 1970.
    pub first: Option<i64>,
    /// The latest time.
    pub last: Option<i64>,
    /// Times that were before the one that came before.
    pub clock_back: u64,
    /// The longest way that a time went back. Units: nanoseconds.
    pub clock_back_most: u64,
    /// Times that were over [`JUMP`] after the one that came before.
    pub clock_jumps: u64,
    /// The longest of these jumps. Units: nanoseconds.
    pub clock_jump_most: u64,
    /// Times before [`EARLIEST`]: 0, or counted from when a machine was started.
    pub too_early: u64,
    /// Times from [`LATEST`] on.
    pub too_late: u64,
    /// Packets without a time.
    pub untimed: u64,
    /// Packets received, as the last statistics block has it.
    pub received: Option<u64>,
    /// Packets dropped for want of resources by the interface and the operating system, as the last statistics block has it.
    pub dropped: Option<u64>,
    /// Packets that the records themselves say were dropped before them.
    pub dropped_before: u64,
    pub(super) clock: Clock,
    /// The time of the packet before, in nanoseconds since 1970.
    pub(super) before: Option<i64>,
}

/// A comment of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Offset in the file's content of the block that has it.
    pub at: u64,
    /// What it is on.
    pub on: CommentOn,
    /// Its bytes, cut to a limit.
    pub text: Box<[u8]>,
}

/// What a comment is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommentOn {
    /// A section.
    Section,
    /// An interface.
    Interface,
    /// A packet.
    Packet,
    /// Names, statistics or secrets.
    Other,
}

/// Blocks of one type that are not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockFacts {
    /// Block type; types past the first 64 are counted under `u32::MAX`.
    pub block_type: u32,
    /// How many.
    pub blocks: u64,
    /// Their bytes, with framing.
    pub bytes: u64,
}

impl CaptureFacts {
    pub(super) fn comment(&mut self, limits: &Limits, at: u64, on: CommentOn, text: &[u8]) {
        self.comments_seen = self.comments_seen.saturating_add(1);
        if self.comments.len() < limits.comments {
            self.comments.push(Comment { at, on, text: capped(limits, text) });
        }
    }

    pub(super) fn skipped(&mut self, block_type: u32, bytes: u64) {
        let known = self.skipped.iter().position(|facts| facts.block_type == block_type);
        let block_type =
            if known.is_some() || self.skipped.len() < MOST_BLOCK_TYPES { block_type } else { u32::MAX };
        match self.skipped.iter_mut().find(|facts| facts.block_type == block_type) {
            Some(facts) => {
                facts.blocks = facts.blocks.saturating_add(1);
                facts.bytes = facts.bytes.saturating_add(bytes);
            }
            None => self.skipped.push(BlockFacts { block_type, blocks: 1, bytes }),
        }
    }
}

impl InterfaceFacts {
    /// Counts a frame.
    pub(super) fn frame(&mut self, frame: &Frame<'_>) {
        self.packets += 1;
        self.bytes = self.bytes.saturating_add(wide(frame.data.len()));
        self.cut += u64::from(frame.is_cut());
        self.dropped_before = self.dropped_before.saturating_add(frame.dropped.unwrap_or(0));
        let Some(time) = frame.time else {
            self.untimed += 1;
            return;
        };
        self.step(time);
        self.first = Some(self.first.map_or(time, |first| first.min(time)));
        self.last = Some(self.last.map_or(time, |last| last.max(time)));
    }

    /// What the clock did between the packet before and this one.
    fn step(&mut self, time: i64) {
        self.too_early += u64::from(time < EARLIEST);
        self.too_late += u64::from(time >= LATEST);
        let before = self.before.replace(time).unwrap_or(time);
        let step = time.abs_diff(before);
        if time < before {
            self.clock_back += 1;
            self.clock_back_most = self.clock_back_most.max(step);
        } else if step > JUMP {
            self.clock_jumps += 1;
            self.clock_jump_most = self.clock_jump_most.max(step);
        }
    }
}

/// The first bytes of a text.
pub(super) fn capped(limits: &Limits, text: &[u8]) -> Box<[u8]> {
    text.get(..limits.text).unwrap_or(text).into()
}
