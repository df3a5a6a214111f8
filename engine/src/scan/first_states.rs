//! The states of a half's automaton that a try meets first, as a table: most tries end among them.
//!
//! Tables are drawn when packs are built into the program, so that a try costs a look-up for each byte, and no automaton is
//! built for what it can tell. What leads beyond its states, and how far a match reaches, it leaves to the automaton.

use coldcase_model::Span;
use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::DFA;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::half::{Tried, start_state};
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
    /// A row of `entry.classes` next states for each state, the last of them that at the text's edge.
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

impl FirstStates<'_> {
    /// Tries the half at one end of `span`, at its start forwards, at its end backwards, and tells how many bytes it looked
    /// at. `None` where the table does not tell; that there is a match it tells, not how far it reaches.
    pub(crate) fn attempt(&self, text: &[u8], span: Span, way: Way) -> Option<(Tried, usize)> {
        match way {
            Way::Forwards => {
                let behind = span.start.checked_sub(1).and_then(|before| text.get(before)).copied();
                self.follow(behind, text.get(span.start..)?.iter(), span.len(), span.end)
            }
            Way::Backwards => {
                let behind = text.get(span.end).copied();
                self.follow(behind, text.get(..span.end)?.iter().rev(), span.len(), span.start)
            }
        }
    }

    /// Follows the first `most` bytes; the one after them, or that there is none, tells what stands beside a match.
    fn follow<'b>(
        &self,
        behind: Option<u8>,
        mut bytes: impl Iterator<Item = &'b u8>,
        most: usize,
        far_end: usize,
    ) -> Option<(Tried, usize)> {
        let mut state = *self.entry.starts.get(beside(behind))?;
        let reach = most.min(self.entry.reach as usize);
        for looked in 1..=reach {
            let Some(&byte) = bytes.next() else { break };
            state = self.next(state, self.class(byte));
            match state {
                DEAD => return Some((Tried::No(looked), looked)),
                MATCH => return Some((Tried::Yes(far_end), looked)),
                OPEN => return None,
                _ => {}
            }
        }
        let beyond = bytes.next();
        let is_whole = reach < most || beyond.is_none();
        let edge = usize::from(self.entry.classes).saturating_sub(1);
        match self.next(state, beyond.map_or(edge, |&byte| self.class(byte))) {
            MATCH => Some((Tried::Yes(far_end), reach)),
            OPEN => None,
            end if is_whole || end == DEAD => Some((Tried::No(reach + 1), reach)),
            _ => Some((Tried::Open, reach)),
        }
    }

    #[expect(clippy::indexing_slicing, reason = "there is a class for each byte")]
    fn class(&self, byte: u8) -> usize {
        usize::from(self.classes[usize::from(byte)])
    }

    fn next(&self, state: u8, class: usize) -> u8 {
        let row = usize::from(state.wrapping_sub(FIRST)) * usize::from(self.entry.classes);
        self.rows.get(row + class).copied().unwrap_or(OPEN)
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
        // The last class is that of the text's edge.
        let width = dfa.byte_classes().alphabet_len();
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
            let at_edge = match dfa.next_eoi_state(&mut cache, state).ok()? {
                state if state.is_match() => MATCH,
                state if state.is_quit() => OPEN,
                _ => DEAD,
            };
            if let Some(place) = rows.get_mut(row + width - 1) {
                *place = at_edge;
            }
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
