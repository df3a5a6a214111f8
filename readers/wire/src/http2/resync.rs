//! Where the frames start: after the preface, in the middle of a connection, after a gap.
//!
//! Bytes are held until a header is found that can be believed, and then read on from there. A header at the very start of
//! what was captured is believed as it is; one further on only with another behind its frame. Each place is tried once, and
//! what was tried is let go.

use std::collections::VecDeque;

use super::frame::{ACK, DEFAULT_MAX_FRAME, Frame, HEADER, PREFACE, SETTINGS, is_plausible};
use super::reader::Input;
use crate::Side;

/// Bytes that were pushed together.
#[derive(Debug, Clone, Copy)]
struct Piece {
    len: usize,
    at: u64,
    time: Option<i64>,
}

/// What the search came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// The connection starts here: HPACK is at its start too.
    Fresh,
    /// A frame in the middle of a connection.
    Midway,
}

/// A search for the next frame of one side.
#[derive(Debug)]
pub(super) struct Resync {
    side: Side,
    pub(super) is_connection_start: bool,
    /// Nothing was left out yet.
    is_at_start: bool,
    /// Bytes that are held, from `from` on; those before it go when they are the larger part.
    held: Vec<u8>,
    from: usize,
    pieces: VecDeque<Piece>,
    /// Bytes that were let go. Units: bytes.
    pub(super) skipped: u64,
}

impl Resync {
    pub(super) fn new(side: Side, is_connection_start: bool) -> Self {
        Self {
            side,
            is_connection_start,
            is_at_start: true,
            held: Vec::new(),
            from: 0,
            pieces: VecDeque::new(),
            skipped: 0,
        }
    }

    /// Takes bytes and looks on; with `Found`, [`Resync::into_pieces`] has what is to be read as frames. The preface
    /// counts as framing, in `framing`.
    pub(super) fn push(
        &mut self,
        input: Input<'_>,
        max_frame: Option<u32>,
        framing: &mut u64,
    ) -> Option<Found> {
        self.held.extend_from_slice(input.bytes);
        match self.pieces.back_mut() {
            Some(last)
                if last.time == input.time && last.at.checked_add(last.len as u64) == Some(input.at) =>
            {
                last.len += input.bytes.len();
            }
            _ => self.pieces.push_back(Piece { len: input.bytes.len(), at: input.at, time: input.time }),
        }
        self.look(max_frame, framing, false)
    }

    /// The bytes end here: a header without another behind it is believed if its frame ends where they do.
    pub(super) fn finish(&mut self, max_frame: Option<u32>, framing: &mut u64) -> Option<Found> {
        self.look(max_frame, framing, true)
    }

    fn look(&mut self, max_frame: Option<u32>, framing: &mut u64, is_end: bool) -> Option<Found> {
        if self.is_connection_start && self.is_at_start && self.side == Side::Client {
            let held = self.live();
            if held.starts_with(PREFACE) {
                self.drop_front(PREFACE.len());
                *framing += PREFACE.len() as u64;
                return Some(Found::Fresh);
            }
            if PREFACE.starts_with(held) {
                if is_end {
                    *framing += held.len() as u64;
                    self.drop_front(held.len());
                }
                return None;
            }
        }
        let max_frame = max_frame.unwrap_or(DEFAULT_MAX_FRAME).max(DEFAULT_MAX_FRAME);
        let mut tried = 0;
        let found = loop {
            let rest = self.live().get(tried..).unwrap_or_default();
            let Some(header) = rest.first_chunk::<HEADER>() else {
                // At the end what is left is too short to be anything.
                tried += if is_end { rest.len() } else { 0 };
                break None;
            };
            if is_plausible(*header, self.side, max_frame) {
                let frame = Frame::parse(*header, 0, None);
                if self.is_at_start && tried == 0 {
                    let is_first = self.is_connection_start && frame.kind == SETTINGS && !frame.has(ACK);
                    let is_fresh = is_first && self.side == Side::Server;
                    break Some(if is_fresh { Found::Fresh } else { Found::Midway });
                }
                let after = HEADER + frame.length as usize;
                match rest.get(after..).and_then(|next| next.first_chunk::<HEADER>()) {
                    Some(next) if is_plausible(*next, self.side, max_frame) => break Some(Found::Midway),
                    Some(_) => {}
                    None if is_end && rest.len() == after => break Some(Found::Midway),
                    None if is_end => {}
                    None => break None,
                }
            }
            tried += 1;
        };
        if tried > 0 {
            self.drop_front(tried);
            self.skipped += tried as u64;
            self.is_at_start = false;
        }
        found
    }

    fn live(&self) -> &[u8] {
        self.held.get(self.from..).unwrap_or_default()
    }

    fn drop_front(&mut self, len: usize) {
        self.from = self.from.saturating_add(len).min(self.held.len());
        if self.from > self.held.len() / 2 {
            self.held.drain(..self.from);
            self.from = 0;
        }
        let mut left = len;
        while let Some(first) = self.pieces.front_mut() {
            if first.len > left {
                first.len -= left;
                first.at = first.at.saturating_add(left as u64);
                break;
            }
            left -= first.len;
            self.pieces.pop_front();
        }
    }

    #[cfg(test)]
    pub(super) fn held_bytes(&self) -> usize {
        self.held.len()
    }

    /// Where the held bytes start in the capture file.
    pub(super) fn at(&self) -> u64 {
        self.pieces.front().map_or(0, |piece| piece.at)
    }

    /// Hands the held bytes on, in the pieces in which they came.
    pub(super) fn for_each_piece(self, mut each: impl FnMut(Input<'_>)) {
        let mut rest = self.live();
        for piece in &self.pieces {
            let Some((bytes, after)) = rest.split_at_checked(piece.len) else { break };
            rest = after;
            each(Input { bytes, at: piece.at, time: piece.time });
        }
    }
}
