//! Writers of capture files, for tests: as the drafts have them, with room for lies.

use crate::capture::bytes::ByteOrder;

/// Bytes in one byte order.
#[derive(Debug, Clone)]
pub(super) struct File {
    order: ByteOrder,
    pub(super) bytes: Vec<u8>,
}

impl File {
    pub(super) fn new(order: ByteOrder) -> Self {
        Self { order, bytes: Vec::new() }
    }

    /// A pcap file header of version 2.4 with a snap length of 65,535.
    pub(super) fn pcap(order: ByteOrder, magic: u32, link: u32) -> Self {
        Self::new(order).u32(magic).u16(2).u16(4).u32(0).u32(0).u32(65_535).u32(link)
    }

    /// A little-endian pcap file of microseconds and Ethernet.
    pub(super) fn plain() -> Self {
        Self::pcap(ByteOrder::Little, 0xa1b2_c3d4, 1)
    }

    pub(super) fn u16(mut self, value: u16) -> Self {
        let bytes = if self.order == ByteOrder::Big { value.to_be_bytes() } else { value.to_le_bytes() };
        self.bytes.extend(bytes);
        self
    }

    pub(super) fn u32(mut self, value: u32) -> Self {
        let bytes = if self.order == ByteOrder::Big { value.to_be_bytes() } else { value.to_le_bytes() };
        self.bytes.extend(bytes);
        self
    }

    pub(super) fn u64(mut self, value: u64) -> Self {
        let bytes = if self.order == ByteOrder::Big { value.to_be_bytes() } else { value.to_le_bytes() };
        self.bytes.extend(bytes);
        self
    }

    pub(super) fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend(bytes);
        self
    }

    /// A pcap record at so many seconds and fractions.
    pub(super) fn record(self, seconds: u32, fraction: u32, data: &[u8]) -> Self {
        let length = length(data);
        self.u32(seconds).u32(fraction).u32(length).u32(length).raw(data)
    }

    /// A block with this body, padded.
    pub(super) fn block(self, block_type: u32, body: &[u8]) -> Self {
        let padded = body.len().next_multiple_of(4);
        let total = u32::try_from(padded + 12).unwrap();
        self.u32(block_type).u32(total).raw(body).raw(&[0; 3][..padded - body.len()]).u32(total)
    }

    /// A section header without options and of unknown length.
    pub(super) fn section(self) -> Self {
        let body = self.part().u32(0x1a2b_3c4d).u16(1).u16(0).u64(u64::MAX).bytes;
        self.block(0x0a0d_0d0a, &body)
    }

    pub(super) fn interface(self, link: u16, snap_length: u32, options: &[(u16, &[u8])]) -> Self {
        let body = self.part().u16(link).u16(0).u32(snap_length).options(options).bytes;
        self.block(1, &body)
    }

    /// An enhanced packet block.
    pub(super) fn packet(self, interface: u32, ticks: u64, data: &[u8], options: &[(u16, &[u8])]) -> Self {
        let padding = data.len().next_multiple_of(4) - data.len();
        let (high, low) = (u32::try_from(ticks >> 32).unwrap(), u32::try_from(ticks & 0xffff_ffff).unwrap());
        let fields = self.part().u32(interface).u32(high).u32(low).u32(length(data)).u32(length(data));
        let body = fields.raw(data).raw(&[0; 3][..padding]).options(options).bytes;
        self.block(6, &body)
    }

    pub(super) fn options(mut self, options: &[(u16, &[u8])]) -> Self {
        for (code, value) in options {
            let padding = value.len().next_multiple_of(4) - value.len();
            self =
                self.u16(*code).u16(u16::try_from(value.len()).unwrap()).raw(value).raw(&[0; 3][..padding]);
        }
        if options.is_empty() { self } else { self.u32(0) }
    }

    /// Nothing yet, in the same byte order.
    pub(super) fn part(&self) -> Self {
        Self::new(self.order)
    }
}

fn length(data: &[u8]) -> u32 {
    u32::try_from(data.len()).unwrap()
}
