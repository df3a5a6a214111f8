//! Characters that look like, or stand for, plain text, folded to it: compatibility forms, look-alikes of other
//! scripts, invisible characters, the tag block that spells ASCII out of sight.
//!
//! Left out: letters with accents as such (they are words of real languages); they and leetspeak have views of their
//! own.

use coldcase_model::Span;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

use super::characters::fold;
use super::folding::{Fold, is_common_selector, is_common_space, is_kin, is_ordinary, is_tag};
use super::utf8::non_ascii;
use super::words;

/// Where, in the run of characters beyond ASCII round a place, the first one stands whose folding could bring hidden text
/// to light; and where to look on.
///
/// Not every foldable character is a sign: a Russian word is no disguise, a Cyrillic letter beside a Latin one is.
///
/// Stretches that are not text at all (pictures, archives) are passed over: what is drawn like a letter there is
/// chance.
pub(super) fn sign_round(text: &[u8], within: Span, place: usize) -> (Option<usize>, usize) {
    let before = Span::new(within.start.max(place.saturating_sub(RUN)), place).of(text);
    let start = place - before.iter().rev().take_while(|byte| !byte.is_ascii()).count();
    let after = Span::new(place, within.end.min(place + RUN)).of(text);
    let end = place + after.iter().take_while(|byte| !byte.is_ascii()).count();
    // The words on both sides of a run belong to its signs.
    let reach = words::LONGEST + 4;
    let around = Span::new(start.saturating_sub(reach).max(within.start), (end + reach).min(within.end));
    let sign = first_sign_of(around.of(text)).map(|sign| around.start + sign);
    // What stands in another run is told with that one.
    let sign = sign.filter(|sign| (start..end).contains(sign));
    let block = Span::new(start, within.end.min(start + BLOCK)).of(text);
    (sign.filter(|_| !is_binary(block)), end)
}

/// How much of a run is looked at in one go, before a place and after it.
const RUN: usize = 256;
/// How much tells whether it is text.
const BLOCK: usize = 1024;

/// Whether a quarter of the first bytes beyond ASCII, of sixty-four, are not UTF-8.
fn is_binary(block: &[u8]) -> bool {
    let (mut seen, mut broken) = (0, 0);
    for (_, found) in non_ascii(block).take(64) {
        seen += 1;
        broken += usize::from(found.is_none());
    }
    seen >= 16 && broken * 4 > seen
}

fn first_sign_of(text: &[u8]) -> Option<usize> {
    // What came last, where it ended, and whether the next character decides.
    let mut last = Last { start: 0, end: 0, before: ' ', folded: false, pending: false };
    for (at, found) in non_ascii(text) {
        if last.end != at {
            let next = text.get(last.end).copied().unwrap_or(b' ');
            if last.pending && next.is_ascii_alphanumeric() {
                return Some(last.start);
            }
            let before = at.checked_sub(1).and_then(|before| text.get(before)).copied().unwrap_or(b' ');
            last = Last { start: at, end: at, before: char::from(before), folded: false, pending: false };
        }
        let Some(c) = found else {
            last = Last { start: at, end: at + 1, before: ' ', folded: false, pending: false };
            continue;
        };
        let mut next = Last { start: at, end: at + c.len_utf8(), before: c, folded: false, pending: false };
        let after = text.get(next.end).copied().unwrap_or(b' ');
        match fold(c) {
            Fold::Keep if last.pending || last.before.is_ascii_alphabetic() => {
                next.pending = is_combining_mark(c);
            }
            Fold::Keep => {}
            Fold::Remove if is_common_selector(c) => {}
            Fold::Remove => next.pending = last.before.is_alphanumeric() || c != '\u{FEFF}',
            Fold::To(_) if is_tag(c) => return Some(at),
            Fold::To(_) | Fold::Like(_) | Fold::Decompose if is_ordinary(c) => {}
            // Other scripts are written for their own sake, a second alphabet of ASCII is not.
            Fold::To(to) if to.is_ascii_alphanumeric() => {
                if last.folded || last.before.is_ascii_alphanumeric() {
                    return Some(at);
                }
                next.folded = true;
                next.pending = true;
            }
            Fold::Like(_) if is_kin(c) => {
                if last.before.is_ascii_alphanumeric() {
                    return Some(at);
                }
                next.folded = true;
                next.pending = true;
            }
            Fold::Like(_) if after.is_ascii_alphabetic() || last.before.is_ascii_alphabetic() => {
                return Some(at);
            }
            Fold::Like(_) => {}
            Fold::To(' ') => {
                let between = after.is_ascii_alphabetic() && last.before.is_ascii_alphabetic();
                if between && (!is_common_space(c) || words::beside(text, Span::new(at, next.end))) {
                    return Some(at);
                }
            }
            Fold::To(_) => {}
            Fold::Decompose => return Some(at),
        }
        last = next;
    }
    let next = text.get(last.end).copied().unwrap_or(b' ');
    (last.pending && next.is_ascii_alphanumeric()).then_some(last.start)
}

