//! Datagrams to client hellos: which keys open a packet, and whose stream its bytes belong to.

use std::collections::{HashMap, VecDeque};

use ring::digest;

use super::frames;
use super::header::{Initial, Version, initials};
use super::keys::Keys;
use super::stream::{Odd, Stream, When};
use crate::Notes;
use crate::tcp::Endpoint;
use crate::tls::{Carrier, ClientHello};

/// Caps, each with its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections that are known at once; of more the oldest are forgotten. A hello is through within a second or so.
    pub connections: usize,
    /// Bytes of one hello; those with keys against quantum computers have two thousand.
    pub hello: usize,
    /// Pieces of a hello that wait for what comes between them. Some clients cut a hello into dozens.
    pub pieces: usize,
    /// Bytes of all hellos that are not whole yet.
    pub held: usize,
    /// Initial packets that are tried in one datagram; more than two are rare.
    pub packets: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 4096, hello: 64 << 10, pieces: 256, held: 16 << 20, packets: 16 }
    }
}

/// A hello that was heard.
#[derive(Debug)]
pub struct Heard {
    /// What it says.
    pub hello: ClientHello,
    /// Where in the capture file the datagram stands in which it began.
    pub at: u64,
    /// When that was captured, in nanoseconds since 1970.
    pub time: Option<i64>,
}

/// What tells connections apart: the ends, and the id that the client chose for itself and keeps (RFC 9000, section 7.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Name {
    client: Endpoint,
    server: Endpoint,
    id: Vec<u8>,
}

/// A connection whose Initial packets were opened.
struct Connection {
    version: Version,
    keys: Keys,
    /// The connection id that the keys come from.
    id: Vec<u8>,
    /// The packet number that is expected next.
    next: u64,
    stream: Stream,
    /// The first packet.
    began: When,
    /// The digest of the last hello: after a Retry the same is sent once more.
    said: Option<digest::Digest>,
}

/// All connections of a capture.
#[derive(Default)]
pub struct Connections {
    limits: Limits,
    open: HashMap<Name, Connection>,
    /// Their names, the oldest first.
    order: VecDeque<Name>,
    /// Bytes that wait in all streams.
    held: usize,
    /// Room for a payload.
    payload: Vec<u8>,
}

impl Connections {
    /// Connections with these caps.
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Bytes of hellos that are not whole yet.
    pub fn held(&self) -> usize {
        self.held
    }

    /// Takes a datagram from `client` to `server`, which stands at an offset of the capture file. Whether it has an Initial
    /// packet of a client; the hellos that it makes whole go out.
    pub fn datagram(
        &mut self,
        [client, server]: [Endpoint; 2],
        datagram: &[u8],
        when: (u64, Option<i64>),
        notes: &mut Notes,
        out: &mut impl FnMut(Heard),
    ) -> bool {
        let mut is_quic = false;
        for initial in initials(datagram).take(self.limits.packets) {
            let name = Name { client, server, id: initial.source.to_vec() };
            is_quic |= self.initial(name, &initial, when, notes, out);
        }
        is_quic
    }

    /// Nothing comes any more.
    pub fn finish(&mut self, notes: &mut Notes) {
        while !self.order.is_empty() {
            self.forget_oldest(notes);
        }
    }

    fn initial(
        &mut self,
        name: Name,
        initial: &Initial<'_>,
        when: When,
        notes: &mut Notes,
        out: &mut impl FnMut(Heard),
    ) -> bool {
        let Self { limits, open, order, held, payload } = self;
        let mut known = open.get_mut(&name);
        let is_known = known.is_some();
        let is_opened = known.as_mut().is_some_and(|connection| connection.opens(initial, payload));
        let connection = match known {
            Some(connection) if is_opened => connection,
            before => {
                let Some(mut new) = Connection::start(initial, when, payload) else { return false };
                if let Some(before) = before {
                    *held -= before.stream.held();
                    if initial.has_token {
                        new.said = before.said;
                    } else {
                        before.note_cut(notes);
                    }
                }
                if !is_known {
                    order.push_back(name.clone());
                }
                open.entry(name).insert_entry(new).into_mut()
            }
        };
        let before = connection.stream.held();
        connection.take(payload, when, *limits, notes, out);
        *held = *held - before + connection.stream.held();
        while self.open.len() > self.limits.connections || self.held > self.limits.held {
            self.forget_oldest(notes);
        }
        true
    }

