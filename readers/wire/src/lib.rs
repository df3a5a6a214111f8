//! Packets to streams to messages: capture files, links and tunnels, TCP, TLS, QUIC's hellos, HTTP and what it carries.
//!
//! Bytes in, messages out, in the order in which they were captured. Nothing here opens a file, judges, or knows of events
//! and tables; the readers make events of what comes out.
//!
//! # Invariants
//! - Captures are hostile: every length field lies. No byte string makes anything here panic, loop or grow without bound.
//! - What breaks the rules of its layer is a [`Note`], never an error that stops the rest.
//! - Every byte that goes into a layer comes out of it once: as payload for the next, or counted as framing, as lost, as
//!   over a limit, or as opaque.
#![forbid(unsafe_code)]

pub mod capture;
pub mod coding;
pub mod dns;
mod flow;
mod found;
pub mod http1;
pub mod http2;
pub mod multipart;
mod note;
pub mod packet;
pub mod quic;
mod side;
pub mod sse;
mod survey;
pub mod tcp;
pub mod tls;
pub mod websocket;
mod wire;

pub use flow::Tally;
pub use found::{FlowFacts, Found, Hello, Place, Text, What};
pub use note::{Note, Notes};
pub use side::Side;
pub use survey::{Survey, Traffic};
pub use wire::{Accounts, Advance, Wire};