/// What stands before a character that is looked at.
struct Last {
    start: usize,
    end: usize,
    before: char,
    folded: bool,
    pending: bool,
}

/// The stretch of UTF-8 round a place, as far as a few characters on either side tell.
pub(super) fn readable(text: &[u8], part: Span, place: usize) -> Span {
    const REACH: usize = 64;
    // A cut between two bytes of a character is moved to its edge.
    let is_edge = |at: &usize| text.get(*at).is_none_or(|byte| byte & 0xC0 != 0x80);
    let from = part.start.max(place.saturating_sub(REACH));
    let from = (from..place).take(4).find(is_edge).unwrap_or(from);
    let before = non_ascii(Span::new(from, place).of(text)).filter(|(_, found)| found.is_none());
    let start = before.last().map_or(from, |(at, _)| from + at + 1);
    let to = part.end.min(place + REACH);
    let to = (to..part.end).take(4).find(is_edge).unwrap_or(to);
    let invalid = non_ascii(Span::new(place, to).of(text)).find(|(_, found)| found.is_none());
    Span::new(start, invalid.map_or(to, |(at, _)| place + at))
}

/// Folds; plain runs and bytes that are not UTF-8 stay.
pub(super) fn decode(source: &[u8], out: &mut Vec<u8>, mut step: impl FnMut(usize, usize)) {
    let mut copied = 0;
    // Where the last character ended that became an ASCII letter, or that was taken off one.
    let mut latin = None;
    for (at, found) in non_ascii(source) {
        let Some(c) = found else { continue };
        let is_alphanumeric =
            |at: Option<usize>| at.and_then(|at| source.get(at)).is_some_and(u8::is_ascii_alphanumeric);
        let follows_latin = latin == Some(at) || is_alphanumeric(at.checked_sub(1));
        let before = at.checked_sub(1).and_then(|before| source.get(before));
        let follows_ascii = latin == Some(at) || before.is_some_and(u8::is_ascii);
        let change = match fold(c) {
            Fold::Keep if follows_ascii && is_combining_mark(c) => Fold::Remove,
            // In its own script's words a letter stays what it is.
            Fold::Like(_) if !is_kin(c) && !follows_latin && !is_alphanumeric(Some(at + c.len_utf8())) => {
                Fold::Keep
            }
            change => change,
        };
        if change == Fold::Keep {
            continue;
        }
        if change != Fold::Remove || follows_ascii {
            latin = Some(at + c.len_utf8());
        }
        out.extend_from_slice(source.get(copied..at).unwrap_or_default());
        step(at, out.len());
        match change {
            Fold::To(to) | Fold::Like(to) => push(out, to),
            Fold::Decompose => decompose_compatible(c, |part| push(out, part)),
            Fold::Remove | Fold::Keep => {}
        }
        copied = at + c.len_utf8();
        step(copied, out.len());
    }
    out.extend_from_slice(source.get(copied..).unwrap_or_default());
}

