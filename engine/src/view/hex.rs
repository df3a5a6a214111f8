//! Pairs of hex digits, in one run or apart: `6967`, `69 67`, `69:67`, `0x69, 0x67`.

/// Decodes pairs; what stands between them is passed over, a single digit left out unless `0x` is before it.
pub(super) fn decode(source: &[u8], out: &mut Vec<u8>, mut step: impl FnMut(usize, usize)) {
    let digit = |at: usize| source.get(at).and_then(|&byte| char::from(byte).to_digit(16));
    let mut at = 0;
    while at < source.len() {
        let prefixed = matches!(source.get(at..at + 2), Some([b'0', b'x' | b'X']));
        let first = at + if prefixed { 2 } else { 0 };
        let (value, len) = match (digit(first), digit(first + 1)) {
            (Some(high), Some(low)) => (high * 16 + low, 2),
            (Some(low), None) if prefixed => (low, 1),
            _ => {
                at += 1;
                continue;
            }
        };
        step(at, out.len());
        out.extend(u8::try_from(value));
        at = first + len;
        step(at, out.len());
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

/// The byte that one or two digits stand for.
pub(super) fn byte(digits: &[u8]) -> Option<u8> {
    let value = |sum: u32, &byte: &u8| Some(sum * 16 + char::from(byte).to_digit(16)?);
    u8::try_from(digits.iter().try_fold(0, value).filter(|_| matches!(digits.len(), 1 | 2))?).ok()
}
