//! IPv4 and IPv6, with options, extension headers and fragments.

use super::checksum::{self, Checksum};
use super::peel::{Ip, Peel, Step, malformed, opaque};
use super::rest::End;
use super::segment::{Control, Decoded, Fragment, Opaque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where a fragment may end at most. Source: RFC 791 section 3.1, RFC 8200 section 4.5.
const MOST_DATAGRAM: u32 = 65_535;

impl<'a> Peel<'a, '_> {
    /// IP without a link that says which.
    pub(super) fn ip(&mut self) -> Result<Step, End> {
        match self.rest.first()? >> 4 {
            4 => Ok(Step::Ip4),
            6 => Ok(Step::Ip6),
            _ => malformed("ip_version"),
        }
    }

    /// Source: RFC 791 section 3.1.
    pub(super) fn ip4(&mut self) -> Result<Step, End> {
        self.layer()?;
        let whole = self.rest;
        let head = self.rest.take::<20>()?;
        if head[0] >> 4 != 4 {
            return malformed("ip4_version");
        }
        let size = usize::from(head[0] & 0x0f) * 4;
        let Some(options) = size.checked_sub(20) else { return malformed("ip4_header_length") };
        self.rest.skip(options)?;
        let field = u16::from_be_bytes([head[10], head[11]]);
        let checksum = checksum::of_header(whole.bytes.get(..size).unwrap_or_default(), field);
        self.ip4_length(usize::from(u16::from_be_bytes([head[2], head[3]])), size)?;
        let ip = Ip {
            source: IpAddr::V4(Ipv4Addr::new(head[12], head[13], head[14], head[15])),
            target: IpAddr::V4(Ipv4Addr::new(head[16], head[17], head[18], head[19])),
            protocol: head[9],
            ttl: head[8],
            checksum,
        };
        let word = u16::from_be_bytes([head[6], head[7]]);
        let (offset, more) = (u32::from(word & 0x1fff) * 8, word & 0x2000 != 0);
        if offset == 0 && !more {
            return Ok(Step::Payload(ip));
        }
        let id = u32::from(u16::from_be_bytes([head[4], head[5]]));
        self.fragment(&ip, id, offset, more)
    }

    /// A total length of zero is that of a segment the hardware was to cut up: what is there counts.
    fn ip4_length(&mut self, total: usize, header: usize) -> Result<(), End> {
        if total == 0 {
            return Ok(());
        }
        let Some(length) = total.checked_sub(header) else {
            return Err(End::Opaque(Opaque::Malformed("ip4_total_length")));
        };
        self.ip_length(length);
        Ok(())
    }

    /// Cuts off what a link pads, and notes what the packet claims beyond its frame.
    fn ip_length(&mut self, length: usize) {
        let at = self.at();
        if self.limit(length) {
            self.notes.add(
                "ip_length_over_frame",
                at,
                "the length of an IP packet is more than its frame had bytes",
            );
        }
    }

    /// Source: RFC 8200 section 3. A payload length of zero is a jumbogram (RFC 2675) or a segment for the hardware to
    /// cut up: what is there counts.
    pub(super) fn ip6(&mut self) -> Result<Step, End> {
        self.layer()?;
        let head = self.rest.take::<40>()?;
        if head[0] >> 4 != 6 {
            return malformed("ip6_version");
        }
        let length = usize::from(u16::from_be_bytes([head[4], head[5]]));
        let (_, addresses) = head.split_at(8);
        let Some((source, target)) = addresses.split_first_chunk::<16>() else {
            return malformed("ip6_version");
        };
        let ip = Ip {
            source: IpAddr::V6(Ipv6Addr::from(*source)),
            target: address(target).unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED)),
            protocol: head[6],
            ttl: head[7],
            checksum: Checksum::Good,
        };
        if length > 0 || head[6] == NO_NEXT_HEADER {
            self.ip_length(length);
        }
        Ok(Step::Payload(ip))
    }

    /// An extension header of IPv6. `None` if the protocol is none.
    pub(super) fn extension(&mut self, ip: &Ip) -> Result<Option<Step>, End> {
        let mut next = *ip;
        match ip.protocol {
            // Hop by hop, destination options, mobility, HIP, shim.
            0 | 60 | 135 | 139 | 140 => {
                let (protocol, body) = self.option_header()?;
                next.protocol = protocol;
                if ip.protocol == 60
                    && let Some(home) = home_address(body)
                {
                    next.source = home;
                }
            }
            43 => {
                let (protocol, body) = self.option_header()?;
                next.protocol = protocol;
                next.target = final_target(body).unwrap_or(ip.target);
            }
            44 => {
                self.layer()?;
                let head = self.rest.take::<8>()?;
                next.protocol = head[0];
                let word = u16::from_be_bytes([head[2], head[3]]);
                // A fragment that is all of its datagram stands alone, RFC 6946.
                if word & 0xfff9 != 0 {
                    let id = u32::from_be_bytes([head[4], head[5], head[6], head[7]]);
                    return self.fragment(&next, id, u32::from(word & 0xfff8), word & 1 != 0).map(Some);
                }
            }
            // What follows all the same is handed on: a receiver ignores it, so it may hide something.
            NO_NEXT_HEADER if self.rest.bytes.is_empty() => return Err(End::Control(Control::Empty)),
            _ => return Ok(None),
        }
        Ok(Some(Step::Payload(next)))
    }

    /// An extension header of the common form: its next header, and what follows that and its length.
    fn option_header(&mut self) -> Result<(u8, &'a [u8]), End> {
        self.layer()?;
        let [protocol, words] = *self.rest.take::<2>()?;
        let body = self.rest.skip(usize::from(words) * 8 + 6)?;
        Ok((protocol, body))
    }

    /// The authentication header; what it authenticates can be read. Source: RFC 4302 section 2.
    pub(super) fn authentication(&mut self, ip: &Ip) -> Result<Step, End> {
        self.layer()?;
        let [protocol, words] = *self.rest.take::<2>()?;
        self.rest.skip(usize::from(words) * 4 + 6)?;
        Ok(Step::Payload(Ip { protocol, ..*ip }))
    }

    fn fragment(&mut self, ip: &Ip, id: u32, offset: u32, more: bool) -> Result<Step, End> {
        let bytes = self.rest.bytes;
        let sent = bytes.len().saturating_add(self.rest.missing);
        if u32::try_from(sent)
            .ok()
            .and_then(|sent| offset.checked_add(sent))
            .is_none_or(|end| end > MOST_DATAGRAM)
        {
            return malformed("ip_fragment_too_long");
        }
        if more && !sent.is_multiple_of(8) {
            let at = self.at();
            self.notes.add(
                "ip_fragment_length",
                at,
                "a fragment before the last is not a multiple of eight bytes long",
            );
        }
        if bytes.is_empty() && sent == 0 {
            return Err(End::Control(Control::Empty));
        }
        if bytes.is_empty() {
            return opaque(Opaque::Cut);
        }
        let fragment = Fragment {
            source: ip.source,
            target: ip.target,
            protocol: ip.protocol,
            id,
            offset,
            more,
            bytes,
            places: self.places.skip(self.rest.offset),
            missing: self.rest.missing,
            surplus: self.surplus,
            ttl: ip.ttl,
            ip_checksum: ip.checksum,
            tunnels: self.tunnels,
            depth: self.depth,
        };
        self.find(Decoded::Fragment(fragment))
    }
}

