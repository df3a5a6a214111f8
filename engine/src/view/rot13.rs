//! ROT13: each letter of ASCII moved half the alphabet on.

/// Decodes; source and output run in step all the way.
pub(super) fn decode(source: &[u8], out: &mut Vec<u8>) {
    out.extend(source.iter().map(|&byte| turned(byte)));
}

const fn turned(byte: u8) -> u8 {
    match byte {
        b'a'..=b'm' | b'A'..=b'M' => byte + 13,
        b'n'..=b'z' | b'N'..=b'Z' => byte - 13,
        _ => byte,
    }
}
