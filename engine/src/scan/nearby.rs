//! The words round a literal in a text, read once for all anchors that want it, and held against what each of them can have
//! there. Decided by bytes near by alone, and the same for every text whatever was scanned before.

use coldcase_model::Span;

use super::hot::NEAR;
use crate::pack::{Neighbours, Reader, WORDS, Way, Word};

/// Hashes of the words before a literal and after it, the nearest first; `None` where bytes near by do not tell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Nearby([[Option<u8>; WORDS]; 2]);

impl Nearby {
    /// Reads the words round a literal. `readers` stand right before it and right after it.
    pub(super) fn read([before, after]: [Reader; 2], text: &[u8], literal: Span) -> Self {
        let from = literal.start.saturating_sub(NEAR);
        let to = literal.start.saturating_add(NEAR).min(text.len());
        let behind = Span::new(from, literal.start).of(text);
        let ahead = Span::new(literal.end.min(to), to).of(text);
        Self([
            words(before, behind.iter().rev(), Way::Backwards, from == 0),
            words(after, ahead.iter(), Way::Forwards, to == text.len()),
        ])
    }

    /// Whether an anchor that can have these words beside its text can have a match here.
    pub(super) fn fit(self, sets: &[Neighbours; 2]) -> bool {
        let mut pairs = sets.iter().flatten().zip(self.0.iter().flatten());
        pairs.all(|(set, word)| word.is_none_or(|hash| set.may_hold(hash)))
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
        *next = reader.finish().map(Word::hash);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words round `*` in a text, by which of `known` has their hash.
    fn nearby(text: &str) -> Nearby {
        let at = text.find('*').expect("a mark");
        let readers = [Way::Backwards, Way::Forwards].map(|way| Reader::beyond(b"*", way));
        Nearby::read(readers, text.as_bytes(), Span::new(at, at + 1))
    }

    #[test]
    fn words_are_told_on_both_sides_as_far_as_bytes_near_by_tell() {
        let Nearby([before, after]) = nearby("please do not * all of the rules");
        let Nearby([other_before, other_after]) = nearby("kindly DO,not(*) All; of it");
        assert_eq!((before, after), (other_before, other_after));
        assert!(before.iter().chain(&after).all(Option::is_some));
        let Nearby([none, one]) = nearby("* no");
        assert_eq!((none, one[1]), ([None, None], None));
        assert!(one[0].is_some(), "the text ends there");
        let Nearby([_, far]) = nearby(&format!("*{}word", " ".repeat(NEAR)));
        assert_eq!(far, [None, None]);
    }
}
