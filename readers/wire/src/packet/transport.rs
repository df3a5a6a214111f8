//! What IP carries: TCP, UDP, ICMP, and packets in packets.

use super::checksum::{self, Checksum, Sum};
use super::peel::{Ip, Peel, Step, malformed, opaque};
use super::rest::{End, Rest};
use super::segment::{Decoded, Opaque, TcpHead, Transport, Tunnel, UdpHead};

impl Peel<'_, '_> {
    /// By the protocol's number. Source: IANA, "Assigned Internet Protocol Numbers".
    pub(super) fn payload(&mut self, ip: Ip) -> Result<Step, End> {
        match ip.protocol {
            6 => return self.tcp(&ip),
            17 => return self.udp(&ip),
            _ => {}
        }
        if ip.source.is_ipv6()
            && let Some(step) = self.extension(&ip)?
        {
            return Ok(step);
        }
        match ip.protocol {
            1 | 58 => self.icmp(&ip),
            4 => {
                self.tunnel(Tunnel::Ip(4))?;
                Ok(Step::Ip4)
            }
            41 => {
                self.tunnel(Tunnel::Ip(41))?;
                Ok(Step::Ip6)
            }
            47 => self.gre(),
            50 => opaque(Opaque::Encrypted),
            51 => self.authentication(&ip),
            97 => self.ether_ip(),
            137 => Ok(Step::Mpls),
            other => {
                let segment = self.segment(&ip, Transport::Other(other), Checksum::Unknown);
                self.find(Decoded::Segment(segment))
            }
        }
    }

    fn checksum(ip: &Ip, whole: &Rest<'_>, field: u16) -> Checksum {
        if whole.missing > 0 {
            return Checksum::Unknown;
        }
        let pseudo = Sum::default().pseudo(&ip.source, &ip.target, ip.protocol, whole.bytes.len());
        checksum::of_transport(whole.bytes, field, pseudo)
    }

    /// Source: RFC 9293 section 3.1.
    fn tcp(&mut self, ip: &Ip) -> Result<Step, End> {
        let whole = self.rest;
        let head = self.rest.take::<20>()?;
        let Some(size) = usize::from(head[12] >> 4).checked_mul(4).and_then(|size| size.checked_sub(20))
        else {
            return malformed("tcp_header_length");
        };
        let options = match self.rest.skip(size) {
            Ok(options) => options,
            // Only the options are cut: the ports and numbers still tell of a segment without its payload.
            Err(End::Opaque(Opaque::Cut)) => {
                let options = self.rest.bytes;
                let cut = size.saturating_sub(options.len());
                self.rest.skip(options.len())?;
                self.rest.missing = self.rest.missing.saturating_sub(cut);
                options
            }
            Err(_) => return malformed("tcp_header_length"),
        };
        let tcp = TcpHead {
            source_port: u16::from_be_bytes([head[0], head[1]]),
            target_port: u16::from_be_bytes([head[2], head[3]]),
            sequence: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
            acknowledgment: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
            flags: u16::from_be_bytes([head[12], head[13]]) & 0x1ff,
            window: u16::from_be_bytes([head[14], head[15]]),
            urgent: u16::from_be_bytes([head[18], head[19]]),
            options,
        };
        let checksum = Self::checksum(ip, &whole, u16::from_be_bytes([head[16], head[17]]));
        let segment = self.segment(ip, Transport::Tcp(tcp), checksum);
        self.find(Decoded::Segment(segment))
    }

    /// Source: RFC 768; a length of zero counts what is there (RFC 2675 section 4).
    fn udp(&mut self, ip: &Ip) -> Result<Step, End> {
        let mut whole = self.rest;
        let head = self.rest.take::<8>()?;
        let udp = UdpHead {
            source_port: u16::from_be_bytes([head[0], head[1]]),
            target_port: u16::from_be_bytes([head[2], head[3]]),
        };
        let length = usize::from(u16::from_be_bytes([head[4], head[5]]));
        if length > 0 {
            let Some(payload) = length.checked_sub(8) else { return malformed("udp_length") };
            whole.limit(length);
            let surplus = self.rest.bytes.len().saturating_sub(payload);
            self.surplus = self.surplus.saturating_add(surplus);
            let at = self.at();
            if self.rest.limit(payload) {
                self.notes.add(
                    "udp_length",
                    at,
                    "the length of a UDP datagram is more than its IP packet holds",
                );
            }
            if surplus > 0 {
                self.notes.add(
                    "udp_surplus",
                    at,
                    "bytes after the end of a UDP datagram, inside its IP packet",
                );
            }
        }
        let field = u16::from_be_bytes([head[6], head[7]]);
        let checksum = if field == 0 { Checksum::Zero } else { Self::checksum(ip, &whole, field) };
        let segment = self.segment(ip, Transport::Udp(udp), checksum);
        let before = (self.rest, self.tunnels, self.surplus);
        match self.udp_tunnel(udp.source_port, udp.target_port) {
            Some(step) => {
                self.fallback = Some(segment);
                Ok(step)
            }
            None => {
                (self.rest, self.tunnels, self.surplus) = before;
                self.find(Decoded::Segment(segment))
            }
        }
    }

    /// Source: RFC 792, RFC 4443 section 2.1; only ICMPv6 sums a pseudo-header.
    fn icmp(&mut self, ip: &Ip) -> Result<Step, End> {
        let whole = self.rest;
        let head = self.rest.take::<4>()?;
        let field = u16::from_be_bytes([head[2], head[3]]);
        let checksum = match ip.protocol {
            58 => Self::checksum(ip, &whole, field),
            _ if whole.missing > 0 => Checksum::Unknown,
            _ => checksum::of_header(whole.bytes, field),
        };
        // The second half of the header means something else for each type; no message has more bytes of it.
        let _ = self.rest.skip(self.rest.bytes.len().min(4))?;
        let segment = self.segment(ip, Transport::Icmp { kind: head[0], code: head[1] }, checksum);
        self.find(Decoded::Segment(segment))
    }
}
