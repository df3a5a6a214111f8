//! Records inside a JSON document: the items of an array at a path, or one document after another.
//!
//! A scanner of brackets and strings finds where a record starts and ends without reading it, and carries on over
//! whatever the records themselves get wrong. What stands round the records is handed out too, as envelope.

use coldcase_model::json::{Tape, string_end};
use coldcase_model::{AnomalyKind, Span};

use super::{Chunk, Frames, Record, RecordKind};
use crate::limits::Limits;
use crate::source::Stream;

/// Where the records are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// The items of the array at this path of keys in the top-level object.
    Path(&'static [&'static str]),
    /// Every top-level value; the items of a top-level array.
    Values,
}

/// Where the scanner stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Outside the array of records; an envelope starts at this byte of the buffer.
    Outside(usize),
    /// In the array, before a record or after one.
    Between,
    /// In a record that starts at this byte of the buffer.
    Inside(usize),
    /// In bytes where a record should be.
    Garbage(usize),
}

/// Cuts a JSON document into records.
pub(crate) struct JsonFrames {
    target: Target,
    limits: Limits,
    buffer: Vec<u8>,
    /// How far the buffer has been scanned.
    at: usize,
    offset: u64,
    number: u64,
    place: Place,
    in_string: bool,
    /// Open brackets in all.
    depth: usize,
    /// The depth at which records stand.
    base: usize,
    /// How many keys of the target path lead here.
    matched: usize,
    /// The last string seen outside the records, as a span of the buffer: a key, if a colon follows.
    key: Option<Span>,
    /// Bytes of the record under way that were left out.
    skipped: u64,
    /// Commas since the last record, and whether there was one.
    commas: usize,
    any: bool,
    /// The first place where the separators between records are not as JSON has them.
    irregular: Option<u64>,
    /// What stands round the records, to be looked at as a document without them.
    around: Vec<u8>,
    records: Vec<Record>,
}

impl JsonFrames {
    /// `head` is what was already taken from the stream.
    pub(crate) fn new(target: Target, head: Vec<u8>, limits: Limits) -> Self {
        let place = match target {
            Target::Path(_) => Place::Outside(0),
            Target::Values => Place::Between,
        };
        Self {
            target,
            limits,
            buffer: head,
            at: 0,
            offset: 0,
            number: 0,
            place,
            in_string: false,
            depth: 0,
            base: 0,
            matched: 0,
            key: None,
            skipped: 0,
            commas: 0,
            any: false,
            irregular: None,
            around: Vec::new(),
            records: Vec::new(),
        }
    }

    /// Scans what is in the buffer.
    fn scan(&mut self) {
        while let Some(&byte) = self.buffer.get(self.at) {
            if self.in_string {
                self.scan_string();
                continue;
            }
            match self.place {
                Place::Inside(start) => self.inside(start, byte),
                Place::Between => self.between(byte),
                Place::Outside(start) => self.outside(start, byte),
                Place::Garbage(start) => self.garbage(start, byte),
            }
        }
    }

    /// Moves to the string's end, or to the buffer's.
    fn scan_string(&mut self) {
        let end = string_end(&self.buffer, self.at);
        // The byte that a last backslash escapes may be the first of the next fill: `at` then stands beyond the
        // buffer.
        self.at = end.at;
        if !end.closed {
            return;
        }
        self.at += 1;
        self.in_string = false;
        if let (Place::Outside(_), Some(key)) = (self.place, &mut self.key) {
            key.end = self.at - 1;
        }
        if let Place::Inside(start) = self.place
            && self.depth == self.base
        {
            self.end_record(start);
        }
    }

