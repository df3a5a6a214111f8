//! Lower-case hexadecimal, the only form in which logs spell hashes, keys and signatures.

/// The bytes that `2 * N` lower-case digits spell.
pub(crate) fn decode<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let (pairs, rest) = text.as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; N];
    let mut good = true;
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        good &= is_digit(*high) & is_digit(*low);
        *byte = value(*high) << 4 | value(*low);
    }
    good.then_some(bytes)
}

#[inline]
const fn is_digit(byte: u8) -> bool {
    (byte.wrapping_sub(b'0') < 10) | (byte.wrapping_sub(b'a') < 6)
}

/// The value of a digit; letters have the bit of 0x40, and `a` ends in 1. Without branches, so that it runs in vectors.
#[inline]
const fn value(byte: u8) -> u8 {
    (byte & 15).wrapping_add((byte >> 6) * 9) & 15
}

/// Bytes as lower-case digits.
pub(crate) fn encode(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(digit).collect()
}

/// 32 bytes as 64 ASCII digits, without an allocation.
pub(crate) fn encode32(bytes: &[u8; 32]) -> [u8; 64] {
    let mut text = [0; 64];
    for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *pair = [digit(byte >> 4) as u8, digit(byte & 15) as u8];
    }
    text
}

fn digit(value: u8) -> char {
    char::from(if value < 10 { b'0' + value } else { b'a' + value - 10 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_goes_there_and_back() {
        for byte in 0..=255 {
            assert_eq!(decode::<1>(encode(&[byte]).as_bytes()), Some([byte]));
            assert_eq!(decode(&encode32(&[byte; 32])), Some([byte; 32]));
        }
    }

    #[test]
    fn capitals_odd_lengths_and_other_signs_are_no_hex() {
        for text in ["0G", "0A", "f", "000", "0 ", "0/", "0:", "0`", "0g", ":0", "g0", "\u{ff}"] {
            assert_eq!(decode::<1>(text.as_bytes()), None, "{text}");
        }
        assert_eq!(decode::<2>(b"00"), None);
    }
}
