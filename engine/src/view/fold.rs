//! Characters that look like, or stand for, plain text, folded to it: compatibility forms, look-alikes of other
//! scripts, invisible characters, the tag block that spells ASCII out of sight.
//!
//! Left out: letters with accents as such (they are words of real languages) and leetspeak.

use std::sync::LazyLock;

use unicode_normalization::char::decompose_compatible;

/// What becomes of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fold {
    Keep,
    Remove,
    To(char),
    /// To its compatibility decomposition.
    Decompose,
}

/// Whether a text holds a character whose folding could bring hidden text to light.
///
/// Not every foldable character is a sign: a Russian word is no disguise, a Cyrillic letter beside a Latin one is.
pub(super) fn is_disguised(text: &[u8]) -> bool {
    let mut before = ' ';
    let mut pending = false;
    let mut before_folded = false;
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            if pending && c.is_ascii_alphanumeric() {
                return true;
            }
            pending = false;
            let mut folded = false;
            if !c.is_ascii() {
                match fold(c) {
                    Fold::Keep => {}
                    Fold::Remove if is_common_selector(c) => {}
                    Fold::Remove if before.is_alphanumeric() => pending = true,
                    Fold::Remove => pending = u32::from(c) != 0xFEFF,
                    Fold::To(_) if is_tag(c) => return true,
                    Fold::To(to) if to.is_ascii_alphanumeric() => {
                        // Other scripts are written for their own sake, a second alphabet of ASCII is not.
                        if !is_letter_of_a_script(c) && before_folded {
                            return true;
                        }
                        folded = true;
                        if before.is_ascii_alphanumeric() {
                            return true;
                        }
                        pending = true;
                    }
                    Fold::To(_) => {}
                    Fold::Decompose => return true,
                }
            }
            before = c;
            before_folded = folded;
        }
    }
    false
}

/// Folds; plain runs and bytes that are not UTF-8 stay.
pub(super) fn decode(source: &[u8], out: &mut Vec<u8>, mut step: impl FnMut(usize, usize)) {
    let mut at = 0;
    for chunk in source.utf8_chunks() {
        for c in chunk.valid().chars() {
            let change = if c.is_ascii() { Fold::Keep } else { fold(c) };
            if change == Fold::Keep {
                push(out, c);
            } else {
                step(at, out.len());
                match change {
                    Fold::To(to) => push(out, to),
                    Fold::Decompose => decompose_compatible(c, |part| push(out, part)),
                    Fold::Remove | Fold::Keep => {}
                }
                step(at + c.len_utf8(), out.len());
            }
            at += c.len_utf8();
        }
        out.extend_from_slice(chunk.invalid());
        at += chunk.invalid().len();
    }
}

fn push(out: &mut Vec<u8>, c: char) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Letters of scripts that have look-alikes, as against forms of ASCII itself.
fn is_letter_of_a_script(c: char) -> bool {
    matches!(u32::from(c), 0x250..=0x2AF | 0x370..=0x58F | 0x13A0..=0x13FF | 0x1D00..=0x1D7F)
}

/// The selector that makes an emoji colourful stands in every chat.
fn is_common_selector(c: char) -> bool {
    matches!(u32::from(c), 0xFE0F | 0xFE0E | 0x200D)
}

/// Unicode chapter 23.9: a tag character is its ASCII character moved up, and shows nothing.
fn is_tag(c: char) -> bool {
    (0xE0020..=0xE007E).contains(&u32::from(c))
}

