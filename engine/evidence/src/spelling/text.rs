//! Strings: where one ends, whether the writer spells it so, and how the writer would spell a text.

use super::special::special;

/// How much freedom a string has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// A field that the encoder wrote: each text has one spelling.
    Field,
    /// Inside a detail, which may have been taken over as raw JSON: any escape, but HTML-safe and valid UTF-8.
    Detail,
}

/// A string that is spelled rightly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    /// The closing quote.
    pub(crate) end: usize,
    /// Whether a backslash stands in it.
    pub(crate) escaped: bool,
}

/// The end of the string whose content starts at `from`; where it goes wrong, that place.
#[inline]
pub(crate) fn string(text: &[u8], from: usize, strictness: Strictness) -> Result<Found, usize> {
    let at = special(text, from);
    if text.get(at) == Some(&b'"') {
        return Ok(Found { end: at, escaped: false });
    }
    odd_string(text, at, strictness)
}

/// The same from `at` on, where something other than the end was found.
#[inline(never)]
fn odd_string(text: &[u8], mut at: usize, strictness: Strictness) -> Result<Found, usize> {
    let mut escaped = false;
    loop {
        at = special(text, at);
        match text.get(at) {
            Some(b'"') => return Ok(Found { end: at, escaped }),
            Some(b'\\') => {
                escaped = true;
                at += escape(text, at, strictness).ok_or_else(|| cut(text, at, 6))?;
            }
            Some(0x80..) => at += character(text, at).ok_or_else(|| cut(text, at, 4))?,
            _ => return Err(at),
        }
    }
}

/// Where a string of which the last `len` bytes at most are incomplete goes wrong: at its end, if it could go on.
fn cut(text: &[u8], at: usize, len: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let whole = match rest {
        [b'\\'] => false,
        [b'\\', b'u', digits @ ..] => !digits.iter().all(u8::is_ascii_hexdigit),
        [b'\\', ..] => true,
        _ => !matches!(std::str::from_utf8(rest), Err(error) if error.error_len().is_none()),
    };
    if rest.len() < len && !whole { text.len() } else { at }
}

/// The length of the escape at `at`.
fn escape(text: &[u8], at: usize, strictness: Strictness) -> Option<usize> {
    let rest = text.get(at..)?;
    match rest.get(1)? {
        b'"' | b'\\' | b'b' | b't' | b'n' | b'f' | b'r' => Some(2),
        b'/' if strictness == Strictness::Detail => Some(2),
        b'u' => {
            let digits = rest.get(2..6)?;
            let right = match strictness {
                Strictness::Field => is_needed(digits),
                Strictness::Detail => digits.iter().all(u8::is_ascii_hexdigit),
            };
            right.then_some(6)
        }
        _ => None,
    }
}

/// Whether the encoder writes a character as these four digits: control characters without a short form, the
/// signs of HTML, the two line separators, and what stands for a broken byte.
fn is_needed(digits: &[u8]) -> bool {
    match digits {
        b"003c" | b"003e" | b"0026" | b"2028" | b"2029" | b"fffd" => true,
        [b'0', b'0', b'0', low] => matches!(low, b'0'..=b'7' | b'b' | b'e' | b'f'),
        [b'0', b'0', b'1', low] => matches!(low, b'0'..=b'9' | b'a'..=b'f'),
        _ => false,
    }
}

/// The length of the UTF-8 character beyond ASCII at `at`; none for a line separator, which the encoder escapes.
fn character(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let len = match rest.first()? {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return None,
    };
    let bytes = rest.get(..len)?;
    let separator = matches!(bytes, [0xE2, 0x80, 0xA8 | 0xA9]);
    (std::str::from_utf8(bytes).is_ok() && !separator).then_some(len)
}

/// Appends a text between quotes, as the encoder of Go before 1.27 spells it: a broken byte as `\ufffd`.
pub(crate) fn encode(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for chunk in text.utf8_chunks() {
        for character in chunk.valid().chars() {
            encode_character(character, out);
        }
        for _ in chunk.invalid() {
            out.extend_from_slice(br"\ufffd");
        }
    }
    out.push(b'"');
}

