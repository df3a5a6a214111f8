//! Whole connections through the reassembler, and a sink that records what comes out.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "offsets of the tests are small"
)]

mod caps;
mod decoys;
mod overlaps;
mod plain;
mod properties;
mod starts;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use super::*;

/// One direction as it came out.
#[derive(Default, Debug, Clone, PartialEq)]
pub(super) struct Stream {
    /// Data, with zeros for gaps of less than a mebibyte.
    pub(super) bytes: Vec<u8>,
    next: u64,
    pub(super) gaps: Vec<(u64, u64)>,
    /// Offset, kept, other.
    pub(super) conflicts: Vec<(u64, Vec<u8>, Vec<u8>)>,
    pub(super) decoys: Vec<(Apart, Vec<u8>)>,
}

/// Records, and checks that order and accounts hold.
#[derive(Default)]
pub(super) struct Recorder {
    pub(super) infos: Vec<FlowInfo>,
    pub(super) closes: BTreeMap<FlowId, Close>,
    pub(super) streams: BTreeMap<(FlowId, bool), Stream>,
    /// The capture file, so that places in it can be checked.
    pub(super) file: Vec<u8>,
}

/// Whether bytes stand in the file where they are said to; places beyond it are not checked.
fn stands_at(file: &[u8], at: u64, bytes: &[u8]) -> bool {
    file.get(at as usize..).is_none_or(|rest| rest.starts_with(bytes))
}

impl Recorder {
    fn stream(&mut self, flow: FlowId, side: Side) -> &mut Stream {
        assert!((flow.0 as usize) < self.infos.len(), "something of a flow that was not opened");
        self.streams.entry((flow, side == Side::Client)).or_default()
    }

    pub(super) fn client(&self, flow: u64) -> Stream {
        self.streams.get(&(FlowId(flow), true)).cloned().unwrap_or_default()
    }

    pub(super) fn server(&self, flow: u64) -> Stream {
        self.streams.get(&(FlowId(flow), false)).cloned().unwrap_or_default()
    }

    pub(super) fn close_of(&self, flow: u64) -> Option<Close> {
        self.closes.get(&FlowId(flow)).copied()
    }
}

impl Sink for Recorder {
    fn open(&mut self, flow: FlowId, info: &FlowInfo) {
        assert_eq!(flow.0 as usize, self.infos.len());
        self.infos.push(*info);
    }
    fn data(&mut self, flow: FlowId, side: Side, offset: u64, bytes: &[u8], at: u64, _: Option<i64>) {
        assert!(!self.closes.contains_key(&flow), "data after close");
        assert!(!bytes.is_empty());
        assert!(stands_at(&self.file, at, bytes));
        let stream = self.stream(flow, side);
        assert_eq!(stream.next, offset);
        stream.next += bytes.len() as u64;
        stream.bytes.extend_from_slice(bytes);
    }
    fn gap(&mut self, flow: FlowId, side: Side, offset: u64, len: u64) {
        assert!(!self.closes.contains_key(&flow), "gap after close");
        let stream = self.stream(flow, side);
        assert_eq!(stream.next, offset);
        assert!(len > 0);
        stream.next += len;
        stream.gaps.push((offset, len));
        if len < 1 << 20 {
            stream.bytes.resize(stream.bytes.len() + len as usize, 0);
        }
    }
    fn conflict(&mut self, flow: FlowId, side: Side, conflict: &Conflict<'_>) {
        assert_eq!(conflict.kept.len(), conflict.other.len());
        assert_ne!(conflict.kept, conflict.other);
        assert!(stands_at(&self.file, conflict.at, &conflict.other[..1]));
        let entry = (conflict.offset, conflict.kept.to_vec(), conflict.other.to_vec());
        self.stream(flow, side).conflicts.push(entry);
    }
    fn decoy(&mut self, flow: FlowId, side: Side, decoy: &Decoy<'_>) {
        assert!(stands_at(&self.file, decoy.at, decoy.bytes));
        self.stream(flow, side).decoys.push((decoy.why, decoy.bytes.to_vec()));
    }
    fn close(&mut self, flow: FlowId, why: Close) {
        assert!(self.closes.insert(flow, why).is_none(), "closed twice");
    }
}

