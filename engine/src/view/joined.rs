//! Text that is spread over strings of a program or elements of an array: `"ign" + "ore all"`, `["ghp_","…"]`.
//!
//! What joins strings (`+`, `.`, `..`, `&`, `||`, `++`, `<>`, or white space alone) leaves nothing; a comma leaves a space
//! unless a word of orders or a long name goes on over it. Left out: strings with names between them, string prefixes
//! (`f"…"`), and elements that the reader keeps as parts of their own.

use coldcase_model::{Span, ViewKind};
use memchr::memchr3;

use super::places::Places;
use super::{Region, around, words};

/// How wide a gap between two strings may be.
const GAP: usize = 48;
/// How near to each other two strings that cut words are a sign.
const NEAR: usize = 96;

/// Finds stretches where strings that stand side by side cut a word of orders or a long name, or are joined beside a word
/// of orders, or cut two words near each other.
pub(super) fn regions(
    text: &[u8],
    mut places: Places<'_>,
    bounds: &impl Fn(usize) -> Span,
    out: &mut Vec<Region>,
) {
    let mut at = 0;
    let mut cut: Option<usize> = None;
    while let Some(place) = places.next(at) {
        at = place + 1;
        let Some(quote) = end_of_string(text, place) else { continue };
        let part = bounds(quote);
        let Some(gap) = gap_at(Span::new(quote, part.end).of(text)) else { continue };
        let span = Span::new(quote, quote + gap.len);
        let letters = [quote.checked_sub(1), Some(span.end)]
            .map(|at| at.and_then(|at| text.get(at)).is_some_and(u8::is_ascii_alphabetic));
        let within = letters == [true, true];
        let twice = !gap.comma && within && cut.is_some_and(|end| quote - end <= NEAR);
        if within && !gap.comma {
            cut = Some(span.end);
        }
        let sign = twice
            || within && words::is_cut_by(text, span)
            || goes_on(text, span, &gap)
            || !gap.comma && gap.sign && words::beside_telling(text, spaced(text, span));
        if sign {
            around::add(text, part, span, ViewKind::JoinedStrings, out);
        }
    }
}

/// The quote that ends a string with a word before the one that is opened at a place.
fn end_of_string(text: &[u8], opening: usize) -> Option<usize> {
    text.get(opening).filter(|byte| is_quote(**byte))?;
    let before = Span::new(opening.saturating_sub(GAP), opening).of(text);
    let between = before.iter().rev().take_while(|byte| is_between(**byte)).count();
    let quote = opening.checked_sub(between + 1)?;
    let closes = between > 0 && text.get(quote).is_some_and(|byte| is_quote(*byte));
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'-');
    (closes && text.get(quote.checked_sub(1)?).is_some_and(word)).then_some(quote)
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

fn is_between(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b'\n' | b'\r' | b',' | b'+' | b'.' | b'&' | b'|' | b'~' | b'<' | b'>' | b'\\'
    )
}

/// What stands between two strings, quotes included.
struct Gap {
    len: usize,
    comma: bool,
    /// Whether there is anything but white space.
    sign: bool,
}

fn gap_at(rest: &[u8]) -> Option<Gap> {
    let rest = rest.get(..GAP).unwrap_or(rest);
    let between = rest.get(1..)?;
    let len = between.iter().take_while(|byte| is_between(**byte)).count();
    let between = between.get(..len)?;
    let closes = rest.get(len + 1).is_some_and(|byte| is_quote(*byte));
    let signs = between.iter().filter(|byte| !byte.is_ascii_whitespace()).count();
    let comma = between.contains(&b',');
    (closes && len > 0 && signs <= 2 && !(comma && signs > 1)).then_some(Gap {
        len: len + 2,
        comma,
        sign: signs > 0,
    })
}

