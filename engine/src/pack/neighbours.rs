//! Which words can stand next to a text in a match of its pattern, two on either side.
//!
//! Nearly all hits of everyday words are told from these, without a step of an automaton: a set of words is a few bits of
//! a hash of their first letters. The sets are never too small; what a pattern leaves open, or takes too many steps to
//! work out, is every word. Reading goes outwards from the text, so that before it a word's first letters are its last.

use regex_syntax::hir::{Class, Hir, Look};

use super::slack::Side;
use super::ways::{Reads, ascii, is_boundary, walk};
use super::word_reader::{Reader, Way, Word};

/// How many words on each side are told apart.
pub(crate) const WORDS: usize = 2;
/// How many steps the words beside one text may take to work out.
const MAX_STEPS: usize = 600;
/// A class of more letters than this stands for every word.
const MAX_LETTERS: usize = 12;

/// A set of words, by a hash of their first letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WordSet([u64; 4]);

impl WordSet {
    pub(crate) const ANY: Self = Self([u64::MAX; 4]);
    const NONE: Self = Self([0; 4]);

    fn insert(&mut self, word: Word) {
        let hash = word.hash();
        if let Some(bits) = self.0.get_mut(usize::from(hash >> 6)) {
            *bits |= 1 << (hash & 63);
        }
    }

    /// Whether it may hold a word of this hash.
    pub(crate) fn may_hold(&self, hash: u8) -> bool {
        self.0.get(usize::from(hash >> 6)).is_none_or(|bits| bits >> (hash & 63) & 1 != 0)
    }
}

/// The words that can stand beyond one end of a text, the nearest first.
pub(crate) type Neighbours = [WordSet; WORDS];

/// The words beside a text of which a match has `hir` on that side; after it `hir` begins with the text itself.
pub(super) fn neighbours(hir: &Hir, side: Side, text: &[u8]) -> Neighbours {
    let (way, eaten) = match side {
        Side::First => (Way::Forwards, 0),
        Side::Last => (Way::Backwards, text.len()),
    };
    if !text.is_ascii() {
        return [WordSet::ANY; WORDS];
    }
    let mut words = Words { text, way, sets: [WordSet::NONE; WORDS], has_eaten: false };
    let start = State { eaten, word: 0, reader: Reader::beyond(text, way) };
    let told = walk(hir, way, &mut words, start, MAX_STEPS) && words.has_eaten;
    if told { words.sets } else { [WordSet::ANY; WORDS] }
}

/// Where a walk through a pattern stands, beside the place in the pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct State {
    /// How much of the text itself is behind.
    eaten: usize,
    /// Which word is read.
    word: usize,
    reader: Reader,
}

/// Gathers the words beyond a text.
struct Words<'t> {
    text: &'t [u8],
    way: Way,
    sets: Neighbours,
    /// Whether any way led past the text.
    has_eaten: bool,
}

impl Reads for Words<'_> {
    type State = State;

    fn goes_on(&mut self, state: State) -> bool {
        self.has_eaten |= state.eaten == self.text.len();
        state.word < WORDS
    }

    fn look(&mut self, look: Look, state: State) -> State {
        if is_boundary(look) { self.at_boundary(state) } else { state }
    }

    fn literal(&mut self, bytes: &[u8], mut state: State) -> Option<State> {
        for number in 0..bytes.len() {
            let index = if self.way == Way::Forwards { number } else { bytes.len() - 1 - number };
            state = self.fed(state, *bytes.get(index)?)?;
        }
        Some(state)
    }

    fn class(&mut self, class: &Class, state: State, tell: &mut dyn FnMut(State)) {
        let (mut has, beyond) = ascii(class);
        if let Some(&wanted) = self.text.get(state.eaten) {
            let either = [wanted.to_ascii_lowercase(), wanted.to_ascii_uppercase()];
            if either.into_iter().any(|byte| has.contains(&byte)) {
                tell(State { eaten: state.eaten + 1, ..state });
            }
            return;
        }
        if beyond {
            has.push(0x80);
        }
        let mut bytes: Vec<u8> = has.iter().map(|byte| state.reader.representative(*byte)).collect();
        bytes.sort_unstable();
        bytes.dedup();
        if bytes.iter().filter(|byte| state.reader.tells(**byte)).count() > MAX_LETTERS {
            // Some word, whichever.
            bytes.retain(|byte| !state.reader.tells(*byte));
            if let Some(set) = self.sets.get_mut(state.word) {
                *set = WordSet::ANY;
            }
            tell(State { word: state.word + 1, reader: Reader::INSIDE, ..state });
        }
        for byte in bytes {
            if let Some(after) = self.fed(state, byte) {
                tell(after);
            }
        }
    }

    /// Behind the pattern anything may stand.
    fn end(&mut self, state: State) {
        if state.eaten == self.text.len() {
            self.sets.iter_mut().skip(state.word).for_each(|set| *set = WordSet::ANY);
        }
    }
}

