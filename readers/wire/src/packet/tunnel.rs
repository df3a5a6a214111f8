//! Tunnels over IP and over UDP.

use super::peel::{Peel, Step, malformed};
use super::rest::End;
use super::segment::{Control, Opaque, Tunnel};

impl Peel<'_, '_> {
    /// Source: RFC 2784, RFC 2890; RFC 1701 for a source route; RFC 2637 section 4.1 for version 1.
    pub(super) fn gre(&mut self) -> Result<Step, End> {
        let [high, low, kind_high, kind_low] = *self.rest.take::<4>()?;
        let flags = u16::from_be_bytes([high, low]);
        let kind = u16::from_be_bytes([kind_high, kind_low]);
        match flags & 7 {
            0 => {}
            1 => return self.pptp(flags),
            _ => return malformed("gre_version"),
        }
        // A route brings an offset, which stands beside the checksum.
        if flags & 0xc000 != 0 {
            self.rest.skip(4)?;
        }
        let key = if flags & 0x2000 == 0 { None } else { Some(u32::from_be_bytes(*self.rest.take::<4>()?)) };
        if flags & 0x1000 != 0 {
            self.rest.skip(4)?;
        }
        if flags & 0x4000 != 0 {
            self.gre_route()?;
        }
        self.tunnel(Tunnel::Gre(key))?;
        self.gre_kind(kind, flags & 0x1000 != 0)
    }

    /// Entries of a source route, up to the empty one. Source: RFC 1701.
    fn gre_route(&mut self) -> Result<(), End> {
        loop {
            self.layer()?;
            let [_, _, _, length] = *self.rest.take::<4>()?;
            if length == 0 {
                return Ok(());
            }
            self.rest.skip(usize::from(length))?;
        }
    }

    fn pptp(&mut self, flags: u16) -> Result<Step, End> {
        let [a, b, c, d] = *self.rest.take::<4>()?;
        let length = usize::from(u16::from_be_bytes([a, b]));
        self.tunnel(Tunnel::Gre(Some(u32::from(u16::from_be_bytes([c, d])))))?;
        if flags & 0x1000 == 0 {
            return Err(End::Control(Control::Setup));
        }
        self.rest.skip(if flags & 0x0080 == 0 { 4 } else { 8 })?;
        if self.limit(length) {
            let at = self.at();
            self.notes.add("pptp_length", at, "the length of a PPTP packet is more than its bytes");
        }
        Ok(Step::Ppp)
    }

    /// Source: RFC 3378 section 3.
    pub(super) fn ether_ip(&mut self) -> Result<Step, End> {
        if self.rest.take::<2>()?[0] >> 4 != 3 {
            return malformed("etherip_version");
        }
        self.tunnel(Tunnel::EtherIp)?;
        Ok(Step::Ethernet)
    }

    /// A tunnel in UDP, by its port, if the header agrees; the caller puts back what was taken if it does not.
    pub(super) fn udp_tunnel(&mut self, source: u16, target: u16) -> Option<Step> {
        match (source, target) {
            // 4789 is VXLAN's, 8472 Linux's of old, 4790 that of its extension with a protocol.
            (_, 4789 | 8472 | 4790) => self.vxlan().ok(),
            (_, 6081) => self.geneve().ok(),
            // GRE in UDP, RFC 8086.
            (_, 4754) => self.gre().ok(),
            (2152, _) | (_, 2152) => self.gtp().ok(),
            (3544, _) | (_, 3544) => self.teredo().ok(),
            (1701, _) | (_, 1701) => self.l2tp().ok(),
            _ => None,
        }
    }

    /// Source: RFC 7348 section 5; the protocol of draft-ietf-nvo3-vxlan-gpe section 3.1.
    fn vxlan(&mut self) -> Result<Step, End> {
        let head = self.rest.take::<8>()?;
        if head[0] & 0x08 == 0 {
            return malformed("vxlan_flags");
        }
        self.tunnel(Tunnel::Vxlan(u32::from_be_bytes([0, head[4], head[5], head[6]])))?;
        match (head[0] & 0x04, head[3]) {
            (0, _) | (_, 3) => Ok(Step::Ethernet),
            (_, 1) => Ok(Step::Ip4),
            (_, 2) => Ok(Step::Ip6),
            _ => malformed("vxlan_flags"),
        }
    }

    /// Source: RFC 8926 section 3.4.
    fn geneve(&mut self) -> Result<Step, End> {
        let head = self.rest.take::<8>()?;
        if head[0] >> 6 != 0 {
            return malformed("geneve_version");
        }
        self.rest.skip(usize::from(head[0] & 0x3f) * 4)?;
        self.tunnel(Tunnel::Geneve(u32::from_be_bytes([0, head[4], head[5], head[6]])))?;
        Ok(Step::EtherType(u16::from_be_bytes([head[2], head[3]])))
    }

    /// Source: 3GPP TS 29.281 sections 5.1 and 5.2; only packets of users are read on.
    fn gtp(&mut self) -> Result<Step, End> {
        let head = self.rest.take::<8>()?;
        if head[0] & 0xf0 != 0x30 || head[1] != 255 {
            return malformed("gtp_version");
        }
        if self.limit(usize::from(u16::from_be_bytes([head[2], head[3]]))) {
            return malformed("gtp_length");
        }
        self.tunnel(Tunnel::Gtp(u32::from_be_bytes([head[4], head[5], head[6], head[7]])))?;
        if head[0] & 0x07 != 0 {
            let mut next = self.rest.take::<4>()?[3];
            // Without the bit for them there are no extensions, whatever the byte says.
            while head[0] & 0x04 != 0 && next != 0 {
                self.layer()?;
                let words = usize::from(self.rest.first()?);
                let header = self.rest.skip(words * 4)?;
                next = *header.last().ok_or(End::Opaque(Opaque::Malformed("gtp_extension")))?;
            }
        }
        self.ip()
    }

    /// Source: RFC 4380 section 5.1.1.
    fn teredo(&mut self) -> Result<Step, End> {
        if *self.rest.peek::<2>()? == [0, 1] {
            let head = self.rest.take::<4>()?;
            // Client identifier, authentication value, nonce, confirmation.
            self.rest.skip(usize::from(head[2]) + usize::from(head[3]) + 9)?;
        }
        if *self.rest.peek::<2>()? == [0, 0] {
            self.rest.skip(8)?;
        }
        if self.rest.first()? >> 4 != 6 {
            return malformed("teredo_version");
        }
        self.tunnel(Tunnel::Teredo)?;
        Ok(Step::Ip6)
    }

    /// Source: RFC 2661 section 3.1. Control messages stay UDP.
    fn l2tp(&mut self) -> Result<Step, End> {
        let flags = u16::from_be_bytes(*self.rest.take::<2>()?);
        if flags & 0x800f != 2 {
            return malformed("l2tp_version");
        }
        if flags & 0x4000 != 0 {
            let length = usize::from(u16::from_be_bytes(*self.rest.take::<2>()?));
            let Some(length) = length.checked_sub(4) else { return malformed("l2tp_length") };
            if self.limit(length) {
                return malformed("l2tp_length");
            }
        }
        let [a, b, c, d] = *self.rest.take::<4>()?;
        self.tunnel(Tunnel::L2tp(u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))?;
        if flags & 0x0800 != 0 {
            self.rest.skip(4)?;
        }
        if flags & 0x0200 != 0 {
            let offset = usize::from(u16::from_be_bytes(*self.rest.take::<2>()?));
            self.rest.skip(offset)?;
        }
        Ok(Step::Ppp)
    }
}
