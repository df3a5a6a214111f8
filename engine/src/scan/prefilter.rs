//! One pass over a text for the literals of all rules.
//!
//! Each literal is looked for by four of its bytes: its rarest at the start of a word, which only where words start are
//! looked up in a table of 65,536 marks, or else its rarest of all, which are looked up everywhere. So the cost of clean
//! text hardly grows with the number of rules. Where a mark stands the whole literal is compared. Case is folded in the
//! table only: `byte | 0x20` may join unlike bytes, which the comparison tells apart.

use coldcase_model::Span;

pub(crate) use self::literal::{Literal, Wanted};
pub(crate) use self::rarity::{EXPECTED_IN, expected_hits};
use self::texts::Pick;
pub(crate) use self::texts::Texts;
use crate::pack::Case;
use crate::vector::{self, BITS, Buckets, FOLD, Marked, hash};

mod literal;
mod rarity;
mod texts;

/// A literal that stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    /// Where it starts.
    pub(crate) at: usize,
    /// The literal, by its index in the prefilter.
    pub(crate) literal: u32,
}

/// Four bytes of a literal that make the search look closer; small, since what lies near the processor is read fastest.
#[derive(Debug, Clone, Copy)]
struct Gram {
    folded: u32,
    /// The literal's bytes after these, four at the most, folded.
    next: u32,
    literal: u32,
    /// How far into the literal the four bytes stand.
    offset: u8,
    /// How many bytes `next` has.
    known: u8,
}

impl Gram {
    fn new(folded: u32, literal: usize, offset: u8, bytes: &[u8]) -> Self {
        let mut next = [0; 4];
        let after = bytes.get(usize::from(offset) + 4..).unwrap_or_default();
        next.iter_mut().zip(after).for_each(|(next, byte)| *next = byte | 0x20);
        let known = after.iter().take(4).fold(0, |known, _| known + 1);
        Self { folded, next: u32::from_le_bytes(next), literal: narrow(literal), offset, known }
    }

    /// Whether the text after these four bytes may go on as the literal does; near the text's end it may.
    fn goes_on(&self, text: &[u8], at: usize) -> bool {
        let mask = u32::MAX.checked_shr(32 - 8 * u32::from(self.known)).unwrap_or(0);
        let next = text.get(at + 4..).and_then(|rest| rest.first_chunk::<4>());
        next.is_none_or(|next| (u32::from_le_bytes(*next) | FOLD) & mask == self.next)
    }
}

/// The literals of many rules, ready to search for.
#[derive(Debug)]
pub(crate) struct Prefilter {
    /// Grams that stand at the start of a word.
    at_starts: Box<Marked>,
    /// Grams that stand anywhere, and their buckets where the processor has use for them.
    anywhere: Box<Marked>,
    buckets: Option<Box<Buckets>>,
    /// Where each slot's grams start; one more than there are slots.
    starts: Vec<u32>,
    grams: Vec<Gram>,
    literals: Vec<Literal>,
}

const SLOT_BITS: u32 = 12;

/// Where the grams stand that have these folded bytes.
const fn slot(folded: u32) -> usize {
    hash(folded) as usize >> (BITS - SLOT_BITS)
}

impl Prefilter {
    /// Prepares the search for the texts that these anchors want.
    pub(crate) fn new(texts: &Texts, looks: impl Fn(u32) -> bool) -> Self {
        let (mut at_starts, mut anywhere) = (Box::new(Marked::default()), Box::new(Marked::default()));
        let mut of_buckets = Vec::new();
        let mut grams = Vec::new();
        let mut literals = Vec::new();
        for (index, (literal, pick)) in texts.literals(looks).into_iter().enumerate() {
            if let Some(Pick { offset, gram, at_start }) = pick {
                if at_start {
                    at_starts.insert(gram);
                } else {
                    anywhere.insert(gram);
                    of_buckets.push(gram);
                }
                grams.push(Gram::new(gram, index, offset, &literal.bytes));
            }
            literals.push(literal);
        }
        grams.sort_by_key(|gram| slot(gram.folded));
        let before = |slot| grams.partition_point(|gram| self::slot(gram.folded) < slot);
        let starts = (0..=1 << SLOT_BITS).map(|slot| narrow(before(slot))).collect();
        let buckets = Buckets::of_use(of_buckets.into_iter());
        Self { at_starts, anywhere, buckets, starts, grams, literals }
    }

    /// Finds every place in a stretch of `text` where a literal stands, in order. `words` has a bit for each place of the
    /// text where a word starts; `places` is room to work in.
    pub(crate) fn find(
        &self,
        text: &[u8],
        stretch: Span,
        words: &[u64],
        places: &mut Vec<u32>,
        hits: &mut Vec<Hit>,
    ) {
        debug_assert!(words.len() * 64 >= text.len(), "the words are those of this very text");
        hits.clear();
        places.clear();
        vector::marks_at(&self.at_starts, text, words, stretch.start, stretch.end, places);
        for &place in &*places {
            self.verify(text, stretch, place as usize, hits);
        }
        places.clear();
        vector::marks(&self.anywhere, self.buckets.as_deref(), stretch.of(text), places);
        for &place in &*places {
            self.verify(text, stretch, stretch.start + place as usize, hits);
        }
        // A gram may be looked for both ways, and then its literals are found twice.
        if !hits.is_sorted() {
            hits.sort();
        }
        hits.dedup();
    }

    /// A literal.
    pub(crate) fn literal(&self, index: u32) -> Option<&Literal> {
        self.literals.get(index as usize)
    }

    /// Adds the literals within a stretch of which the four bytes at a place are those that are looked for.
    fn verify(&self, text: &[u8], stretch: Span, at: usize, hits: &mut Vec<Hit>) {
        let Some(four) = text.get(at..).and_then(|rest| rest.first_chunk::<4>()) else { return };
        let gram = u32::from_le_bytes(*four) | FOLD;
        let slot = slot(gram);
        let (Some(&from), Some(&to)) = (self.starts.get(slot), self.starts.get(slot + 1)) else { return };
        for candidate in self.grams.get(from as usize..to as usize).unwrap_or_default() {
            if candidate.folded != gram {
                continue;
            }
            let Some(start) = at.checked_sub(usize::from(candidate.offset)) else { continue };
            if start < stretch.start || !candidate.goes_on(text, at) {
                continue;
            }
            let Some(literal) = self.literals.get(candidate.literal as usize) else { continue };
            let Some(there) = text.get(start..start + literal.bytes.len()) else { continue };
            let equal = match literal.case {
                Case::Sensitive => there == &*literal.bytes,
                Case::Insensitive => there.eq_ignore_ascii_case(&literal.bytes),
            };
            if equal && start + there.len() <= stretch.end {
                hits.push(Hit { at: start, literal: candidate.literal });
            }
        }
    }
}

/// Counts of rules and literals fit 32 bits.
fn narrow(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
