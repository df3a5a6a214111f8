//! Quoted-printable (RFC 2045 section 6.7): `=XX` for a byte, and `=` at a line's end to join it with the next.

/// Decodes; what is no such token stays.
pub(super) fn decode(source: &[u8], out: &mut Vec<u8>, mut step: impl FnMut(usize, usize)) {
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'=', source.get(at..).unwrap_or_default()) {
        let start = at + found;
        out.extend_from_slice(source.get(at..start).unwrap_or_default());
        at = start + 1;
        let rest = source.get(at..).unwrap_or_default();
        let (len, byte) = match (escaped(rest), soft_break(rest)) {
            (Some(byte), _) => (2, Some(byte)),
            (None, Some(len)) => (len, None),
            (None, None) => {
                out.push(b'=');
                continue;
            }
        };
        step(start, out.len());
        out.extend(byte);
        at += len;
        step(at, out.len());
    }
    out.extend_from_slice(source.get(at..).unwrap_or_default());
}

/// The byte that the two digits after an equals sign stand for.
pub(super) fn escaped(rest: &[u8]) -> Option<u8> {
    let [high, low, ..] = *rest else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// The length of the line break after an equals sign; what was added on the way is white space.
pub(super) fn soft_break(rest: &[u8]) -> Option<usize> {
    let blank = rest.iter().take(8).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    match rest.get(blank..)? {
        [b'\n', ..] => Some(blank + 1),
        [b'\r', b'\n', ..] => Some(blank + 2),
        _ => None,
    }
}
