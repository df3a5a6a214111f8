//! The ways through a pattern from one of its ends: each is followed a piece at a time, and each state of a reader is taken
//! up once at a place.
//!
//! Places are made when they are reached, and there are as many as the pattern has pieces: a repetition has its first round
//! and its further ones. Left out: how often a repetition was gone through.

use std::hash::Hash;
use std::ops::Range;

use regex_syntax::hir::{Class, Hir, HirKind, Look};
use rustc_hash::FxHashSet;

/// Which way bytes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Forwards,
    Backwards,
}

/// What reads along the ways through a pattern.
pub(super) trait Reads {
    /// What is known of a way so far.
    type State: Copy + Eq + Hash;

    /// Whether there is more to learn on a way that came to this.
    fn goes_on(&mut self, state: Self::State) -> bool;

    /// The state after an assertion.
    fn look(&mut self, look: Look, state: Self::State) -> Self::State;

    /// The state after a literal; `None` where no match has it, or there is no more to learn.
    fn literal(&mut self, bytes: &[u8], state: Self::State) -> Option<Self::State>;

    /// Tells the states after a class.
    fn class(&mut self, class: &Class, state: Self::State, tell: &mut dyn FnMut(Self::State));

    /// A way came to the end of the pattern.
    fn end(&mut self, state: Self::State);
}

/// Reads along all ways through a pattern; whether it took no more steps than that.
pub(super) fn walk<R: Reads>(hir: &Hir, way: Way, reader: &mut R, start: R::State, most: usize) -> bool {
    let mut ways = Ways::new(hir, way);
    let (mut seen, mut to_do, mut after) = (FxHashSet::default(), Vec::new(), vec![(0, start)]);
    for _ in 0..=most {
        for (place, state) in after.drain(..) {
            if !reader.goes_on(state) {
                continue;
            }
            if place == END {
                reader.end(state);
            } else if seen.insert((place, state)) {
                to_do.push((place, state));
            }
        }
        let Some((place, state)) = to_do.pop() else { return true };
        let Some((step, next)) = ways.step(place) else { continue };
        match step {
            Step::Look(look) => after.push((next, reader.look(look, state))),
            Step::Literal(bytes) => after.extend(reader.literal(bytes, state).map(|state| (next, state))),
            Step::Class(class) => reader.class(class, state, &mut |state| after.push((next, state))),
            Step::Within(places, past) => {
                after.extend(past.then_some((next, state)));
                after.extend(places.map(|place| (place, state)));
            }
        }
    }
    false
}

/// The place behind the whole pattern.
const END: usize = usize::MAX;

/// The places of a pattern.
#[derive(Debug)]
struct Ways<'h> {
    way: Way,
    places: Vec<Place<'h>>,
}

/// A piece of a pattern, then what follows it.
#[derive(Debug)]
struct Place<'h> {
    hir: &'h Hir,
    /// Whether it stands for further rounds of a repetition.
    again: bool,
    next: usize,
    /// The first of the places within the piece, once it was reached.
    within: Option<usize>,
}

/// What is at a place.
#[derive(Debug)]
enum Step<'h> {
    /// These bytes are read, from the last to the first where the way is backwards.
    Literal(&'h [u8]),
    /// A character is read.
    Class(&'h Class),
    /// It is asked what stands on either side.
    Look(Look),
    /// The way goes on at these places, and past them if the piece can match nothing.
    Within(Range<usize>, bool),
}

impl<'h> Place<'h> {
    const fn new(hir: &'h Hir, next: usize) -> Self {
        Self { hir, again: false, next, within: None }
    }
}

impl<'h> Ways<'h> {
    /// The ways through a pattern, which start at the place 0.
    fn new(hir: &'h Hir, way: Way) -> Self {
        Self { way, places: vec![Place::new(hir, END)] }
    }

    /// What is at a place, and the place behind it; `None` behind the whole pattern.
    fn step(&mut self, place: usize) -> Option<(Step<'h>, usize)> {
        let &Place { hir, again, next, .. } = self.places.get(place)?;
        let step = match hir.kind() {
            HirKind::Empty => Step::Within(0..0, true),
            HirKind::Look(look) => Step::Look(*look),
            HirKind::Literal(literal) => Step::Literal(&literal.0),
            HirKind::Class(class) => Step::Class(class),
            HirKind::Capture(_) | HirKind::Concat(_) => {
                let within = self.within(place);
                Step::Within(within..within + 1, false)
            }
            HirKind::Alternation(branches) => {
                let within = self.within(place);
                Step::Within(within..within + branches.len(), false)
            }
            HirKind::Repetition(repetition) => {
                let past = repetition.min == 0 || again;
                if repetition.max == Some(0) {
                    return Some((Step::Within(0..0, past), next));
                }
                let within = self.within(place);
                Step::Within(within..within + 1, past)
            }
        };
        Some((step, next))
    }

    /// The first of the places within a piece.
    fn within(&mut self, place: usize) -> usize {
        let first = self.places.len();
        let Some(known) = self.places.get(place) else { return END };
        if let Some(within) = known.within {
            return within;
        }
        let (hir, again, next) = (known.hir, known.again, known.next);
        match hir.kind() {
            HirKind::Capture(capture) => self.places.push(Place::new(&capture.sub, next)),
            HirKind::Alternation(branches) => {
                self.places.extend(branches.iter().map(|branch| Place::new(branch, next)));
            }
            HirKind::Concat(parts) => {
                let link = |(number, part)| {
                    let last = number + 1 == parts.len();
                    Place::new(part, if last { next } else { first + number + 1 })
                };
                match self.way {
                    Way::Forwards => self.places.extend(parts.iter().enumerate().map(link)),
                    Way::Backwards => self.places.extend(parts.iter().rev().enumerate().map(link)),
                }
            }
            HirKind::Repetition(repetition) => match repetition.max {
                Some(..=1) => self.places.push(Place::new(&repetition.sub, next)),
                _ if again => self.places.push(Place::new(&repetition.sub, place)),
                _ => {
                    self.places.push(Place::new(&repetition.sub, first + 1));
                    self.places.push(Place { again: true, ..Place::new(hir, next) });
                }
            },
            HirKind::Empty | HirKind::Look(_) | HirKind::Literal(_) | HirKind::Class(_) => {}
        }
        if let Some(known) = self.places.get_mut(place) {
            known.within = Some(first);
        }
        first
    }
}

/// Whether a place of a word boundary is meant, where a word may end.
pub(super) const fn is_boundary(look: Look) -> bool {
    matches!(look, Look::WordAscii | Look::WordUnicode | Look::WordEndAscii | Look::WordEndUnicode)
}

/// The ASCII bytes of a class, and whether it has others.
pub(super) fn ascii(class: &Class) -> (Vec<u8>, bool) {
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
