//! Items of a list in a YAML document, told by their dashes: the interactions of a cassette.
//!
//! What is inside of an item stands deeper than its dash, so a line that starts with the dash of the first item, at the same
//! depth, starts the next one. A line that stands no deeper and has no dash ends the list. What is before and after the list
//! is handed out as it stands.

use coldcase_model::Span;

use super::{Chunk, Frames, Record, RecordKind};
use crate::limits::Limits;
use crate::source::Stream;

/// Where in the document a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the key of the list.
    Before,
    /// After the key, before the first item.
    Key,
    /// In an item whose dash is so deep.
    Item(usize),
    /// After the list.
    After,
}

/// A longer line is taken apart where batches are small.
const LONG_LINE: usize = 1024;

/// Cuts a stream at the items of the list under one of these keys.
pub(crate) struct ItemFrames {
    keys: &'static [&'static str],
    limits: Limits,
    buffer: Vec<u8>,
    offset: u64,
    number: u64,
    place: Place,
    /// The start of what is not yet in a record, and of the next line.
    open: usize,
    at: usize,
    /// Whether that is in the middle of a line.
    in_line: bool,
    /// How much of the open record was left out.
    skipped: u64,
    records: Vec<Record>,
}

impl ItemFrames {
    /// `head` is what was already taken from the stream.
    pub(crate) fn new(keys: &'static [&'static str], head: Vec<u8>, limits: Limits) -> Self {
        Self {
            keys,
            limits,
            buffer: head,
            offset: 0,
            number: 0,
            place: Place::Before,
            open: 0,
            at: 0,
            in_line: false,
            skipped: 0,
            records: Vec::new(),
        }
    }

    /// Ends the open record before the line that starts at `at`.
    fn close(&mut self, at: usize) {
        if at > self.open {
            let kind = match self.place {
                _ if self.skipped > 0 => RecordKind::OverCap(self.skipped),
                Place::Item(_) => RecordKind::Whole,
                _ => RecordKind::Envelope,
            };
            self.records.push(Record { span: Span::new(self.open, at), kind });
        }
        self.open = at;
        self.skipped = 0;
    }

    /// Takes the line up to `end`.
    fn line(&mut self, end: usize) {
        let line = self.buffer.get(self.at..end).unwrap_or_default();
        let text = line.trim_ascii();
        let depth = line.iter().take_while(|byte| **byte == b' ').count();
        let is_item = text.starts_with(b"- ") || text == b"-";
        // Comments may stand anywhere.
        let is_deeper = |dash: usize| text.is_empty() || text.starts_with(b"#") || depth > dash;
        let next = match self.place {
            Place::Before => {
                let is_key = |key: &&str| text.strip_suffix(b":") == Some(key.as_bytes());
                let is_here = depth == 0 && self.keys.iter().any(is_key);
                if is_here { Place::Key } else { Place::Before }
            }
            Place::Key if is_item => Place::Item(depth),
            Place::Item(dash) if is_deeper(dash) => Place::Item(dash),
            Place::Item(dash) if is_item && depth == dash => {
                self.close(self.at);
                Place::Item(dash)
            }
            Place::Item(_) => Place::After,
            place => place,
        };
        if next != self.place {
            let is_edge = matches!(next, Place::Item(_) | Place::After);
            if is_edge {
                self.close(self.at);
            }
            self.place = next;
        }
        self.at = end;
    }

    /// Takes the whole lines that are there; the last one too where the input is over.
    fn lines(&mut self, is_end: bool) {
        while let Some(rest) = self.buffer.get(self.at..).filter(|rest| !rest.is_empty()) {
            if self.in_line {
                let end = memchr::memchr(b'\n', rest).map(|length| length + 1);
                self.in_line = end.is_none();
                self.at += end.unwrap_or(rest.len());
                continue;
            }
            match memchr::memchr(b'\n', rest) {
                Some(length) => self.line(self.at + length + 1),
                None if is_end => self.line(self.buffer.len()),
                // Its start says what it is; the rest of it is passed over.
                None if rest.len() > self.limits.batch_bytes.max(LONG_LINE) => {
                    self.line(self.buffer.len());
                    self.in_line = true;
                }
                None => break,
            }
        }
        if is_end {
            self.close(self.buffer.len());
        }
    }

    /// Keeps memory bounded while a record goes on and on.
    fn trim(&mut self) {
        let most = match self.place {
            Place::Item(_) => self.limits.record_bytes,
            _ => self.limits.record_bytes.min(self.limits.batch_bytes),
        };
        let from = self.open + most;
        if self.at <= from {
            return;
        }
        if matches!(self.place, Place::Item(_)) {
            self.skipped += (self.at - from) as u64;
            self.buffer.drain(from..self.at);
            self.at = from;
        } else {
            self.close(from);
        }
    }

    fn chunk(&mut self, end: usize) -> Chunk {
        let rest = self.buffer.split_off(end);
        let bytes = std::mem::replace(&mut self.buffer, rest);
        (self.open, self.at) = (self.open - end, self.at - end);
        let chunk = Chunk::new(bytes, self.offset, self.number, std::mem::take(&mut self.records));
        self.offset += chunk.consumed;
        self.number += chunk.count();
        chunk
    }
}

impl Frames for ItemFrames {
    fn next_chunk(&mut self, stream: &mut Stream) -> Option<Chunk> {
        loop {
            self.lines(false);
            self.trim();
            let ready = self.records.last().map_or(0, |record| record.span.end);
            if ready >= self.limits.batch_bytes {
                return Some(self.chunk(ready));
            }
            let before = self.buffer.len();
            let more = stream.fill(&mut self.buffer, before + self.limits.batch_bytes.max(1));
            if self.buffer.len() == before && !more {
                self.lines(true);
                let end = self.buffer.len();
                return (end > 0).then(|| self.chunk(end));
            }
        }
    }
}
