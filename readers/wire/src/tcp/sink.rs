//! What comes out of the reassembler, and to whom it goes.

use super::{Endpoint, Segment};
use crate::Side;

/// A connection; numbers are given in order of its first segment and never again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowId(pub u64);

/// What is known of a connection at its first segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowInfo {
    /// The space of addresses, as it was given.
    pub space: u32,
    /// The client's end.
    pub client: Endpoint,
    /// The server's end.
    pub server: Endpoint,
    /// Whether a SYN was seen; if not, the roles are a guess and the stream starts somewhere.
    pub has_syn: bool,
    /// Where in the capture file the first payload stands or would stand.
    pub at: u64,
    /// Time of the first segment, nanoseconds since 1970.
    pub time: Option<i64>,
}

/// Why nothing more comes from a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Close {
    /// All sides that were seen sent FIN.
    Fin,
    /// A reset in the window, and nothing after it that belies it.
    Reset,
    /// Nothing was sent for [`Limits::idle`](super::Limits::idle).
    Timeout,
    /// Another connection between the same ends and ports began.
    Replaced,
    /// Too many connections at once.
    Evicted,
    /// The capture ended first.
    EndOfCapture,
}

/// Two versions of the same bytes of a stream.
#[derive(Debug, Clone, Copy)]
pub struct Conflict<'a> {
    /// Stream offset of both.
    pub offset: u64,
    /// The version that is, was or will be handed on as data.
    pub kept: &'a [u8],
    /// The other version, as long as `kept`.
    pub other: &'a [u8],
    /// The segment that lost, as far as it is still known; `other` is part of it.
    pub within: &'a [u8],
    /// Where in the capture file `other` starts.
    pub at: u64,
    /// Either was sent with a time to live far from the usual one of its sender: it may be made not to arrive.
    pub is_ttl_odd: bool,
}

/// Why bytes stand apart from the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Apart {
    /// The checksum is wrong, and others of this sender are right: its receiver drops it.
    BadChecksum,
    /// Another reading of a datagram whose fragments overlap.
    Alternative,
    /// Further from the stream than the largest window reaches.
    OutOfWindow,
    /// Before the first byte that was seen of a connection whose start was not.
    BeforeStart,
    /// Came after the gap it would have filled was declared.
    Late,
    /// Already handed on, not acknowledged, and too long ago to be compared.
    Unverified,
    /// Data without ACK, which receivers drop (RFC 9293, section 3.10.7.4).
    NoAck,
    /// Acknowledges what was never sent, which receivers drop (RFC 9293, section 3.10.7.4).
    BadAck,
    /// Beyond a FIN that the receiver acknowledged.
    AfterFin,
    /// After the connection was closed from both sides.
    AfterClose,
    /// The text that a reset may carry (RFC 9293, section 3.5.3).
    InReset,
    /// Data in a SYN whose number belongs to no connection yet.
    InSyn,
}

/// Bytes that are not part of the stream but were sent, or made to look so: they are to be scanned too.
#[derive(Debug, Clone, Copy)]
pub struct Decoy<'a> {
    /// Why they stand apart.
    pub why: Apart,
    /// Where they would stand in the stream, if anywhere.
    pub offset: Option<u64>,
    /// The bytes.
    pub bytes: &'a [u8],
    /// Where in the capture file they start.
    pub at: u64,
    /// When they were captured, nanoseconds since 1970.
    pub time: Option<i64>,
}

/// Takes what the reassembler makes.
///
/// `open` comes first and `close` last for each flow, but `conflict` and `decoy` may follow a `close` with [`Close::Fin`].
pub trait Sink {
    /// A connection begins.
    fn open(&mut self, flow: FlowId, info: &FlowInfo);
    /// The next bytes of a stream; `at` is where in the capture file they stand.
    fn data(&mut self, flow: FlowId, side: Side, offset: u64, bytes: &[u8], at: u64, time: Option<i64>);
    /// The next `len` bytes of a stream are not in the capture.
    fn gap(&mut self, flow: FlowId, side: Side, offset: u64, len: u64);
    /// Two versions of the same bytes were sent.
    fn conflict(&mut self, flow: FlowId, side: Side, conflict: &Conflict<'_>);
    /// Bytes that stand apart from the stream.
    fn decoy(&mut self, flow: FlowId, side: Side, decoy: &Decoy<'_>);
    /// A connection is over.
    fn close(&mut self, flow: FlowId, why: Close);
    /// Who sent this first segment of a flow without SYN, if the caller knows better than content and ports.
    fn sender(&mut self, _segment: &Segment<'_>) -> Option<Side> {
        None
    }
}
