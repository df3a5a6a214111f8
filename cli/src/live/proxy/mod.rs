//! The live mode over HTTP: a forward proxy, with or without a look into TLS, or a proxy in front of one MCP server.
//!
//! `run` starts it, `listener` takes connections, `serve` says what a request wants, `exchange` takes one through judge
//! and server, `tunnel` does CONNECT, `events` and `socket` pass streams on piece by piece,
//! and `endpoints` leads errors into them. `room` bounds what is held meanwhile. `judge` is the only way to a
//! verdict for what is no JSON-RPC, `rpc` leads JSON-RPC to the lanes of `mcp`. `dial` opens connections to addresses
//! that `address` lets through; `authority` and `trust` are the two sides of TLS; `admin`, `switch` and `counters` are for whoever
//! runs it.
//!
//! # Invariants
//! - Nothing is passed on that was not judged, and recorded where that was asked for; what runs in a tunnel that is not
//!   intercepted counts as passed, not as judged.
//! - An event is judged as it will be read from the record: the record is made first, and read.
//! - No address is dialled but the one that was checked.
//!
//! Left out: HTTP/3, WebSocket over HTTP/2, authentication of clients, asking a person.

mod address;
mod admin;
mod authority;
mod body;
mod counters;
mod dial;
mod endpoints;
mod env;
mod events;
mod exchange;
mod fields;
mod judge;
mod listener;
mod payload;
mod pieces;
mod refusal;
mod room;
mod rpc;
mod run;
mod serve;
mod sessions;
mod socket;
mod socket_frame;
mod switch;
mod trust;
mod tunnel;

pub(crate) use authority::Authority;
pub(crate) use run::proxy;
