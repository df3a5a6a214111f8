//! Records of TLS 1.0 to 1.2 after change cipher spec.

use zeroize::Zeroizing;

use super::connection::{Connection, Sink};
use super::half::Sealing;
use super::keylog::Label;
use super::opener::Opener;
use super::output::Opaque;
use super::record::Record;
use super::schedule::{Prf, prf};
use super::seal::{Keys, Seal};
use super::suite::Suite;
use crate::Side;

impl Connection {
    /// A side changes to the keys of the hellos that were last seen, in the first handshake or in a renegotiation.
    pub(super) fn change_cipher12(&mut self, side: Side, at: u64, sink: &mut Sink<'_>) {
        let opener = self.opener12(side, sink);
        if let Err(Opaque::Suite) = opener {
            let suite = self.facts.chosen().map_or(0, |server| server.suite);
            self.notes.add("tls_suite", at, format!("the cipher suite {suite:#06x} is not decrypted"));
        }
        self.half(side).sealing = Sealing::Tls12(opener.map(Box::new));
        // A message that was not complete in clear is not continued under the keys.
        self.half(side).messages.reset();
    }

    fn opener12(&mut self, side: Side, sink: &mut Sink<'_>) -> Result<Opener, Opaque> {
        let random = self.facts.random().ok_or(Opaque::NoHello)?;
        let server = self.facts.chosen().ok_or(Opaque::NoHello)?;
        let (version, etm) = (server.version, server.encrypt_then_mac);
        let known = Suite::find(server.suite).filter(|suite| !Suite::is_tls13(suite.id));
        let suite = known.filter(|_| (0x0301..=0x0303).contains(&version) && server.compression == 0);
        let suite = suite.ok_or(Opaque::Suite)?;
        let Some(master) = sink.keys.secret(&random, Label::Master) else {
            self.missing(Label::Master, &random, sink);
            return Err(Opaque::NoKey);
        };
        // RFC 5246, section 6.3.
        let server = self.facts.chosen().ok_or(Opaque::NoHello)?;
        let seed = [server.random, random].concat();
        let function = if version == 0x0303 { Prf::Of(suite.hash) } else { Prf::Md5Sha1 };
        let mut block = Zeroizing::new([0; 2 * (48 + 32 + 16)]);
        prf(function, master.as_ref(), "key expansion", &seed, block.as_mut());
        let keys = keys(suite, side, block.as_ref()).ok_or(Opaque::Suite)?;
        Seal::tls12(suite, &keys, version, etm).map(Opener::new).ok_or(Opaque::Suite)
    }

    /// A record that is protected.
    pub(super) fn sealed12(&mut self, side: Side, record: &Record<'_>, sink: &mut Sink<'_>) {
        let mut scratch = std::mem::take(&mut self.scratch);
        let half = self.half(side);
        let opened = match &mut half.sealing {
            Sealing::Tls12(Ok(opener)) => match opener.open(record, &mut half.tries, &mut scratch) {
                Some(kind) => Ok(kind),
                None => {
                    opener.fail();
                    Err(Opaque::NotAuthentic)
                }
            },
            Sealing::Tls12(Err(why)) => Err(*why),
            _ => Err(Opaque::NoHello),
        };
        match opened {
            Ok(kind) => self.content(side, record, (kind, &scratch), false, sink),
            Err(why) => self.opaque(side, record, why, sink),
        }
        self.scratch = scratch;
    }
}

/// The part of the key block that is for `side`.
fn keys(suite: Suite, side: Side, block: &[u8]) -> Option<Keys<'_>> {
    let mut rest = block;
    let mut pair = |len: usize| {
        let (client, after) = rest.split_at_checked(len)?;
        let (server, after) = after.split_at_checked(len)?;
        rest = after;
        Some(if side == Side::Client { client } else { server })
    };
    let mac = pair(suite.bulk.mac_len())?;
    let key = pair(suite.bulk.key_len())?;
    let iv = pair(suite.bulk.iv_len())?;
    Some(Keys { mac, key, iv })
}
