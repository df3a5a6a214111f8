//! The part of a frame that is not peeled yet.

use super::segment::Opaque;

/// How peeling ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// What is left cannot be read, and why.
    Opaque(Opaque),
    /// What is left serves the link only.
    Control(super::segment::Control),
    /// A segment or fragment was found; the peeler holds it.
    Found,
}

/// Bytes left, and how many more the lengths so far promise.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rest<'a> {
    /// What is left.
    pub(super) bytes: &'a [u8],
    /// Where it starts, counted from the first byte that was peeled.
    pub(super) offset: usize,
    /// Bytes after it that were sent and not captured.
    pub(super) missing: usize,
}

impl<'a> Rest<'a> {
    /// Takes a header of fixed size.
    pub(super) fn take<const N: usize>(&mut self) -> Result<&'a [u8; N], End> {
        let Some((head, rest)) = self.bytes.split_first_chunk::<N>() else { return Err(self.short()) };
        self.bytes = rest;
        self.offset = self.offset.saturating_add(N);
        Ok(head)
    }

    /// Takes a header whose size was read.
    pub(super) fn skip(&mut self, count: usize) -> Result<&'a [u8], End> {
        let Some((head, rest)) = self.bytes.split_at_checked(count) else { return Err(self.short()) };
        self.bytes = rest;
        self.offset = self.offset.saturating_add(count);
        Ok(head)
    }

    /// Looks at the bytes to come.
    pub(super) fn peek<const N: usize>(&self) -> Result<&'a [u8; N], End> {
        self.bytes.first_chunk::<N>().ok_or_else(|| self.short())
    }

    /// The first byte to come.
    pub(super) fn first(&self) -> Result<u8, End> {
        self.bytes.first().copied().ok_or_else(|| self.short())
    }

    /// Holds what is left to the length that a header gives. True if the length claims more than was ever there.
    pub(super) fn limit(&mut self, length: usize) -> bool {
        let there = self.bytes.len().saturating_add(self.missing);
        match self.bytes.get(..length) {
            Some(bytes) => (self.bytes, self.missing) = (bytes, 0),
            None => self.missing = length.saturating_sub(self.bytes.len()),
        }
        length > there
    }

    /// What a header that is not all there means.
    fn short(&self) -> End {
        End::Opaque(if self.missing > 0 { Opaque::Cut } else { Opaque::Malformed("frame_short") })
    }
}
