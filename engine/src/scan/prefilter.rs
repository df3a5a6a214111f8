//! One pass over a text for the literals of all rules.
//!
//! Each literal is anchored at its rarest four bytes. A text is tested four bytes at a time against a bitmap of
//! 65,536 bits, so the cost of clean text does not grow with the number of rules; a hit is looked up and the
//! whole literal compared. Case is folded in the bitmap only: `byte | 0x20` may join unlike bytes, which the
//! comparison tells apart.

use std::collections::BTreeMap;

use crate::pack::Case;

/// A literal that a rule wants to hear of.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The rule, by its index in the pack.
    pub(crate) rule: u32,
    /// Which of the rule's groups it belongs to.
    pub(crate) group: u8,
    /// How it is compared.
    pub(crate) case: Case,
    /// At least four bytes.
    pub(crate) text: Vec<u8>,
}

/// A literal that stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    /// The literal, by its index in the prefilter.
    pub(crate) literal: u32,
    /// Where it starts.
    pub(crate) at: usize,
}

/// A literal, once however many rules want it.
#[derive(Debug)]
struct Literal {
    case: Case,
    bytes: Vec<u8>,
    wanted_by: Vec<(u32, u8)>,
}

#[derive(Debug, Clone, Copy)]
struct Anchor {
    gram: u32,
    literal: u32,
    /// How far into the literal the four bytes stand.
    offset: u32,
}

/// The literals of all rules, ready to search for.
#[derive(Debug)]
pub(crate) struct Prefilter {
    bitmap: Box<[u64; WORDS]>,
    /// Where each slot's anchors start; one more than there are slots.
    starts: Vec<u32>,
    anchors: Vec<Anchor>,
    literals: Vec<Literal>,
}

const BITS: u32 = 16;
const WORDS: usize = 1 << (BITS - 6);
const SLOT_BITS: u32 = 12;
const FOLD: u32 = 0x2020_2020;

/// Fibonacci hashing: the top bits of the product depend on all four bytes.
const fn hash(gram: u32) -> u32 {
    gram.wrapping_mul(0x9E37_79B1) >> (32 - BITS)
}

impl Prefilter {
    /// Prepares the search.
    pub(crate) fn new(wanted: &[Wanted]) -> Self {
        let mut bitmap = Box::new([0u64; WORDS]);
        let mut slots: Vec<Vec<Anchor>> = vec![Vec::new(); 1 << SLOT_BITS];
        let literals = distinct(wanted);
        for (index, literal) in literals.iter().enumerate() {
            let Some((offset, gram)) = rarest_gram(&literal.bytes) else { continue };
            let key = hash(gram);
            if let Some(word) = bitmap.get_mut(key as usize >> 6) {
                *word |= 1 << (key & 63);
            }
            if let Some(slot) = slots.get_mut(key as usize >> (BITS - SLOT_BITS)) {
                slot.push(Anchor { gram, literal: narrow(index), offset: narrow(offset) });
            }
        }
        let mut starts = vec![0];
        let mut anchors = Vec::with_capacity(literals.len());
        for slot in slots {
            anchors.extend(slot);
            starts.push(narrow(anchors.len()));
        }
        Self { bitmap, starts, anchors, literals }
    }

    /// Appends every place in `text` where a literal stands, in order of place.
    pub(crate) fn find(&self, text: &[u8], hits: &mut Vec<Hit>) {
        for (at, four) in text.array_windows::<4>().enumerate() {
            let gram = u32::from_le_bytes(*four) | FOLD;
            let key = hash(gram);
            #[expect(
                clippy::indexing_slicing,
                reason = "the hash has 16 bits and the bitmap 2^16; checked at compile time"
            )]
            let word = self.bitmap[key as usize >> 6];
            if word >> (key & 63) & 1 != 0 {
                self.verify(text, at, gram, key, hits);
            }
        }
    }

    /// The length of a literal.
    pub(crate) fn len_of(&self, literal: u32) -> usize {
        self.literals.get(literal as usize).map_or(0, |literal| literal.bytes.len())
    }

    /// The rules, with their groups, that want a literal.
    pub(crate) fn wanted_by(&self, literal: u32) -> &[(u32, u8)] {
        self.literals.get(literal as usize).map_or(&[], |literal| &literal.wanted_by)
    }

    #[cold]
    fn verify(&self, text: &[u8], at: usize, gram: u32, key: u32, hits: &mut Vec<Hit>) {
        let slot = key as usize >> (BITS - SLOT_BITS);
        let (Some(&from), Some(&to)) = (self.starts.get(slot), self.starts.get(slot + 1)) else { return };
        for anchor in self.anchors.get(from as usize..to as usize).unwrap_or_default() {
            if anchor.gram != gram {
                continue;
            }
            let Some(literal) = self.literals.get(anchor.literal as usize) else { continue };
            let Some(start) = at.checked_sub(anchor.offset as usize) else { continue };
            let Some(candidate) = text.get(start..start + literal.bytes.len()) else { continue };
            let equal = match literal.case {
                Case::Sensitive => candidate == literal.bytes,
                Case::Insensitive => candidate.eq_ignore_ascii_case(&literal.bytes),
            };
            if equal {
                hits.push(Hit { literal: anchor.literal, at: start });
            }
        }
    }
}

