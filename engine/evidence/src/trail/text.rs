//! The content of a JSON string, read strictly: what has no single meaning is refused.
//!
//! The tape's own reader is lenient: it keeps bytes that are no escape, and replaces lone surrogates. Two texts that
//! it reads alike could then hash alike.

use std::borrow::Cow;

/// The text of a string's content; `None` if it is not UTF-8, or holds a bare control character, something that is
/// no escape, or half a surrogate pair.
pub(super) fn decode(content: &[u8]) -> Option<Cow<'_, str>> {
    let text = std::str::from_utf8(content).ok()?;
    if content.iter().any(|byte| *byte < 0x20) {
        return None;
    }
    let Some((plain, mut rest)) = text.split_once('\\') else { return Some(text.into()) };
    let mut out = String::with_capacity(text.len());
    out.push_str(plain);
    loop {
        let (character, after) = escape(rest)?;
        out.push(character);
        match after.split_once('\\') {
            Some((plain, next)) => {
                out.push_str(plain);
                rest = next;
            }
            None => {
                out.push_str(after);
                return Some(out.into());
            }
        }
    }
}

/// The character of an escape whose backslash was taken, and what follows.
fn escape(rest: &str) -> Option<(char, &str)> {
    let letter = rest.chars().next()?;
    let after = rest.get(letter.len_utf8()..)?;
    let character = match letter {
        '"' | '\\' | '/' => letter,
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'f' => '\u{c}',
        'r' => '\r',
        'u' => return unicode(after),
        _ => return None,
    };
    Some((character, after))
}

/// The character of four digits, or of two times four that make a surrogate pair.
fn unicode(rest: &str) -> Option<(char, &str)> {
    let (unit, rest) = unit(rest)?;
    if !(0xD800..=0xDBFF).contains(&unit) {
        return Some((char::from_u32(unit)?, rest));
    }
    let (low, rest) = self::unit(rest.strip_prefix("\\u")?)?;
    let low = low.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
    Some((char::from_u32(0x1_0000 + ((unit - 0xD800) << 10) + low)?, rest))
}

fn unit(rest: &str) -> Option<(u32, &str)> {
    let (digits, rest) = rest.split_at_checked(4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u32::from_str_radix(digits, 16).ok()).flatten().map(|unit| (unit, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_read_as_they_should() {
        let read = |text: &str| decode(text.as_bytes()).map(Cow::into_owned);
        assert_eq!(read(r#"a\"\\\/\b\t\n\f\rz"#).unwrap(), "a\"\\/\u{8}\t\n\u{c}\rz");
        assert_eq!(read(r"\u00e9\uD83d\uDE00é").unwrap(), "é😀é");
        assert_eq!(read(r"\ud800\udc00\udbff\udfff").unwrap(), "\u{10000}\u{10ffff}");
        assert_eq!(read("plain é").unwrap(), "plain é");
        assert_eq!(read("").unwrap(), "");
    }

    #[test]
    fn what_has_no_single_meaning_is_refused() {
        for text in [
            r"\ud83d",
            r"\ude00",
            r"\ud83dA",
            r"\ud83d\u0041",
            r"\ud83d\ud83d",
            r"\ud83d\ue000",
            r"\ud83d\uffff",
            r"\udc00\udc00",
            r"\q",
            r"\u12",
            r"\u+123",
            r"\u00g0",
            "\\",
            "\t",
            "a\nb",
            r"\u00é0",
        ] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
        assert_eq!(decode(b"\xFF"), None);
        assert_eq!(decode(b"\xED\xA0\x80"), None);
    }

    proptest! {
        #[test]
        fn serde_agrees(text in r#"[a-cé😀\\/bnu"0-9dDeE]{0,12}"#) {
            prop_assume!(!text.replace("\\\\", "").replace("\\\"", "").contains('"'));
            let theirs = serde_json::from_str::<String>(&format!("\"{text}\"")).ok();
            prop_assert_eq!(decode(text.as_bytes()).map(Cow::into_owned), theirs);
        }
    }
}
