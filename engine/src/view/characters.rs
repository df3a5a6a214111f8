//! What a character beyond ASCII can mean for a disguise, worked out once for each page of 256 characters.
//!
//! Most text beyond ASCII is ordinary: typographic quotes, other scripts, emoji. One walk over it tells whether any
//! character is of the kinds that the searches for signs look for, so that they run only where one is.

use std::sync::OnceLock;

use super::fold::{self, Fold, char_at, next_non_ascii};
use super::{accents, bidi, invisible};

/// What stands in a text beyond ASCII.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Census {
    /// A character whose folding can be a sign.
    pub(super) folds: bool,
    /// A letter with an accent.
    pub(super) accents: bool,
    /// Enough characters that show nothing to spell something.
    pub(super) unseen: bool,
    /// An override of the direction.
    pub(super) overrides: bool,
}

/// A character's place in the searches.
#[derive(Debug, Clone, Copy)]
struct Entry {
    fold: Fold,
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

/// Looks at all characters beyond ASCII.
pub(super) fn census(text: &[u8]) -> Census {
    let (mut kinds, mut unseen, mut at) = (0, 0, 0);
    while let Some(found) = next_non_ascii(text, at) {
        let Some(c) = char_at(text, found) else {
            at = found + 1;
            continue;
        };
        at = found + c.len_utf8();
        let of_char = entry(c).map_or(FOLDS, |entry| entry.kinds);
        kinds |= of_char;
        unseen += usize::from(of_char & UNSEEN != 0);
    }
    Census {
        folds: kinds & FOLDS != 0,
        accents: kinds & ACCENT != 0,
        unseen: unseen >= invisible::LEAST_BYTES,
        overrides: kinds & OVERRIDE != 0,
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
        c.map_or(Entry { fold: Fold::Keep, kinds: 0 }, |c| Entry {
            fold: fold::of_char(c),
            kinds: [
                (fold::may_be_sign(c), FOLDS),
                (accents::base(c).is_some(), ACCENT),
                (invisible::is_unseen(c), UNSEEN),
                (bidi::is_override(c), OVERRIDE),
            ]
            .iter()
            .fold(0, |kinds, (is, kind)| if *is { kinds | kind } else { kinds }),
        })
    };
    (first..first + PAGE).map(of).collect()
}
