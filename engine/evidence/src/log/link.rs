//! What ties one entry to the next.

use super::breaks::BreakReason;
use crate::entry::Entry;
use crate::spelling::Stamp;

/// What the next entry is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) version: u8,
    pub(crate) seq: u64,
    pub(crate) stamp: Stamp,
    /// The hash that the entry states for the one before it; none for `genesis`.
    pub(crate) prev: Option<[u8; 32]>,
    /// The hash that the entry states for itself.
    pub(crate) hash: [u8; 32],
}

impl Link {
    /// What an entry states.
    pub(crate) fn of(entry: &Entry<'_>) -> Self {
        Self {
            version: entry.version,
            seq: entry.seq,
            stamp: entry.stamp,
            prev: entry.prev,
            hash: entry.hash,
        }
    }

    /// Why `next` cannot be the entry after this one.
    ///
    /// Source: FLIGHT_RECORDER_FORMAT, sections 1 and 5.
    pub(crate) fn before(&self, next: &Self) -> Option<BreakReason> {
        let expected = self.seq.checked_add(1);
        if next.prev != Some(self.hash) {
            return Some(match expected {
                Some(expected) if next.seq == expected => BreakReason::LinkDiffers,
                Some(expected) if next.seq > expected => {
                    BreakReason::Missing { first: expected, last: next.seq - 1 }
                }
                _ => BreakReason::Repeats { after: self.seq },
            });
        }
        if Some(next.seq) != expected {
            return Some(BreakReason::SequenceGap { expected: expected.unwrap_or(u64::MAX) });
        }
        let mixed = (self.version == 3) != (next.version == 3);
        (mixed || next.version < self.version)
            .then_some(BreakReason::VersionChanged { before: self.version, after: next.version })
    }

    /// Why this cannot be the first entry of what is left of a session.
    pub(crate) fn starts(&self) -> Option<BreakReason> {
        match (self.seq, self.prev) {
            (0, Some(_)) => Some(BreakReason::NoGenesis),
            (1.., None) => Some(BreakReason::LateGenesis),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(version: u8, seq: u64, prev: Option<u8>, hash: u8) -> Link {
        Link { version, seq, stamp: Stamp::default(), prev: prev.map(|byte| [byte; 32]), hash: [hash; 32] }
    }

    #[test]
    fn each_way_not_to_follow_has_its_reason() {
        let one = link(2, 5, Some(4), 5);
        assert_eq!(one.before(&link(2, 6, Some(5), 6)), None);
        assert_eq!(one.before(&link(2, 6, Some(9), 6)), Some(BreakReason::LinkDiffers));
        assert_eq!(one.before(&link(2, 6, None, 6)), Some(BreakReason::LinkDiffers));
        assert_eq!(one.before(&link(2, 9, Some(8), 9)), Some(BreakReason::Missing { first: 6, last: 8 }));
        assert_eq!(one.before(&link(2, 5, Some(4), 5)), Some(BreakReason::Repeats { after: 5 }));
        assert_eq!(one.before(&link(2, 9, Some(5), 9)), Some(BreakReason::SequenceGap { expected: 6 }));
        assert_eq!(one.before(&link(2, 5, Some(5), 9)), Some(BreakReason::SequenceGap { expected: 6 }));
    }

    #[test]
    fn versions_go_up_once_and_three_stays_alone() {
        let changed = |before, after| Some(BreakReason::VersionChanged { before, after });
        let at = |before, after| link(before, 5, Some(4), 5).before(&link(after, 6, Some(5), 6));
        assert_eq!(at(1, 2), None);
        assert_eq!(at(3, 3), None);
        for (before, after) in [(2, 1), (2, 3), (1, 3), (3, 2), (3, 1)] {
            assert_eq!(at(before, after), changed(before, after));
        }
    }

    #[test]
    fn a_session_starts_at_genesis_or_says_that_its_start_is_gone() {
        assert_eq!(link(2, 0, None, 0).starts(), None);
        assert_eq!(link(2, 7, Some(6), 7).starts(), None);
        assert_eq!(link(2, 0, Some(6), 7).starts(), Some(BreakReason::NoGenesis));
        for seq in [1, 2, 7, u64::MAX] {
            assert_eq!(link(2, seq, None, 7).starts(), Some(BreakReason::LateGenesis));
        }
    }
}
