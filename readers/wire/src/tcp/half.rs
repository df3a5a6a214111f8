//! One direction of a connection: where its stream stands, and what becomes of payload that arrives.

use super::arrival::Arrival;
use super::held::{Held, New, Piece};
use super::history::Mark;
use super::pool::{Pool, Way};
use super::{Apart, Sink};

/// No window is larger (RFC 7323, section 2.3: 65,535 shifted by 14): payload further away is not of this stream.
pub(super) const REACH: u64 = 1 << 30;
/// Declared gaps that are remembered one by one; before them, what cannot be compared counts as late.
const GAPS: usize = 16;
/// Hops by which the time to live of one sender may differ, for paths that change.
const TTL_SLACK: u8 = 4;

/// How the sequence number of offset 0 came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Begun {
    /// It is not known.
    #[default]
    No,
    /// From a segment without payload, amid the connection.
    Bare,
    /// From payload, amid the connection.
    Midstream,
    /// From a SYN.
    Syn,
}

/// A SYN that says otherwise than the one before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rival {
    pub(super) isn: u32,
    pub(super) scale: Option<u8>,
    pub(super) is_reply: bool,
}

/// The state of one direction.
#[derive(Default)]
pub(super) struct Half {
    pub(super) begun: Begun,
    /// A segment of its own was seen.
    pub(super) is_heard: bool,
    /// A segment with ACK and without SYN was seen.
    pub(super) acks: bool,
    /// Sequence number of offset 0.
    base: u32,
    /// Offset of the next byte to hand on.
    pub(super) next: u64,
    /// Where in the capture file the last byte that was handed on ends.
    seen_to: u64,
    /// What the other side acknowledged; a FIN counts one.
    pub(super) acked: Option<u64>,
    /// The acknowledgement number that came before the base was known.
    pub(super) early_ack: Option<u32>,
    /// The right edge of the widest window that the other side announced; zero if unknown.
    pub(super) edge: u64,
    pub(super) scale: Option<u8>,
    pub(super) fin: Option<u64>,
    pub(super) rival: Option<Rival>,
    pub(super) held: Held,
    age: u32,
    pub(super) mark: Mark,
    pub(super) gaps: Vec<(u64, u64)>,
    pub(super) unsure_below: u64,
    ttl: u8,
    ttl_votes: u8,
    good: u32,
    bad: u32,
    is_strict: bool,
}

impl Half {
    /// Sets the sequence number of offset 0.
    pub(super) fn begin(&mut self, base: u32, begun: Begun) {
        self.begun = begun;
        self.base = base;
        self.next = 0;
        self.edge = 0;
        self.acked = None;
        if let Some(ack) = self.early_ack {
            self.acked = u64::try_from(self.offset(ack)).ok();
        }
    }

    pub(super) fn base(&self) -> u32 {
        self.base
    }

    /// Where a sequence number stands in the stream: the place nearest to the next byte.
    #[inline]
    pub(super) fn offset(&self, seq: u32) -> i64 {
        self.nearest(seq, self.next)
    }

