//! The header of a frame (RFC 6455 section 5.2), and masks.

/// The longest header: two bytes, a 64-bit length, a mask.
pub(super) const LONGEST: usize = 14;

/// A frame's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Whether it is the message's last frame.
    pub(super) is_final: bool,
    /// RSV1 to RSV3, as the bits 4, 2 and 1.
    pub(super) reserved: u8,
    /// The four bits that say what it is.
    pub(super) opcode: u8,
    /// The key that the payload is masked with.
    pub(super) mask: Option<[u8; 4]>,
    /// The payload's size in bytes.
    pub(super) payload: u64,
    /// The header's own size in bytes.
    pub(super) size: usize,
}

/// How many bytes the header has that begins so; at least two.
pub(super) fn size(start: &[u8]) -> usize {
    let Some(second) = start.get(1) else { return 2 };
    let length = match second & 0x7F {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    2 + length + if second & 0x80 == 0 { 0 } else { 4 }
}

impl Header {
    /// Reads the header at the start of some bytes; `None` where it is not there in full.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let size = size(bytes);
        let [first, second, rest @ ..] = bytes.get(..size)? else { return None };
        let (payload, rest) = match second & 0x7F {
            126 => rest
                .split_first_chunk()
                .map(|(length, rest)| (u64::from(u16::from_be_bytes(*length)), rest))?,
            127 => rest.split_first_chunk().map(|(length, rest)| (u64::from_be_bytes(*length), rest))?,
            short => (u64::from(short), rest),
        };
        let mask = rest.first_chunk().copied();
        let reserved = (first >> 4) & 7;
        Some(Self { is_final: first & 0x80 != 0, reserved, opcode: first & 15, mask, payload, size })
    }

    /// Whether it is a control frame's: close, ping, pong, and those not yet defined.
    pub(super) const fn is_control(&self) -> bool {
        self.opcode & 8 != 0
    }

    /// Whether its length could have been written in fewer bytes (section 5.2 forbids that).
    pub(super) const fn is_padded(&self) -> bool {
        let length = self.size - if self.mask.is_some() { 4 } else { 0 };
        (length == 4 && self.payload < 126) || (length == 10 && self.payload <= 0xFFFF)
    }

    /// Whether a peer that keeps to the rules could have sent it, after a header when there was one.
    pub(super) fn is_plausible(&self, is_masked: bool, may_compress: bool, before: Option<&Self>) -> bool {
        let is_known = matches!(self.opcode, 0..=2 | 8..=10);
        let flags =
            if may_compress && matches!(self.opcode, 1 | 2) { self.reserved & 3 } else { self.reserved };
        let is_sound = !self.is_control() || (self.is_final && self.payload < 126);
        // After a data frame the next data frame goes on with its message or begins another.
        let follows = self.is_control()
            || before.is_none_or(|before| before.is_control() || before.is_final == (self.opcode != 0));
        is_known
            && flags == 0
            && is_sound
            && follows
            && self.mask.is_some() == is_masked
            && !self.is_padded()
            && self.payload >> 63 == 0
    }
}

/// Masks or unmasks bytes that stand at an offset of a payload (section 5.3).
pub(super) fn apply_mask(bytes: &mut [u8], mask: [u8; 4], offset: u64) {
    let turn = usize::try_from(offset & 3).unwrap_or_default();
    let mut key = mask;
    key.rotate_left(turn);
    let [a, b, c, d] = key;
    let wide = [a, b, c, d, a, b, c, d, a, b, c, d, a, b, c, d];
    let (blocks, rest) = bytes.as_chunks_mut::<16>();
    for block in blocks {
        for (byte, key) in block.iter_mut().zip(wide) {
            *byte ^= key;
        }
    }
    for (byte, key) in rest.iter_mut().zip(wide) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_the_standards_examples_are_read() {
        // RFC 6455 section 5.7.
        let text = Header::read(b"\x81\x05Hello").expect("whole");
        assert_eq!((text.is_final, text.opcode, text.payload, text.size), (true, 1, 5, 2));
        let masked = Header::read(b"\x81\x85\x37\xfa\x21\x3d\x7f").expect("whole");
        assert_eq!((masked.mask, masked.size), (Some([0x37, 0xfa, 0x21, 0x3d]), 6));
        assert_eq!(Header::read(b"\x82\x7E\x01\x00").map(|it| it.payload), Some(256));
        assert_eq!(Header::read(b"\x82\x7F\0\0\0\0\0\x01\0\0").map(|it| it.payload), Some(65_536));
        for cut in 0..10 {
            assert_eq!(Header::read(&b"\x82\x7F\0\0\0\0\0\x01\0\0"[..cut]), None);
        }
    }

    #[test]
    fn padded_lengths_are_told() {
        assert!(Header::read(b"\x82\x7E\x00\x7D").expect("whole").is_padded());
        assert!(!Header::read(b"\x82\x7E\x00\x7E").expect("whole").is_padded());
        assert!(Header::read(b"\x82\xFF\0\0\0\0\0\0\xFF\xFFmask").expect("whole").is_padded());
        assert!(!Header::read(b"\x82\xFF\0\0\0\0\0\x01\0\0mask").expect("whole").is_padded());
    }

    #[test]
    fn masks_go_on_from_any_offset() {
        let plain: Vec<u8> = (0..100).collect();
        let mut whole = plain.clone();
        apply_mask(&mut whole, [1, 2, 3, 4], 0);
        for split in 0..100 {
            let mut parts = plain.clone();
            let (left, right) = parts.split_at_mut(split);
            apply_mask(left, [1, 2, 3, 4], 0);
            apply_mask(right, [1, 2, 3, 4], split as u64);
            assert_eq!(parts, whole);
        }
    }
}
