//! What is in a record, in clear or decrypted, and its account.

use super::client::ClientHello;
use super::connection::{Connection, Sink};
use super::half::Sealing;
use super::keylog::Label;
use super::messages::{Message, Messages};
use super::output::{Opaque, Output};
use super::record::{self, HEADER, LONGEST, Record};
use super::tls13::Traffic;
use crate::Side;

impl Connection {
    /// A record for which everything is known that will be.
    pub(super) fn record(&mut self, side: Side, record: &Record<'_>, sink: &mut Sink<'_>) {
        let len = record.payload.len();
        if len > LONGEST {
            self.notes.add("tls_long_record", record.at, format!("a record of {len} bytes"));
        }
        self.half(side).count.framing += HEADER as u64;
        match self.half(side).sealing {
            Sealing::Clear => self.clear_record(side, record, sink),
            Sealing::Tls12(_) => self.sealed12(side, record, sink),
            Sealing::Tls13(_) => self.sealed13(side, record, sink),
        }
    }

    fn clear_record(&mut self, side: Side, record: &Record<'_>, sink: &mut Sink<'_>) {
        let may_be_tls13 = self.facts.client.as_ref().is_some_and(ClientHello::offers_tls13);
        match record.kind {
            // Without a server hello it may be there for the sake of middleboxes alone (RFC 8446, appendix D.4).
            record::CHANGE_CIPHER_SPEC if !self.is_paired() && may_be_tls13 => {
                self.half(side).changed = true;
                self.change_cipher_bytes(side, record, record.payload, sink);
            }
            // It was not: a protected handshake record is of TLS 1.2, and hellos are the only ones in clear here.
            record::HANDSHAKE if self.half(side).is_hidden(record.payload) => {
                self.half(side).sealing = Sealing::Tls12(Err(Opaque::NoHello));
                self.opaque(side, record, Opaque::NoHello, sink);
            }
            record::APPLICATION_DATA if self.is_paired() => {
                // TLS 1.2 whose change cipher spec was lost.
                self.change_cipher12(side, record.at, sink);
                self.sealed12(side, record, sink);
            }
            record::APPLICATION_DATA if let Some(client) = &self.facts.client => {
                // The server's hello was not captured. TLS 1.3 can do without.
                let traffic = Traffic::first(side, client);
                self.half(side).sealing = Sealing::Tls13(Box::new(traffic));
                self.sealed13(side, record, sink);
            }
            record::APPLICATION_DATA => self.opaque(side, record, Opaque::NoHello, sink),
            kind => self.content(side, record, (kind, record.payload), false, sink),
        }
    }

    /// What a record holds, in clear or decrypted: type and bytes. The whole record is accounted for.
    pub(super) fn content(
        &mut self,
        side: Side,
        record: &Record<'_>,
        (kind, bytes): (u8, &[u8]),
        early: bool,
        sink: &mut Sink<'_>,
    ) {
        let len = bytes.len() as u64;
        self.half(side).count.framing += record.payload.len() as u64 - len;
        match (kind, bytes) {
            (record::APPLICATION_DATA, _) => self.plain(side, record, bytes, early, sink),
            (record::HANDSHAKE, _) => {
                self.half(side).count.framing += len;
                self.handshake(side, record, bytes, sink);
            }
            (record::ALERT, &[level, description]) => {
                self.half(side).count.framing += len;
                let Record { at, time, .. } = *record;
                (sink.out)(Output::Alert { side, level, description, at, time });
            }
            (record::CHANGE_CIPHER_SPEC, _) => {
                self.change_cipher_bytes(side, record, bytes, sink);
                self.change_cipher12(side, record.at, sink);
            }
            _ => self.stray(side, record, (kind, len), sink),
        }
    }

    /// The one byte of a change cipher spec (RFC 5246, section 7.1); anything else may be hidden there.
    pub(super) fn change_cipher_bytes(
        &mut self,
        side: Side,
        record: &Record<'_>,
        bytes: &[u8],
        sink: &mut Sink<'_>,
    ) {
        if bytes == [1] {
            self.half(side).count.framing += 1;
        } else {
            self.stray(side, record, (record::CHANGE_CIPHER_SPEC, bytes.len() as u64), sink);
        }
    }

    /// Bytes that have no place in TLS as it is used, such as a heartbeat: not read, and not called framing.
    fn stray(&mut self, side: Side, record: &Record<'_>, (kind, len): (u8, u64), sink: &mut Sink<'_>) {
        self.notes.add(
            "tls_stray_content",
            record.at,
            format!("{len} bytes of the type {kind} that nothing reads"),
        );
        self.closed(side, record, len, Opaque::NotTls, sink);
    }

    fn plain(&mut self, side: Side, record: &Record<'_>, bytes: &[u8], early: bool, sink: &mut Sink<'_>) {
        let half = self.half(side);
        let offset = half.offset;
        if std::mem::take(&mut half.broken) {
            (sink.out)(Output::Break { side, offset });
        }
        half.offset += bytes.len() as u64;
        half.count.plain += bytes.len() as u64;
        if !bytes.is_empty() {
            (sink.out)(Output::Plain { side, offset, bytes, early, at: record.at, time: record.time });
        }
    }

    fn handshake(&mut self, side: Side, record: &Record<'_>, bytes: &[u8], sink: &mut Sink<'_>) {
        let cap = self.limits.handshake_message;
        let mut messages: Messages = std::mem::take(&mut self.half(side).messages);
        let over = messages.push(bytes, cap, &mut |message| match message {
            Message::Whole(kind, body) => self.message(side, kind, body, record, sink),
            Message::Over(kind, len) => {
                let what = format!("a handshake message of type {kind} and {len} bytes");
                self.notes.add("tls_message_over_limit", record.at, what);
            }
        });
        let half = self.half(side);
        half.messages = messages;
        half.count.framing -= over as u64;
        half.count.over_limit += over as u64;
    }

    /// A record that stays closed. Its payload is accounted for.
    pub(super) fn opaque(&mut self, side: Side, record: &Record<'_>, why: Opaque, sink: &mut Sink<'_>) {
        if why == Opaque::NotAuthentic {
            self.notes.add(
                "tls_not_authentic",
                record.at,
                "a record that the logged secrets do not authenticate",
            );
        }
        self.half(side).broken = true;
        self.closed(side, record, record.payload.len() as u64, why, sink);
    }

    fn closed(&mut self, side: Side, record: &Record<'_>, len: u64, why: Opaque, sink: &mut Sink<'_>) {
        self.half(side).count.opaque += len;
        if len > 0 {
            (sink.out)(Output::Opaque { side, len, why, at: record.at, time: record.time });
        }
    }

    /// Says once that a secret is not in the key log.
    pub(super) fn missing(&mut self, label: Label, client_random: &[u8; 32], sink: &mut Sink<'_>) {
        if self.missing & label.bit() == 0 {
            self.missing |= label.bit();
            (sink.out)(Output::Missing { label, client_random });
        }
    }
}