    fn nearest(&self, seq: u32, place: u64) -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "sequence numbers are offsets modulo 2^32")]
        let there = self.base.wrapping_add(place as u32);
        place.cast_signed() + i64::from(seq.wrapping_sub(there).cast_signed())
    }

    /// Where an acknowledgement stands: near the stream, or near the one before if the stream itself is not captured.
    #[inline]
    pub(super) fn ack_offset(&self, ack: u32) -> Option<i64> {
        let near = |place: u64| {
            Some(self.nearest(ack, place)).filter(|offset| offset.abs_diff(place.cast_signed()) <= REACH)
        };
        near(self.next).or_else(|| near(self.acked?))
    }

    /// Whether the stream or what is held reaches up to the acknowledged FIN, and no further.
    pub(super) fn is_done(&self) -> bool {
        self.fin == Some(self.next) && self.held.is_empty() && self.acked > self.fin
    }

    pub(super) fn is_acked(&self, offset: u64) -> bool {
        self.acked.is_some_and(|acked| acked >= offset)
    }

    /// Whether the time to live is far from what this side usually sends.
    #[inline]
    pub(super) fn is_ttl_odd(&mut self, ttl: u8) -> bool {
        if ttl == self.ttl {
            self.ttl_votes = self.ttl_votes.saturating_add(1);
            return false;
        }
        if self.ttl_votes == 0 {
            (self.ttl, self.ttl_votes) = (ttl, 1);
            return false;
        }
        self.ttl_votes -= 1;
        self.ttl.abs_diff(ttl) > TTL_SLACK
    }

    /// Whether a segment is used, given its checksum. If all of a side are wrong, they are computed after the capture by
    /// the network card, so wrong ones are used until right ones are more than chance (one in 65,536) makes them.
    ///
    /// `counts`: pure acknowledgements and resets prove nothing, Linux computes those of resets itself.
    #[inline]
    pub(super) fn is_trusted(&mut self, checksum: Option<bool>, counts: bool, is_syn: bool) -> bool {
        match checksum {
            None => true,
            Some(true) => {
                if counts {
                    self.good = self.good.saturating_add(1);
                    self.is_strict |= is_syn || self.good > self.bad / 16;
                }
                true
            }
            Some(false) if self.is_strict => false,
            Some(false) => {
                self.bad = self.bad.saturating_add(u32::from(counts));
                true
            }
        }
    }

    /// Takes payload: hands it on if it is next, keeps it if it is ahead, compares it if it is old.
    #[inline]
    pub(super) fn take(&mut self, arrival: Arrival<'_>, way: Way, pool: &mut Pool, out: &mut impl Sink) {
        let is_next = arrival.start == self.next.cast_signed();
        if is_next && arrival.missing == 0 && !arrival.is_odd && self.held.is_empty() {
            self.deliver(arrival.bytes, arrival.at, arrival.time, way, pool, out);
        } else {
            self.take_other(arrival, way, pool, out);
        }
    }

    fn take_other(&mut self, mut arrival: Arrival<'_>, way: Way, pool: &mut Pool, out: &mut impl Sink) {
        let next = self.next.cast_signed();
        if arrival.start.abs_diff(next) > REACH {
            pool.decoy(way, arrival.apart(Apart::OutOfWindow), out);
            return;
        }
        let whole = arrival;
        let before = arrival.split(0);
        pool.decoy(way, before.apart(Apart::BeforeStart), out);
        let old = arrival.split(next);
        if !old.bytes.is_empty() {
            self.compare(old, &whole, way, pool, out);
        }
        let (Ok(start), Ok(end)) = (u64::try_from(arrival.start), u64::try_from(arrival.end())) else {
            return;
        };
        if !arrival.bytes.is_empty() {
            let segment = (u64::try_from(whole.start).unwrap_or(0), end);
            let Arrival { bytes, at, time, is_odd, .. } = arrival;
            let is_free = self.held.first().is_none_or(|(first, _)| first >= end);
            if start == self.next && !is_odd && is_free {
                self.deliver(bytes, at, time, way, pool, out);
            } else {
                self.held.insert(New { start, bytes, at, time, is_odd, segment }, way, pool, out);
            }
        }
        if arrival.missing > 0 {
            let lost_from = end.max(self.next);
            self.held.insert_lost(lost_from, end + arrival.missing, arrival.at, pool);
        }
        self.drain(way, pool, out);
        self.keep_to_cap(way, pool, out);
    }

    fn keep_to_cap(&mut self, way: Way, pool: &mut Pool, out: &mut impl Sink) {
        while self.held.cost() > pool.limits.held_side {
            pool.counts.holes_over_cap += 1;
            self.give_up(way, pool, out);
        }
    }

    #[inline]
    fn deliver(
        &mut self,
        bytes: &[u8],
        at: u64,
        time: Option<i64>,
        way: Way,
        pool: &mut Pool,
        out: &mut impl Sink,
    ) {
        out.data(way.flow, way.side, self.next, bytes, at, time);
        pool.history.push(&mut self.mark, self.next, bytes);
        pool.counts.data += bytes.len() as u64;
        self.next += bytes.len() as u64;
        self.seen_to = at.saturating_add(bytes.len() as u64);
    }

    fn skip(&mut self, len: u64, way: Way, pool: &mut Pool, out: &mut impl Sink) {
        out.gap(way.flow, way.side, self.next, len);
        pool.counts.gaps += len;
        pool.notes.add("tcp_gap", self.seen_to, format!("{len} bytes of a stream are not in the capture"));
        let end = self.next + len;
        match self.gaps.last_mut() {
            Some(last) if last.1 == self.next => last.1 = end,
            _ => {
                if self.gaps.len() >= GAPS {
                    self.unsure_below = self.gaps.remove(0).1;
                }
                self.gaps.push((self.next, end));
            }
        }
        self.next = end;
    }

    fn deliver_piece(&mut self, piece: &Piece, way: Way, pool: &mut Pool, out: &mut impl Sink) {
        if piece.lost > 0 {
            self.skip(piece.lost, way, pool, out);
        } else {
            self.deliver(&piece.bytes, piece.at, piece.time, way, pool, out);
        }
        self.age = 0;
    }

    /// Hands on what is held and next.
    pub(super) fn drain(&mut self, way: Way, pool: &mut Pool, out: &mut impl Sink) {
        while let Some((start, piece)) = self.held.first() {
            let must_wait = piece.is_odd && !self.is_acked(start + piece.len());
            if start != self.next || must_wait {
                return;
            }
            let Some((_, piece)) = self.held.pop(pool) else { return };
            self.deliver_piece(&piece, way, pool, out);
        }
    }

    /// Gives the first hole up, or the doubt about the first piece, and with it the doubt about what follows: after so
    /// much without a word from the receiver, the window that it announced is not known any more either.
    fn give_up(&mut self, way: Way, pool: &mut Pool, out: &mut impl Sink) {
        let Some((start, _)) = self.held.first() else { return };
        if start > self.next {
            self.skip(start - self.next, way, pool, out);
        }
        self.edge = 0;
        while self.held.first().is_some_and(|(start, _)| start == self.next) {
            let Some((_, piece)) = self.held.pop(pool) else { return };
            self.deliver_piece(&piece, way, pool, out);
        }
    }

    /// Books an acknowledgement; false if it says nothing new.
    ///
    /// One of bytes that were not seen is believed, because captures lose some, until its sender falls behind it.
    #[inline]
    pub(super) fn acknowledge(&mut self, offset: u64) -> bool {
        let Some(acked) = self.acked else {
            self.acked = Some(offset);
            return true;
        };
        if offset > acked || (offset < acked && acked > self.seen() + 1) {
            self.acked = Some(offset);
        }
        offset > acked
    }

    /// The end of what was seen of the stream.
    fn seen(&self) -> u64 {
        self.next.max(self.held.end())
    }

    /// Another segment of the flow came: a hole that the receiver does not have was not captured.
    pub(super) fn grow_old(&mut self, way: Way, pool: &mut Pool, out: &mut impl Sink) {
        let Some((start, _)) = self.held.first() else { return };
        if start == self.next || self.is_acked(start) {
            self.age += 1;
            if self.age > pool.limits.patience {
                self.age = 0;
                self.give_up(way, pool, out);
            }
        }
    }

    /// Hands on all that is held, with its holes.
    pub(super) fn flush(&mut self, way: Way, pool: &mut Pool, out: &mut impl Sink) {
        while !self.held.is_empty() {
            self.give_up(way, pool, out);
        }
    }

    /// The end: what is held, and what is known to have followed.
    pub(super) fn finish(&mut self, way: Way, pool: &mut Pool, out: &mut impl Sink) {
        self.flush(way, pool, out);
        // An acknowledgement may count a FIN that was not captured: one byte more is no proof of payload.
        let acked = self.acked.filter(|acked| *acked > self.next + 1 && *acked - self.next <= REACH);
        let end = self.fin.or(acked).unwrap_or(0);
        if end > self.next && end - self.next <= REACH && self.begun != Begun::No {
            self.skip(end - self.next, way, pool, out);
        }
    }
}
