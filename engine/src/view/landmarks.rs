//! Places of a text by which its content is known again: told in the pass for hints, from the same bits, so that they cost
//! next to nothing.
//!
//! - An *anchor* is where a word starts with one of the letters `a` to `f`, about each fourth word.
//! - A *telling* place stands in something that may be a URL, a host, a path or a token: a letter or digit after a dot or
//!   slash within a word, or where a run of twelve letters, digits, `-` and `_` has had a digit.
//!
//! What stands there is read by `session/observe`. Left out: edges of parts, which may cut a word.

use coldcase_model::Span;

use super::hints::Carry;
use super::hints::Flood;
use crate::vector::{BLOCK, Class, Masks};

/// The landmarks of a text, a bit for each of its bytes.
#[derive(Debug, Default)]
pub(crate) struct Landmarks {
    anchors: Vec<u64>,
    telling: Vec<u64>,
    surveyor: Surveyor,
}

impl Landmarks {
    /// Starts a text of so many bytes.
    pub(super) fn start(&mut self, len: usize) {
        let blocks = len.div_ceil(BLOCK) + 1;
        self.surveyor = Surveyor::default();
        for bits in [&mut self.anchors, &mut self.telling] {
            bits.clear();
            bits.reserve(blocks);
        }
    }

    /// Takes in the next block and where words start in it.
    #[inline]
    pub(super) fn step(&mut self, masks: &Masks, words: u64) {
        self.anchors.push(words & (masks.of(Class::HexLower) | masks.of(Class::HexUpper)));
        self.telling.push(self.surveyor.step(masks));
    }

    /// The anchors in a stretch of the text.
    pub(crate) fn anchors(&self, span: Span) -> Set<'_> {
        Set::of(&self.anchors, span)
    }

    /// The telling places in a stretch of the text.
    pub(crate) fn telling(&self, span: Span) -> Set<'_> {
        Set::of(&self.telling, span)
    }

    /// Gives back what a hostile text made grow.
    pub(super) fn shrink(&mut self) {
        const MOST_KEPT: usize = 1 << 16;
        self.anchors.shrink_to(MOST_KEPT);
        self.telling.shrink_to(MOST_KEPT);
    }
}

/// What is carried from block to block.
#[derive(Debug, Default)]
struct Surveyor {
    dot: Carry,
    before_dot: [Carry; 2],
    digit: [Carry; 2],
    /// Letters, digits, `-` and `_` of the block before.
    runs: u64,
    with_digit: Flood,
    token: Carry,
}

impl Surveyor {
    #[inline]
    fn step(&mut self, masks: &Masks) -> u64 {
        let digit = masks.of(Class::Digit);
        let word = masks.of(Class::Letter) | digit;
        let run = word | masks.of(Class::Underscore) | masks.of(Class::Dash);
        // Of the separators, dot and slash are in none of these.
        let dot = masks.of(Class::Separator)
            & !(masks.of(Class::Blank)
                | masks.of(Class::Newline)
                | masks.of(Class::Dash)
                | masks.of(Class::Underscore)
                | masks.of(Class::Emphasis)
                | masks.of(Class::Sign));
        let [one, two] = &mut self.before_dot;
        let within = two.behind(one.behind(word | dot));
        let [one, two] = &mut self.digit;
        let number = two.behind(one.behind(digit)) & digit;
        let after_dot = word & self.dot.behind(dot) & within & !number;
        let token = self.twelve(run) & self.with_digit.fill(digit, run);
        let first = token & !self.token.behind(token);
        self.runs = run;
        after_dot | first
    }

    /// The places that eleven more of a run stand before.
    #[inline]
    const fn twelve(&self, run: u64) -> u64 {
        let bits = self.runs as u128 | (run as u128) << 64;
        let two = bits & bits << 1;
        let four = two & two << 2;
        let eight = four & four << 4;
        ((eight & four << 8) >> 64) as u64
    }
}

/// The set bits of a stretch, in order.
#[derive(Debug)]
pub(crate) struct Set<'l> {
    blocks: &'l [u64],
    block: usize,
    bits: u64,
    end: usize,
}

impl<'l> Set<'l> {
    fn of(blocks: &'l [u64], span: Span) -> Self {
        let block = span.start / BLOCK;
        let bits = blocks.get(block).copied().unwrap_or_default();
        Self { blocks, block, bits: bits & (u64::MAX << (span.start % BLOCK)), end: span.end }
    }
}

impl Iterator for Set<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.bits == 0 {
            self.block += 1;
            if self.block * BLOCK >= self.end {
                return None;
            }
            self.bits = *self.blocks.get(self.block)?;
        }
        let place = self.block * BLOCK + self.bits.trailing_zeros() as usize;
        self.bits &= self.bits - 1;
        (place < self.end).then_some(place)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Hints;
    use super::*;

    fn of(text: &str) -> (Vec<usize>, Vec<usize>) {
        let mut hints = Hints::default();
        hints.find(text.as_bytes(), std::iter::once(0));
        let whole = Span::new(0, text.len());
        (hints.landmarks().anchors(whole).collect(), hints.landmarks().telling(whole).collect())
    }

    #[test]
    fn anchors_are_words_of_some_first_letters() {
        assert_eq!(of("An egg fell, 3 babies wept. (Egads) x").0, [0, 3, 7, 15, 29]);
    }

    #[test]
    fn telling_places_stand_in_what_may_be_a_value() {
        assert_eq!(of("on evil.example at 1.5 and 10.0.0.1, etc. and so on").1, [8]);
        assert_eq!(of("https://a.b/c").1, [8, 10, 12]);
        assert_eq!(of("see src/x, ~/.y and //z").1, [8, 14, 22]);
        assert_eq!(of("a1bcdefghijklm and internationally but abcdefghijklmnop4q").1, [11, 55]);
    }

    /// The same, a byte at a time.
    fn plain(text: &[u8]) -> Vec<usize> {
        let word = |at: usize| text.get(at).is_some_and(u8::is_ascii_alphanumeric);
        let digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
        let dot = |at: usize| matches!(text.get(at), Some(b'.' | b'/'));
        let run = |at: usize| word(at) || matches!(text.get(at), Some(b'-' | b'_'));
        let token = |at: usize| {
            let before = (0..=at).rev().take_while(|at| run(*at));
            before.clone().count() >= 12 && before.clone().any(digit)
        };
        let after_dot = |at: usize| {
            at >= 2
                && word(at)
                && dot(at - 1)
                && (word(at - 2) || dot(at - 2))
                && !(digit(at) && digit(at - 2))
        };
        let first = |at: usize| token(at) && !at.checked_sub(1).is_some_and(token);
        (0..text.len()).filter(|at| after_dot(*at) || first(*at)).collect()
    }

    proptest! {
        #[test]
        fn telling_places_are_told_in_any_block(text in "[a-c1-2./ _-]{0,200}", from in 0..80usize, to in 0..200usize) {
            let all = plain(text.as_bytes());
            prop_assert_eq!(&of(&text).1, &all);
            let mut hints = Hints::default();
            hints.find(text.as_bytes(), std::iter::once(0));
            let some: Vec<usize> = hints.landmarks().telling(Span::new(from, to)).collect();
            let wanted: Vec<usize> = all.into_iter().filter(|at| (from..to).contains(at)).collect();
            prop_assert_eq!(some, wanted);
        }
    }
}
