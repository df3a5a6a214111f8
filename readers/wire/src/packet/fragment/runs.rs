//! Runs of bytes that do not overlap, each with its place in the capture file.

use crate::packet::places::Piece;
use bytes::Bytes;
use std::collections::BTreeMap;

/// What a run costs beside its bytes: its entry in the map, its handle, and what the allocator adds.
pub(super) const RUN_COST: usize = 96;

/// Bytes and where the first of them stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) bytes: Bytes,
    pub(super) at: u64,
}

impl Run {
    /// The part from `from` on, at most `length` bytes of it.
    fn part(&self, from: usize, length: usize) -> Self {
        let from = from.min(self.bytes.len());
        let to = from.saturating_add(length).min(self.bytes.len());
        Self { bytes: self.bytes.slice(from..to), at: self.at.saturating_add(from as u64) }
    }
}

/// Runs by their offset in the datagram.
#[derive(Debug, Clone, Default)]
pub(super) struct Runs {
    map: BTreeMap<usize, Run>,
    /// Bytes in all runs.
    pub(super) filled: usize,
}

impl Runs {
    pub(super) fn count(&self) -> usize {
        self.map.len()
    }

    /// The offset after the last byte.
    pub(super) fn end(&self) -> usize {
        self.map.last_key_value().map_or(0, |(start, run)| start.saturating_add(run.bytes.len()))
    }

    /// Puts a run where there is none; `false` and nothing done if there is one.
    pub(super) fn insert(&mut self, start: usize, run: Run) -> bool {
        if run.bytes.is_empty() || !self.overlaps(start, run.bytes.len()).is_empty() {
            return run.bytes.is_empty();
        }
        self.filled = self.filled.saturating_add(run.bytes.len());
        self.map.insert(start, run);
        true
    }

    /// The stretches that are taken between `start` and `start + length`, in order: offset and what stands there.
    pub(super) fn overlaps(&self, start: usize, length: usize) -> Vec<(usize, Run)> {
        let end = start.saturating_add(length);
        let first = self.map.range(..start).next_back().map_or(start, |(before, _)| *before);
        let taken = self.map.range(first..end).filter_map(|(run_start, run)| {
            let from = (*run_start).max(start);
            let to = run_start.saturating_add(run.bytes.len()).min(end);
            (from < to).then(|| (from, run.part(from.saturating_sub(*run_start), to.saturating_sub(from))))
        });
        taken.collect()
    }

    /// Puts bytes in the place of those at `start`, which one run holds.
    pub(super) fn replace(&mut self, start: usize, with: Run) {
        let Some((&run_start, _)) = self.map.range(..=start).next_back() else { return };
        let Some(old) = self.map.remove(&run_start) else { return };
        let before = start.saturating_sub(run_start);
        let after = before.saturating_add(with.bytes.len());
        let (left, right) = (old.part(0, before), old.part(after, usize::MAX));
        let right_start = start.saturating_add(with.bytes.len());
        for (start, run) in [(run_start, left), (start, with), (right_start, right)] {
            if !run.bytes.is_empty() {
                self.map.insert(start, run);
            }
        }
    }

    /// What stands from `at` on, up to the end of its run.
    fn covering(&self, at: usize) -> Option<Run> {
        let (start, run) = self.map.range(..=at).next_back()?;
        let part = run.part(at.saturating_sub(*start), usize::MAX);
        (!part.bytes.is_empty()).then_some(part)
    }

    /// Whether `whole` has the same bytes wherever these runs have some.
    pub(super) fn agrees_with(&self, whole: &Runs) -> bool {
        self.map.iter().all(|(start, run)| {
            let taken = whole.overlaps(*start, run.bytes.len());
            let same: usize = taken.iter().map(|(_, run)| run.bytes.len()).sum();
            same == run.bytes.len()
                && taken.iter().all(|(from, other)| {
                    run.part(from.saturating_sub(*start), other.bytes.len()).bytes == other.bytes
                })
        })
    }

    /// The bytes from the start to the first hole, with `over` laid over them.
    pub(super) fn join(&self, over: &Runs) -> (Vec<u8>, Vec<Piece>) {
        let mut bytes = Vec::with_capacity(self.filled);
        let mut pieces: Vec<Piece> = Vec::new();
        loop {
            let offset = bytes.len();
            let part = over.covering(offset).or_else(|| {
                let limit = over
                    .map
                    .range(offset..)
                    .next()
                    .map_or(usize::MAX, |(next, _)| next.saturating_sub(offset));
                self.covering(offset).map(|run| run.part(0, limit))
            });
            let Some(part) = part.filter(|part| !part.bytes.is_empty()) else { break };
            bytes.extend_from_slice(&part.bytes);
            match pieces.last_mut() {
                Some(last) if last.at.saturating_add(last.length as u64) == part.at => {
                    last.length += part.bytes.len();
                }
                _ => pieces.push(Piece { offset, length: part.bytes.len(), at: part.at }),
            }
        }
        (bytes, pieces)
    }
}
