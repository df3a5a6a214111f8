//! What a frame turns out to hold.

use super::checksum::Checksum;
use super::places::Places;
use std::net::IpAddr;

/// What peeling a frame, or a datagram joined from fragments, ends in.
#[derive(Debug, Clone, Copy)]
pub enum Decoded<'a> {
    /// A transport segment.
    Segment(Segment<'a>),
    /// Part of an IP datagram; a [`super::Defragmenter`] joins it.
    Fragment(Fragment<'a>),
    /// Bytes that cannot be read.
    Opaque {
        /// Why not.
        why: Opaque,
        /// The bytes after the last header that could be read.
        bytes: &'a [u8],
        /// Where the first of them stands in the capture file.
        at: u64,
        /// As in [`Segment::surplus`].
        surplus: usize,
    },
    /// Nothing but the working of the link: all of it is framing.
    Control {
        /// What it is.
        control: Control,
        /// The bytes after the last header that was read, for those who want to look.
        bytes: &'a [u8],
        /// Where the first of them stands in the capture file.
        at: u64,
        /// As in [`Segment::surplus`].
        surplus: usize,
    },
}

/// A segment of a transport protocol, or a whole datagram of one.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// The sender; with Mobile IPv6 the home address (RFC 6275 section 6.3).
    pub source: IpAddr,
    /// The receiver; with a routing header the last address of the route (RFC 8200 section 4.4).
    pub target: IpAddr,
    /// The transport's header.
    pub transport: Transport<'a>,
    /// What the transport carries.
    pub payload: &'a [u8],
    /// Where the payload stands in the capture file.
    pub places: Places<'a>,
    /// Bytes of payload that were sent and are not here: cut by the snap length, or fragments that never came.
    pub missing: usize,
    /// Bytes that nobody reads: after the end of the UDP datagram in its IP packet (RFC 9868), and after the end of a packet
    /// if they are more than padding.
    pub surplus: usize,
    /// Time to live, or hop limit, of the innermost IP header.
    pub ttl: u8,
    /// The transport's checksum.
    pub checksum: Checksum,
    /// The IPv4 header's checksum; [`Checksum::Good`] for IPv6, which has none.
    pub ip_checksum: Checksum,
    /// What was peeled off around it.
    pub tunnels: Tunnels,
    /// Whether it was joined from fragments.
    pub is_joined: bool,
    /// Whether it is another version of fragments that contradict each other: not a segment more, but one instead.
    pub is_alternative: bool,
}

/// A transport header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport<'a> {
    /// RFC 9293.
    Tcp(TcpHead<'a>),
    /// RFC 768.
    Udp(UdpHead),
    /// RFC 792 and RFC 4443; the payload starts after the first eight bytes of the message.
    Icmp {
        /// The type of message.
        kind: u8,
        /// Its code.
        code: u8,
    },
    /// Any other protocol, by its number; the payload is all of it.
    Other(u8),
}

/// The header of TCP. Source: RFC 9293 section 3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TcpHead<'a> {
    /// Port of the sender.
    pub source_port: u16,
    /// Port of the receiver.
    pub target_port: u16,
    /// Sequence number.
    pub sequence: u32,
    /// Acknowledgment number, whether or not ACK is set.
    pub acknowledgment: u32,
    /// The control bits: FIN is 0x01, SYN 0x02, RST 0x04, PSH 0x08, ACK 0x10, URG 0x20, ECE 0x40, CWR 0x80, AE 0x100.
    pub flags: u16,
    /// Window as it stands in the header, not scaled.
    pub window: u16,
    /// Urgent pointer, whether or not URG is set.
    pub urgent: u16,
    /// The options, as far as they were captured.
    pub options: &'a [u8],
}

/// The header of UDP. Source: RFC 768.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UdpHead {
    /// Port of the sender.
    pub source_port: u16,
    /// Port of the receiver.
    pub target_port: u16,
}

