//! Records of TLS 1.3 after the server hello: which secret opens them, and when the next one does.
//!
//! Handshake messages say when a side changes its key. Where they were lost, or have no key, the later keys are tried on
//! each record, so that a key log with the application secrets alone is enough.

use super::client::ClientHello;
use super::connection::{Connection, Sink};
use super::half::{Half, Sealing};
use super::keylog::Label;
use super::messages;
use super::opener::Opener;
use super::output::Opaque;
use super::record::{self, Record};
use super::schedule::updated;
use super::seal::{Seal, fits};
use super::secret::Secret;
use super::suite::Suite;
use crate::Side;

/// Which keys a side uses (RFC 8446, section 7.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Epoch {
    /// The client's early data.
    Early,
    /// The handshake.
    Handshake,
    /// Application data, of the first generation or after key updates.
    Application,
}

/// The keys of one side.
#[derive(Debug)]
pub(super) struct Traffic {
    epoch: Epoch,
    /// What opens this epoch's records, once one was to be opened and there is a secret.
    current: Option<Current>,
    /// Whether early data stayed closed.
    early_lost: bool,
}

#[derive(Debug)]
struct Current {
    opener: Opener,
    suite: Suite,
    secret: Secret,
}

impl Traffic {
    /// What a side starts with, after this hello of the client.
    pub(super) fn first(side: Side, client: &ClientHello) -> Self {
        let early = side == Side::Client && client.early_data;
        let epoch = if early { Epoch::Early } else { Epoch::Handshake };
        Self { epoch, current: None, early_lost: false }
    }
}

impl Current {
    fn new(suite: Suite, secret: Secret) -> Option<Self> {
        Some(Self { opener: Opener::new(Seal::tls13(suite, &secret)?), suite, secret })
    }

    /// The same after a key update.
    fn next(&self) -> Option<Self> {
        Self::new(self.suite, updated(self.suite.hash, &self.secret))
    }
}

impl Half {
    /// The last message under an epoch's keys was read: what follows is of the next.
    pub(super) fn advance(&mut self, from: Epoch) {
        if let Sealing::Tls13(traffic) = &mut self.sealing
            && traffic.epoch == from
        {
            traffic.epoch = if from == Epoch::Early { Epoch::Handshake } else { Epoch::Application };
            traffic.current = None;
        }
    }

    /// The side changes to the next generation of its application secret (RFC 8446, section 4.6.3).
    pub(super) fn update_key(&mut self) {
        if let Sealing::Tls13(traffic) = &mut self.sealing
            && traffic.epoch == Epoch::Application
            && let Some(current) = &traffic.current
        {
            traffic.current = current.next();
        }
    }
}

