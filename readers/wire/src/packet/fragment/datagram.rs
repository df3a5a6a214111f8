//! A datagram that was joined from fragments.

use crate::Notes;
use crate::packet::checksum::Checksum;
use crate::packet::peel::{Ip, Peel, Step};
use crate::packet::places::{Piece, Places};
use crate::packet::rest::Rest;
use crate::packet::segment::{Decoded, Fragment, Tunnels};
use std::net::IpAddr;

/// An IP datagram from its fragments, without IP header.
#[derive(Debug, Clone)]
pub struct Datagram {
    /// Its bytes, from the start to the end or the first hole.
    pub bytes: Vec<u8>,
    /// Where they stand in the capture file.
    pub pieces: Vec<Piece>,
    /// Bytes that never came; if the last fragment never came, at least one.
    pub missing: usize,
    /// Whether it is another version of fragments that contradict each other.
    pub is_alternative: bool,
    pub(super) head: Head,
}

/// What the fragments of a datagram have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) source: IpAddr,
    pub(super) target: IpAddr,
    pub(super) protocol: u8,
    pub(super) ttl: u8,
    pub(super) checksum: Checksum,
    pub(super) tunnels: Tunnels,
    pub(super) depth: u8,
}

impl Head {
    pub(super) fn of(fragment: &Fragment<'_>) -> Self {
        Self {
            source: fragment.source,
            target: fragment.target,
            protocol: fragment.protocol,
            ttl: fragment.ttl,
            checksum: fragment.ip_checksum,
            tunnels: fragment.tunnels,
            depth: fragment.depth,
        }
    }
}

impl Datagram {
    /// Peels it on. It may turn out to be a tunnel that carries a fragment.
    pub fn decode(&self, notes: &mut Notes) -> Decoded<'_> {
        let rest = Rest { bytes: &self.bytes, offset: 0, missing: self.missing };
        let mut peel = Peel::new(rest, Places::Joined { pieces: &self.pieces, skip: 0 }, notes);
        peel.tunnels = self.head.tunnels;
        peel.depth = self.head.depth;
        peel.is_joined = true;
        peel.is_alternative = self.is_alternative;
        peel.run(Step::Payload(Ip {
            source: self.head.source,
            target: self.head.target,
            protocol: self.head.protocol,
            ttl: self.head.ttl,
            checksum: self.head.checksum,
        }))
    }
}
