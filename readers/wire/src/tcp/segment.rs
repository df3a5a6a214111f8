//! What the reassembler is given: one decoded TCP segment.

use std::net::IpAddr;

/// One end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// The IP address.
    pub address: IpAddr,
    /// The TCP port.
    pub port: u16,
}

/// The control bits of a TCP header, in its order (RFC 9293, section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags(pub u8);

impl Flags {
    /// No more data from the sender.
    pub const FIN: Self = Self(1);
    /// Synchronize sequence numbers.
    pub const SYN: Self = Self(2);
    /// Reset the connection.
    pub const RST: Self = Self(4);
    /// Push function; has no effect here.
    pub const PSH: Self = Self(8);
    /// The acknowledgement number counts.
    pub const ACK: Self = Self(16);
    /// The urgent pointer counts.
    pub const URG: Self = Self(32);

    /// Whether all bits of `other` are set.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl std::ops::BitOr for Flags {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// One TCP segment as it was captured.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// Tells networks with the same addresses apart: a tunnel, a VLAN. Zero if they are not told apart.
    pub space: u32,
    /// Who sent it.
    pub source: Endpoint,
    /// Whom it was sent to.
    pub target: Endpoint,
    /// Sequence number of the first byte, or of the SYN.
    pub seq: u32,
    /// Acknowledgement number; counts if ACK is set.
    pub ack: u32,
    /// Control bits.
    pub flags: Flags,
    /// Receive window as it stands in the header, not scaled.
    pub window: u16,
    /// Shift count of the window scale option, which only a SYN carries (RFC 7323, section 2.2).
    pub window_scale: Option<u8>,
    /// The payload as far as it was captured.
    pub payload: &'a [u8],
    /// Payload bytes that were sent and that the snap length cut off.
    pub missing: u32,
    /// Where in the capture file the payload stands, in bytes.
    pub at: u64,
    /// When it was captured, in nanoseconds since 1970.
    pub time: Option<i64>,
    /// Time to live, or hop limit.
    pub ttl: u8,
    /// Whether the TCP checksum is right; `None` if it could not be checked.
    pub checksum_ok: Option<bool>,
    /// Another reading of bytes that were given already (overlapping IP fragments): to scan, not to join.
    pub is_alternative: bool,
}
