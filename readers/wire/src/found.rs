//! What a capture holds: messages, each with the connection that it belongs to.

use std::sync::Arc;

use bytes::Bytes;

use crate::tcp::{Endpoint, FlowId};
use crate::tls::{Carrier, ClientHello};
use crate::{Side, dns, http1, http2, websocket};

/// A connection.
#[derive(Debug, PartialEq, Eq)]
pub struct FlowFacts {
    /// Its number in the capture.
    pub id: FlowId,
    /// The client's end.
    pub client: Endpoint,
    /// The server's end.
    pub server: Endpoint,
    /// Whether its start was seen; if not, who is the client is a guess.
    pub has_syn: bool,
}

/// Where a message was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The connection.
    pub flow: Arc<FlowFacts>,
    /// The host that the client asked for in its TLS hello, or in CONNECT.
    pub host: Option<Arc<str>>,
    /// Whether it was decrypted.
    pub is_encrypted: bool,
}

/// What a client says of itself and of where it wants to go, in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The host.
    pub server_name: Option<String>,
    /// The protocols that it offers.
    pub alpn: Vec<Vec<u8>>,
    /// What carries the handshake.
    pub carrier: Carrier,
    /// Its JA3 fingerprint.
    pub ja3: String,
    /// Its JA4 fingerprint.
    pub ja4: String,
    /// Where it stands in the capture file.
    pub at: u64,
    /// When it was captured, nanoseconds since 1970.
    pub time: Option<i64>,
}

impl Hello {
    pub(crate) fn of(hello: &ClientHello, carrier: Carrier, at: u64, time: Option<i64>) -> Self {
        Self {
            server_name: hello.server_name.clone(),
            alpn: hello.alpn.clone(),
            carrier,
            ja3: hello.ja3.clone(),
            ja4: hello.ja4.clone(),
            at,
            time,
        }
    }
}

/// Bytes that belong to no message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Who sent them.
    pub side: Side,
    /// Why they stand alone, in snake_case.
    pub why: &'static str,
    /// The bytes.
    pub bytes: Bytes,
    /// How many of them are in no other finding; none of another version of a datagram, which its packets count.
    pub own: u64,
    /// Where they start in the capture file.
    pub at: u64,
    /// When they were captured, nanoseconds since 1970.
    pub time: Option<i64>,
}

/// One finding of a capture.
#[derive(Debug)]
pub enum What {
    /// An HTTP/1 message; of a response, the URL that was asked for.
    Http1(Box<http1::Message>, Option<Bytes>),
    /// An HTTP/2 message; of a response, the URL that was asked for.
    Http2(Box<http2::Message>, Option<Bytes>),
    /// A WebSocket message, and the URL of its handshake.
    WebSocket(Box<websocket::Message>, Option<Bytes>),
    /// A DNS message, and who sent it.
    Dns(Side, Box<dns::Message>),
    /// A TLS client hello, over TCP or QUIC.
    Hello(Box<Hello>),
    /// Bytes of no protocol that is read, other versions of bytes, and bytes that stand apart.
    Text(Text),
}

/// A finding with its place.
#[derive(Debug)]
pub struct Found {
    /// Where.
    pub place: Place,
    /// What.
    pub what: What,
}

impl Found {
    /// Where its first byte stands.
    pub fn at(&self) -> u64 {
        match &self.what {
            What::Http1(message, _) => message.head.at(0).or_else(|| message.body.at(0)).unwrap_or(0),
            What::Http2(message, _) => message.at,
            What::WebSocket(message, _) => message.extents.first().map_or(0, |(_, at)| *at),
            What::Dns(_, message) => message.extents.first().map_or(0, |(_, at)| *at),
            What::Hello(hello) => hello.at,
            What::Text(text) => text.at,
        }
    }

    /// When its first and its last byte were captured, nanoseconds since 1970.
    pub fn times(&self) -> (Option<i64>, Option<i64>) {
        match &self.what {
            What::Http1(message, _) => (message.first_time, message.last_time),
            What::Http2(message, _) => (message.start, message.end),
            What::WebSocket(message, _) => (message.time, message.time),
            What::Dns(_, message) => (message.time, message.time),
            What::Hello(hello) => (hello.time, hello.time),
            What::Text(text) => (text.time, text.time),
        }
    }

    /// Where its [`content_bytes`](Self::content_bytes) stand: stretches of an offset and a length, which have that sum.
    /// What no map of a message knows is said to stand where the part before it does.
    pub fn stretches(&self, each: &mut impl FnMut(u64, u64)) {
        match &self.what {
            What::Http1(message, _) => {
                let mut last = self.at();
                for part in [&message.head, &message.body, &message.trailer, &message.extensions] {
                    let ends = part.extents.iter().skip(1).map(|extent| extent.offset);
                    let ends = ends.chain([part.bytes.len() as u64]);
                    let mut from = 0;
                    for (extent, end) in part.extents.iter().zip(ends) {
                        last = extent.at;
                        each(last, end.saturating_sub(from));
                        from = end;
                    }
                    each(last, (part.bytes.len() as u64).saturating_sub(from));
                }
                each(message.smuggled.at(0).unwrap_or(last), message.surplus);
            }
            What::Http2(message, _) => {
                each(message.at, message.block_bytes);
                let mut left = message.body.len() as u64;
                for extent in &message.extents {
                    let len = extent.len.min(left);
                    each(extent.at, len);
                    left -= len;
                }
                each(message.extents.last().map_or(message.at, |extent| extent.at), left);
            }
            What::WebSocket(..) | What::Dns(..) | What::Hello(_) | What::Text(_) => {
                each(self.at(), self.content_bytes());
            }
        }
    }

    /// Bytes of the connection that this finding hands on, each in one finding only.
    pub fn content_bytes(&self) -> u64 {
        match &self.what {
            What::Http1(message, _) => message.content_bytes(),
            What::Http2(message, _) => message.content_bytes(),
            // Counted by their connection: what is compressed has another length here, DNS over TCP a length before it.
            What::WebSocket(..) | What::Dns(..) | What::Hello(_) => 0,
            What::Text(text) => text.own,
        }
    }

    /// About how much memory it holds.
    pub(crate) fn held(&self) -> usize {
        let bytes = match &self.what {
            What::WebSocket(message, _) => message.data.len(),
            What::Dns(_, message) => message.bytes.len() * 4,
            _ => usize::try_from(self.content_bytes()).unwrap_or(usize::MAX),
        };
        bytes.saturating_add(1024)
    }
}
