//! pcap: a file header, then records of one link type.
//!
//! Source: draft-ietf-opsawg-pcap; sf-pcap.c of libpcap and wiretap/libpcap.c of Wireshark for the variants and for
//! files of versions before 2.4, which have the two lengths of a record in the other order.

mod chain;

use super::bytes::{ByteOrder, size, wide};
use super::facts::InterfaceFacts;
use super::frame::{Frame, Item, Step};
use super::limits::MOST_FRAME;
use super::reader::{Core, Read};
use super::sniff::{Kind, Variant, pcap_variant, section_order};

/// Fields of a record header that all variants have.
const FIELDS: usize = 16;

/// Bytes behind a record by which what follows is judged: enough for the header of another file.
pub(super) const FOLLOWING: usize = 24;

#[derive(Debug)]
pub(super) struct Pcap {
    order: ByteOrder,
    variant: Variant,
    lengths: Lengths,
    /// Length of a record header.
    header: usize,
    snap_length: u32,
    link: u16,
    section: u32,
    /// Index in the facts; none if there were too many.
    index: Option<usize>,
    announce: Announce,
}

/// What is still to be said of the file header.
#[derive(Debug, Clone, Copy)]
enum Announce {
    Section,
    Interface,
    Nothing,
}

/// Order of the two lengths of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lengths {
    CapturedFirst,
    OriginalFirst,
    /// Some writers of version 2.3 did one, some the other: the shorter is what was captured.
    Either,
}

/// A record header.
#[derive(Debug, Clone, Copy)]
struct Head {
    seconds: u32,
    fraction: u32,
    captured: u32,
    original: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grade {
    Good,
    /// Wrong in a way in which writers are; sound if another record follows.
    Odd(&'static str),
    Bad,
}

impl Pcap {
    /// Reads the file header at the start of the window.
    pub(super) fn open<'a>(core: &mut Core, window: &mut &'a [u8], is_end: bool) -> Result<Self, Read<'a>> {
        let Some((variant, order)) = pcap_variant(window) else { return Err(Read::Damaged) };
        let fields =
            (order.u16(window, 4), order.u16(window, 6), order.u32(window, 16), order.u32(window, 20));
        let (Some(major), Some(minor), Some(snap_length), Some(link)) = fields else {
            return Err(if is_end { Read::CutShort } else { Read::Give(Step::Need(variant.header)) });
        };
        let Some(records) = window.get(variant.header..) else {
            return Err(if is_end { Read::CutShort } else { Read::Give(Step::Need(variant.header)) });
        };
        let mut pcap = Self {
            order,
            variant,
            lengths: Lengths::of(major, minor),
            header: variant.records.first().copied().unwrap_or(FIELDS),
            snap_length,
            // The upper half says the length of the check sequence.
            link: u16::try_from(link & 0xffff).unwrap_or_default(),
            section: core.facts.sections,
            index: None,
            announce: Announce::Section,
        };
        pcap.header = pcap
            .record_header(core, records, is_end)
            .map_err(|need| Read::Give(Step::Need(need.saturating_add(variant.header))))?;
        if (major, minor) != (2, 4) {
            core.notes.add("pcap_version", core.at, format!("version {major}.{minor}, read as 2.4"));
        }
        pcap.describe(core, link);
        core.count.framing += wide(variant.header);
        core.pass(window, variant.header);
        Ok(pcap)
    }

    fn describe(&mut self, core: &mut Core, link: u32) {
        if core.facts.kind.is_none() {
            core.facts.kind = Some(Kind::Pcap);
            core.facts.variant = self.variant.name;
        }
        core.facts.sections = core.facts.sections.saturating_add(1);
        if core.facts.interfaces.len() >= core.limits.interfaces {
            core.notes.add("capture_interfaces", core.at, "more interfaces than are read");
            return;
        }
        self.index = Some(core.facts.interfaces.len());
        // Section 4: bit 26 says that the upper four bits are the length in units of two bytes.
        let fcs = u8::try_from((link >> 28) * 2).ok().filter(|_| link & 0x0400_0000 != 0);
        core.facts.interfaces.push(InterfaceFacts {
            section: self.section,
            link: self.link,
            snap_length: self.snap_length,
            fcs_len: fcs,
            ..InterfaceFacts::default()
        });
    }