impl Connection {
    /// A record after the server hello.
    pub(super) fn sealed13(&mut self, side: Side, record: &Record<'_>, sink: &mut Sink<'_>) {
        match (record.kind, record.payload) {
            (record::APPLICATION_DATA, _) => {}
            // RFC 8446, section 5: sent for the sake of middleboxes, and dropped.
            (record::CHANGE_CIPHER_SPEC, _) => {
                return self.change_cipher_bytes(side, record, record.payload, sink);
            }
            // The second client hello, and alerts of a side that has no keys.
            (record::HANDSHAKE, [messages::CLIENT_HELLO | messages::SERVER_HELLO, ..])
            | (record::ALERT, [_, _]) => {
                return self.content(side, record, (record.kind, record.payload), false, sink);
            }
            (record::HANDSHAKE, _) if self.half(side).messages.is_partial() => {
                return self.content(side, record, (record.kind, record.payload), false, sink);
            }
            _ => {
                self.notes.add("tls_clear_after_keys", record.at, "a record in clear after the server hello");
                return self.opaque(side, record, Opaque::NotAuthentic, sink);
            }
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        let Sealing::Tls13(mut traffic) = std::mem::replace(&mut self.half(side).sealing, Sealing::Clear)
        else {
            return;
        };
        let opened = self.open13(side, record, &mut traffic, &mut scratch, sink);
        let early = traffic.epoch == Epoch::Early;
        traffic.early_lost |= early && opened.is_err();
        self.half(side).sealing = Sealing::Tls13(traffic);
        match opened {
            // RFC 8446, section 5: a change cipher spec is never protected, and changes nothing.
            Ok(record::CHANGE_CIPHER_SPEC) => self.opaque(side, record, Opaque::NotTls, sink),
            Ok(kind) => self.content(side, record, (kind, &scratch), early, sink),
            Err(why) => self.opaque(side, record, why, sink),
        }
        self.scratch = scratch;
    }

    /// Opens a record with the key of its epoch, else with later ones. The type of the content.
    fn open13(
        &mut self,
        side: Side,
        record: &Record<'_>,
        traffic: &mut Traffic,
        scratch: &mut Vec<u8>,
        sink: &mut Sink<'_>,
    ) -> Result<u8, Opaque> {
        let random = self.facts.random().ok_or(Opaque::NoHello)?;
        if let Some(current) = &mut traffic.current
            && let Some(kind) = current.opener.open(record, &mut self.half(side).tries, scratch)
        {
            return Ok(kind);
        }
        let suites = self.suites13();
        if suites.is_empty() {
            return Err(Opaque::Suite);
        }
        let mut why = if traffic.current.is_some() { Opaque::NotAuthentic } else { Opaque::NoKey };
        for epoch in [Epoch::Early, Epoch::Handshake, Epoch::Application] {
            if epoch < traffic.epoch || (side == Side::Server && epoch == Epoch::Early) {
                continue;
            }
            // Keys are not even derived for a flood of records that nothing opens.
            if self.half(side).tries.left == 0 {
                break;
            }
            for mut next in self.candidates13(side, epoch, traffic, &suites, &random, sink) {
                let was_exact = self.half(side).tries.ahead == 0;
                if !self.half(side).tries.take() {
                    break;
                }
                if let Some(kind) = next.opener.open(record, &mut self.half(side).tries, scratch) {
                    if (traffic.epoch, epoch, was_exact) == (Epoch::Handshake, Epoch::Application, true) {
                        // The first record of the epoch: what stayed closed before was the handshake.
                        self.half(side).broken = traffic.early_lost;
                    }
                    traffic.epoch = epoch;
                    traffic.current = Some(next);
                    return Ok(kind);
                }
                if epoch == traffic.epoch {
                    why = Opaque::NotAuthentic;
                    // With the suite known, it is the right key, and numbers are counted from here on.
                    if let (None, [_]) = (&traffic.current, suites.as_slice()) {
                        traffic.current = Some(next);
                        break;
                    }
                }
            }
        }
        if let Some(current) = &mut traffic.current {
            current.opener.fail();
        }
        Err(why)
    }

    /// The suite that the server chose; without its hello, those that the client offers.
    fn suites13(&self) -> Vec<Suite> {
        match (self.facts.chosen(), &self.facts.client) {
            (Some(server), _) => {
                let suite = Suite::find(server.suite).filter(|suite| Suite::is_tls13(suite.id));
                suite.into_iter().collect()
            }
            (None, Some(client)) => client.suites13.clone(),
            (None, None) => Vec::new(),
        }
    }

    /// What might open a record of an epoch that is not the current one, or has no key yet.
    fn candidates13(
        &mut self,
        side: Side,
        epoch: Epoch,
        traffic: &Traffic,
        suites: &[Suite],
        random: &[u8; 32],
        sink: &mut Sink<'_>,
    ) -> Vec<Current> {
        if epoch == traffic.epoch
            && let Some(current) = &traffic.current
        {
            let after = if epoch == Epoch::Application { current.next() } else { None };
            return after.into_iter().collect();
        }
        let label = match (side, epoch) {
            (_, Epoch::Early) => Label::ClientEarly,
            (Side::Client, Epoch::Handshake) => Label::ClientHandshake,
            (Side::Server, Epoch::Handshake) => Label::ServerHandshake,
            (Side::Client, Epoch::Application) => Label::ClientTraffic,
            (Side::Server, Epoch::Application) => Label::ServerTraffic,
        };
        let Some(secret) = sink.keys.secret(random, label) else {
            self.missing(label, random, sink);
            return Vec::new();
        };
        let fitting = suites.iter().filter(|suite| fits(**suite, secret));
        fitting.filter_map(|suite| Current::new(*suite, secret.clone())).collect()
    }
}
