//! What handshake messages say, and which keys they change.

use super::certificate::Certificate;
use super::client::{Carrier, ClientHello};
use super::connection::{Connection, Sink};
use super::cursor::Cursor;
use super::half::Sealing;
use super::messages;
use super::output::Output;
use super::record::Record;
use super::server::{EncryptedExtensions, ServerHello};
use super::tls13::{Epoch, Traffic};
use crate::Side;

impl Connection {
    /// One message of a side, in clear or decrypted.
    pub(super) fn message(
        &mut self,
        side: Side,
        kind: u8,
        body: &[u8],
        record: &Record<'_>,
        sink: &mut Sink<'_>,
    ) {
        let at = record.at;
        match (kind, side) {
            (messages::CLIENT_HELLO, Side::Client) => self.client_hello(body, at, sink),
            (messages::SERVER_HELLO, Side::Server) => self.server_hello(body, at, sink),
            (messages::ENCRYPTED_EXTENSIONS, Side::Server) => {
                let read = EncryptedExtensions::read(body);
                (sink.out)(Output::EncryptedExtensions(&read));
                self.facts.encrypted = Some(read);
            }
            (messages::CERTIFICATE, _) => self.certificates(side, body, at, sink),
            (messages::COMPRESSED_CERTIFICATE, _) => {
                self.notes.add(
                    "tls_compressed_certificate",
                    at,
                    "certificates that are compressed (RFC 8879)",
                );
            }
            (messages::END_OF_EARLY_DATA, Side::Client) => self.client.advance(Epoch::Early),
            (messages::FINISHED, _) => self.half(side).advance(Epoch::Handshake),
            (messages::KEY_UPDATE, _) => self.half(side).update_key(),
            _ if messages::KNOWN.contains(&kind) => {}
            _ => self.notes.add("tls_message", at, format!("a handshake message of the unknown type {kind}")),
        }
    }

    fn client_hello(&mut self, body: &[u8], at: u64, sink: &mut Sink<'_>) {
        let Some(hello) = ClientHello::read(body, Carrier::Tcp) else {
            return self.notes.add("tls_hello_malformed", at, "a client hello without a random");
        };
        if hello.malformed {
            self.notes.add("tls_hello_malformed", at, "a client hello that does not follow its own lengths");
        }
        (sink.out)(Output::ClientHello(&hello));
        if self.is_settled() && self.facts.random() != Some(hello.random) {
            return self.notes.add(
                "tls_hello_after_keys",
                at,
                "another client hello after the keys were agreed",
            );
        }
        self.client.no_hello = false;
        self.facts.client = Some(hello);
        self.start_tls13();
    }

    fn server_hello(&mut self, body: &[u8], at: u64, sink: &mut Sink<'_>) {
        let Some(mut hello) = ServerHello::read(body) else {
            return self.notes.add("tls_hello_malformed", at, "a server hello without a suite");
        };
        if hello.malformed {
            self.notes.add("tls_hello_malformed", at, "a server hello that does not follow its own lengths");
        }
        if hello.version < 0x0304 {
            let asked = self.facts.client.as_ref().map_or(&[][..], |client| client.session_id.as_slice());
            hello.resumed = !asked.is_empty() && asked == hello.session_id;
        }
        (sink.out)(Output::ServerHello(&hello));
        if self.is_settled() {
            return self.notes.add(
                "tls_hello_after_keys",
                at,
                "another server hello after the keys were agreed",
            );
        }
        self.server.no_hello &= hello.retry;
        self.facts.server = Some(hello);
        self.start_tls13();
    }

    /// Whether TLS 1.3 is agreed: it has no renegotiation, and a hello in clear must not put other keys in its place.
    fn is_settled(&self) -> bool {
        self.is_paired() && self.facts.chosen().is_some_and(|server| server.version == 0x0304)
    }

    /// Once both hellos have chosen TLS 1.3, what follows is encrypted.
    fn start_tls13(&mut self) {
        let Some(client) = &self.facts.client else { return };
        if self.facts.chosen().is_none_or(|server| server.version != 0x0304) {
            return;
        }
        let (of_client, of_server) =
            (Traffic::first(Side::Client, client), Traffic::first(Side::Server, client));
        if matches!(self.client.sealing, Sealing::Clear) {
            self.client.sealing = Sealing::Tls13(Box::new(of_client));
        }
        if matches!(self.server.sealing, Sealing::Clear) {
            self.server.sealing = Sealing::Tls13(Box::new(of_server));
        }
    }

    /// RFC 8446, section 4.4.2; RFC 5246, section 7.4.2.
    fn certificates(&mut self, side: Side, body: &[u8], at: u64, sink: &mut Sink<'_>) {
        let tls13 = matches!(self.half(side).sealing, Sealing::Tls13(_));
        let mut cursor = Cursor(body);
        let list = if tls13 { cursor.vector8().and_then(|_| cursor.vector24()) } else { cursor.vector24() };
        let mut list = Cursor(list.unwrap_or(cursor.0));
        let mut chain = Vec::new();
        while let Some(der) = list.vector24() {
            if chain.len() == self.limits.certificates {
                self.notes.add(
                    "tls_certificates_over_limit",
                    at,
                    "a longer chain of certificates than is read",
                );
                break;
            }
            chain.push(Certificate::read(der, self.limits.names));
            if tls13 {
                list.vector16();
            }
        }
        if !chain.is_empty() {
            (sink.out)(Output::Certificates { side, chain: &chain });
        }
    }
}
