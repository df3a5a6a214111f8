//! Where the bytes of a capture file went.

/// Accounts of a capture file; each byte is in one of them.
///
/// Units: bytes of the file's content, after decompression.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Headers, options, names, statistics, padding: read as what they are.
    pub framing: u64,
    /// Packet data, given out in frames.
    pub packets: u64,
    /// Decryption secrets, given out as items.
    pub secrets: u64,
    /// Content of blocks that are not read (custom, journal, unknown), and packets whose interface is not described.
    pub opaque: u64,
    /// Packets and blocks over a limit.
    pub over_limit: u64,
    /// Damaged, or cut off by the end of the file.
    pub lost: u64,
}

impl Count {
    /// Adds the accounts of another file.
    pub(crate) fn add(&mut self, other: Self) {
        self.framing += other.framing;
        self.packets += other.packets;
        self.secrets += other.secrets;
        self.opaque += other.opaque;
        self.over_limit += other.over_limit;
        self.lost += other.lost;
    }

    /// All accounts together: what was consumed so far.
    pub fn total(&self) -> u64 {
        [self.framing, self.packets, self.secrets, self.opaque, self.over_limit, self.lost]
            .into_iter()
            .fold(0, u64::saturating_add)
    }
}