/// Each text once, with all that want it, in an order that does not depend on the rules'.
fn distinct(wanted: &[Wanted]) -> Vec<Literal> {
    let mut known: BTreeMap<_, Vec<(u32, u8)>> = BTreeMap::new();
    for Wanted { rule, group, case, text } in wanted {
        let bytes = match case {
            Case::Sensitive => text.clone(),
            Case::Insensitive => text.to_ascii_lowercase(),
        };
        known.entry((*case, bytes)).or_default().push((*rule, *group));
    }
    known.into_iter().map(|((case, bytes), wanted_by)| Literal { case, bytes, wanted_by }).collect()
}

/// Counts of rules and literals fit 32 bits.
fn narrow(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// The four bytes of a literal that occur least often in agent traffic, with their offset, folded.
fn rarest_gram(literal: &[u8]) -> Option<(usize, u32)> {
    literal
        .array_windows::<4>()
        .enumerate()
        .min_by_key(|(_, four)| commonness(**four))
        .map(|(offset, four)| (offset, u32::from_le_bytes(*four) | FOLD))
}

/// log2 counts, times eight, of pairs of folded bytes in 44 MB of agent sessions, web pages, tool definitions and
/// logs; a row for each first byte, in the order of [`class`]. The example `pair_counts` of the corpus crate counts
/// files in the same way.
const PAIRS: &[u8; 4096] = include_bytes!("pairs.bin");

/// A folded byte has bit 5 set; bits 0 to 4 and bit 6 tell ASCII bytes apart, others fall in with them.
const fn class(byte: u8) -> usize {
    (byte & 0x1F) as usize | ((byte >> 6 & 1) as usize) << 5
}

/// An estimate of log2 of a gram's count: its three pairs less the two bytes that they share.
fn commonness(four: [u8; 4]) -> i32 {
    let pair = |a: u8, b: u8| i32::from(PAIRS.get(class(a) * 64 + class(b)).copied().unwrap_or(0));
    let single = |a: u8| {
        (0..64).map(|b| i32::from(PAIRS.get(class(a) * 64 + b).copied().unwrap_or(0))).max().unwrap_or(0)
    };
    let [a, b, c, d] = four;
    pair(a, b) + pair(b, c) + pair(c, d) - single(b) - single(c)
}

/// How often a literal is expected to make the prefilter look closer, in the traffic that the pairs were counted in.
pub(crate) fn expected_hits(literal: &[u8]) -> f64 {
    let rarest = literal.array_windows::<4>().map(|four| commonness(*four)).min().unwrap_or(i32::MAX / 2);
    (f64::from(rarest) / 8.0).exp2().max(0.01)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(rule: u32, case: Case, text: &str) -> Wanted {
        Wanted { rule, group: 0, case, text: text.as_bytes().to_vec() }
    }

    #[test]
    fn literals_are_found_at_every_place_and_in_their_own_case() {
        let prefilter = Prefilter::new(&[
            wanted(0, Case::Sensitive, "ghp_"),
            wanted(1, Case::Insensitive, "Disregard"),
            wanted(2, Case::Sensitive, "指示を"),
            wanted(3, Case::Insensitive, "disregard"),
        ]);
        let text = "ghp_ GHP_ disREGARD xghp_ 前の指示を".as_bytes();
        let mut hits = Vec::new();
        prefilter.find(text, &mut hits);
        let places: Vec<_> = hits.iter().map(|hit| (prefilter.wanted_by(hit.literal), hit.at)).collect();
        assert_eq!(places, [(&[(0, 0)][..], 0), (&[(1, 0), (3, 0)], 10), (&[(0, 0)], 21), (&[(2, 0)], 32)]);
    }

    #[test]
    fn a_literal_is_found_at_both_ends_of_a_text() {
        let prefilter = Prefilter::new(&[wanted(0, Case::Sensitive, "-----BEGIN")]);
        for text in [&b"-----BEGIN"[..], b"x-----BEGIN", b"-----BEGINx", b"-----BEGI", b"", b"abc"] {
            let mut hits = Vec::new();
            prefilter.find(text, &mut hits);
            let there = memchr::memmem::find(text, b"-----BEGIN").is_some();
            assert_eq!(hits.len(), usize::from(there));
        }
    }
}
