//! One pass over a text for the literals of all rules.
//!
//! Each literal is anchored at its rarest four bytes. A text is tested four bytes at a time against a bitmap of
//! 131,072 bits, so the cost of clean text does not grow with the number of rules; a hit is looked up and the
//! whole literal compared. Case is folded in the bitmap only: `byte | 0x20` may join unlike bytes, which the
//! comparison tells apart.

use std::collections::BTreeMap;

use coldcase_model::Span;

use super::half::{Half, Way};
use crate::pack::{Beside, Case, RuleAnchor};
use crate::vector::{self, BITS, FOLD, WORDS, hash};

/// A text that an anchor wants to hear of.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The anchor, by its index in the pack.
    pub(crate) anchor: u32,
    /// What may stand before the text, and after it.
    pub(crate) beside: [Beside; 2],
    /// How it is compared.
    pub(crate) case: Case,
    /// At least four bytes.
    pub(crate) text: Vec<u8>,
}

/// An anchor that wants a literal, with what must stand beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Want {
    /// The anchor, by its index in the pack.
    pub(crate) anchor: u32,
    beside: [Beside; 2],
}

impl Want {
    /// Whether the bytes beside a literal are such that the anchor's pattern can match.
    pub(crate) fn fits(&self, text: &[u8], literal: Span) -> bool {
        let [before, after] = &self.beside;
        let previous = literal.start.checked_sub(1).and_then(|at| text.get(at));
        before.allows(previous) && after.allows(text.get(literal.end))
    }
}

/// A literal that stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    /// The literal, by its index in the prefilter.
    pub(crate) literal: u32,
    /// Where it starts.
    pub(crate) at: usize,
}

/// A literal, once however many anchors want it.
#[derive(Debug)]
pub(crate) struct Literal {
    case: Case,
    bytes: Vec<u8>,
    /// In companies: those of the first company first.
    wanted_by: Vec<Want>,
    companies: Vec<Company>,
}

/// Anchors that want the same literal and are tried together first: where none of them can match, one try tells.
#[derive(Debug)]
pub(crate) struct Company {
    /// Its number in the prefilter.
    pub(crate) number: usize,
    /// Which of the literal's anchors.
    pub(crate) members: std::ops::Range<usize>,
    pub(crate) half: Half,
}

/// A smaller company is not worth a try of its own.
const SMALLEST_COMPANY: usize = 3;

impl Literal {
    /// The anchors that want it.
    pub(crate) fn wanted_by(&self) -> &[Want] {
        &self.wanted_by
    }

    /// Those of them that are tried together.
    pub(crate) fn companies(&self) -> &[Company] {
        &self.companies
    }

    /// How long it is.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Sorts the anchors into companies.
    fn gather(&mut self, anchors: &[RuleAnchor], number: &mut usize) {
        let quick = |want: &Want| anchors.get(want.anchor as usize).and_then(RuleAnchor::quick);
        let rank = |want: &Want| match quick(want).map(Half::way) {
            Some(Way::Backwards) => 0,
            Some(Way::Forwards) => 1,
            None => 2,
        };
        self.wanted_by.sort_by_key(rank);
        let mut from = 0;
        for alike in self.wanted_by.chunk_by(|a, b| rank(a) == rank(b)) {
            let members = from..from + alike.len();
            from = members.end;
            let Some(way) = alike.first().and_then(quick).map(Half::way) else { continue };
            if alike.len() >= SMALLEST_COMPANY {
                let half = Half::any_of(alike.iter().filter_map(quick), way);
                self.companies.push(Company { number: *number, members, half });
                *number += 1;
            }
        }
    }
}

/// Four bytes of a literal that make the search look closer.
#[derive(Debug, Clone, Copy)]
struct Gram {
    folded: u32,
    literal: u32,
    /// How far into the literal the four bytes stand.
    offset: u32,
}

/// The literals of many rules, ready to search for.
#[derive(Debug)]
pub(crate) struct Prefilter {
    bitmap: Box<[u64; WORDS]>,
    /// Where each slot's grams start; one more than there are slots.
    starts: Vec<u32>,
    grams: Vec<Gram>,
    literals: Vec<Literal>,
}

const SLOT_BITS: u32 = 12;

