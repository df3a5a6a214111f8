//! Escapes of programming languages: `\x69`, `\151`, `\u{69}`, `\U00000069`. Those of JSON are a view of their own.

/// Decodes escapes; what is none stays.
pub(super) fn decode(source: &[u8], out: &mut Vec<u8>, mut step: impl FnMut(usize, usize)) {
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', source.get(at..).unwrap_or_default()) {
        let start = at + found;
        out.extend_from_slice(source.get(at..start).unwrap_or_default());
        let Some((len, text)) = escape(source.get(start..).unwrap_or_default()) else {
            out.push(b'\\');
            at = start + 1;
            continue;
        };
        step(start, out.len());
        match text {
            Text::Byte(byte) => out.push(byte),
            Text::Char(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        at = start + len;
        step(at, out.len());
    }
    out.extend_from_slice(source.get(at..).unwrap_or_default());
}

/// What an escape stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    /// One byte, maybe of a longer character.
    Byte(u8),
    /// A character.
    Char(char),
}

impl Text {
    /// Whether it is something that is written plainly where nothing is to be hidden.
    pub(super) fn is_plain(self) -> bool {
        match self {
            Self::Byte(byte) => matches!(byte, b' '..=b'~'),
            Self::Char(c) => matches!(c, ' '..='~'),
        }
    }
}

/// The escape at the start of `rest`, with its length.
pub(super) fn escape(rest: &[u8]) -> Option<(usize, Text)> {
    match rest.get(1)? {
        b'x' => Some((4, Text::Byte(u8::try_from(number(rest.get(2..4)?, 16)?).ok()?))),
        b'0'..=b'3' => Some((4, Text::Byte(u8::try_from(number(rest.get(1..4)?, 8)?).ok()?))),
        b'U' => Some((10, Text::Char(char::from_u32(number(rest.get(2..10)?, 16)?)?))),
        b'u' if rest.get(2) == Some(&b'{') => {
            let digits = rest.get(3..)?.iter().take(9).position(|&byte| byte == b'}')?;
            Some((digits + 4, Text::Char(char::from_u32(number(rest.get(3..3 + digits)?, 16)?)?)))
        }
        _ => None,
    }
}

/// A number of no more than eight digits.
fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let value = |sum, &byte: &u8| Some(sum * radix + char::from(byte).to_digit(radix)?);
    digits.iter().try_fold(0, value).filter(|_| !digits.is_empty())
}
