//! Prints of a text: hashes of the 24 letters and digits from where some words start, so that a passage has the same prints
//! wherever it is quoted.
//!
//! Only letters, digits and bytes beyond ASCII count, letters in either case: quoting, escaping and markup leave most prints
//! as they are. Which words are taken is told by their first eight bytes, so that the content chooses: about one place in 50
//! of a short text, and in longer ones only some of these, so that a page costs little and what is taken of it is taken of
//! each quotation too. Left out: passages that were translated or said in other words, and short ones by chance: of prose
//! in short texts, two prints take about a hundred letters.

use coldcase_model::Span;

use crate::view::Landmarks;

/// How many letters a print stands for.
pub(crate) const LETTERS: u32 = 24;
/// How many bytes a print may take, so that text without letters costs little.
const MOST_BYTES: usize = 64;
/// How many low bits of a word's hash must be clear: up to this many bytes of text, this many bits.
const DENSITY: [(usize, u32); 3] = [(4 << 10, 1), (64 << 10, 3), (usize::MAX, 5)];
/// The same of what the agent's actions write: tools answer with a stretch of what was written, which has more prints than the
/// whole, and would be taken for the tool's.
const DENSITY_OF_OWN: [(usize, u32); 2] = [(64 << 10, 1), (usize::MAX, 3)];

/// A print and where it starts, in bytes from the event's first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Print {
    pub(crate) hash: u64,
    pub(crate) at: u32,
}

/// What each byte adds to a hash; 0 for bytes that do not count.
static ADDS: [u64; 256] = adds();
/// How far each byte turns the hash; 0 for bytes that do not count, so that they leave no trace.
static TURNS: [u8; 256] = turns();
const TURN: u8 = 5;

const fn counts(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

#[expect(clippy::indexing_slicing, reason = "evaluated at compile time: a bad index would not build")]
const fn turns() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    loop {
        table[byte as usize] = if counts(byte) { TURN } else { 0 };
        if byte == u8::MAX {
            return table;
        }
        byte += 1;
    }
}

#[expect(clippy::indexing_slicing, reason = "evaluated at compile time: a bad index would not build")]
const fn adds() -> [u64; 256] {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    loop {
        table[byte as usize] = if counts(byte) { mixed(byte.to_ascii_lowercase() as u64 + 1) } else { 0 };
        if byte == u8::MAX {
            return table;
        }
        byte += 1;
    }
}

/// Spreads a number over 64 bits: the finish of splitmix64.
pub(crate) const fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

/// Adds the prints of a stretch of a text, `most` in all at the most; `own` says that an action writes it. Gives how many of its bytes were not looked at.
pub(crate) fn add(
    text: &[u8],
    span: Span,
    landmarks: &Landmarks,
    (most, own): (usize, bool),
    prints: &mut Vec<Print>,
) -> u64 {
    let density: &[(usize, u32)] = if own { &DENSITY_OF_OWN } else { &DENSITY };
    let bits = density.iter().find(|(bytes, _)| span.len() <= *bytes).map_or(0, |(_, bits)| *bits);
    for place in landmarks.anchors(span) {
        let rest = Span::new(place, span.end).of(text);
        if !is_chosen(rest, bits) {
            continue;
        }
        let Some(hash) = print(rest) else { continue };
        if prints.len() >= most {
            return span.end.saturating_sub(place) as u64;
        }
        // Readers cut records long before 4 GiB.
        prints.push(Print { hash, at: u32::try_from(place).unwrap_or(u32::MAX) });
    }
    0
}

/// Whether the word at the start of a text is one of those that are taken: by its letters, either case, and those after it.
#[inline]
fn is_chosen(rest: &[u8], bits: u32) -> bool {
    let Some(eight) = rest.first_chunk::<8>() else { return false };
    let eight = u64::from_le_bytes(*eight);
    // All bits of a byte that is a letter, none of others.
    let letters = (eight & 0x4040_4040_4040_4040) >> 6;
    let letters = (letters << 8).wrapping_sub(letters);
    let folded = (eight | 0x2020_2020_2020_2020) & letters;
    let hash = folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    hash & ((1 << bits) - 1) == 0
}

