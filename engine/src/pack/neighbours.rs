//! Which words can stand next to a text in a match of its pattern, two on either side.
//!
//! Nearly all hits of everyday words are told from these, without a step of an automaton: a set of words is a few bits of
//! a hash of their first letters. The sets are never too small; what a pattern leaves open, or takes too many steps to
//! work out, is every word. Reading goes outwards from the text, so that before it a word's first letters are its last.

use std::collections::{HashMap, HashSet};

use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::beside::Side;
use super::word_reader::{Reader, Way, Word};

/// How many words on each side are told apart.
pub(crate) const WORDS: usize = 2;
/// How many steps the words beside one text may take to work out.
const MAX_STEPS: usize = 3000;
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
        known: HashMap::new(),
        seen: HashSet::new(),
        to_do: Vec::new(),
        sets: [WordSet::NONE; WORDS],
        has_eaten: false,
    };
    let start = walk.node(Piece::Once(hir), END);
    walk.push(start, State { eaten, word: 0, reader: Reader::beyond(text, way) });
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
#[derive(Debug, Clone, Copy)]
enum Piece<'h> {
    Once(&'h Hir),
    /// Further rounds of a repetition.
    Again(&'h Hir),
}

/// The place behind the whole pattern.
const END: usize = usize::MAX;

struct Walk<'h> {
    text: &'h [u8],
    way: Way,
    nodes: Vec<(Piece<'h>, usize)>,
    known: HashMap<(*const Hir, bool, usize), usize>,
    seen: HashSet<(usize, State)>,
    to_do: Vec<(usize, State)>,
    sets: Neighbours,
    /// Whether any way led past the text.
    has_eaten: bool,
}

impl<'h> Walk<'h> {
    /// Walks all ways; whether it came to an end that tells something.
    fn run(&mut self) -> bool {
        let mut left = MAX_STEPS;
        while let Some((place, state)) = self.to_do.pop() {
            let Some(fewer) = left.checked_sub(1) else { return false };
            left = fewer;
            match self.nodes.get(place).copied() {
                Some((piece, next)) => self.step(piece, place, next, state),
                None => self.end(state),
            }
        }
        self.has_eaten
    }

    fn node(&mut self, piece: Piece<'h>, next: usize) -> usize {
        let (hir, again) = match piece {
            Piece::Once(hir) => (hir, false),
            Piece::Again(hir) => (hir, true),
        };
        *self.known.entry((std::ptr::from_ref(hir), again, next)).or_insert_with(|| {
            self.nodes.push((piece, next));
            self.nodes.len() - 1
        })
    }

    fn push(&mut self, place: usize, state: State) {
        self.has_eaten |= state.eaten == self.text.len();
        if state.word < WORDS && self.seen.insert((place, state)) {
            self.to_do.push((place, state));
        }
    }

    fn step(&mut self, piece: Piece<'h>, place: usize, next: usize, state: State) {
        let (hir, again) = match piece {
            Piece::Once(hir) => (hir, false),
            Piece::Again(hir) => (hir, true),
        };
        match hir.kind() {
            HirKind::Empty => self.push(next, state),
            HirKind::Look(look) => {
                let state = if is_boundary(*look) { self.at_boundary(state) } else { state };
                self.push(next, state);
            }
            HirKind::Literal(literal) => self.literal(&literal.0, next, state),
            HirKind::Class(class) => self.class(class, next, state),
            HirKind::Capture(capture) => {
                let sub = self.node(Piece::Once(&capture.sub), next);
                self.push(sub, state);
            }
            HirKind::Concat(parts) => {
                let mut place = next;
                for number in 0..parts.len() {
                    let index = if self.way == Way::Forwards { parts.len() - 1 - number } else { number };
                    if let Some(part) = parts.get(index) {
                        place = self.node(Piece::Once(part), place);
                    }
                }
                self.push(place, state);
            }
            HirKind::Alternation(branches) => {
                for branch in branches {
                    let branch = self.node(Piece::Once(branch), next);
                    self.push(branch, state);
                }
            }
            HirKind::Repetition(repetition) => {
                if repetition.min == 0 || again {
                    self.push(next, state);
                }
                let then = match repetition.max {
                    Some(0) => return self.push(next, state),
                    Some(1) => next,
                    _ if again => place,
                    _ => self.node(Piece::Again(hir), next),
                };
                let sub = self.node(Piece::Once(&repetition.sub), then);
                self.push(sub, state);
            }
        }
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