    fn inside(&mut self, start: usize, byte: u8) {
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' if self.depth > self.base => {
                self.depth -= 1;
                if self.depth == self.base {
                    self.at += 1;
                    self.end_record(start);
                    return;
                }
            }
            // A scalar record ends before what ends it.
            b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n' if self.depth == self.base => {
                self.end_record(start);
                return;
            }
            _ => {
                // Nothing that counts until the next bracket or string.
                if self.depth > self.base {
                    let rest = self.buffer.get(self.at + 1..).unwrap_or_default();
                    let counts = |b: &u8| matches!(b, b'"' | b'{' | b'[' | b'}' | b']');
                    self.at += rest.iter().position(counts).unwrap_or(rest.len());
                }
            }
        }
        self.at += 1;
    }

    fn end_record(&mut self, start: usize) {
        let kind = if self.skipped > 0 { RecordKind::OverCap(self.skipped) } else { RecordKind::Whole };
        // Of a record over the cap, the buffer holds the first bytes and the last ones after the gap.
        let end = if self.skipped > 0 { start + self.limits.record_bytes } else { self.at };
        if self.skipped > 0 {
            let extra = self.at - end;
            self.buffer.drain(end..self.at);
            self.at = end;
            self.skipped += extra as u64;
        }
        let kind = if let RecordKind::OverCap(_) = kind { RecordKind::OverCap(self.skipped) } else { kind };
        self.records.push(Record { span: Span::new(start, end), kind });
        self.skipped = 0;
        (self.any, self.commas) = (true, 0);
        self.place = Place::Between;
    }

    /// Notes separators that JSON does not allow: none or several between records, one before the end.
    fn check_separators(&mut self, byte: u8) {
        let in_array = self.depth > 0;
        let expected = match byte {
            b',' => self.any && self.commas == 0,
            b']' => self.commas == 0,
            b' ' | b'\t' | b'\r' | b'\n' | 0x1E => true,
            _ => self.commas == usize::from(self.any),
        };
        if in_array && !expected && self.irregular.is_none() {
            self.irregular = Some(self.offset + self.at as u64);
        }
    }

    fn between(&mut self, byte: u8) {
        self.check_separators(byte);
        match byte {
            b',' => {
                self.commas += 1;
                self.at += 1;
            }
            b' ' | b'\t' | b'\r' | b'\n' | 0x1E => self.at += 1,
            b'[' if self.target == Target::Values && self.base == 0 && self.depth == 0 => {
                self.depth = 1;
                self.base = 1;
                self.at += 1;
            }
            b']' if self.depth > 0 && self.base == self.depth => {
                self.depth -= 1;
                self.at += 1;
                match self.target {
                    Target::Values => self.base = self.depth,
                    Target::Path(_) => {
                        self.matched = usize::MAX;
                        self.place = Place::Outside(self.at - 1);
                    }
                }
            }
            b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
                self.place = Place::Inside(self.at);
            }
            _ => self.place = Place::Garbage(self.at),
        }
    }

    /// Garbage ends where a record could start.
    fn garbage(&mut self, start: usize, byte: u8) {
        if matches!(byte, b'{' | b'\n') && self.at > start {
            self.records.push(Record { span: Span::new(start, self.at), kind: RecordKind::Garbage });
            self.place = Place::Between;
        } else {
            self.at += 1;
        }
    }

    /// Follows the target path.
    fn outside(&mut self, start: usize, byte: u8) {
        let Target::Path(path) = self.target else { return };
        match byte {
            b'"' => {
                self.in_string = true;
                self.key = Some(Span::new(self.at + 1, self.at + 1));
            }
            b':' => {
                let key = self.key.take().map(|key| key.of(&self.buffer)).unwrap_or_default();
                let wanted = path.get(self.matched).filter(|_| self.depth == self.matched + 1);
                if wanted.is_some_and(|wanted| wanted.as_bytes() == key) {
                    self.matched += 1;
                }
            }
            b'{' => self.depth += 1,
            b'[' => {
                self.depth += 1;
                if self.matched == path.len() && self.depth == path.len() + 1 {
                    self.at += 1;
                    self.base = self.depth;
                    self.records.push(Record { span: Span::new(start, self.at), kind: RecordKind::Envelope });
                    self.place = Place::Between;
                    return;
                }
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                if self.matched != usize::MAX {
                    self.matched = self.matched.min(self.depth);
                }
            }
            // A value that is not the object or array that the path goes through.
            b',' if self.matched != usize::MAX => {
                self.matched = self.matched.min(self.depth.saturating_sub(1));
            }
            _ => {}
        }
        self.at += 1;
    }

    /// The start of what is not yet handed out as a record.
    fn open_start(&self) -> usize {
        match self.place {
            Place::Inside(start) => start,
            Place::Between => self.at.min(self.buffer.len()),
            Place::Outside(start) | Place::Garbage(start) => start,
        }
    }

    /// Keeps memory bounded while a record or an envelope goes on and on.
    fn trim(&mut self) {
        let cap = self.limits.record_bytes;
        match self.place {
            Place::Inside(start) if self.buffer.len() > start + cap + self.limits.batch_bytes => {
                let from = start + cap;
                let until = self.at.min(self.buffer.len());
                self.skipped += (until - from) as u64;
                self.buffer.drain(from..until);
                self.at -= until - from;
            }
            Place::Outside(start) | Place::Garbage(start)
                if self.at.min(self.buffer.len()) > start + self.limits.batch_bytes =>
            {
                let kind = if matches!(self.place, Place::Garbage(_)) {
                    RecordKind::Garbage
                } else {
                    RecordKind::Envelope
                };
                // Not in the middle of a string that may be a key of the path.
                let until = self.at.min(self.buffer.len());
                self.records.push(Record { span: Span::new(start, until), kind });
                self.key = None;
                self.place =
                    if kind == RecordKind::Garbage { Place::Garbage(until) } else { Place::Outside(until) };
            }
            _ => {}
        }
    }

    fn chunk(&mut self, end: usize) -> Chunk {
        for record in self.records.iter().filter(|record| record.kind == RecordKind::Envelope) {
            let room = MOST_AROUND.saturating_sub(self.around.len());
            self.around.extend(record.span.of(&self.buffer).iter().take(room));
        }
        let rest = self.buffer.split_off(end);
        let bytes = std::mem::replace(&mut self.buffer, rest);
        self.at -= end.min(self.at);
        self.place = match self.place {
            Place::Inside(start) => Place::Inside(start - end),
            Place::Outside(start) => Place::Outside(start - end),
            Place::Garbage(start) => Place::Garbage(start - end),
            Place::Between => Place::Between,
        };
        self.key =
            self.key.and_then(|key| Some(Span::new(key.start.checked_sub(end)?, key.end.checked_sub(end)?)));
        let chunk = Chunk::new(bytes, self.offset, self.number, std::mem::take(&mut self.records));
        self.offset += chunk.consumed;
        self.number += chunk.count();
        chunk
    }

    /// The input is over: what is open is handed out as it is.
    fn last_chunk(&mut self) -> Option<Chunk> {
        let end = self.buffer.len();
        let start = self.open_start().min(end);
        if start < end {
            let kind = match self.place {
                Place::Inside(_) if self.depth == self.base && !self.in_string => RecordKind::Whole,
                Place::Inside(_) => RecordKind::CutShort,
                Place::Outside(_) => RecordKind::Envelope,
                Place::Garbage(_) => RecordKind::Garbage,
                Place::Between => RecordKind::Envelope,
            };
            let kind = if self.skipped > 0 { RecordKind::OverCap(self.skipped) } else { kind };
            self.skipped = 0;
            self.records.push(Record { span: Span::new(start, end), kind });
        }
        self.at = end;
        self.place = match self.target {
            Target::Path(_) => Place::Outside(end),
            Target::Values => Place::Between,
        };
        (end > 0).then(|| self.chunk(end))
    }
}

