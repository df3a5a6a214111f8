//! One half of a pattern, tried from where its anchor stands: forwards from the text, or backwards before it.
//!
//! The automata are built state by state while they are used, since most tries end within a few bytes. A half may
//! accept more than the pattern does, never less: the rule's regex has the last word.

use std::cell::Cell;
use std::sync::OnceLock;

use coldcase_model::Span;
use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, Config, DFA};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};

use super::first_states::{Drawn, FirstStates};
use super::forms::{in_either_case, uncounted, without_unicode_words};
use crate::pack::{Case, Piece, Way};

/// A half of a pattern.
#[derive(Debug)]
pub(crate) struct Half {
    piece: Piece,
    way: Way,
    /// What ends most tries before the automaton is asked.
    first: Option<FirstStates<'static>>,
    automaton: OnceLock<Option<Automaton>>,
}

/// An automaton that accepts at least what a half does.
#[derive(Debug)]
struct Automaton {
    dfa: DFA,
    /// How far a match of the half can reach.
    longest: usize,
}

/// How many bytes of states a thread keeps of a half.
const STATES: usize = 2 << 20;

/// What a thread keeps for a half: the states that it has met.
#[derive(Debug, Default)]
pub(crate) struct HalfState(Option<Box<Cache>>);

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tried {
    /// No match has its anchor here, as so many bytes have told.
    No(usize),
    /// A match may reach to here.
    Yes(usize),
    /// What was looked at does not tell.
    Open,
}

impl Half {
    /// A half that is tried one way.
    pub(crate) fn new(piece: Piece, way: Way) -> Self {
        Self { piece, way, first: None, automaton: OnceLock::new() }
    }

    /// Has tries end among the first states of its automaton where they can.
    pub(crate) const fn shorten(&mut self, first: FirstStates<'static>) {
        self.first = Some(first);
    }

    /// Which way it is tried.
    #[cfg(test)]
    pub(super) const fn way(&self) -> Way {
        self.way
    }

    /// Draws the first states of its automaton; `None` where it is too large for one.
    pub(crate) fn drawn(&self) -> Option<Drawn> {
        /// Of a cache in which no state is forgotten.
        const ROOM: usize = 1 << 30;
        let Automaton { dfa, longest } = self.built(ROOM)?;
        Drawn::of(&dfa, longest)
    }

    /// Tries the half where a literal stands, as far as `reach` bytes from its start; how far a match reaches is not told.
    pub(crate) fn attempt_at(
        &self,
        state: &mut HalfState,
        text: &[u8],
        literal: Span,
        reach: usize,
        work: &Cell<usize>,
    ) -> Tried {
        let span = match self.way {
            Way::Forwards => Span::new(literal.start, literal.start.saturating_add(reach).min(text.len())),
            Way::Backwards => Span::new(literal.start.saturating_sub(reach), literal.start),
        };
        match self.first.and_then(|first| first.attempt(text, span, self.way)) {
            Some((tried, looked)) => {
                work.set(work.get() + looked);
                tried
            }
            None => self.run(state, text, span, work),
        }
    }

    /// Tries the half at one end of `span`: at its start forwards, until it has matched; at its end backwards, as far
    /// as it goes. Adds the bytes that it looked at to `work`.
    pub(crate) fn attempt(
        &self,
        state: &mut HalfState,
        text: &[u8],
        span: Span,
        work: &Cell<usize>,
    ) -> Tried {
        match self.first.and_then(|first| first.attempt(text, span, self.way)) {
            Some((tried @ (Tried::No(_) | Tried::Open), looked)) => {
                work.set(work.get() + looked);
                tried
            }
            Some((Tried::Yes(_), _)) | None => self.run(state, text, span, work),
        }
    }

    /// Tries it with its automaton.
    fn run(&self, state: &mut HalfState, text: &[u8], span: Span, work: &Cell<usize>) -> Tried {
        let Some(Automaton { dfa, longest }) = self.automaton.get_or_init(|| self.built(STATES)) else {
            // Too large for an automaton; the regex has to search.
            return Tried::Yes(self.far_end(span));
        };
        let cache = state.0.get_or_insert_with(|| Box::new(dfa.create_cache()));
        // A match that fits its longest reach into the span is told whole.
        let (window, whole) = match self.way {
            Way::Forwards => {
                let end = span.end.min(span.start.saturating_add(*longest));
                (Span::new(span.start, end), end < span.end || end >= text.len())
            }
            Way::Backwards => {
                let start = span.start.max(span.end.saturating_sub(*longest));
                (Span::new(start, span.end), start > span.start || start == 0)
            }
        };
        let tried = match self.way {
            Way::Forwards => forwards(dfa, cache, text, window, whole, work),
            Way::Backwards => backwards(dfa, cache, text, window, whole, work),
        };
        tried.unwrap_or_else(|| Tried::Yes(self.far_end(span)))
    }

