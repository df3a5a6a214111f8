//! A message while its frames come in.

use super::frame::apply_mask;
use super::inflate::Stop;
use super::message::Opcode;

/// A piece of a frame's payload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) bytes: &'a [u8],
    /// Where it stands in the capture file.
    pub(super) at: u64,
    pub(super) mask: Option<[u8; 4]>,
    /// Where it stands in the frame's payload.
    pub(super) offset: u64,
}

/// A message that is being put together.
#[derive(Debug)]
pub(super) struct Building {
    pub(super) opcode: Opcode,
    pub(super) data: Vec<u8>,
    pub(super) was_compressed: bool,
    pub(super) time: Option<i64>,
    /// Where it begins in the capture file.
    pub(super) at: u64,
    pub(super) extents: Vec<(usize, u64)>,
    /// Where the next byte stands in the capture file if it follows the last; none at the start of a frame.
    pub(super) next_at: Option<u64>,
    pub(super) is_cut: bool,
    pub(super) unknown: usize,
    /// Payload bytes so far, as sent.
    pub(super) wire: u64,
    pub(super) stop: Option<Stop>,
}

impl Building {
    pub(super) fn new(opcode: Opcode, was_compressed: bool, at: u64, time: Option<i64>) -> Self {
        Self {
            opcode,
            data: Vec::new(),
            was_compressed,
            time,
            at,
            extents: Vec::new(),
            next_at: None,
            is_cut: false,
            unknown: 0,
            wire: 0,
            stop: None,
        }
    }

    pub(super) fn place(&mut self, at: u64, len: usize, most: usize) {
        if self.next_at != Some(at) && self.extents.len() < most {
            self.extents.push((self.data.len(), at));
        }
        self.next_at = Some(at.saturating_add(len as u64));
    }

    /// Appends a piece of a payload as it is, up to a cap, and says how many bytes are over it.
    pub(super) fn append(&mut self, piece: Piece<'_>, cap: usize, extents: usize) -> usize {
        let room = cap.saturating_sub(self.data.len());
        let kept = piece.bytes.get(..room).unwrap_or(piece.bytes);
        let over = piece.bytes.len() - kept.len();
        if over > 0 {
            self.stop = Some(Stop::OverLimit);
        }
        if !kept.is_empty() {
            self.place(piece.at, kept.len(), extents);
            let from = self.data.len();
            self.data.extend_from_slice(kept);
            if let (Some(mask), Some(new)) = (piece.mask, self.data.get_mut(from..)) {
                apply_mask(new, mask, piece.offset);
            }
        }
        over
    }
}
