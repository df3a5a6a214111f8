//! Base32 in either case (RFC 4648 section 6), and with the alphabet that keeps order (section 7); padded or not, over
//! line breaks.

/// One of the two alphabets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// `A`-`Z` and `2`-`7`.
    Usual,
    /// `0`-`9` and `A`-`V`.
    Ordered,
}

impl Alphabet {
    const fn value(self, digit: u8) -> Option<u8> {
        match (self, digit) {
            (Self::Usual, b'A'..=b'Z') => Some(digit - b'A'),
            (Self::Usual, b'a'..=b'z') => Some(digit - b'a'),
            (Self::Usual, b'2'..=b'7') => Some(digit - b'2' + 26),
            (Self::Ordered, b'0'..=b'9') => Some(digit - b'0'),
            (Self::Ordered, b'A'..=b'V') => Some(digit - b'A' + 10),
            (Self::Ordered, b'a'..=b'v') => Some(digit - b'a' + 10),
            _ => None,
        }
    }

    /// Whether a run is written in it, in one case.
    pub(super) fn spells(self, run: &[u8]) -> bool {
        let (mut upper, mut lower) = (false, false);
        run.iter().all(|&byte| {
            upper |= byte.is_ascii_uppercase();
            lower |= byte.is_ascii_lowercase();
            self.value(byte).is_some() && !(upper && lower)
        })
    }
}

/// Decodes as many whole groups at the start of a run as `out` has room for.
pub(super) fn start<'o>(alphabet: Alphabet, run: &[u8], out: &'o mut [u8]) -> &'o [u8] {
    let mut len = 0;
    for (group, room) in run.as_chunks::<8>().0.iter().zip(out.as_chunks_mut::<5>().0) {
        let bits = group
            .iter()
            .fold(0, |bits: u64, &byte| bits << 5 | u64::from(alphabet.value(byte).unwrap_or_default()));
        let [_, _, _, bytes @ ..] = bits.to_be_bytes();
        *room = bytes;
        len += 5;
    }
    out.get(..len).unwrap_or_default()
}

/// Decodes; bytes outside the alphabet (padding, line breaks) are passed over.
pub(super) fn decode(
    alphabet: Alphabet,
    source: &[u8],
    out: &mut Vec<u8>,
    mut step: impl FnMut(usize, usize),
) {
    let (mut bits, mut count) = (0u64, 0);
    for (at, &byte) in source.iter().enumerate() {
        let Some(value) = alphabet.value(byte) else { continue };
        if count == 0 {
            step(at, out.len());
        }
        bits = bits << 5 | u64::from(value);
        count += 1;
        if count == 8 {
            let [_, _, _, bytes @ ..] = bits.to_be_bytes();
            out.extend_from_slice(&bytes);
            step(at + 1, out.len());
            (bits, count) = (0, 0);
        }
    }
    // What is left of a group holds as many bytes as are whole.
    let whole = count * 5 / 8;
    let left = (bits << (64 - 5 * count.max(1))).to_be_bytes();
    out.extend_from_slice(left.get(..whole).unwrap_or_default());
}
