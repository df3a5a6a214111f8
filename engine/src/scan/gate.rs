//! Which of the anchors that want a literal can match where it stands, told for all of them at once.
//!
//! Everyday words are wanted by dozens of anchors, and nearly always none of these can match. Four look-ups, by the two
//! bytes on either side, leave a few; of these the two words on either side leave still fewer, which are then tried one by
//! one. A gate never leaves out an anchor that has a match there: tests hold it to that.

use super::hot::NEAR;
use super::prefilter::Want;
use crate::pack::{Lenses, Neighbours, Reader, WORDS, Way, code};

use coldcase_model::Span;

/// Bytes are told apart by 64 codes, as [`crate::pack::Pairs`] does; one more for the text's edge.
const CODES: usize = 65;
const EDGE: usize = CODES - 1;

/// A bit for each anchor.
type Mask = u64;

/// The gate before the anchors of a literal, 64 at the most.
#[derive(Debug)]
pub(super) struct Gate {
    /// The anchors that a byte leaves possible where it stands next before the literal, before that, next after the
    /// literal, after that.
    places: [[Mask; CODES]; 4],
    /// The words that each anchor can have before the literal, and after it.
    words: Vec<[Neighbours; 2]>,
    /// What reads the words before the literal, and after it.
    readers: [Reader; 2],
}

/// How many anchors one gate can stand before.
pub(super) const MOST: usize = Mask::BITS as usize;

impl Gate {
    /// The gate before these anchors, which want a literal.
    pub(super) fn new(literal: &[u8], wants: &[Want], lenses: &Lenses) -> Self {
        let anchors = wants.iter().take(MOST).filter_map(|want| lenses.anchor(want.anchor));
        let mut gate = Self {
            places: [[0; CODES]; 4],
            words: anchors.map(|anchor| anchor.neighbours(literal)).collect(),
            readers: [Way::Backwards, Way::Forwards].map(|way| Reader::beyond(literal, way)),
        };
        for (number, want) in wants.iter().enumerate().take(MOST) {
            let pairs = lenses.anchor(want.anchor).map(crate::pack::RuleAnchor::pairs);
            let sides = [0, 1].map(|side| (side, pairs.and_then(|pairs| pairs.get(side)?.as_ref())));
            for (side, pairs) in sides {
                let beside = want.side(side);
                let bit = 1 << number;
                let near =
                    |byte: u8| beside.allows(Some(&byte)) && pairs.is_none_or(|pairs| pairs.starts(byte));
                let far = |byte: u8| pairs.is_none_or(|pairs| pairs.goes_on(byte));
                for byte in 0..=u8::MAX {
                    gate.open(2 * side, usize::from(code(byte)), if near(byte) { bit } else { 0 });
                    gate.open(2 * side + 1, usize::from(code(byte)), if far(byte) { bit } else { 0 });
                }
                let nothing = beside.allows(None) && pairs.is_none_or(|pairs| pairs.allows(None, None));
                gate.open(2 * side, EDGE, if nothing { bit } else { 0 });
                gate.open(2 * side + 1, EDGE, bit);
            }
        }
        gate
    }

    fn open(&mut self, place: usize, code: usize, mask: Mask) {
        if let Some(known) = self.places.get_mut(place).and_then(|codes| codes.get_mut(code)) {
            *known |= mask;
        }
    }

    /// The anchors that the bytes and words round a literal leave possible, by their numbers.
    pub(super) fn possible(&self, text: &[u8], literal: Span) -> impl Iterator<Item = usize> {
        let mut left = self.mask(text, literal);
        let beside = if left == 0 { [[None; WORDS]; 2] } else { self.words_beside(text, literal) };
        std::iter::from_fn(move || {
            loop {
                let next = left.trailing_zeros() as usize;
                let words = self.words.get(next).filter(|_| left != 0)?;
                left &= left - 1;
                if fits(words, &beside) {
                    return Some(next);
                }
            }
        })
    }

