//! A connection: the streams of both sides in, records in the order in which they can be read.

use super::client::ClientHello;
use super::count::Count;
use super::half::Half;
use super::hold::Item;
use super::keylog::KeyLog;
use super::limits::Limits;
use super::output::{Opaque, Output};
use super::record::{self, Piece, Record};
use super::server::{EncryptedExtensions, ServerHello};
use crate::Side;
use crate::{Note, Notes};

/// Two streams of TLS.
///
/// Order: the bytes of one side in the order of its stream; the sides against each other in the order of the capture,
/// as far as it is known. Records that come before the hello that they need wait for it, up to a cap.
#[derive(Debug)]
pub struct Connection {
    pub(super) limits: Limits,
    pub(super) notes: Notes,
    pub(super) facts: Facts,
    pub(super) client: Half,
    pub(super) server: Half,
    /// Whether records no longer wait for a hello.
    gave_up: bool,
    /// The labels that were said to be missing.
    pub(super) missing: u8,
    /// Plaintext of the record at hand.
    pub(super) scratch: Vec<u8>,
}

/// What is known of a connection so far.
#[derive(Debug, Default)]
pub struct Facts {
    /// The last client hello that could be read.
    pub client: Option<ClientHello>,
    /// The last server hello that could be read; it may be a retry request.
    pub server: Option<ServerHello>,
    /// The encrypted extensions of the server.
    pub encrypted: Option<EncryptedExtensions>,
}

impl Facts {
    /// The host that the client asks for.
    pub fn server_name(&self) -> Option<&str> {
        self.client.as_ref()?.server_name.as_deref()
    }

    /// The application protocol that was chosen, as far as it is known.
    pub fn alpn(&self) -> Option<&[u8]> {
        let encrypted = self.encrypted.as_ref().and_then(|encrypted| encrypted.alpn.as_deref());
        encrypted.or_else(|| self.server.as_ref()?.alpn.as_deref())
    }

    /// The server hello, if it is not a retry request.
    pub(super) fn chosen(&self) -> Option<&ServerHello> {
        self.server.as_ref().filter(|server| !server.retry)
    }

    /// The random by which key logs know the connection.
    pub(super) fn random(&self) -> Option<[u8; 32]> {
        self.client.as_ref().map(|client| client.random)
    }
}

/// Where outputs go, and where keys come from.
pub(super) struct Sink<'a> {
    pub(super) keys: &'a KeyLog,
    pub(super) out: &'a mut dyn FnMut(Output<'_>),
}