    const fn far_end(&self, span: Span) -> usize {
        match self.way {
            Way::Forwards => span.end,
            Way::Backwards => span.start,
        }
    }

    /// The automaton, with so many bytes for the states that a thread keeps.
    fn built(&self, room: usize) -> Option<Automaton> {
        const SIZE_LIMIT: usize = 8 << 20;
        let backwards = self.way == Way::Backwards;
        let config = thompson::Config::new()
            .utf8(false)
            .reverse(backwards)
            .which_captures(WhichCaptures::None)
            .nfa_size_limit(Some(SIZE_LIMIT));
        let pattern = match self.piece.case() {
            Case::Sensitive => without_unicode_words(&self.piece.hir()),
            Case::Insensitive => in_either_case(&without_unicode_words(&self.piece.hir())),
        };
        let longest = pattern.properties().maximum_len().unwrap_or(usize::MAX);
        let nfa = thompson::Compiler::new().configure(config).build_from_hir(&uncounted(&pattern)).ok()?;
        let config =
            Config::new().match_kind(MatchKind::All).skip_cache_capacity_check(true).cache_capacity(room);
        let dfa = DFA::builder().configure(config).build_from_nfa(nfa).ok()?;
        Some(Automaton { dfa, longest })
    }
}

/// `None` where the automaton gives up; `whole` says that no match reaches beyond the span.
fn forwards(
    automaton: &DFA,
    cache: &mut Cache,
    text: &[u8],
    span: Span,
    whole: bool,
    work: &Cell<usize>,
) -> Option<Tried> {
    let look_behind = span.start.checked_sub(1).and_then(|before| text.get(before)).copied();
    let mut state = start_state(automaton, cache, look_behind)?;
    for (at, &byte) in (span.start..span.end).zip(text.get(span.start..)?) {
        state = automaton.next_state(cache, state, byte).ok()?;
        if state.is_tagged() {
            work.set(work.get() + at + 1 - span.start);
            return ended(state, at, span.start);
        }
    }
    work.set(work.get() + span.len());
    let state = step_out(automaton, cache, state, text.get(span.end).copied())?;
    Some(if state.is_match() { Tried::Yes(span.end) } else { told(state, whole, span) })
}

fn ended(state: LazyStateID, at: usize, start: usize) -> Option<Tried> {
    if state.is_match() {
        Some(Tried::Yes(at))
    } else if state.is_dead() {
        Some(Tried::No(at - start + 1))
    } else {
        None
    }
}

/// The furthest start of a match that ends at the span's end.
fn backwards(
    automaton: &DFA,
    cache: &mut Cache,
    text: &[u8],
    span: Span,
    whole: bool,
    work: &Cell<usize>,
) -> Option<Tried> {
    let look_ahead = text.get(span.end).copied();
    let mut state = start_state(automaton, cache, look_ahead)?;
    let mut found = None;
    for (at, &byte) in span.of(text).iter().enumerate().rev() {
        let at = span.start + at;
        state = automaton.next_state(cache, state, byte).ok()?;
        if state.is_tagged() {
            if state.is_match() {
                // A match is told one byte late.
                found = Some(Tried::Yes(at + 1));
            } else {
                work.set(work.get() + span.end - at);
                return state.is_dead().then(|| found.unwrap_or(Tried::No(span.end - at)));
            }
        }
    }
    work.set(work.get() + span.len());
    let beyond = span.start.checked_sub(1).and_then(|before| text.get(before)).copied();
    let state = step_out(automaton, cache, state, beyond)?;
    Some(if state.is_match() {
        Tried::Yes(span.start)
    } else {
        found.unwrap_or_else(|| told(state, whole, span))
    })
}

/// The state after the byte beyond a span, or after the text's edge.
fn step_out(
    automaton: &DFA,
    cache: &mut Cache,
    state: LazyStateID,
    beyond: Option<u8>,
) -> Option<LazyStateID> {
    match beyond {
        Some(byte) => automaton.next_state(cache, state, byte).ok(),
        None => automaton.next_eoi_state(cache, state).ok(),
    }
}

/// What it means that all of a span was looked at and nothing matched.
fn told(state: LazyStateID, whole: bool, span: Span) -> Tried {
    if whole || state.is_dead() { Tried::No(span.len() + 1) } else { Tried::Open }
}

pub(super) fn start_state(automaton: &DFA, cache: &mut Cache, beside: Option<u8>) -> Option<LazyStateID> {
    let config = start::Config::new().anchored(Anchored::Yes).look_behind(beside);
    automaton.start_state(cache, &config).ok()
}
