//! Elements of a file of mitmproxy: tnetstrings one after another, `LENGTH:PAYLOAD` and a byte for the type.
//!
//! After bytes that are no length nothing tells where the next element starts: the rest is handed out as it stands.

use coldcase_model::Span;

use super::{Chunk, Frames, Record, RecordKind};
use crate::limits::Limits;
use crate::source::Stream;

/// The longest length that is taken for one, in digits.
pub(crate) const MOST_DIGITS: usize = 12;

/// Cuts a stream at the ends of its elements.
pub(crate) struct ElementFrames {
    limits: Limits,
    buffer: Vec<u8>,
    offset: u64,
    number: u64,
    /// Whether no more elements are looked for.
    is_lost: bool,
}

/// What stands at a position.
enum Element {
    Whole(usize),
    CutShort,
    Garbage,
    /// It is over the cap, and this long.
    OverCap(u64),
    End,
}

/// The length that a text starts with, and how many bytes state it, the colon included.
pub(crate) fn length(text: &[u8]) -> Option<(u64, usize)> {
    let digits = text.iter().take(MOST_DIGITS + 1).take_while(|byte| byte.is_ascii_digit()).count();
    let number = std::str::from_utf8(text.get(..digits)?).ok()?.parse().ok()?;
    (digits <= MOST_DIGITS && text.get(digits) == Some(&b':')).then_some((number, digits + 1))
}

impl ElementFrames {
    /// `head` is what was already taken from the stream.
    pub(crate) fn new(head: Vec<u8>, limits: Limits) -> Self {
        Self { limits, buffer: head, offset: 0, number: 0, is_lost: false }
    }

    fn element(&mut self, at: usize, stream: &mut Stream) -> Element {
        if self.buffer.len() < at + MOST_DIGITS + 1 {
            stream.fill(&mut self.buffer, at + self.limits.batch_bytes.max(MOST_DIGITS + 1));
        }
        let rest = self.buffer.get(at..).unwrap_or_default();
        if rest.is_empty() {
            return Element::End;
        }
        if self.is_lost {
            return Element::Garbage;
        }
        let Some((length, before)) = length(rest) else {
            let is_start = rest.len() <= MOST_DIGITS && rest.iter().all(u8::is_ascii_digit);
            return if is_start { Element::CutShort } else { Element::Garbage };
        };
        let whole = length + before as u64 + 1;
        let Some(len) = usize::try_from(whole).ok().filter(|len| *len <= self.limits.record_bytes) else {
            return Element::OverCap(whole);
        };
        stream.fill(&mut self.buffer, at + len);
        if self.buffer.len() < at + len { Element::CutShort } else { Element::Whole(at + len) }
    }

    fn chunk(&mut self, end: usize, records: Vec<Record>) -> Chunk {
        let rest = self.buffer.split_off(end.min(self.buffer.len()));
        let bytes = std::mem::replace(&mut self.buffer, rest);
        let chunk = Chunk::new(bytes, self.offset, self.number, records);
        self.offset += chunk.consumed;
        self.number += chunk.count();
        chunk
    }

    /// The element at the buffer's start is longer than the cap: what is over it is passed over and counted.
    fn over_cap(&mut self, whole: u64, stream: &mut Stream) -> Chunk {
        let cap = self.limits.record_bytes;
        stream.fill(&mut self.buffer, cap);
        let kept = self.buffer.len().min(cap);
        let mut rest = self.buffer.split_off(kept);
        let (mut skipped, over) = (0, whole.saturating_sub(cap as u64));
        while skipped < over {
            if rest.is_empty() {
                stream.fill(&mut rest, self.limits.batch_bytes.max(1));
            }
            if rest.is_empty() {
                break;
            }
            let some = usize::try_from(over - skipped).unwrap_or(usize::MAX).min(rest.len());
            rest.drain(..some);
            skipped += some as u64;
        }
        let kind = if skipped > 0 { RecordKind::OverCap(skipped) } else { RecordKind::CutShort };
        let chunk = self.chunk(kept, vec![Record { span: Span::new(0, kept), kind }]);
        self.buffer = rest;
        chunk
    }

    /// The rest of the input, a piece at a time.
    fn rest(&mut self, at: usize, mut records: Vec<Record>, kind: RecordKind, stream: &mut Stream) -> Chunk {
        let most = self.limits.record_bytes.min(self.limits.batch_bytes).max(1);
        if kind == RecordKind::Garbage {
            self.is_lost = true;
            stream.fill(&mut self.buffer, at + most);
        }
        let cap = if kind == RecordKind::Garbage { most } else { self.limits.record_bytes };
        let end = self.buffer.len().min(at + cap);
        let is_blank = self.buffer.get(at..end).is_some_and(|rest| rest.iter().all(u8::is_ascii_whitespace));
        if !is_blank {
            records.push(Record { span: Span::new(at, end), kind });
        }
        self.chunk(end, records)
    }
}

impl Frames for ElementFrames {
    fn next_chunk(&mut self, stream: &mut Stream) -> Option<Chunk> {
        let (mut at, mut records) = (0, Vec::new());
        while at < self.limits.batch_bytes || records.is_empty() {
            match self.element(at, stream) {
                Element::Whole(end) => {
                    records.push(Record { span: Span::new(at, end), kind: RecordKind::Whole });
                    at = end;
                }
                Element::CutShort => return Some(self.rest(at, records, RecordKind::CutShort, stream)),
                // What is before is handed out first: the rest may be long.
                Element::Garbage | Element::OverCap(_) if at > 0 => break,
                Element::Garbage => return Some(self.rest(at, records, RecordKind::Garbage, stream)),
                Element::OverCap(whole) => return Some(self.over_cap(whole, stream)),
                Element::End => break,
            }
        }
        (at > 0).then(|| self.chunk(at, records))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_digits_and_a_colon() {
        assert_eq!(length(b"12:abc"), Some((12, 3)));
        assert_eq!(length(b"0:~"), Some((0, 2)));
        for text in [&b"12"[..], b":", b"", b"-1:", b"1234567890123:", b"a:"] {
            assert_eq!(length(text), None, "{text:?}");
        }
    }
}