fn push(out: &mut Vec<u8>, c: char) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::super::utf8::next_non_ascii;
    use super::*;

    fn first_sign(text: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(found) = next_non_ascii(text, at) {
            let (sign, end) = sign_round(text, Span::new(0, text.len()), found);
            if sign.is_some() {
                return sign;
            }
            at = end.max(found + 1);
        }
        None
    }

    fn folded(text: &str) -> String {
        let mut out = Vec::new();
        decode(text.as_bytes(), &mut out, |_, _| {});
        String::from_utf8(out).expect("valid UTF-8 stays valid")
    }

    #[test]
    fn disguises_fold_to_plain_text() {
        assert_eq!(folded("іgnоrе аll"), "ignore all");
        assert_eq!(folded("ｉｇｎｏｒｅ"), "ignore");
        assert_eq!(folded("𝐢𝐠𝐧𝐨𝐫𝐞"), "ignore");
        assert_eq!(folded("ⓘgnore"), "ignore");
        assert_eq!(folded("i\u{200b}g\u{301}nore"), "ignore");
        assert_eq!(folded("i\u{302}\u{1AB0}\u{327}g\u{93C}nore"), "ignore");
        assert_eq!(folded("ign\u{5E1}re \u{5E1}\u{5D5}\u{5E1} नमः"), "ignore \u{5E1}\u{5D5}\u{5E1} नमः");
        assert_eq!(folded("⒤ⅰ🅸🅘 ﬁle ™ ㎏ x² Ⅳ"), "iiII file TM kg x2 IV");
        assert_eq!(folded("ꓖꓳ Ꮐᴏ ⲟ𝛼"), "GO Go oa");
        assert_eq!(folded("a\u{1680}b\u{2028}c"), "a b c");
        let tags: String = "hi".chars().filter_map(|c| char::from_u32(u32::from(c) + 0xE0000)).collect();
        assert_eq!(folded(&tags), "hi");
    }

    #[test]
    fn ordinary_writing_is_no_disguise() {
        for text in [
            "Привет, мир",
            "Das große Maß — “ja”",
            "日本語，テスト",
            "☕️ ok",
            "α-helix",
            "naïve",
            "™ ½",
            "kapı ve ışık, sıkıntılı",
            "það er þorp",
            "5 km² in H₂O, 10⁻¹² m³",
            "1920×1080",
            "nº 1, 2ª edición, M²",
            "שלום לכולם ו-PDF",
            "مرحبا iPhone والعالم ۵۰",
            "नमस्ते दुनिया १०८ API में",
            "สวัสดี ๑๐ WiFi",
            "안녕하세요 ㅇㅇ PC방",
            "第Ⅱ章 ５㎞ 〇 AI へ",
            "Ελλάδα και Κύπρος",
            "Việt Nam được",
            "Windows™ №5 ℡",
            "Příliš žluťoučký kůň",
            "größer 10\u{202F}000 €",
            "Հայաստան",
            "ქართული",
            "┌─│─┐ a│b",
        ] {
            assert!(first_sign(text.as_bytes()).is_none(), "{text}");
        }
        assert_eq!(first_sign("é then igno\u{200b}re".as_bytes()), Some(12));
        assert_eq!(readable(b"ab\xFFcd\xC3\xA9\xFFg", Span::new(0, 9), 4), Span::new(3, 7));
        for text in [
            "ｇｈｐ",
            "іgnore",
            "ig\u{200b}nore",
            "ｉgnore",
            "a𝐛",
            "\u{e0041}",
            "ign\u{5E1}re",
            "ꓖoogle",
            "g\u{1AB0}o",
            "a\u{1680}b",
        ] {
            assert!(first_sign(text.as_bytes()).is_some(), "{text}");
        }
    }
}
