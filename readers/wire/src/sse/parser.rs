//! Bytes of an event stream to lines, and lines to events (WHATWG HTML sections 9.2.5 and 9.2.6).

use memchr::memchr2;

use super::{Count, Ending, Event, Limits};
use crate::Notes;

/// The byte order mark that a stream may begin with.
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// An incremental reader of one stream.
#[derive(Debug)]
pub struct Parser {
    limits: Limits,
    /// The line that is being read, when it did not come in one piece.
    line: Vec<u8>,
    line_start: u64,
    /// Bytes of the line over the cap.
    line_over: u64,
    /// Whether a line feed may follow that belongs to the last line's end.
    after_return: bool,
    /// Whether no line has ended yet.
    is_first: bool,
    /// Where the next byte stands in the body.
    position: u64,
    event: Event,
    has_lines: bool,
    notes: Notes,
    count: Count,
}

impl Parser {
    /// A reader of a stream from its start.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            line: Vec::new(),
            line_start: 0,
            line_over: 0,
            after_return: false,
            is_first: true,
            position: 0,
            event: Event::default(),
            has_lines: false,
            notes: Notes::default(),
            count: Count::default(),
        }
    }

    /// Takes the next bytes of the body.
    pub fn push(&mut self, mut bytes: &[u8], out: &mut impl FnMut(Event)) {
        while !bytes.is_empty() {
            if std::mem::take(&mut self.after_return)
                && let Some(rest) = bytes.strip_prefix(b"\n")
            {
                self.position = self.position.saturating_add(1);
                self.line_start = self.position;
                self.count.framing += 1;
                bytes = rest;
                continue;
            }
            let Some(end) = memchr2(b'\n', b'\r', bytes) else {
                self.hold(bytes);
                self.position = self.position.saturating_add(bytes.len() as u64);
                return;
            };
            let (line, rest) = bytes.split_at(end);
            self.end_line(line, out);
            self.after_return = rest.first() == Some(&b'\r');
            bytes = rest.get(1..).unwrap_or_default();
            self.position = self.position.saturating_add(end as u64 + 1);
            self.count.framing += 1;
            self.line_start = self.position;
        }
    }

    /// Takes the news that bytes are missing before what is pushed next.
    pub fn gap(&mut self, lost: u64, out: &mut impl FnMut(Event)) {
        if lost == 0 {
            return;
        }
        self.count.lost = self.count.lost.saturating_add(lost);
        self.notes.add("sse_gap", self.position, format!("{lost} bytes of an event stream are missing"));
        self.end(out);
        self.position = self.position.saturating_add(lost);
        self.line_start = self.position;
        self.event.is_cut = true;
        self.after_return = false;
    }

    /// Ends the stream; an event without an empty line after it comes out, marked.
    pub fn finish(&mut self, out: &mut impl FnMut(Event)) {
        self.end(out);
    }

    /// What broke the rules; places are offsets in the body.
    pub fn notes(&mut self) -> &mut Notes {
        &mut self.notes
    }

    /// The account of the bytes pushed.
    pub fn count(&self) -> Count {
        self.count
    }

    fn end(&mut self, out: &mut impl FnMut(Event)) {
        if !self.line.is_empty() {
            self.end_line(b"", out);
        }
        if self.has_lines {
            self.notes.add("sse_unfinished_event", self.event.span.0, "an event has no empty line after it");
            self.event.ending = Ending::Cut;
            self.give(out);
        }
    }

    /// Keeps a piece of a line.
    fn hold(&mut self, bytes: &[u8]) {
        let room = self.limits.event_bytes.saturating_sub(self.line.len());
        let kept = bytes.get(..room).unwrap_or(bytes);
        self.line.extend_from_slice(kept);
        self.line_over += (bytes.len() - kept.len()) as u64;
    }

    /// Takes the last piece of a line, without its end.
    fn end_line(&mut self, last: &[u8], out: &mut impl FnMut(Event)) {
        if self.line.is_empty() && last.len() <= self.limits.event_bytes {
            self.take_line(last, last.len() as u64, out);
            return;
        }
        self.hold(last);
        let mut line = std::mem::take(&mut self.line);
        let over = std::mem::take(&mut self.line_over);
        if over > 0 {
            self.over_limit(over);
        }
        self.take_line(&line, line.len() as u64 + over, out);
        line.clear();
        self.line = line;
    }

    /// Takes a line; its size in the body counts what is over the cap too.
    fn take_line(&mut self, mut line: &[u8], size: u64, out: &mut impl FnMut(Event)) {
        let mut start = self.line_start;
        let end = start.saturating_add(size);
        if std::mem::take(&mut self.is_first)
            && let Some(rest) = line.strip_prefix(BOM)
        {
            line = rest;
            start = start.saturating_add(BOM.len() as u64);
            self.count.framing += BOM.len() as u64;
        }
        if line.is_empty() && end <= start {
            if self.has_lines {
                self.give(out);
            }
            return;
        }
        if !std::mem::replace(&mut self.has_lines, true) {
            self.event.span.0 = start;
        }
        self.event.span.1 = end;
        self.field(line);
    }

    fn field(&mut self, line: &[u8]) {
        let (name, value) = match memchr::memchr(b':', line) {
            Some(colon) => {
                let (name, value) = line.split_at(colon);
                let value = value.get(1..).unwrap_or_default();
                (name, value.strip_prefix(b" ").unwrap_or(value))
            }
            None => (line, &[][..]),
        };
        let event = &mut self.event;
        let cap = self.limits.event_bytes;
        let (value, kept) = match name {
            b"data" => {
                match &mut event.data {
                    Some(data) if data.len() < cap => data.push(b'\n'),
                    Some(_) => event.is_cut = true,
                    None => {}
                }
                let data = event.data.get_or_insert_default();
                (value, append(data, value, cap))
            }
            b"" => (value, append_line(&mut event.comments, value, cap)),
            b"event" => (value, replace(&mut event.name, &mut event.other, value, cap)),
            b"id" => (value, replace(&mut event.id, &mut event.other, value, cap)),
            b"retry" => (value, replace(&mut event.retry, &mut event.other, value, cap)),
            _ => (line, append_line(&mut event.other, line, cap)),
        };
        self.count.content += kept as u64;
        self.count.framing += (line.len() - value.len()) as u64;
        if kept < value.len() {
            self.over_limit((value.len() - kept) as u64);
        }
    }

    fn over_limit(&mut self, bytes: u64) {
        self.count.over_limit += bytes;
        self.event.is_cut = true;
        self.notes.add(
            "sse_event_over_limit",
            self.line_start,
            "an event is over the cap; its rest is counted",
        );
    }

    fn give(&mut self, out: &mut impl FnMut(Event)) {
        self.has_lines = false;
        out(std::mem::take(&mut self.event));
    }
}

