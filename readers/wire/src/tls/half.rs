//! One side of a connection: where its stream stands, and what opens its records.

use super::count::Count;
use super::hold::Held;
use super::limits::Limits;
use super::messages::{self, Messages};
use super::opener::{Opener, Tries};
use super::output::Opaque;
use super::record::Splitter;
use super::tls13::Traffic;

/// The state of one side.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a state of its own")]
pub(super) struct Half {
    pub(super) splitter: Splitter,
    pub(super) messages: Messages,
    pub(super) held: Held,
    pub(super) sealing: Sealing,
    pub(super) count: Count,
    pub(super) tries: Tries,
    /// Plaintext that was handed on.
    pub(super) offset: u64,
    /// Whether plaintext may be missing before what comes next.
    pub(super) broken: bool,
    /// Whether a record has come.
    pub(super) started: bool,
    /// Whether a change cipher spec came that may mean nothing: only the hellos would tell.
    pub(super) changed: bool,
    /// Whether its hello will not come any more: its stream starts with something else, or is at its end.
    pub(super) no_hello: bool,
}

/// How the records of one side are protected.
#[derive(Debug)]
pub(super) enum Sealing {
    /// Not at all: the handshake before its keys.
    Clear,
    /// TLS 1.2 and before, after change cipher spec; or why nothing opens them.
    Tls12(Result<Box<Opener>, Opaque>),
    /// TLS 1.3, after the server hello.
    Tls13(Box<Traffic>),
}

/// The smallest record that is protected: RFC 8446, section 5.2, one byte and a tag of 16.
const SMALLEST: u64 = 22;

impl Half {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            splitter: Splitter::default(),
            messages: Messages::default(),
            held: Held::default(),
            sealing: Sealing::Clear,
            count: Count::default(),
            tries: Tries { ahead: 0, left: limits.failed_tries },
            offset: 0,
            broken: false,
            started: false,
            changed: false,
            no_hello: false,
        }
    }

    /// Whether a handshake record must be protected: after a change cipher spec, only a second hello comes in clear.
    pub(super) fn is_hidden(&self, content: &[u8]) -> bool {
        let is_hello = matches!(content, [messages::CLIENT_HELLO | messages::SERVER_HELLO, 0, ..]);
        self.changed && !is_hello && !self.messages.is_partial()
    }

    /// Up to `len` bytes of records did not come by: later sequence numbers are tried.
    pub(super) fn lose(&mut self, len: u64, most: u64) {
        self.broken = true;
        self.tries.ahead = self.tries.ahead.saturating_add(len / SMALLEST + 1).min(most);
    }
}