/// A longer envelope is not looked at as a document.
const MOST_AROUND: usize = 4 << 20;

impl Frames for JsonFrames {
    fn complaint(&self) -> Option<(AnomalyKind, u64, &'static str)> {
        if self.depth != 0 || self.in_string {
            return Some((AnomalyKind::CutShort, self.offset, "the document ends before it is closed"));
        }
        if matches!(self.target, Target::Path(_)) && self.matched != usize::MAX {
            return Some((
                AnomalyKind::MissingField,
                0,
                "the document has no array where its records should be",
            ));
        }
        if let Some(at) = self.irregular {
            return Some((AnomalyKind::Malformed, at, "commas between records are not as JSON has them"));
        }
        let around = self.around.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.around);
        let checked = matches!(self.target, Target::Path(_)) && around.len() < MOST_AROUND;
        let error = checked.then(|| Tape::default().parse(around).err()).flatten()?;
        Some((AnomalyKind::Malformed, error.offset as u64, "what stands round the records is not JSON"))
    }

    fn next_chunk(&mut self, stream: &mut Stream) -> Option<Chunk> {
        loop {
            self.scan();
            self.trim();
            let ready = self.records.last().map_or(0, |record| record.span.end);
            if ready >= self.limits.batch_bytes {
                let end = self.open_start().min(self.buffer.len());
                return Some(self.chunk(end));
            }
            let wanted = self.buffer.len() + self.limits.batch_bytes;
            let before = self.buffer.len();
            let more = stream.fill(&mut self.buffer, wanted);
            if self.buffer.len() == before && !more {
                return self.last_chunk();
            }
        }
    }
}
