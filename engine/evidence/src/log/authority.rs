//! What the checkpoints of a chain vouch for, and by which key.
//!
//! A checkpoint's signature covers the hash of the entry before it, and so everything before that; never itself.

use super::breaks::BreakReason;
use super::checkpoint::{Checkpoint, Seal};
use super::report::{Checkpoints, KeyRange};
use crate::keys::{KeyIndex, KeyRing};

/// More places of checkpoints are not told.
const MOST_PLACES: usize = 200;

/// The checkpoints so far.
#[derive(Debug, Default)]
pub(crate) struct Authority {
    pub(crate) counts: Checkpoints,
    /// Where the last checkpoint stands.
    last: Option<u64>,
    /// Where the last good one stands.
    last_good: Option<u64>,
    /// The last entry that is vouched for, with an unbroken chain before it.
    pub(crate) through: Option<u64>,
    ranges: Vec<(KeyIndex, u64, u64, u64)>,
    /// Where the first checkpoints stand, one more than are told.
    places: Vec<u64>,
}

impl Authority {
    /// Takes in the checkpoint at `seq`; `whole` tells whether the chain before it is unbroken.
    ///
    /// `first` is the first entry that is here: what is before it is bound by the signature, and not shown by it.
    pub(crate) fn take(
        &mut self,
        seq: u64,
        checkpoint: &Checkpoint,
        first: u64,
        whole: bool,
    ) -> Option<BreakReason> {
        let previous = self.last.replace(seq);
        self.counts.total += 1;
        if self.places.len() <= MOST_PLACES {
            self.places.push(seq);
        }
        let was_signed = self.counts.signed > 0;
        self.counts.signed += u64::from(checkpoint.seal != Seal::Unsigned);
        if previous.is_some_and(|previous| checkpoint.first_seq <= previous) {
            return Some(BreakReason::CheckpointSpan);
        }
        match checkpoint.seal {
            Seal::Unsigned => was_signed.then_some(BreakReason::UnsignedCheckpoint),
            Seal::Unchecked => None,
            Seal::Nobody => Some(BreakReason::CheckpointSignature { good_through: self.through }),
            Seal::LenientOnly => Some(BreakReason::LenientSignature),
            Seal::By(key) => self.vouch(seq, key, first, whole),
        }
    }

    /// Where the last checkpoint stands.
    pub(crate) fn last(&self) -> Option<u64> {
        self.last
    }

    /// Where the checkpoints stand; nowhere if there are too many to tell.
    pub(crate) fn places(&self) -> Vec<u64> {
        if self.places.len() > MOST_PLACES { Vec::new() } else { self.places.clone() }
    }

    /// Whether the checkpoint at `seq` is a good one.
    pub(crate) fn vouched(&self, seq: u64) -> bool {
        self.last_good == Some(seq)
    }

    fn vouch(&mut self, seq: u64, key: KeyIndex, first: u64, whole: bool) -> Option<BreakReason> {
        let through = seq.checked_sub(1)?;
        let current = self.ranges.last().map(|range| range.0);
        if current != Some(key) && self.ranges.iter().any(|range| range.0 == key) {
            return Some(BreakReason::KeyWentBack);
        }
        self.counts.good += 1;
        self.last_good = Some(seq);
        if whole && through >= first {
            let from = self.through.map_or(0, |last| last + 1);
            match self.ranges.last_mut().filter(|range| range.0 == key) {
                Some(range) => {
                    range.2 = through;
                    range.3 += 1;
                }
                None => self.ranges.push((key, from.max(first), through, 1)),
            }
            self.through = Some(through);
        }
        None
    }

