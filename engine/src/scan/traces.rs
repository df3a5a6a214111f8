//! Traces of the text that was searched: by them one tells later that a rule which did not look would have found nothing.
//!
//! Kept are the runs of four bytes, folded as the prefilter folds them, of every stretch that was searched, in the text itself and
//! in its views: a set of hashes, which may hold more than was there and never less. A rule is tried only where one of its texts
//! stands, and a text stands only where all of its runs do. Kept too is where parts that meet were searched as one stretch, since
//! a text may stand across them. Left out: where anything stood. Nothing is gathered unless it is asked for.

use coldcase_model::{Direction, Event, NotScanned, ScanCoverage, Surface};
use serde::{Deserialize, Serialize};

use crate::vector::FOLD;

/// The largest set: as many bits as a batch of text has different runs, several times over.
const MOST_BITS: usize = 1 << 19;
/// The smallest.
const LEAST_BITS: usize = 1 << 9;
/// So many bits for each byte of text, of which a half or less are different runs.
const BITS_FOR_A_BYTE: usize = 2;

/// Hashes of runs of four bytes, a bit for each.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Grams(Vec<u64>);

impl Grams {
    /// Whether all of these runs may be there.
    pub(crate) fn may_have(&self, runs: &[u32]) -> bool {
        // As many words as a power of two; none where nothing was searched.
        let Some(mask) = self.0.len().checked_sub(1) else { return false };
        let has = |run: u32| {
            let place = run as usize;
            self.0.get(place >> 6 & mask).is_some_and(|word| word >> (place & 63) & 1 != 0)
        };
        runs.iter().all(|run| has(*run))
    }

    /// Whether it is of a size that is ever made.
    pub(crate) fn is_sound(&self) -> bool {
        let bits = self.0.len() * 64;
        bits == 0 || bits.is_power_of_two() && (LEAST_BITS..=MOST_BITS).contains(&bits)
    }
}

/// The hashes of a text's runs.
pub(crate) fn runs(text: &[u8]) -> impl Iterator<Item = u32> {
    text.array_windows::<4>().map(|four| mixed(u32::from_le_bytes(*four) | FOLD))
}

/// Every bit depends on all bytes, so that any low bits make a smaller hash.
const fn mixed(run: u32) -> u32 {
    let run = run.wrapping_mul(0x9E37_79B1);
    let run = (run ^ run >> 15).wrapping_mul(0x85EB_CA77);
    run ^ run >> 13
}

/// Two surfaces that met in an event, and whether they were searched as one stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Seam {
    pub(crate) before: Surface,
    pub(crate) after: Surface,
    pub(crate) direction: Option<Direction>,
    pub(crate) joined: bool,
}

/// What a thread gathers over the events of a batch.
#[derive(Debug)]
pub(crate) struct Traces {
    bits: Box<[u64]>,
    searched: usize,
    seams: Vec<Seam>,
    is_whole: bool,
}

impl Default for Traces {
    fn default() -> Self {
        let bits = vec![0; MOST_BITS / 64].into_boxed_slice();
        Self { bits, searched: 0, seams: Vec::new(), is_whole: true }
    }
}

impl Traces {
    /// Takes in a stretch that is searched.
    pub(super) fn searched(&mut self, stretch: &[u8]) {
        self.searched += stretch.len();
        for run in runs(stretch) {
            let place = run as usize % MOST_BITS;
            if let Some(word) = self.bits.get_mut(place >> 6) {
                *word |= 1 << (place & 63);
            }
        }
    }

    /// Takes in where the parts of an event meet; `joins` tells which surfaces are searched as one.
    pub(super) fn parts(&mut self, event: &Event, joins: impl Fn(Surface, Surface) -> bool) {
        let direction = event.head.direction;
        for pair in event.parts.array_windows::<2>() {
            let [before, after] = pair.each_ref().map(|part| part.surface);
            if before == after {
                continue;
            }
            let seam = Seam { before, after, direction, joined: joins(before, after) };
            if let Err(place) = self.seams.binary_search(&seam) {
                self.seams.insert(place, seam);
            }
        }
    }

    /// Takes in how much of an event was looked at: what ended at a limit might end elsewhere under other rules.
    pub(super) fn looked(&mut self, coverage: &ScanCoverage, overflow: bool) {
        let ended = |(reason, _): &(NotScanned, u64)| {
            matches!(reason, NotScanned::ViewBudget | NotScanned::WorkBudget)
        };
        self.is_whole &= !overflow && !coverage.not_scanned.iter().any(ended);
    }

    /// What was gathered, and begins anew.
    pub(crate) fn take(&mut self) -> (Grams, Vec<Seam>, bool) {
        let seams = std::mem::take(&mut self.seams);
        let is_whole = std::mem::replace(&mut self.is_whole, true);
        let searched = std::mem::take(&mut self.searched);
        if searched == 0 {
            return (Grams::default(), seams, is_whole);
        }
        let bits = searched.saturating_mul(BITS_FOR_A_BYTE).clamp(LEAST_BITS, MOST_BITS).next_power_of_two();
        let mut grams = vec![0; bits / 64];
        for part in self.bits.chunks_mut(grams.len()) {
            grams.iter_mut().zip(&*part).for_each(|(to, word)| *to |= word);
            part.fill(0);
        }
        (Grams(grams), seams, is_whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(stretches: &[&[u8]]) -> Grams {
        let mut traces = Traces::default();
        for stretch in stretches {
            traces.searched(stretch);
        }
        traces.take().0
    }

    fn may_have(grams: &Grams, text: &str) -> bool {
        grams.may_have(&runs(text.as_bytes()).collect::<Vec<_>>())
    }

    #[test]
    fn what_was_searched_may_be_there_in_either_case_and_little_else() {
        let grams = of(&[b"Ignore all previous", b"instructions"]);
        for text in ["ignore", "ALL PREV", "previous", "instructions"] {
            assert!(may_have(&grams, text), "{text}");
        }
        for text in ["previousins", "disregard", "xyzzy"] {
            assert!(!may_have(&grams, text), "{text}");
        }
        assert!(!may_have(&of(&[]), "ignore"), "nothing was searched");
        assert!(!may_have(&of(&[b"abc"]), "abcd"));
    }

    #[test]
    fn what_was_gathered_is_gathered_once() {
        let mut traces = Traces::default();
        traces.searched(b"ignore");
        traces.looked(&ScanCoverage { scanned: 6, not_scanned: vec![(NotScanned::WorkBudget, 1)] }, false);
        let (first, _, is_whole) = traces.take();
        assert!(may_have(&first, "ignore") && !is_whole);
        traces.searched(b"another text");
        let (second, _, is_whole) = traces.take();
        assert!(!may_have(&second, "ignore") && is_whole && second.is_sound());
    }

    proptest::proptest! {
        #[test]
        fn no_text_that_stands_is_missing(
            text in proptest::collection::vec(proptest::prelude::any::<u8>(), 4..3000),
            at in 0_usize..3000,
            len in 4_usize..40,
        ) {
            let at = at.min(text.len() - 4);
            let stands = &text[at..(at + len).min(text.len())];
            let grams = of(&[&text]);
            proptest::prop_assert!(grams.is_sound());
            proptest::prop_assert!(grams.may_have(&runs(stands).collect::<Vec<_>>()));
        }
    }
}
