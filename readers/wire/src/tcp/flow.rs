//! A connection: both directions, and what its control bits say.

use super::arrival::Arrival;
use super::ending::beyond_fin;
use super::half::{Begun, Half, Rival};
use super::list::Links;
use super::pool::{Pool, Way};
use super::table::Key;
use super::{Apart, Close, Decoy, Flags, FlowId, Segment, Sink};
use crate::Side;

/// The longest payload that can be missing: no segment is longer, segmentation offload with jumbograms included.
const MISSING: u32 = 1 << 20;
/// How far payload may stand before a bare segment that came first, when packets at the start of a capture change places.
const SHUFFLE: i64 = 1 << 20;

/// Which flows make room first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Closed, or about to be.
    Done,
    /// Only one side was heard.
    Fresh,
    /// Both sides were heard.
    Live,
}

/// What the reassembler is to do after a segment.
pub(super) enum Outcome {
    Taken,
    /// The segment belongs to a new flow, begun by this SYN of that side if there is one.
    Restart(Option<(Side, Rival)>),
}

/// The state of a connection.
pub(super) struct Flow {
    pub(super) id: FlowId,
    pub(super) key: Key,
    /// The client's end is the lower of the key's.
    pub(super) is_client_low: bool,
    pub(super) halves: [Half; 2],
    pub(super) class: Class,
    pub(super) order: Links,
    pub(super) holding: Links,
    pub(super) is_holding: bool,
    pub(super) last: Option<i64>,
    /// `close` was called; what remains tells late segments from a new connection.
    pub(super) is_closed: bool,
    pub(super) reset: Option<Side>,
}

impl Flow {
    pub(super) fn new(id: FlowId, key: Key, is_client_low: bool) -> Self {
        Self {
            id,
            key,
            is_client_low,
            halves: <[Half; 2]>::default(),
            class: Class::Fresh,
            order: Links::default(),
            holding: Links::default(),
            is_holding: false,
            last: None,
            is_closed: false,
            reset: None,
        }
    }

    /// The half of a side, and the other.
    #[inline]
    pub(super) fn pair(&mut self, side: Side) -> (&mut Half, &mut Half) {
        let [client, server] = &mut self.halves;
        match side {
            Side::Client => (client, server),
            Side::Server => (server, client),
        }
    }

    #[inline]
    pub(super) fn side(&self, is_from_low: bool) -> Side {
        if is_from_low == self.is_client_low { Side::Client } else { Side::Server }
    }

    pub(super) fn way(&self, side: Side) -> Way {
        Way { flow: self.id, side }
    }

    /// Takes a segment of this flow.
    pub(super) fn segment(
        &mut self,
        segment: &Segment<'_>,
        side: Side,
        pool: &mut Pool,
        out: &mut impl Sink,
    ) -> Outcome {
        let flags = segment.flags;
        if let Some(why) = self.stands_apart(segment, side) {
            if segment.payload.is_empty() {
                pool.notes.add(
                    "tcp_not_used",
                    segment.at,
                    "a segment with a wrong checksum or an alternative, without payload",
                );
            }
            self.apart(segment, side, why, pool, out);
            return Outcome::Taken;
        }
        if self.is_closed {
            return self.after_close(segment, side, pool, out);
        }
        if flags.has(Flags::RST) {
            self.take_reset(segment, side, pool, out);
            return Outcome::Taken;
        }
        if let Some(rival) = self.confirmed(segment, side) {
            return self.change(rival, segment, side, pool, out);
        }
        if flags.has(Flags::SYN) && !self.take_syn(segment, side, pool) {
            self.apart(segment, side, Apart::InSyn, pool, out);
            return Outcome::Taken;
        }
        if let Some(why) = self.is_unacceptable(segment, side) {
            self.apart(segment, side, why, pool, out);
            return Outcome::Taken;
        }
        self.take_ack(segment, side, pool, out);
        self.take_payload(segment, side, pool, out);
        self.settle(pool, out);
        Outcome::Taken
    }

    #[inline]
    fn stands_apart(&mut self, segment: &Segment<'_>, side: Side) -> Option<Apart> {
        if segment.is_alternative {
            return Some(Apart::Alternative);
        }
        let is_syn = segment.flags.has(Flags::SYN);
        let counts = is_syn || segment.flags.has(Flags::FIN) || !segment.payload.is_empty();
        let is_trusted = self.pair(side).0.is_trusted(segment.checksum_ok, counts, is_syn);
        (!is_trusted).then_some(Apart::BadChecksum)
    }

    pub(super) fn apart(
        &mut self,
        segment: &Segment<'_>,
        side: Side,
        why: Apart,
        pool: &mut Pool,
        out: &mut impl Sink,
    ) {
        let way = self.way(side);
        let (half, _) = self.pair(side);
        let offset =
            if half.begun == Begun::No { None } else { u64::try_from(half.offset(segment.seq)).ok() };
        let Segment { payload: bytes, at, time, .. } = *segment;
        pool.decoy(way, Decoy { why, offset, bytes, at, time }, out);
    }

    #[inline]
    fn is_unacceptable(&mut self, segment: &Segment<'_>, side: Side) -> Option<Apart> {
        let (own, peer) = self.pair(side);
        if !segment.flags.has(Flags::ACK) {
            let is_syn = segment.flags.has(Flags::SYN);
            return (own.acks && !is_syn).then_some(Apart::NoAck);
        }
        (peer.begun != Begun::No && peer.ack_offset(segment.ack).is_none()).then_some(Apart::BadAck)
    }