fn fold(c: char) -> Fold {
    let code = u32::from(c);
    if is_tag(c) {
        return char::from_u32(code - 0xE0000).map_or(Fold::Remove, Fold::To);
    }
    match code {
        // Soft hyphen, joiners, direction marks, fillers, selectors: nothing to see.
        0xAD
        | 0x34F
        | 0x61C
        | 0x115F
        | 0x1160
        | 0x17B4
        | 0x17B5
        | 0x180B..=0x180F
        | 0x200B..=0x200F
        | 0x202A..=0x202E
        | 0x2060..=0x206F
        | 0x3164
        | 0xFE00..=0xFE0F
        | 0xFEFF
        | 0xFFA0
        | 0xFFF9..=0xFFFB
        | 0xE0000..=0xE0FFF => Fold::Remove,
        // Combining marks laid over a letter.
        0x300..=0x36F | 0x489 | 0x20D0..=0x20F0 => Fold::Remove,
        0xA0 | 0x2000..=0x200A | 0x202F | 0x205F | 0x3000 => Fold::To(' '),
        0x2018 | 0x2019 | 0x2BC => Fold::To('\''),
        0x201C | 0x201D => Fold::To('"'),
        0x2010..=0x2015 | 0x2212 => Fold::To('-'),
        // Fullwidth forms of ASCII.
        0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).map_or(Fold::Keep, Fold::To),
        // Letter-like signs, enclosed and mathematical letters, superscripts, ligatures.
        0x2070..=0x209C
        | 0x2100..=0x214F
        | 0x2460..=0x24FF
        | 0xFB00..=0xFB06
        | 0x1D400..=0x1D7FF
        | 0x1F100..=0x1F16B => decomposed(c),
        0x1F170..=0x1F189 => char::from_u32(code - 0x1F170 + 0x41).map_or(Fold::Keep, Fold::To),
        0x1F1E6..=0x1F1FF => char::from_u32(code - 0x1F1E6 + 0x41).map_or(Fold::Keep, Fold::To),
        0x250..=0x2AF | 0x370..=0x58F | 0x13A0..=0x13FF | 0x1D00..=0x1D7F => look_alike(c),
        _ => Fold::Keep,
    }
}

/// Compatibility forms count where they spell ASCII letters or digits; `™` or `½` hide nothing.
fn decomposed(c: char) -> Fold {
    let (mut ascii, mut parts) = (true, 0);
    let mut only = c;
    decompose_compatible(c, |part| {
        ascii &= part.is_ascii();
        parts += 1;
        only = part;
    });
    match (ascii, parts) {
        (true, 1) if only != c => Fold::To(only),
        (true, 2..) if !('\u{2100}'..='\u{214F}').contains(&c) => Fold::Decompose,
        _ => Fold::Keep,
    }
}

/// Letters of other scripts, each before the Latin letter that it is drawn like.
/// Source: Unicode Technical Standard 39, confusables.
const LOOK_ALIKES: &str = "аaвbсcеeһhіiјjкkмmнhоoрpѕsтtуyхxѵvԁdԛqԝwьbгrпn\
    АAВBСCЕEНHІIЈJКKМMОOРPЅSТTУYХXѴVԌGԚQԜW\
    αaβbγyεeηnιiκkνvοoρpσoτtυuχxωwϲcϳjΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX\
    հhոnսuօoցgզqՏSՕOɑaɡgɩiɪiʀrʏyɴnʟlʜhʙbɢg\
    ᴀaᴄcᴅdᴇeᴊjᴋkᴍmᴏoᴘpᴛtᴜuᴠvᴡwᴢzᎪAᏴBᏟCᎠDᎬEᎻHᎫJᏦKᏞLᎷMᏢPᎡRᏚSᎢTᏙVᎳWᏃZ";

/// The pairs of [`LOOK_ALIKES`], sorted for the search.
static PAIRS: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let chars: Vec<char> = LOOK_ALIKES.chars().collect();
    let mut pairs: Vec<(char, char)> =
        chars.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?))).collect();
    pairs.sort_unstable();
    pairs
});

fn look_alike(c: char) -> Fold {
    let found = PAIRS.binary_search_by_key(&c, |pair| pair.0).ok().and_then(|index| PAIRS.get(index));
    found.map_or(Fold::Keep, |pair| Fold::To(pair.1))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let tags: String = "hi".chars().filter_map(|c| char::from_u32(u32::from(c) + 0xE0000)).collect();
        assert_eq!(folded(&tags), "hi");
    }

    #[test]
    fn every_look_alike_folds_to_an_ascii_letter() {
        assert!(PAIRS.iter().all(|(look, latin)| !look.is_ascii() && latin.is_ascii_alphabetic()));
        assert!(PAIRS.windows(2).all(|pair| pair[0].0 != pair[1].0));
    }

    #[test]
    fn ordinary_writing_is_no_disguise() {
        for text in
            ["Привет, мир", "Das große Maß — “ja”", "日本語，テスト", "☕️ ok", "α-helix", "naïve", "™ ½"]
        {
            assert!(!is_disguised(text.as_bytes()), "{text}");
        }
        for text in ["ｇｈｐ", "іgnore", "ig\u{200b}nore", "ｉgnore", "a𝐛", "\u{e0041}"] {
            assert!(is_disguised(text.as_bytes()), "{text}");
        }
    }
}
