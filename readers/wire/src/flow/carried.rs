//! A connection of HTTP/1 and what it carries: messages, tunnels of CONNECT, other protocols after an upgrade.

use bytes::Bytes;

use super::channel::{Channel, Context, DEEPEST, Speaks, inside};
use super::held::Held;
use super::text::Texts;
use super::urls::Urls;
use crate::found::{Place, What};
use crate::{Side, http1, http2, websocket};

/// A connection of HTTP/1, and what is in it.
pub(super) struct Http1 {
    pub(super) connection: http1::Connection,
    pub(super) urls: Urls,
    /// What the handshake agreed on, for WebSocket.
    extensions: Vec<u8>,
    /// The URL of the last request.
    last_url: Option<Bytes>,
    pub(super) inside: Option<Box<Channel>>,
    /// What belongs to no message, and how many bytes of it there were.
    skipped: Texts,
    pub(super) skipped_bytes: u64,
}

impl Default for Http1 {
    fn default() -> Self {
        Self {
            connection: http1::Connection::new(http1::Limits::default()),
            urls: Urls::default(),
            extensions: Vec::new(),
            last_url: None,
            inside: None,
            skipped: Texts::default(),
            skipped_bytes: 0,
        }
    }
}

/// A connection's place and depth.
pub(super) type Here<'h> = (&'h Place, u8);

impl Http1 {
    pub(super) fn push(
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

    pub(super) fn gap(&mut self, side: Side, len: u64, here: Here<'_>, cx: &mut Context<'_>) {
        let Self { connection, urls, extensions, last_url, inside, .. } = self;
        let mut carried = Carried { urls, extensions, last_url, inside, here, cx };
        connection.gap(side, len, &mut |output| carried.take(output));
        self.take_skipped(here, cx);
        self.skipped.flush(side, here.0, cx.out);
    }

    pub(super) fn finish(&mut self, end: http1::End, here: Here<'_>, cx: &mut Context<'_>) {
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
                let host = message.values("host").next();
                self.urls.add(message.exchange, url.clone(), host.as_deref());
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
