//! What a connection says.

use super::certificate::Certificate;
use super::client::ClientHello;
use super::keylog::Label;
use super::server::{EncryptedExtensions, ServerHello};
use crate::Side;

/// Why bytes are not plaintext.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Opaque {
    /// The key log has no secret for them.
    NoKey,
    /// The hellos that would say which keys and ciphers were not seen.
    NoHello,
    /// The cipher suite is not one that is decrypted.
    Suite,
    /// They do not authenticate with the keys that there are.
    NotAuthentic,
    /// A part of the record is lost.
    Cut,
    /// They are not a TLS record, or stand in one where nothing reads them.
    NotTls,
}

impl Opaque {
    /// A short name that stays the same.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoKey => "no_key",
            Self::NoHello => "no_hello",
            Self::Suite => "suite",
            Self::NotAuthentic => "not_authentic",
            Self::Cut => "cut",
            Self::NotTls => "not_tls",
        }
    }
}

/// One thing that was learnt. `at` is where the record begins in the capture, `time` is that of the push that completed
/// it, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy)]
pub enum Output<'a> {
    /// A client hello; a second one after a hello retry request or in a renegotiation comes again.
    ClientHello(&'a ClientHello),
    /// A server hello, or a hello retry request.
    ServerHello(&'a ServerHello),
    /// The extensions of the server that TLS 1.3 encrypts.
    EncryptedExtensions(&'a EncryptedExtensions),
    /// A chain of certificates, that of the peer first.
    Certificates {
        /// Whose chain it is.
        side: Side,
        /// Those that could be read.
        chain: &'a [Certificate],
    },
    /// Application data in clear.
    Plain {
        /// Who sent it.
        side: Side,
        /// Where it stands in the plaintext of this side; a gap does not move it, since its size is not known.
        offset: u64,
        /// The data: up to one record.
        bytes: &'a [u8],
        /// Whether it is early data (RFC 8446, section 2.3), which an attacker can replay.
        early: bool,
        /// Where its record begins in the capture.
        at: u64,
        /// When it was complete.
        time: Option<i64>,
    },
    /// Plaintext of this side is missing here: lost, or not decrypted. What follows does not join what came before.
    Break {
        /// Whose stream is broken.
        side: Side,
        /// Where it stands in the plaintext of this side.
        offset: u64,
    },
    /// Bytes that could not be decrypted.
    Opaque {
        /// Who sent them.
        side: Side,
        /// How many.
        len: u64,
        /// Why they are opaque.
        why: Opaque,
        /// Where they begin in the capture.
        at: u64,
        /// When the last of them came.
        time: Option<i64>,
    },
    /// An alert (RFC 8446, section 6).
    Alert {
        /// Who sent it.
        side: Side,
        /// 1 is a warning, 2 is fatal.
        level: u8,
        /// What it says; 0 is the regular end.
        description: u8,
        /// Where its record begins in the capture.
        at: u64,
        /// When it came.
        time: Option<i64>,
    },
    /// A secret that would decrypt this connection and is not in the key log; once for each.
    Missing {
        /// Which secret.
        label: Label,
        /// The first word after the label in the line that is missing.
        client_random: &'a [u8; 32],
    },
}
