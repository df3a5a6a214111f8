//! Which bytes of a string need a second look: thirty-two at a time, without a branch.
//!
//! A loop over bytes or words ends at another place in each string, which no processor can foresee; a mask over more
//! bytes than most strings have needs no loop. SSE2 is part of x86-64, so nothing is chosen at run time.

/// Bytes that are looked at together.
pub(super) const BLOCK: usize = 32;

/// The first byte from `at` on that is not plain: a quote, a backslash, a control character, `<`, `>`, `&`, or
/// beyond ASCII; the text's end if there is none.
#[inline]
pub(super) fn special(text: &[u8], mut at: usize) -> usize {
    while let Some(block) = text.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
        let found = mask(block);
        if found != 0 {
            return at + found.trailing_zeros() as usize;
        }
        at += BLOCK;
    }
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !is_plain(*byte)).unwrap_or(rest.len())
}

const fn is_plain(byte: u8) -> bool {
    matches!(byte, 0x20..0x80) && !matches!(byte, b'"' | b'\\' | b'<' | b'>' | b'&')
}

/// The bytes that are not plain, a bit each.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "vector instructions that every x86-64 processor has")]
#[inline]
fn mask(block: &[u8; BLOCK]) -> u32 {
    let [low, high] = block.as_chunks::<16>().0 else { return portable_mask(block) };
    // Safety: every x86-64 processor has SSE2.
    unsafe { half_mask(low) | half_mask(high) << 16 }
}

/// The bytes that are not plain, a bit each.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn mask(block: &[u8; BLOCK]) -> u32 {
    portable_mask(block)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
#[inline]
fn half_mask(bytes: &[u8; 16]) -> u32 {
    use std::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_cmplt_epi8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8,
    };
    let [low, high] = bytes.as_chunks::<8>().0 else { unreachable!("sixteen bytes are two times eight") };
    let bytes = _mm_set_epi64x(i64::from_le_bytes(*high), i64::from_le_bytes(*low));
    let all = |byte: u8| _mm_set1_epi8(byte.cast_signed());
    // As signed numbers, bytes beyond ASCII are below zero, and so below 0x20 with the control characters.
    let outside = _mm_cmplt_epi8(bytes, all(0x20));
    // `<` and `>` differ in one bit, and so do `"` and `&`.
    let brackets = _mm_cmpeq_epi8(_mm_or_si128(bytes, all(0x02)), all(b'>'));
    let quotes = _mm_cmpeq_epi8(_mm_or_si128(bytes, all(0x04)), all(b'&'));
    let backslashes = _mm_cmpeq_epi8(bytes, all(b'\\'));
    let found = _mm_or_si128(_mm_or_si128(outside, brackets), _mm_or_si128(quotes, backslashes));
    _mm_movemask_epi8(found).cast_unsigned()
}

/// The same on any processor.
fn portable_mask(block: &[u8; BLOCK]) -> u32 {
    block.iter().enumerate().fold(0, |mask, (at, byte)| mask | u32::from(!is_plain(*byte)) << at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slow(text: &[u8]) -> usize {
        text.iter().position(|byte| !is_plain(*byte)).unwrap_or(text.len())
    }

    #[test]
    fn one_odd_byte_anywhere_is_found() {
        for byte in 0..=255u8 {
            for place in 0..70 {
                let mut text = [b'a'; 70];
                text[place] = byte;
                assert_eq!(special(&text, 0), slow(&text), "{byte} at {place}");
            }
        }
    }

    proptest! {
        #[test]
        fn both_masks_agree(block in any::<[u8; BLOCK]>()) {
            prop_assert_eq!(mask(&block), portable_mask(&block));
        }

        #[test]
        fn blocks_find_what_bytes_find(bytes in any::<Vec<u8>>()) {
            prop_assert_eq!(special(&bytes, 0), slow(&bytes));
        }
    }
}
