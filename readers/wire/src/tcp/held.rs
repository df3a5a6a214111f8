//! Segments of one direction that wait for a hole before them to be filled, without overlap among them.

use std::collections::BTreeMap;

use super::pool::{Pool, Way};
use super::{Conflict, Policy, Sink};

/// What a piece costs beside its bytes: its place in a tree that is half full, and the allocator's head.
const PIECE_COST: usize = 192;
/// What the first piece costs beside that: a node of the tree.
const NODE_COST: usize = 1024;

/// A stretch of the stream; without bytes, one that is known not to be in the capture.
pub(super) struct Piece {
    pub(super) bytes: Box<[u8]>,
    /// Length if it is not in the capture, else zero.
    pub(super) lost: u64,
    pub(super) at: u64,
    pub(super) time: Option<i64>,
    /// May be meant not to arrive: it loses against any other version, and waits until it is acknowledged.
    pub(super) is_odd: bool,
    /// Where the segment that it is of started and ended.
    segment: (u64, u64),
}

impl Piece {
    pub(super) fn len(&self) -> u64 {
        self.lost + self.bytes.len() as u64
    }
}

/// Payload to keep, and the segment that it is of.
#[derive(Clone, Copy)]
pub(super) struct New<'a> {
    pub(super) start: u64,
    pub(super) bytes: &'a [u8],
    pub(super) at: u64,
    pub(super) time: Option<i64>,
    pub(super) is_odd: bool,
    pub(super) segment: (u64, u64),
}

impl<'a> New<'a> {
    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    fn slice(&self, from: u64, to: u64) -> &'a [u8] {
        self.bytes.get(index(from - self.start)..index(to - self.start)).unwrap_or_default()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Over what was thought lost.
    Fill,
    Keep,
    Replace,
}

/// An overlap of the new segment with pieces that follow each other and fare alike.
struct Run {
    from: u64,
    to: u64,
    verdict: Verdict,
    differs: bool,
    is_odd: bool,
    /// Where in the capture the held version starts.
    at: u64,
}

/// The pieces by where they start.
#[derive(Default)]
pub(super) struct Held {
    pieces: BTreeMap<u64, Piece>,
    cost: usize,
}

impl Held {
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Memory, with overhead.
    pub(super) fn cost(&self) -> usize {
        self.cost
    }

    pub(super) fn first(&self) -> Option<(u64, &Piece)> {
        self.pieces.first_key_value().map(|(start, piece)| (*start, piece))
    }

    /// Where the last piece ends; zero if there is none.
    pub(super) fn end(&self) -> u64 {
        self.pieces.last_key_value().map_or(0, |(start, piece)| start + piece.len())
    }

    pub(super) fn pop(&mut self, pool: &mut Pool) -> Option<(u64, Piece)> {
        let start = *self.pieces.first_key_value()?.0;
        self.remove(start, pool).map(|piece| (start, piece))
    }

    /// Keeps a segment; where it overlaps what is kept already, the policy says which version stays, and the other goes out.
    pub(super) fn insert(&mut self, new: New<'_>, way: Way, pool: &mut Pool, out: &mut impl Sink) {
        let mut cursor = new.start;
        for run in self.runs(&new, pool.limits.policy) {
            let len = run.to - run.from;
            match run.verdict {
                Verdict::Fill => self.carve(run.from, run.to, pool),
                _ if !run.differs => {
                    pool.counts.duplicates += len;
                    if !new.is_odd {
                        self.confirm(run.from, run.to);
                    }
                }
                _ => self.conflict(&run, &new, way, pool, out),
            }
            if run.verdict == Verdict::Keep || (run.verdict == Verdict::Replace && !run.differs) {
                self.put_slice(&new, cursor, run.from, pool);
                cursor = run.to;
            }
        }
        self.put_slice(&new, cursor, new.end(), pool);
    }

    /// Marks a stretch as not in the capture, as far as the next piece.
    pub(super) fn insert_lost(&mut self, start: u64, end: u64, at: u64, pool: &mut Pool) {
        let before = self.pieces.range(..=start).next_back().map_or(0, |(key, piece)| key + piece.len());
        let after = self.pieces.range(start..).next().map_or(u64::MAX, |(key, _)| *key);
        let (from, to) = (start.max(before), end.min(after));
        if from < to {
            let piece = Piece {
                bytes: Box::default(),
                lost: to - from,
                at,
                time: None,
                is_odd: false,
                segment: (from, to),
            };
            self.put(from, piece, pool);
        }
    }

