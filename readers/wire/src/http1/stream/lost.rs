//! Gaps and ends: what a direction does when bytes do not come.

use super::{Out, Phase, Shared, State, Stream};
use crate::http1::message::{End, Output};
use crate::http1::start;

impl Stream {
    /// Bytes are missing from the capture.
    pub(in crate::http1) fn gap(&mut self, len: u64, shared: &mut Shared, out: &mut Out<'_>) {
        if len == 0 {
            return;
        }
        if self.held.len() > 0 {
            self.decide(shared, out);
        }
        shared.count.lost = shared.count.lost.saturating_add(len);
        self.settle_here(shared, out);
        match self.state {
            State::Passed => out(Output::Gap { side: self.side, len }),
            State::Body(phase) => self.gap_in_body(len, phase, shared, out),
            State::Start { .. } | State::Head { .. } | State::Skip { .. } | State::Peek { .. } => {
                let in_chunks = matches!(self.state, State::Skip { in_chunks: true });
                if let Some(open) = self.open.as_mut().filter(|_| in_chunks) {
                    open.missing(len);
                }
                self.stop(shared, out);
                self.state = State::Skip { in_chunks };
                self.has_lost = true;
            }
        }
    }

    fn gap_in_body(&mut self, len: u64, phase: Phase, shared: &mut Shared, out: &mut Out<'_>) {
        let Some(open) = &mut self.open else { return };
        match phase {
            Phase::Length(left) => {
                open.missing(len.min(left));
                self.state = State::Body(Phase::Length(left.saturating_sub(len)));
                if len >= left {
                    self.end(out);
                }
                if len > left {
                    self.state = State::Skip { in_chunks: false };
                    self.has_lost = true;
                }
            }
            Phase::Close => open.missing(len),
            Phase::Surplus(left) => {
                self.state = State::Body(Phase::Surplus(left.saturating_sub(len)));
                if len >= left {
                    self.end_here(out);
                    self.state = State::Skip { in_chunks: false };
                    self.has_lost = true;
                }
            }
            Phase::Data(left) if len < left => {
                open.missing(len);
                self.state = State::Body(Phase::Data(left - len));
            }
            Phase::Data(left) if len == left => {
                open.missing(len);
                self.state = State::Body(Phase::DataEnd { after_cr: false });
            }
            Phase::Data(_) | Phase::DataEnd { .. } | Phase::Size { .. } => {
                open.missing(len);
                open.notes.add("http_chunks_lost", self.buf.first_at(), "bytes are missing between chunks");
                shared.skip(self.side, self.buf.front(self.buf.len()));
                self.buf.clear();
                self.state = State::Skip { in_chunks: true };
                self.has_lost = true;
            }
            Phase::Trailer => {
                self.close_trailer(shared);
                self.close(true, out);
                self.state = State::Skip { in_chunks: false };
                self.has_lost = true;
            }
        }
    }

    /// No more bytes come.
    pub(in crate::http1) fn finish(&mut self, end: End, shared: &mut Shared, out: &mut Out<'_>) {
        if self.held.len() > 0 {
            self.decide(shared, out);
        }
        self.settle_here(shared, out);
        match self.state {
            State::Body(Phase::Close) => self.close(end == End::Cut, out),
            State::Body(Phase::Surplus(_)) => self.close(false, out),
            State::Body(Phase::Trailer) => {
                self.close_trailer(shared);
                self.close(true, out);
            }
            State::Body(_) => {
                // A size that is cut off.
                shared.count.framing += self.buf.len() as u64;
                self.buf.clear();
                self.close(true, out);
            }
            State::Start { .. } | State::Head { .. } | State::Skip { .. } => self.stop(shared, out),
            State::Peek { .. } | State::Passed => {}
        }
        self.close(true, out);
        if self.state != State::Passed {
            self.state = State::Start { checked: false };
        }
    }

    /// Ends a line or head where it is.
    fn stop(&mut self, shared: &mut Shared, out: &mut Out<'_>) {
        if matches!(self.state, State::Start { .. }) && self.buf.len() > 0 {
            if self.is_simple_answer(shared) {
                self.begin_absent(shared);
                let gathered = std::mem::take(&mut self.buf);
                return self.replay(&gathered, shared, out);
            }
            let line = start::parse_cut(self.side, self.buf.bytes.trim_ascii_end());
            if let Some(line) = line {
                self.begin_head(line, false);
            }
        }
        if matches!(self.state, State::Head { .. }) {
            return self.finish_head(true, shared, out);
        }
        shared.skip(self.side, self.buf.front(self.buf.len()));
        self.buf.clear();
    }
}
