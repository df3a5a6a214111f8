//! Percent encoding (RFC 3986 section 2.1); in something shaped like a query, `+` is a space (HTML form encoding).

/// Decodes `%XX`; what is no such triple stays.
pub(super) fn decode(source: &[u8], out: &mut Vec<u8>, mut step: impl FnMut(usize, usize)) {
    let query = memchr::memchr2(b'=', b'?', source).is_some();
    let mut at = 0;
    while let Some(&byte) = source.get(at) {
        match triple(source, at) {
            Some(value) => {
                step(at, out.len());
                out.push(value);
                at += 3;
                step(at, out.len());
            }
            None if query && byte == b'+' => {
                step(at, out.len());
                out.push(b' ');
                at += 1;
                step(at, out.len());
            }
            None => {
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