    fn runs(&self, new: &New<'_>, policy: Policy) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for (start, piece) in self.overlapping(new.start, new.end()) {
            let (from, to) = (start.max(new.start), (start + piece.len()).min(new.end()));
            let verdict = verdict(new, piece, policy);
            let held = piece.bytes.get(index(from - start)..index(to - start)).unwrap_or_default();
            let differs = piece.lost == 0 && held != new.slice(from, to);
            match runs.last_mut() {
                Some(run) if run.to == from && run.verdict == verdict && verdict != Verdict::Fill => {
                    run.to = to;
                    run.differs |= differs;
                    run.is_odd |= piece.is_odd;
                }
                _ => {
                    let at = piece.at + (from - start);
                    runs.push(Run { from, to, verdict, differs, is_odd: piece.is_odd || new.is_odd, at });
                }
            }
        }
        runs
    }

    fn overlapping(&self, from: u64, to: u64) -> impl Iterator<Item = (u64, &Piece)> {
        let first =
            self.pieces.range(..=from).next_back().filter(|(start, piece)| **start + piece.len() > from);
        let first = first.map_or(from, |(start, _)| *start);
        self.pieces.range(first..to.max(first)).map(|(start, piece)| (*start, piece))
    }

    fn conflict(&mut self, run: &Run, new: &New<'_>, way: Way, pool: &mut Pool, out: &mut impl Sink) {
        let mut earlier = std::mem::take(&mut pool.earlier);
        earlier.clear();
        for (start, piece) in self.overlapping(run.from, run.to) {
            let part = index(run.from.saturating_sub(start))..index((run.to - start).min(piece.len()));
            earlier.extend_from_slice(piece.bytes.get(part).unwrap_or_default());
        }
        let later = new.slice(run.from, run.to);
        let (kept, other, within, at) = match run.verdict {
            Verdict::Replace => (later, &earlier[..], &earlier[..], run.at),
            _ => (&earlier[..], later, new.bytes, new.at + (run.from - new.start)),
        };
        report(
            &Conflict { offset: run.from, kept, other, within, at, is_ttl_odd: run.is_odd },
            way,
            pool,
            out,
        );
        pool.earlier = earlier;
        if run.verdict == Verdict::Replace {
            self.carve(run.from, run.to, pool);
        }
    }

    /// The same bytes came again from where nothing speaks against them.
    fn confirm(&mut self, from: u64, to: u64) {
        let first = self.overlapping(from, to).next().map_or(from, |(start, _)| start);
        for (_, piece) in self.pieces.range_mut(first..to.max(first)) {
            piece.is_odd = false;
        }
    }

    /// Takes a stretch out of what is kept.
    fn carve(&mut self, from: u64, to: u64, pool: &mut Pool) {
        let starts: Vec<u64> = self.overlapping(from, to).map(|(start, _)| start).collect();
        for start in starts {
            let Some(piece) = self.remove(start, pool) else { continue };
            let end = start + piece.len();
            self.put_part(start, &piece, start, from.min(end), pool);
            self.put_part(start, &piece, to.max(start), end, pool);
        }
    }

    fn put_part(&mut self, start: u64, piece: &Piece, from: u64, to: u64, pool: &mut Pool) {
        if from >= to {
            return;
        }
        let (bytes, lost) = match piece.lost {
            0 => (piece.bytes.get(index(from - start)..index(to - start)).unwrap_or_default().into(), 0),
            _ => (Box::default(), to - from),
        };
        self.put(from, Piece { bytes, lost, at: piece.at + (from - start), ..*piece }, pool);
    }

    fn put_slice(&mut self, new: &New<'_>, from: u64, to: u64, pool: &mut Pool) {
        if from < to {
            let (bytes, at) = (new.slice(from, to).into(), new.at + (from - new.start));
            let (time, is_odd, segment) = (new.time, new.is_odd, new.segment);
            self.put(from, Piece { bytes, lost: 0, at, time, is_odd, segment }, pool);
        }
    }

    fn put(&mut self, start: u64, piece: Piece, pool: &mut Pool) {
        let node = if self.pieces.is_empty() { NODE_COST } else { 0 };
        let cost = node + PIECE_COST + piece.bytes.len();
        self.cost += cost;
        pool.held += cost;
        pool.counts.waiting += piece.bytes.len() as u64;
        self.pieces.insert(start, piece);
    }

    fn remove(&mut self, start: u64, pool: &mut Pool) -> Option<Piece> {
        let piece = self.pieces.remove(&start)?;
        let node = if self.pieces.is_empty() { NODE_COST } else { 0 };
        let cost = node + PIECE_COST + piece.bytes.len();
        self.cost -= cost;
        pool.held -= cost;
        pool.counts.waiting -= piece.bytes.len() as u64;
        Some(piece)
    }
}

/// Hands both versions over, counts and notes.
pub(super) fn report(conflict: &Conflict<'_>, way: Way, pool: &mut Pool, out: &mut impl Sink) {
    pool.counts.conflicts += conflict.other.len() as u64;
    let what = if conflict.is_ttl_odd {
        "two versions of the same bytes, one with an odd time to live: a decoy"
    } else {
        "two versions of the same bytes"
    };
    pool.notes.add("tcp_overlap_conflict", conflict.at, what);
    out.conflict(way.flow, way.side, conflict);
}

fn verdict(new: &New<'_>, piece: &Piece, policy: Policy) -> Verdict {
    if piece.lost > 0 {
        return Verdict::Fill;
    }
    let (start, end) = piece.segment;
    let new_wins = match policy {
        _ if new.is_odd != piece.is_odd => piece.is_odd,
        Policy::First => false,
        Policy::Last => true,
        Policy::Linux => new.segment.0 < start || (new.segment.0 == start && new.segment.1 > end),
    };
    if new_wins { Verdict::Replace } else { Verdict::Keep }
}

fn index(len: u64) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}
