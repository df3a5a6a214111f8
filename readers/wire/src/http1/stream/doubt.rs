//! Bodies that may not come: whether one does is told by the bytes after the head, or after its end by the shorter of two
//! lengths.

use super::{Doubt, Out, Phase, Piece, Shared, State, Stream};
use crate::Side;
use crate::http1::start;

/// What comes first in a response: digits stand for any digit.
const STATUS_LINE: &[u8; 12] = b"HTTP/1.1 200";

impl Stream {
    /// Before a body that may not come: the next bytes tell.
    pub(super) fn peek(
        &mut self,
        piece: Piece<'_>,
        then: Phase,
        doubt: Doubt,
        shared: &mut Shared,
        out: &mut Out<'_>,
    ) -> usize {
        let most = if self.side == Side::Server { STATUS_LINE.len() } else { start::SHORTEST };
        let line = memchr::memchr(b'\n', piece.bytes).map_or(piece.bytes.len(), |at| at + 1);
        let taken = piece.split(line.min(most - self.buf.len().min(most))).0;
        self.buf.push(taken, shared.limits.extents);
        if let Some(is_next) = self.is_next_message(most) {
            self.settle(is_next, then, doubt, shared, out);
        }
        taken.bytes.len()
    }

    /// Whether what was gathered is the start of a message, once that can be told.
    fn is_next_message(&self, most: usize) -> Option<bool> {
        let bytes = &self.buf.bytes;
        if self.side == Side::Server {
            let is_like = |(byte, model): (&u8, &u8)| {
                byte == model || (byte.is_ascii_digit() && model.is_ascii_digit())
            };
            let is_next = bytes.iter().zip(STATUS_LINE).all(is_like);
            return (!is_next || bytes.len() >= most).then_some(is_next);
        }
        match bytes.strip_suffix(b"\n") {
            Some(line) => Some(matches!(line, b"" | b"\r") || start::parse(self.side, line).is_some()),
            None => (bytes.len() >= most).then(|| start::may_start(self.side, bytes)),
        }
    }

    /// Decides whether the body comes.
    pub(super) fn settle(
        &mut self,
        is_next: bool,
        then: Phase,
        doubt: Doubt,
        shared: &mut Shared,
        out: &mut Out<'_>,
    ) {
        let note = match (doubt, is_next) {
            (Doubt::Unseen, true) => {
                Some(("http_head_assumed", "no body comes: the request, which is not seen, may be HEAD"))
            }
            (Doubt::Rule, false) => {
                Some(("http_body_on_bodyless", "a body on a response that has none by the rules"))
            }
            (Doubt::Longer, false) => Some(("http_surplus", "by one of two lengths the body goes on")),
            (Doubt::Rule | Doubt::Longer, true) | (Doubt::Unseen, false) => None,
        };
        let at = self.buf.first_at();
        if let (Some(open), Some((kind, what))) = (&mut self.open, note) {
            open.notes.add(kind, at, what);
        }
        if is_next {
            self.end_here(out);
        } else {
            self.state = State::Body(then);
        }
        let gathered = std::mem::take(&mut self.buf);
        self.replay(&gathered, shared, out);
    }

    /// The same where no more bytes tell: none at all are no body that the rules deny.
    pub(super) fn settle_here(&mut self, shared: &mut Shared, out: &mut Out<'_>) {
        if let State::Peek { then, doubt } = self.state {
            self.settle(doubt != Doubt::Unseen && self.buf.len() == 0, then, doubt, shared, out);
        }
    }
}
