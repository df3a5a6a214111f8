//! Parts that were seen before and hid nothing: agents send what was said so far with every turn, and the same pages, files
//! and lists of tools come back again and again.
//!
//! A part that is large enough is remembered by the SHA-256 of its bytes, of what stands a little way round it and of where
//! it stands, if nothing was found in it, no budget ended in it and nothing in it is turned. When it comes again, only the
//! places are searched where a try had looked far; its share of the budgets is taken off as if it had been scanned. So what is
//! concluded of an event does not depend on what came before it: it is only sooner known. Where a budget gets short the event
//! is scanned without what is remembered.
//!
//! Left out: parts in which something was found, and views of parts.

use coldcase_model::{Direction, Event, Span};
use rustc_hash::FxHashMap;
use sha2::{Digest as _, Sha256};

use crate::pack::Set;

/// A smaller part costs as much to know again as to scan.
const SHORTEST: usize = 256;
/// How far beyond a part's ends its neighbours may decide what is tried or decoded in it: a try looks at 48 bytes, a sign at
/// no more than two blocks of 64.
const ROUND: usize = 128;
/// A part in which more tries looked far is not remembered.
const MOST_FAR: usize = 64;
/// How many parts a thread remembers for sure; of the oldest as many again.
const MOST: usize = 1 << 14;

type Key = [u8; 32];

/// What a part took of an event's budgets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Spent {
    /// Decoded regions.
    pub(super) nodes: usize,
    /// Their bytes.
    pub(super) bytes: usize,
    /// Work of confirming in the text itself.
    pub(super) work: usize,
}

/// What is remembered of a part that hid nothing.
#[derive(Debug, Clone)]
struct Quiet {
    /// Where tries looked far, from the part's start on.
    far: Box<[u32]>,
    spent: Spent,
}

/// The parts that a thread remembers: an older and a younger generation.
#[derive(Debug, Default)]
pub(super) struct Seen {
    young: FxHashMap<Key, Quiet>,
    old: FxHashMap<Key, Quiet>,
}

impl Seen {
    fn get(&mut self, key: &Key) -> Option<Quiet> {
        if let Some(quiet) = self.young.get(key) {
            return Some(quiet.clone());
        }
        let quiet = self.old.remove(key)?;
        self.put(*key, quiet.clone());
        Some(quiet)
    }

    fn put(&mut self, key: Key, quiet: Quiet) {
        if self.young.len() >= MOST {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, quiet);
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
    }

    /// The large parts of an event, each with what is remembered of it, in order.
    pub(super) fn large(&mut self, event: &Event, only: Option<Set>, out: &mut Vec<Large>) {
        out.clear();
        for (index, part) in event.parts.iter().enumerate() {
            let span = part.span;
            if span.len() < SHORTEST {
                continue;
            }
            let Some(key) = key(event, index, span, only) else { continue };
            let known = self.get(&key);
            let spent = known.as_ref().map_or_else(Spent::default, |quiet| quiet.spent);
            let far = known.as_ref().map_or_else(Vec::new, |quiet| quiet.far.to_vec());
            out.push(Large { span, key, is_known: known.is_some(), is_loud: false, spent, far });
        }
    }

    /// Remembers the parts that hid nothing.
    pub(super) fn learn(&mut self, large: &mut Vec<Large>) {
        for part in large.drain(..).filter(|part| !part.is_known && !part.is_loud) {
            self.put(part.key, Quiet { far: part.far.into(), spent: part.spent });
        }
    }
}

/// A part of an event that is large enough to be known again.
#[derive(Debug)]
pub(super) struct Large {
    pub(super) span: Span,
    key: Key,
    /// Whether it was seen before.
    pub(super) is_known: bool,
    /// Whether there is more to it than can be remembered.
    pub(super) is_loud: bool,
    pub(super) spent: Spent,
    /// Where tries looked far, from its start on.
    far: Vec<u32>,
}

