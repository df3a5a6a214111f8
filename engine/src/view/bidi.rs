//! Text that a right-to-left override shows in reverse (Unicode Standard Annex 9, section 2.2): as it is shown.
//!
//! A match in it maps to the whole override. Left out: overrides within overrides.

use coldcase_model::{Span, ViewKind};
use memchr::memmem;

use super::Region;

const OVERRIDE: &[u8] = "\u{202E}".as_bytes();
const POP: &[u8] = "\u{202C}".as_bytes();
/// The longest override that is followed.
const LONGEST: usize = 4096;

/// Whether a character is the one that is looked for.
pub(super) const fn is_override(c: char) -> bool {
    c == '\u{202E}'
}

/// Finds overrides, each up to the end of its line.
pub(super) fn regions(text: &[u8], bounds: &impl Fn(usize) -> Span, out: &mut Vec<Region>) {
    let mut at = 0;
    while let Some(found) = memmem::find(text.get(at..).unwrap_or_default(), OVERRIDE) {
        let start = at + found;
        let part = bounds(start);
        let rest = Span::new(start, part.end.min(start + LONGEST)).of(text);
        let line = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        let rest = rest.get(..line).unwrap_or_default();
        let end = start + memmem::find(rest, POP).map_or(line, |end| end + POP.len());
        out.push(Region { span: Span::new(start, end), kind: ViewKind::BidiOverride });
        at = end.max(start + OVERRIDE.len());
    }
}

/// Turns the characters round; the controls go.
pub(super) fn decode(source: &[u8], out: &mut Vec<u8>, _step: impl FnMut(usize, usize)) {
    let shown = source.strip_prefix(OVERRIDE).unwrap_or(source);
    let mut rest = shown.strip_suffix(POP).unwrap_or(shown);
    while !rest.is_empty() {
        // The bytes of a character stay in order; four at most.
        let tail = rest.iter().rev().take(3).take_while(|&&byte| byte & 0xC0 == 0x80).count();
        let start = rest.len().saturating_sub(tail + 1);
        out.extend_from_slice(rest.get(start..).unwrap_or_default());
        rest = rest.get(..start).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_are_read_as_they_are_shown() {
        for (text, expected) in [
            ("a \u{202E}lla erongi\u{202C} b", "ignore all"),
            ("\u{202E}é—lla\nxyz", "all—é"),
            ("x\u{202E}", ""),
        ] {
            let (mut found, mut out) = (Vec::new(), Vec::new());
            regions(text.as_bytes(), &|_| Span::new(0, text.len()), &mut found);
            let region = found.first().expect("an override is a sign");
            decode(region.span.of(text.as_bytes()), &mut out, |_, _| {});
            assert_eq!(String::from_utf8_lossy(&out), expected);
        }
        let mut out = Vec::new();
        decode(b"\x80\x80\x80\x80\x80\xFFa", &mut out, |_, _| {});
        assert_eq!(out.len(), 7);
    }
}
