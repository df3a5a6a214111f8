//! Where a JSON string ends: the search on which framing, the tape and the resolving of escapes all rest.
//!
//! Most strings are short, so the first bytes are looked at in place, a word at a time. Bodies of recordings are
//! JSON inside a string and have a backslash every twenty bytes, so long strings are looked at in blocks of which
//! one mask tells every quote that is not escaped, however many backslashes there are.

/// Where a search for the end of a string stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StringEnd {
    /// The closing quote. Where there is none, the text's end, or one past it if the last byte escapes the next.
    pub at: usize,
    /// Whether the quote was found.
    pub closed: bool,
    /// Whether a backslash came before it.
    pub escaped: bool,
}

/// Bytes of a block: as many as a mask has bits.
const BLOCK: usize = 64;
/// How many words are looked at before the search goes on in blocks.
const SHORT: usize = 4;

/// Finds the end of the string whose content starts at `from`.
#[inline]
pub fn string_end(text: &[u8], from: usize) -> StringEnd {
    let mut at = from;
    for _ in 0..SHORT {
        let Some(word) = word_at(text, at) else { break };
        let stops = equal(word, b'"') | equal(word, b'\\');
        if stops != 0 {
            at += first(stops);
            if text.get(at) == Some(&b'"') {
                return StringEnd { at, closed: true, escaped: false };
            }
            break;
        }
        at += 8;
    }
    long_string_end(text, at)
}

/// As [`string_end`], block by block.
fn long_string_end(text: &[u8], from: usize) -> StringEnd {
    let (mut at, mut escaped) = (from, false);
    // Whether the block before ended in a backslash that escapes the first byte of this one.
    let mut carry = 0;
    while let Some(block) = text.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
        let has_slash = has(block, b'\\');
        // Without a quote, only whether the last byte escapes the next matters.
        if has(block, b'"') || block.last() == Some(&b'\\') {
            let slashes = mask(block, b'\\');
            let (after, out) = escapes(slashes, carry);
            let quotes = mask(block, b'"') & !after;
            if quotes != 0 {
                let bit = quotes.trailing_zeros();
                escaped |= slashes & ((1 << bit) - 1) != 0;
                return StringEnd { at: at + bit as usize, closed: true, escaped };
            }
            carry = out;
        } else {
            carry = 0;
        }
        escaped |= has_slash;
        at += BLOCK;
    }
    at += usize::from(carry != 0);
    loop {
        match text.get(at) {
            Some(b'"') => return StringEnd { at, closed: true, escaped },
            Some(b'\\') => {
                escaped = true;
                at += 2;
            }
            Some(_) => at += 1,
            None => return StringEnd { at, closed: false, escaped },
        }
    }
}

/// Which bytes of a block are escaped, given where its backslashes are and whether its first byte is escaped; and
/// whether the byte after the block is.
///
/// A run of backslashes escapes every second byte from its second one on. Subtracting the run's start from a mask
/// of the odd bits carries through the run, and so tells runs of odd length from those of even length.
/// Source: simdjson, `src/generic/stage1/json_escape_scanner.h`.
fn escapes(slashes: u64, carry: u64) -> (u64, u64) {
    const ODD: u64 = 0xAAAA_AAAA_AAAA_AAAA;
    let may_escape = slashes & !carry;
    let ends = ((may_escape << 1 | ODD).wrapping_sub(may_escape)) ^ ODD;
    (ends ^ (slashes | carry), (ends & slashes) >> 63)
}

/// Whether a block holds a byte.
fn has(block: &[u8; BLOCK], byte: u8) -> bool {
    block.iter().fold(0, |any, found| any | u8::from(*found == byte)) != 0
}

/// The bytes of a block that equal `byte`, one bit each.
fn mask(block: &[u8; BLOCK], byte: u8) -> u64 {
    let mut equal = [0; BLOCK];
    for (equal, found) in equal.iter_mut().zip(block) {
        *equal = u8::from(*found == byte);
    }
    let (words, _) = equal.as_chunks::<8>();
    // Eight bytes of 0 or 1 times this number have their bits side by side in the highest byte.
    let bits = |word: &[u8; 8]| u64::from_le_bytes(*word).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    words.iter().enumerate().fold(0, |mask, (at, word)| mask | bits(word) << (8 * at))
}

/// The eight bytes at a position.
#[inline]
pub(super) fn word_at(text: &[u8], at: usize) -> Option<u64> {
    text.get(at..)?.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes))
}

/// The high bit of the first byte of a word that equals `byte`; above it, bits may be set wrongly.
#[inline]
pub(super) const fn equal(word: u64, byte: u8) -> u64 {
    const LOW: u64 = 0x0101_0101_0101_0101;
    let differs = word ^ LOW.wrapping_mul(byte as u64);
    differs.wrapping_sub(LOW) & !differs & (LOW << 7)
}

/// Which byte the lowest bit of [`equal`] stands for; 8 where there is none.
#[inline]
pub(super) const fn first(equal: u64) -> usize {
    (equal.trailing_zeros() / 8) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One byte after the other.
    fn plainly(text: &[u8], from: usize) -> StringEnd {
        let (mut at, mut escaped) = (from, false);
        while let Some(byte) = text.get(at) {
            match byte {
                b'"' => return StringEnd { at, closed: true, escaped },
                b'\\' => (at, escaped) = (at + 2, true),
                _ => at += 1,
            }
        }
        StringEnd { at, closed: false, escaped }
    }

    #[test]
    fn blocks_find_the_end_that_a_look_at_every_byte_finds() {
        let mut state = 1_u32;
        for round in 0..20_000_usize {
            let alphabet: &[u8] = if round.is_multiple_of(2) { b"\\\\\\\"" } else { b"\\abcdefghijklmno" };
            let mut text: Vec<u8> = (0..round % 300)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    alphabet[(state >> 16) as usize % alphabet.len()]
                })
                .collect();
            if round.is_multiple_of(3) {
                text.push(b'"');
            }
            for from in [0, 1, text.len() / 2, text.len(), text.len() + 1] {
                assert_eq!(string_end(&text, from), plainly(&text, from), "{text:?} from {from}");
            }
        }
    }
}
