//! One stream of bytes each way: its protocol is told by its first bytes, and what it carries is read by a channel inside.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use super::Output;
use super::held::{Held, Piece};
use super::text::Texts;
use crate::found::{Hello, Place, What};
use crate::http1::{self, Protocol};
use crate::tls::{self, KeyLog};
use crate::{Side, dns, http2, websocket};

/// Channels inside channels: TLS in CONNECT in TLS, and no further.
const DEEPEST: u8 = 4;
/// URLs that wait for their responses.
const MOST_URLS: usize = 1024;
/// The port of DNS over TCP (RFC 7766).
const DNS: u16 = 53;

/// What a channel works with.
pub(super) struct Context<'c> {
    pub(super) keys: &'c KeyLog,
    pub(super) out: &'c mut Output,
}

/// Both directions of a stream.
pub(super) struct Channel {
    place: Place,
    depth: u8,
    /// Whether the bytes are the first of the stream.
    starts: bool,
    speaks: Speaks,
}

enum Speaks {
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

struct Http1 {
    connection: http1::Connection,
    urls: Urls,
    /// What the handshake agreed on, for WebSocket.
    extensions: Vec<u8>,
    /// The URL of the last request.
    last_url: Option<Bytes>,
    inside: Option<Box<Channel>>,
    /// What belongs to no message, and how many bytes of it there were.
    skipped: Texts,
    skipped_bytes: u64,
}

/// URLs by number of the exchange or stream.
#[derive(Default)]
struct Urls(VecDeque<(u64, Bytes)>);

impl Urls {
    fn add(&mut self, number: u64, url: Bytes) {
        if self.0.len() >= MOST_URLS {
            self.0.pop_front();
        }
        self.0.push_back((number, url));
    }

