//! Frames looked for where it is not known where one begins: after a gap, and in connections seen from their middle.
//!
//! A place is taken where a chain of plausible headers begins, each at the end of the frame before it. Three are asked
//! for where bytes begin, since packets mostly begin with a frame, and four elsewhere: with a mask bit, known opcodes
//! and fragments in order, one header in 25 of random bytes is plausible, and four in a row are one in millions.

use super::frame::{Header, LONGEST};

/// How many pieces with places of their own are held: a window of small packets.
const PIECES: usize = 4096;

/// Bytes in which no frame was found yet.
#[derive(Debug, Default)]
pub(super) struct Search {
    bytes: Vec<u8>,
    /// The first byte that a frame could begin at.
    from: usize,
    pieces: Vec<Piece>,
    is_first: bool,
}

/// Bytes that stand together in the capture file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    /// Where they begin in the bytes held.
    pub(super) start: usize,
    /// Where they stand in the capture file.
    pub(super) at: u64,
    pub(super) time: Option<i64>,
}

/// What is known of a place.
enum Place {
    Taken,
    Refused,
    Open,
}

/// What a frame must look like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) is_masked: bool,
    pub(super) may_compress: bool,
    /// How many bytes may be held.
    pub(super) cap: usize,
}

impl Search {
    pub(super) fn new() -> Self {
        Self { is_first: true, ..Self::default() }
    }

    /// Takes bytes; says how many it gave up, and whether the rest begins with a frame.
    pub(super) fn push(&mut self, bytes: &[u8], at: u64, time: Option<i64>, look: Look) -> (usize, bool) {
        let joins = self
            .pieces
            .last()
            .is_some_and(|last| last.at.saturating_add((self.bytes.len() - last.start) as u64) == at);
        if !joins {
            self.pieces.push(Piece { start: self.bytes.len(), at, time });
        }
        self.bytes.extend_from_slice(bytes);
        self.look(look, false)
    }

    /// Decides on the places that are still open, as nothing more comes.
    pub(super) fn finish(&mut self, look: Look) -> (usize, bool) {
        self.look(look, true)
    }

    /// The bytes from the frame on that was found, and where they stand.
    pub(super) fn take(&mut self) -> (Vec<u8>, Vec<Piece>) {
        self.is_first = false;
        self.drop_front();
        self.from = 0;
        (std::mem::take(&mut self.bytes), std::mem::take(&mut self.pieces))
    }

    fn look(&mut self, look: Look, is_end: bool) -> (usize, bool) {
        let before = self.from;
        let is_found = loop {
            let held = self.bytes.len() - self.from;
            let is_full = held >= look.cap || self.pieces.len() > PIECES;
            match self.place(look, is_end) {
                Place::Taken => break true,
                Place::Open if !is_full => break false,
                Place::Open | Place::Refused => {
                    if held == 0 {
                        break false;
                    }
                    self.from += 1;
                    self.is_first = false;
                }
            }
        };
        let given_up = self.from - before;
        if self.from > look.cap || self.pieces.len() > PIECES {
            self.drop_front();
        }
        (given_up, is_found)
    }

    fn place(&self, look: Look, is_end: bool) -> Place {
        let bytes = self.bytes.get(self.from..).unwrap_or_default();
        let wanted = if self.is_first { 3 } else { 4 };
        let mut before = None;
        let mut at = 0_usize;
        for seen in 0..wanted {
            let rest = bytes.get(at..).unwrap_or_default();
            let Some(header) = Header::read(rest) else {
                // At the end there is less to go by: the last frame should end where the bytes do, or begin where they do.
                let signs = seen + usize::from(at == bytes.len()) + usize::from(self.is_first);
                return match is_end {
                    true if seen > 0 && signs >= 3 => Place::Taken,
                    true => Place::Refused,
                    false => Place::Open,
                };
            };
            if !header.is_plausible(look.is_masked, look.may_compress, before.as_ref()) {
                return Place::Refused;
            }
            let payload = usize::try_from(header.payload).unwrap_or(usize::MAX);
            at = at.saturating_add(header.size).saturating_add(payload);
            if at.saturating_add(LONGEST) > look.cap {
                // The next header will not be held beside this place.
                return if seen + 1 == wanted { Place::Taken } else { Place::Refused };
            }
            before = Some(header);
        }
        Place::Taken
    }

    fn drop_front(&mut self) {
        self.bytes.drain(..self.from);
        let from = std::mem::take(&mut self.from);
        let first = self.pieces.iter().rposition(|piece| piece.start <= from).unwrap_or_default();
        self.pieces.drain(..first);
        for piece in &mut self.pieces {
            piece.at = piece.at.saturating_add(from.saturating_sub(piece.start) as u64);
            piece.start = piece.start.saturating_sub(from);
        }
    }
}
