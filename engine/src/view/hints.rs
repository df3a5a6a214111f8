//! One pass over a text for the places where any sign of a disguise could stand.
//!
//! Each kind of sign has bytes that it cannot do without, next to each other or along a run. They are told for 64
//! places at once from the classes of the bytes ([`crate::vector::each_block`]); what looks closer is called only where
//! they stand. A hint too many costs a look, a hint too few hides a disguise: a property test holds each kind to what
//! is found when every place is a hint.

use super::characters::Census;
use super::landmarks::Landmarks;
use super::places::Places;
use crate::vector::{BLOCK, Class, Masks, each_block};

mod state;
mod window;

use state::{State, WordStarts};
use window::{Around, Window};
pub(super) use window::{Carry, Flood};

/// What could begin at a place, or end there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Hint {
    /// The backslash of an escape of JSON.
    JsonEscape,
    /// The backslash of an escape of a programming language.
    CodeEscape,
    /// The `%` of percent encoding.
    Percent,
    /// The `&` of a character reference.
    Reference,
    /// The first of sixteen or more base64 digits.
    Run,
    /// A byte that a compressed stream may begin with.
    Stream,
    /// A zero byte.
    Zero,
    /// The `=` of quoted-printable.
    Quoted,
    /// The `<` of `<~`.
    Ascii85,
    /// The first of 25 or more digits of base 85.
    Base85,
    /// The start of a list of numbers.
    List,
    /// The first separator of a word that is spelled out.
    Spelled,
    /// The last byte of a token that may be leetspeak.
    Leet,
    /// The `<` of a tag after a word.
    Tag,
    /// The last byte of a word with marks of emphasis in it.
    Emphasis,
    /// An underscore that begins a word.
    Underline,
    /// The `]` before the target of a link.
    Link,
    /// A line end after a letter or a hyphen.
    LineEnd,
    /// The mark that a line begins with.
    LineMark,
    /// The quote that opens a string after another string.
    Joined,
}

/// How many hints of a kind a thread keeps room for.
const MOST_KEPT: usize = 1 << 16;
/// How many kinds of hints there are.
const KINDS: usize = Hint::Joined as usize + 1;

/// The hints of a text, in order of their places.
#[derive(Debug, Default)]
pub(crate) struct Hints {
    lists: [Vec<u32>; KINDS],
    /// A bit for each place where a word starts.
    words: Vec<u64>,
    landmarks: Landmarks,
    /// What stands there beyond ASCII.
    pub(super) census: Census,
}

impl Hints {
    /// Looks for hints; `parts` are the places where parts of the text start, in order.
    pub(crate) fn find(&mut self, text: &[u8], mut parts: impl Iterator<Item = usize>) {
        for list in &mut self.lists {
            list.clear();
            // What a hostile text made grow is given back.
            list.shrink_to(MOST_KEPT);
        }
        self.words.clear();
        self.words.reserve(text.len().div_ceil(BLOCK));
        self.landmarks.shrink();
        self.landmarks.start(text.len());
        let mut next_part = parts.next();
        let mut starts_of_parts = |block: usize| {
            let mut starts = 0;
            while let Some(start) = next_part.filter(|start| *start < block + BLOCK) {
                starts |= u64::from(start >= block) << (start & (BLOCK - 1));
                next_part = parts.next();
            }
            starts
        };
        let mut state = State::default();
        // The last three blocks, in a ring.
        let mut ring = [Around::default(); 3];
        let (mut at, mut foreign) = (0, 0);
        let (lists, words, landmarks) = (&mut self.lists, &mut self.words, &mut self.landmarks);
        let mut starts = WordStarts::default();
        let mut step = |masks: &Masks| {
            let turn = at / BLOCK;
            foreign |= masks.of(Class::Foreign);
            let starts = starts.step(masks);
            words.push(starts);
            landmarks.step(masks, starts);
            let [a, b, c] = &mut ring;
            let (before, here, after) = match turn % 3 {
                0 => (b, c, a),
                1 => (c, a, b),
                _ => (a, b, c),
            };
            after.masks = *masks;
            after.parts = starts_of_parts(at);
            if turn > 0 {
                state.step(&Window { before, here, after }, |hint, bits| {
                    if let Some(list) = lists.get_mut(hint as usize) {
                        push(list, at - BLOCK, bits);
                    }
                });
            }
            at += BLOCK;
        };
        each_block(text, &mut step);
        // The last block is told with nothing behind it.
        step(&Masks::default());
        self.census.clear();
        if foreign != 0 {
            self.census.take(text);
        }
    }

    /// A bit for each place where a word starts: a letter or digit with neither before it, or after an escape.
    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    /// The places by which content is known again.
    #[cfg(test)]
    pub(crate) const fn landmarks(&self) -> &Landmarks {
        &self.landmarks
    }

    /// Exchanges the landmarks of the latest text for others.
    pub(crate) const fn swap_landmarks(&mut self, with: &mut Landmarks) {
        std::mem::swap(&mut self.landmarks, with);
    }

    /// The hints of one kind.
    pub(crate) fn of(&self, hint: Hint) -> Places<'_> {
        Places::of(self.lists.get(hint as usize).map_or(&[], Vec::as_slice))
    }

    /// Hints of every kind at every place, as a text of this length may have at the most.
    #[cfg(test)]
    pub(crate) fn everywhere(len: usize) -> Self {
        let all: Vec<u32> = (0..u32::try_from(len).expect("a short text")).collect();
        Self {
            lists: std::array::from_fn(|_| all.clone()),
            words: Vec::new(),
            landmarks: Landmarks::default(),
            census: Census { folds: all.clone(), accents: all, unseen: true, overrides: true },
        }
    }
}

fn push(list: &mut Vec<u32>, at: usize, mut bits: u64) {
    // Readers cut records long before 4 GiB.
    let base = u32::try_from(at).unwrap_or(u32::MAX);
    while bits != 0 {
        list.push(base + bits.trailing_zeros());
        bits &= bits - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str, hint: Hint) -> Vec<u32> {
        let mut hints = Hints::default();
        hints.find(text.as_bytes(), std::iter::once(0));
        hints.lists[hint as usize].clone()
    }

    #[test]
    fn a_hint_is_seen_at_every_place_of_a_block() {
        for shift in 0..200u32 {
            let text =
                |sign: &str| format!("{}{sign} end", ". ".repeat(100).get(..shift as usize).expect("ASCII"));
            assert_eq!(places(&text("n0t"), Hint::Leet), [shift + 2], "{shift}");
            assert_eq!(places(&text("i*g*nore"), Hint::Emphasis), [shift + 7], "{shift}");
            assert_eq!(places(&text("x'+ 'y"), Hint::Joined), [shift + 4], "{shift}");
            assert_eq!(places(&text("0123456789abcdefg"), Hint::Run), [shift], "{shift}");
            assert_eq!(places(&text("x-\n   > y"), Hint::LineMark), [shift + 6], "{shift}");
            assert_eq!(places(&text("x-  \ny"), Hint::LineEnd), [shift + 4], "{shift}");
            assert_eq!(places(&text("x%41"), Hint::Percent), [shift + 1], "{shift}");
        }
    }

    #[test]
    fn ordinary_content_gives_few_hints() {
        let text =
            "The harbour was quiet (550e8400-e29b-41d4-a716-446655440000), 2026-03-01T08:00:03.462Z.\n";
        for hint in [Hint::Leet, Hint::List, Hint::Spelled, Hint::Joined, Hint::LineEnd] {
            assert_eq!(places(text, hint), [], "{hint:?}");
        }
    }
}
