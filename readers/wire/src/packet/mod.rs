//! Links, tunnels and IP, to transport segments.
//!
//! [`decode`] peels one frame, without state and without allocating. [`Decoder`] also joins IP fragments and keeps the
//! account. TCP streams are the business of [`crate::tcp`]; what a datagram means is that of the caller.
//!
//! # Invariants
//! - A frame gives one [`Decoded`]; each of its bytes is handed on, opaque, or framing.
//! - No recursion: layers are peeled in a loop of at most [`MOST_LAYERS`] turns.
//! - Lengths are believed only as far as bytes are there; what a length claims beyond that is `missing`.
//! - A checksum is judged, never acted upon: what a bad one means is the caller's decision.

mod checksum;
mod decoder;
mod ether;
mod fragment;
mod ip;
mod link;
mod peel;
mod places;
mod ppp;
mod rest;
mod segment;
mod transport;
mod tunnel;
mod wifi;

pub use checksum::Checksum;
pub use decoder::{Count, Decoder};
pub use fragment::{Datagram, Defragmenter, Limits, Overlap};
pub use peel::{Frame, MOST_LAYERS, decode};
pub use places::{Piece, Places};
pub use segment::{
    Control, Decoded, Fragment, Opaque, Segment, TcpHead, Transport, Tunnel, Tunnels, UdpHead,
};

#[cfg(test)]
mod build;
#[cfg(test)]
mod tests;
