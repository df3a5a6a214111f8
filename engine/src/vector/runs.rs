//! Where a run of base64 digits of both alphabets ends, 32 bytes at a time with AVX2.

/// Whether a byte is a digit of either alphabet of base64 (RFC 4648 sections 4 and 5).
pub(crate) const fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// The first place from `at` on that is no digit.
pub(crate) fn end_of_run(text: &[u8], at: usize) -> usize {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "the processor has AVX2, as was just asked")]
        // SAFETY: the only demand of the function is its target feature.
        return unsafe { avx2::end_of_run(text, at) };
    }
    portable(text, at)
}

fn portable(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().position(|&byte| !is_digit(byte)).unwrap_or(rest.len())
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8,
        _mm256_set1_epi8, _mm256_setr_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16,
    };

    use super::portable;

    const BLOCK: usize = 32;

    #[target_feature(enable = "avx2")]
    pub(super) fn end_of_run(text: &[u8], mut at: usize) -> usize {
        while let Some(block) = text.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
            let more = digits(block).trailing_ones() as usize;
            at += more;
            if more < BLOCK {
                return at;
            }
        }
        portable(text, at)
    }

    /// One bit for each byte that is a digit.
    #[target_feature(enable = "avx2")]
    #[expect(unsafe_code, reason = "an unaligned load has no safe form")]
    #[expect(clippy::cast_ptr_alignment, reason = "the load is the unaligned one")]
    fn digits(block: &[u8; BLOCK]) -> u32 {
        // A bit for each set of low nibbles: 1 of `+-/`, 2 of `0`-`9`, 4 of `A`-`O` and `a`-`o`, 8 of `P`-`Z_`,
        // 16 of `p`-`z`. A byte is a digit where its high nibble's set holds its low nibble.
        #[rustfmt::skip]
        let of_low = _mm256_setr_epi8(
            26, 30, 30, 30, 30, 30, 30, 30, 30, 30, 28, 5, 4, 5, 4, 13,
            26, 30, 30, 30, 30, 30, 30, 30, 30, 30, 28, 5, 4, 5, 4, 13,
        );
        #[rustfmt::skip]
        let of_high = _mm256_setr_epi8(
            0, 0, 1, 2, 4, 8, 4, 16, 0, 0, 0, 0, 0, 0, 0, 0,
            0, 0, 1, 2, 4, 8, 4, 16, 0, 0, 0, 0, 0, 0, 0, 0,
        );
        // SAFETY: the block has the 32 bytes that are loaded.
        let bytes = unsafe { _mm256_loadu_si256(block.as_ptr().cast::<__m256i>()) };
        let nibble = _mm256_set1_epi8(15);
        let low = _mm256_shuffle_epi8(of_low, _mm256_and_si256(bytes, nibble));
        let high = _mm256_shuffle_epi8(of_high, _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), nibble));
        let none = _mm256_cmpeq_epi8(_mm256_and_si256(low, high), _mm256_setzero_si256());
        !_mm256_movemask_epi8(none).cast_unsigned()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn each_byte_is_told_as_the_portable_class_tells_it() {
            if !std::arch::is_x86_feature_detected!("avx2") {
                return;
            }
            for byte in 0..=u8::MAX {
                #[expect(unsafe_code, reason = "the processor has AVX2, as was just asked")]
                // SAFETY: the only demand of the function is its target feature.
                let mask = unsafe { digits(&[byte; BLOCK]) };
                assert_eq!(mask, if super::super::is_digit(byte) { u32::MAX } else { 0 }, "{byte:#x}");
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
        fn every_path_gives_the_same_end(
            pieces in proptest::collection::vec(("[a-zA-Z0-9+/_-]{0,70}", "[ .,\"=\\x80-\\xff]{0,3}"), 0..12),
            from in 0usize..40,
        ) {
            let text: Vec<u8> = pieces.iter().flat_map(|(run, gap)| [run.as_bytes(), gap.as_bytes()].concat()).collect();
            let from = from.min(text.len());
            prop_assert_eq!(end_of_run(&text, from), portable(&text, from));
        }
    }
}
