//! The search for the next sound record after damage.
//!
//! Each offset is looked at once. A candidate must look sound itself and lead to another, so that bytes of a packet that
//! happen to look like a record are passed over. A capture inside a packet still looks sound: where the content is cut
//! short inside a record, only a chain of records that ends exactly with the content counts.

use super::bytes::wide;
use super::reader::Core;

/// More than is needed is asked for, so that the search does not stop at each byte.
const AHEAD: usize = 64 << 10;

/// Records that are walked over in all while looking for a chain to the end.
const MOST_STEPS: u32 = 1 << 20;

/// What a format makes of an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Candidate {
    No,
    /// A record that takes so many bytes, and is followed by another or by the end.
    Sound(usize),
    /// So many bytes must be there to tell.
    Need(usize),
}

/// A format whose records can be found.
pub(super) trait Records {
    /// Whether a sound record begins at the start of `bytes`.
    fn candidate(&self, core: &Core, bytes: &[u8], is_end: bool) -> Candidate;
    /// The size of the whole record at the start of `bytes`, if it looks sound.
    fn size(&self, core: &Core, bytes: &[u8]) -> Option<usize>;
}

/// Where the search may stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    /// At any sound record.
    NextRecord,
    /// At a record from which a chain leads to the end of the content.
    End,
}

#[derive(Debug)]
pub(super) struct Search {
    from: u64,
    goal: Goal,
    steps: u32,
}

impl Search {
    /// A search that begins behind the byte at `from`.
    pub(super) fn new(from: u64, goal: Goal) -> Self {
        Self { from, goal, steps: MOST_STEPS }
    }

    pub(super) fn from(&self) -> u64 {
        self.from
    }

    /// How many bytes of the window are no sound record, and how many are needed to go on; none if the search is over.
    pub(super) fn run(
        &mut self,
        core: &Core,
        records: &impl Records,
        window: &[u8],
        is_end: bool,
    ) -> (usize, Option<usize>) {
        let before = core.at - self.from;
        let mut passed = usize::from(before == 0);
        while let Some(rest) = window.get(passed..).filter(|rest| !rest.is_empty()) {
            if before + wide(passed) > core.limits.resync {
                return Self::nothing(window, is_end);
            }
            match records.candidate(core, rest, is_end) {
                Candidate::Sound(size) if self.counts(core, records, rest, size) => return (passed, None),
                Candidate::Need(need) => return (passed, Some(need.saturating_add(AHEAD))),
                Candidate::Sound(_) | Candidate::No => passed += 1,
            }
        }
        let passed = passed.min(window.len());
        (passed, (!is_end).then_some(AHEAD))
    }

    /// The same where nothing is looked for: all the rest is lost.
    pub(super) fn nothing(window: &[u8], is_end: bool) -> (usize, Option<usize>) {
        (window.len(), (!is_end).then_some(AHEAD))
    }

    fn counts(&mut self, core: &Core, records: &impl Records, bytes: &[u8], size: usize) -> bool {
        if self.goal == Goal::NextRecord {
            return true;
        }
        let mut rest = bytes.get(size..);
        while let Some(bytes) = rest {
            if bytes.is_empty() {
                return true;
            }
            let Some(left) = self.steps.checked_sub(1) else { return false };
            self.steps = left;
            let Some(size) = records.size(core, bytes) else { return false };
            rest = bytes.get(size..);
        }
        false
    }
}