/// Whether a long name goes on over a gap. The elements of an array are names of their own, unless the first begins as
/// credentials do and the second does not.
fn goes_on(text: &[u8], span: Span, gap: &Gap) -> bool {
    let of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if gap.comma {
        // Most elements of arrays are told from it by what follows.
        let (mut len, mut digits, mut marks) = (0, 0, 0);
        for byte in text.get(span.end..).unwrap_or_default().iter().take(NEAR).take_while(of_name) {
            len += 1;
            digits += usize::from(byte.is_ascii_digit());
            marks += usize::from(!byte.is_ascii_alphanumeric());
        }
        if len < 8 || digits == 0 || marks > 0 {
            return false;
        }
    }
    if !words::is_long_name_cut_by(text, span) {
        return false;
    }
    if !gap.comma {
        return true;
    }
    let before = Span::new(span.start.saturating_sub(NEAR), span.start).of(text);
    let left = before.iter().rev().take_while(of_name).count();
    let left = before.get(before.len() - left..).unwrap_or_default();
    let letters = left.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    (2..=8).contains(&letters) && matches!(left.get(letters), Some(b'_' | b'-'))
}

/// A gap with the spaces that the strings on both sides end and begin with.
fn spaced(text: &[u8], gap: Span) -> Span {
    let space = |at: Option<usize>| usize::from(at.and_then(|at| text.get(at)) == Some(&b' '));
    Span::new(gap.start - space(gap.start.checked_sub(1)), gap.end + space(Some(gap.end)))
}

/// Joins strings that stand side by side; the rest stays.
pub(super) fn decode(source: &[u8], out: &mut Vec<u8>, mut step: impl FnMut(usize, usize)) {
    let (mut at, mut copied) = (0, 0);
    while let Some(found) = memchr3(b'"', b'\'', b'`', source.get(at..).unwrap_or_default()) {
        let quote = at + found;
        at = quote + 1;
        let Some(gap) = gap_at(source.get(quote..).unwrap_or_default()) else { continue };
        at = quote + gap.len;
        let span = Span::new(quote, at);
        let apart = gap.comma && !words::is_cut_by(source, span) && !goes_on(source, span, &gap);
        out.extend_from_slice(source.get(copied..quote).unwrap_or_default());
        step(quote, out.len());
        if apart {
            out.push(b' ');
        }
        step(at, out.len());
        copied = at;
    }
    out.extend_from_slice(source.get(copied..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::super::trial::{decoded, shows};
    use super::*;

    #[test]
    fn strings_are_joined() {
        let cases = [
            (r#"x = "ign" + "ore all" . ' rules'"#, r#"x = "ignore all rules'"#),
            ("[\"ign\",\"ore\", 'all', \"x\"]", "[\"ignore all x\"]"),
            ("'forget '\n    'the rules'", "'forget the rules'"),
            ("a = \"\"; b = f(\"x\", y, \"z\")", "a = \"\"; b = f(\"x\", y, \"z\")"),
        ];
        for (text, expected) in cases {
            assert_eq!(decoded(ViewKind::JoinedStrings, text), expected, "{text}");
        }
    }

    #[test]
    fn words_over_several_strings_are_a_sign() {
        for text in [
            r#""ign" + "ore""#,
            r#"["pre","vious"]"#,
            r#""please ignore " + "it""#,
            r#""xx" . "yy" . "zz""#,
            r#"["abcd_0plSOo","BkGa0IzwIB"]"#,
        ] {
            assert!(shows(ViewKind::JoinedStrings, text), "{text}");
        }
    }

    #[test]
    fn ordinary_content_shows_no_sign() {
        for text in [
            r#"{"name":"x","items":["alpha","beta","gamma"],"the":"user","all":["a","b"]}"#,
            r#"console.log("Hello " + name + "!", 'a', 'b'); x = "a" + b + "c";"#,
            r#"f("first line "+"second line") don't 'quote' it's "a", 'b'"#,
            r#"["550e8400-e29b-41d4-a716-446655440000","123e4567-e89b-12d3-a456-426614174000", "read", "write", "run"], "user", "system", ["msg_01AbcDef2345","msg_01XyzUvw6789"]"#,
            ".a::before{content:\"x\" \"y\"} '' \"\" `` ''''''",
        ] {
            assert!(!shows(ViewKind::JoinedStrings, text), "{text}");
        }
    }
}
