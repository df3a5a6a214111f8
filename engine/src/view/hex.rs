//! Pairs of hex digits.

/// Decodes pairs; a last single digit is left out.
pub(super) fn decode(source: &[u8], out: &mut Vec<u8>, mut step: impl FnMut(usize, usize)) {
    for (index, pair) in source.chunks_exact(2).enumerate() {
        let value = pair.iter().try_fold(0, |sum, &byte| Some(sum * 16 + char::from(byte).to_digit(16)?));
        let Some(byte) = value.and_then(|value| u8::try_from(value).ok()) else { return };
        out.push(byte);
        step(index * 2 + 2, out.len());
    }
}
