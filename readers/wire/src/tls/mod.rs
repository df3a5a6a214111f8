//! TLS: the two byte streams of a connection to facts about it and, with logged secrets, to its plaintext.
//!
//! TLS 1.0 to 1.3 (RFC 2246, 4346, 5246, 8446) from the first byte of the client hello on; what comes before it
//! (`STARTTLS`, `CONNECT`) is the caller's affair; hellos of QUIC are read here as well. Left out: DTLS, SSL 2 and 3, compression, stream ciphers and
//! 3DES, keys from a server's private key, and checks of what a peer would check: signatures, Finished, certificates.
//! Records are split and hellos read by code of our own, and not by `tls-parser`, because fingerprints need fields in
//! their order and form on the wire, and because streams have gaps.
//!
//! # Invariants
//! - Each byte that is pushed is in one account of [`Count`] once, or still [`Connection::pending`].
//! - The outputs do not depend on how a stream is cut into pushes.
//! - Nothing is handed on as plaintext that did not authenticate.
//! - No secret and no key is shown by `Debug`. Secrets, and what is derived from them here, are wiped when they are
//!   dropped; the expanded keys inside `ring` are not, since it has no way to.

mod certificate;
mod client;
mod connection;
mod content;
mod count;
mod cursor;
mod extension;
mod fingerprint;
mod half;
mod handshake;
mod hold;
mod keylog;
mod limits;
mod messages;
mod name;
mod opener;
mod output;
mod record;
mod schedule;
mod seal;
mod secret;
mod server;
mod suite;
#[cfg(test)]
pub(crate) mod tests;
mod tls12;
mod tls13;

pub use crate::Side;
pub use certificate::{AlternativeName, Certificate};
pub use client::{Carrier, ClientHello};
pub use connection::{Connection, Facts};
pub use count::Count;
pub use keylog::{KeyLog, Label};
pub use limits::Limits;
pub use output::{Opaque, Output};
pub(crate) use schedule::expand_label;
pub use server::{EncryptedExtensions, ServerHello};
pub(crate) use suite::Hash;
pub use suite::suite_name;
