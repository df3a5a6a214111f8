//! Heads: lines to a message that begins.

use super::{Doubt, Open, Out, Phase, Piece, Ruler, Shared, State, Stream, Switch};
use crate::Notes;
use crate::http1::framing::{self, Body, Framing};
use crate::http1::head::{self, Facts};
use crate::http1::message::{Field, Message, Start};
use crate::http1::pairing::Asked;
use crate::http1::part::Part;
use crate::http1::start::{self, Line};

/// What a stretch of lines came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stretch {
    /// More lines come.
    Open,
    /// The first line is whole, and is to be looked at.
    First,
    /// The empty line.
    End,
}

/// How a body with this framing begins; nothing where there is none.
fn phase(framing: Framing) -> Option<Phase> {
    match framing {
        Framing::Empty | Framing::Length(0) => None,
        Framing::Length(len) => Some(Phase::Length(len)),
        Framing::Chunked => Some(Phase::Size { is_first: true }),
        Framing::Close => Some(Phase::Close),
    }
}

/// A head that was read.
struct Parsed {
    line: Line,
    part: Part,
    headers: Vec<Field>,
    facts: Facts,
    notes: Notes,
    is_cut: bool,
}

impl Parsed {
    /// The protocols of `Upgrade`, in lower case.
    fn upgrade(&self) -> Vec<u8> {
        self.facts.upgrade.map(|span| span.of(&self.part.bytes).to_ascii_lowercase()).unwrap_or_default()
    }
}

impl Stream {
    /// A first line has come, which stands in the buffer.
    pub(super) fn begin_head(&mut self, line: Line, doubtful: bool) {
        self.first = Some(line);
        self.ruler = Ruler::default();
        self.over = 0;
        self.state = State::Head { doubtful };
    }

    pub(super) fn head(
        &mut self,
        piece: Piece<'_>,
        doubtful: bool,
        shared: &mut Shared,
        out: &mut Out<'_>,
    ) -> usize {
        let cap = shared.limits.head.max(self.buf.len());
        let (used, stretch) = self.lines(piece, cap, doubtful, shared);
        match stretch {
            Stretch::Open => {}
            Stretch::First => self.second_line(shared, out),
            Stretch::End => self.finish_head(false, shared, out),
        }
        used
    }

    /// Gathers lines up to an empty one, or only the first whole one.
    pub(super) fn lines(
        &mut self,
        piece: Piece<'_>,
        cap: usize,
        one: bool,
        shared: &mut Shared,
    ) -> (usize, Stretch) {
        let mut used = 0;
        let mut stretch = Stretch::Open;
        for end in memchr::memchr_iter(b'\n', piece.bytes) {
            let first =
                if self.ruler.len == 0 { piece.bytes.get(used).copied() } else { Some(self.ruler.first) };
            let len = self.ruler.len.saturating_add((end - used) as u64);
            used = end + 1;
            self.ruler = Ruler { lines: self.ruler.lines.saturating_add(1), ..Ruler::default() };
            if len == 0 || (len == 1 && first == Some(b'\r')) {
                stretch = Stretch::End;
            } else if one && self.ruler.lines == 1 {
                stretch = Stretch::First;
            } else {
                continue;
            }
            break;
        }
        if stretch == Stretch::Open {
            let tail = piece.bytes.get(used..).unwrap_or_default();
            if self.ruler.len == 0 {
                self.ruler.first = tail.first().copied().unwrap_or_default();
            }
            self.ruler.len = self.ruler.len.saturating_add(tail.len() as u64);
            used = piece.bytes.len();
        }
        let kept = self.buf.push_capped(piece.split(used).0, cap, shared.limits.extents);
        let over = (used - kept) as u64;
        self.over += over;
        shared.count.over_limit += over;
        (used, stretch)
    }

    /// The line after a first line that was found in garbage: no header line shows that it was none.
    fn second_line(&mut self, shared: &mut Shared, out: &mut Out<'_>) {
        let first = memchr::memchr(b'\n', &self.buf.bytes).map_or(self.buf.len(), |at| at + 1);
        let line = self.buf.bytes.get(first..).unwrap_or_default();
        let name = memchr::memchr(b':', line).and_then(|at| line.get(..at)).unwrap_or_default().trim_ascii();
        if !name.is_empty() && name.iter().all(|byte| start::is_token(*byte)) {
            self.state = State::Head { doubtful: false };
            return;
        }
        self.first = None;
        self.state = State::Skip { in_chunks: false };
        self.skip_front(first, shared);
        self.examine(false, shared, out);
    }

    /// The head is whole, or ends here.
    pub(super) fn finish_head(&mut self, is_cut: bool, shared: &mut Shared, out: &mut Out<'_>) {
        let Some(line) = self.first.take() else { return };
        let part = self.buf.part();
        shared.count.content += part.bytes.len() as u64;
        let mut notes = Notes::default();
        let from = memchr::memchr(b'\n', &part.bytes).map_or(part.bytes.len(), |at| at + 1);
        let (headers, facts) = head::read(&part, &line, from, &shared.limits, &mut notes);
        if self.over > 0 {
            notes.add("http_head_over_limit", part.near(0), "a head that is longer than its cap");
        }
        let parsed = Parsed { line, part, headers, facts, notes, is_cut };
        match line.start {
            Start::Request { .. } => self.request(parsed, shared, out),
            Start::Response { status, .. } => self.response(status, parsed, shared, out),
            Start::Absent => {}
        }
    }