    /// Which key vouches for which entries.
    pub(crate) fn ranges(&self, keys: &KeyRing) -> Vec<KeyRange> {
        let range = |(key, from, to, checkpoints): &(KeyIndex, u64, u64, u64)| KeyRange {
            key: keys.key(*key).map(crate::keys::PublicKey::hex).unwrap_or_default(),
            first_seq: *from,
            last_seq: *to,
            checkpoints: *checkpoints,
        };
        self.ranges.iter().map(range).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(authority: &mut Authority, seq: u64, first_seq: u64, seal: Seal) -> Option<BreakReason> {
        authority.take(seq, &Checkpoint { first_seq, seal }, 0, true)
    }

    #[test]
    fn a_good_checkpoint_vouches_for_what_is_before_it_and_not_for_itself() {
        let mut authority = Authority::default();
        assert_eq!(at(&mut authority, 10, 0, Seal::By(KeyIndex(0))), None);
        assert_eq!(authority.through, Some(9));
        assert_eq!(at(&mut authority, 21, 11, Seal::By(KeyIndex(1))), None);
        assert_eq!(authority.through, Some(20));
        assert_eq!(authority.ranges, [(KeyIndex(0), 0, 9, 1), (KeyIndex(1), 10, 20, 1)]);
    }

    #[test]
    fn a_checkpoint_vouches_only_for_entries_that_are_here() {
        let mut authority = Authority::default();
        let by = |first_seq| Checkpoint { first_seq, seal: Seal::By(KeyIndex(0)) };
        assert_eq!(authority.take(4, &by(0), 4, true), None);
        assert_eq!(authority.through, None);
        assert_eq!(authority.take(9, &by(5), 4, true), None);
        assert_eq!(authority.ranges, [(KeyIndex(0), 4, 8, 1)]);
    }

    #[test]
    fn keys_take_over_and_never_go_back() {
        let mut authority = Authority::default();
        for (seq, key) in [(10, 0), (20, 1)] {
            assert_eq!(at(&mut authority, seq, seq - 5, Seal::By(KeyIndex(key))), None);
        }
        assert_eq!(at(&mut authority, 30, 21, Seal::By(KeyIndex(0))), Some(BreakReason::KeyWentBack));
        assert_eq!(authority.through, Some(19));
    }

    #[test]
    fn each_bad_checkpoint_has_its_reason() {
        let mut authority = Authority::default();
        assert_eq!(at(&mut authority, 5, 0, Seal::Unsigned), None);
        assert_eq!(at(&mut authority, 10, 6, Seal::By(KeyIndex(0))), None);
        assert_eq!(at(&mut authority, 15, 10, Seal::By(KeyIndex(0))), Some(BreakReason::CheckpointSpan));
        assert_eq!(at(&mut authority, 20, 16, Seal::Unsigned), Some(BreakReason::UnsignedCheckpoint));
        assert_eq!(at(&mut authority, 25, 21, Seal::LenientOnly), Some(BreakReason::LenientSignature));
        let nobody = BreakReason::CheckpointSignature { good_through: Some(9) };
        assert_eq!(at(&mut authority, 30, 26, Seal::Nobody), Some(nobody));
        assert_eq!(authority.counts, Checkpoints { total: 6, signed: 4, good: 1 });
    }

    #[test]
    fn one_signed_checkpoint_is_enough_to_miss_the_next_signature() {
        let mut authority = Authority::default();
        assert_eq!(at(&mut authority, 5, 0, Seal::Unchecked), None);
        assert_eq!(at(&mut authority, 10, 6, Seal::Unsigned), Some(BreakReason::UnsignedCheckpoint));
        assert_eq!(at(&mut authority, 15, 3, Seal::Unchecked), Some(BreakReason::CheckpointSpan));
    }

    #[test]
    fn after_a_break_nothing_more_is_vouched_for() {
        let mut authority = Authority::default();
        assert_eq!(at(&mut authority, 10, 0, Seal::By(KeyIndex(0))), None);
        let checkpoint = Checkpoint { first_seq: 11, seal: Seal::By(KeyIndex(0)) };
        assert_eq!(authority.take(20, &checkpoint, 0, false), None);
        assert_eq!(authority.through, Some(9));
        assert!(authority.vouched(20));
    }

    #[test]
    fn a_range_counts_each_of_its_checkpoints_and_reaches_through_the_last() {
        let mut authority = Authority::default();
        for seq in [5, 10, 15] {
            assert_eq!(at(&mut authority, seq, seq - 4, Seal::By(KeyIndex(0))), None);
        }
        assert_eq!(authority.ranges, [(KeyIndex(0), 0, 14, 3)]);
        assert!(authority.vouched(15) && !authority.vouched(10) && !authority.vouched(16));
    }

    #[test]
    fn one_entry_before_the_checkpoint_is_enough() {
        let mut authority = Authority::default();
        let checkpoint = Checkpoint { first_seq: 0, seal: Seal::By(KeyIndex(0)) };
        assert_eq!(authority.take(5, &checkpoint, 4, true), None);
        assert_eq!((authority.through, authority.ranges), (Some(4), vec![(KeyIndex(0), 4, 4, 1)]));
    }

    #[test]
    fn a_span_may_start_right_behind_the_checkpoint_before() {
        let mut authority = Authority::default();
        assert_eq!(at(&mut authority, 5, 0, Seal::Unchecked), None);
        assert_eq!(at(&mut authority, 10, 5, Seal::Unchecked), Some(BreakReason::CheckpointSpan));
        assert_eq!(at(&mut authority, 15, 11, Seal::Unchecked), None);
        assert_eq!(authority.last(), Some(15));
        assert_eq!(authority.counts, Checkpoints { total: 3, signed: 3, good: 0 });
    }

    #[test]
    fn places_are_told_up_to_two_hundred() {
        let mut authority = Authority::default();
        for seq in 1..=200 {
            assert_eq!(at(&mut authority, seq * 2, seq * 2 - 1, Seal::Unchecked), None);
        }
        assert_eq!(authority.places(), (1..=200).map(|seq| seq * 2).collect::<Vec<u64>>());
        for seq in 201..=300 {
            at(&mut authority, seq * 2, seq * 2 - 1, Seal::Unchecked);
            assert_eq!(authority.places(), Vec::<u64>::new());
        }
        assert_eq!(authority.places.len(), 201);
    }

    #[test]
    fn ranges_name_their_keys() {
        let key = crate::keys::SecretKey::from_seed(&[7; 32]).public();
        let mut authority = Authority::default();
        at(&mut authority, 5, 2, Seal::By(KeyIndex(0)));
        let range = KeyRange { key: key.hex(), first_seq: 0, last_seq: 4, checkpoints: 1 };
        assert_eq!(authority.ranges(&KeyRing::new([key])), [range]);
    }
}
