//! Whole connections: those of the standard, and made ones.

pub(crate) mod hello;
mod hostile;
mod made;
mod rfc8448;
mod writer;

use super::{Connection, Count, KeyLog, Limits, Output};
use crate::Note;
use crate::Side;

/// The bytes of hex digits.
pub(crate) fn unhex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits.bytes().filter(u8::is_ascii_hexdigit).collect();
    let nibble = |digit: u8| u8::try_from(char::from(digit).to_digit(16).unwrap()).unwrap();
    digits.chunks(2).map(|pair| nibble(pair[0]) << 4 | nibble(pair[1])).collect()
}

/// What a connection said, in a form that is easy to compare.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::tls) struct Said {
    pub(in crate::tls) log: Vec<String>,
    client: Vec<u8>,
    server: Vec<u8>,
    pub(in crate::tls) early: usize,
    pub(in crate::tls) opaque: u64,
    pub(in crate::tls) notes: Vec<Note>,
    pub(in crate::tls) counts: [Count; 2],
}

impl Said {
    pub(in crate::tls) fn plain(&self, side: Side) -> Vec<u8> {
        if side == Side::Client { self.client.clone() } else { self.server.clone() }
    }

    fn take(&mut self, output: Output<'_>) {
        let line = match output {
            Output::ClientHello(hello) => {
                format!("client {}", hello.server_name.as_deref().unwrap_or_default())
            }
            Output::ServerHello(hello) => format!(
                "server {:04x} {:04x} retry {} resumed {}",
                hello.version, hello.suite, hello.retry, hello.resumed
            ),
            Output::EncryptedExtensions(read) => format!("extensions early {}", read.early_data),
            Output::Certificates { side, chain } => {
                let names: Vec<_> =
                    chain.iter().map(|one| format!("{} {}", one.subject, one.issuer)).collect();
                format!("certificates {side:?} {}", names.join("; "))
            }
            Output::Plain { side, offset, bytes, early, at, .. } => {
                let stream = if side == Side::Client { &mut self.client } else { &mut self.server };
                assert_eq!(stream.len() as u64, offset);
                stream.extend_from_slice(bytes);
                self.early += if early { bytes.len() } else { 0 };
                format!("plain {side:?} {}@{at}", bytes.len())
            }
            Output::Break { side, offset } => format!("break {side:?} {offset}"),
            Output::Opaque { side, len, why, at, .. } => {
                self.opaque += len;
                format!("opaque {side:?} {len}@{at} {}", why.as_str())
            }
            Output::Alert { side, level, description, .. } => format!("alert {side:?} {level} {description}"),
            Output::Missing { label, .. } => format!("missing {}", label.as_str()),
        };
        self.log.push(line);
    }
}

/// Pushes the parts of a connection, in order, each at the place that the bytes before it end at.
pub(in crate::tls) fn run(parts: &[(Side, Vec<u8>)], keys: &KeyLog) -> Said {
    let mut connection = Connection::new(Limits::default());
    let (mut said, mut at, mut pushed) = (Said::default(), 0, [0; 2]);
    for (side, bytes) in parts {
        connection.push(*side, bytes, at, Some(1), keys, &mut |output| said.take(output));
        at += bytes.len() as u64;
        pushed[*side as usize] += bytes.len() as u64;
        let counted = connection.count(*side).pushed() + connection.pending(*side);
        assert_eq!(counted, pushed[*side as usize]);
    }
    end(&mut connection, said, pushed, keys)
}

/// Finishes both sides and holds the account to what was pushed.
pub(in crate::tls) fn end(
    connection: &mut Connection,
    mut said: Said,
    pushed: [u64; 2],
    keys: &KeyLog,
) -> Said {
    for side in [Side::Client, Side::Server] {
        connection.finish(side, keys, &mut |output| said.take(output));
    }
    for side in [Side::Client, Side::Server] {
        assert_eq!(connection.pending(side), 0);
        assert_eq!(connection.count(side).pushed(), pushed[side as usize]);
        assert_eq!(connection.count(side).plain, said.plain(side).len() as u64);
        said.counts[side as usize] = connection.count(side);
    }
    assert_eq!(said.counts.iter().map(|count| count.opaque).sum::<u64>(), said.opaque);
    said.notes = connection.take_notes();
    said
}
