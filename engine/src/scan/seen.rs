//! Parts that were seen before and hid nothing: agents send what was said so far with every turn, and the same pages, files
//! and lists of tools come back again and again.
//!
//! What a large part hides is told from the part alone. One in which nothing was found, no budget ended and nothing stands
//! turned is remembered by the SHA-256 of its bytes and of where it stands. When it comes again, only its ends are searched,
//! which its neighbours may have a share in, and the places where a try had looked far; what it took of the budgets is taken
//! off as if it had been scanned. So what is concluded of an event does not depend on what came before it: it is only sooner
//! known. Where a budget gets short the event is scanned without what is remembered.
//!
//! Left out: parts in which something was found, and views of parts.

use coldcase_model::{Direction, Event, Part, Span};
use rustc_hash::FxHashMap;
use sha2::{Digest as _, Sha256};

use super::hot::NEAR;
use crate::pack::Set;
use crate::view::Within;

/// A smaller part costs as much to know again as to scan.
const SHORTEST: usize = 256;
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
        let can_be_known = |part: &&Part| is_large(part) && Within::is_sure(event.bytes(part));
        for part in event.parts.iter().filter(can_be_known) {
            let (key, span) = (key(event, part, only), part.span);
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

/// Leaves in `out` what of a stretch has to be searched: all but the parts that are known, and of these the ends and the
/// places where tries looked far. Texts of at most `longest` bytes that start in what is left are there whole.
pub(super) fn unknown(large: &[Large], stretch: Span, longest: usize, out: &mut Vec<Span>) {
    out.clear();
    let mut add = |start: usize, end: usize| {
        let (start, end) = (start.max(stretch.start), end.saturating_add(longest).min(stretch.end));
        match out.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ if start < end => out.push(Span::new(start, end)),
            _ => {}
        }
    };
    let mut at = stretch.start;
    for part in large.iter().filter(|part| part.is_known && part.span.overlaps(stretch)) {
        let Span { start, end } = part.span;
        add(at, start + NEAR);
        at = end - NEAR;
        for place in part.far.iter().map(|far| start + *far as usize).take_while(|place| *place < at) {
            add(place, place);
        }
    }
    add(at, stretch.end);
}

/// What a part is known by: all that decides what is found in it.
fn key(event: &Event, part: &Part, only: Option<Set>) -> Key {
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
    let mut hash = Sha256::new_with_prefix([direction, set, part.surface as u8]);
    hash.update(event.bytes(part));
    hash.finalize().into()
}

/// Whether a part is looked at by itself for what it hides.
pub(super) const fn is_large(part: &Part) -> bool {
    part.span.len() >= SHORTEST
}

#[cfg(test)]
mod tests;
