//! Messages of one direction of a TCP connection: each after its length in two bytes (RFC 1035 section 4.2.2).

use bytes::Bytes;

use super::Message;
use super::reader::{HEADER, read};
use crate::Notes;

/// The size of the length field.
const LENGTH: usize = 2;

/// Where the bytes went that were pushed.
///
/// Invariant: after `finish`, all but `lost` sum up to what was pushed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Bytes of messages that came out.
    pub content: u64,
    /// Bytes of lengths.
    pub framing: u64,
    /// Bytes that the gaps spanned.
    pub lost: u64,
    /// Bytes of no message: shorter than a header, or after a gap that hides where a message begins.
    pub opaque: u64,
}

/// A reader of one direction.
#[derive(Debug, Default)]
pub struct Stream {
    /// The message that is being read, its length first.
    held: Vec<u8>,
    extents: Vec<(usize, u64)>,
    time: Option<i64>,
    state: State,
    notes: Notes,
    count: Count,
}

/// What the next byte is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// One of a length or of a message.
    #[default]
    Message,
    /// The same, if what comes looks like it.
    Doubt,
    /// The rest of a message of which bytes are missing, of this size.
    Rest(usize),
    /// One of bytes whose place in messages is not known.
    Opaque,
}

impl Stream {
    /// Takes bytes that stand at `at` in the capture file.
    pub fn push(&mut self, mut bytes: &[u8], mut at: u64, time: Option<i64>, out: &mut impl FnMut(Message)) {
        while !bytes.is_empty() {
            let used = match self.state {
                State::Opaque => {
                    self.count.opaque += bytes.len() as u64;
                    bytes.len()
                }
                State::Rest(left) => {
                    let used = left.min(bytes.len());
                    self.count.opaque += used as u64;
                    self.state = if used == left { State::Message } else { State::Rest(left - used) };
                    used
                }
                State::Message | State::Doubt => self.fill(bytes, at, time, out),
            };
            bytes = bytes.get(used..).unwrap_or_default();
            at = at.saturating_add(used as u64);
        }
    }

    /// Takes the news that bytes are missing before what is pushed next.
    pub fn gap(&mut self, lost: u64, at: u64, out: &mut impl FnMut(Message)) {
        if lost == 0 {
            return;
        }
        self.count.lost = self.count.lost.saturating_add(lost);
        self.notes.add("dns_gap", at, format!("{lost} bytes of a stream are missing"));
        let left = match self.state {
            State::Rest(left) => Some(left),
            State::Message => self.wanted().map(|wanted| wanted.saturating_sub(self.held.len())),
            State::Doubt | State::Opaque => None,
        };
        self.cut(out);
        let left =
            left.and_then(|left| (left as u64).checked_sub(lost)).and_then(|left| usize::try_from(left).ok());
        self.state = match left {
            Some(0) => State::Message,
            Some(left) => State::Rest(left),
            None => State::Doubt,
        };
    }

    /// Ends the stream; a message that is not whole comes out as far as it goes.
    pub fn finish(&mut self, out: &mut impl FnMut(Message)) {
        self.cut(out);
    }

    /// What broke the rules.
    pub fn notes(&mut self) -> &mut Notes {
        &mut self.notes
    }

    /// The account of the bytes pushed.
    pub fn count(&self) -> Count {
        self.count
    }

    /// The size of the message held with its length, once that is known.
    fn wanted(&self) -> Option<usize> {
        let length = self.held.first_chunk::<LENGTH>()?;
        Some(LENGTH + usize::from(u16::from_be_bytes(*length)))
    }

    /// Takes bytes of the length or of the message, and says how many.
    fn fill(&mut self, bytes: &[u8], at: u64, time: Option<i64>, out: &mut impl FnMut(Message)) -> usize {
        let wanted = match (self.state, self.wanted()) {
            (State::Doubt, _) => LENGTH + HEADER,
            (_, wanted) => wanted.unwrap_or(LENGTH),
        };
        let piece = bytes.get(..wanted.saturating_sub(self.held.len())).unwrap_or(bytes);
        let joins = self
            .extents
            .last()
            .is_some_and(|(from, last)| last.saturating_add((self.held.len() - from) as u64) == at);
        if self.held.is_empty() {
            self.time = time;
        }
        if !joins {
            self.extents.push((self.held.len(), at));
        }
        self.held.extend_from_slice(piece);
        if self.held.len() == wanted {
            self.settle(out);
        }
        piece.len()
    }

    /// Decides once the bytes wanted are there.
    fn settle(&mut self, out: &mut impl FnMut(Message)) {
        if self.state == State::Doubt {
            self.state = if is_plausible(&self.held) { State::Message } else { State::Opaque };
            if self.state == State::Opaque {
                self.drop_held();
            }
        }
        if self.state == State::Message && self.wanted() == Some(self.held.len()) {
            self.give(false, out);
        }
    }

    fn cut(&mut self, out: &mut impl FnMut(Message)) {
        if self.held.is_empty() {
            return;
        }
        if self.state == State::Message && self.held.len() > LENGTH {
            self.notes.add("dns_cut_message", self.place(), "a message is not whole");
            self.give(true, out);
        } else {
            self.drop_held();
        }
    }

    fn place(&self) -> u64 {
        self.extents.first().map_or(0, |(_, at)| *at)
    }

    fn give(&mut self, is_cut: bool, out: &mut impl FnMut(Message)) {
        let at = self.extents.iter().rev().find(|(from, _)| *from <= LENGTH);
        let at = at.map_or(0, |(from, at)| at.saturating_add((LENGTH - from) as u64));
        let bytes = Bytes::copy_from_slice(self.held.get(LENGTH..).unwrap_or_default());
        let size = bytes.len() as u64;
        self.count.framing += LENGTH as u64;
        match read(bytes, at, self.time, &mut self.notes) {
            Some(mut message) => {
                self.count.content += size;
                message.is_cut |= is_cut;
                message.extents.extend(
                    self.extents
                        .iter()
                        .filter(|(from, _)| *from > LENGTH)
                        .map(|(from, at)| (from - LENGTH, *at)),
                );
                out(message);
            }
            None => self.count.opaque += size,
        }
        self.held.clear();
        self.extents.clear();
    }

    fn drop_held(&mut self) {
        self.count.opaque += self.held.len() as u64;
        self.held.clear();
        self.extents.clear();
    }
}

/// Whether bytes look like a length and a header: a known operation, no reserved bit, few entries that fit the length.
fn is_plausible(bytes: &[u8]) -> bool {
    let word = |at: usize| match bytes.get(at..at + 2) {
        Some([high, low]) => u16::from_be_bytes([*high, *low]),
        _ => u16::MAX,
    };
    let (length, flags) = (usize::from(word(0)), word(4));
    let entries: usize = [8, 10, 12].into_iter().map(|at| usize::from(word(at))).sum();
    flags >> 11 & 15 <= 6
        && flags & 0x40 == 0
        && word(6) == 1
        // A question has five bytes at least, a record eleven.
        && length >= HEADER + 5 + entries.saturating_mul(11)
}