/// The print at the start of a text; `None` where it is too short, or letters are too few.
#[inline]
fn print(rest: &[u8]) -> Option<u64> {
    let (mut hash, mut turned) = (0_u64, 0_u32);
    for &byte in rest.iter().take(MOST_BYTES) {
        let at = usize::from(byte);
        // The tables have all bytes; `get` with a byte costs no check.
        let (Some(&turn), Some(&add)) = (TURNS.get(at), ADDS.get(at)) else { continue };
        hash = hash.rotate_left(u32::from(turn)).wrapping_add(add);
        turned += u32::from(turn);
        if turned == LETTERS * u32::from(TURN) {
            return Some(mixed(hash));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::view::Hints;

    fn landmarks(text: &[u8]) -> Landmarks {
        let (mut hints, mut landmarks) = (Hints::default(), Landmarks::default());
        hints.find(text, std::iter::once(0));
        hints.swap_landmarks(&mut landmarks);
        landmarks
    }

    fn of(text: &[u8]) -> Vec<Print> {
        let mut prints = Vec::new();
        let whole = Span::new(0, text.len());
        assert_eq!(add(text, whole, &landmarks(text), (usize::MAX, false), &mut prints), 0);
        prints
    }

    fn hashes(text: &[u8]) -> HashSet<u64> {
        of(text).into_iter().map(|print| print.hash).collect()
    }

    /// Words of three to ten letters.
    fn prose(words: u64) -> String {
        let letter = |n: u64| char::from(b'a' + (mixed(n) % 26) as u8);
        let word = |w: u64| (0..3 + mixed(w) % 8).map(|n| letter(w * 16 + n)).collect::<String>() + " ";
        (0..words).map(word).collect()
    }

    #[test]
    fn fewer_places_of_longer_texts_are_taken_and_they_are_the_same() {
        let long = prose(30_000);
        let every = |text: &str| text.len() / of(text.as_bytes()).len();
        let (short, middle) = (long.split_at(4000).0, long.split_at(60_000).0);
        let each = [every(short), every(middle), every(&long)];
        assert!((40..120).contains(&each[0]), "{each:?}");
        assert!((150..500).contains(&each[1]), "{each:?}");
        assert!((600..2000).contains(&each[2]), "{each:?}");
        // What is taken of a long text is taken of a quotation.
        for print in of(long.as_bytes()) {
            let at = print.at as usize;
            let quotation = &long.as_bytes()[at.saturating_sub(100)..(at + 100).min(long.len())];
            assert!(hashes(quotation).contains(&print.hash));
        }
    }

    #[test]
    fn of_what_the_agent_writes_every_quotation_has_only_prints_that_are_known() {
        let long = prose(5000);
        let mut prints = Vec::new();
        let whole = Span::new(0, long.len());
        add(long.as_bytes(), whole, &landmarks(long.as_bytes()), (usize::MAX, true), &mut prints);
        let own: HashSet<u64> = prints.into_iter().map(|print| print.hash).collect();
        let (_, quotation) = long.split_at(9000).0.split_at(7000).1.split_once(' ').expect("words");
        let quoted = hashes(quotation.as_bytes());
        assert!(quoted.len() > 10 && quoted.is_subset(&own));
        assert!(!quoted.is_subset(&hashes(long.as_bytes())), "else there is no need");
    }

    #[test]
    fn what_stands_between_words_does_not_change_prints() {
        let text =
            "Quarterly report: revenue rose in all regions but one, where a depot burnt down. ".repeat(3);
        let quoted = text.to_uppercase().replace(". ", ".\n> **");
        assert!(hashes(text.as_bytes()).len() > 1);
        assert_eq!(hashes(text.as_bytes()), hashes(quoted.as_bytes()));
    }

    #[test]
    fn text_of_one_letter_or_of_none_has_few() {
        assert!(hashes(&b"a ".repeat(5000)).len() <= 1);
        assert!(of(&b"- ".repeat(5000)).is_empty());
        assert!(
            of(b"be ...............................................................................")
                .is_empty()
        );
    }

    #[test]
    fn what_is_beyond_the_most_is_counted() {
        let text = prose(500);
        let mut prints = Vec::new();
        let whole = Span::new(0, text.len());
        let beyond = add(text.as_bytes(), whole, &landmarks(text.as_bytes()), (3, false), &mut prints);
        assert_eq!(prints.len(), 3);
        assert!(beyond > 1_000 && beyond < text.len() as u64, "{beyond}");
    }

    proptest! {
        #[test]
        fn a_passage_has_the_same_prints_in_any_text_of_its_size(
            before in "[a-z ]{0,80}", passage in "[a-z ]{60,400}", after in "[a-z ]{0,80}",
        ) {
            let whole = hashes(format!("{before}. {passage} {after}").as_bytes());
            prop_assert!(hashes(passage.as_bytes()).is_subset(&whole));
        }
    }
}
