//! Ethernet and what stands between it and IP: VLAN tags, LLC and SNAP, provider bridges, MPLS.

use super::peel::{Peel, Step, opaque};
use super::rest::End;
use super::segment::{Control, Opaque, Tunnel};

/// Up to here the field is a length, not an EtherType. Source: IEEE 802.3-2022 clause 3.2.6.
pub(super) const MOST_802_3_LENGTH: u16 = 1500;

impl Peel<'_, '_> {
    /// Source: IEEE 802.3-2022 clause 3.
    pub(super) fn ethernet(&mut self) -> Result<Step, End> {
        self.layer()?;
        let head = self.rest.take::<14>()?;
        Ok(self.type_or_length(u16::from_be_bytes([head[12], head[13]])))
    }

    /// A length holds the rest to itself: what follows is padding.
    fn type_or_length(&mut self, kind: u16) -> Step {
        if kind > MOST_802_3_LENGTH {
            return Step::EtherType(kind);
        }
        if self.limit(usize::from(kind)) {
            let at = self.at();
            self.notes.add("ether_length", at, "the length of an 802.3 frame is more than its bytes");
        }
        Step::Llc
    }

    /// Source: the IEEE's list of EtherTypes.
    pub(super) fn ether_type(&mut self, kind: u16) -> Result<Step, End> {
        match kind {
            0x0800 => Ok(Step::Ip4),
            0x86dd => Ok(Step::Ip6),
            // 802.1Q, 802.1ad, and the numbers that were used before it.
            0x8100 | 0x88a8 | 0x9100 | 0x9200 | 0x9300 => {
                let [tag_high, tag_low, high, low] = *self.rest.take::<4>()?;
                self.tunnel(Tunnel::Vlan(u16::from_be_bytes([tag_high, tag_low]) & 0x0fff))?;
                Ok(self.type_or_length(u16::from_be_bytes([high, low])))
            }
            0x8847 | 0x8848 => Ok(Step::Mpls),
            0x8863 => Err(End::Control(Control::Setup)),
            0x8864 => Ok(Step::Pppoe),
            0x880b => Ok(Step::Ppp),
            0x6558 => Ok(Step::Ethernet),
            0x0806 | 0x8035 => Err(End::Control(Control::Arp)),
            0x8808 | 0x8809 | 0x88cc | 0x88f5 | 0x88f7 | 0x8902 | 0x9000 => {
                Err(End::Control(Control::Bridge))
            }
            0x888e => Err(End::Control(Control::Setup)),
            0x88e5 => self.macsec(),
            // 802.1ah: flags and the service's number, then a whole frame.
            0x88e7 => {
                let tag = u32::from_be_bytes(*self.rest.take::<4>()?);
                self.tunnel(Tunnel::Pbb(tag & 0x00ff_ffff))?;
                Ok(Step::Ethernet)
            }
            // Cisco's FabricPath: a tag, then a whole frame.
            0x8903 => {
                self.rest.skip(2)?;
                Ok(Step::Ethernet)
            }
            // Cisco's VN-Tag.
            0x8926 => {
                let tag = self.rest.take::<6>()?;
                self.layer()?;
                Ok(self.type_or_length(u16::from_be_bytes([tag[4], tag[5]])))
            }
            0x894f => self.service_header(),
            _ => opaque(Opaque::UnknownEtherType(kind)),
        }
    }

    /// Without encryption the tag only protects; the check value at the end is padding to what is inside.
    /// Source: IEEE 802.1AE-2018 clause 9.3 to 9.5.
    fn macsec(&mut self) -> Result<Step, End> {
        let control = self.rest.first()?;
        if control & 0x0c != 0 {
            return opaque(Opaque::Encrypted);
        }
        self.layer()?;
        self.rest.skip(if control & 0x20 == 0 { 6 } else { 14 })?;
        Ok(Step::EtherType(u16::from_be_bytes(*self.rest.take::<2>()?)))
    }

    /// Source: IEEE 802.2 and the assigned service access points.
    pub(super) fn llc(&mut self) -> Result<Step, End> {
        if self.rest.bytes.is_empty() && self.rest.missing == 0 {
            return Err(End::Control(Control::Empty));
        }
        let [target, source, control] = *self.rest.peek::<3>()?;
        match (target, source) {
            (0xaa, 0xaa) if control == 0x03 => {
                self.rest.skip(3)?;
                self.snap()
            }
            (0x06, 0x06) => {
                self.rest.skip(3)?;
                Ok(Step::Ip4)
            }
            (0x42, 0x42) => Err(End::Control(Control::Bridge)),
            _ => opaque(Opaque::UnknownSap(target)),
        }
    }

    /// Source: RFC 1042, and 802.1H for the second number.
    pub(super) fn snap(&mut self) -> Result<Step, End> {
        let head = self.rest.take::<5>()?;
        let kind = u16::from_be_bytes([head[3], head[4]]);
        match [head[0], head[1], head[2]] {
            [0, 0, 0 | 0xf8] => Ok(Step::EtherType(kind)),
            // Frames bridged over another link, RFC 2684 section 5.2: with or without their check sequence.
            [0, 0x80, 0xc2] if matches!(kind, 1 | 7) => Ok(Step::Ethernet),
            [0, 0x80, 0xc2] | [0, 0, 0x0c] => Err(End::Control(Control::Bridge)),
            _ => opaque(Opaque::UnknownEtherType(kind)),
        }
    }

    /// Source: RFC 3032 section 2.1; what follows the stack is told by its first bits, RFC 4928 section 3.
    pub(super) fn mpls(&mut self) -> Result<Step, End> {
        loop {
            let entry = u32::from_be_bytes(*self.rest.take::<4>()?);
            self.tunnel(Tunnel::Mpls(entry >> 12))?;
            if entry & 0x100 != 0 {
                break;
            }
        }
        match self.rest.first()? >> 4 {
            4 => Ok(Step::Ip4),
            6 => Ok(Step::Ip6),
            // A control word before a frame, RFC 4448 section 4.6.
            0 => {
                self.rest.skip(4)?;
                Ok(Step::Ethernet)
            }
            _ => Ok(Step::Ethernet),
        }
    }

    /// Source: RFC 8300 section 2.2.
    fn service_header(&mut self) -> Result<Step, End> {
        let head = self.rest.peek::<8>()?;
        let words = usize::from(head[1] & 0x3f).max(2);
        let next = head[3];
        self.layer()?;
        self.rest.skip(words.saturating_mul(4))?;
        match next {
            1 => Ok(Step::Ip4),
            2 => Ok(Step::Ip6),
            3 => Ok(Step::Ethernet),
            5 => Ok(Step::Mpls),
            _ => opaque(Opaque::Unsupported("service_header")),
        }
    }
}
