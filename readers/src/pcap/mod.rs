//! Packet captures: what `coldcase_wire` finds in them, as events.
//!
//! Packets are read and joined where batches are cut, since streams depend on all that came before; bodies are decoded and
//! events built on any thread.

mod batches;
mod doh;
mod event;
mod http;
mod message;
mod other;
mod secrets;

pub(crate) use batches::Captures;
pub(crate) use secrets::add_secrets;
