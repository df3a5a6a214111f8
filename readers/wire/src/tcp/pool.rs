//! What all flows of a reassembler share.

use super::history::History;
use super::{Apart, Counts, Decoy, FlowId, Limits, Sink};
use crate::Notes;
use crate::Side;

/// Limits, counters, notes, memory of bytes handed on, and buffers that are used again.
pub(super) struct Pool {
    pub(super) limits: Limits,
    pub(super) counts: Counts,
    pub(super) notes: Notes,
    pub(super) history: History,
    /// Memory of all held segments, with overhead.
    pub(super) held: usize,
    /// Scratch: the earlier version of an overlap.
    pub(super) earlier: Vec<u8>,
    /// Scratch: which parts of `earlier` are known.
    pub(super) known: Vec<(u64, u64)>,
}

/// Which stream.
#[derive(Clone, Copy)]
pub(super) struct Way {
    pub(super) flow: FlowId,
    pub(super) side: Side,
}

impl Pool {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            counts: Counts::default(),
            notes: Notes::default(),
            history: History::new(limits.history),
            held: 0,
            earlier: Vec::new(),
            known: Vec::new(),
        }
    }

    /// Hands bytes over that stand apart from the stream.
    pub(super) fn decoy(&mut self, way: Way, decoy: Decoy<'_>, out: &mut impl Sink) {
        if decoy.bytes.is_empty() {
            return;
        }
        self.counts.decoys += decoy.bytes.len() as u64;
        let (kind, what) = why(decoy.why);
        self.notes.add(kind, decoy.at, what);
        out.decoy(way.flow, way.side, &decoy);
    }
}

fn why(apart: Apart) -> (&'static str, &'static str) {
    match apart {
        Apart::BadChecksum => {
            ("tcp_bad_checksum", "payload with a wrong checksum, from a sender whose others are right")
        }
        Apart::Alternative => ("tcp_alternative", "another reading of a segment in overlapping fragments"),
        Apart::OutOfWindow => {
            ("tcp_out_of_window", "payload further from the stream than any window reaches")
        }
        Apart::BeforeStart => ("tcp_before_start", "payload from before the first byte seen of its stream"),
        Apart::Late => ("tcp_late", "payload that came after its gap was declared"),
        Apart::Unverified => ("tcp_unverified", "a retransmission too old to be compared"),
        Apart::NoAck => ("tcp_no_ack", "payload without ACK"),
        Apart::BadAck => ("tcp_bad_ack", "payload that acknowledges what was never sent"),
        Apart::AfterFin => ("tcp_data_after_fin", "payload beyond an acknowledged FIN"),
        Apart::AfterClose => ("tcp_data_after_close", "payload after both sides closed"),
        Apart::InReset => ("tcp_data_in_reset", "payload in a reset"),
        Apart::InSyn => ("tcp_data_in_unknown_syn", "payload in a SYN that fits no connection yet"),
    }
}
