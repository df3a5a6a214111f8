//! Which words can stand next to a text in a match of its pattern, two on either side.
//!
//! Nearly all hits of everyday words are told from these, without a step of an automaton: a set of words is a few bits of
//! a hash of their first letters. The sets are never too small; what a pattern leaves open, or takes too many steps to
//! work out, is every word. Reading goes outwards from the text, so that before it a word's first letters are its last.

use regex_syntax::hir::{Class, Hir, HirKind, Look};
use rustc_hash::FxHashSet;

use super::beside::Side;
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
    let mut walk = Walk {
        text,
        way,
        nodes: Vec::new(),
        seen: FxHashSet::default(),
        to_do: Vec::new(),
        sets: [WordSet::NONE; WORDS],
        has_eaten: false,
    };
    walk.nodes.push(Node::new(hir, END));
    walk.push(0, State { eaten, word: 0, reader: Reader::beyond(text, way) });
    if walk.run() { walk.sets } else { [WordSet::ANY; WORDS] }
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

/// A place in a pattern: a piece, then what follows it.
#[derive(Debug)]
struct Node<'h> {
    hir: &'h Hir,
    /// Whether it stands for further rounds of a repetition.
    again: bool,
    next: usize,
    /// The first of the places within the piece, once it was reached.
    within: Option<usize>,
}

impl<'h> Node<'h> {
    const fn new(hir: &'h Hir, next: usize) -> Self {
        Self { hir, again: false, next, within: None }
    }
}

/// The place behind the whole pattern.
const END: usize = usize::MAX;

struct Walk<'h> {
    text: &'h [u8],
    way: Way,
    nodes: Vec<Node<'h>>,
    seen: FxHashSet<(usize, State)>,
    to_do: Vec<(usize, State)>,
    sets: Neighbours,
    /// Whether any way led past the text.
    has_eaten: bool,
}

impl Walk<'_> {
    /// Walks all ways; whether it came to an end that tells something.
    fn run(&mut self) -> bool {
        let mut left = MAX_STEPS;
        while let Some((place, state)) = self.to_do.pop() {
            let Some(fewer) = left.checked_sub(1) else { return false };
            left = fewer;
            self.step(place, state);
        }
        self.has_eaten
    }

    fn push(&mut self, place: usize, state: State) {
        self.has_eaten |= state.eaten == self.text.len();
        if state.word == WORDS {
            return;
        }
        match self.nodes.get(place) {
            None => self.end(state),
            Some(_) => {
                if self.seen.insert((place, state)) {
                    self.to_do.push((place, state));
                }
            }
        }
    }

    fn step(&mut self, place: usize, state: State) {
        let Some(&Node { hir, again, next, .. }) = self.nodes.get(place) else { return };
        match hir.kind() {
            HirKind::Empty => self.push(next, state),
            HirKind::Look(look) => {
                let state = if is_boundary(*look) { self.at_boundary(state) } else { state };
                self.push(next, state);
            }
            HirKind::Literal(literal) => self.literal(&literal.0, next, state),
            HirKind::Class(class) => self.class(class, next, state),
            HirKind::Capture(_) | HirKind::Concat(_) => {
                let within = self.within(place);
                self.push(within, state);
            }
            HirKind::Alternation(branches) => {
                let within = self.within(place);
                (within..within + branches.len()).for_each(|branch| self.push(branch, state));
            }
            HirKind::Repetition(repetition) => {
                if repetition.min == 0 || again {
                    self.push(next, state);
                }
                if repetition.max != Some(0) {
                    let within = self.within(place);
                    self.push(within, state);
                }
            }
        }
    }

    /// The first of the places within a piece.
    fn within(&mut self, place: usize) -> usize {
        let first = self.nodes.len();
        let Some(node) = self.nodes.get_mut(place) else { return END };
        if let Some(within) = node.within {
            return within;
        }
        let (hir, again, next) = (node.hir, node.again, node.next);
        match hir.kind() {
            HirKind::Capture(capture) => self.nodes.push(Node::new(&capture.sub, next)),
            HirKind::Alternation(branches) => {
                self.nodes.extend(branches.iter().map(|branch| Node::new(branch, next)));
            }
            HirKind::Concat(parts) => {
                let link = |(number, part)| {
                    let last = number + 1 == parts.len();
                    Node::new(part, if last { next } else { first + number + 1 })
                };
                match self.way {
                    Way::Forwards => self.nodes.extend(parts.iter().enumerate().map(link)),
                    Way::Backwards => self.nodes.extend(parts.iter().rev().enumerate().map(link)),
                }
            }
            HirKind::Repetition(repetition) => match repetition.max {
                Some(..=1) => self.nodes.push(Node::new(&repetition.sub, next)),
                _ if again => self.nodes.push(Node::new(&repetition.sub, place)),
                _ => {
                    self.nodes.push(Node::new(&repetition.sub, first + 1));
                    self.nodes.push(Node { again: true, ..Node::new(hir, next) });
                }
            },
            HirKind::Empty | HirKind::Look(_) | HirKind::Literal(_) | HirKind::Class(_) => {}
        }
        if let Some(node) = self.nodes.get_mut(place) {
            node.within = Some(first);
        }
        first
    }

    fn literal(&mut self, bytes: &[u8], next: usize, mut state: State) {
        for number in 0..bytes.len() {
            let index = if self.way == Way::Forwards { number } else { bytes.len() - 1 - number };
            let Some(after) = bytes.get(index).and_then(|byte| self.fed(state, *byte)) else { return };
            state = after;
        }
        self.push(next, state);
    }

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

    fn class(&mut self, class: &Class, next: usize, state: State) {
        let (mut has, beyond) = ascii(class);
        if let Some(&wanted) = self.text.get(state.eaten) {
            let either = [wanted.to_ascii_lowercase(), wanted.to_ascii_uppercase()];
            if either.into_iter().any(|byte| has.contains(&byte)) {
                self.push(next, State { eaten: state.eaten + 1, ..state });
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
            self.push(next, State { word: state.word + 1, reader: Reader::INSIDE, ..state });
        }
        for byte in bytes {
            if let Some(after) = self.fed(state, byte) {
                self.push(next, after);
            }
        }
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

    /// Behind the pattern anything may stand.
    fn end(&mut self, state: State) {
        if state.eaten == self.text.len() {
            self.sets.iter_mut().skip(state.word).for_each(|set| *set = WordSet::ANY);
        }
    }
}

const fn is_boundary(look: Look) -> bool {
    matches!(look, Look::WordAscii | Look::WordUnicode | Look::WordEndAscii | Look::WordEndUnicode)
}

/// The ASCII bytes of a class, and whether it has others.
fn ascii(class: &Class) -> (Vec<u8>, bool) {
    let ascii = |start: u32, end: u32| (start..=end.min(0x7F)).filter_map(|c| u8::try_from(c).ok());
    match class {
        Class::Bytes(bytes) => (
            bytes.iter().flat_map(|range| ascii(range.start().into(), range.end().into())).collect(),
            bytes.iter().any(|range| !range.end().is_ascii()),
        ),
        Class::Unicode(chars) => (
            chars.iter().flat_map(|range| ascii(range.start().into(), range.end().into())).collect(),
            chars.iter().any(|range| !range.end().is_ascii()),
        ),
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
