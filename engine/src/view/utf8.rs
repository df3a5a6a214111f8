//! Characters beyond ASCII in bytes that may be no text at all.

/// The characters beyond ASCII, with their places; `None` for a byte that is not UTF-8.
pub(super) fn non_ascii(text: &[u8]) -> impl Iterator<Item = (usize, Option<char>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at = next_non_ascii(text, at)?;
        let place = at;
        let found = char_at(text, at);
        at += found.map_or(1, char::len_utf8);
        Some((place, found))
    })
}

/// The next byte beyond ASCII from `from` on.
pub(super) fn next_non_ascii(text: &[u8], from: usize) -> Option<usize> {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let rest = text.get(from..)?;
    let mut at = from;
    let (words, tail) = rest.as_chunks::<8>();
    for word in words {
        let high = u64::from_le_bytes(*word) & HIGH;
        if high != 0 {
            return Some(at + (high.trailing_zeros() / 8) as usize);
        }
        at += 8;
    }
    tail.iter().position(|byte| !byte.is_ascii()).map(|index| at + index)
}

/// The character that starts at `at`; `None` where the bytes there are not UTF-8 (Unicode, table 3-7).
pub(super) fn char_at(text: &[u8], at: usize) -> Option<char> {
    let rest = text.get(at..)?;
    let tail = |byte: &u8| (byte & 0xC0 == 0x80).then_some(u32::from(byte & 0x3F));
    let (code, least) = match rest {
        [byte @ ..=0x7F, ..] => (u32::from(*byte), 0),
        [lead @ 0xC2..=0xDF, a, ..] => (u32::from(lead & 0x1F) << 6 | tail(a)?, 0x80),
        [lead @ 0xE0..=0xEF, a, b, ..] => (u32::from(lead & 0x0F) << 12 | tail(a)? << 6 | tail(b)?, 0x800),
        [lead @ 0xF0..=0xF4, a, b, c, ..] => {
            (u32::from(lead & 0x07) << 18 | tail(a)? << 12 | tail(b)? << 6 | tail(c)?, 0x1_0000)
        }
        _ => return None,
    };
    // A longer form than needed is not UTF-8; surrogates and what is beyond Unicode are no characters.
    char::from_u32(code).filter(|_| code >= least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_told_as_the_standard_library_tells_them() {
        let firsts =
            (0..=0xFFu8).flat_map(|a| [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0].map(|b| (a, b)));
        for (a, b) in firsts {
            for tail in [[0x80, 0x80], [0xBF, 0x41], [0x41, 0x80]] {
                let bytes = [&[a, b][..], &tail].concat();
                let known = bytes.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
                assert_eq!(char_at(&bytes, 0), known, "{bytes:x?}");
            }
        }
    }
}
