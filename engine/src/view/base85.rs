//! Base 85 in three alphabets: Ascii85 (Adobe's PostScript Language Reference, section 3.13), ZeroMQ's Z85 (RFC 32 of
//! that project), and the one of RFC 1924 that git and Python write.

/// One of the alphabets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// `!` to `u`, and `z` for four zero bytes.
    Ascii,
    /// ZeroMQ's.
    Z,
    /// RFC 1924's.
    Rfc1924,
}

const Z: &[u8; 85] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
const RFC_1924: &[u8; 85] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

const Z_VALUES: [u8; 256] = values(Z);
const RFC_1924_VALUES: [u8; 256] = values(RFC_1924);

/// Values of each alphabet byte; 0xFF is outside.
#[expect(clippy::indexing_slicing, reason = "evaluated at compile time: a bad index would not build")]
const fn values(alphabet: &[u8; 85]) -> [u8; 256] {
    let mut values = [0xFF; 256];
    let mut value = 0u8;
    while value < 85 {
        values[alphabet[value as usize] as usize] = value;
        value += 1;
    }
    values
}

impl Alphabet {
    fn value(self, digit: u8) -> Option<u8> {
        let of = |values: &[u8; 256]| values.get(usize::from(digit)).copied().filter(|value| *value < 85);
        match self {
            Self::Ascii => digit.checked_sub(b'!').filter(|value| *value < 85),
            Self::Z => of(&Z_VALUES),
            Self::Rfc1924 => of(&RFC_1924_VALUES),
        }
    }
}

/// Whether a byte is a digit of Z85 or of RFC 1924.
pub(super) fn is_digit(byte: u8) -> bool {
    Alphabet::Z.value(byte).is_some() || Alphabet::Rfc1924.value(byte).is_some()
}

/// Decodes the whole groups at the start of a run, as many as `out` has room for and are spelt in the alphabet.
pub(super) fn start<'o>(alphabet: Alphabet, run: &[u8], out: &'o mut [u8]) -> &'o [u8] {
    let mut len = 0;
    for (group, room) in run.as_chunks::<5>().0.iter().zip(out.as_chunks_mut::<4>().0) {
        let sum = |sum, &digit: &u8| Some(sum * 85 + u64::from(alphabet.value(digit)?));
        let Some(group) = group.iter().try_fold(0, sum) else { break };
        *room = low(group);
        len += 4;
    }
    out.get(..len).unwrap_or_default()
}

/// Decodes; bytes outside the alphabet (line breaks) are passed over.
pub(super) fn decode(
    alphabet: Alphabet,
    source: &[u8],
    out: &mut Vec<u8>,
    mut step: impl FnMut(usize, usize),
) {
    let (mut group, mut count) = (0, 0);
    for (at, &byte) in source.iter().enumerate() {
        if alphabet == Alphabet::Ascii && byte == b'z' && count == 0 {
            step(at, out.len());
            out.extend_from_slice(&[0; 4]);
            step(at + 1, out.len());
        }
        let Some(value) = alphabet.value(byte) else { continue };
        if count == 0 {
            step(at, out.len());
        }
        group = group * 85 + u64::from(value);
        count += 1;
        if count == 5 {
            out.extend_from_slice(&low(group));
            step(at + 1, out.len());
            (group, count) = (0, 0);
        }
    }
    // Of n digits left, filled up with the highest, n - 1 bytes count.
    if let Some(whole) = usize::checked_sub(count, 1) {
        let filled = (count..5).fold(group, |group, _| group * 85 + 84);
        out.extend_from_slice(low(filled).get(..whole).unwrap_or_default());
    }
}

/// The four bytes of a group. Five digits can say more than that; what they say then is no text.
fn low(group: u64) -> [u8; 4] {
    u32::try_from(group).map_or([0xFF; 4], u32::to_be_bytes)
}
