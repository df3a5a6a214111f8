//! Frames in, segments out, with fragments joined and every byte accounted for.

use super::fragment::{Defragmenter, Limits, Overlap};
use super::peel::{Frame, decode};
use super::segment::Decoded;
use crate::Notes;

/// What became of the bytes that were pushed: `pushed` is the sum of the others, save `missing`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Bytes of all frames.
    pub pushed: u64,
    /// Payload that was handed out. An alternative is not counted: it takes the place of what is.
    pub content: u64,
    /// Headers and padding, and frames that serve the link only.
    pub framing: u64,
    /// What cannot be read, and what stands after the end of a packet or datagram.
    pub opaque: u64,
    /// Copies of fragments. Those that differ are in an alternative, unless it has a hole before them.
    pub repeated: u64,
    /// Fragments that were given up because a cap was reached.
    pub over_limit: u64,
    /// Fragments after a hole that never closed.
    pub lost: u64,
    /// Fragments that wait for others.
    pub held: u64,
    /// Payload that segments lack: cut by the snap length, or behind a hole between fragments. Not part of `pushed`.
    pub missing: u64,
}

impl Count {
    pub(super) fn release(&mut self, bytes: usize) {
        self.held = self.held.saturating_sub(bytes as u64);
    }

    pub(super) fn release_repeated(&mut self, bytes: usize) {
        self.release(bytes);
        self.repeated += bytes as u64;
    }

    pub(super) fn release_over_limit(&mut self, bytes: usize) {
        self.release(bytes);
        self.over_limit += bytes as u64;
    }

    pub(super) fn release_lost(&mut self, bytes: usize) {
        self.release(bytes);
        self.lost += bytes as u64;
    }

    /// Books the `length` bytes that a frame or datagram was peeled from.
    pub(super) fn book(&mut self, decoded: &Decoded<'_>, length: usize) {
        let length = length as u64;
        let (content, opaque, held, missing) = match decoded {
            Decoded::Segment(segment) => (segment.payload.len(), segment.surplus, 0, segment.missing),
            Decoded::Fragment(fragment) => (0, fragment.surplus, fragment.bytes.len(), 0),
            Decoded::Opaque { bytes, surplus, .. } => (0, bytes.len().saturating_add(*surplus), 0, 0),
            Decoded::Control { surplus, .. } => (0, *surplus, 0, 0),
        };
        self.content += content as u64;
        self.opaque += opaque as u64;
        self.held += held as u64;
        self.missing += missing as u64;
        self.framing += length.saturating_sub((content + opaque + held) as u64);
    }

    /// The sum of what became of the bytes; equals `pushed`.
    pub fn total(&self) -> u64 {
        self.content + self.framing + self.opaque + self.repeated + self.over_limit + self.lost + self.held
    }
}

/// Peels frames and joins fragments.
#[derive(Debug, Default)]
pub struct Decoder {
    defragmenter: Defragmenter,
    count: Count,
}

impl Decoder {
    /// With nothing seen.
    pub fn new(limits: Limits, policy: Overlap) -> Self {
        Self { defragmenter: Defragmenter::new(limits, policy), count: Count::default() }
    }

    /// Peels a frame that was captured at `time`, in nanoseconds since 1970, and hands out what is ready.
    ///
    /// `sink` gets segments, and what is opaque or serves the link; fragments are kept back.
    pub fn push(
        &mut self,
        frame: &Frame<'_>,
        time: Option<i64>,
        notes: &mut Notes,
        sink: &mut impl FnMut(Decoded<'_>),
    ) {
        if self.defragmenter.memory() > 0
            && let Some(time) = time
        {
            self.defragmenter.expire(time, &mut self.count, notes);
            self.drain(Some(time), notes, sink);
        }
        let decoded = decode(frame, notes);
        self.count.pushed += frame.bytes.len() as u64;
        self.count.book(&decoded, frame.bytes.len());
        match decoded {
            Decoded::Fragment(fragment) => {
                self.defragmenter.push(&fragment, time, &mut self.count, notes);
                self.drain(time, notes, sink);
            }
            decoded => sink(decoded),
        }
    }

    /// Hands out what is left of datagrams that did not get whole.
    pub fn finish(&mut self, notes: &mut Notes, sink: &mut impl FnMut(Decoded<'_>)) {
        while self.defragmenter.finish_one(&mut self.count, notes) {
            self.drain(None, notes, sink);
        }
    }

    /// What became of the bytes so far.
    pub fn count(&self) -> Count {
        self.count
    }

    /// The memory that fragments take, in bytes.
    pub fn memory(&self) -> usize {
        self.defragmenter.memory()
    }

    /// Peels datagrams that are ready. One may carry a fragment of another, at a greater depth, so this ends.
    fn drain(&mut self, time: Option<i64>, notes: &mut Notes, sink: &mut impl FnMut(Decoded<'_>)) {
        while let Some(datagram) = self.defragmenter.next_ready() {
            let decoded = datagram.decode(notes);
            if !datagram.is_alternative {
                self.count.book(&decoded, datagram.bytes.len());
            }
            match decoded {
                Decoded::Fragment(fragment) if datagram.is_alternative => {
                    let at = fragment.places.at(0);
                    notes.add(
                        "ip_fragment_conflict_inside",
                        at,
                        "an alternative is a tunnel's fragment; not joined",
                    );
                }
                Decoded::Fragment(fragment) => {
                    self.defragmenter.push(&fragment, time, &mut self.count, notes);
                }
                // The bytes of an alternative are booked as repeated; nothing of it is opaque once more.
                Decoded::Opaque { .. } | Decoded::Control { .. } if datagram.is_alternative => {}
                decoded => sink(decoded),
            }
        }
    }
}
