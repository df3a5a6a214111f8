//! The loop that peels one layer after the other.

use super::checksum::Checksum;
use super::places::Places;
use super::rest::{End, Rest};
use super::segment::{Control, Decoded, Opaque, Segment, Transport, Tunnel, Tunnels};
use crate::Notes;
use std::net::IpAddr;

/// More layers than this are opaque. Deep real stacks have eleven: Ethernet, two VLAN tags, two MPLS labels, IP, VXLAN,
/// Ethernet, VLAN, IP, one extension header. Each turn of the loop counts against it, so it bounds the work too.
pub const MOST_LAYERS: u8 = 16;

/// The longest padding. Ethernet pads to 46 bytes (IEEE 802.3 clause 3.2.8); check sequences and the trailers that switches
/// and load balancers add take up to 40 more after a packet of at least 20.
const MOST_PADDING: usize = 64;

/// ARP for any link of today and its padding: 8 bytes and four addresses (RFC 826), on InfiniBand 56 (RFC 4391 section 9).
const MOST_ARP: usize = 56 + MOST_PADDING;

/// A frame as a capture file has it.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// The link type, by the numbers of <https://www.tcpdump.org/linktypes.html>.
    pub link: u16,
    /// What was captured of it.
    pub bytes: &'a [u8],
    /// Its size on the wire in bytes; taken as that of `bytes` if smaller.
    pub original: u32,
    /// Where its first byte stands in the capture file.
    pub at: u64,
}

/// Peels a frame down to its transport segment.
pub fn decode<'a>(frame: &Frame<'a>, notes: &mut Notes) -> Decoded<'a> {
    let original = usize::try_from(frame.original).unwrap_or(usize::MAX);
    let missing = original.saturating_sub(frame.bytes.len());
    let rest = Rest { bytes: frame.bytes, offset: 0, missing };
    Peel::new(rest, Places::Whole(frame.at), notes).run(Step::Link(frame.link))
}

/// What to peel next.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// A frame of a link type.
    Link(u16),
    /// Ethernet, from the target address on.
    Ethernet,
    /// What an EtherType names.
    EtherType(u16),
    /// IEEE 802.2.
    Llc,
    /// A stack of labels.
    Mpls,
    /// PPP, with or without its address and control fields.
    Ppp,
    /// PPPoE, from its version on.
    Pppoe,
    /// IEEE 802.11, from the frame control on; `padded` if the header is padded to four bytes.
    Wireless {
        /// Whether there is padding between header and data.
        padded: bool,
    },
    /// IPv4 or IPv6, by the version.
    Ip,
    /// IPv4.
    Ip4,
    /// IPv6.
    Ip6,
    /// What an IP header carries.
    Payload(Ip),
}

/// What the innermost IP header says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ip {
    pub(super) source: IpAddr,
    pub(super) target: IpAddr,
    pub(super) protocol: u8,
    pub(super) ttl: u8,
    pub(super) checksum: Checksum,
}

/// A frame, or a datagram, being peeled.
#[derive(Debug)]
pub(super) struct Peel<'a, 'n> {
    pub(super) rest: Rest<'a>,
    pub(super) places: Places<'a>,
    pub(super) notes: &'n mut Notes,
    pub(super) tunnels: Tunnels,
    pub(super) depth: u8,
    pub(super) is_joined: bool,
    pub(super) is_alternative: bool,
    /// Bytes so far that no header accounts for.
    pub(super) surplus: usize,
    /// The result, when a step ends in [`End::Found`].
    pub(super) found: Option<Decoded<'a>>,
    /// A UDP datagram that was taken for a tunnel by its port; what it is if it turns out to be none.
    pub(super) fallback: Option<Segment<'a>>,
}

impl<'a, 'n> Peel<'a, 'n> {
    pub(super) fn new(rest: Rest<'a>, places: Places<'a>, notes: &'n mut Notes) -> Self {
        Self {
            rest,
            places,
            notes,
            tunnels: Tunnels::default(),
            depth: 0,
            is_joined: false,
            is_alternative: false,
            surplus: 0,
            found: None,
            fallback: None,
        }
    }

