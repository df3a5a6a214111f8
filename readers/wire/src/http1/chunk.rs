//! The line before a chunk (RFC 9112 section 7.1).

/// What the line says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Size {
    /// The length of the chunk; the largest number where it is larger.
    pub(super) value: u64,
    /// Where the extension starts, or what stands in its place; the length of the line where there is none.
    pub(super) extension: usize,
    /// How it is not as the standard says.
    pub(super) odd: Option<&'static str>,
}

/// Reads the line without its line end; nothing where it starts with no number.
pub(super) fn size(line: &[u8]) -> Option<Size> {
    let text = line.trim_ascii_start();
    let unsigned = text.strip_prefix(b"+").unwrap_or(text);
    let is_hex = |text: &[u8]| text.first().is_some_and(u8::is_ascii_hexdigit);
    let prefix = unsigned.strip_prefix(b"0x").or_else(|| unsigned.strip_prefix(b"0X"));
    let prefix = prefix.filter(|rest| is_hex(rest));
    let digits = prefix.unwrap_or(unsigned);
    let len = digits.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at_checked(len)?;
    let zeros = digits.iter().take_while(|byte| **byte == b'0').count();
    let significant = digits.get(zeros..)?;
    if digits.is_empty() {
        return None;
    }
    let after = rest.trim_ascii_start();
    let odd = if text.len() != line.len() {
        Some("white space before the size")
    } else if unsigned.len() != text.len() {
        Some("a sign before the size")
    } else if prefix.is_some() {
        Some("0x before the size")
    } else if significant.len() > 16 {
        Some("a size of more than 64 bits")
    } else if digits.len() > significant.len().max(1) {
        Some("zeros before the size")
    } else if !matches!(after.first(), None | Some(b';')) {
        Some("text after the size that is no extension")
    } else if after.len() != rest.len() {
        Some("white space after the size")
    } else {
        None
    };
    let value = if significant.len() > 16 { u64::MAX } else { number(significant) };
    Some(Size { value, extension: line.len() - after.len(), odd })
}

/// The number that up to 16 hexadecimal digits write.
fn number(digits: &[u8]) -> u64 {
    let digit = |byte: &u8| u64::from(char::from(*byte).to_digit(16).unwrap_or(0));
    digits.iter().fold(0, |number, byte| (number << 4) | digit(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_the_most_lenient_peer_reads_them() {
        let read =
            |line: &str| size(line.as_bytes()).map(|size| (size.value, size.extension, size.odd.is_some()));
        for (line, value, extension, odd) in [
            ("0", 0, 1, false),
            ("1aF", 0x1af, 3, false),
            ("5;a=b", 5, 1, false),
            ("5 ;a", 5, 2, true),
            ("5 ", 5, 2, true),
            (" 5", 5, 2, true),
            ("+5", 5, 2, true),
            ("0x10", 16, 4, true),
            ("000", 0, 3, true),
            ("0005", 5, 4, true),
            ("5 a", 5, 2, true),
            ("5\x0b", 5, 1, true),
            ("0x", 0, 1, true),
            ("ffffffffffffffff", u64::MAX, 16, false),
            ("1ffffffffffffffff", u64::MAX, 17, true),
        ] {
            assert_eq!(read(line), Some((value, extension, odd)), "{line:?}");
        }
        for line in ["", " ", "-5", "g", ";a", "+", "{"] {
            assert_eq!(read(line), None, "{line:?}");
        }
    }
}