pub(super) const CLIENT_ISN: u32 = 1000;
pub(super) const SERVER_ISN: u32 = 0xffff_fff0;
pub(super) const ACK: Flags = Flags::ACK;

/// A reassembler, its sink, and a connection to write segments of by offset.
pub(super) struct Bench {
    pub(super) tcp: Reassembler,
    pub(super) out: Recorder,
    pub(super) client: Endpoint,
    pub(super) server: Endpoint,
    pub(super) isns: [u32; 2],
    /// What the next segments say beside their content.
    pub(super) model: Segment<'static>,
}

pub(super) fn end(last: u8, port: u16) -> Endpoint {
    Endpoint { address: IpAddr::V4(Ipv4Addr::new(10, 0, 0, last)), port }
}

impl Bench {
    pub(super) fn new(limits: Limits) -> Self {
        let (client, server) = (end(9, 40_000), end(2, 80));
        let model = Segment {
            space: 0,
            source: client,
            target: server,
            seq: 0,
            ack: 0,
            flags: ACK,
            window: 65_000,
            window_scale: None,
            payload: &[],
            missing: 0,
            at: 0,
            time: Some(0),
            ttl: 64,
            checksum_ok: Some(true),
            is_alternative: false,
        };
        let (tcp, out) = (Reassembler::new(limits), Recorder::default());
        Self { tcp, out, client, server, isns: [CLIENT_ISN, SERVER_ISN], model }
    }

    /// After a handshake.
    pub(super) fn connected() -> Self {
        let mut bench = Self::new(Limits::default());
        bench.shake();
        bench
    }

    pub(super) fn shake(&mut self) {
        self.send(Side::Client, -1, 0, Flags::SYN, b"");
        self.send(Side::Server, -1, 0, Flags::SYN | ACK, b"");
        self.send(Side::Client, 0, 0, ACK, b"");
    }

    /// Sends payload at a stream offset, acknowledging the other side up to another.
    pub(super) fn send(&mut self, side: Side, offset: i64, ack: i64, flags: Flags, payload: &[u8]) {
        let [client, server] = self.isns;
        let (own, peer, source, target) = match side {
            Side::Client => (client, server, self.client, self.server),
            Side::Server => (server, client, self.server, self.client),
        };
        let seq = own.wrapping_add(1).wrapping_add(offset as u32);
        let ack = if flags.has(ACK) { peer.wrapping_add(1).wrapping_add(ack as u32) } else { 0 };
        let at = self.out.file.len() as u64;
        self.out.file.extend_from_slice(payload);
        let segment = Segment { source, target, seq, ack, flags, payload, at, ..self.model };
        self.tcp.segment(&segment, &mut self.out);
        self.check();
    }

    pub(super) fn up(&mut self, offset: i64, payload: &[u8]) {
        self.send(Side::Client, offset, 0, ACK, payload);
    }

    pub(super) fn down(&mut self, offset: i64, ack: i64, payload: &[u8]) {
        self.send(Side::Server, offset, ack, ACK, payload);
    }

    pub(super) fn check(&self) {
        let counts = self.tcp.counts();
        let sum = counts.data + counts.duplicates + counts.conflicts + counts.decoys + counts.waiting;
        assert_eq!(counts.payload, sum, "{counts:?}");
        assert!(self.tcp.held() <= self.tcp.pool_limits().held_total);
        assert!(self.tcp.flows() <= self.tcp.pool_limits().flows);
    }

    pub(super) fn finish(&mut self) {
        self.tcp.finish(&mut self.out);
        self.check();
        let counts = self.tcp.counts();
        assert_eq!((counts.waiting, self.tcp.held(), self.tcp.flows()), (0, 0, 0));
        assert_eq!(self.out.closes.len(), self.out.infos.len(), "each flow is closed once");
    }

    pub(super) fn noted(&mut self, kind: &str) -> bool {
        self.tcp.notes().counts().iter().any(|(other, _)| *other == kind)
    }
}