    fn of(&self, number: u64) -> Option<Bytes> {
        self.0.iter().rev().find(|(other, _)| *other == number).map(|(_, url)| url.clone())
    }
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
                connection.push(side, bytes, at, time, &mut |message| http2(message, urls, place, cx));
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
                connection.gap(side, len, &mut |message| http2(message, urls, place, cx));
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
                    connection.finish(side, &mut |message| http2(message, urls, place, cx));
                }
                cx.out.tally.framing += connection.count().framing;
                cx.out.tally.opaque += connection.count().opaque;
                cx.out.tally.over_limit += connection.count().over_limit;
                cx.out.notes.append(&mut connection.notes().take());
            }
            Speaks::Tls { connection, inside } => {
                for side in [Side::Client, Side::Server] {
                    let when = (0, None);
                    let (keys, mut told) = (cx.keys, Told { place, inside, cx, when });
                    connection.finish(side, keys, &mut |output| told.take(&output));
                }
                for side in [Side::Client, Side::Server] {
                    cx.out.tally.framing += connection.count(side).framing;
                    cx.out.tally.opaque += connection.count(side).opaque;
                    cx.out.tally.over_limit += connection.count(side).over_limit;
                }
                cx.out.notes.append(&mut connection.take_notes());
                inside.finish(end, cx);
            }
            Speaks::WebSocket { connection, url } => {
                connection.finish(&mut |message| web_socket(message, url.as_ref(), place, cx));
                for side in [Side::Client, Side::Server] {
                    let count = connection.count(side);
                    cx.out.tally.framing += count.framing;
                    cx.out.tally.content += count.content;
                    cx.out.tally.opaque += count.opaque;
                    cx.out.tally.over_limit += count.over_limit;
                }
                cx.out.notes.append(&mut connection.notes().take());
            }
            Speaks::Dns(streams) => {
                for (side, stream) in [Side::Client, Side::Server].into_iter().zip(&mut **streams) {
                    stream.finish(&mut |message| dns(message, side, place, cx));
                    let count = stream.count();
                    cx.out.tally.framing += count.framing;
                    cx.out.tally.content += count.content;
                    cx.out.tally.opaque += count.opaque;
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
            Protocol::Http1 => Speaks::Http1(Box::new(Http1 {
                connection: http1::Connection::new(http1::Limits::default()),
                urls: Urls::default(),
                extensions: Vec::new(),
                last_url: None,
                inside: None,
                skipped: Texts::default(),
                skipped_bytes: 0,
            })),
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

fn inside(place: &Place, depth: u8, speaks: Speaks) -> Box<Channel> {
    Box::new(Channel { place: place.clone(), depth: depth + 1, starts: true, speaks })
}

/// A connection's place and depth.
type Here<'h> = (&'h Place, u8);

impl Http1 {
    fn push(
        &mut self,
        side: Side,
        bytes: &[u8],
        (at, time): (u64, Option<i64>),
        here: Here<'_>,
        cx: &mut Context<'_>,
    ) {
        let Self { connection, urls, extensions, last_url, inside, .. } = self;
        let mut carried = Carried { urls, extensions, last_url, inside, here, cx };
        connection.push(side, bytes, at, time, &mut |output| carried.take(output));
        self.take_skipped(here, cx);
    }

    /// Text that belongs to no message is handed on.
    fn take_skipped(&mut self, (place, _): Here<'_>, cx: &mut Context<'_>) {
        for http1::Skipped { side, bytes, at, time } in self.connection.take_skipped() {
            self.skipped_bytes += bytes.len() as u64;
            self.skipped.push(side, &bytes, (at, time), place, cx.out);
        }
    }

    fn gap(&mut self, side: Side, len: u64, here: Here<'_>, cx: &mut Context<'_>) {
        let Self { connection, urls, extensions, last_url, inside, .. } = self;
        let mut carried = Carried { urls, extensions, last_url, inside, here, cx };
        connection.gap(side, len, &mut |output| carried.take(output));
        self.take_skipped(here, cx);
        self.skipped.flush(side, here.0, cx.out);
    }

    fn finish(&mut self, end: http1::End, here: Here<'_>, cx: &mut Context<'_>) {
        let Self { connection, urls, extensions, last_url, inside, .. } = self;
        let mut carried = Carried { urls, extensions, last_url, inside, here, cx };
        for side in [Side::Client, Side::Server] {
            connection.finish(side, end, &mut |output| carried.take(output));
        }
        self.take_skipped(here, cx);
        for side in [Side::Client, Side::Server] {
            self.skipped.flush(side, here.0, cx.out);
        }
        let Self { connection, inside, .. } = self;
        cx.out.tally.framing += connection.count().framing;
        cx.out.tally.opaque += connection.count().opaque.saturating_sub(self.skipped_bytes);
        cx.out.tally.over_limit += connection.count().over_limit;
        cx.out.notes.append(&mut connection.take_notes());
        if let Some(inside) = inside {
            inside.finish(end, cx);
        }
    }
}

/// What an HTTP/1 connection hands on goes here.
struct Carried<'a, 'c> {
    urls: &'a mut Urls,
    extensions: &'a mut Vec<u8>,
    last_url: &'a mut Option<Bytes>,
    inside: &'a mut Option<Box<Channel>>,
    here: Here<'a>,
    cx: &'a mut Context<'c>,
}

impl Carried<'_, '_> {
    fn take(&mut self, output: http1::Output<'_>) {
        match output {
            http1::Output::Message(message) => self.message(message),
            http1::Output::Upgraded { protocol, side, bytes, at, time } => {
                let (place, depth) = self.here;
                let (extensions, url) = (&*self.extensions, self.last_url.as_ref());
                let inside =
                    self.inside.get_or_insert_with(|| upgraded(protocol, extensions, url, place, depth));
                inside.push(side, bytes, at, time, self.cx);
            }
            http1::Output::Tunnel { side, bytes, at, time } => {
                let (place, depth) = self.here;
                let url = &*self.last_url;
                let inside = self.inside.get_or_insert_with(|| {
                    let mut inside = inside(place, depth, Speaks::Undecided(Held::default()));
                    inside.place.host = url.as_deref().map(|host| String::from_utf8_lossy(host).into());
                    inside
                });
                inside.push(side, bytes, at, time, self.cx);
            }
            http1::Output::Gap { side, len } => {
                if let Some(inside) = self.inside {
                    inside.gap(side, len, self.cx);
                }
            }
        }
    }

    fn message(&mut self, message: Box<http1::Message>) {
        let url = match message.request() {
            Some((_, target)) => {
                let url = Bytes::copy_from_slice(target);
                self.urls.add(message.exchange, url.clone());
                *self.last_url = Some(url);
                None
            }
            None => self.urls.of(message.exchange),
        };
        if message.status() == Some(101) {
            let agreed: Vec<_> = message.values("sec-websocket-extensions").collect();
            *self.extensions = agreed.join(&b", "[..]);
        }
        self.cx.out.add(self.here.0, What::Http1(message, url));
    }
}

/// What an upgrade turns the connection into.
fn upgraded(
    protocol: &[u8],
    extensions: &[u8],
    url: Option<&Bytes>,
    place: &Place,
    depth: u8,
) -> Box<Channel> {
    let speaks = if protocol.eq_ignore_ascii_case(b"websocket") {
        let connection = websocket::Connection::new(extensions, websocket::Limits::default());
        Speaks::WebSocket { connection: Box::new(connection), url: url.cloned() }
    } else if protocol.eq_ignore_ascii_case(b"h2c") {
        let connection = http2::Connection::upgraded(http2::Limits::default(), b"");
        Speaks::Http2 { connection: Box::new(connection), urls: Urls::default() }
    } else if depth < DEEPEST {
        Speaks::Undecided(Held::default())
    } else {
        Speaks::Unknown(Texts::default())
    };
    inside(place, depth, speaks)
}

fn http2(message: http2::Message, urls: &mut Urls, place: &Place, cx: &mut Context<'_>) {
    let url = match (message.side, message.field(":path")) {
        (Side::Client, Some(path)) => {
            urls.add(u64::from(message.stream), path.clone());
            None
        }
        _ => urls.of(u64::from(message.stream)),
    };
    cx.out.add(place, What::Http2(Box::new(message), url));
}

fn dns(message: dns::Message, side: Side, place: &Place, cx: &mut Context<'_>) {
    cx.out.add(place, What::Dns(side, Box::new(message)));
}

fn web_socket(message: websocket::Message, url: Option<&Bytes>, place: &Place, cx: &mut Context<'_>) {
    cx.out.add(place, What::WebSocket(Box::new(message), url.cloned()));
}

/// What a TLS connection tells goes here.
struct Told<'a, 'c> {
    place: &'a Place,
    inside: &'a mut Channel,
    cx: &'a mut Context<'c>,
    /// Where the record stands, and when it came.
    when: (u64, Option<i64>),
}

impl Told<'_, '_> {
    fn take(&mut self, output: &tls::Output<'_>) {
        match output {
            tls::Output::ClientHello(hello) => {
                if let Some(name) = &hello.server_name {
                    self.inside.place.host = Some(Arc::from(name.as_str()));
                }
                let (at, time) = self.when;
                let hello = Hello {
                    server_name: hello.server_name.clone(),
                    alpn: hello.alpn.clone(),
                    ja3: hello.ja3.clone(),
                    ja4: hello.ja4.clone(),
                    at,
                    time,
                };
                self.cx.out.add(self.place, What::Hello(Box::new(hello)));
            }
            tls::Output::Plain { side, bytes, at, time, .. } => {
                self.inside.push(*side, bytes, *at, *time, self.cx);
            }
            // How much is missing is not known; that something is, is enough for what is inside.
            tls::Output::Break { side, .. } => self.inside.gap(*side, 1, self.cx),
            tls::Output::ServerHello(_)
            | tls::Output::EncryptedExtensions(_)
            | tls::Output::Certificates { .. }
            | tls::Output::Opaque { .. }
            | tls::Output::Alert { .. }
            | tls::Output::Missing { .. } => {}
        }
    }
}