    fn forget_oldest(&mut self, notes: &mut Notes) {
        let Some(connection) = self.order.pop_front().and_then(|name| self.open.remove(&name)) else {
            return;
        };
        self.held -= connection.stream.held();
        connection.note_cut(notes);
    }
}

impl Connection {
    /// A connection whose keys come from the packet itself; the payload goes to `payload`.
    fn start(initial: &Initial<'_>, when: When, payload: &mut Vec<u8>) -> Option<Self> {
        let keys = Keys::new(initial.version, initial.target)?;
        let next = keys.open(initial, 0, payload)?.saturating_add(1);
        let (version, id) = (initial.version, initial.target.to_vec());
        Some(Self { version, keys, id, next, stream: Stream::default(), began: when, said: None })
    }

    /// Opens a packet with the keys that are known, or with those of the other version and the same connection id: client and
    /// server may agree on it in the middle of the handshake (RFC 9369, section 4).
    fn opens(&mut self, initial: &Initial<'_>, payload: &mut Vec<u8>) -> bool {
        let other = (self.version != initial.version).then(|| Keys::new(initial.version, &self.id)).flatten();
        let keys = other.as_ref().unwrap_or(&self.keys);
        let Some(number) = keys.open(initial, self.next, payload) else { return false };
        self.next = self.next.max(number.saturating_add(1));
        if let Some(keys) = other {
            (self.version, self.keys) = (initial.version, keys);
        }
        true
    }

    /// Takes the payload of a packet.
    fn take(
        &mut self,
        payload: &[u8],
        when: When,
        limits: Limits,
        notes: &mut Notes,
        out: &mut impl FnMut(Heard),
    ) {
        let caps = (limits.hello.saturating_add(4), limits.pieces);
        let stream = &mut self.stream;
        let is_whole = frames::crypto(payload, &mut |offset, bytes| {
            if let Err(odd) = stream.push(offset, bytes, caps, when) {
                note(&odd, when.0, notes);
            }
        });
        if !is_whole {
            notes.add(
                "quic_frame",
                when.0,
                "an Initial packet with a frame that it may not have, or that is cut",
            );
        }
        loop {
            let (body, (at, time)) = match self.stream.next(caps.0, when) {
                Ok(Some(whole)) => whole,
                Ok(None) => return,
                Err(odd) => return note(&odd, when.0, notes),
            };
            let digest = digest::digest(&digest::SHA256, &body);
            if self.said.is_some_and(|said| said.as_ref() == digest.as_ref()) {
                continue;
            }
            self.said = Some(digest);
            let Some(hello) = ClientHello::read(&body, Carrier::Quic) else {
                notes.add("tls_hello_malformed", at, "a client hello without a random");
                continue;
            };
            if hello.malformed {
                notes.add("tls_hello_malformed", at, "a client hello that does not follow its own lengths");
            }
            out(Heard { hello, at, time });
        }
    }

    /// Notes that a hello began and never ended.
    fn note_cut(&self, notes: &mut Notes) {
        if self.stream.is_partial() {
            let (at, _) = self.stream.first().unwrap_or(self.began);
            notes.add("quic_hello_cut", at, "a client hello of which a part is not in the capture");
        }
    }
}

fn note(odd: &Odd, at: u64, notes: &mut Notes) {
    match odd {
        Odd::Conflict => notes.add(
            "quic_crypto_conflict",
            at,
            "two versions of the same bytes of a client hello were sent; the first stands",
        ),
        Odd::OverLimit => {
            notes.add("quic_hello_over_limit", at, "a client hello of more bytes or pieces than are kept");
        }
        Odd::Message(kind) => notes.add(
            "quic_message",
            at,
            format!("a handshake message of type {kind} where a client hello is due"),
        ),
    }
}
