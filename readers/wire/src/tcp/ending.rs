//! The end of a connection: FIN, reset, and what comes after either.

use super::arrival::Arrival;
use super::flow::{Flow, Outcome};
use super::half::{Begun, Half, REACH};
use super::pool::{Pool, Way};
use super::{Apart, Close, Flags, Segment, Sink};
use crate::Side;

/// How far from the next byte a reset is taken if no window is known: one without scale.
const SMALL_WINDOW: u64 = 65_535;

impl Flow {
    pub(super) fn take_fin(&mut self, end: i64, at: u64, side: Side, pool: &mut Pool) {
        let (own, _) = self.pair(side);
        let next = own.next.cast_signed();
        let Ok(fin) = u64::try_from(end) else { return };
        if end < next || end - next > REACH.cast_signed() {
            pool.notes.add("tcp_fin_misplaced", at, "a FIN that does not stand at the end of the stream");
        } else if own.fin.is_none_or(|other| other == fin) {
            own.fin = Some(fin);
        } else {
            pool.notes.add("tcp_fin_moved", at, "a second FIN at another place");
            if own.acked <= own.fin {
                own.fin = Some(fin);
            }
        }
    }

    /// A reset is believed if it fits (RFC 5961, section 3.2), but ends the flow only after a while: what follows is still
    /// read, because it may have been made to be seen here and not to arrive.
    pub(super) fn take_reset(
        &mut self,
        segment: &Segment<'_>,
        side: Side,
        pool: &mut Pool,
        out: &mut impl Sink,
    ) {
        let (own, peer) = self.pair(side);
        let fits = if own.begun == Begun::No {
            let acked = peer.offset(segment.ack);
            peer.begun == Begun::No
                || (segment.flags.has(Flags::ACK) && acked >= 0 && acked <= peer.next.cast_signed() + 1)
        } else {
            let place = own.offset(segment.seq);
            let lowest = own.acked.unwrap_or(own.next.saturating_sub(SMALL_WINDOW)).min(own.next);
            let highest = if own.edge > 0 { own.edge } else { own.next + SMALL_WINDOW };
            place >= lowest.cast_signed() && place <= highest.max(own.next + 1).cast_signed()
        };
        if fits {
            self.reset = Some(side);
        } else {
            pool.counts.resets_refused += 1;
            pool.notes.add("tcp_reset_out_of_window", segment.at, "a reset outside the window, not believed");
        }
        self.apart(segment, side, Apart::InReset, pool, out);
    }

    /// A host that has reset a connection says nothing more on it: if it does, the reset was another's.
    pub(super) fn belie_reset(&mut self, segment: &Segment<'_>, side: Side, pool: &mut Pool) {
        if self.reset == Some(side) {
            self.reset = None;
            pool.notes.add("tcp_reset_belied", segment.at, "the connection goes on after a reset: a decoy");
        }
    }

    pub(super) fn after_close(
        &mut self,
        segment: &Segment<'_>,
        side: Side,
        pool: &mut Pool,
        out: &mut impl Sink,
    ) -> Outcome {
        let way = self.way(side);
        let (own, _) = self.pair(side);
        if segment.flags.has(Flags::SYN) && own.base() != segment.seq.wrapping_add(1) {
            return Outcome::Restart(None);
        }
        let is_syn = u32::from(segment.flags.has(Flags::SYN));
        let start = own.offset(segment.seq.wrapping_add(is_syn));
        let Segment { payload: bytes, at, time, .. } = *segment;
        let mut rest = Arrival { start, bytes, missing: 0, at, time, is_odd: false };
        let whole = rest;
        if start >= 0 && own.begun != Begun::No {
            let old = rest.split(own.next.cast_signed());
            if !old.bytes.is_empty() {
                own.compare(old, &whole, way, pool, out);
            }
            if rest.bytes.len() == 1 && whole.bytes.len() == 1 && Some(start.cast_unsigned()) == own.fin {
                pool.counts.keep_alives += 1;
                pool.counts.duplicates += 1;
                return Outcome::Taken;
            }
        }
        pool.decoy(way, rest.apart(Apart::AfterClose), out);
        Outcome::Taken
    }

    pub(super) fn has_ended(&self) -> bool {
        self.halves.iter().all(|half| half.fin.is_some() || !half.is_heard)
            && self.halves.iter().any(|half| half.fin.is_some())
    }

    /// Ends the flow, with the reason its own segments give if they give one.
    pub(super) fn close(&mut self, why: Close, pool: &mut Pool, out: &mut impl Sink) {
        if self.is_closed {
            return;
        }
        for side in [Side::Client, Side::Server] {
            let way = self.way(side);
            self.pair(side).0.finish(way, pool, out);
        }
        self.is_closed = true;
        let why = if self.has_ended() {
            Close::Fin
        } else if self.reset.is_some() {
            Close::Reset
        } else {
            why
        };
        out.close(self.id, why);
    }
}

/// Payload beyond a FIN: apart from the stream if the receiver has taken the FIN, else the FIN was a decoy.
pub(super) fn beyond_fin(
    own: &mut Half,
    arrival: &mut Arrival<'_>,
    way: Way,
    pool: &mut Pool,
    out: &mut impl Sink,
) {
    let Some(fin) = own.fin else { return };
    let place = fin.cast_signed();
    if arrival.end() <= place || arrival.bytes.is_empty() {
        return;
    }
    if arrival.bytes.len() == 1 && arrival.start == place && own.acked > own.fin {
        pool.counts.keep_alives += 1;
        pool.counts.duplicates += 1;
        arrival.bytes = &[];
        arrival.missing = 0;
    } else if own.acked > own.fin || (arrival.start == place + 1 && own.next == fin) {
        let inside = arrival.split(place);
        pool.decoy(way, arrival.apart(Apart::AfterFin), out);
        *arrival = inside;
    } else {
        pool.notes.add("tcp_fin_passed", arrival.at, "payload beyond a FIN that was not acknowledged");
        own.fin = None;
    }
}
