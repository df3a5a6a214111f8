//! SYNs: the start of a stream, the start again, and the start of another connection between the same ends.
//!
//! A SYN amid a connection may be the next connection's, or a decoy (RFC 5961, section 4). It is kept as a rival, and
//! wins when the other side acknowledges it, or when its sender goes on from it.

use super::flow::{Flow, Outcome};
use super::half::{Begun, Half, Rival};
use super::pool::Pool;
use super::{Flags, Segment, Sink};
use crate::Side;

/// The most that a SYN carries and its answer acknowledges (TCP Fast Open, RFC 7413).
const FAST_OPEN: u32 = 65_535;
/// How far before the first byte seen a SYN may stand that was captured late.
const LATE_SYN: u32 = 1 << 20;

impl Flow {
    /// Takes a SYN; false if it does not belong to this connection as far as is known.
    pub(super) fn take_syn(&mut self, segment: &Segment<'_>, side: Side, pool: &mut Pool) -> bool {
        let base = segment.seq.wrapping_add(1);
        let is_reply = segment.flags.has(Flags::ACK);
        let (own, peer) = self.pair(side);
        own.is_heard = true;
        let is_same = own.begun != Begun::No && own.base() == base;
        if own.begun == Begun::No || is_same {
            if is_reply
                && peer.begun == Begun::Syn
                && segment.ack.wrapping_sub(peer.base()) > FAST_OPEN
                && !is_same
            {
                pool.notes.add("tcp_syn_answer_unasked", segment.at, "an answer to a SYN that was not sent");
                return false;
            }
            if !is_same {
                own.begin(base, Begun::Syn);
            }
            own.begun = Begun::Syn;
            own.scale = segment.window_scale;
            return true;
        }
        if own.begun != Begun::Syn && own.base().wrapping_sub(base) <= LATE_SYN {
            return true;
        }
        pool.notes.add("tcp_second_syn", segment.at, "a SYN with another sequence number amid a connection");
        own.rival = Some(Rival { isn: segment.seq, scale: segment.window_scale, is_reply });
        false
    }

    /// The rival SYN, of whichever side, that this segment confirms.
    #[inline]
    pub(super) fn confirmed(&mut self, segment: &Segment<'_>, side: Side) -> Option<(Side, Rival)> {
        let (own, peer) = self.pair(side);
        if own.rival.is_none() && peer.rival.is_none() {
            return None;
        }
        let is_syn = segment.flags.has(Flags::SYN);
        if let Some(rival) = peer.rival
            && segment.flags.has(Flags::ACK)
        {
            let beyond = segment.ack.wrapping_sub(rival.isn.wrapping_add(1));
            let is_answer = beyond <= if is_syn { FAST_OPEN } else { 0 };
            if is_answer && (is_syn || !is_plausible_ack(peer, segment.ack)) {
                return Some((side.other(), rival));
            }
        }
        let rival = own.rival?;
        let goes_on = !is_syn && segment.seq == rival.isn.wrapping_add(1);
        (goes_on && own.offset(segment.seq) != own.next.cast_signed()).then_some((side, rival))
    }

    /// A rival is confirmed: if nothing came of the SYN before, its flow goes on with the new number, else a new one begins.
    pub(super) fn change(
        &mut self,
        rival: (Side, Rival),
        segment: &Segment<'_>,
        side: Side,
        pool: &mut Pool,
        out: &mut impl Sink,
    ) -> Outcome {
        let is_idle = |half: &Half| half.next == 0 && half.held.is_empty() && half.fin.is_none();
        if self.reset.is_some() || !self.halves.iter().all(is_idle) {
            return Outcome::Restart(Some(rival));
        }
        self.halves = <[Half; 2]>::default();
        self.adopt(rival.0, rival.1);
        self.segment(segment, side, pool, out)
    }

    /// Begins a side with a SYN that was kept as a rival.
    pub(super) fn adopt(&mut self, side: Side, rival: Rival) {
        let (own, _) = self.pair(side);
        own.begin(rival.isn.wrapping_add(1), Begun::Syn);
        own.is_heard = true;
        own.scale = rival.scale;
    }
}

fn is_plausible_ack(half: &Half, ack: u32) -> bool {
    let offset = half.offset(ack);
    offset >= half.acked.unwrap_or(0).cast_signed() && offset <= half.next.cast_signed()
}
