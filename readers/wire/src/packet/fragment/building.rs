//! One datagram while its fragments come in.

use super::datagram::{Datagram, Head};
use super::defragmenter::Overlap;
use super::runs::{RUN_COST, Run, Runs};
use crate::packet::segment::Fragment;
use bytes::Bytes;

/// What became of a fragment's bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Took {
    /// Bytes that were there already, or lost against those that were.
    pub(super) repeated: usize,
    /// Bytes of losers that were dropped because there were too many versions.
    pub(super) over_limit: usize,
    /// Whether a copy differs, or the ends of the datagram do.
    pub(super) conflict: bool,
    /// Whether it overlaps without being a plain copy.
    pub(super) overlap: bool,
}

/// Losers that do not overlap each other.
#[derive(Debug)]
struct Layer {
    runs: Runs,
    ttl: u8,
}

/// A datagram that is not whole yet.
#[derive(Debug)]
pub(super) struct Building {
    /// Capture time of its first fragment, in nanoseconds since 1970.
    pub(super) started: Option<i64>,
    pub(super) runs: Runs,
    /// Its size, once the last fragment was seen.
    pub(super) total: Option<usize>,
    /// What it costs in memory, in bytes.
    pub(super) cost: usize,
    head: Head,
    layers: Vec<Layer>,
}

impl Building {
    pub(super) fn new(fragment: &Fragment<'_>, started: Option<i64>) -> Self {
        Self {
            started,
            runs: Runs::default(),
            total: None,
            cost: DATAGRAM_COST,
            head: Head::of(fragment),
            layers: Vec::new(),
        }
    }

    pub(super) fn is_whole(&self) -> bool {
        self.total == Some(self.runs.filled)
    }

    /// Takes a fragment in.
    pub(super) fn push(&mut self, fragment: &Fragment<'_>, policy: Overlap, versions: usize) -> Took {
        let mut took = Took::default();
        let start = usize::try_from(fragment.offset).unwrap_or(usize::MAX);
        let end = start.saturating_add(fragment.bytes.len()).saturating_add(fragment.missing);
        let fits = match (self.total, fragment.more) {
            (None, true) => true,
            (None, false) => end >= self.runs.end(),
            (Some(total), true) => end <= total,
            (Some(total), false) => end == total,
        };
        if fits {
            if start == 0 {
                self.head.protocol = fragment.protocol;
            }
            if !fragment.more {
                self.total = Some(end);
            }
        }
        for piece in fragment.places.pieces(fragment.bytes.len()) {
            let bytes = fragment
                .bytes
                .get(piece.offset..piece.offset.saturating_add(piece.length))
                .unwrap_or_default();
            let start = start.saturating_add(piece.offset);
            if fits {
                self.insert(start, bytes, piece.at, fragment.ttl, (policy, versions), &mut took);
            } else {
                took.conflict = true;
                took.repeated += bytes.len();
                self.lose(start, copy(bytes, piece.at), fragment.ttl, versions, &mut took);
            }
        }
        took
    }

    fn insert(
        &mut self,
        start: usize,
        bytes: &[u8],
        at: u64,
        ttl: u8,
        (policy, versions): (Overlap, usize),
        took: &mut Took,
    ) {
        let part = |from: usize, to: usize| {
            let from = from.saturating_sub(start);
            copy(
                bytes.get(from..to.saturating_sub(start)).unwrap_or_default(),
                at.saturating_add(from as u64),
            )
        };
        let overlaps = self.runs.overlaps(start, bytes.len());
        took.overlap |= match overlaps.as_slice() {
            [] => false,
            [(from, old)] => *from != start || old.bytes != bytes,
            _ => true,
        };
        let mut next = start;
        for (from, old) in overlaps {
            self.fill(next, part(next, from));
            next = from.saturating_add(old.bytes.len());
            took.repeated += old.bytes.len();
            let new = part(from, next);
            if new.bytes == old.bytes {
                continue;
            }
            took.conflict = true;
            match policy {
                Overlap::First => self.lose(from, new, ttl, versions, took),
                Overlap::Last => {
                    self.cost = self.cost.saturating_add(new.bytes.len() + 2 * RUN_COST);
                    self.runs.replace(from, new);
                    self.lose(from, old, self.head.ttl, versions, took);
                }
            }
        }
        self.fill(next, part(next, start.saturating_add(bytes.len())));
    }

    fn fill(&mut self, start: usize, run: Run) {
        if !run.bytes.is_empty() {
            self.cost = self.cost.saturating_add(run.bytes.len() + RUN_COST);
            self.runs.insert(start, run);
        }
    }

    /// Keeps a copy that lost, in the first layer that is free there.
    fn lose(&mut self, start: usize, run: Run, ttl: u8, versions: usize, took: &mut Took) {
        let length = run.bytes.len();
        let cost = length + RUN_COST;
        for layer in &mut self.layers {
            let taken = layer.runs.overlaps(start, length);
            if matches!(taken.as_slice(), [(from, old)] if *from == start && old.bytes == run.bytes) {
                return;
            }
            if taken.is_empty() {
                layer.runs.insert(start, run);
                self.cost = self.cost.saturating_add(cost);
                return;
            }
        }
        if self.layers.len() < versions {
            let mut layer = Layer { runs: Runs::default(), ttl };
            layer.runs.insert(start, run);
            self.layers.push(layer);
            self.cost = self.cost.saturating_add(cost);
        } else {
            took.repeated = took.repeated.saturating_sub(length);
            took.over_limit += length;
        }
    }

    /// The datagram as the policy has it, up to the first hole.
    pub(super) fn join(&self) -> Datagram {
        let (bytes, pieces) = self.runs.join(&Runs::default());
        let missing =
            if self.is_whole() { 0 } else { self.total.unwrap_or(0).saturating_sub(bytes.len()).max(1) };
        Datagram { bytes, pieces, missing, is_alternative: false, head: self.head }
    }

    /// The other versions of it that can be read from their start.
    pub(super) fn alternatives(&self) -> impl Iterator<Item = Datagram> + '_ {
        self.layers.iter().map(|layer| self.alternative(&self.runs, &layer.runs, layer.ttl))
    }

    /// This datagram's fragments, and those that lost, laid over one that was handed out before.
    pub(super) fn over(&self, before: &Runs) -> impl Iterator<Item = Datagram> {
        let layers = self.layers.iter().map(|layer| (&layer.runs, layer.ttl));
        std::iter::once((&self.runs, self.head.ttl))
            .chain(layers)
            .filter(|(runs, _)| !runs.agrees_with(before))
            .map(|(runs, ttl)| self.alternative(before, runs, ttl))
    }

    fn alternative(&self, below: &Runs, above: &Runs, ttl: u8) -> Datagram {
        let (bytes, pieces) = below.join(above);
        let end = below.end().max(above.end()).max(self.total.unwrap_or(0));
        let missing = end.saturating_sub(bytes.len());
        Datagram { bytes, pieces, missing, is_alternative: true, head: Head { ttl, ..self.head } }
    }
}

/// What a datagram costs beside its runs: its key twice, its head, its entries in two maps.
pub(super) const DATAGRAM_COST: usize = 640;

fn copy(bytes: &[u8], at: u64) -> Run {
    Run { bytes: Bytes::copy_from_slice(bytes), at }
}
