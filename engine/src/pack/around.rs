//! Which bytes can stand next to a text in a match of its pattern, a few on either side: most hits of everyday words are
//! told from these alone, by one line of memory for each anchor and before any automaton runs.
//!
//! The sets are never too small. Bytes are told apart by 64 codes: letters without their case, all bytes beyond ASCII alike,
//! control bytes as the signs thirty-two places on. Each place has a set by itself; what a pattern leaves open, or takes too
//! many steps to work out, is every byte. Look-around counts as matching anywhere, but for a word boundary right at the text.

use coldcase_model::Span;
use regex_syntax::hir::{Class, Hir, Look};

use super::slack::{Side, is_word};
use super::ways::{Reads, Way, ascii, is_boundary, walk};

/// How many bytes are told apart on either side.
const REACH: usize = 4;
/// How many steps the bytes beside one text may take to work out.
const MAX_STEPS: usize = 1000;
/// The code of all bytes beyond ASCII.
const FOREIGN: u64 = 1 << 63;
const ANY: u64 = u64::MAX;

/// A code of a byte, as a bit.
const fn code(byte: u8) -> u64 {
    if byte.is_ascii() { 1 << ((byte & 0x40) >> 1 | byte & 0x1F) } else { FOREIGN }
}

/// The codes that can stand round a text: the nearest before it first, then the nearest after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(align(64))]
pub(crate) struct Around([[u64; REACH]; 2]);

impl Around {
    /// What can stand round a text of which a match has `before` up to it, and `after` from it on.
    pub(super) fn new(before: &Hir, after: &Hir, text: &[u8]) -> Self {
        Self([codes(before, Side::Last, text), codes(after, Side::First, text)])
    }

    /// Anything can stand there.
    pub(crate) const ANYTHING: Self = Self([[ANY; REACH]; 2]);

    /// As bytes.
    pub(super) fn to_bytes(self) -> [u8; 64] {
        let mut bytes = [0; 64];
        let sets = self.0.as_flattened();
        bytes.as_chunks_mut().0.iter_mut().zip(sets).for_each(|(bytes, set)| *bytes = set.to_le_bytes());
        bytes
    }

    /// From those bytes.
    pub(super) fn from_bytes(bytes: &[u8; 64]) -> Self {
        let mut sets = [[0; REACH]; 2];
        let (bytes, _) = bytes.as_chunks();
        sets.as_flattened_mut()
            .iter_mut()
            .zip(bytes)
            .for_each(|(set, bytes)| *set = u64::from_le_bytes(*bytes));
        Self(sets)
    }

    /// Whether these bytes can.
    pub(crate) fn fits(&self, there: &There) -> bool {
        self.0.as_flattened().iter().zip(there.0.as_flattened()).all(|(can, there)| can & there != 0)
    }
}

/// The codes of the bytes that stand round a literal; beyond the edge of its text anything may follow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct There([[u64; REACH]; 2]);

impl There {
    /// Reads the bytes round a literal.
    pub(crate) fn read(text: &[u8], literal: Span) -> Self {
        let code = |at: Option<usize>| at.and_then(|at| text.get(at)).map_or(ANY, |byte| code(*byte));
        Self([
            std::array::from_fn(|distance| code(literal.start.checked_sub(distance + 1))),
            std::array::from_fn(|distance| code(Some(literal.end + distance))),
        ])
    }
}

/// The codes beyond one end of a text of which a match has `hir` on that side; after it `hir` begins with the text itself.
fn codes(hir: &Hir, side: Side, text: &[u8]) -> [u64; REACH] {
    let (way, eaten, edge) = match side {
        Side::First => (Way::Forwards, 0, text.last()),
        Side::Last => (Way::Backwards, text.len(), text.first()),
    };
    if !text.is_ascii() {
        return [ANY; REACH];
    }
    let mut codes = Codes {
        text,
        way,
        ends_word: edge.is_some_and(|byte| is_word(*byte)),
        sets: [0; REACH],
        has_eaten: false,
    };
    let start = State { eaten, depth: 0, bounded: false };
    let told = walk(hir, way, &mut codes, start, MAX_STEPS) && codes.has_eaten;
    if told { codes.sets } else { [ANY; REACH] }
}

