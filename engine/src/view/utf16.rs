//! UTF-16 in either byte order (Unicode 3.10, D98), decoded to UTF-8.

/// Which byte of a unit comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The low one.
    Little,
    /// The high one.
    Big,
}

impl Order {
    /// The unit that two bytes make.
    pub(super) const fn unit(self, pair: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(pair),
            Self::Big => u16::from_be_bytes(pair),
        }
    }
}

/// Decodes; half of a surrogate pair, and a last byte without a fellow, are left out.
pub(super) fn decode(order: Order, source: &[u8], out: &mut Vec<u8>, mut step: impl FnMut(usize, usize)) {
    let units = source.as_chunks::<2>().0.iter().map(|pair| order.unit(*pair));
    let mut at = 0;
    for found in char::decode_utf16(units) {
        let Ok(c) = found else {
            at += 2;
            step(at, out.len());
            continue;
        };
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        at += 2 * c.len_utf16();
        step(at, out.len());
    }
}
