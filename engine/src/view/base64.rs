//! Base64 in both alphabets (RFC 4648 sections 4 and 5), padded or not, over line breaks.

/// The alphabet of section 4; of section 5 the last two are `-` and `_`.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bits of each alphabet byte; 0xFF is outside.
#[expect(clippy::indexing_slicing, reason = "evaluated at compile time: a bad index would not build")]
const VALUES: [u8; 256] = {
    let mut values = [0xFF; 256];
    let mut value = 0u8;
    while value < 64 {
        values[ALPHABET[value as usize] as usize] = value;
        value += 1;
    }
    values[b'-' as usize] = 62;
    values[b'_' as usize] = 63;
    values
};

/// Decodes as many whole groups at the start of a run as `out` has room for.
pub(super) fn start<'o>(run: &[u8], out: &'o mut [u8]) -> &'o [u8] {
    let mut len = 0;
    for (group, room) in run.as_chunks::<4>().0.iter().zip(out.as_chunks_mut::<3>().0) {
        let bits = group.iter().fold(0, |bits: u32, &byte| bits << 6 | u32::from(value(byte) & 63));
        let [_, bytes @ ..] = bits.to_be_bytes();
        *room = bytes;
        len += 3;
    }
    out.get(..len).unwrap_or_default()
}

fn value(digit: u8) -> u8 {
    VALUES.get(usize::from(digit)).copied().unwrap_or(0xFF)
}

/// Decodes; bytes outside the alphabet (padding, line breaks) are passed over.
pub(crate) fn decode(source: &[u8], out: &mut Vec<u8>, mut step: impl FnMut(usize, usize)) {
    let (mut bits, mut count) = (0u32, 0);
    for (at, &byte) in source.iter().enumerate() {
        let value = value(byte);
        if value == 0xFF {
            continue;
        }
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count == 4 {
            let [_, a, b, c] = bits.to_be_bytes();
            out.extend_from_slice(&[a, b, c]);
            step(at + 1, out.len());
            (bits, count) = (0, 0);
        }
    }
    // A tail of two digits holds one byte, of three two.
    match count {
        2 => out.push((bits >> 4).to_be_bytes()[3]),
        3 => out.extend_from_slice(&(bits >> 2).to_be_bytes()[2..]),
        _ => {}
    }
}
