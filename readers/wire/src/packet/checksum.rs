//! The Internet checksum, eight bytes at a time.
//!
//! Source: RFC 1071. The sum does not depend on byte order (section 2 B), so words are added as the machine reads them.

use std::net::IpAddr;

/// What a checksum says about the bytes it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Checksum {
    /// The bytes are as they were sent.
    Good,
    /// They are not, or the sender wanted a receiver to drop them.
    Bad,
    /// The field is zero: the sender made none (RFC 768), or left it to the hardware.
    Zero,
    /// The field holds the sum of the pseudo-header alone: the hardware was to finish it, after the capture.
    Offloaded,
    /// Not all the bytes that it covers are here, or the protocol has none that is known here.
    Unknown,
}

/// A ones' complement sum that is not folded yet.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum(u64);

impl Sum {
    /// Adds bytes; an odd number of them is padded with a zero. Only the last piece may be odd.
    pub(super) fn add(self, bytes: &[u8]) -> Self {
        // Four sums that do not wait for each other; a compiler makes vectors of them. Half words cannot overflow: a packet
        // has less than 2^32 of them.
        let (blocks, tail) = bytes.as_chunks::<32>();
        let mut lanes = [0_u64; 4];
        for block in blocks {
            let (words, _) = block.as_chunks::<8>();
            for (lane, word) in lanes.iter_mut().zip(words) {
                let word = u64::from_ne_bytes(*word);
                *lane += (word >> 32) + (word & 0xffff_ffff);
            }
        }
        let mut sum = lanes.into_iter().fold(self, Self::word);
        let (words, tail) = tail.as_chunks::<8>();
        for word in words {
            sum = sum.word(u64::from_ne_bytes(*word));
        }
        let mut last = [0; 8];
        for (to, from) in last.iter_mut().zip(tail) {
            *to = *from;
        }
        sum.word(u64::from_ne_bytes(last))
    }

    fn word(self, word: u64) -> Self {
        let (sum, over) = self.0.overflowing_add(word);
        // The carry cannot carry again: a sum that overflowed is below the word that was added.
        Self(sum.wrapping_add(u64::from(over)))
    }

    /// Adds the pseudo-header of TCP, UDP and ICMPv6. Source: RFC 9293 section 3.1, RFC 8200 section 8.1.
    pub(super) fn pseudo(self, source: &IpAddr, target: &IpAddr, protocol: u8, length: usize) -> Self {
        let sum = match (source, target) {
            (IpAddr::V4(source), IpAddr::V4(target)) => self.add(&source.octets()).add(&target.octets()),
            (IpAddr::V6(source), IpAddr::V6(target)) => self.add(&source.octets()).add(&target.octets()),
            // The two addresses of a header are of one kind.
            _ => self,
        };
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        sum.add(&length.to_be_bytes()).add(&[0, protocol])
    }

    /// The folded sum in network order, not complemented.
    pub(super) fn fold(self) -> u16 {
        let mut sum = self.0;
        while let high @ 1.. = sum >> 16 {
            sum = (sum & 0xffff) + high;
        }
        u16::from_be(u16::try_from(sum).unwrap_or(u16::MAX))
    }
}

/// Judges a header that holds its own checksum and nothing else, such as that of IPv4.
pub(super) fn of_header(header: &[u8], field: u16) -> Checksum {
    match Sum::default().add(header).fold() {
        0xffff => Checksum::Good,
        _ if field == 0 => Checksum::Zero,
        _ => Checksum::Bad,
    }
}

/// Judges a transport segment whose bytes are all here. `field` is the checksum in it, `pseudo` the sum of its
/// pseudo-header.
pub(super) fn of_transport(bytes: &[u8], field: u16, pseudo: Sum) -> Checksum {
    match pseudo.add(bytes).fold() {
        0xffff => Checksum::Good,
        _ if field == 0 => Checksum::Zero,
        _ if field == pseudo.fold() => Checksum::Offloaded,
        _ => Checksum::Bad,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Two bytes at a time, as RFC 1071 section 4.1 has it.
    fn slow(bytes: &[u8]) -> u16 {
        let mut sum = 0_u32;
        for pair in bytes.chunks(2) {
            sum += u32::from(u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]));
            sum = (sum & 0xffff) + (sum >> 16);
        }
        u16::try_from(sum).unwrap()
    }

    #[test]
    fn rfc1071_section_3_example() {
        assert_eq!(Sum::default().add(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]).fold(), 0xddf2);
    }

    #[test]
    fn pseudo_header_left_for_the_hardware() {
        let (source, target) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        let pseudo = Sum::default().pseudo(&source, &target, 6, 20);
        let field = pseudo.fold();
        let mut bytes = [7; 20];
        bytes[16..18].copy_from_slice(&field.to_be_bytes());
        assert_eq!(of_transport(&bytes, field, pseudo), Checksum::Offloaded);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn equals_the_slow_sum(bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(255)], 0..200), split in 0_usize..100) {
            let (first, second) = bytes.split_at((split * 2).min(bytes.len()));
            let sum = if first.len() % 2 == 0 { Sum::default().add(first).add(second) } else { Sum::default().add(&bytes) };
            prop_assert_eq!(sum.fold(), slow(&bytes));
        }
    }
}
