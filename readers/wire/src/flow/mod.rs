//! Connections: what each speaks, and the messages in it.
//!
//! TCP hands over ordered bytes; a [`channel::Channel`] finds the protocol and what is carried in it, down through TLS,
//! CONNECT and upgrades. Left out: what messages mean.

mod carried;
mod channel;
mod held;
mod text;
mod told;
mod urls;

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use channel::{Channel, Context};
pub(crate) use text::is_text;

use crate::found::{FlowFacts, Found, Place, Text, What};
use crate::survey::{Surveys, Traffic};
use crate::tcp::{Apart, Close, Conflict, Decoy, FlowId, FlowInfo, Sink};
use crate::tls::KeyLog;
use crate::{Note, Side, http1};

/// Bytes by account that are in no finding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Encrypted, or of no protocol that is read.
    pub opaque: u64,
    /// Over a cap.
    pub over_limit: u64,
    /// What protocols put round content.
    pub framing: u64,
    /// Content that connections count themselves: WebSocket payloads as they were sent.
    pub content: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.opaque += other.opaque;
        self.over_limit += other.over_limit;
        self.framing += other.framing;
        self.content += other.content;
    }
}

/// What comes out of connections.
#[derive(Debug, Default)]
pub(crate) struct Output {
    pub(crate) found: Vec<Found>,
    /// About how much memory `found` holds.
    pub(crate) held: usize,
    pub(crate) tally: Tally,
    pub(crate) notes: Vec<Note>,
    pub(crate) surveys: Surveys,
}

impl Output {
    pub(crate) fn add(&mut self, place: &Place, what: What) {
        let found = Found { place: place.clone(), what };
        self.held += found.held();
        self.found.push(found);
    }
}

/// A connection that is not over.
struct Open {
    channel: Channel,
    traffic: Traffic,
    /// The file in which it began.
    file: usize,
}

/// All connections of a capture.
#[derive(Default)]
pub(crate) struct Flows {
    open: HashMap<FlowId, Open>,
    /// Where connections were, for what is said of them after their end.
    closed: HashMap<FlowId, Place>,
    pub(crate) keys: KeyLog,
    pub(crate) output: Output,
}

/// Places of so many closed connections are kept.
const MOST_CLOSED: usize = 4096;

impl Flows {
    pub(crate) fn new(keys: KeyLog) -> Self {
        Self { keys, ..Self::default() }
    }

    /// Bytes by account so far, those of connections that go on included.
    pub(crate) fn tally(&self) -> Tally {
        let mut tally = self.output.tally;
        // A sum does not depend on the order.
        self.open.values().for_each(|open| tally.add(open.channel.tally()));
        tally
    }

    fn with(&mut self, flow: FlowId, act: impl FnOnce(&mut Open, &mut Context<'_>)) {
        let Some(open) = self.open.get_mut(&flow) else { return };
        act(open, &mut Context { keys: &self.keys, out: &mut self.output });
    }

    /// Hands on bytes that are no part of the stream. Of an encrypted connection they tell nothing.
    fn apart(&mut self, flow: FlowId, text: Text) {
        let (place, is_encrypted) = match self.open.get(&flow) {
            Some(Open { channel, .. }) => (channel.place().clone(), channel.is_encrypted()),
            None => match self.closed.get(&flow) {
                Some(place) => (place.clone(), place.is_encrypted),
                None => {
                    self.output.tally.opaque += text.own;
                    return;
                }
            },
        };
        if is_encrypted {
            self.output.tally.opaque += text.own;
        } else {
            self.output.add(&place, What::Text(text));
        }
    }
}

impl Sink for Flows {
    fn open(&mut self, flow: FlowId, info: &FlowInfo) {
        let facts = FlowFacts { id: flow, client: info.client, server: info.server, has_syn: info.has_syn };
        let place = Place { flow: Arc::new(facts), host: None, is_encrypted: false };
        let traffic = Traffic { connections: 1, ..Traffic::default() };
        let file = self.output.surveys.now();
        self.open.insert(flow, Open { channel: Channel::new(place), traffic, file });
    }

    fn data(&mut self, flow: FlowId, side: Side, _: u64, bytes: &[u8], at: u64, time: Option<i64>) {
        self.with(flow, |open, context| {
            open.traffic.carry(side, bytes.len() as u64);
            open.channel.push(side, bytes, at, time, context);
        });
    }

    fn gap(&mut self, flow: FlowId, side: Side, _: u64, len: u64) {
        self.output.surveys.gap(len);
        self.with(flow, |open, context| open.channel.gap(side, len, context));
    }

    fn conflict(&mut self, flow: FlowId, side: Side, conflict: &Conflict<'_>) {
        let bytes = if conflict.within.is_empty() { conflict.other } else { conflict.within };
        let own = conflict.other.len() as u64;
        let bytes = Bytes::copy_from_slice(bytes);
        self.apart(flow, Text { side, why: "tcp_overlap", bytes, own, at: conflict.at, time: None });
        let what = if conflict.is_ttl_odd {
            "two versions of the same bytes were sent, one with an odd time to live; both are scanned"
        } else {
            "two versions of the same bytes were sent; both are scanned"
        };
        self.output.notes.push(Note { kind: "tcp_overlap_conflict", at: conflict.at, what: what.into() });
    }

    fn decoy(&mut self, flow: FlowId, side: Side, decoy: &Decoy<'_>) {
        let why = match decoy.why {
            Apart::BadChecksum => "tcp_bad_checksum",
            Apart::Alternative => "ip_alternative",
            Apart::OutOfWindow => "tcp_out_of_window",
            Apart::BeforeStart => "tcp_before_start",
            Apart::Late => "tcp_late",
            Apart::Unverified => "tcp_unverified",
            Apart::NoAck => "tcp_no_ack",
            Apart::BadAck => "tcp_bad_ack",
            Apart::AfterFin => "tcp_after_fin",
            Apart::AfterClose => "tcp_after_close",
            Apart::InReset => "tcp_in_reset",
            Apart::InSyn => "tcp_in_syn",
        };
        // The packets count the bytes of an alternative as repeated.
        let own = if decoy.why == Apart::Alternative { 0 } else { decoy.bytes.len() as u64 };
        let bytes = Bytes::copy_from_slice(decoy.bytes);
        self.apart(flow, Text { side, why, bytes, own, at: decoy.at, time: decoy.time });
    }

    fn close(&mut self, flow: FlowId, why: Close) {
        let end = match why {
            Close::Fin => http1::End::Closed,
            Close::Reset | Close::Timeout | Close::Replaced | Close::Evicted | Close::EndOfCapture => {
                http1::End::Cut
            }
        };
        let Some(Open { mut channel, traffic, file }) = self.open.remove(&flow) else { return };
        channel.finish(end, &mut Context { keys: &self.keys, out: &mut self.output });
        self.output.tally.add(channel.tally());
        if self.closed.len() >= MOST_CLOSED {
            self.closed.clear();
        }
        let mut place = channel.place().clone();
        let address = || Arc::from(place.flow.server.address.to_string());
        let host: Arc<str> = channel.host().unwrap_or_else(address);
        let (protocols, begin) = (channel.protocols(), (&*host, place.flow.has_syn));
        self.output.surveys.connection(file, &protocols, begin, traffic);
        place.is_encrypted = channel.is_encrypted();
        self.closed.insert(flow, place);
    }
}