    /// Peels until nothing is left to peel.
    pub(super) fn run(mut self, first: Step) -> Decoded<'a> {
        let mut step = first;
        let end = loop {
            let next = match step {
                Step::Link(link) => self.link(link),
                Step::Ethernet => self.ethernet(),
                Step::EtherType(kind) => self.ether_type(kind),
                Step::Llc => self.llc(),
                Step::Mpls => self.mpls(),
                Step::Ppp => self.ppp(),
                Step::Pppoe => self.pppoe(),
                Step::Wireless { padded } => self.wireless(padded),
                Step::Ip => self.ip(),
                Step::Ip4 => self.ip4(),
                Step::Ip6 => self.ip6(),
                Step::Payload(ip) => self.payload(ip),
            };
            match next {
                Ok(next) => step = next,
                Err(end) => break end,
            }
        };
        self.end(end)
    }

    fn end(mut self, end: End) -> Decoded<'a> {
        let why = match end {
            End::Found => match self.found.take() {
                Some(found) => return found,
                None => Opaque::Malformed("frame_short"),
            },
            End::Control(control) => return self.control(control),
            End::Opaque(why) => why,
        };
        let at = self.at();
        match self.fallback.take() {
            // What is encrypted is rightly a tunnel. Everything else may be plain data on the port of a tunnel.
            Some(segment) if why != Opaque::Encrypted => {
                self.notes.add(
                    "tunnel_unreadable",
                    at,
                    "a UDP datagram on the port of a tunnel, read as plain data",
                );
                return Decoded::Segment(segment);
            }
            _ => {}
        }
        match why {
            Opaque::Malformed(kind) => self.notes.add(kind, at, "the header contradicts itself or its frame"),
            Opaque::TooDeep => {
                self.notes.add("layers_too_deep", at, "more layers than any real network stacks");
            }
            _ => {}
        }
        Decoded::Opaque { why, bytes: self.rest.bytes, at, surplus: self.surplus }
    }

    fn control(self, control: Control) -> Decoded<'a> {
        let at = self.at();
        if control == Control::Arp && self.rest.bytes.len() > MOST_ARP {
            self.notes.add("arp_long", at, "an ARP packet with more after it than padding");
        }
        Decoded::Control { control, bytes: self.rest.bytes, at, surplus: self.surplus }
    }

    /// Holds what is left to the length that a header gives; true if it claims more than was ever there. Short padding is
    /// framing; a longer trailer is noted, and surplus.
    pub(super) fn limit(&mut self, length: usize) -> bool {
        let (before, at) = (self.rest.bytes.len(), self.at());
        let over = self.rest.limit(length);
        let cut = before.saturating_sub(self.rest.bytes.len());
        if cut > MOST_PADDING {
            self.surplus = self.surplus.saturating_add(cut);
            let at = at.saturating_add(self.rest.bytes.len() as u64);
            self.notes.add("trailer_long", at, "more bytes after the end of a packet than any link pads");
        }
        over
    }

    /// Counts a layer.
    pub(super) fn layer(&mut self) -> Result<(), End> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > MOST_LAYERS { Err(End::Opaque(Opaque::TooDeep)) } else { Ok(()) }
    }

    /// Counts a layer that is worth telling.
    pub(super) fn tunnel(&mut self, tunnel: Tunnel) -> Result<(), End> {
        self.layer()?;
        self.tunnels.push(tunnel);
        Ok(())
    }

    /// Where the next byte stands in the capture file.
    pub(super) fn at(&self) -> u64 {
        self.places.at(self.rest.offset)
    }

    /// A segment whose payload is what is left.
    pub(super) fn segment(&self, ip: &Ip, transport: Transport<'a>, checksum: Checksum) -> Segment<'a> {
        Segment {
            source: ip.source,
            target: ip.target,
            transport,
            payload: self.rest.bytes,
            places: self.places.skip(self.rest.offset),
            missing: self.rest.missing,
            surplus: self.surplus,
            ttl: ip.ttl,
            checksum,
            ip_checksum: ip.checksum,
            tunnels: self.tunnels,
            is_joined: self.is_joined,
            is_alternative: self.is_alternative,
        }
    }

    /// Ends with a result.
    pub(super) fn find(&mut self, found: Decoded<'a>) -> Result<Step, End> {
        self.found = Some(found);
        Err(End::Found)
    }
}

/// Ends with bytes that cannot be read.
pub(super) fn opaque(why: Opaque) -> Result<Step, End> {
    Err(End::Opaque(why))
}

/// Ends with a header that contradicts itself.
pub(super) fn malformed(kind: &'static str) -> Result<Step, End> {
    Err(End::Opaque(Opaque::Malformed(kind)))
}