    /// Reads the record at the start of the window.
    pub(super) fn read<'a>(&mut self, core: &mut Core, window: &mut &'a [u8], is_end: bool) -> Read<'a> {
        if let Some(item) = self.announcement() {
            return Read::Give(Step::Item(item));
        }
        let Some(head) = self.head(window) else {
            return match (is_end, window.is_empty()) {
                (false, _) => Read::Give(Step::Need(self.header)),
                (true, true) => Read::Give(Step::End),
                (true, false) => Read::CutShort,
            };
        };
        if is_magic(head.seconds) {
            if window.len() < FOLLOWING && !is_end {
                return Read::Give(Step::Need(FOLLOWING));
            }
            if begins_file(window) {
                return Read::Restart;
            }
        }
        let size = self.record_size(head);
        match self.grade(core, head) {
            Grade::Good => {}
            Grade::Bad => return damaged(core, head),
            Grade::Odd(what) => match self.odd(core, head, what, window, is_end) {
                Read::Again => {}
                other => return other,
            },
        }
        let Some((record, _)) = window.split_at_checked(size) else {
            return if is_end { Read::CutShort } else { Read::Give(Step::Need(size)) };
        };
        let data = record.get(self.header..).unwrap_or_default();
        if data.len() > core.limits.frame {
            return core.over_limit(size, data.len(), window);
        }
        let Some(index) = self.index else {
            core.count.framing += wide(self.header);
            core.count.opaque += wide(data.len());
            core.pass(window, size);
            return Read::Again;
        };
        let frame = Frame {
            at: core.at + wide(self.header),
            data,
            original_len: head.original,
            time: Some(self.time(head)),
            link: self.link,
            interface: 0,
            section: self.section,
            flags: self.flags(record),
            dropped: None,
            comment: None,
        };
        core.frame(index, frame, size, window)
    }

    fn announcement(&mut self) -> Option<Item<'static>> {
        match (self.announce, self.index) {
            (Announce::Nothing, _) => None,
            (Announce::Section, _) => {
                self.announce = Announce::Interface;
                Some(Item::Section(self.section))
            }
            (Announce::Interface, index) => {
                self.announce = Announce::Nothing;
                index.map(Item::Interface)
            }
        }
    }

    fn head(&self, bytes: &[u8]) -> Option<Head> {
        let (fields, order) = (bytes.first_chunk::<FIELDS>()?, self.order);
        let (first, second) = (order.u32(fields, 8)?, order.u32(fields, 12)?);
        let (captured, original) = match self.lengths {
            Lengths::CapturedFirst => (first, second),
            Lengths::OriginalFirst => (second, first),
            Lengths::Either => (first.min(second), first.max(second)),
        };
        Some(Head { seconds: order.u32(fields, 0)?, fraction: order.u32(fields, 4)?, captured, original })
    }

    fn record_size(&self, head: Head) -> usize {
        self.header.saturating_add(size(head.captured))
    }

    fn grade(&self, core: &Core, head: Head) -> Grade {
        let captured = size(head.captured);
        let second = if self.variant.nanoseconds { 1_000_000_000 } else { 1_000_000 };
        if captured > MOST_FRAME {
            Grade::Bad
        } else if head.seconds | head.fraction | head.captured | head.original == 0 {
            // The zeros of a disk block that was never written.
            Grade::Bad
        } else if captured > core.limits.frame {
            Grade::Odd("longer than the limit")
        } else if self.snap_length != 0 && head.captured > self.snap_length {
            Grade::Odd("longer than the snap length")
        } else if head.fraction >= second {
            Grade::Odd("a fraction of a second that is longer than one")
        } else if head.captured > head.original {
            Grade::Odd("more captured than was on the wire")
        } else {
            Grade::Good
        }
    }

    /// Looks behind an odd record: `Again` if it is to be read as it stands.
    #[cold]
    fn odd<'a>(
        &self,
        core: &mut Core,
        head: Head,
        what: &'static str,
        window: &[u8],
        is_end: bool,
    ) -> Read<'a> {
        let size = self.record_size(head);
        let Some(behind) = window.get(size..).filter(|behind| behind.len() >= FOLLOWING || is_end) else {
            let need = size.saturating_add(FOLLOWING);
            return if is_end { damaged(core, head) } else { Read::Give(Step::Need(need)) };
        };
        let follows = behind.is_empty()
            || begins_file(behind)
            || self.head(behind).is_some_and(|next| {
                self.grade(core, next) != Grade::Bad && super::bytes::size(next.captured) <= core.limits.frame
            });
        if !follows {
            return damaged(core, head);
        }
        core.notes.add("pcap_odd_record", core.at, what);
        Read::Again
    }

    fn time(&self, head: Head) -> i64 {
        let unit = if self.variant.nanoseconds { 1 } else { 1000 };
        // At most 2^32 * (10^9 + 10^3), which is under 2^63.
        i64::from(head.seconds) * 1_000_000_000 + i64::from(head.fraction) * unit
    }

    /// The kind of packet that the longer headers have (PACKET_HOST and so on), as the flags of pcapng say it.
    fn flags(&self, record: &[u8]) -> Option<u32> {
        if self.header < 24 {
            return None;
        }
        match record.get(22)? {
            // Bits 0 and 1 are the direction, 2 to 4 the kind of reception.
            0 => Some((1 << 2) | 1),
            1 => Some((3 << 2) | 1),
            2 => Some((2 << 2) | 1),
            3 => Some((4 << 2) | 1),
            4 => Some(2),
            _ => None,
        }
    }
}

impl Lengths {
    /// By the version of the file: sf-pcap.c of libpcap. 543.0 is of DG/UX and as it should be.
    fn of(major: u16, minor: u16) -> Self {
        match (major, minor) {
            (2, 0..=2) => Self::OriginalFirst,
            (2, 3) => Self::Either,
            _ => Self::CapturedFirst,
        }
    }
}

#[cold]
fn damaged<'a>(core: &mut Core, head: Head) -> Read<'a> {
    core.notes.add(
        "pcap_damaged_record",
        core.at,
        format!(
            "captured {} of {} bytes, time {}.{}",
            head.captured, head.original, head.seconds, head.fraction
        ),
    );
    Read::Damaged
}

/// Whether a time (or the type of a block) is the first number of a capture file that [`begins_file`] knows.
pub(super) fn is_magic(seconds: u32) -> bool {
    matches!(
        seconds,
        0xa1b2_c3d4 | 0xd4c3_b2a1 | 0xa1b2_3c4d | 0x4d3c_b2a1 | 0xa1b2_cd34 | 0x34cd_b2a1 | 0x0a0d_0d0a
    )
}

/// Whether another capture file was joined on here: such a pcap header would be a record of no bytes.
pub(super) fn begins_file(bytes: &[u8]) -> bool {
    let Some((_, order)) = pcap_variant(bytes) else { return section_order(bytes).is_some() };
    let version = (order.u16(bytes, 4), order.u16(bytes, 6));
    let (zone, digits) = (order.u32(bytes, 8), order.u32(bytes, 12));
    bytes.len() >= FOLLOWING && version == (Some(2), Some(4)) && (zone, digits) == (Some(0), Some(0))
}
