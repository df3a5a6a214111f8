//! A message that has begun: its body is put together here.

use super::framing::Framing;
use super::limits::{Count, Limits};
use super::message::{Message, Missing};
use super::part::{Gather, Piece};
use crate::Notes;

/// Places of one body where bytes are missing that are told apart; later ones join the last.
const MISSING: usize = 4096;

/// What one reader of contradictory lengths takes for the next message is kept up to as many bytes.
const SMUGGLED: usize = 64 << 10;

/// A message on its way.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) message: Box<Message>,
    pub(super) notes: Notes,
    /// The framing if what is said to be chunked turns out not to be.
    pub(super) unchunked: Option<Framing>,
    body: Gather,
    extensions: Gather,
    tap: Option<Tap>,
}

/// Keeps what follows the end of a body for a reader who frames by the other length.
#[derive(Debug)]
struct Tap {
    skip: u64,
    gather: Gather,
}

impl Open {
    pub(super) fn new(message: Box<Message>, notes: Notes) -> Self {
        Self {
            message,
            notes,
            unchunked: None,
            body: Gather::default(),
            extensions: Gather::default(),
            tap: None,
        }
    }

    /// Taps the raw bytes that come, from `skip` on.
    pub(super) fn tap(&mut self, skip: Option<u64>) {
        self.tap = skip.map(|skip| Tap { skip, gather: Gather::default() });
    }

    /// Shows the tap raw bytes of the body, chunk sizes among them.
    pub(super) fn raw(&mut self, piece: Piece<'_>, limits: &Limits) {
        self.message.last_time = piece.time.or(self.message.last_time);
        let Some(tap) = &mut self.tap else { return };
        let skipped = usize::try_from(tap.skip).unwrap_or(usize::MAX).min(piece.bytes.len());
        tap.skip -= skipped as u64;
        tap.gather.push_capped(piece.split(skipped).1, SMUGGLED, limits.extents);
    }

    /// Adds to the body, of which `left` bytes are said to come still, these included.
    pub(super) fn add(&mut self, piece: Piece<'_>, left: u64, limits: &Limits, count: &mut Count) {
        self.raw(piece, limits);
        let len = self.body.len();
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        // For less than is there already, the buffer's own doubling costs less.
        if left > len {
            self.body.expect(
                piece.bytes.len().min(limits.body.saturating_sub(len)),
                len.saturating_add(left).min(limits.body),
            );
        }
        let kept = self.body.push_capped(piece, limits.body, limits.extents);
        self.account(piece.bytes.len(), kept, count);
    }

    /// Adds a chunk extension.
    pub(super) fn extension(&mut self, piece: Piece<'_>, limits: &Limits, count: &mut Count) {
        let kept = self.extensions.push_capped(piece, limits.trailer, limits.extents);
        self.account(piece.bytes.len(), kept, count);
    }

    /// How many bytes the reader by the other length still takes for the body, where this one sees its end.
    pub(super) fn surplus_len(&self) -> u64 {
        self.tap.as_ref().map_or(0, |tap| tap.skip)
    }

    /// Adds bytes that only the reader by the other length takes for the body.
    pub(super) fn surplus(&mut self, piece: Piece<'_>, limits: &Limits, count: &mut Count) {
        self.message.last_time = piece.time.or(self.message.last_time);
        let tap = self.tap.get_or_insert_with(|| Tap { skip: 0, gather: Gather::default() });
        let kept = tap.gather.push_capped(piece, SMUGGLED, limits.extents);
        self.message.surplus += kept as u64;
        self.account(piece.bytes.len(), kept, count);
    }

    fn account(&mut self, len: usize, kept: usize, count: &mut Count) {
        let over = (len - kept) as u64;
        count.content += kept as u64;
        count.over_limit += over;
        self.message.over_limit += over;
    }

    /// Bytes of the body that the capture lacks.
    pub(super) fn missing(&mut self, len: u64) {
        let offset = self.body.len() as u64;
        let missing = &mut self.message.missing;
        let is_full = missing.len() >= MISSING;
        match missing.last_mut() {
            Some(last) if is_full || last.offset == offset => last.len = last.len.saturating_add(len),
            _ => missing.push(Missing { offset, len }),
        }
        // The other reading cannot be told any more.
        self.tap = None;
    }

    /// The message, as far as it came.
    pub(super) fn close(mut self, is_cut: bool) -> Box<Message> {
        let message = &mut self.message;
        message.body = self.body.into_part();
        message.extensions = self.extensions.into_part();
        message.smuggled = self.tap.map(|tap| tap.gather.into_part()).unwrap_or_default();
        message.is_cut |= is_cut;
        message.notes = self.notes.take();
        self.message
    }
}
