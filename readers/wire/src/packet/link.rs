//! Link types: how a frame of each begins.
//!
//! Source: <https://www.tcpdump.org/linktypes.html>. Left out: everything that carries no IP in the usual course (USB,
//! Bluetooth, CAN, 802.15.4), and the headers of single vendors' cards. What is left out is opaque.

use super::ether::MOST_802_3_LENGTH;
use super::peel::{Peel, Step, malformed, opaque};
use super::rest::End;
use super::segment::{Control, Opaque, Tunnel};

impl Peel<'_, '_> {
    /// Peels what stands before the first protocol that all links share.
    pub(super) fn link(&mut self, link: u16) -> Result<Step, End> {
        self.layer()?;
        match link {
            1 => Ok(Step::Ethernet),
            12 | 14 | 101 => Ok(Step::Ip),
            228 => Ok(Step::Ip4),
            229 => Ok(Step::Ip6),
            0 => self.null(),
            108 => {
                let family = u32::from_be_bytes(*self.rest.take::<4>()?);
                by_family(family)
            }
            113 => self.cooked(),
            276 => self.cooked_2(),
            105 => Ok(Step::Wireless { padded: false }),
            119 | 163 => self.prism(),
            127 => self.radiotap(),
            192 => self.ppi(),
            9 | 50 => self.serial(),
            51 => Ok(Step::Pppoe),
            166 | 204 => self.after(1, Step::Ppp),
            104 => self.cisco_hdlc(),
            205 => {
                self.rest.skip(1)?;
                self.cisco_hdlc()
            }
            107 => self.frame_relay(),
            206 => {
                self.rest.skip(1)?;
                self.frame_relay()
            }
            6 => self.token_ring(),
            // SLIP, FDDI, LLC over ATM, IP over Fibre Channel, SunATM, MPLS, Ethernet with a header before it.
            8 => self.after(16, Step::Ip),
            10 => self.after(13, Step::Llc),
            100 => Ok(Step::Llc),
            122 => self.after(16, Step::Llc),
            123 => self.after(4, Step::Llc),
            219 => Ok(Step::Mpls),
            240 => self.after(4, Step::Ethernet),
            241 => self.after(12, Step::Ethernet),
            274 => self.after(8, Step::Ethernet),
            109 => self.enc(),
            117 => self.pflog(),
            138 => {
                let head = self.rest.take::<18>()?;
                Ok(Step::EtherType(u16::from_be_bytes([head[16], head[17]])))
            }
            149 | 258 => self.pktap(link),
            239 => self.nflog(),
            // IP over InfiniBand: the global route header, an EtherType, two bytes of reserve.
            242 => {
                let head = self.rest.take::<44>()?;
                Ok(Step::EtherType(u16::from_be_bytes([head[40], head[41]])))
            }
            _ => opaque(Opaque::UnknownLink(link)),
        }
    }

    fn after(&mut self, count: usize, step: Step) -> Result<Step, End> {
        self.rest.skip(count)?;
        Ok(step)
    }

    /// BSD loopback: the family in the order of the machine that captured; families are small numbers.
    fn null(&mut self) -> Result<Step, End> {
        let bytes = *self.rest.take::<4>()?;
        let family = u32::from_le_bytes(bytes);
        by_family(if family > 0xffff { u32::from_be_bytes(bytes) } else { family })
    }

    /// Linux cooked, version 1.
    fn cooked(&mut self) -> Result<Step, End> {
        let head = self.rest.take::<16>()?;
        self.cooked_kind(u16::from_be_bytes([head[2], head[3]]), u16::from_be_bytes([head[14], head[15]]))
    }

    /// Linux cooked, version 2.
    fn cooked_2(&mut self) -> Result<Step, End> {
        let head = self.rest.take::<20>()?;
        self.cooked_kind(u16::from_be_bytes([head[8], head[9]]), u16::from_be_bytes([head[0], head[1]]))
    }

    /// What follows is named by the kind of device (ARPHRD) and the protocol.
    fn cooked_kind(&mut self, device: u16, protocol: u16) -> Result<Step, End> {
        match (device, protocol) {
            (803, _) => self.radiotap(),
            (778, kind) => self.gre_kind(kind, false),
            (824, _) => opaque(Opaque::Unsupported("netlink")),
            (_, 0x0001) => opaque(Opaque::UnknownSap(0xff)),
            (_, 0x0004) => Ok(Step::Llc),
            (_, kind) if kind > MOST_802_3_LENGTH => Ok(Step::EtherType(kind)),
            (_, kind) => opaque(Opaque::UnknownEtherType(kind)),
        }
    }

    /// Serial lines: PPP, or Cisco's framing, told by the first byte. Source: LINKTYPE_PPP_HDLC.
    fn serial(&mut self) -> Result<Step, End> {
        match self.rest.first()? {
            0x0f | 0x8f => self.cisco_hdlc(),
            _ => Ok(Step::Ppp),
        }
    }

    fn cisco_hdlc(&mut self) -> Result<Step, End> {
        let [_, _, high, low] = *self.rest.take::<4>()?;
        match u16::from_be_bytes([high, low]) {
            // SLARP and CDP.
            0x8035 | 0x2000 => Err(End::Control(Control::Setup)),
            kind => Ok(Step::EtherType(kind)),
        }
    }

