//! PPP, alone and over Ethernet.

use super::peel::{Peel, Step, malformed, opaque};
use super::rest::End;
use super::segment::{Control, Opaque, Tunnel};

impl Peel<'_, '_> {
    /// Source: RFC 2516 section 4.
    pub(super) fn pppoe(&mut self) -> Result<Step, End> {
        let head = self.rest.take::<6>()?;
        if head[0] != 0x11 {
            return malformed("pppoe_version");
        }
        self.tunnel(Tunnel::Pppoe(u16::from_be_bytes([head[2], head[3]])))?;
        if head[1] != 0 {
            return Err(End::Control(Control::Setup));
        }
        if self.limit(usize::from(u16::from_be_bytes([head[4], head[5]]))) {
            let at = self.at();
            self.notes.add("pppoe_length", at, "the length of a PPPoE frame is more than its bytes");
        }
        Ok(Step::Ppp)
    }

    /// Source: RFC 1661 section 2 and RFC 1662 section 3.1; a protocol below 256 may be one byte (RFC 1661 section 6.5).
    pub(super) fn ppp(&mut self) -> Result<Step, End> {
        self.layer()?;
        if self.rest.peek::<2>().is_ok_and(|head| *head == [0xff, 0x03]) {
            self.rest.skip(2)?;
        }
        let [first] = *self.rest.take::<1>()?;
        let protocol = if first & 1 == 1 {
            u16::from(first)
        } else {
            u16::from_be_bytes([first, self.rest.take::<1>()?[0]])
        };
        match protocol {
            0x0021 => Ok(Step::Ip4),
            0x0057 => Ok(Step::Ip6),
            0x0281 | 0x0283 => Ok(Step::Mpls),
            // Control protocols, RFC 1661 section 2.
            0x8000.. => Err(End::Control(Control::Setup)),
            _ => opaque(Opaque::UnknownPpp(protocol)),
        }
    }
}