/// Where a walk through a pattern stands, beside the place in the pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct State {
    /// How much of the text itself is behind.
    eaten: usize,
    /// How many bytes beyond the text.
    depth: usize,
    /// Whether a word must end with the text.
    bounded: bool,
}

/// Gathers the codes beyond a text.
struct Codes<'t> {
    text: &'t [u8],
    way: Way,
    /// Whether the text's edge is a word character.
    ends_word: bool,
    sets: [u64; REACH],
    /// Whether any way led past the text.
    has_eaten: bool,
}

impl Reads for Codes<'_> {
    type State = State;

    fn goes_on(&mut self, state: State) -> bool {
        self.has_eaten |= state.eaten == self.text.len();
        state.depth < REACH
    }

    fn look(&mut self, look: Look, state: State) -> State {
        let at_edge = state.eaten == self.text.len() && state.depth == 0 && self.ends_word;
        State { bounded: state.bounded || at_edge && is_boundary(look), ..state }
    }

    fn literal(&mut self, bytes: &[u8], mut state: State) -> Option<State> {
        for number in 0..bytes.len() {
            let index = if self.way == Way::Forwards { number } else { bytes.len() - 1 - number };
            let byte = *bytes.get(index)?;
            if let Some(wanted) = self.text.get(state.eaten) {
                if !wanted.eq_ignore_ascii_case(&byte) {
                    return None;
                }
                state.eaten += 1;
                continue;
            }
            if !byte.is_ascii() {
                // Its other case may be longer or shorter.
                self.open(state);
                return None;
            }
            state = self.read(code(byte), state)?;
        }
        Some(state)
    }

    fn class(&mut self, class: &Class, state: State, tell: &mut dyn FnMut(State)) {
        let (ascii, beyond) = ascii(class);
        if let Some(wanted) = self.text.get(state.eaten) {
            if ascii.iter().any(|byte| wanted.eq_ignore_ascii_case(byte)) {
                tell(State { eaten: state.eaten + 1, ..state });
            }
            return;
        }
        if let Some(after) = self.read(ascii.iter().fold(0, |codes, byte| codes | code(*byte)), state) {
            tell(after);
        }
        // A character beyond ASCII has two to four bytes; in a class of bytes one of them may be meant.
        let shortest = if matches!(class, Class::Bytes(_)) { 1 } else { 2 };
        let mut after = beyond.then_some(state);
        for len in 1..=4 {
            after = after.and_then(|state| self.read(FOREIGN, state));
            if let Some(state) = after.filter(|_| len >= shortest) {
                tell(state);
            }
        }
    }

    fn end(&mut self, state: State) {
        // Behind the pattern anything may stand, but no letter that goes on with a word.
        if state.eaten == self.text.len() {
            let open = self.sets.iter_mut().enumerate().skip(state.depth);
            open.for_each(|(depth, set)| *set |= if depth == 0 { allowed(state) } else { ANY });
        }
    }
}

impl Codes<'_> {
    /// The state after a byte that has one of these codes; `None` where none may stand there.
    fn read(&mut self, codes: u64, state: State) -> Option<State> {
        self.has_eaten = true;
        let codes = codes & allowed(state);
        let set = self.sets.get_mut(state.depth).filter(|_| codes != 0)?;
        *set |= codes;
        Some(State { depth: state.depth + 1, bounded: false, ..state })
    }

    /// From here on anything beyond ASCII, and anything behind it.
    fn open(&mut self, state: State) {
        if let Some(after) = self.read(FOREIGN, state) {
            self.sets.iter_mut().skip(after.depth).for_each(|set| *set = ANY);
        }
    }
}

/// The codes of the bytes that may be read next.
fn allowed(state: State) -> u64 {
    if state.bounded {
        (0..=u8::MAX).filter(|byte| !is_word(*byte)).fold(0, |codes, byte| codes | code(byte))
    } else {
        ANY
    }
}

#[cfg(test)]
mod tests;
