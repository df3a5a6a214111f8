//! The bytes of a client's CRYPTO frames, put in order, to its hellos.
//!
//! Of bytes that come in two versions the first stands.

use std::ops::Range;

/// Type and length of a handshake message (RFC 8446, section 4).
const HEADER: usize = 4;
const CLIENT_HELLO: u8 = 1;

/// Where a packet stands in the capture file, and when it came.
pub(super) type When = (u64, Option<i64>);

/// Bytes without a hole.
#[derive(Debug)]
struct Run {
    start: u64,
    bytes: Vec<u8>,
}

impl Run {
    fn end(&self) -> u64 {
        self.start.saturating_add(self.bytes.len() as u64)
    }
}

/// The stream of one client.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// In order, none touching the next.
    runs: Vec<Run>,
    /// Up to where the messages were handed on.
    done: u64,
    /// Whether it is read no more: it has a message that is over a cap, or no hello.
    pub(super) is_over: bool,
    /// The packet that has the next message's first byte.
    first: Option<When>,
}

/// Why bytes were not taken as they are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Odd {
    /// They differ from those that came first.
    Conflict,
    /// They are over a cap.
    OverLimit,
    /// They are no client hello.
    Message(u8),
}

impl Stream {
    /// Bytes that are held.
    pub(super) fn held(&self) -> usize {
        self.runs.iter().map(|run| run.bytes.len()).sum()
    }

    /// Whether a hello has begun and not ended.
    pub(super) fn is_partial(&self) -> bool {
        !self.is_over && !self.runs.is_empty()
    }

    /// The packet in which the next message began, if that is here.
    pub(super) fn first(&self) -> Option<When> {
        self.first
    }

    /// Takes the bytes at an offset. `most` are the bytes that the message at hand may have, `pieces` the runs.
    pub(super) fn push(
        &mut self,
        offset: u64,
        bytes: &[u8],
        (most, pieces): (usize, usize),
        when: When,
    ) -> Result<(), Odd> {
        // What was handed on is sent again until it is acknowledged.
        let passed = usize::try_from(self.done.saturating_sub(offset)).unwrap_or(usize::MAX);
        let Some(bytes) = bytes.get(passed..).filter(|bytes| !bytes.is_empty() && !self.is_over) else {
            return Ok(());
        };
        let start = offset.max(self.done);
        let end = start.saturating_add(bytes.len() as u64);
        if end - self.done > most as u64 {
            return Err(Odd::OverLimit);
        }
        let mut touching = self.touching(start..end);
        let mut is_over = false;
        if touching.is_empty() && self.runs.len() >= pieces {
            // What comes first is wanted first.
            if self.runs.last().is_none_or(|last| last.start < start) {
                return Err(Odd::OverLimit);
            }
            is_over = true;
            self.runs.pop();
            touching = self.touching(start..end);
        }
        if start == self.done && self.first.is_none() {
            self.first = Some(when);
        }
        self.merge(touching, start, bytes)?;
        if is_over { Err(Odd::OverLimit) } else { Ok(()) }
    }

    /// The runs that overlap a range or touch it.
    fn touching(&self, range: Range<u64>) -> Range<usize> {
        let first = self.runs.partition_point(|run| run.end() < range.start);
        let last = self.runs.partition_point(|run| run.start <= range.end);
        first..last.max(first)
    }

    /// Joins bytes with the runs that they touch.
    fn merge(&mut self, touching: Range<usize>, start: u64, bytes: &[u8]) -> Result<(), Odd> {
        let joined = self.runs.get(touching.clone()).unwrap_or_default();
        let at = |place: u64, from: u64| usize::try_from(place.saturating_sub(from)).unwrap_or(usize::MAX);
        let differs = joined.iter().any(|run| {
            let (from, to) = (run.start.max(start), run.end().min(start.saturating_add(bytes.len() as u64)));
            let old = run.bytes.get(at(from, run.start)..at(to, run.start));
            from < to && old != bytes.get(at(from, start)..at(to, start))
        });
        let result = if differs { Err(Odd::Conflict) } else { Ok(()) };
        if let Some(run) =
            self.runs.get_mut(touching.start).filter(|run| touching.len() == 1 && run.start <= start)
        {
            // The usual case: they follow what is there, or are there already.
            let known = at(run.end(), start);
            run.bytes.extend_from_slice(bytes.get(known..).unwrap_or_default());
            return result;
        }
        let mut whole = Run { start, bytes: bytes.to_vec() };
        for run in self.runs.drain(touching.clone()) {
            let end = whole.end();
            if run.start < whole.start {
                let before = run.bytes.get(..at(whole.start, run.start)).unwrap_or_default();
                whole.bytes.splice(..0, before.iter().copied());
                whole.start = run.start;
            }
            let (from, len) = (at(run.start, whole.start), run.bytes.len());
            let known = len.min(at(end, run.start));
            if let Some(place) = whole.bytes.get_mut(from..from + known) {
                place.copy_from_slice(run.bytes.get(..known).unwrap_or_default());
            }
            whole.bytes.extend_from_slice(run.bytes.get(known..).unwrap_or_default());
        }
        self.runs.insert(touching.start, whole);
        result
    }

    /// The body of the next hello, if it is whole, and the packet in which it began. `now` is the packet at hand.
    pub(super) fn next(&mut self, most: usize, now: When) -> Result<Option<(Vec<u8>, When)>, Odd> {
        let Some(run) = self.runs.first_mut().filter(|run| run.start == self.done) else { return Ok(None) };
        let Some(([kind, a, b, c], rest)) = run.bytes.split_first_chunk::<HEADER>() else { return Ok(None) };
        let odd = if *kind == CLIENT_HELLO { None } else { Some(Odd::Message(*kind)) };
        let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
        let odd = odd.or_else(|| (length + HEADER > most).then_some(Odd::OverLimit));
        if let Some(odd) = odd {
            self.give_up();
            return Err(odd);
        }
        let Some(body) = rest.get(..length).map(<[u8]>::to_vec) else { return Ok(None) };
        run.bytes.drain(..HEADER + length);
        run.start += (HEADER + length) as u64;
        self.done = run.start;
        let began = self.first.take().unwrap_or(now);
        if run.bytes.is_empty() {
            self.runs.remove(0);
        } else {
            self.first = Some(now);
        }
        Ok(Some((body, began)))
    }

    /// Reads no more.
    fn give_up(&mut self) {
        self.is_over = true;
        self.runs = Vec::new();
    }
}
