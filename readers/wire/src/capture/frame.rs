//! What a capture file gives out.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::bytes::ByteOrder;

/// The reader's answer to a window of bytes.
#[derive(Debug)]
pub enum Step<'a> {
    /// A packet.
    Frame(Frame<'a>),
    /// Something else that the file says.
    Item(Item<'a>),
    /// So many bytes from the window's new start are wanted; never fewer than one more than there are.
    Need(usize),
    /// The content is read to its end.
    End,
}

/// One captured packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Offset of the first byte of `data` in the file's content.
    pub at: u64,
    /// What was captured, from the link header on.
    pub data: &'a [u8],
    /// Length of the packet on the wire, in bytes, as the file has it.
    pub original_len: u32,
    /// Nanoseconds since 1970; `None` if the record has no time, or one that does not fit.
    pub time: Option<i64>,
    /// LINKTYPE value of the interface.
    pub link: u16,
    /// Index of the interface in its section.
    pub interface: u32,
    /// Index of the section in the file.
    pub section: u32,
    /// Flags word as in pcapng, section 4.3.1 (direction, kind of reception, link errors), if the record has it.
    pub flags: Option<u32>,
    /// Packets lost between this one and the one before it on the interface, if the record says so.
    pub dropped: Option<u64>,
    /// The first comment on the packet, as it stands: not checked to be text.
    pub comment: Option<&'a [u8]>,
}

impl Frame<'_> {
    /// Whether the snap length cut bytes off the end.
    pub fn is_cut(&self) -> bool {
        super::bytes::wide(self.data.len()) < u64::from(self.original_len)
    }
}

/// What a capture file says besides packets.
#[derive(Debug, Clone)]
pub enum Item<'a> {
    /// A section begins: the file itself, or the next of several.
    Section(u32),
    /// An interface was described; the index in [`CaptureFacts::interfaces`](super::CaptureFacts::interfaces).
    Interface(usize),
    /// Names of addresses.
    Names(Names<'a>),
    /// Secrets to decrypt traffic with; they may stand before or after it.
    Secrets {
        /// Offset of the first byte of `data` in the file's content.
        at: u64,
        /// What reads them.
        kind: SecretKind,
        /// The secrets as they stand.
        data: &'a [u8],
    },
    /// Statistics of the interface with this index in the facts are new there.
    Statistics(usize),
    /// Bytes that could not be read as records.
    Lost {
        /// Offset of the first one.
        at: u64,
        /// How many.
        bytes: u64,
    },
    /// A record or block over a limit was left out.
    OverLimit {
        /// Offset of its first byte.
        at: u64,
        /// Bytes of it that were left out.
        bytes: u64,
    },
}

/// Kinds of secrets: pcapng, section 4.7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretKind {
    /// Lines of an SSLKEYLOGFILE.
    Tls,
    /// Lines of Wireshark's SSH key log.
    Ssh,
    /// Lines of extract-handshakes.
    WireGuard,
    /// An AES key and a network.
    ZigbeeNetwork,
    /// An AES key and two addresses.
    ZigbeeApplication,
    /// Lines of an OPC UA key log.
    OpcUa,
    /// Any other number.
    Other(u32),
}

impl SecretKind {
    pub(super) fn of(number: u32) -> Self {
        match number {
            0x544c_534b => Self::Tls,
            0x5353_484b => Self::Ssh,
            0x5747_4b4c => Self::WireGuard,
            0x5a4e_574b => Self::ZigbeeNetwork,
            0x5a41_5053 => Self::ZigbeeApplication,
            0x5541_4b4c => Self::OpcUa,
            other => Self::Other(other),
        }
    }
}

/// Address and name pairs of a name resolution block: pcapng, section 4.5.
///
/// The names are bytes of the file, without their closing zero. Records of link addresses are passed over.
#[derive(Debug, Clone)]
pub struct Names<'a> {
    order: ByteOrder,
    rest: &'a [u8],
    address: IpAddr,
    /// What is left of the names of the address.
    left: &'a [u8],
}

impl<'a> Names<'a> {
    pub(super) fn new(order: ByteOrder, records: &'a [u8]) -> Self {
        Self { order, rest: records, address: IpAddr::V4(Ipv4Addr::UNSPECIFIED), left: &[] }
    }

    /// The options behind the records; `None` if the length of a record lies.
    pub(super) fn options(order: ByteOrder, mut records: &'a [u8]) -> Option<&'a [u8]> {
        while !records.is_empty() {
            let (kind, length) = (order.u16(records, 0)?, usize::from(order.u16(records, 2)?));
            let rest = records.get(4..)?;
            if kind == 0 {
                return Some(rest);
            }
            rest.get(..length)?;
            records = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        }
        Some(records)
    }

    /// The next record that has an IP address; `None` at the end or where a length lies.
    fn next_record(&mut self) -> Option<()> {
        loop {
            let kind = self.order.u16(self.rest, 0)?;
            let length = usize::from(self.order.u16(self.rest, 2)?);
            let value = self.rest.get(4..)?.get(..length)?;
            if kind == 0 {
                return None;
            }
            self.rest = self.rest.get(4 + length.next_multiple_of(4)..).unwrap_or_default();
            let (address, names) = match kind {
                1 => value.split_first_chunk::<4>().map(|(ip, names)| (Ipv4Addr::from(*ip).into(), names)),
                2 => value.split_first_chunk::<16>().map(|(ip, names)| (Ipv6Addr::from(*ip).into(), names)),
                _ => None,
            }
            .unwrap_or((self.address, &[]));
            if !names.is_empty() {
                (self.address, self.left) = (address, names);
                return Some(());
            }
        }
    }
}

impl<'a> Iterator for Names<'a> {
    type Item = (IpAddr, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.left.is_empty() {
                self.next_record()?;
            }
            let end = memchr::memchr(0, self.left).unwrap_or(self.left.len());
            let (name, rest) = self.left.split_at_checked(end)?;
            self.left = rest.get(1..).unwrap_or_default();
            if !name.is_empty() {
                return Some((self.address, name));
            }
        }
    }
}
