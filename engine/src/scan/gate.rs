//! Which of the anchors that want a literal can match where it stands, told for all of them at once.
//!
//! Everyday words are wanted by dozens of anchors, and nearly always none of these can match. Four look-ups, by the two
//! bytes on either side, leave the few that can; these are then tried one by one. A gate never leaves out an anchor whose
//! own test would pass: a property test holds it to that.

use super::prefilter::Want;
use crate::pack::{Lenses, code};

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
}

/// How many anchors one gate can stand before.
pub(super) const MOST: usize = Mask::BITS as usize;

impl Gate {
    /// The gate before these anchors.
    pub(super) fn new(wants: &[Want], lenses: &Lenses) -> Self {
        let mut gate = Self { places: [[0; CODES]; 4] };
        for (number, want) in wants.iter().enumerate().take(MOST) {
            let Some(anchor) = lenses.anchor(want.anchor) else { continue };
            for (side, (beside, pairs)) in std::iter::zip(&anchor.beside, anchor.pairs()).enumerate() {
                let pairs = pairs.as_ref();
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

    /// The anchors that the bytes round a literal leave possible, by their numbers.
    pub(super) fn possible(&self, text: &[u8], literal: Span) -> impl Iterator<Item = usize> + use<> {
        let mut left = self.mask(text, literal);
        std::iter::from_fn(move || {
            let next = left.trailing_zeros();
            left &= left.wrapping_sub(1);
            (next < Mask::BITS).then_some(next as usize)
        })
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
                            for (number, want) in wants.iter().enumerate() {
                                let fits =
                                    pack.lenses.anchor(want.anchor).is_some_and(|anchor| anchor.fits(&text, place));
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
