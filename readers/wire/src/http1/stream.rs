//! One direction: bytes to messages. Here is what lies between messages, and what the parts share.

mod bodies;
mod doubt;
mod heads;
mod held;
mod lost;

use super::body::Open;
use super::limits::{Count, Limits};
use super::message::Output;
use super::pairing::{Asked, Pairing};
use super::part::{Gather, Piece};
use super::skipped::Skipped;
use super::start::{self, SHORTEST};
use crate::Notes;
use crate::Side;

/// Takes what is handed on.
pub(super) type Out<'o> = dyn FnMut(Output<'_>) + 'o;

/// A first line that follows garbage in the same line is at most as long.
const WINDOW: usize = 8 << 10;

/// What both directions know of each other.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) limits: Limits,
    pub(super) count: Count,
    pub(super) notes: Notes,
    pub(super) pairing: Pairing,
    /// The connection speaks another protocol after this.
    pub(super) switch: Option<Switch>,
    /// A response has just been read for which the client's bytes may wait.
    pub(super) wake: bool,
    /// What was counted as opaque and not taken yet.
    pub(super) skipped: Vec<Skipped>,
}

/// What a connection became.
#[derive(Debug, Clone)]
pub(super) enum Switch {
    /// After `CONNECT`.
    Tunnel,
    /// After 101, to this protocol.
    Upgraded(Vec<u8>),
}

/// Where in its messages a direction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between messages or in a first line, which may be one for all that its first bytes say if `checked`.
    Start { checked: bool },
    /// After a first line; if `doubtful`, the line follows garbage and the next one decides.
    Head { doubtful: bool },
    /// In bytes that belong to no message, up to the next first line; or, if `in_chunks`, the next size of a chunk.
    Skip { in_chunks: bool },
    /// Before a body that may not come, which would start in this phase.
    Peek { then: Phase, doubt: Doubt },
    /// In a body.
    Body(Phase),
    /// In another protocol.
    Passed,
}

/// Why a body may not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doubt {
    /// The rules say that there is none, though the head declares one.
    Rule,
    /// The request was not seen: it may be HEAD.
    Unseen,
    /// Only the longer of two lengths says that the body goes on.
    Longer,
}

/// Where in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// With so many bytes to come.
    Length(u64),
    /// Until close.
    Close,
    /// In the line before a chunk.
    Size { is_first: bool },
    /// In a chunk, with so many bytes to come.
    Data(u64),
    /// After a chunk, or after the CR there.
    DataEnd { after_cr: bool },
    /// After the last chunk.
    Trailer,
    /// After the end, with so many bytes to come for a reader by the longer of two lengths.
    Surplus(u64),
}

/// The line that is being read, as far as it came.
#[derive(Debug, Default)]
struct Ruler {
    len: u64,
    first: u8,
    /// Whole lines before it, in this head or trailer.
    lines: u64,
}

/// One direction of a connection.
#[derive(Debug)]
pub(super) struct Stream {
    side: Side,
    state: State,
    /// The line, head or trailer that is being read.
    buf: Gather,
    ruler: Ruler,
    first: Option<start::Line>,
    /// Bytes of the head or trailer that were over the cap.
    over: u64,
    open: Option<Open>,
    /// Bytes that wait for the answer to the last request.
    held: Gather,
    /// Nothing waits: the server was silent once. Until it speaks.
    is_free: bool,
    /// What the last request wants to upgrade to.
    upgrade: Vec<u8>,
    messages: u64,
    /// Empty lines since the last message.
    empty_lines: u32,
    /// Whether bytes were lost since the last head.
    has_lost: bool,
}

impl Stream {
    pub(super) fn new(side: Side) -> Self {
        Self {
            side,
            state: State::Start { checked: false },
            buf: Gather::default(),
            ruler: Ruler::default(),
            first: None,
            over: 0,
            open: None,
            held: Gather::default(),
            is_free: false,
            upgrade: Vec::new(),
            messages: 0,
            empty_lines: 0,
            has_lost: false,
        }
    }

