//! Percent encoding (RFC 3986 section 2.1), with the `%uXXXX` of JavaScript's `escape` (ECMA-262, section B.2.1); in
//! something shaped like a query, `+` is a space (HTML form encoding).

/// Decodes `%XX` and `%uXXXX`; what is neither stays.
pub(super) fn decode(source: &[u8], out: &mut Vec<u8>, mut step: impl FnMut(usize, usize)) {
    let query = memchr::memchr2(b'=', b'?', source).is_some();
    let mut at = 0;
    while let Some(&byte) = source.get(at) {
        match (triple(source, at), unit(source, at)) {
            (Some(value), _) => {
                step(at, out.len());
                out.push(value);
                at += 3;
                step(at, out.len());
            }
            (None, Some(c)) => {
                step(at, out.len());
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                at += 6;
                step(at, out.len());
            }
            (None, None) if query && byte == b'+' => {
                step(at, out.len());
                out.push(b' ');
                at += 1;
                step(at, out.len());
            }
            (None, None) => {
                out.push(byte);
                at += 1;
            }
        }
    }
}

/// The byte that the triple at `at` stands for.
pub(super) fn triple(source: &[u8], at: usize) -> Option<u8> {
    let [b'%', high, low] = *source.get(at..at + 3)? else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// The character that `%uXXXX` at `at` stands for; half of a surrogate pair is none.
pub(super) fn unit(source: &[u8], at: usize) -> Option<char> {
    let [b'%', b'u' | b'U', digits @ ..] = source.get(at..at + 6)? else { return None };
    let value = |sum, &byte: &u8| Some(sum * 16 + char::from(byte).to_digit(16)?);
    char::from_u32(digits.iter().try_fold(0, value)?)
}
