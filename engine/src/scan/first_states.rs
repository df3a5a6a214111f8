//! The states of a half's automaton that a try meets first, as a table: most tries end among them.
//!
//! Tables are drawn when packs are built into the program, so that a try costs a look-up for each byte, and no automaton is
//! built for what it can tell. It tells that there is no match, or that there is one; what leads beyond its states, its
//! reach or the text's edge it leaves to the automaton.

use coldcase_model::Span;
use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::DFA;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::half::start_state;
use crate::pack::Way;

/// Bytes that may stand beside a text, told apart as look-around tells them: none, a word's, a line feed, a carriage
/// return, another.
const BESIDE: [Option<u8>; 5] = [None, Some(b'a'), Some(b'\n'), Some(b'\r'), Some(b' ')];

const fn beside(byte: Option<u8>) -> usize {
    match byte {
        None => 0,
        Some(b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_') => 1,
        Some(b'\n') => 2,
        Some(b'\r') => 3,
        Some(_) => 4,
    }
}

/// How many states a table has at the most.
const MOST_STATES: usize = 128;
/// The states that end a try: there is no match, there is one, the table does not tell.
const DEAD: u8 = 0;
const MATCH: u8 = 1;
const OPEN: u8 = 2;
/// The first state with a row of its own.
const FIRST: u8 = 3;

/// The first states of one half's automaton.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FirstStates<'t> {
    pub(crate) entry: Entry,
    /// The class of each byte.
    pub(crate) classes: &'t [u8; 256],
    /// A row of `entry.classes` next states for each state.
    pub(crate) rows: &'t [u8],
}

/// Where a table begins, and how far it may be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Entry {
    starts: [u8; BESIDE.len()],
    classes: u16,
    /// A match of the half reaches no further than so many bytes.
    reach: u32,
}

/// What a table tells of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// No match, as so many bytes tell.
    No(usize),
    /// A match, as so many bytes tell.
    Yes(usize),
    /// Nothing.
    Open,
}

impl FirstStates<'_> {
    /// Tries the half at one end of `span`: at its start forwards, at its end backwards.
    pub(crate) fn attempt(&self, text: &[u8], span: Span, way: Way) -> Told {
        match way {
            Way::Forwards => {
                let behind = span.start.checked_sub(1).and_then(|before| text.get(before)).copied();
                self.follow(behind, span.of(text).iter())
            }
            Way::Backwards => self.follow(text.get(span.end).copied(), span.of(text).iter().rev()),
        }
    }

    fn follow<'b>(&self, behind: Option<u8>, bytes: impl Iterator<Item = &'b u8>) -> Told {
        let Some(&(mut state)) = self.entry.starts.get(beside(behind)) else { return Told::Open };
        let reach = self.entry.reach as usize;
        for (number, &byte) in (0..reach).zip(bytes) {
            #[expect(clippy::indexing_slicing, reason = "there is a class for each byte")]
            let class = self.classes[usize::from(byte)];
            let row = usize::from(state.wrapping_sub(FIRST)) * usize::from(self.entry.classes);
            state = self.rows.get(row + usize::from(class)).copied().unwrap_or(OPEN);
            match state {
                DEAD => return Told::No(number + 1),
                MATCH => return Told::Yes(number + 1),
                OPEN => return Told::Open,
                _ => {}
            }
        }
        Told::Open
    }
}

/// A table in the making.
#[derive(Debug)]
pub(crate) struct Drawn {
    pub(crate) entry: Entry,
    pub(crate) classes: [u8; 256],
    pub(crate) rows: Vec<u8>,
}

impl Drawn {
    /// Draws the first states of an automaton, those that are fewest bytes away first; `None` where it gives up, or where
    /// a try begins in a state that ends it.
    pub(super) fn of(dfa: &DFA, longest: usize) -> Option<Self> {
        let mut cache = dfa.create_cache();
        let classes: [u8; 256] =
            std::array::from_fn(|byte| u8::try_from(byte).map_or(0, |byte| dfa.byte_classes().get(byte)));
        // The class of the end is not a byte's.
        let width = dfa.byte_classes().alphabet_len() - 1;
        let mut met = Met::default();
        let mut starts = [OPEN; BESIDE.len()];
        for (start, beside) in starts.iter_mut().zip(BESIDE) {
            *start = met.number(start_state(dfa, &mut cache, beside)?);
        }
        let mut rows = Vec::new();
        let mut next = 0;
        while let Some(&state) = met.states.get(next) {
            next += 1;
            let row = rows.len();
            rows.resize(row + width, OPEN);
            for unit in dfa.byte_classes().representatives(0..=u8::MAX) {
                let Some(byte) = unit.as_u8() else { continue };
                let number = met.number(dfa.next_state(&mut cache, state, byte).ok()?);
                if let Some(place) =
                    classes.get(usize::from(byte)).and_then(|class| rows.get_mut(row + usize::from(*class)))
                {
                    *place = number;
                }
            }
        }
        let entry = Entry {
            starts,
            classes: u16::try_from(width).ok()?,
            reach: u32::try_from(longest).unwrap_or(u32::MAX),
        };
        Some(Self { entry, classes, rows })
    }
}

/// The states that were met, in order; a state that was met when there was no more room is open.
#[derive(Debug, Default)]
struct Met {
    numbers: FxHashMap<LazyStateID, u8>,
    states: Vec<LazyStateID>,
}

impl Met {
    fn number(&mut self, state: LazyStateID) -> u8 {
        if state.is_tagged() {
            return match state {
                state if state.is_dead() => DEAD,
                state if state.is_match() => MATCH,
                _ => OPEN,
            };
        }
        if let Some(&number) = self.numbers.get(&state) {
            return number;
        }
        let number = u8::try_from(self.states.len()).ok().and_then(|place| place.checked_add(FIRST));
        let Some(number) = number.filter(|_| self.states.len() < MOST_STATES) else { return OPEN };
        self.numbers.insert(state, number);
        self.states.push(state);
        number
    }
}

#[cfg(test)]
mod tests;
