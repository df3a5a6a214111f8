//! Places of a text whose four bytes are marked in a table: the prefilter's first look.
//!
//! With AVX-512 only those are looked up that fit one of the table's buckets. With AVX2 eight places are hashed at a time;
//! the table is read one place at a time, since to gather from memory is slower than that on most processors.

use super::buckets::{self, Buckets};

/// How many bits a hash has.
pub(crate) const BITS: u32 = 16;
/// Folds the case of four bytes.
pub(crate) const FOLD: u32 = 0x2020_2020;
/// 2^32 over the golden ratio, made odd.
const MULTIPLIER: u32 = 0x9E37_79B1;

/// Fibonacci hashing: the top bits of the product depend on all four bytes.
pub(crate) const fn hash(gram: u32) -> u32 {
    gram.wrapping_mul(MULTIPLIER) >> (32 - BITS)
}

/// A bit for each hash: set where four folded bytes that are looked for have it. Eight kilobytes, so that it stays in the
/// processor's nearest cache.
#[derive(Debug)]
pub(crate) struct Marked([u64; WORDS]);

const WORDS: usize = 1 << (BITS - 6);

impl Default for Marked {
    fn default() -> Self {
        Self([0; WORDS])
    }
}

impl Marked {
    /// Marks four folded bytes.
    pub(crate) const fn insert(&mut self, gram: u32) {
        let key = hash(gram);
        #[expect(clippy::indexing_slicing, reason = "a hash has as many bits as the table")]
        let word = &mut self.0[key as usize >> 6];
        *word |= 1 << (key & 63);
    }

    /// The mark of four bytes, 0 or 1.
    #[inline]
    fn of(&self, four: [u8; 4]) -> usize {
        self.at(hash(u32::from_le_bytes(four) | FOLD))
    }

    /// The mark of a hash.
    #[inline]
    fn at(&self, key: u32) -> usize {
        #[expect(clippy::indexing_slicing, reason = "cut to the table's size")]
        let word = self.0[key as usize >> 6 & (WORDS - 1)];
        usize::from(word >> (key & 63) & 1 != 0)
    }

    /// Adds a place if its four bytes are marked.
    #[inline]
    fn look_up(&self, text: &[u8], place: usize, places: &mut Vec<u32>) {
        let four = text.get(place..).and_then(|rest| rest.first_chunk::<4>());
        if four.is_some_and(|four| self.of(*four) != 0) {
            places.push(place_number(place));
        }
    }
}

/// How many places are looked at in one step.
const BLOCK: usize = 32;
/// A block of places needs three bytes more.
const BYTES: usize = BLOCK + 3;

/// Appends the places of `text` whose four bytes are marked, in order. Some that have the hash of marked ones may be left
/// out; `buckets` has all that are marked.
pub(crate) fn marks(marked: &Marked, buckets: Option<&Buckets>, text: &[u8], places: &mut Vec<u32>) {
    let mut done = 0;
    #[cfg(target_arch = "x86_64")]
    {
        let look_up = |at: usize, mut fits: u64| {
            while fits != 0 {
                marked.look_up(text, at + fits.trailing_zeros() as usize, places);
                fits &= fits - 1;
            }
        };
        if buckets.is_some_and(|buckets| buckets::each_block(buckets, text, look_up)) {
            return;
        }
        if super::has_avx2() {
            #[expect(unsafe_code, reason = "the processor has AVX2, as was just asked")]
            // SAFETY: the only demands of the function are its target features.
            unsafe {
                done = avx2::marks(marked, text, places);
            }
        }
    }
    portable(marked, text, done, places);
}

/// Appends the places of `text` that are set in `starts`, a bit for each place, and whose four bytes are marked; only
/// those from `from` to `to`.
pub(crate) fn marks_at(
    marked: &Marked,
    text: &[u8],
    starts: &[u64],
    from: usize,
    to: usize,
    places: &mut Vec<u32>,
) {
    let words = starts.get(from / 64..to.div_ceil(64)).unwrap_or_default();
    for (base, &word) in (from / 64 * 64..).step_by(64).zip(words) {
        let mut left = word;
        if base < from {
            left &= u64::MAX << (from - base);
        }
        let mut found = [0; 64];
        let mut count = 0;
        while left != 0 {
            let place = base + left.trailing_zeros() as usize;
            left &= left - 1;
            let Some(four) = text.get(place..to).and_then(|rest| rest.first_chunk::<4>()) else { break };
            // Written down in any case and kept where it is marked: a branch would be a coin's toss.
            if let Some(slot) = found.get_mut(count & 63) {
                *slot = place_number(place);
            }
            count += marked.of(*four);
        }
        places.extend_from_slice(found.get(..count).unwrap_or_default());
    }
}

