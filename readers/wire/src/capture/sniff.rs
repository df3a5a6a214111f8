//! Captures are recognised by their first bytes.

use super::bytes::ByteOrder;

/// Formats of capture files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One link type, records one after the other.
    Pcap,
    /// Sections of blocks.
    Pcapng,
}

/// Block type of a section header; the same in both byte orders.
pub(super) const SECTION: u32 = 0x0a0d_0d0a;

/// What a magic number of pcap says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Variant {
    pub(super) magic: u32,
    pub(super) name: &'static str,
    /// Fractions of a second are nanoseconds, not microseconds.
    pub(super) nanoseconds: bool,
    /// Length of the file header.
    pub(super) header: usize,
    /// Lengths of record headers that writers with this magic number used, the likeliest first.
    pub(super) records: &'static [usize],
}

/// The variants. Francisco Mesquita's 0xa1b234cd is reserved in libpcap, but its records are described nowhere.
const VARIANTS: [Variant; 6] = [
    // 24: libpcap-ss990417 of Red Hat; 20: Nokia. Both kept the standard number.
    Variant { magic: 0xa1b2_c3d4, name: "pcap", nanoseconds: false, header: 24, records: &[16, 24, 20] },
    Variant { magic: 0xa1b2_3c4d, name: "pcap, nanoseconds", nanoseconds: true, header: 24, records: &[16] },
    // 28: libpcap-ss990915 of SuSE 6.3.
    Variant {
        magic: 0xa1b2_cd34,
        name: "pcap, Kuznetzov",
        nanoseconds: false,
        header: 24,
        records: &[24, 28],
    },
    // "Navtel Communications' format, with nanosecond timestamps", sf-pcap.c of libpcap.
    Variant { magic: 0xa12b_3c4d, name: "pcap, Navtel", nanoseconds: true, header: 24, records: &[16] },
    // Ixia's lcap has the size of all records after the header.
    Variant { magic: 0x1c00_01ac, name: "lcap, hardware", nanoseconds: true, header: 28, records: &[16] },
    Variant { magic: 0x1c00_01ab, name: "lcap, software", nanoseconds: false, header: 28, records: &[16] },
];

/// Recognises a capture by the first bytes of its content; 12 are enough.
pub fn sniff(head: &[u8]) -> Option<Kind> {
    if pcap_variant(head).is_some() {
        return Some(Kind::Pcap);
    }
    section_order(head).map(|_| Kind::Pcapng)
}

/// Variant and byte order of a pcap file.
pub(super) fn pcap_variant(head: &[u8]) -> Option<(Variant, ByteOrder)> {
    [ByteOrder::Little, ByteOrder::Big].into_iter().find_map(|order| {
        let magic = order.u32(head, 0)?;
        let variant = VARIANTS.iter().find(|variant| variant.magic == magic)?;
        Some((*variant, order))
    })
}

/// Byte order of a section that begins at the start of `head`.
pub(super) fn section_order(head: &[u8]) -> Option<ByteOrder> {
    if ByteOrder::Little.u32(head, 0)? != SECTION {
        return None;
    }
    match ByteOrder::Big.u32(head, 8)? {
        0x1a2b_3c4d => Some(ByteOrder::Big),
        0x4d3c_2b1a => Some(ByteOrder::Little),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_are_recognised_in_both_byte_orders() {
        assert_eq!(sniff(&[0xd4, 0xc3, 0xb2, 0xa1]), Some(Kind::Pcap));
        assert_eq!(sniff(&[0xa1, 0xb2, 0x3c, 0x4d]), Some(Kind::Pcap));
        assert_eq!(sniff(&[0x34, 0xcd, 0xb2, 0xa1]), Some(Kind::Pcap));
        assert_eq!(sniff(b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a"), Some(Kind::Pcapng));
        assert_eq!(sniff(b"\x0a\x0d\x0d\x0a\0\0\0\x1c\x1a\x2b\x3c\x4d"), Some(Kind::Pcapng));
    }

    #[test]
    fn other_bytes_are_not() {
        for head in [
            &b""[..],
            b"\x0a\x0d\x0d\x0a",
            b"\x0a\x0d\x0d\x0a\0\0\0\0\0\0\0\0",
            b"GET / HTTP/1.1",
            b"\xd4\xc3\xb2",
        ] {
            assert_eq!(sniff(head), None);
        }
    }
}
