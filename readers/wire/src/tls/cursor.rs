//! A place in bytes that are read front to back: the integers and vectors of RFC 8446, section 3.

/// What is left to read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    /// The next `n` bytes; `None`, and nothing read, if there are fewer.
    pub(super) fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }

    /// The next `N` bytes as an array.
    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u24(&mut self) -> Option<usize> {
        self.array().map(|[a, b, c]| (usize::from(a) << 16) | (usize::from(b) << 8) | usize::from(c))
    }

    /// A vector after one byte of length.
    pub(super) fn vector8(&mut self) -> Option<&'a [u8]> {
        let mut after = *self;
        let len = after.u8()?;
        let taken = after.take(usize::from(len))?;
        *self = after;
        Some(taken)
    }

    /// A vector after two bytes of length.
    pub(super) fn vector16(&mut self) -> Option<&'a [u8]> {
        let mut after = *self;
        let len = after.u16()?;
        let taken = after.take(usize::from(len))?;
        *self = after;
        Some(taken)
    }

    /// A vector after three bytes of length.
    pub(super) fn vector24(&mut self) -> Option<&'a [u8]> {
        let mut after = *self;
        let len = after.u24()?;
        let taken = after.take(len)?;
        *self = after;
        Some(taken)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The two-byte integers in `bytes`; an odd byte at the end is left.
pub(super) fn u16s(bytes: &[u8]) -> impl Iterator<Item = u16> + '_ {
    bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_that_is_cut_reads_nothing() {
        let mut cursor = Cursor(&[0, 3, 1, 2]);
        assert_eq!(cursor.vector16(), None);
        assert_eq!(cursor.u8(), Some(0));
        assert_eq!(cursor.vector8(), None);
        assert_eq!(cursor.u24(), Some(0x03_01_02));
        assert!(cursor.is_empty());
        assert_eq!(cursor.vector24(), None);
    }
}