/// Nothing follows. Source: RFC 8200 section 4.7.
const NO_NEXT_HEADER: u8 = 59;

/// The last address of a route that is not travelled to its end: the one that checksums are made with.
/// Source: RFC 8200 section 8.1; RFC 2460 section 4.4 for type 0, RFC 6275 section 6.4 for 2, RFC 8754 section 2 for 4.
fn final_target(body: &[u8]) -> Option<IpAddr> {
    let (&[kind, left, _, _, _, _], addresses) = body.split_first_chunk::<6>()?;
    match kind {
        _ if left == 0 => None,
        0 => address(addresses.get(addresses.len().checked_sub(16)?..)?),
        2 | 4 => address(addresses),
        _ => None,
    }
}

/// The home address among destination options. Source: RFC 6275 section 6.3.
fn home_address(mut options: &[u8]) -> Option<IpAddr> {
    while let Some((&kind, rest)) = options.split_first() {
        // A single byte of padding.
        if kind == 0 {
            options = rest;
            continue;
        }
        let (&length, rest) = rest.split_first()?;
        let (value, rest) = rest.split_at_checked(usize::from(length))?;
        if kind == 201 {
            return address(value);
        }
        options = rest;
    }
    None
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    bytes.first_chunk::<16>().map(|octets| IpAddr::V6(Ipv6Addr::from(*octets)))
}