    fn request(&mut self, mut parsed: Parsed, shared: &mut Shared, out: &mut Out<'_>) {
        let Start::Request { method, .. } = parsed.line.start else { return };
        let method = method.of(&parsed.part.bytes);
        let asked = match method {
            b"HEAD" => Asked::Head,
            b"CONNECT" => Asked::Connect,
            _ if parsed.line.is_simple() => Asked::Simple,
            _ if parsed.facts.upgrade.is_some() => Asked::Upgrade,
            _ => Asked::Other,
        };
        let at = parsed.part.near(0);
        let body = framing::of_request(asked, &parsed.facts, at, &mut parsed.notes);
        let is_bodyless = matches!(method, b"GET" | b"HEAD" | b"TRACE");
        if is_bodyless && !matches!(body.framing, Framing::Empty | Framing::Length(0)) {
            parsed.notes.add("http_body_on_bodyless", at, "a request with a body whose method has none");
        }
        self.upgrade = parsed.upgrade();
        self.has_lost = false;
        let exchange = shared.pairing.request(asked, at);
        let otherwise = parsed.facts.lengths.first.map(Framing::Length);
        self.begin_message(parsed, exchange, otherwise, body, out);
    }

    fn response(&mut self, status: u16, mut parsed: Parsed, shared: &mut Shared, out: &mut Out<'_>) {
        if std::mem::take(&mut self.has_lost) {
            shared.pairing.server_lost();
        }
        let asked = shared.pairing.asked();
        let at = parsed.part.near(0);
        let is_interim = (100..200).contains(&status) && status != 101;
        let is_granted = asked == Some(Asked::Connect) && (200..300).contains(&status);
        let body = framing::of_response(status, asked, &parsed.facts, at, &mut parsed.notes);
        let exchange = shared.pairing.response(is_interim, at);
        let switch = match status {
            _ if parsed.is_cut => None,
            101 => Some(Switch::Upgraded(parsed.upgrade())),
            _ => is_granted.then_some(Switch::Tunnel),
        };
        let otherwise = parsed.facts.lengths.first.map_or(Framing::Close, Framing::Length);
        self.begin_message(parsed, exchange, Some(otherwise), body, out);
        shared.wake |= !is_interim && matches!(asked, Some(Asked::Connect | Asked::Upgrade));
        if switch.is_some() {
            shared.switch = switch;
            shared.wake = true;
            self.state = State::Passed;
        }
    }

    fn begin_message(
        &mut self,
        parsed: Parsed,
        exchange: u64,
        unchunked: Option<Framing>,
        body: Body,
        out: &mut Out<'_>,
    ) {
        let Parsed { line, part, headers, notes, is_cut, .. } = parsed;
        let mut open = self.new_open(line.start, part, headers, exchange, notes);
        open.unchunked = unchunked;
        open.tap(body.other);
        self.open = Some(open);
        if is_cut {
            self.close(true, out);
            self.state = State::Skip { in_chunks: false };
            return;
        }
        let Some(then) = body.doubt.and_then(phase) else { return self.begin_framed(body.framing, out) };
        let doubt = if body.framing == Framing::Empty { Doubt::Rule } else { Doubt::Unseen };
        self.state = State::Peek { then, doubt };
    }

    fn new_open(
        &mut self,
        start: Start,
        head: Part,
        headers: Vec<Field>,
        exchange: u64,
        notes: Notes,
    ) -> Open {
        let first_time = head.extents.first().and_then(|extent| extent.time);
        let last_time = head.extents.last().and_then(|extent| extent.time);
        let message = Box::new(Message {
            side: self.side,
            exchange,
            start,
            head,
            headers,
            body: Part::default(),
            trailer: Part::default(),
            trailers: Vec::new(),
            extensions: Part::default(),
            smuggled: Part::default(),
            surplus: 0,
            missing: Vec::new(),
            over_limit: std::mem::take(&mut self.over),
            is_cut: false,
            first_time,
            last_time,
            notes: Vec::new(),
        });
        Open::new(message, notes)
    }

    /// An answer of HTTP/0.9 begins.
    pub(super) fn begin_absent(&mut self, shared: &mut Shared) {
        let exchange = shared.pairing.response(false, self.buf.first_at());
        let mut notes = Notes::default();
        notes.add("http_obsolete_version", self.buf.first_at(), "an answer of HTTP/0.9");
        let mut open = self.new_open(Start::Absent, Part::default(), Vec::new(), exchange, notes);
        open.message.first_time = self.buf.pieces().next().and_then(|piece| piece.time);
        self.open = Some(open);
        self.state = State::Body(Phase::Close);
    }

    /// A body begins, or there is none.
    pub(super) fn begin_framed(&mut self, framing: Framing, out: &mut Out<'_>) {
        match phase(framing) {
            Some(phase) => self.state = State::Body(phase),
            None => self.end(out),
        }
    }
}