    /// Books what the segment acknowledges of the other side, and the window it opens.
    #[inline]
    fn take_ack(&mut self, segment: &Segment<'_>, side: Side, pool: &mut Pool, out: &mut impl Sink) {
        let way = self.way(side.other());
        let (own, peer) = self.pair(side);
        if !segment.flags.has(Flags::ACK) {
            return;
        }
        let is_syn = segment.flags.has(Flags::SYN);
        own.acks |= !is_syn;
        if peer.begun == Begun::No {
            peer.early_ack = Some(segment.ack);
            return;
        }
        let Some(Ok(offset)) = peer.ack_offset(segment.ack).map(u64::try_from) else { return };
        let is_news = peer.acknowledge(offset);
        if own.begun == Begun::Syn && peer.begun == Begun::Syn {
            let scale = own.scale.filter(|_| peer.scale.is_some() && !is_syn).unwrap_or(0).min(14);
            peer.edge = peer.edge.max(offset + (u64::from(segment.window) << scale));
        }
        if is_news {
            if !peer.held.is_empty() {
                peer.drain(way, pool, out);
            }
            self.belie_reset(segment, side, pool);
        }
    }

    #[inline]
    fn take_payload(&mut self, segment: &Segment<'_>, side: Side, pool: &mut Pool, out: &mut impl Sink) {
        let way = self.way(side);
        let (own, _) = self.pair(side);
        if !own.is_heard || own.begun == Begun::No || own.begun == Begun::Bare {
            begin_midstream(own, segment);
        }
        let is_syn = u32::from(segment.flags.has(Flags::SYN));
        let start = own.offset(segment.seq.wrapping_add(is_syn));
        let is_ttl_odd = own.is_ttl_odd(segment.ttl);
        let is_odd = is_ttl_odd || (own.edge > 0 && start >= own.edge.cast_signed());
        let missing = u64::from(segment.missing.min(MISSING));
        let mut arrival =
            Arrival { start, bytes: segment.payload, missing, at: segment.at, time: segment.time, is_odd };
        if own.fin.is_some() {
            beyond_fin(own, &mut arrival, way, pool, out);
        }
        let end = arrival.end() + arrival.missing.cast_signed();
        if end > start {
            if segment.flags.has(Flags::URG) {
                pool.notes.add("tcp_urgent", segment.at, "urgent data, kept in line");
            }
            let is_new = end > own.next.cast_signed();
            own.take(arrival, way, pool, out);
            if is_new && self.reset.is_some() {
                pool.notes.add("tcp_data_after_reset", segment.at, "payload after a reset in the window");
                self.belie_reset(segment, side, pool);
            }
        }
        if segment.flags.has(Flags::FIN) {
            self.take_fin(end, segment.at, side, pool);
        }
    }

    /// After each segment: holes grow old, and a flow whose sides have both closed is over.
    #[inline]
    fn settle(&mut self, pool: &mut Pool, out: &mut impl Sink) {
        for side in [Side::Client, Side::Server] {
            let way = self.way(side);
            let (own, _) = self.pair(side);
            if !own.held.is_empty() {
                own.grow_old(way, pool, out);
            }
        }
        if self.halves.iter().all(Half::is_done) {
            self.is_closed = true;
            out.close(self.id, Close::Fin);
        }
    }

    /// Which flows it makes room with.
    #[inline]
    pub(super) fn classify(&self) -> Class {
        let [client, server] = &self.halves;
        let is_live = client.is_heard && server.is_heard;
        if self.is_closed || self.reset.is_some() || (is_live && self.has_ended()) {
            Class::Done
        } else if is_live {
            Class::Live
        } else {
            Class::Fresh
        }
    }

    pub(super) fn holds(&self) -> bool {
        self.halves.iter().any(|half| !half.held.is_empty())
    }

    /// Hands on all that is held, to free memory.
    pub(super) fn flush(&mut self, pool: &mut Pool, out: &mut impl Sink) {
        for side in [Side::Client, Side::Server] {
            let way = self.way(side);
            self.pair(side).0.flush(way, pool, out);
        }
    }
}

fn begin_midstream(own: &mut Half, segment: &Segment<'_>) {
    own.is_heard = true;
    let is_bare = segment.payload.is_empty() && segment.missing == 0;
    let begun = if is_bare { Begun::Bare } else { Begun::Midstream };
    if own.begun == Begun::No {
        // A keep-alive comes first: its byte is an old one.
        let is_old = segment.payload.len() == 1 && own.early_ack == Some(segment.seq.wrapping_add(1));
        own.begin(segment.seq.wrapping_add(u32::from(is_old)), begun);
    } else if own.begun == Begun::Bare && !is_bare {
        let offset = own.offset(segment.seq);
        let is_untouched = own.next == 0 && own.held.is_empty() && own.fin.is_none();
        if is_untouched && (offset == 1 || ((-SHUFFLE..0).contains(&offset) && !is_keep_alive(own, segment)))
        {
            own.early_ack = None;
            own.begin(segment.seq, begun);
        } else {
            own.begun = begun;
        }
    }
}

fn is_keep_alive(own: &Half, segment: &Segment<'_>) -> bool {
    segment.payload.len() == 1 && own.offset(segment.seq) == -1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_is_small() {
        // 200,000 of them are kept by default.
        assert!(size_of::<Flow>() <= 640, "{}", size_of::<Flow>());
    }
}
