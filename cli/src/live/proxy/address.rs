//! Which addresses may be dialled: those of the public internet, and what was named.
//!
//! Source: the IANA registries of special-purpose addresses (RFC 6890), as of 2026.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use anyhow::Context;

/// A network: an address, and how many of its first bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Net {
    base: IpAddr,
    bits: u8,
}

impl Net {
    /// From `10.0.0.0/8`, or an address by itself.
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let (base, bits) = text.split_once('/').map_or((text, None), |(base, bits)| (base, Some(bits)));
        let base: IpAddr = base.parse().with_context(|| format!("{text:?} is no address or network"))?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits =
            match bits {
                None => most,
                Some(bits) => bits.parse().ok().filter(|bits| *bits <= most).with_context(|| {
                    format!("{text:?} has no number of bits up to {most} after the slash")
                })?,
            };
        Ok(Self { base, bits })
    }

    /// Whether an address lies in it.
    pub(super) fn holds(&self, address: IpAddr) -> bool {
        match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(other)) => {
                agree(base.to_bits(), other.to_bits(), 32 - u32::from(self.bits))
            }
            (IpAddr::V6(base), IpAddr::V6(other)) => {
                let rest = 128 - u32::from(self.bits);
                rest >= 128 || base.to_bits() >> rest == other.to_bits() >> rest
            }
            _ => false,
        }
    }
}

fn agree(one: u32, other: u32, rest: u32) -> bool {
    rest >= 32 || one >> rest == other >> rest
}

/// Networks that are not the public internet, with what they are. Whatever is in none of them, and in 2000::/3 if it is an
/// address of version 6, may be dialled.
const SPECIAL_4: [(Ipv4Addr, u32, &str); 17] = [
    // The link-local addresses at which clouds serve credentials come before their network.
    (Ipv4Addr::new(169, 254, 169, 254), 32, "metadata service"),
    (Ipv4Addr::new(169, 254, 170, 2), 32, "metadata service"),
    (Ipv4Addr::new(100, 100, 100, 200), 32, "metadata service"),
    (Ipv4Addr::new(168, 63, 129, 16), 32, "metadata service"),
    (Ipv4Addr::new(192, 0, 0, 192), 32, "metadata service"),
    (Ipv4Addr::UNSPECIFIED, 8, "this network"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "shared"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "of a protocol"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "for benchmarks"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "a relay of 6to4"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved"),
];

/// What keeps an address from being dialled; nothing if it is public or one of `allowed`.
pub(super) fn forbids(address: IpAddr, allowed: &[Net]) -> Option<&'static str> {
    let bare = address.to_canonical();
    if allowed.iter().any(|net| net.holds(address) || net.holds(bare)) {
        return None;
    }
    match bare {
        IpAddr::V4(address) => special_4(address),
        IpAddr::V6(address) => special_6(address),
    }
}

fn special_4(address: Ipv4Addr) -> Option<&'static str> {
    let special =
        SPECIAL_4.iter().find(|(base, bits, _)| agree(base.to_bits(), address.to_bits(), 32 - bits));
    special.map(|(_, _, what)| *what)
}

fn special_6(address: Ipv6Addr) -> Option<&'static str> {
    let [first, second, ..] = address.segments();
    let octets = address.octets();
    let embedded = |at: usize| {
        let four = octets.get(at..).and_then(<[u8]>::first_chunk::<4>);
        four.map_or(Some("reserved"), |four| special_4(Ipv4Addr::from_octets(*four)))
    };
    match (first, second) {
        _ if address.is_loopback() => Some("loopback"),
        _ if address.is_unspecified() => Some("this network"),
        _ if address == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254) => Some("metadata service"),
        (0xfc00..=0xfdff, _) => Some("private"),
        (0xfe80..=0xfebf, _) => Some("link-local"),
        (0xfec0..=0xfeff, _) => Some("site-local"),
        (0xff00..=0xffff, _) => Some("multicast"),
        // NAT64 and 6to4 lead to the address of version 4 inside.
        (0x64, 0xff9b) if octets.get(4..12) == Some(&[0; 8]) => embedded(12),
        (0x2002, _) => embedded(2),
        (0x2001, 0) => Some("a tunnel (Teredo)"),
        (0x2001, 0xdb8) => Some("for documentation"),
        (0x2001, 0..=0x1ff) => Some("of a protocol"),
        (0x2000..=0x3fff, _) => None,
        _ => Some("reserved"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forbidden(text: &str, allowed: &[&str]) -> Option<&'static str> {
        let allowed: Vec<Net> = allowed.iter().map(|net| Net::parse(net).unwrap()).collect();
        forbids(text.parse().unwrap(), &allowed)
    }

    #[test]
    fn only_public_addresses_are_dialled_however_they_are_written() {
        for (text, what) in [
            ("127.0.0.1", "loopback"),
            ("127.255.0.1", "loopback"),
            ("10.1.2.3", "private"),
            ("172.31.255.255", "private"),
            ("192.168.0.1", "private"),
            ("169.254.169.254", "metadata service"),
            ("169.254.1.1", "link-local"),
            ("100.64.0.1", "shared"),
            ("0.0.0.0", "this network"),
            ("255.255.255.255", "reserved"),
            ("::1", "loopback"),
            ("::", "this network"),
            ("::ffff:127.0.0.1", "loopback"),
            ("::ffff:169.254.169.254", "metadata service"),
            ("64:ff9b::a01:203", "private"),
            ("2002:7f00:1::", "loopback"),
            ("fd00:ec2::254", "metadata service"),
            ("fd12::1", "private"),
            ("fe80::1", "link-local"),
            ("::7f00:1", "reserved"),
        ] {
            assert_eq!(forbidden(text, &[]), Some(what), "{text}");
        }
        for text in
            ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
        {
            assert_eq!(forbidden(text, &[]), None, "{text}");
        }
    }

    #[test]
    fn what_is_named_may_be_dialled_and_nothing_beside_it() {
        assert_eq!(forbidden("10.1.2.3", &["10.1.0.0/16"]), None);
        assert_eq!(forbidden("10.2.2.3", &["10.1.0.0/16"]), Some("private"));
        assert_eq!(forbidden("::ffff:127.0.0.1", &["127.0.0.1"]), None);
        assert_eq!(forbidden("fd12::1", &["::/0"]), None);
        assert_eq!(forbidden("10.1.2.3", &["0.0.0.0/0"]), None);
        for text in ["", "10.0.0.0/33", "10.0.0.0/x", "host", "::/129"] {
            assert!(Net::parse(text).is_err(), "{text}");
        }
    }
}
