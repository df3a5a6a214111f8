//! Three blocks of a text as bits, and what moves along their bytes: to the next place, or to the end of a run.

use crate::vector::{Class, Masks};

/// A block's classes, and where parts of the text start in it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Around {
    /// The classes of its bytes.
    pub(super) masks: Masks,
    /// The places where parts start.
    pub(super) parts: u64,
}

impl Around {
    /// The bytes that are in any of some classes.
    pub(super) fn any(&self, classes: &[Class]) -> u64 {
        classes.iter().fold(0, |bytes, &class| bytes | self.masks.of(class))
    }
}

/// Three blocks in a row.
pub(super) struct Window<'b> {
    pub(super) before: &'b Around,
    pub(super) here: &'b Around,
    pub(super) after: &'b Around,
}

impl Window<'_> {
    /// The bytes of a class.
    pub(super) fn of(&self, class: Class) -> u64 {
        self.here.masks.of(class)
    }

    /// The bytes that are in any of some classes.
    pub(super) fn any(&self, classes: &[Class]) -> u64 {
        self.here.any(classes)
    }

    /// The places after a byte that is in any of some classes.
    pub(super) fn behind(&self, classes: &[Class]) -> u64 {
        self.here.any(classes) << 1 | self.before.any(classes) >> 63
    }

    /// The places `by` bytes before one that is in any of some classes.
    pub(super) fn ahead(&self, by: u32, classes: &[Class]) -> u64 {
        self.here.any(classes) >> by | self.after.any(classes) << (64 - by)
    }

    /// This block and the one after it.
    pub(super) fn both(&self, classes: &[Class]) -> u128 {
        u128::from(self.here.any(classes)) | u128::from(self.after.any(classes)) << 64
    }

    /// The last bytes of the runs of some classes, and of the parts within such a run.
    pub(super) fn ends(&self, classes: &[Class]) -> u64 {
        let next_part = self.here.parts >> 1 | self.after.parts << 63;
        self.here.any(classes) & (!self.ahead(1, classes) | next_part)
    }
}

/// Bits that are spread along runs, from block to block.
#[derive(Debug, Default)]
pub(in crate::view) struct Flood {
    /// Whether the last byte of the block before was filled.
    pub(super) reached_end: bool,
}

impl Flood {
    /// The bytes of runs in `within` from their first seed on.
    pub(in crate::view) const fn fill(&mut self, seeds: u64, within: u64) -> u64 {
        let seeds = (seeds | self.reached_end as u64) & within;
        // The carry of the addition runs from a seed to the end of its run.
        let filled = (within.wrapping_add(seeds) ^ within | seeds) & within;
        self.reached_end = filled >> 63 != 0;
        filled
    }
}

/// Bits that are moved up by one place, from block to block.
#[derive(Debug, Default)]
pub(in crate::view) struct Carry {
    /// The bit that moves into the next block.
    pub(super) last: u64,
}

impl Carry {
    /// The places after these.
    pub(in crate::view) const fn behind(&mut self, bits: u64) -> u64 {
        let moved = bits << 1 | self.last;
        self.last = bits >> 63;
        moved
    }
}

/// Where at least `count` set bits start, for a count from 16 to 31.
pub(super) const fn runs(bits: u128, count: u32) -> u128 {
    let two = bits & bits >> 1;
    let four = two & two >> 2;
    let eight = four & four >> 4;
    let sixteen = eight & eight >> 8;
    sixteen & sixteen >> (count - 16)
}

/// The first block of two.
#[expect(clippy::cast_possible_truncation, reason = "the lower block is what is asked for")]
pub(super) const fn lower(bits: u128) -> u64 {
    bits as u64
}
