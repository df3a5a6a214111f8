//! Other protocols on the connection: what is handed on, and what waits for the server's word.

use super::{Asked, Out, Piece, Shared, State, Stream, Switch};
use crate::http1::message::Output;
use crate::http1::start;

impl Stream {
    /// Hands on the bytes of another protocol.
    pub(super) fn pass(&mut self, piece: Piece<'_>, shared: &mut Shared, out: &mut Out<'_>) -> usize {
        let Piece { bytes, at, time } = piece;
        let side = self.side;
        shared.count.content += bytes.len() as u64;
        match &shared.switch {
            Some(Switch::Upgraded(protocol)) => out(Output::Upgraded { protocol, side, bytes, at, time }),
            Some(Switch::Tunnel) | None => out(Output::Tunnel { side, bytes, at, time }),
        }
        bytes.len()
    }

    /// Keeps bytes of the client until the server has answered.
    pub(super) fn hold(&mut self, piece: Piece<'_>, shared: &mut Shared, out: &mut Out<'_>) -> usize {
        let used = self.held.push_capped(piece, shared.limits.held, shared.limits.extents);
        if used < piece.bytes.len() {
            self.decide(shared, out);
        }
        used
    }

    /// The server has not answered: whether the client speaks another protocol is told by its bytes.
    pub(super) fn decide(&mut self, shared: &mut Shared, out: &mut Out<'_>) {
        let Some(asked) = shared.pairing.awaits_switch() else { return self.release(shared, out) };
        self.is_free = true;
        let bytes = &self.held.bytes;
        let line = memchr::memchr(b'\n', bytes).and_then(|at| bytes.get(..at));
        let is_http = match line {
            Some(line) => start::parse(self.side, line).is_some(),
            None => start::may_start(self.side, bytes),
        };
        if !is_http && shared.switch.is_none() {
            shared.switch = Some(match asked {
                Asked::Upgrade => Switch::Upgraded(self.upgrade.clone()),
                _ => Switch::Tunnel,
            });
        }
        self.release(shared, out);
    }

    /// Reads what was held.
    pub(in crate::http1) fn release(&mut self, shared: &mut Shared, out: &mut Out<'_>) {
        let held = std::mem::take(&mut self.held);
        self.replay(&held, shared, out);
    }

    /// The server has switched: what the client has sent of no message yet belongs to the other protocol.
    pub(in crate::http1) fn switched(&mut self, shared: &mut Shared, out: &mut Out<'_>) {
        if matches!(self.state, State::Start { .. } | State::Skip { in_chunks: false }) {
            self.state = State::Passed;
            let gathered = std::mem::take(&mut self.buf);
            self.replay(&gathered, shared, out);
        }
        self.release(shared, out);
    }

    /// The server has answered: what waited for that goes on.
    pub(in crate::http1) fn answered(&mut self, shared: &mut Shared, out: &mut Out<'_>) {
        self.is_free = false;
        if shared.pairing.awaits_switch().is_none() {
            self.release(shared, out);
        }
    }
}
