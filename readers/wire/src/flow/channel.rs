//! One stream of bytes each way: its protocol is told by its first bytes, and what it carries is read by a channel inside.

use std::sync::Arc;

use bytes::Bytes;

use super::carried::Http1;
use super::held::{Held, Piece};
use super::text::Texts;
use super::told::Told;
use super::urls::Urls;
use super::{Output, Tally};
use crate::found::{Place, What};
use crate::http1::{self, Protocol};
use crate::tls::{self, KeyLog};
use crate::{Side, dns, http2, websocket};

/// Channels inside channels: TLS in CONNECT in TLS, and no further.
pub(super) const DEEPEST: u8 = 4;
/// The port of DNS over TCP (RFC 7766).
const DNS: u16 = 53;

/// What a channel works with.
pub(super) struct Context<'c> {
    pub(super) keys: &'c KeyLog,
    pub(super) out: &'c mut Output,
}

/// Both directions of a stream.
pub(super) struct Channel {
    pub(super) place: Place,
    depth: u8,
    /// Whether the bytes are the first of the stream.
    starts: bool,
    speaks: Speaks,
}

pub(super) enum Speaks {
    /// It has not told yet.
    Undecided(Held),
    Http1(Box<Http1>),
    Http2 {
        connection: Box<http2::Connection>,
        urls: Urls,
    },
    Tls {
        connection: Box<tls::Connection>,
        inside: Box<Channel>,
    },
    WebSocket {
        connection: Box<websocket::Connection>,
        url: Option<Bytes>,
    },
    /// By its port, where the first bytes tell nothing else.
    Dns(Box<[dns::Stream; 2]>),
    /// Nothing that is read.
    Unknown(Texts),
}

impl Channel {
    /// A connection.
    pub(super) fn new(place: Place) -> Self {
        let starts = place.flow.has_syn;
        Self { place, depth: 0, starts, speaks: Speaks::Undecided(Held::default()) }
    }

