//! Places of a text whose four bytes hash to a set bit: the prefilter's first look, eight places at a time with AVX2.

/// How many bits a hash has.
pub(crate) const BITS: u32 = 17;
/// The bitmap, in words.
pub(crate) const WORDS: usize = 1 << (BITS - 6);
/// Folds the case of four bytes.
pub(crate) const FOLD: u32 = 0x2020_2020;
/// 2^32 over the golden ratio, made odd.
const MULTIPLIER: u32 = 0x9E37_79B1;

/// Fibonacci hashing: the top bits of the product depend on all four bytes.
pub(crate) const fn hash(gram: u32) -> u32 {
    gram.wrapping_mul(MULTIPLIER) >> (32 - BITS)
}

/// Whether the bitmap has the hash of four folded bytes.
fn marked(bitmap: &[u64; WORDS], gram: u32) -> bool {
    let key = hash(gram);
    #[expect(clippy::indexing_slicing, reason = "a hash has as many bits as the bitmap")]
    let word = bitmap[key as usize >> 6];
    word >> (key & 63) & 1 != 0
}

/// Appends the places of `text` whose four bytes are marked in the bitmap, in order.
pub(crate) fn marks(bitmap: &[u64; WORDS], text: &[u8], places: &mut Vec<u32>) {
    let mut done = 0;
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "the processor has AVX2, as was just asked")]
        // SAFETY: the only demand of the function is its target feature.
        unsafe {
            done = avx2::marks(bitmap, text, places);
        }
    }
    portable(bitmap, text, done, places);
}

/// The same, from a place on, a place at a time.
fn portable(bitmap: &[u64; WORDS], text: &[u8], from: usize, places: &mut Vec<u32>) {
    for (place, four) in (from..).zip(text.get(from..).unwrap_or_default().array_windows::<4>()) {
        if marked(bitmap, u32::from_le_bytes(*four) | FOLD) {
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
        __m256i, _mm256_and_si256, _mm256_castsi256_ps, _mm256_i32gather_epi32, _mm256_loadu_si256,
        _mm256_movemask_ps, _mm256_mullo_epi32, _mm256_or_si256, _mm256_set1_epi32, _mm256_sllv_epi32,
        _mm256_srli_epi32, _mm256_sub_epi32,
    };

    use super::{BITS, FOLD, MULTIPLIER, WORDS, place_number};

    /// A block of 32 places needs three bytes more.
    const BLOCK: usize = 35;

    /// Marks of whole blocks; gives the place where they end.
    #[target_feature(enable = "avx2")]
    pub(super) fn marks(bitmap: &[u64; WORDS], text: &[u8], places: &mut Vec<u32>) -> usize {
        let mut at = 0;
        while let Some(block) = text.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
            // The lanes of a load hold every fourth place; four loads hold all.
            let lanes = [
                of_load(bitmap, block, 0),
                of_load(bitmap, block, 1),
                of_load(bitmap, block, 2),
                of_load(bitmap, block, 3),
            ];
            let [a, b, c, d] = lanes;
            if a | b | c | d != 0 {
                let mut places_of_block = spread(a) | spread(b) << 1 | spread(c) << 2 | spread(d) << 3;
                let base = place_number(at);
                while places_of_block != 0 {
                    places.push(base + places_of_block.trailing_zeros());
                    places_of_block &= places_of_block - 1;
                }
            }
            at += 32;
        }
        at
    }

    /// One bit for each of the eight places 0, 4, …, 28 after `offset`.
    #[target_feature(enable = "avx2")]
    #[expect(unsafe_code, reason = "unaligned loads and a gather have no safe form")]
    fn of_load(bitmap: &[u64; WORDS], block: &[u8; BLOCK], offset: usize) -> u32 {
        debug_assert!(offset < 4);
        // SAFETY: `offset` is below four, so the 32 bytes end within the 35 of the block.
        let grams = unsafe { _mm256_loadu_si256(block.as_ptr().add(offset & 3).cast::<__m256i>()) };
        let grams = _mm256_or_si256(grams, _mm256_set1_epi32(FOLD.cast_signed()));
        let product = _mm256_mullo_epi32(grams, _mm256_set1_epi32(MULTIPLIER.cast_signed()));
        let keys = _mm256_srli_epi32::<{ (32 - BITS).cast_signed() }>(product);
        // SAFETY: a key has `BITS` bits and the bitmap 2^BITS, so key / 32 names one of its 32-bit words.
        let words = unsafe {
            _mm256_i32gather_epi32::<4>(bitmap.as_ptr().cast::<i32>(), _mm256_srli_epi32::<5>(keys))
        };
        // Each key's bit is moved to the top, where the mask of signs picks it up.
        let low = _mm256_and_si256(keys, _mm256_set1_epi32(31));
        let top = _mm256_sllv_epi32(words, _mm256_sub_epi32(_mm256_set1_epi32(31), low));
        _mm256_movemask_ps(_mm256_castsi256_ps(top)).cast_unsigned()
    }

    /// Moves bit `n` to bit `4n`.
    const fn spread(bits: u32) -> u32 {
        let bits = (bits | bits << 12) & 0x000F_000F;
        let bits = (bits | bits << 6) & 0x0303_0303;
        (bits | bits << 3) & 0x1111_1111
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn bits_are_spread_over_nibbles() {
            for bits in 0..=255u32 {
                let expected = (0..8).filter(|n| bits >> n & 1 != 0).map(|n| 1 << (4 * n)).sum::<u32>();
                assert_eq!(spread(bits), expected);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_path_gives_the_same_places(
            words in proptest::collection::vec(any::<u64>(), 64),
            text in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            // Dense and sparse words, so that most blocks have marks and some have none.
            let bitmap = Box::new(std::array::from_fn(|word| {
                let pick = words[word % 64];
                if word % 3 == 0 { pick & words[(word + 7) % 64] & words[(word + 9) % 64] } else { 0 }
            }));
            let (mut fast, mut plain) = (Vec::new(), Vec::new());
            marks(&bitmap, &text, &mut fast);
            portable(&bitmap, &text, 0, &mut plain);
            prop_assert_eq!(fast, plain);
        }
    }
}
