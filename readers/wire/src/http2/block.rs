//! A field block while its frames come: HEADERS or PUSH_PROMISE and what CONTINUATION adds.

use super::frame::Frame;
use super::limits::Limits;

/// Encoded fields.
#[derive(Debug)]
pub(super) struct Block {
    /// The frame that it began with.
    pub(super) first: Frame,
    /// The stream that it promises, in PUSH_PROMISE.
    pub(super) promised: Option<u32>,
    pub(super) bytes: Vec<u8>,
    /// Bytes beyond a cap.
    pub(super) over: u64,
    /// It has a gap; what comes behind that cannot be read.
    pub(super) has_gap: bool,
    /// Its last frame was seen.
    pub(super) is_ended: bool,
    /// Bytes behind a gap.
    pub(super) opaque: u64,
    /// When its last byte was captured.
    pub(super) end: Option<i64>,
    continuations: u32,
}

impl Block {
    pub(super) fn new(first: Frame, promised: Option<u32>) -> Self {
        Self {
            first,
            promised,
            bytes: Vec::new(),
            over: 0,
            has_gap: false,
            is_ended: false,
            opaque: 0,
            end: first.time,
            continuations: 0,
        }
    }

    /// Why it is not whole, if it is not.
    pub(super) fn why_cut(&self) -> Option<&'static str> {
        match self {
            _ if self.over > 0 => Some("the rest of the fields is over a limit"),
            _ if self.has_gap => Some("the fields have a gap"),
            _ if !self.is_ended => Some("the end of the fields was not seen"),
            _ => None,
        }
    }

    /// A CONTINUATION frame begins. `true` if there are too many.
    pub(super) fn go_on(&mut self, limits: &Limits) -> bool {
        self.continuations = self.continuations.saturating_add(1);
        self.continuations > limits.continuations
    }

    /// Adds a piece. Gives how much of it is kept if it is the first that is over a cap.
    pub(super) fn push(&mut self, piece: &[u8], time: Option<i64>, limits: &Limits) -> Option<usize> {
        self.end = time;
        if self.has_gap {
            self.opaque += piece.len() as u64;
            return None;
        }
        let was_over = self.over > 0;
        let has_room = self.over == 0 && self.continuations <= limits.continuations;
        let room = if has_room { limits.block_bytes.saturating_sub(self.bytes.len()) } else { 0 };
        let (kept, over) = piece.split_at(room.min(piece.len()));
        self.bytes.extend_from_slice(kept);
        self.over += over.len() as u64;
        (self.over > 0 && !was_over).then_some(kept.len())
    }
}