    fn inside(&self, speaks: Speaks) -> Box<Self> {
        inside(&self.place, self.depth, speaks)
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    pub(super) fn is_encrypted(&self) -> bool {
        matches!(self.speaks, Speaks::Tls { .. })
    }

    /// Its protocols from the outside in, as in `tls/http2`.
    pub(super) fn protocols(&self) -> String {
        let (outer, inside) = match &self.speaks {
            Speaks::Undecided(_) => ("none", None),
            Speaks::Http1(http) => ("http1", http.inside.as_ref()),
            Speaks::Http2 { .. } => ("http2", None),
            Speaks::Tls { inside, .. } => ("tls", Some(inside)),
            Speaks::WebSocket { .. } => ("websocket", None),
            Speaks::Dns(_) => ("dns", None),
            Speaks::Unknown(texts) => (if texts.is_empty() { "none" } else { "unknown" }, None),
        };
        match inside.map(|inside| inside.protocols()) {
            Some(inside) if inside != "none" => format!("{outer}/{inside}"),
            _ => outer.to_owned(),
        }
    }

    /// The host that the client asked for.
    pub(super) fn host(&self) -> Option<Arc<str>> {
        let asked = match &self.speaks {
            Speaks::Http1(http) => match &http.inside {
                Some(inside) => inside.host().or_else(|| http.urls.host.clone()),
                None => http.urls.host.clone(),
            },
            Speaks::Http2 { urls, .. } => urls.host.clone(),
            Speaks::Tls { inside, .. } => inside.host(),
            Speaks::Undecided(_) | Speaks::WebSocket { .. } | Speaks::Dns(_) | Speaks::Unknown(_) => None,
        };
        // Names in hellos are what the connection is to; a name in a request may be any that it serves.
        self.place.host.clone().or(asked)
    }

    /// Takes the next bytes of a side.
    pub(super) fn push(
        &mut self,
        side: Side,
        bytes: &[u8],
        at: u64,
        time: Option<i64>,
        cx: &mut Context<'_>,
    ) {
        let place = &self.place;
        match &mut self.speaks {
            Speaks::Undecided(held) => {
                held.data(side, bytes, at, time);
                if let Some(protocol) = held.told(self.starts) {
                    self.decide(protocol, cx);
                }
            }
            Speaks::Http1(http) => http.push(side, bytes, (at, time), (place, self.depth), cx),
            Speaks::Http2 { connection, urls } => {
                connection.push(side, bytes, at, time, &mut |message| urls.hand_on(message, place, cx));
            }
            Speaks::Tls { connection, inside } => {
                let when = (at, time);
                let (keys, mut told) = (cx.keys, Told { place, inside, cx, when });
                connection.push(side, bytes, at, time, keys, &mut |output| told.take(&output));
            }
            Speaks::WebSocket { connection, url } => {
                connection
                    .push(side, bytes, at, time, &mut |message| web_socket(message, url.as_ref(), place, cx));
            }
            Speaks::Dns(streams) => {
                let [client, server] = &mut **streams;
                let stream = if side == Side::Client { client } else { server };
                stream.push(bytes, at, time, &mut |message| {
                    dns(message, side, place, cx);
                });
            }
            Speaks::Unknown(texts) => texts.push(side, bytes, (at, time), place, cx.out),
        }
    }

    /// The next `len` bytes of a side are not in the capture.
    pub(super) fn gap(&mut self, side: Side, len: u64, cx: &mut Context<'_>) {
        let place = &self.place;
        match &mut self.speaks {
            Speaks::Undecided(held) => held.gap(side, len),
            Speaks::Http1(http) => http.gap(side, len, (place, self.depth), cx),
            Speaks::Http2 { connection, urls } => {
                connection.gap(side, len, &mut |message| urls.hand_on(message, place, cx));
            }
            Speaks::Tls { connection, inside } => {
                let when = (0, None);
                let (keys, mut told) = (cx.keys, Told { place, inside, cx, when });
                connection.gap(side, len, keys, &mut |output| told.take(&output));
            }
            Speaks::WebSocket { connection, url } => {
                connection.gap(side, len, 0, &mut |message| web_socket(message, url.as_ref(), place, cx));
            }
            Speaks::Dns(streams) => {
                let [client, server] = &mut **streams;
                let stream = if side == Side::Client { client } else { server };
                stream.gap(len, 0, &mut |message| dns(message, side, place, cx));
            }
            Speaks::Unknown(texts) => texts.flush(side, place, cx.out),
        }
    }

    /// What it counts itself so far, with what is inside; complete when the stream is over.
    pub(super) fn tally(&self) -> Tally {
        let both = [Side::Client, Side::Server];
        let mut tally = Tally::default();
        match &self.speaks {
            Speaks::Undecided(_) | Speaks::Unknown(_) => {}
            Speaks::Http1(http) => {
                let count = http.connection.count();
                // What was skipped and handed on is in findings, or counted as opaque there.
                let opaque = count.opaque.saturating_sub(http.skipped_bytes);
                let own = Tally { framing: count.framing, opaque, over_limit: count.over_limit, content: 0 };
                tally.add(own);
                tally.add(http.inside.as_ref().map(|inside| inside.tally()).unwrap_or_default());
            }
            Speaks::Http2 { connection, .. } => {
                let http2::Count { framing, opaque, over_limit, .. } = connection.count();
                tally.add(Tally { framing, opaque, over_limit, content: 0 });
            }
            Speaks::Tls { connection, inside } => {
                for count in both.map(|side| connection.count(side)) {
                    let (framing, opaque) = (count.framing, count.opaque);
                    tally.add(Tally { framing, opaque, over_limit: count.over_limit, content: 0 });
                }
                tally.add(inside.tally());
            }
            Speaks::WebSocket { connection, .. } => {
                for count in both.map(|side| connection.count(side)) {
                    let (framing, opaque, content) = (count.framing, count.opaque, count.content);
                    tally.add(Tally { framing, opaque, over_limit: count.over_limit, content });
                }
            }
            Speaks::Dns(streams) => {
                for count in streams.iter().map(dns::Stream::count) {
                    let (framing, opaque, content) = (count.framing, count.opaque, count.content);
                    tally.add(Tally { framing, opaque, over_limit: 0, content });
                }
            }
        }
        tally
    }

    /// The stream is over.
    pub(super) fn finish(&mut self, end: http1::End, cx: &mut Context<'_>) {
        if let Speaks::Undecided(held) = &self.speaks {
            let protocol = held.told_at_end();
            self.decide(protocol, cx);
        }
        let place = &self.place;
        match &mut self.speaks {
            Speaks::Undecided(_) => {}
            Speaks::Http1(http) => http.finish(end, (place, self.depth), cx),
            Speaks::Http2 { connection, urls } => {
                for side in [Side::Client, Side::Server] {
                    connection.finish(side, &mut |message| urls.hand_on(message, place, cx));
                }
                cx.out.notes.append(&mut connection.notes().take());
            }
            Speaks::Tls { connection, inside } => {
                for side in [Side::Client, Side::Server] {
                    let when = (0, None);
                    let (keys, mut told) = (cx.keys, Told { place, inside, cx, when });
                    connection.finish(side, keys, &mut |output| told.take(&output));
                }
                cx.out.notes.append(&mut connection.take_notes());
                inside.finish(end, cx);
            }
            Speaks::WebSocket { connection, url } => {
                connection.finish(&mut |message| web_socket(message, url.as_ref(), place, cx));
                cx.out.notes.append(&mut connection.notes().take());
            }
            Speaks::Dns(streams) => {
                for (side, stream) in [Side::Client, Side::Server].into_iter().zip(&mut **streams) {
                    stream.finish(&mut |message| dns(message, side, place, cx));
                    cx.out.notes.append(&mut stream.notes().take());
                }
            }
            Speaks::Unknown(texts) => {
                for side in [Side::Client, Side::Server] {
                    texts.flush(side, place, cx.out);
                }
            }
        }
    }

    /// Goes on as `protocol`, with what was held.
    fn decide(&mut self, protocol: Protocol, cx: &mut Context<'_>) {
        let speaks = match protocol {
            Protocol::Http1 => Speaks::Http1(Box::default()),
            Protocol::Http2 => {
                let connection = Box::new(http2::Connection::new(http2::Limits::default()));
                Speaks::Http2 { connection, urls: Urls::default() }
            }
            Protocol::Tls if self.depth < DEEPEST => {
                let mut inside = self.inside(Speaks::Undecided(Held::default()));
                inside.place.is_encrypted = true;
                Speaks::Tls { connection: Box::new(tls::Connection::new(tls::Limits::default())), inside }
            }
            // No first bytes tell DNS, and the port alone hides no other protocol.
            Protocol::Undecided | Protocol::Unknown
                if self.depth == 0 && self.place.flow.server.port == DNS =>
            {
                Speaks::Dns(Box::default())
            }
            Protocol::Tls | Protocol::Ssh | Protocol::Undecided | Protocol::Unknown => {
                Speaks::Unknown(Texts::default())
            }
        };
        let before = std::mem::replace(&mut self.speaks, speaks);
        if let Speaks::Undecided(held) = before {
            for piece in held.pieces {
                match piece {
                    Piece::Data { side, bytes, at, time } => self.push(side, &bytes, at, time, cx),
                    Piece::Gap { side, len } => self.gap(side, len, cx),
                }
            }
        }
    }
}

pub(super) fn inside(place: &Place, depth: u8, speaks: Speaks) -> Box<Channel> {
    Box::new(Channel { place: place.clone(), depth: depth + 1, starts: true, speaks })
}

fn dns(message: dns::Message, side: Side, place: &Place, cx: &mut Context<'_>) {
    cx.out.add(place, What::Dns(side, Box::new(message)));
}

fn web_socket(message: websocket::Message, url: Option<&Bytes>, place: &Place, cx: &mut Context<'_>) {
    cx.out.add(place, What::WebSocket(Box::new(message), url.cloned()));
}
