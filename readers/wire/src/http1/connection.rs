//! Both directions of a connection.

use super::limits::{Count, Limits};
use super::message::{End, Output};
use super::pairing::Pairing;
use super::part::Piece;
use super::skipped::Skipped;
use super::stream::{Shared, Stream};
use crate::Side;
use crate::{Note, Notes};

/// The reader of a connection.
///
/// Push both directions in the order in which they were captured: whether a response has a body depends on its request.
///
/// ```
/// use coldcase_wire::http1::{Connection, End, Limits, Output, Side};
///
/// let mut connection = Connection::new(Limits::default());
/// let mut statuses = Vec::new();
/// let mut out = |output: Output<'_>| {
///     if let Output::Message(message) = output {
///         statuses.extend(message.status());
///     }
/// };
/// connection.push(Side::Client, b"GET / HTTP/1.1\r\nHost: example.test\r\n\r\n", 100, None, &mut out);
/// connection.push(Side::Server, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 300, None, &mut out);
/// connection.finish(Side::Client, End::Closed, &mut out);
/// connection.finish(Side::Server, End::Closed, &mut out);
/// assert_eq!(statuses, [200]);
/// ```
#[derive(Debug)]
pub struct Connection {
    client: Stream,
    server: Stream,
    shared: Shared,
}

impl Connection {
    /// A reader that has read nothing.
    pub fn new(limits: Limits) -> Self {
        Self {
            client: Stream::new(Side::Client),
            server: Stream::new(Side::Server),
            shared: Shared {
                limits,
                count: Count::default(),
                notes: Notes::default(),
                pairing: Pairing::default(),
                switch: None,
                wake: false,
                skipped: Vec::new(),
            },
        }
    }

    /// The next bytes of a side, which stand at `at` in the file and were captured at `time` (nanoseconds since 1970).
    pub fn push(
        &mut self,
        side: Side,
        bytes: &[u8],
        at: u64,
        time: Option<i64>,
        out: &mut impl FnMut(Output<'_>),
    ) {
        let mut piece = Piece { bytes, at, time };
        while !piece.bytes.is_empty() {
            piece = match side {
                Side::Client => self.client.feed(piece, &mut self.shared, out),
                Side::Server => self.server.feed(piece, &mut self.shared, out),
            };
            self.wake(out);
        }
    }

    /// The next `len` bytes of a side are missing from the capture.
    pub fn gap(&mut self, side: Side, len: u64, out: &mut impl FnMut(Output<'_>)) {
        match side {
            Side::Client => self.client.gap(len, &mut self.shared, out),
            Side::Server => self.server.gap(len, &mut self.shared, out),
        }
        self.wake(out);
    }

    /// Nothing more comes from a side.
    pub fn finish(&mut self, side: Side, end: End, out: &mut impl FnMut(Output<'_>)) {
        match side {
            Side::Client => self.client.finish(end, &mut self.shared, out),
            Side::Server => self.server.finish(end, &mut self.shared, out),
        }
        self.wake(out);
    }

    /// Where the bytes went so far.
    pub fn count(&self) -> Count {
        self.shared.count
    }

    /// Notes about what lies between messages, since the last call. Those about a message are with it.
    pub fn take_notes(&mut self) -> Vec<Note> {
        self.shared.notes.take()
    }

    /// What was counted as opaque since the last call.
    pub fn take_skipped(&mut self) -> Vec<Skipped> {
        std::mem::take(&mut self.shared.skipped)
    }

    /// Whether the connection has become another protocol.
    pub fn is_switched(&self) -> bool {
        self.shared.switch.is_some()
    }

    /// Lets the client's bytes go that waited for an answer.
    fn wake(&mut self, out: &mut impl FnMut(Output<'_>)) {
        if !std::mem::take(&mut self.shared.wake) {
            return;
        }
        if self.shared.switch.is_some() {
            self.client.switched(&mut self.shared, out);
        } else {
            self.client.answered(&mut self.shared, out);
        }
    }
}
