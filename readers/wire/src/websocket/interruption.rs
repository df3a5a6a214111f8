//! Gaps, the search for frames after them, and the end.

use super::building::Building;
use super::half::{Env, Half, State};
use super::inflate::Stop;
use super::search::{Look, Search};
use super::{Limits, Side};

impl Half {
    /// Frames again, from the bytes that a search held.
    pub(super) fn resume(&mut self, env: &mut Env<'_>) {
        let State::Search(mut search) = std::mem::replace(&mut self.state, State::Header) else { return };
        let (bytes, pieces) = search.take();
        for (index, piece) in pieces.iter().enumerate() {
            let end = pieces.get(index + 1).map_or(bytes.len(), |next| next.start);
            self.read(env, bytes.get(piece.start..end).unwrap_or_default(), piece.at, piece.time);
        }
    }

    pub(super) fn look(side: Side, may_compress: bool, limits: &Limits) -> Look {
        Look { is_masked: side == Side::Client, may_compress, cap: limits.search_bytes }
    }

    pub(super) fn gap(&mut self, env: &mut Env<'_>, lost: u64, at: u64) {
        self.count.lost = self.count.lost.saturating_add(lost);
        if lost == 0 {
            return;
        }
        if matches!(self.state, State::Opaque) {
            return;
        }
        env.notes.add("ws_gap", at, format!("{lost} bytes of a direction are missing"));
        let is_inside = matches!(self.state, State::Payload) && lost < self.frame.left;
        if is_inside {
            self.gap_inside(env, lost, at);
        } else {
            self.cut(env);
            self.lose_window(env, true, at);
            self.state = State::Search(Search::new());
        }
    }

    /// A gap within one frame: frames go on after it, the message comes in two parts.
    fn gap_inside(&mut self, env: &mut Env<'_>, lost: u64, at: u64) {
        self.frame.done += lost;
        self.frame.left -= lost;
        let target = if self.frame.is_control { &mut self.control } else { &mut self.message };
        let Some(mut first) = target.take() else { return };
        first.is_cut = true;
        let mut rest = Building::new(first.opcode, first.was_compressed, at, first.time);
        rest.is_cut = true;
        if first.was_compressed {
            // The rest of a deflate stream says nothing without what came before.
            rest.stop = Some(first.stop.unwrap_or(Stop::Damaged));
        }
        *target = Some(rest);
        self.give(env, first);
    }

    pub(super) fn finish(&mut self, env: &mut Env<'_>) {
        self.end_search(env);
        self.cut(env);
        self.state = State::Header;
    }

    fn end_search(&mut self, env: &mut Env<'_>) {
        let look = Self::look(self.side, self.inflater.is_some(), env.limits);
        let State::Search(search) = &mut self.state else { return };
        let (given_up, is_found) = search.finish(look);
        self.count.opaque += given_up as u64;
        if is_found {
            self.resume(env);
        }
    }

    /// Gives out what is unfinished.
    fn cut(&mut self, env: &mut Env<'_>) {
        self.end_search(env);
        if !self.head.is_empty() {
            env.notes.add("ws_cut_header", self.head_at, "a frame's header is cut off");
            self.head.clear();
        }
        for mut unfinished in [self.control.take(), self.message.take()].into_iter().flatten() {
            unfinished.is_cut = true;
            self.give(env, unfinished);
        }
    }
}
