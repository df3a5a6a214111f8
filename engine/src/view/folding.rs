//! What becomes of a character when look-alikes are folded to plain text, whatever stands beside it.
//!
//! Looked up through [`super::characters`], which works each character out once.

use unicode_normalization::char::is_combining_mark;

use super::confusables::{Drawn, drawn_like};

/// What becomes of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    Keep,
    Remove,
    To(char),
    /// A letter of a script, to the Latin one that it is drawn like.
    Like(char),
    /// To its compatibility decomposition.
    Decompose,
}

/// Letters of Latin and the scripts next to it, which spell whole words that read as Latin. A letter of another script
/// (a Hebrew samekh for an `o`) is a disguise only within a Latin word.
pub(super) fn is_kin(c: char) -> bool {
    matches!(
        u32::from(c),
        0x80..=0x58F | 0x13A0..=0x13FF | 0x1C80..=0x1C8F | 0x1D00..=0x1DBF | 0x1E00..=0x1FFF | 0x2C60..=0x2CFF
            | 0xA4D0..=0xA4FF | 0xA640..=0xA7FF | 0xAB30..=0xABBF | 0x1D400..=0x1D7FF
    )
}

/// Compatibility forms and look-alikes of ordinary writing: the Turkish i, the Icelandic thorn, ordinals and powers,
/// numerals, `™`, squared units; they fold and are no sign.
pub(super) fn is_ordinary(c: char) -> bool {
    matches!(
        u32::from(c),
        0xAA | 0xB2 | 0xB3 | 0xB9 | 0xBA | 0xFE | 0x131 | 0x132 | 0x133 | 0x1C4..=0x1CC | 0x1F1..=0x1F3
            | 0x2070 | 0x2074..=0x2079 | 0x2080..=0x2089 | 0x20A8 | 0x2150..=0x218F | 0x3200..=0x33FF
    ) || matches!(c, '℀' | '℁' | '℅' | '℆' | '№' | '℠' | '℡' | '™' | '℻')
}

/// The selector that makes an emoji colourful stands in every chat.
pub(super) fn is_common_selector(c: char) -> bool {
    matches!(u32::from(c), 0xFE0F | 0xFE0E | 0x200D)
}

/// White space that typography puts between words.
pub(super) fn is_common_space(c: char) -> bool {
    matches!(c, '\u{A0}' | '\u{2009}' | '\u{202F}' | '\u{3000}')
}

/// Unicode chapter 23.9: a tag character is its ASCII character moved up, and shows nothing.
pub(super) fn is_tag(c: char) -> bool {
    (0xE0020..=0xE007E).contains(&u32::from(c))
}

/// Whether a character, by itself or with its neighbours, can be a sign: [`sign_round`] passes over all others.
pub(super) fn may_be_sign(c: char) -> bool {
    match of_char(c) {
        Fold::Keep => is_combining_mark(c),
        Fold::Remove => !is_common_selector(c),
        Fold::To(_) if is_tag(c) => true,
        Fold::To(_) | Fold::Like(_) | Fold::Decompose if is_ordinary(c) => false,
        Fold::To(to) => to == ' ' || to.is_ascii_alphanumeric(),
        Fold::Like(_) | Fold::Decompose => true,
    }
}

/// What becomes of a character; worked out anew, see [`super::characters::fold`].
pub(super) fn of_char(c: char) -> Fold {
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
        // White space that is not ASCII, and line ends of other systems.
        0x85 | 0xA0 | 0x1680 | 0x2000..=0x200A | 0x2028 | 0x2029 | 0x202F | 0x205F | 0x3000 => Fold::To(' '),
        0x2018 | 0x2019 | 0x2BC => Fold::To('\''),
        0x201C | 0x201D => Fold::To('"'),
        0x2010..=0x2015 | 0x2212 => Fold::To('-'),
        // White on black, and the letters that flags are made of: no decomposition is laid down for these.
        0x1F150..=0x1F169 => shifted(code, 0x1F150),
        0x1F170..=0x1F189 => shifted(code, 0x1F170),
        0x1F1E6..=0x1F1FF => shifted(code, 0x1F1E6),
        _ => match drawn_like(c) {
            Some(Drawn::Form(to)) => Fold::To(to),
            Some(Drawn::Like(to)) => Fold::Like(to),
            Some(Drawn::Several) => Fold::Decompose,
            None => Fold::Keep,
        },
    }
}

/// A letter of an alphabet whose A is at `first`.
fn shifted(code: u32, first: u32) -> Fold {
    char::from_u32(code - first + 0x41).map_or(Fold::Keep, Fold::To)
}
