//! Bytes spelled in characters that show nothing: variation selectors, one for each byte, and zero-width characters of
//! two kinds, one for each bit.
//!
//! A selector's number is the byte (VS1 to VS256). Of zero-width characters the first is a zero, as the highest bit of
//! ASCII is. Left out: zero-width codes of three and more kinds. Tag characters are the fold's.

use coldcase_model::{Span, ViewKind};
use memchr::memmem;

use super::Region;
use super::utf8::{char_at, next_non_ascii};

/// How many selectors in a row are a sign; an emoji has one.
pub(super) const LEAST_BYTES: usize = 8;
/// How many zero-width characters in a row are a sign.
const LEAST_BITS: usize = 32;

/// Finds runs of selectors and of zero-width characters.
pub(super) fn regions(text: &[u8], bounds: &impl Fn(usize) -> Span, out: &mut Vec<Region>) {
    let Some(first) = next_non_ascii(text, 0) else { return };
    // What selectors and zero-width characters begin with in UTF-8.
    for lead in [b"\xF3\xA0".as_slice(), b"\xEF\xB8", b"\xE2\x80", b"\xE2\x81", b"\xEF\xBB"] {
        let mut at = first;
        while let Some(found) = memmem::find(text.get(at..).unwrap_or_default(), lead) {
            let start = at + found;
            let end = run_end(text, start);
            at = end.max(start + lead.len());
            let end = end.min(bounds(start).end);
            let run = Span::new(start, end.max(start));
            if is_code(run.of(text)) && !out.iter().rev().take(8).any(|known| known.span.overlaps(run)) {
                out.push(Region { span: run, kind: ViewKind::Invisible });
            }
        }
    }
}

/// The characters of a text as far as they are UTF-8.
fn chars(text: &[u8]) -> impl Iterator<Item = char> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let c = char_at(text, at)?;
        at += c.len_utf8();
        Some(c)
    })
}

/// Where the run of selectors or zero-width characters that starts at a place ends.
fn run_end(text: &[u8], start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let selectors: usize = chars(rest).take_while(|&c| selected(c).is_some()).map(char::len_utf8).sum();
    let zero_width: usize = chars(rest).take_while(|&c| is_zero_width(c)).map(char::len_utf8).sum();
    start + selectors.max(zero_width)
}

fn is_code(run: &[u8]) -> bool {
    let count = chars(run).count();
    match chars(run).next() {
        Some(first) if is_zero_width(first) => {
            let other = chars(run).find(|&c| c != first);
            count >= LEAST_BITS && other.is_some_and(|other| chars(run).all(|c| c == first || c == other))
        }
        Some(_) => count >= LEAST_BYTES,
        None => false,
    }
}

/// The byte that a variation selector stands for.
fn selected(c: char) -> Option<u8> {
    match u32::from(c) {
        code @ 0xFE00..=0xFE0F => u8::try_from(code - 0xFE00).ok(),
        code @ 0xE0100..=0xE01EF => u8::try_from(code - 0xE0100 + 16).ok(),
        _ => None,
    }
}

/// Whether a character can stand in a run that is looked for.
pub(super) fn is_unseen(c: char) -> bool {
    selected(c).is_some() || is_zero_width(c)
}

fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}

/// Reads the bytes of a run of one kind.
pub(super) fn decode(source: &[u8], out: &mut Vec<u8>, mut step: impl FnMut(usize, usize)) {
    let zero = chars(source).next();
    let (mut at, mut bits, mut count) = (0, 0u8, 0);
    for c in chars(source) {
        at += c.len_utf8();
        if let Some(byte) = selected(c) {
            out.push(byte);
            step(at, out.len());
            continue;
        }
        bits = bits << 1 | u8::from(Some(c) != zero);
        count += 1;
        if count == 8 {
            out.push(bits);
            step(at, out.len());
            (bits, count) = (0, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let mut regions_found = Vec::new();
        regions(text.as_bytes(), &|_| Span::new(0, text.len()), &mut regions_found);
        let decoded = |region: &Region| {
            let mut out = Vec::new();
            decode(region.span.of(text.as_bytes()), &mut out, |_, _| {});
            String::from_utf8_lossy(&out).into_owned()
        };
        regions_found.iter().map(decoded).collect()
    }

    #[test]
    fn bytes_out_of_sight_are_read() {
        let selectors: String =
            "ignore all".bytes().filter_map(|byte| char::from_u32(0xE0100 + u32::from(byte) - 16)).collect();
        assert_eq!(found(&format!("a☺{selectors} b")), ["ignore all"]);
        for pair in [['\u{200B}', '\u{200C}'], ['\u{FEFF}', '\u{200D}'], ['\u{2060}', '\u{200E}']] {
            let bits =
                |byte: u8| (0..8).rev().map(move |bit| if byte >> bit & 1 == 0 { pair[0] } else { pair[1] });
            let run: String = "hide".bytes().flat_map(bits).collect();
            assert_eq!(found(&format!("a{run}b")), ["hide"]);
        }
    }

    #[test]
    fn ordinary_invisible_characters_show_no_sign() {
        let spaced = "\u{200B}".repeat(60);
        for text in [
            "☕\u{FE0F} ❤\u{FE0F}\u{200D}🔥",
            "می\u{200C}خواهم",
            "\u{FEFF}text — “quoted”",
            &spaced,
            "葛\u{E0100}",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