    /// Reads a piece, up to a response for which the other side may wait; gives the rest.
    pub(super) fn feed<'a>(
        &mut self,
        mut piece: Piece<'a>,
        shared: &mut Shared,
        out: &mut Out<'_>,
    ) -> Piece<'a> {
        while !piece.bytes.is_empty() && !shared.wake {
            let used = match self.state {
                State::Start { checked } => self.start(piece, checked, shared, out),
                State::Head { doubtful } => self.head(piece, doubtful, shared, out),
                State::Skip { in_chunks } => self.skip(piece, in_chunks, shared, out),
                State::Peek { then, doubt } => self.peek(piece, then, doubt, shared, out),
                State::Body(phase) => self.body(piece, phase, shared, out),
                State::Passed => self.pass(piece, shared, out),
            };
            piece = piece.split(used).1;
        }
        piece
    }

    /// Reads what was gathered once more, in the state that is now.
    fn replay(&mut self, gather: &Gather, shared: &mut Shared, out: &mut Out<'_>) {
        for mut piece in gather.pieces() {
            let wake = std::mem::take(&mut shared.wake);
            while !piece.bytes.is_empty() {
                piece = self.feed(piece, shared, out);
                shared.wake &= piece.bytes.is_empty();
            }
            shared.wake |= wake;
        }
    }

    fn start(&mut self, piece: Piece<'_>, checked: bool, shared: &mut Shared, out: &mut Out<'_>) -> usize {
        if self.side == Side::Client && self.buf.len() == 0 {
            if shared.switch.is_some() {
                self.state = State::Passed;
                return 0;
            }
            if !self.is_free && shared.pairing.awaits_switch().is_some() {
                return self.hold(piece, shared, out);
            }
        }
        let cap = shared.limits.head.max(2 * SHORTEST);
        let line = memchr::memchr(b'\n', piece.bytes).map_or(piece.bytes.len(), |at| at + 1);
        let most = if checked { cap } else { SHORTEST };
        let used = line.min(most - self.buf.len().min(most));
        self.buf.push(piece.split(used).0, shared.limits.extents);
        if self.buf.bytes.last() == Some(&b'\n') {
            self.first_line(shared, out);
        } else if self.buf.len() >= most {
            if !checked && start::may_start(self.side, &self.buf.bytes) {
                self.state = State::Start { checked: true };
            } else {
                self.reject(shared, out);
            }
        }
        used
    }

    /// A whole line where a message should start.
    fn first_line(&mut self, shared: &mut Shared, out: &mut Out<'_>) {
        let text = self.buf.bytes.strip_suffix(b"\n").unwrap_or(&self.buf.bytes);
        if matches!(text, b"" | b"\r") {
            self.empty_lines = self.empty_lines.saturating_add(1);
            // RFC 9112 section 2.2 lets a server skip one.
            if self.empty_lines == 2 || (self.empty_lines == 1 && self.side == Side::Server) {
                shared.notes.add("http_empty_line", self.buf.first_at(), "empty lines before a message");
            }
            shared.count.framing += self.buf.len() as u64;
            self.buf.clear();
            self.state = State::Start { checked: false };
            return;
        }
        match start::parse(self.side, text) {
            Some(line) => {
                let is_simple = line.is_simple();
                self.begin_head(line, false);
                if is_simple {
                    self.finish_head(false, shared, out);
                }
            }
            None => self.reject(shared, out),
        }
    }

    /// What was gathered is no first line.
    fn reject(&mut self, shared: &mut Shared, out: &mut Out<'_>) {
        if self.is_simple_answer(shared) {
            self.begin_absent(shared);
            let gathered = std::mem::take(&mut self.buf);
            return self.replay(&gathered, shared, out);
        }
        let at = self.buf.first_at();
        if self.messages > 0 {
            shared.notes.add("http_pipelined_garbage", at, "after a message comes something that is none");
        } else {
            shared.notes.add("http_midstream", at, "the stream does not start with a message");
        }
        self.state = State::Skip { in_chunks: false };
        if self.buf.bytes.last() == Some(&b'\n') {
            self.examine(false, shared, out);
        }
    }

    /// Whether what is no first line answers a request of HTTP/0.9.
    fn is_simple_answer(&self, shared: &Shared) -> bool {
        self.side == Side::Server && self.open.is_none() && shared.pairing.asked() == Some(Asked::Simple)
    }

    fn skip(&mut self, piece: Piece<'_>, in_chunks: bool, shared: &mut Shared, out: &mut Out<'_>) -> usize {
        let end = memchr::memchr(b'\n', piece.bytes);
        let used = end.map_or(piece.bytes.len(), |at| at + 1);
        let mut line = piece.split(used).0;
        if used > WINDOW {
            shared.skip(self.side, self.buf.front(self.buf.len()));
            self.buf.clear();
            let (front, rest) = line.split(used - WINDOW);
            shared.skip(self.side, front);
            line = rest;
        }
        self.buf.push(line, usize::MAX);
        if end.is_some() {
            self.examine(in_chunks, shared, out);
        } else if self.buf.len() > 2 * WINDOW {
            self.skip_front(self.buf.len() - WINDOW, shared);
        }
        used
    }

    /// Counts the first bytes of the buffer as opaque.
    fn skip_front(&mut self, len: usize, shared: &mut Shared) {
        shared.skip(self.side, self.buf.front(len));
        self.buf.drop_front(len);
    }

    /// Looks for the start of a message in a whole line of the bytes that are skipped.
    fn examine(&mut self, in_chunks: bool, shared: &mut Shared, out: &mut Out<'_>) {
        self.skip_front(self.buf.len().saturating_sub(WINDOW), shared);
        let text = self.buf.bytes.strip_suffix(b"\n").unwrap_or(&self.buf.bytes);
        if in_chunks && let Some(size) = bodies::resumed(text) {
            shared.count.framing += self.buf.len() as u64;
            self.buf.clear();
            self.begin_chunk(size);
            return;
        }
        let found = start::find(self.side, text);
        let line = found.and_then(|at| text.get(at..)).and_then(|text| start::parse(self.side, text));
        let (Some(at), Some(line)) = (found, line) else {
            shared.skip(self.side, self.buf.front(self.buf.len()));
            return self.buf.clear();
        };
        self.skip_front(at, shared);
        self.close(true, out);
        self.begin_head(line, true);
    }

    /// Hands on the open message, if there is one.
    fn close(&mut self, is_cut: bool, out: &mut Out<'_>) {
        if let Some(open) = self.open.take() {
            self.messages += 1;
            self.empty_lines = 0;
            out(Output::Message(open.close(is_cut)));
        }
    }

    /// The message is whole, unless it goes on for another reader.
    fn end(&mut self, out: &mut Out<'_>) {
        let surplus = self.open.as_ref().map_or(0, Open::surplus_len);
        if surplus > 0 {
            self.state = State::Peek { then: Phase::Surplus(surplus), doubt: Doubt::Longer };
            return;
        }
        self.end_here(out);
    }

    fn end_here(&mut self, out: &mut Out<'_>) {
        self.close(false, out);
        self.state = State::Start { checked: false };
    }
}
