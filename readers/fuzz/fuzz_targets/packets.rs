//! Frames of any link, through packets to TCP streams: every byte has one account in both layers, payload stands in the
//! file where it says, streams have no hole that is not told, and what is kept stays under the caps.
#![no_main]

#[path = "shared/frames.rs"]
mod frames;

use std::collections::BTreeMap;

use coldcase_wire::packet::{self, Checksum, Decoded, Decoder, Overlap, Transport};
use coldcase_wire::tcp::{
    self, Close, Conflict, Decoy, Endpoint, Flags, FlowId, FlowInfo, Reassembler, Sink,
};
use coldcase_wire::{Notes, Side};
use frames::Made;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (mode, bytes) = input;
    let (file, made) = frames::frames(bytes);
    let first = read(&file, &made, mode);
    // No order of a hash table is seen.
    assert_eq!(read(&file, &made, mode), first, "once more");
});

fn limits(is_small: bool) -> (packet::Limits, tcp::Limits) {
    let (mut packets, mut streams) = (packet::Limits::default(), tcp::Limits::default());
    if is_small {
        (packets.bytes, packets.datagrams, packets.remembered_bytes, packets.versions) = (4000, 3, 2000, 2);
        (streams.held_side, streams.held_total, streams.history) = (600, 1000, 64);
        (streams.flows, streams.patience) = (3, 3);
    }
    (packets, streams)
}

fn read(file: &[u8], made: &[Made], mode: u8) -> Vec<String> {
    let (packets, mut streams) = limits(mode & 1 == 1);
    let overlap = if mode & 2 == 0 { Overlap::First } else { Overlap::Last };
    streams.policy = [tcp::Policy::First, tcp::Policy::Last, tcp::Policy::Linux][usize::from(mode >> 2) % 3];
    let (mut decoder, mut notes) = (Decoder::new(packets, overlap), Notes::default());
    let mut layer = Layer { file, tcp: Reassembler::new(streams), told: Told::default(), content: 0 };
    for frame in made {
        let bytes = &file[frame.start..frame.end];
        let (at, time) = (frame.start as u64, frame.time);
        let pushed = packet::Frame { link: frame.link, bytes, original: frame.original, at };
        decoder.push(&pushed, time, &mut notes, &mut |decoded| layer.take(&decoded, time));
        let count = decoder.count();
        assert_eq!((count.pushed, count.total()), (frame.end as u64, frame.end as u64), "{count:?}");
        assert!(decoder.memory() <= packets.bytes + packets.remembered_bytes);
        layer.check(&streams);
    }
    decoder.finish(&mut notes, &mut |decoded| layer.take(&decoded, None));
    let count = decoder.count();
    assert_eq!((count.held, count.content), (0, layer.content), "{count:?}");
    assert_eq!(count.total(), file.len() as u64);
    layer.tcp.finish(&mut layer.told);
    layer.check(&streams);
    let counts = layer.tcp.counts();
    assert_eq!((counts.waiting, counts.flows), (0, layer.told.opened));
    assert_eq!(layer.told.closed.len() as u64, counts.flows, "each is closed once");
    layer.told.log
}

/// What takes segments out of frames.
struct Layer<'a> {
    file: &'a [u8],
    tcp: Reassembler,
    told: Told,
    /// Payload of segments that are no other version of one.
    content: u64,
}