    /// The words before a literal and after it, as far as bytes near by tell them.
    fn words_beside(&self, text: &[u8], literal: Span) -> [[Option<u8>; WORDS]; 2] {
        let [before, after] = self.readers;
        let from = literal.start.saturating_sub(NEAR);
        let to = literal.start.saturating_add(NEAR).min(text.len());
        let behind = Span::new(from, literal.start).of(text);
        let ahead = Span::new(literal.end.min(to), to).of(text);
        [
            words(before, behind.iter().rev(), Way::Backwards, from == 0),
            words(after, ahead.iter(), Way::Forwards, to == text.len()),
        ]
    }

    fn mask(&self, text: &[u8], literal: Span) -> Mask {
        let at = |place: Option<usize>| {
            place.and_then(|place| text.get(place)).map_or(EDGE, |byte| usize::from(code(*byte)))
        };
        let beside = [
            at(literal.start.checked_sub(1)),
            at(literal.start.checked_sub(2)),
            at(Some(literal.end)),
            at(Some(literal.end + 1)),
        ];
        let masks =
            self.places.iter().zip(beside).map(|(codes, code)| codes.get(code).copied().unwrap_or(Mask::MAX));
        masks.fold(Mask::MAX, |all, mask| all & mask)
    }
}

/// The first words that a reader comes by; the text ends behind the bytes or goes on.
fn words<'t>(
    mut reader: Reader,
    bytes: impl Iterator<Item = &'t u8>,
    way: Way,
    ends: bool,
) -> [Option<u8>; WORDS] {
    let mut found = [None; WORDS];
    let mut room = found.iter_mut();
    let Some(mut next) = room.next() else { return found };
    for &byte in bytes {
        let Some(word) = reader.push(byte, way) else { continue };
        *next = Some(word.hash());
        match room.next() {
            Some(place) => next = place,
            None => return found,
        }
    }
    if ends {
        *next = reader.finish().map(|word| word.hash());
    }
    found
}

/// Whether an anchor can have these words beside its text.
fn fits(sets: &[Neighbours; 2], words: &[[Option<u8>; WORDS]; 2]) -> bool {
    let pairs = sets.iter().flatten().zip(words.iter().flatten());
    pairs.into_iter().all(|(set, word)| word.is_none_or(|hash| set.may_hold(hash)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pack::Pack;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_anchor_that_fits_is_left_out(
            before in proptest::collection::vec(any::<u8>(), 0..3),
            after in proptest::collection::vec(any::<u8>(), 0..3),
            plain in "[ -~]{0,2}",
        ) {
            let pack = Pack::builtin().expect("the built-in packs are valid");
            let (mut tried, mut kept) = (0, 0);
            for prefilter in (0..4).filter_map(|lens| pack.lenses.prefilter(lens)) {
                for (literal, bytes) in prefilter.literals().filter(|(literal, _)| literal.wanted_by().len() > 2) {
                    for after in [after.as_slice(), plain.as_bytes()] {
                        let text = [&before, bytes, after].concat();
                        let place = Span::new(before.len(), before.len() + bytes.len());
                        for (gate, wants) in literal.gated(&pack.lenses).into_iter().flatten() {
                            let possible: Vec<usize> = gate.possible(&text, place).collect();
                            let beside = gate.words_beside(&text, place);
                            for (number, want) in wants.iter().enumerate() {
                                let fits = want.fits(&text, place)
                                    && pack.lenses.anchor(want.anchor).is_some_and(|anchor| anchor.fits(&text, place))
                                    && gate.words.get(number).is_some_and(|words| super::fits(words, &beside));
                                prop_assert!(!fits || possible.contains(&number), "{number} of {:?}", String::from_utf8_lossy(&text));
                                (tried, kept) = (tried + 1, kept + usize::from(possible.contains(&number)));
                            }
                        }
                    }
                }
            }
            prop_assert!(tried > 1000 && kept < tried);
        }
    }
}