impl Words<'_> {
    /// The state after a byte; `None` where no match has it.
    fn fed(&mut self, mut state: State, byte: u8) -> Option<State> {
        if let Some(wanted) = self.text.get(state.eaten) {
            state.eaten += 1;
            return wanted.eq_ignore_ascii_case(&byte).then_some(state);
        }
        if let Some(word) = state.reader.push(byte, self.way) {
            self.tell(state.word, word);
            state.word += 1;
        }
        Some(state)
    }

    /// A word that is being read ends at a boundary.
    fn at_boundary(&mut self, mut state: State) -> State {
        if state.eaten == self.text.len()
            && let Some(word) = state.reader.finish()
        {
            self.tell(state.word, word);
            state.word += 1;
            state.reader = Reader::INSIDE;
        }
        state
    }

    fn tell(&mut self, number: usize, word: Word) {
        if let Some(set) = self.sets.get_mut(number) {
            set.insert(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a text's neighbours in a pattern may be these words.
    fn may_hold(pattern: &str, side: Side, text: &str, words: [&str; WORDS]) -> [bool; WORDS] {
        let hir = regex_syntax::ParserBuilder::new().utf8(false).build().parse(pattern).expect("valid");
        let sets = neighbours(&hir, side, text.as_bytes());
        let way = if side == Side::First { Way::Forwards } else { Way::Backwards };
        std::array::from_fn(|number| {
            let word: Vec<u8> = match way {
                Way::Forwards => words[number].bytes().collect(),
                Way::Backwards => words[number].bytes().rev().collect(),
            };
            let mut reader = Reader::beyond(b" ", way);
            let told = word.iter().find_map(|byte| reader.push(*byte, way)).or_else(|| reader.finish());
            sets[number].may_hold(told.expect("a word").hash())
        })
    }

    #[test]
    fn words_after_a_text_are_told() {
        let pattern = r"ignore\s+(?:all|every|it\b)[\s,]+(?:of\s+)?(?:rules|orders)\b";
        let after = |words| may_hold(pattern, Side::First, "ignore", words);
        assert_eq!(after(["all", "rules"]), [true, true]);
        assert_eq!(after(["EVERY", "of"]), [true, true]);
        assert_eq!(after(["it", "orders"]), [true, true]);
        assert_eq!(after(["dogs", "weather"]), [false, false]);
    }

    #[test]
    fn words_before_a_text_are_told_nearest_first() {
        let before = |words| may_hold(r"\b(?:please|kindly)\s+(?:do\s+)?not\s+", Side::Last, "tell", words);
        assert_eq!(before(["not", "please"]), [true, true]);
        assert_eq!(before(["not", "do"]), [true, true]);
        assert_eq!(before(["please", "weather"]), [false, false]);
    }

    #[test]
    fn what_a_pattern_leaves_open_is_any_word() {
        let after = |pattern, words| may_hold(pattern, Side::First, "run", words);
        assert_eq!(after(r"run\s+[a-z]+\s+now", ["zebra", "now"]), [true, true]);
        assert_eq!(after(r"run\s+[a-z]+\s+now", ["zebra", "later"]), [true, false]);
        assert_eq!(after(r"run\s+[^.]*now", ["zebra", "quagga"]), [true, true]);
        assert_eq!(after(r"run(?:\s+it)?", ["zebra", "quagga"]), [true, true], "the pattern may end");
        assert_eq!(
            after(r"(?:running|sprint)\s+now", ["now", "zebra"]),
            [true, true],
            "the text's own word goes on"
        );
        assert_eq!(after(r"(?:running|run)\s+now\s", ["zebra", "now"]), [false, true]);
    }

    #[test]
    fn the_letter_of_an_escape_belongs_to_no_word() {
        let pattern = r"run(?:\s|\\[nrt])+(?:all|now)\b.";
        let set = may_hold(pattern, Side::First, "run", ["all", "x"]);
        assert!(set[0]);
        let mut reader = Reader::beyond(b"run", Way::Forwards);
        let told = b"\\nall".iter().find_map(|byte| reader.push(*byte, Way::Forwards));
        let mut plain = Reader::beyond(b"run", Way::Forwards);
        assert_eq!(told, b" all".iter().find_map(|byte| plain.push(*byte, Way::Forwards)));
    }
}