impl Prefilter {
    /// Prepares the search.
    pub(crate) fn new<'w>(wanted: impl Iterator<Item = &'w Wanted>, anchors: &[RuleAnchor]) -> Self {
        let mut bitmap = Box::new([0u64; WORDS]);
        let mut slots: Vec<Vec<Gram>> = vec![Vec::new(); 1 << SLOT_BITS];
        let mut literals = distinct(wanted);
        let mut companies = 0;
        for literal in &mut literals {
            literal.gather(anchors, &mut companies);
        }
        for (index, literal) in literals.iter().enumerate() {
            let Some((offset, gram)) = rarest_gram(&literal.bytes) else { continue };
            let key = hash(gram);
            if let Some(word) = bitmap.get_mut(key as usize >> 6) {
                *word |= 1 << (key & 63);
            }
            if let Some(slot) = slots.get_mut(key as usize >> (BITS - SLOT_BITS)) {
                slot.push(Gram { folded: gram, literal: narrow(index), offset: narrow(offset) });
            }
        }
        let mut starts = vec![0];
        let mut grams = Vec::with_capacity(literals.len());
        for slot in slots {
            grams.extend(slot);
            starts.push(narrow(grams.len()));
        }
        Self { bitmap, starts, grams, literals }
    }

    /// Appends every place in `text` where a literal stands, in order of the places of their rarest bytes. `places` is
    /// room to work in.
    pub(crate) fn find(&self, text: &[u8], places: &mut Vec<u32>, hits: &mut Vec<Hit>) {
        places.clear();
        vector::marks(&self.bitmap, text, places);
        for &place in &*places {
            self.verify(text, place as usize, hits);
        }
    }

    /// A literal.
    pub(crate) fn literal(&self, index: u32) -> Option<&Literal> {
        self.literals.get(index as usize)
    }

    /// Adds the literals whose rarest bytes stand at `at`.
    fn verify(&self, text: &[u8], at: usize, hits: &mut Vec<Hit>) {
        let Some(four) = text.get(at..).and_then(|rest| rest.first_chunk::<4>()) else { return };
        let gram = u32::from_le_bytes(*four) | FOLD;
        let key = hash(gram);
        let slot = key as usize >> (BITS - SLOT_BITS);
        let (Some(&from), Some(&to)) = (self.starts.get(slot), self.starts.get(slot + 1)) else { return };
        for candidate in self.grams.get(from as usize..to as usize).unwrap_or_default() {
            if candidate.folded != gram {
                continue;
            }
            let Some(literal) = self.literals.get(candidate.literal as usize) else { continue };
            let Some(start) = at.checked_sub(candidate.offset as usize) else { continue };
            let Some(there) = text.get(start..start + literal.bytes.len()) else { continue };
            let equal = match literal.case {
                Case::Sensitive => there == literal.bytes,
                Case::Insensitive => there.eq_ignore_ascii_case(&literal.bytes),
            };
            if equal {
                hits.push(Hit { literal: candidate.literal, at: start });
            }
        }
    }
}

/// Each text once, with all that want it, in an order that does not depend on the rules'.
fn distinct<'w>(wanted: impl Iterator<Item = &'w Wanted>) -> Vec<Literal> {
    let mut known: BTreeMap<_, Vec<Want>> = BTreeMap::new();
    for Wanted { anchor, beside, case, text } in wanted {
        let bytes = match case {
            Case::Sensitive => text.clone(),
            Case::Insensitive => text.to_ascii_lowercase(),
        };
        let wanted_by = known.entry((*case, bytes)).or_default();
        if wanted_by.last().is_none_or(|last| last.anchor != *anchor) {
            wanted_by.push(Want { anchor: *anchor, beside: *beside });
        }
    }
    known
        .into_iter()
        .map(|((case, bytes), wanted_by)| Literal { case, bytes, wanted_by, companies: Vec::new() })
        .collect()
}

/// Counts of rules and literals fit 32 bits.
fn narrow(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// The four bytes of a literal that occur least often in agent traffic, with their offset, folded.
fn rarest_gram(literal: &[u8]) -> Option<(usize, u32)> {
    literal
        .array_windows::<4>()
        .map(|four| u32::from_le_bytes(*four) | FOLD)
        .enumerate()
        .min_by_key(|(_, gram)| commonness(*gram))
}

/// log2 counts, times eight, of folded grams in 42 MB of agent sessions, web pages, tool definitions and logs, by
/// the gram's hash. The example `gram_counts` of the corpus crate writes it.
const GRAMS: &[u8; 1 << GRAM_BITS] = include_bytes!("grams.bin");

const GRAM_BITS: u32 = 16;

fn commonness(gram: u32) -> u8 {
    GRAMS.get(hash(gram) as usize >> (BITS - GRAM_BITS)).copied().unwrap_or(u8::MAX)
}

/// How many megabytes of traffic the grams were counted in.
pub(crate) const EXPECTED_IN: f64 = 42.0;

/// How often a literal is expected in the traffic that the grams were counted in, at the most.
pub(crate) fn expected_hits(literal: &[u8]) -> f64 {
    rarest_gram(literal).map_or(f64::INFINITY, |(_, gram)| (f64::from(commonness(gram)) / 8.0).exp2())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(anchor: u32, case: Case, text: &str) -> Wanted {
        Wanted { anchor, beside: [Beside::ANYTHING; 2], case, text: text.as_bytes().to_vec() }
    }

    #[test]
    fn literals_are_found_at_every_place_and_in_their_own_case() {
        let wanted = [
            wanted(0, Case::Sensitive, "ghp_"),
            wanted(1, Case::Insensitive, "Disregard"),
            wanted(2, Case::Sensitive, "指示を"),
            wanted(3, Case::Insensitive, "disregard"),
        ];
        let prefilter = Prefilter::new(wanted.iter(), &[]);
        let text = "ghp_ GHP_ disREGARD xghp_ 前の指示を".as_bytes();
        let mut hits = Vec::new();
        prefilter.find(text, &mut Vec::new(), &mut hits);
        let anchors = |hit: &Hit| {
            prefilter.literals[hit.literal as usize].wanted_by.iter().map(|want| want.anchor).collect()
        };
        let places: Vec<(Vec<u32>, usize)> = hits.iter().map(|hit| (anchors(hit), hit.at)).collect();
        assert_eq!(places, [(vec![0], 0), (vec![1, 3], 10), (vec![0], 21), (vec![2], 32)]);
    }

    #[test]
    fn a_literal_is_found_at_both_ends_of_a_text() {
        let prefilter = Prefilter::new([wanted(0, Case::Sensitive, "-----BEGIN")].iter(), &[]);
        for text in [&b"-----BEGIN"[..], b"x-----BEGIN", b"-----BEGINx", b"-----BEGI", b"", b"abc"] {
            let mut hits = Vec::new();
            prefilter.find(text, &mut Vec::new(), &mut hits);
            let there = memchr::memmem::find(text, b"-----BEGIN").is_some();
            assert_eq!(hits.len(), usize::from(there));
        }
    }
}
