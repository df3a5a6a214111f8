//! What a character beyond ASCII can mean for a disguise, worked out once for each page of 256 characters.
//!
//! Most text beyond ASCII is ordinary: typographic quotes, other scripts, emoji. One walk over it tells whether any
//! character is of the kinds that the searches for signs look for, so that they run only where one is.

use std::sync::OnceLock;

use unicode_normalization::char::decompose_canonical;

use super::folding::{self, Fold};
use super::utf8::{char_at, next_non_ascii};
use super::{bidi, invisible};

/// What stands in a text beyond ASCII.
#[derive(Debug, Default)]
pub(super) struct Census {
    /// Where characters start whose folding can be a sign, in order.
    pub(super) folds: Vec<u32>,
    /// Where letters with an accent start, in order.
    pub(super) accents: Vec<u32>,
    /// Whether there are enough characters that show nothing to spell something.
    pub(super) unseen: bool,
    /// Whether there is an override of the direction.
    pub(super) overrides: bool,
}

/// A character's place in the searches.
#[derive(Debug, Clone, Copy)]
struct Entry {
    fold: Fold,
    /// The ASCII letter under an accent.
    base: Option<u8>,
    kinds: u8,
}

const FOLDS: u8 = 1;
const ACCENT: u8 = 2;
const UNSEEN: u8 = 4;
const OVERRIDE: u8 = 8;

const PAGE: usize = 256;
/// Unicode ends at U+10FFFF.
static PAGES: [OnceLock<Box<[Entry]>>; 0x11_0000 / PAGE] = [const { OnceLock::new() }; 0x11_0000 / PAGE];

/// What becomes of a character, in a text as a whole.
pub(super) fn fold(c: char) -> Fold {
    entry(c).map_or(Fold::Keep, |entry| entry.fold)
}

/// The ASCII letter that a Latin letter is made of, where it has an accent or a stroke.
pub(super) fn base(c: char) -> Option<u8> {
    entry(c).and_then(|entry| entry.base)
}

impl Census {
    /// Forgets what it was told.
    pub(super) fn clear(&mut self) {
        self.folds.clear();
        self.accents.clear();
        (self.unseen, self.overrides) = (false, false);
    }

    /// Looks at all characters of a text that are beyond ASCII.
    pub(super) fn take(&mut self, text: &[u8]) {
        let (mut unseen, mut at) = (0, 0);
        while let Some(found) = next_non_ascii(text, at) {
            let Some(c) = char_at(text, found) else {
                at = found + 1;
                continue;
            };
            at = found + c.len_utf8();
            let kinds = entry(c).map_or(FOLDS, |entry| entry.kinds);
            if kinds == 0 {
                continue;
            }
            // Readers cut records long before 4 GiB.
            let place = u32::try_from(found).unwrap_or(u32::MAX);
            if kinds & FOLDS != 0 {
                self.folds.push(place);
            }
            if kinds & ACCENT != 0 {
                self.accents.push(place);
            }
            unseen += usize::from(kinds & UNSEEN != 0);
            self.overrides |= kinds & OVERRIDE != 0;
        }
        self.unseen = unseen >= invisible::LEAST_BYTES;
    }
}

fn entry(c: char) -> Option<&'static Entry> {
    let code = u32::from(c) as usize;
    let page = PAGES.get(code / PAGE)?.get_or_init(|| page(code / PAGE * PAGE));
    page.get(code % PAGE)
}

#[cold]
fn page(first: usize) -> Box<[Entry]> {
    let of = |code: usize| {
        let c = u32::try_from(code).ok().and_then(char::from_u32);
        // Surrogates are no characters and are never asked for.
        c.map_or(Entry { fold: Fold::Keep, base: None, kinds: 0 }, |c| Entry {
            fold: folding::of_char(c),
            base: accent_base(c),
            kinds: [
                (folding::may_be_sign(c), FOLDS),
                (accent_base(c).is_some(), ACCENT),
                (invisible::is_unseen(c), UNSEEN),
                (bidi::is_override(c), OVERRIDE),
            ]
            .iter()
            .fold(0, |kinds, (is, kind)| if *is { kinds | kind } else { kinds }),
        })
    };
    (first..first + PAGE).map(of).collect()
}

/// The ASCII letter that a Latin letter is made of; worked out anew, see [`base`].
fn accent_base(c: char) -> Option<u8> {
    if !matches!(u32::from(c), 0xC0..=0x24F | 0x1E00..=0x1EFF) {
        return None;
    }
    match c {
        'Ø' | 'ø' | 'Ǿ' | 'ǿ' => Some(if c.is_uppercase() { b'O' } else { b'o' }),
        'Đ' => Some(b'D'),
        'đ' => Some(b'd'),
        'Ł' => Some(b'L'),
        'ł' => Some(b'l'),
        'Ħ' => Some(b'H'),
        'ħ' => Some(b'h'),
        'Ŧ' => Some(b'T'),
        'ŧ' => Some(b't'),
        'Ɨ' => Some(b'I'),
        _ => {
            let mut first = None;
            decompose_canonical(c, |part| first = first.or(Some(part)));
            first.and_then(|first| u8::try_from(first).ok()).filter(u8::is_ascii_alphabetic)
        }
    }
}
