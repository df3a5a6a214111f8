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

/// Decodes as many pairs at the start of a run of hex digits as `out` has room for.
pub(super) fn start<'o>(run: &[u8], out: &'o mut [u8]) -> &'o [u8] {
    let digit =
        |byte: &u8| char::from(*byte).to_digit(16).and_then(|value| u8::try_from(value).ok()).unwrap_or(0);
    let mut len = 0;
    for ([high, low], room) in run.as_chunks::<2>().0.iter().zip(out.iter_mut()) {
        *room = digit(high) << 4 | digit(low);
        len += 1;
    }
    out.get(..len).unwrap_or_default()
}
