//! Three bytes in a row, told by what class each of them is in, 32 places at a time with AVX2.

/// A set of ASCII bytes, as pairs of nibbles: a byte is in it where the sets of its two nibbles share a bit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Class {
    of_low: [u8; 16],
    of_high: [u8; 16],
}

impl Class {
    /// The class of these bytes. Bytes with equal high nibbles make a row; there are at most eight rows that differ.
    #[expect(clippy::indexing_slicing, reason = "evaluated at compile time: a bad index would not build")]
    pub(crate) const fn new(bytes: &[u8]) -> Self {
        let mut rows = [0u16; 16];
        let mut at = 0;
        while at < bytes.len() {
            assert!(bytes[at] < 0x80, "a class holds ASCII bytes");
            rows[(bytes[at] >> 4) as usize] |= 1 << (bytes[at] & 15);
            at += 1;
        }
        let (mut of_low, mut of_high) = ([0; 16], [0; 16]);
        let (mut high, mut bit) = (0, 1u8);
        while high < 8 {
            if rows[high] != 0 && of_high[high] == 0 {
                assert!(bit != 0, "a class has at most eight different rows");
                let mut same = high;
                while same < 8 {
                    if rows[same] == rows[high] {
                        of_high[same] = bit;
                    }
                    same += 1;
                }
                let mut low = 0;
                while low < 16 {
                    if rows[high] >> low & 1 != 0 {
                        of_low[low] |= bit;
                    }
                    low += 1;
                }
                bit = bit.wrapping_shl(1) & if bit == 0x80 { 0 } else { 0xFF };
            }
            high += 1;
        }
        Self { of_low, of_high }
    }

    /// Whether it holds a byte.
    pub(crate) fn contains(&self, byte: u8) -> bool {
        let low = self.of_low.get(usize::from(byte & 15)).copied().unwrap_or(0);
        let high = self.of_high.get(usize::from(byte >> 4)).copied().unwrap_or(0);
        low & high != 0
    }
}

/// The place of the middle one of the next three bytes, the first of them at `from` or later, that are in these classes.
pub(crate) fn next_triple(text: &[u8], from: usize, classes: &[Class; 3]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "the processor has AVX2, as was just asked")]
        // SAFETY: the only demand of the function is its target feature.
        return unsafe { avx2::next_triple(text, from, classes) };
    }
    portable(text, from, classes)
}

fn portable(text: &[u8], from: usize, [before, here, after]: &[Class; 3]) -> Option<usize> {
    let found = text.get(from..)?.array_windows::<3>().position(|&[a, b, c]| {
        // The middle one is the rarest in all that is asked for.
        here.contains(b) && before.contains(a) && after.contains(c)
    });
    found.map(|index| from + index + 1)
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m128i, __m256i, _mm_loadu_si128, _mm256_and_si256, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8,
        _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm256_setzero_si256,
        _mm256_shuffle_epi8, _mm256_srli_epi16,
    };

    use super::{Class, portable};

    const BLOCK: usize = 32;

    #[target_feature(enable = "avx2")]
    pub(super) fn next_triple(text: &[u8], from: usize, classes: &[Class; 3]) -> Option<usize> {
        let [before, here, after] = classes.map(|class| Tables::of(&class));
        let mut at = from;
        while let Some(bytes) = text.get(at..).and_then(|rest| rest.first_chunk::<{ BLOCK + 2 }>()) {
            let [a, b, c] = [chunk(bytes, 0), chunk(bytes, 1), chunk(bytes, 2)];
            let (Some(a), Some(b), Some(c)) = (a, b, c) else { break };
            let outside =
                _mm256_or_si256(_mm256_or_si256(before.outside(a), here.outside(b)), after.outside(c));
            let inside = !_mm256_movemask_epi8(outside).cast_unsigned();
            if inside != 0 {
                return Some(at + 1 + inside.trailing_zeros() as usize);
            }
            at += BLOCK;
        }
        portable(text, at, classes)
    }

    fn chunk(bytes: &[u8; BLOCK + 2], from: usize) -> Option<&[u8; BLOCK]> {
        bytes.get(from..)?.first_chunk()
    }

    struct Tables {
        of_low: __m256i,
        of_high: __m256i,
    }

    impl Tables {
        #[target_feature(enable = "avx2")]
        fn of(class: &Class) -> Self {
            Self { of_low: broadcast(&class.of_low), of_high: broadcast(&class.of_high) }
        }

        /// All ones for each byte that is not in the class.
        #[target_feature(enable = "avx2")]
        #[expect(unsafe_code, reason = "an unaligned load has no safe form")]
        #[expect(clippy::cast_ptr_alignment, reason = "the load is the unaligned one")]
        fn outside(&self, block: &[u8; BLOCK]) -> __m256i {
            // SAFETY: the block has the 32 bytes that are loaded.
            let bytes = unsafe { _mm256_loadu_si256(block.as_ptr().cast::<__m256i>()) };
            let nibble = _mm256_set1_epi8(15);
            let low = _mm256_shuffle_epi8(self.of_low, _mm256_and_si256(bytes, nibble));
            let high =
                _mm256_shuffle_epi8(self.of_high, _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), nibble));
            _mm256_cmpeq_epi8(_mm256_and_si256(low, high), _mm256_setzero_si256())
        }
    }

    #[target_feature(enable = "avx2")]
    #[expect(unsafe_code, reason = "an unaligned load has no safe form")]
    #[expect(clippy::cast_ptr_alignment, reason = "the load is the unaligned one")]
    fn broadcast(table: &[u8; 16]) -> __m256i {
        // SAFETY: the table has the 16 bytes that are loaded.
        _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(table.as_ptr().cast::<__m128i>()) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const MARKS: &[u8] = b"0123456789@$!|";
    const CLASSES: [Class; 3] = [Class::new(LETTERS), Class::new(MARKS), Class::new(LETTERS)];

    #[test]
    fn a_class_holds_its_bytes_and_no_others() {
        for bytes in [LETTERS, MARKS, b" \t\n\r,+.&|~<>\\"] {
            let class = Class::new(bytes);
            assert!((0..=u8::MAX).all(|byte| class.contains(byte) == bytes.contains(&byte)), "{bytes:?}");
        }
    }

    #[test]
    fn three_bytes_are_found_wherever_they_stand() {
        for shift in 0..200 {
            let content = format!("{}a1c{}", ".".repeat(shift), "a1".repeat(shift % 70));
            assert_eq!(next_triple(content.as_bytes(), 0, &CLASSES), Some(shift + 1));
        }
        assert_eq!(next_triple(b"a1", 0, &CLASSES), None);
        assert_eq!(next_triple(b"a1c", 7, &CLASSES), None);
    }

    proptest! {
        #[test]
        fn every_path_gives_the_same_places(text in proptest::collection::vec(prop_oneof![Just(b'a'), Just(b'1'), any::<u8>()], 0..300)) {
            let mut at = 0;
            loop {
                let (fast, plain) = (next_triple(&text, at, &CLASSES), portable(&text, at, &CLASSES));
                prop_assert_eq!(fast, plain);
                let Some(found) = fast else { break };
                at = found;
            }
        }
    }
}
