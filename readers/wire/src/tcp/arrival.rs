//! Payload on its way into a stream.

use super::{Apart, Decoy};

/// Payload as it arrives, with its place in the stream.
#[derive(Clone, Copy)]
pub(super) struct Arrival<'a> {
    pub(super) start: i64,
    pub(super) bytes: &'a [u8],
    /// Bytes after these that the snap length cut off.
    pub(super) missing: u64,
    pub(super) at: u64,
    pub(super) time: Option<i64>,
    pub(super) is_odd: bool,
}

impl<'a> Arrival<'a> {
    pub(super) fn end(&self) -> i64 {
        self.start + self.bytes.len().cast_signed() as i64
    }

    /// Cuts off what stands before `offset`.
    pub(super) fn split(&mut self, offset: i64) -> Self {
        let len = usize::try_from(offset.saturating_sub(self.start)).unwrap_or(0).min(self.bytes.len());
        let (bytes, rest) = self.bytes.split_at_checked(len).unwrap_or((self.bytes, &[]));
        let before = Self { bytes, missing: 0, ..*self };
        self.bytes = rest;
        self.start += len.cast_signed() as i64;
        self.at += len as u64;
        before
    }

    pub(super) fn apart(&self, why: Apart) -> Decoy<'a> {
        Decoy { why, offset: u64::try_from(self.start).ok(), bytes: self.bytes, at: self.at, time: self.time }
    }
}
