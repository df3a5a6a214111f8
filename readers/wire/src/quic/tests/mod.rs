//! Hellos in Initial packets: those of the standards, and made ones.

mod hostile;
mod vectors;
mod whole;

use std::net::{IpAddr, Ipv4Addr};

use super::header::Version;
use super::keys::Keys;
use super::{Connections, Limits};
use crate::Notes;
use crate::tcp::Endpoint;
use crate::tls::tests::hello;

/// A client and a server.
pub(super) fn ends() -> [Endpoint; 2] {
    [1, 2].map(|last| Endpoint {
        address: IpAddr::V4(Ipv4Addr::new(10, 0, 0, last)),
        port: 4430 + u16::from(last),
    })
}

/// A client that writes Initial packets.
#[derive(Clone)]
pub(super) struct Writer {
    pub(super) version: Version,
    /// The connection id that keys come from, that of the server in headers, and the client's own.
    pub(super) ids: [Vec<u8>; 3],
    pub(super) token: Vec<u8>,
    pub(super) number: u32,
}

impl Writer {
    pub(super) fn new() -> Self {
        let ids = [vec![9; 8], vec![9; 8], vec![3, 4]];
        Self { version: Version::One, ids, token: Vec::new(), number: 0 }
    }

    /// After a Retry that gave this connection id and token.
    pub(super) fn retried(&self, id: &[u8]) -> Self {
        let ids = [id.to_vec(), id.to_vec(), self.ids[2].clone()];
        Self { ids, token: vec![1; 70], ..self.clone() }
    }

    /// A packet with this payload, padded so that a sample can be taken.
    pub(super) fn packet(&mut self, payload: &[u8]) -> Vec<u8> {
        let mut payload = payload.to_vec();
        payload.resize(payload.len().max(4), 0);
        let (first, version) = match self.version {
            Version::One => (0xc3, 1_u32),
            Version::Two => (0xd3, 0x6b33_43cf),
        };
        let [_, target, source] = &self.ids;
        let head = [
            &[first][..],
            &version.to_be_bytes(),
            &id(target),
            &id(source),
            &varint(self.token.len()),
            &self.token,
            &varint(4 + payload.len() + 16),
            &self.number.to_be_bytes(),
        ];
        self.number += 1;
        Keys::new(self.version, &self.ids[0]).unwrap().protect(&head.concat(), &payload)
    }
}

fn id(id: &[u8]) -> Vec<u8> {
    [&[u8::try_from(id.len()).unwrap()], id].concat()
}

/// A number in four bytes.
fn varint(number: usize) -> [u8; 4] {
    (u32::try_from(number).unwrap() | 0x8000_0000).to_be_bytes()
}

/// A CRYPTO frame.
pub(super) fn crypto(offset: usize, bytes: &[u8]) -> Vec<u8> {
    [&[6][..], &varint(offset), &varint(bytes.len()), bytes].concat()
}

/// The handshake message of a hello for a host; `pad` bytes of keys make it longer than a datagram.
pub(super) fn message(host: &str, pad: usize) -> Vec<u8> {
    let mut extensions = hello::usual(host);
    extensions.push((43, vec![2, 3, 4]));
    extensions.push((51, vec![7; pad]));
    let body = hello::client(&[5; 32], 0x0303, &[0x1301], &extensions);
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[1], &length[1..], &body].concat()
}

/// What was heard of datagrams, each at the offset of its number times a thousand.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) hosts: Vec<(String, u64)>,
    pub(super) ja4: Vec<String>,
    /// Which datagrams have a client's Initial packet.
    pub(super) is_quic: Vec<bool>,
    pub(super) notes: Vec<&'static str>,
    pub(super) most_held: usize,
}

pub(super) fn hear(datagrams: &[Vec<u8>], limits: Limits) -> Said {
    let (mut said, mut notes) = (Said::default(), Notes::default());
    let mut connections = Connections::new(limits);
    for (datagram, number) in datagrams.iter().zip(0..) {
        let when = (1000 * number, Some(7));
        let is_quic = connections.datagram(ends(), datagram, when, &mut notes, &mut |heard| {
            assert_eq!(heard.time, Some(7));
            said.hosts.push((heard.hello.server_name.unwrap_or_default(), heard.at));
            said.ja4.push(heard.hello.ja4);
        });
        said.is_quic.push(is_quic);
        said.most_held = said.most_held.max(connections.held());
    }
    connections.finish(&mut notes);
    assert_eq!(connections.held(), 0);
    said.notes = notes.counts().iter().map(|(kind, _)| *kind).collect();
    said
}

/// The hosts and notes alone.
pub(super) fn heard(datagrams: &[Vec<u8>]) -> (Vec<(String, u64)>, Vec<&'static str>) {
    let said = hear(datagrams, Limits::default());
    (said.hosts, said.notes)
}
