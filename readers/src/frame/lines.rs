//! One record a line.

use coldcase_model::Span;
use memchr::{memchr, memchr_iter, memrchr};

use super::{Chunk, Frames, Record, RecordKind};
use crate::limits::Limits;
use crate::source::Stream;

/// Cuts a stream at line feeds; a carriage return before one, and empty lines, are framing.
pub(crate) struct LineFrames {
    limits: Limits,
    buffer: Vec<u8>,
    offset: u64,
    records: u64,
}

impl LineFrames {
    /// `head` is what was already taken from the stream.
    pub(crate) fn new(head: Vec<u8>, limits: Limits) -> Self {
        Self { limits, buffer: head, offset: 0, records: 0 }
    }

    fn chunk(&mut self, end: usize, records: Vec<Record>) -> Chunk {
        let rest = self.buffer.split_off(end);
        let bytes = std::mem::replace(&mut self.buffer, rest);
        let chunk = Chunk::new(bytes, self.offset, self.records, records);
        self.offset += chunk.consumed;
        self.records += chunk.records.len() as u64;
        chunk
    }

    /// The line at the buffer's start is longer than the cap: its rest is passed over and counted.
    fn over_cap(&mut self, stream: &mut Stream) -> Chunk {
        let cap = self.limits.record_bytes;
        let mut skipped = 0;
        let mut rest = self.buffer.split_off(cap);
        loop {
            if let Some(end) = memchr(b'\n', &rest) {
                skipped += end as u64;
                rest.drain(..end);
                break;
            }
            skipped += rest.len() as u64;
            rest.clear();
            if !stream.fill(&mut rest, self.limits.batch_bytes) && rest.is_empty() {
                break;
            }
        }
        let chunk =
            self.chunk(cap, vec![Record { span: Span::new(0, cap), kind: RecordKind::OverCap(skipped) }]);
        self.buffer = rest;
        chunk
    }
}

impl Frames for LineFrames {
    fn next_chunk(&mut self, stream: &mut Stream) -> Option<Chunk> {
        let mut wanted = self.limits.batch_bytes;
        loop {
            let more = stream.fill(&mut self.buffer, wanted);
            if self.buffer.is_empty() && !more {
                return None;
            }
            if let Some(last) = memrchr(b'\n', &self.buffer) {
                let end = if more { last + 1 } else { self.buffer.len() };
                let cap = self.limits.record_bytes;
                let (records, end) = lines(self.buffer.get(..end).unwrap_or_default(), cap);
                return Some(if end > 0 { self.chunk(end, records) } else { self.over_cap(stream) });
            }
            if self.buffer.len() > self.limits.record_bytes {
                return Some(self.over_cap(stream));
            }
            if !more {
                let (records, end) = lines(&self.buffer, self.limits.record_bytes);
                return Some(self.chunk(end, records));
            }
            wanted = (self.buffer.len() * 2).min(self.limits.record_bytes + self.limits.batch_bytes);
        }
    }
}

/// The lines of `bytes` without their ends, up to the first that is over the cap, and where they end.
fn lines(bytes: &[u8], cap: usize) -> (Vec<Record>, usize) {
    let mut records = Vec::with_capacity(bytes.len() / 256 + 1);
    let mut start = 0;
    for end in memchr_iter(b'\n', bytes).chain([bytes.len()]) {
        let line = Span::new(start, end).of(bytes);
        if line.len() > cap {
            return (records, start);
        }
        let trimmed = line.strip_suffix(b"\r").unwrap_or(line);
        if !trimmed.iter().all(u8::is_ascii_whitespace) {
            records.push(Record { span: Span::new(start, start + trimmed.len()), kind: RecordKind::Whole });
        }
        start = end + 1;
    }
    (records, bytes.len())
}