fn encode_character(character: char, out: &mut Vec<u8>) {
    match character {
        '"' => out.extend_from_slice(br#"\""#),
        '\\' => out.extend_from_slice(br"\\"),
        '\u{8}' => out.extend_from_slice(br"\b"),
        '\t' => out.extend_from_slice(br"\t"),
        '\n' => out.extend_from_slice(br"\n"),
        '\u{c}' => out.extend_from_slice(br"\f"),
        '\r' => out.extend_from_slice(br"\r"),
        '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
            let value = u32::from(character);
            out.extend_from_slice(br"\u");
            for shift in [12, 8, 4, 0] {
                let digit = (value >> shift & 15) as usize;
                out.extend(b"0123456789abcdef".get(digit));
            }
        }
        other => out.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_text_has_one_spelling_in_a_field() {
        let right =
            [r"a\u003cb\u003e \u0026 \u2028é😀", r#"\"\\\b\t\n\f\r\u001f\u0000\ufffd"#, "\u{7f}/'\u{feff}"];
        for content in right {
            let text = format!("{content}\"");
            assert_eq!(
                string(text.as_bytes(), 0, Strictness::Field).map(|found| found.end),
                Ok(content.len())
            );
        }
        let wrong = [
            r"\/",
            r"\u0041",
            r"\u003C",
            r"\u000a",
            r"\u0009",
            r"\ud83d\ude00",
            "<",
            ">",
            "&",
            "\t",
            "\u{2028}",
            r"\x",
            r"\u00",
        ];
        for content in wrong {
            let text = format!("ok{content}\"");
            assert_eq!(string(text.as_bytes(), 0, Strictness::Field), Err(2), "{content}");
        }
        assert_eq!(string(b"a\xFFb\"", 0, Strictness::Field), Err(1));
        assert_eq!(string(b"no end", 0, Strictness::Field), Err(6));
    }

    /// Broken UTF-8 is refused where it stands, whatever its kind, and also if a cut character stands behind it.
    #[test]
    fn what_is_no_character_is_refused_in_its_place() {
        for text in [
            &b"\xC3("[..],
            b"\xC3\"",
            b"\xE2\x82(",
            b"\xE0\x80\x80\"",
            b"\xED\xA0\x80\"",
            b"\xF4\x90\x80\x80\"",
            b"\xC0\x80\"",
            b"\x80\"",
            b"\xE2\x80\xA8\xC3",
            b"\xE2\x80\xA8abcd\xC3",
            b"\\\xC3",
            b"\\u00\xC3",
        ] {
            let text = [b"ok", text].concat();
            for strictness in [Strictness::Field, Strictness::Detail] {
                assert_eq!(string(&text, 0, strictness), Err(2), "{text:?}");
            }
        }
        for cut in [&b"\xC3"[..], b"\xE2\x82", b"\xF0\x9F\x98", b"\\", b"\\u", b"\\u00", b"\\u002"] {
            let text = [b"ok", cut].concat();
            assert_eq!(string(&text, 0, Strictness::Field), Err(text.len()), "{text:?}");
        }
    }

    #[test]
    fn each_broken_byte_is_spelled_as_one_replacement() {
        for (text, spelled) in [
            (&b"a\xFFb"[..], r#""a\ufffdb""#),
            (b"\xE2\x82", r#""\ufffd\ufffd""#),
            ("\u{fffd}".as_bytes(), "\"\u{fffd}\""),
        ] {
            let mut out = Vec::new();
            encode(text, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), spelled);
        }
    }

    #[test]
    fn raw_json_in_a_detail_may_spell_more() {
        for content in [r"\/", r"\u0041", r"\ud83d", r"\u003C"] {
            let text = format!("{content}\"");
            assert!(string(text.as_bytes(), 0, Strictness::Detail).is_ok(), "{content}");
        }
        for content in ["<", "\u{2029}", "\n", r"\q", r"\u00g0"] {
            let text = format!("{content}\"");
            assert_eq!(string(text.as_bytes(), 0, Strictness::Detail), Err(0), "{content}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_spelled_rightly_and_reads_back(text in any::<String>()) {
            let mut out = Vec::new();
            encode(text.as_bytes(), &mut out);
            let found = string(&out, 1, Strictness::Field).unwrap();
            prop_assert_eq!(found.end, out.len() - 1);
            let decoded = coldcase_model::json::unescape(&out[1..found.end]);
            prop_assert_eq!(decoded, text.into_bytes());
        }

        #[test]
        fn any_bytes_are_encoded_as_valid_json(bytes in any::<Vec<u8>>()) {
            let mut out = Vec::new();
            encode(&bytes, &mut out);
            prop_assert!(string(&out, 1, Strictness::Field).is_ok_and(|found| found.end == out.len() - 1));
        }
    }
}