impl Connection {
    /// A connection of which nothing is known.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            notes: Notes::default(),
            facts: Facts::default(),
            client: Half::new(&limits),
            server: Half::new(&limits),
            gave_up: false,
            missing: 0,
            scratch: Vec::new(),
        }
    }

    /// Takes the next bytes of a side; the first stands at `at` in the capture and came at `time`, in nanoseconds since
    /// 1970.
    pub fn push(
        &mut self,
        side: Side,
        bytes: &[u8],
        at: u64,
        time: Option<i64>,
        keys: &KeyLog,
        out: &mut impl FnMut(Output<'_>),
    ) {
        let mut sink = Sink { keys, out };
        let mut splitter = std::mem::take(&mut self.half(side).splitter);
        splitter.push(bytes, at, time, &mut |piece| self.piece(side, &piece, &mut sink));
        if splitter.is_at_rest() {
            self.scratch = Vec::new();
        }
        self.half(side).splitter = splitter;
    }

    /// `len` bytes of a side are lost at this place of its stream.
    pub fn gap(&mut self, side: Side, len: u64, keys: &KeyLog, out: &mut impl FnMut(Output<'_>)) {
        let mut sink = Sink { keys, out };
        let mut splitter = std::mem::take(&mut self.half(side).splitter);
        splitter.gap(len, &mut |piece| self.piece(side, &piece, &mut sink));
        self.half(side).splitter = splitter;
    }

    /// A side sends no more. When both have been finished, nothing is pending.
    pub fn finish(&mut self, side: Side, keys: &KeyLog, out: &mut impl FnMut(Output<'_>)) {
        let mut sink = Sink { keys, out };
        let mut splitter = std::mem::take(&mut self.half(side).splitter);
        splitter.finish(&mut |piece| self.piece(side, &piece, &mut sink));
        self.half(side).splitter = splitter;
        if !self.has_hello(side) {
            self.half(side).no_hello = true;
        }
        self.release(&mut sink);
        if self.half(side).messages.is_partial() {
            self.half(side).messages.reset();
            self.notes.add("tls_message_cut", 0, "the stream ends inside a handshake message");
        }
    }

    /// What is known so far.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The account of one side.
    pub fn count(&self, side: Side) -> Count {
        self.half_ref(side).count
    }

    /// Bytes of one side that were pushed and are in no account yet.
    pub fn pending(&self, side: Side) -> u64 {
        let half = self.half_ref(side);
        half.splitter.pending() + half.held.pending()
    }

    /// The notes since the last call.
    pub fn take_notes(&mut self) -> Vec<Note> {
        self.notes.take()
    }

    /// All notes, counted by kind.
    pub fn note_counts(&self) -> &[(&'static str, u64)] {
        self.notes.counts()
    }

    pub(super) fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    fn half_ref(&self, side: Side) -> &Half {
        match side {
            Side::Client => &self.client,
            Side::Server => &self.server,
        }
    }

    fn has_hello(&self, side: Side) -> bool {
        match side {
            Side::Client => self.facts.client.is_some(),
            Side::Server => self.facts.chosen().is_some(),
        }
    }

    pub(super) fn is_paired(&self) -> bool {
        self.has_hello(Side::Client) && self.has_hello(Side::Server)
    }

    /// Whether a record that needs both hellos would wait for one that does not come.
    fn is_unpaired(&self) -> bool {
        self.gave_up || self.client.no_hello || self.server.no_hello
    }

    fn piece(&mut self, side: Side, piece: &Piece<'_>, sink: &mut Sink<'_>) {
        match piece {
            Piece::Record(record) => self.arrive(side, record, sink),
            Piece::Skipped { len, cut, at, time } => {
                let (why, kind, what) = if *cut {
                    (Opaque::Cut, "tls_record_cut", "a part of a record is missing")
                } else {
                    (Opaque::NotTls, "tls_not_a_record", "bytes that are no record were passed over")
                };
                self.notes.add(kind, *at, what);
                self.half(side).count.opaque += len;
                (sink.out)(Output::Opaque { side, len: *len, why, at: *at, time: *time });
                self.lose(side, *len);
            }
            Piece::Gap(len) => {
                self.half(side).count.lost += len;
                self.lose(side, *len);
            }
        }
        self.release(sink);
    }

    /// Bytes of a side did not come by as records.
    fn lose(&mut self, side: Side, len: u64) {
        let (most, has_hello) = (self.limits.tries, self.has_hello(side));
        let half = self.half(side);
        half.no_hello |= !has_hello;
        if half.held.is_empty() {
            half.lose(len, most);
            half.messages.reset();
        } else {
            half.held.gap(len);
        }
    }

    /// A record of the stream: read now, or when the hello that it needs is there.
    fn arrive(&mut self, side: Side, record: &Record<'_>, sink: &mut Sink<'_>) {
        if !self.half(side).started {
            self.half(side).started = true;
            self.half(side).no_hello = record.kind != record::HANDSHAKE;
        }
        let wants = matches!(record.kind, record::CHANGE_CIPHER_SPEC | record::APPLICATION_DATA);
        let must_wait = wants && self.has_hello(side) && !self.is_paired() && !self.is_unpaired();
        let cap = self.limits.held;
        if self.half(side).held.is_empty() && !must_wait {
            self.record(side, record, sink);
        } else if self.half(side).held.is_full(record, cap) {
            self.gave_up = true;
            self.notes.add(
                "tls_held_over_limit",
                record.at,
                "too many records before the other side's hello",
            );
            self.release(sink);
            self.record(side, record, sink);
        } else {
            self.half(side).held.record(record);
        }
    }

    /// Reads the records that waited, if there is no more to wait for.
    fn release(&mut self, sink: &mut Sink<'_>) {
        if !self.is_paired() && !self.is_unpaired() {
            return;
        }
        for side in [Side::Client, Side::Server] {
            for item in self.half(side).held.take() {
                match &item {
                    Item::Record { kind, version, payload, at, time } => {
                        let record = Record { kind: *kind, version: *version, payload, at: *at, time: *time };
                        self.record(side, &record, sink);
                    }
                    Item::Gap(len) => self.lose(side, *len),
                }
            }
        }
    }
}