/// The same, from a place on, a place at a time.
fn portable(marked: &Marked, text: &[u8], from: usize, places: &mut Vec<u32>) {
    for (place, four) in (from..).zip(text.get(from..).unwrap_or_default().array_windows::<4>()) {
        if marked.of(*four) != 0 {
            places.push(place_number(place));
        }
    }
}

/// A text is below 4 GiB: readers cut records long before.
fn place_number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm256_loadu_si256, _mm256_mullo_epi32, _mm256_or_si256, _mm256_set1_epi32,
        _mm256_srli_epi32, _mm256_storeu_si256,
    };

    use super::{BITS, BLOCK, BYTES, FOLD, MULTIPLIER, Marked, place_number};

    /// Marks of whole blocks; gives the place where they end.
    #[target_feature(enable = "avx2,bmi1,bmi2")]
    pub(super) fn marks(marked: &Marked, text: &[u8], places: &mut Vec<u32>) -> usize {
        let mut at = 0;
        while let Some(block) = text.get(at..).and_then(|rest| rest.first_chunk::<BYTES>()) {
            // The lanes of a load hold every fourth place; four loads hold all.
            let keys = [hashes(block, 0), hashes(block, 1), hashes(block, 2), hashes(block, 3)];
            let mut found = 0u32;
            for (first, keys) in keys.iter().enumerate() {
                for (index, key) in keys.iter().enumerate() {
                    found |= bit(marked.at(*key)) << (4 * index + first);
                }
            }
            let base = place_number(at);
            while found != 0 {
                places.push(base + found.trailing_zeros());
                found &= found - 1;
            }
            at += BLOCK;
        }
        at
    }

    #[expect(clippy::cast_possible_truncation, reason = "a mark is 0 or 1")]
    const fn bit(mark: usize) -> u32 {
        mark as u32
    }

    /// The hashes of the eight places 0, 4, …, 28 after `offset`.
    #[inline]
    #[target_feature(enable = "avx2")]
    #[expect(unsafe_code, reason = "unaligned loads and stores have no safe form")]
    #[expect(clippy::cast_ptr_alignment, reason = "the load and the store are the unaligned ones")]
    fn hashes(block: &[u8; BYTES], offset: usize) -> [u32; 8] {
        debug_assert!(offset < 4);
        // SAFETY: `offset` is below four, so the 32 bytes end within the 35 of the block.
        let grams = unsafe { _mm256_loadu_si256(block.as_ptr().add(offset & 3).cast::<__m256i>()) };
        let grams = _mm256_or_si256(grams, _mm256_set1_epi32(FOLD.cast_signed()));
        let product = _mm256_mullo_epi32(grams, _mm256_set1_epi32(MULTIPLIER.cast_signed()));
        let keys = _mm256_srli_epi32::<{ (32 - BITS).cast_signed() }>(product);
        let mut lanes = [0; 8];
        // SAFETY: the array has the 32 bytes that are written.
        unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast::<__m256i>(), keys) };
        lanes
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_path_finds_the_marked_places(
            text in proptest::collection::vec(any::<u8>(), 0..300),
            picks in proptest::collection::vec(any::<prop::sample::Index>(), 0..30),
        ) {
            let mut marked = Marked::default();
            let grams: Vec<u32> = text.array_windows::<4>().map(|four| u32::from_le_bytes(*four) | FOLD).collect();
            let picked: Vec<u32> =
                picks.iter().map(|pick| grams.get(pick.index(grams.len().max(1))).copied().unwrap_or(FOLD)).collect();
            for gram in &picked {
                marked.insert(*gram);
            }
            let buckets = Buckets::new(picked.iter().copied());
            let mut expected: Vec<u32> = Vec::new();
            portable(&marked, &text, 0, &mut expected);
            let (mut fast, mut at_starts) = (Vec::new(), Vec::new());
            marks(&marked, Some(&buckets), &text, &mut fast);
            // The buckets may tell apart what the hash does not.
            let is_picked = |place: &u32| picked.contains(&grams[*place as usize]);
            prop_assert!(fast.iter().all(|place| expected.contains(place)));
            prop_assert!(expected.iter().filter(|place| is_picked(place)).all(|place| fast.contains(place)));
            let starts = vec![u64::MAX; text.len().div_ceil(64)];
            marks_at(&marked, &text, &starts, 0, text.len(), &mut at_starts);
            prop_assert_eq!(&at_starts, &expected);
            #[cfg(target_arch = "x86_64")]
            if crate::vector::has_avx2() {
                let mut places = Vec::new();
                #[expect(unsafe_code, reason = "the processor has AVX2, as was just asked")]
                // SAFETY: the only demands of the function are its target features.
                let done = unsafe { avx2::marks(&marked, &text, &mut places) };
                portable(&marked, &text, done, &mut places);
                prop_assert_eq!(&places, &expected);
            }
        }
    }
}