    /// Source: RFC 2427 section 4; Cisco's form has an EtherType in place of the control field.
    fn frame_relay(&mut self) -> Result<Step, End> {
        while self.rest.take::<1>()?[0] & 1 == 0 {
            self.layer()?;
        }
        if self.rest.first()? != 0x03 {
            let kind = u16::from_be_bytes(*self.rest.take::<2>()?);
            return Ok(Step::EtherType(kind));
        }
        self.rest.skip(1)?;
        if self.rest.first()? == 0 {
            self.rest.skip(1)?;
        }
        match self.rest.take::<1>()?[0] {
            0xcc => Ok(Step::Ip4),
            0x8e => Ok(Step::Ip6),
            0x80 => self.snap(),
            other => opaque(Opaque::UnknownSap(other)),
        }
    }

    /// IEEE 802.5, with a source route if the source address says so.
    fn token_ring(&mut self) -> Result<Step, End> {
        let head = self.rest.take::<14>()?;
        if head[8] & 0x80 != 0 {
            let route = usize::from(self.rest.first()? & 0x1f);
            self.rest.skip(route)?;
        }
        Ok(Step::Llc)
    }

    /// OpenBSD's encapsulation interface: family, SPI, flags.
    fn enc(&mut self) -> Result<Step, End> {
        let step = self.null()?;
        self.rest.skip(8)?;
        Ok(step)
    }

    /// OpenBSD's packet filter log: a length, a family, and more; padded to four bytes.
    fn pflog(&mut self) -> Result<Step, End> {
        let [length, family] = *self.rest.peek::<2>()?;
        self.rest.skip(usize::from(length).next_multiple_of(4))?;
        by_family(u32::from(family))
    }

    /// Apple's packet tap names the link type of what follows.
    fn pktap(&mut self, link: u16) -> Result<Step, End> {
        let head = self.rest.peek::<12>()?;
        let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]);
        let inner = u32::from_le_bytes([head[8], head[9], head[10], head[11]]);
        // 149 is also the third number for private use: a header of another size is not Apple's.
        if !(108..=1024).contains(&length) {
            return opaque(Opaque::UnknownLink(link));
        }
        self.rest.skip(usize::try_from(length).unwrap_or(usize::MAX))?;
        by_link(inner)
    }

    /// Per-packet information. Source: CACE PPI 1.0.7, section 3.1.
    fn ppi(&mut self) -> Result<Step, End> {
        let head = self.rest.peek::<8>()?;
        let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
        if length < 8 {
            return malformed("ppi_length");
        }
        self.rest.skip(length)?;
        by_link(u32::from_le_bytes([head[4], head[5], head[6], head[7]]))
    }

    /// Netfilter's log: type, length and value; the packet is of type 9.
    fn nflog(&mut self) -> Result<Step, End> {
        let family = self.rest.take::<4>()?[0];
        loop {
            let [a, b, c, d] = *self.rest.take::<4>()?;
            let (length, kind) = (usize::from(u16::from_le_bytes([a, b])), u16::from_le_bytes([c, d]));
            let Some(value) = length.checked_sub(4) else { return malformed("nflog_length") };
            if kind == 9 {
                if self.limit(value) {
                    return malformed("nflog_length");
                }
                return by_family(u32::from(family));
            }
            self.rest.skip(value.next_multiple_of(4))?;
        }
    }

    /// Used by GRE, where IP has the numbers of EtherTypes, and for Linux tunnels, whose GRE header is not captured.
    pub(super) fn gre_kind(&mut self, kind: u16, has_sequence: bool) -> Result<Step, End> {
        match kind {
            0x88be if has_sequence => {
                // ERSPAN type II. Source: draft-foschiano-erspan-03 section 4.2.
                let head = self.rest.take::<8>()?;
                self.tunnel(Tunnel::Erspan(u16::from_be_bytes([head[2], head[3]]) & 0x3ff))?;
                Ok(Step::Ethernet)
            }
            0x88be => Ok(Step::Ethernet),
            0x22eb => {
                // ERSPAN type III, with a platform header if the last bit is set. Source: the same, section 4.3.
                let head = self.rest.take::<12>()?;
                self.tunnel(Tunnel::Erspan(u16::from_be_bytes([head[2], head[3]]) & 0x3ff))?;
                let platform = if head[11] & 1 == 0 { 0 } else { 8 };
                self.after(platform, Step::Ethernet)
            }
            0x880b => Ok(Step::Ppp),
            // Aruba's access points send 802.11 frames; the low bits say for whom they are.
            0x8200..=0x83ff => Ok(Step::Wireless { padded: false }),
            kind if kind > MOST_802_3_LENGTH => Ok(Step::EtherType(kind)),
            kind => opaque(Opaque::UnknownGre(kind)),
        }
    }
}

/// Address families as BSD, Linux and macOS number them.
fn by_family(family: u32) -> Result<Step, End> {
    match family {
        2 => Ok(Step::Ip4),
        10 | 24 | 28 | 30 => Ok(Step::Ip6),
        _ => opaque(Opaque::UnknownEtherType(u16::try_from(family).unwrap_or(u16::MAX))),
    }
}

fn by_link(link: u32) -> Result<Step, End> {
    match u16::try_from(link) {
        Ok(link) => Ok(Step::Link(link)),
        Err(_) => opaque(Opaque::UnknownLink(u16::MAX)),
    }
}