impl Layer<'_> {
    fn take(&mut self, decoded: &Decoded<'_>, time: Option<i64>) {
        let Decoded::Segment(segment) = decoded else { return };
        let mut covered = 0;
        for piece in segment.places.pieces(segment.payload.len()) {
            assert_eq!(piece.offset, covered);
            let at = usize::try_from(piece.at).expect("a place in the file");
            let there = &self.file[at..at + piece.length];
            assert_eq!(there, &segment.payload[piece.offset..piece.offset + piece.length]);
            covered += piece.length;
        }
        assert_eq!(covered, segment.payload.len());
        self.content += if segment.is_alternative { 0 } else { segment.payload.len() as u64 };
        let Transport::Tcp(head) = &segment.transport else { return };
        let end = |address, port| Endpoint { address, port };
        let segment = tcp::Segment {
            space: 0,
            source: end(segment.source, head.source_port),
            target: end(segment.target, head.target_port),
            seq: head.sequence,
            ack: head.acknowledgment,
            flags: Flags(head.flags.to_le_bytes()[0]),
            window: head.window,
            window_scale: head.options.first().copied(),
            payload: segment.payload,
            missing: u32::try_from(segment.missing).unwrap_or(u32::MAX),
            at: segment.places.at(0),
            time,
            ttl: segment.ttl,
            checksum_ok: match segment.checksum {
                Checksum::Good => Some(true),
                Checksum::Bad => Some(false),
                Checksum::Zero | Checksum::Offloaded | Checksum::Unknown => None,
            },
            is_alternative: segment.is_alternative,
        };
        self.tcp.segment(&segment, &mut self.told);
    }

    fn check(&self, limits: &tcp::Limits) {
        let (counts, told) = (self.tcp.counts(), &self.told);
        let sum = counts.data + counts.duplicates + counts.conflicts + counts.decoys + counts.waiting;
        assert_eq!(counts.payload, sum, "{counts:?}");
        assert_eq!([counts.data, counts.conflicts, counts.decoys], told.bytes, "what was handed on");
        assert!(self.tcp.held() <= limits.held_total, "{} bytes are held", self.tcp.held());
        assert!(self.tcp.flows() <= limits.flows);
    }
}

/// What was said of streams.
#[derive(Default)]
struct Told {
    log: Vec<String>,
    opened: u64,
    closed: BTreeMap<FlowId, Close>,
    next: BTreeMap<(FlowId, bool), u64>,
    /// Bytes of data, of conflicts, of decoys.
    bytes: [u64; 3],
}

impl Told {
    fn advance(&mut self, flow: FlowId, side: Side, offset: u64, len: u64) {
        assert!(flow.0 < self.opened && !self.closed.contains_key(&flow), "of a flow that is not open");
        assert!(len > 0);
        let next = self.next.entry((flow, side == Side::Client)).or_default();
        assert_eq!(*next, offset, "a hole or an overlap");
        *next += len;
    }
}

impl Sink for Told {
    fn open(&mut self, flow: FlowId, info: &FlowInfo) {
        assert_eq!(flow.0, self.opened);
        self.opened += 1;
        self.log.push(format!("{flow:?} {info:?}"));
    }

    fn data(&mut self, flow: FlowId, side: Side, offset: u64, bytes: &[u8], at: u64, time: Option<i64>) {
        self.advance(flow, side, offset, bytes.len() as u64);
        self.bytes[0] += bytes.len() as u64;
        self.log.push(format!("{flow:?} {side:?} {offset} {bytes:?} {at} {time:?}"));
    }

    fn gap(&mut self, flow: FlowId, side: Side, offset: u64, len: u64) {
        self.advance(flow, side, offset, len);
        self.log.push(format!("{flow:?} {side:?} {offset} gap {len}"));
    }

    fn conflict(&mut self, flow: FlowId, side: Side, conflict: &Conflict<'_>) {
        assert!(flow.0 < self.opened);
        assert_eq!(conflict.kept.len(), conflict.other.len());
        assert_ne!(conflict.kept, conflict.other);
        assert!(conflict.within.is_empty() || holds(conflict.within, conflict.other));
        self.bytes[1] += conflict.other.len() as u64;
        self.log.push(format!("{flow:?} {side:?} {conflict:?}"));
    }

    fn decoy(&mut self, flow: FlowId, side: Side, decoy: &Decoy<'_>) {
        assert!(flow.0 < self.opened && !decoy.bytes.is_empty());
        self.bytes[2] += decoy.bytes.len() as u64;
        self.log.push(format!("{flow:?} {side:?} {decoy:?}"));
    }

    fn close(&mut self, flow: FlowId, why: Close) {
        assert!(self.closed.insert(flow, why).is_none(), "closed twice");
        self.log.push(format!("{flow:?} {why:?}"));
    }
}

fn holds(whole: &[u8], part: &[u8]) -> bool {
    whole.windows(part.len()).any(|window| window == part)
}
