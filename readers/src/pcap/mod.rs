//! Packet captures: what `coldcase_wire` finds in them, as events.
//!
//! Packets are read and joined where batches are cut, since streams depend on all that came before; bodies are decoded and
//! events built on any thread.

mod batches;
mod books;
mod chain;
mod doh;
mod event;
mod http;
mod marks;
mod message;
mod other;
mod places;
mod ring;
mod secrets;
mod sessions;
mod summary;

pub(crate) use chain::{Chain, Rules};
pub(crate) use ring::{Member, Rings, chains};
