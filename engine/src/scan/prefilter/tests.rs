//! Every literal is found wherever it stands and may be wanted.

use coldcase_model::ViewKind;

use super::*;
use crate::pack::{Sets, word_starts};

fn wanted(anchor: u32, case: Case, text: &str) -> Wanted {
    Wanted { anchor, starts_word: false, case, sets: Sets::FIRST, text: text.as_bytes().to_vec() }
}

fn found(prefilter: &Prefilter, text: &[u8]) -> Vec<Hit> {
    let mut looked = crate::view::Hints::default();
    looked.find(text, std::iter::once(0));
    let mut hits = Vec::new();
    prefilter.find(text, Span::new(0, text.len()), looked.words(), &mut Vec::new(), &mut hits);
    hits
}

#[test]
fn literals_are_found_at_every_place_and_in_their_own_case() {
    let wanted = [
        wanted(0, Case::Sensitive, "ghp_"),
        wanted(1, Case::Insensitive, "Disregard"),
        wanted(2, Case::Sensitive, "指示を"),
        wanted(3, Case::Insensitive, "disregard"),
    ];
    let prefilter = Prefilter::new(&Texts::new(wanted.iter()), |_| true);
    let text = "ghp_ GHP_ disREGARD xghp_ 前の指示を".as_bytes();
    let hits = found(&prefilter, text);
    let anchors = |hit: &Hit| prefilter.literals[hit.literal as usize].wanted_by.clone();
    let places: Vec<(Vec<u32>, usize)> = hits.iter().map(|hit| (anchors(hit), hit.at)).collect();
    assert_eq!(places, [(vec![0], 0), (vec![1, 3], 10), (vec![0], 21), (vec![2], 32)]);
}

#[test]
fn a_literal_is_found_at_both_ends_of_a_text() {
    let prefilter = Prefilter::new(&Texts::new([wanted(0, Case::Sensitive, "-----BEGIN")].iter()), |_| true);
    for text in [&b"-----BEGIN"[..], b"x-----BEGIN", b"-----BEGINx", b"-----BEGI", b"", b"abc"] {
        let hits = found(&prefilter, text);
        let there = memchr::memmem::find(text, b"-----BEGIN").is_some();
        assert_eq!(hits.len(), usize::from(there));
    }
}

/// Whether a literal is looked for as the start of a word, as what is wanted says.
fn starts_word(literal: &Literal, wanted: &[Wanted]) -> bool {
    match literal.turned {
        None => literal.wanted_by.iter().all(|anchor| wanted[*anchor as usize].starts_word),
        Some(ViewKind::Rot13) => {
            let mut plain = Vec::new();
            crate::view::decode(ViewKind::Rot13, &literal.bytes, &mut plain, |_, _| {});
            wanted.iter().any(|wanted| wanted.is(&plain) && wanted.starts_word)
        }
        Some(_) => false,
    }
}

proptest::proptest! {
    #[test]
    fn literals_are_found_wherever_they_are_wanted(
        picks in proptest::collection::vec(0usize..TEXTS.len() + FILL.len(), 0..40),
        from in 0usize..30,
        cut in 0usize..30,
    ) {
        let pieces = picks.iter().map(|pick| TEXTS.get(*pick).or(FILL.get(pick % FILL.len())).expect("a piece"));
        let text: Vec<u8> = pieces.flat_map(|piece| piece.bytes()).collect();
        let wanted: Vec<Wanted> = (0..).zip(TEXTS).map(|(anchor, text)| Wanted {
            starts_word: anchor % 2 == 0,
            ..wanted(anchor, if anchor % 3 == 0 { Case::Sensitive } else { Case::Insensitive }, text)
        }).collect();
        let prefilter = Prefilter::new(&Texts::new(wanted.iter()), |_| true);
        let stretch = Span::new(from.min(text.len()), text.len().saturating_sub(cut).max(from.min(text.len())));
        let mut looked = crate::view::Hints::default();
        looked.find(&text, std::iter::once(0));
        let mut hits = Vec::new();
        prefilter.find(&text, stretch, looked.words(), &mut Vec::new(), &mut hits);
        for (index, literal) in (0..).zip(&prefilter.literals) {
            for at in stretch.start..stretch.end {
                let there = text.get(at..at + literal.len()).filter(|_| at + literal.len() <= stretch.end);
                let stands = there.is_some_and(|there| match literal.case {
                    Case::Sensitive => there == &*literal.bytes,
                    Case::Insensitive => there.eq_ignore_ascii_case(&literal.bytes),
                });
                let starts = looked.words()[at / 64] >> (at % 64) & 1 != 0;
                let is_hit = hits.contains(&Hit { at, literal: index });
                proptest::prop_assert!(stands || !is_hit);
                // A turned form without a sure start is looked for where it starts a word, and so is what does anyway.
                let is_sure = word_starts(&literal.bytes, false).any(|offset| offset + 4 <= literal.len());
                let by_start = starts_word(literal, &wanted) || literal.turned.is_some() && !is_sure;
                proptest::prop_assert!(!stands || is_hit || by_start && !starts, "{:?} at {}", literal, at);
            }
        }
    }
}

const TEXTS: [&str; 14] = [
    "ignore",
    "all of",
    "ghp_",
    "AKIA",
    "-----BEGIN",
    "指示を",
    "system prompt",
    "\\ntell",
    "_key=",
    "xyzzy",
    "mess",
    "the system",
    "http://",
    "a\u{e9}b1",
];
const FILL: [&str; 12] =
    [" ", "x", "\\n", "\\", "\n", "Ignore", "IGNORE", "ing", "1", ".", "é", "lorem ipsum dolor sit amet "];