/// Appends up to a cap, and says how much.
fn append(text: &mut Vec<u8>, value: &[u8], cap: usize) -> usize {
    let kept = value.get(..cap.saturating_sub(text.len())).unwrap_or(value);
    text.extend_from_slice(kept);
    kept.len()
}

fn append_line(text: &mut Vec<u8>, value: &[u8], cap: usize) -> usize {
    if !text.is_empty() && text.len() < cap {
        text.push(b'\n');
    }
    append(text, value, cap)
}

/// Sets a field that has one value; the one it had is kept with the other lines.
fn replace(field: &mut Option<Vec<u8>>, other: &mut Vec<u8>, value: &[u8], cap: usize) -> usize {
    let Some(had) = field else {
        *field = Some(value.to_vec());
        return value.len();
    };
    if other.len() + had.len() + 1 > cap {
        // Both do not fit: the first stays, as does what is there.
        return append_line(other, value, cap);
    }
    append_line(other, had, cap);
    had.clear();
    append(had, value, cap)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(body: &[u8], limits: Limits, pieces: usize) -> (Vec<Event>, Count, Vec<(&'static str, u64)>) {
        let mut parser = Parser::new(limits);
        let mut events = Vec::new();
        for piece in body.chunks(pieces.max(1)) {
            parser.push(piece, &mut |event| events.push(event));
        }
        parser.finish(&mut |event| events.push(event));
        let count = parser.count();
        assert_eq!(count.content + count.framing + count.over_limit, body.len() as u64);
        (events, count, parser.notes().counts().to_vec())
    }

    fn events(body: &[u8]) -> Vec<Event> {
        read(body, Limits::default(), usize::MAX).0
    }

    fn data(body: &[u8]) -> Vec<Option<String>> {
        let text = |data: Vec<u8>| String::from_utf8(data).expect("text");
        events(body).into_iter().map(|event| event.data.map(text)).collect()
    }

    fn some(texts: &[&str]) -> Vec<Option<String>> {
        texts.iter().map(|text| Some((*text).to_owned())).collect()
    }

    #[test]
    fn examples_of_the_standard_are_read() {
        // WHATWG HTML section 9.2.6, the examples at its end.
        assert_eq!(data(b"data: YHOO\ndata: +2\ndata: 10\n\n"), some(&["YHOO\n+2\n10"]));
        let body =
            b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n";
        let seen = events(body);
        assert_eq!((&seen[0].comments[..], seen[0].data.as_deref()), (&b"test stream"[..], None));
        assert_eq!(seen[1].id.as_deref(), Some(&b"1"[..]));
        assert_eq!(seen[2].id.as_deref(), Some(&b""[..]));
        assert_eq!((seen[3].data.as_deref(), seen[3].ending), (Some(&b" third event"[..]), Ending::Cut));
        assert_eq!(data(b"data\n\ndata\ndata\n\ndata:"), some(&["", "\n", ""]));
        assert_eq!(data(b"data:test\n\ndata: test\n\n"), some(&["test", "test"]));
    }

    #[test]
    fn all_line_ends_and_a_byte_order_mark_are_read() {
        let body = b"\xEF\xBB\xBFdata: a\rdata: b\r\r\nid: 7\r\nevent: e\r\ndata:c\r\n\r\ndata\n\n";
        let seen = events(body);
        let texts: Vec<_> = seen.iter().map(|event| event.data.as_deref().expect("data")).collect();
        assert_eq!(texts, [&b"a\nb"[..], b"c", b""]);
        assert_eq!(seen[0].span, (3, 18));
        assert_eq!(seen[1].name.as_deref(), Some(&b"e"[..]));
        assert_eq!(seen[1].span, (21, 44));
    }

    #[test]
    fn nothing_that_a_line_says_is_dropped() {
        let body = b"id: one\nid: two\nretry: 5\nretry: x\nsecret: hidden\nevent: a\nevent: b\n: c\n:d\n\n";
        let event = events(body).remove(0);
        assert_eq!(event.id.as_deref(), Some(&b"two"[..]));
        assert_eq!(event.retry.as_deref(), Some(&b"x"[..]));
        assert_eq!(event.name.as_deref(), Some(&b"b"[..]));
        assert_eq!(event.other, b"one\n5\nsecret: hidden\na");
        assert_eq!(event.comments, b"c\nd");
    }

    #[test]
    fn a_gap_ends_an_event_and_cuts_the_next() {
        let mut parser = Parser::new(Limits::default());
        let mut events = Vec::new();
        parser.push(b"data: one\ndata: tw", &mut |event| events.push(event));
        parser.gap(10, &mut |event| events.push(event));
        parser.push(b"the end of a line\n\ndata: next\n\n", &mut |event| events.push(event));
        assert_eq!((events[0].data.as_deref(), events[0].ending), (Some(&b"one\ntw"[..]), Ending::Cut));
        assert_eq!((&events[1].other[..], events[1].is_cut), (&b"the end of a line"[..], true));
        assert_eq!((events[2].is_cut, events[2].span), (false, (47, 57)));
    }

    #[test]
    fn floods_end_at_the_cap() {
        let limits = Limits { event_bytes: 100 };
        for line in
            [&b"data: 0123456789\n"[..], b": comment\n", b"event: e\n", b"id: 12345\n", b"x: y\n", b"data:\n"]
        {
            let (events, _, _) = read(&line.repeat(1000), limits, 7);
            let event = &events[0];
            let held = event.data.as_ref().map_or(0, Vec::len) + event.comments.len() + event.other.len();
            assert!(held <= 100, "{held}");
        }
        let (events, count, notes) = read(&[b'x'; 10_000], limits, 7);
        assert_eq!((events[0].other.len(), events[0].is_cut, count.over_limit), (100, true, 9900));
        assert_eq!(notes, [("sse_event_over_limit", 1), ("sse_unfinished_event", 1)]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn pushes_may_be_of_any_size(
            lines in prop::collection::vec(prop_oneof![
                Just(b"\r".to_vec()), Just(b"\n".to_vec()), Just(b"\r\n".to_vec()), Just(BOM.to_vec()),
                "(data|event|id|retry|x|)(:| |: )[a-z]{0,30}".prop_map(String::into_bytes),
                prop::collection::vec(any::<u8>(), 0..8),
            ], 0..40),
            pieces in 1_usize..9,
        ) {
            let body = lines.concat();
            let limits = Limits { event_bytes: 20 };
            prop_assert_eq!(read(&body, limits, usize::MAX), read(&body, limits, pieces));
        }
    }
}