impl Large {
    /// Notes where tries looked far, of places in the whole text.
    pub(super) fn note_far(&mut self, far: &[usize]) {
        let from = far.partition_point(|at| *at < self.span.start);
        let to = far.partition_point(|at| *at < self.span.end);
        let within = far.get(from..to).unwrap_or_default();
        self.is_loud |= within.len() > MOST_FAR;
        if !self.is_loud {
            let relative = within.iter().map(|at| u32::try_from(at - self.span.start).unwrap_or(u32::MAX));
            self.far.extend(relative);
        }
    }
}

/// The large part that a place stands in.
pub(super) fn at(large: &mut [Large], place: usize) -> Option<&mut Large> {
    let index = large.partition_point(|part| part.span.end <= place);
    large.get_mut(index).filter(|part| part.span.start <= place)
}

/// Leaves in `out` what of a stretch has to be searched: all but the parts that are known, and in these the places where tries
/// looked far. Texts of at most `longest` bytes that start in what is left are there whole.
pub(super) fn unknown(large: &[Large], stretch: Span, longest: usize, out: &mut Vec<Span>) {
    out.clear();
    let mut add = |start: usize, end: usize| {
        let end = end.saturating_add(longest).min(stretch.end);
        match out.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ => out.push(Span::new(start, end)),
        }
    };
    let mut at = stretch.start;
    for part in large.iter().filter(|part| part.is_known) {
        if part.span.end <= stretch.start || part.span.start >= stretch.end {
            continue;
        }
        if at < part.span.start {
            add(at, part.span.start);
        }
        for far in &part.far {
            let place = part.span.start + *far as usize;
            add(place, place);
        }
        at = part.span.end;
    }
    if at < stretch.end {
        add(at, stretch.end);
    }
}

/// Whether a byte stands there at which a run of letters, digits or signs ends, and one at which a run of white space or of
/// marks does: then no run goes through from one end to the other.
fn is_settled(bytes: &[u8]) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric();
    let ends_token = |byte: &u8| byte.is_ascii() && !is_word(byte) && !b"@$!|*_".contains(byte);
    bytes.iter().any(is_word) && bytes.iter().any(ends_token)
}

/// What a part is known by: all that decides what is found in it. `None` where what stands far from it may decide.
fn key(event: &Event, index: usize, span: Span, only: Option<Set>) -> Option<Key> {
    /// More parts near by are left alone: each large part would have to look at all of them.
    const MOST_NEAR: usize = 2 * ROUND;
    let text = &event.text;
    let round = Span::new(span.start.saturating_sub(ROUND), span.end.saturating_add(ROUND).min(text.len()));
    let first = Span::new(span.start, span.start + ROUND);
    let last = Span::new(span.end - ROUND, span.end);
    let before = Span::new(round.start, span.start);
    if ![first, last].iter().all(|edge| is_settled(edge.of(text)))
        || round.start > 0 && !is_settled(before.of(text))
    {
        return None;
    }
    let mut hash = Sha256::new();
    let direction = match event.head.direction {
        None => 0,
        Some(Direction::Egress) => 1,
        Some(Direction::Ingress) => 2,
    };
    let set = match only {
        None => 0,
        Some(Set::First) => 1,
        Some(Set::Second) => 2,
    };
    hash.update([direction, set]);
    hash.update((span.start - round.start).to_le_bytes());
    hash.update(span.len().to_le_bytes());
    // Where other parts begin near by, and where they stand.
    let before = event.parts.get(..index).unwrap_or_default();
    let after = event.parts.get(index..).unwrap_or_default();
    let near = before.iter().rev().take_while(|part| part.span.end > round.start || part.span.is_empty());
    let near =
        near.chain(after.iter().take_while(|part| part.span.start < round.end || part.span.is_empty()));
    for (number, part) in near.enumerate() {
        if number == MOST_NEAR {
            return None;
        }
        let from = part.span.start.max(round.start) - round.start;
        hash.update(from.to_le_bytes());
        hash.update([part.surface as u8]);
    }
    hash.update(round.of(&event.text));
    Some(hash.finalize().into())
}

#[cfg(test)]
mod tests;