/// Part of an IP datagram.
#[derive(Debug, Clone, Copy)]
pub struct Fragment<'a> {
    /// The sender.
    pub source: IpAddr,
    /// The receiver.
    pub target: IpAddr,
    /// What the datagram carries; for IPv6 the first fragment's word counts.
    pub protocol: u8,
    /// The datagram's identification.
    pub id: u32,
    /// Where in the datagram it starts, in bytes.
    pub offset: u32,
    /// Whether more of the datagram follows.
    pub more: bool,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Where they stand in the capture file.
    pub places: Places<'a>,
    /// Bytes of it that were not captured.
    pub missing: usize,
    /// As in [`Segment::surplus`].
    pub surplus: usize,
    /// Time to live, or hop limit.
    pub ttl: u8,
    /// The IPv4 header's checksum; [`Checksum::Good`] for IPv6.
    pub ip_checksum: Checksum,
    /// What was peeled off around it.
    pub tunnels: Tunnels,
    /// How many layers were peeled so far.
    pub(super) depth: u8,
}

/// Why bytes could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Opaque {
    /// A link type that is not known here.
    UnknownLink(u16),
    /// An EtherType that is not known here.
    UnknownEtherType(u16),
    /// A service access point of 802.2 that is not known here.
    UnknownSap(u8),
    /// A protocol of PPP that is not known here, or compressed or encrypted data.
    UnknownPpp(u16),
    /// A protocol in GRE that is not known here.
    UnknownGre(u16),
    /// ESP, MACsec, or a protected 802.11 frame.
    Encrypted,
    /// The snap length cut a header.
    Cut,
    /// A header contradicts itself; the name is that of the note.
    Malformed(&'static str),
    /// A part of a protocol that is not read here, such as several packets in one 802.11 frame.
    Unsupported(&'static str),
    /// More layers than [`super::MOST_LAYERS`].
    TooDeep,
}

/// Frames that serve the link only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Control {
    /// ARP or RARP.
    Arp,
    /// Spanning tree, LLDP, link aggregation, pause, precision time, fault management, loopback tests.
    Bridge,
    /// Set-up of PPP or PPPoE, key exchange of 802.1X, control messages of a tunnel.
    Setup,
    /// Management or control of 802.11, or a data frame without data.
    Wireless,
    /// A header and nothing after it.
    Empty,
}

/// Something that was peeled off around a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tunnel {
    /// 802.1Q, 802.1ad: the VLAN's number.
    Vlan(u16),
    /// 802.1ah: the service's number.
    Pbb(u32),
    /// MPLS: the label.
    Mpls(u32),
    /// PPPoE: the session.
    Pppoe(u16),
    /// L2TP: tunnel and session.
    L2tp(u16, u16),
    /// GRE: the key; for PPTP the call.
    Gre(Option<u32>),
    /// ERSPAN: the session.
    Erspan(u16),
    /// VXLAN: the network.
    Vxlan(u32),
    /// GENEVE: the network.
    Geneve(u32),
    /// GTP-U: the tunnel end point.
    Gtp(u32),
    /// IP in IP, with the protocol's number: 4 or 41.
    Ip(u8),
    /// IPv6 in UDP over IPv4.
    Teredo,
    /// Ethernet in IP.
    EtherIp,
}

/// The tunnels around a segment, outermost first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Tunnels {
    kept: [Option<Tunnel>; Self::MOST],
    more: u8,
}

impl Tunnels {
    /// So many are kept by value; real stacks are up to five high (VLAN, VLAN, MPLS, VXLAN, VLAN).
    pub const MOST: usize = 6;

    /// Those that were kept.
    pub fn iter(&self) -> impl Iterator<Item = Tunnel> + '_ {
        self.kept.iter().copied().flatten()
    }

    /// How many more there were.
    pub fn more(&self) -> u8 {
        self.more
    }

    /// Whether there were none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    pub(super) fn push(&mut self, tunnel: Tunnel) {
        match self.kept.iter_mut().find(|slot| slot.is_none()) {
            Some(slot) => *slot = Some(tunnel),
            None => self.more = self.more.saturating_add(1),
        }
    }
}

impl Segment<'_> {
    /// The ports, for protocols that have them.
    pub fn ports(&self) -> Option<(u16, u16)> {
        match self.transport {
            Transport::Tcp(head) => Some((head.source_port, head.target_port)),
            Transport::Udp(head) => Some((head.source_port, head.target_port)),
            Transport::Icmp { .. } | Transport::Other(_) => None,
        }
    }
}
