//! One message: header, questions, records.

use bytes::Bytes;

use super::name::{self, Name};
use super::{Kind, Message, Question, Record, Section, data};
use crate::Notes;

/// The header's size in bytes (RFC 1035 section 4.1.1).
pub(super) const HEADER: usize = 12;

/// The largest message: TCP gives its size in two bytes.
const LARGEST: usize = u16::MAX as usize;

/// The most text that is made of one message: pointers make a name of four kilobytes out of two bytes.
const TEXT: usize = 1 << 20;

/// Reads one message that stands at `at` in the capture file; `None` where not even a header is there.
///
/// Bytes of a datagram go in without the two bytes of length that TCP has, and so do bodies of DNS over HTTPS; a
/// `dns` parameter of a GET is base64url of the same, which the caller undoes.
pub fn read(bytes: Bytes, at: u64, time: Option<i64>, notes: &mut Notes) -> Option<Message> {
    let Some(header) = bytes.first_chunk::<HEADER>() else {
        notes.add("dns_too_short", at, "a message is shorter than a header");
        return None;
    };
    let words: [u16; 6] = std::array::from_fn(|word| {
        let byte = |offset| header.get(word * 2 + offset).copied().unwrap_or_default();
        u16::from_be_bytes([byte(0), byte(1)])
    });
    let [id, flags, counts @ ..] = words;
    let [_, low] = flags.to_be_bytes();
    let mut message = Message {
        id,
        is_response: flags >> 15 != 0,
        opcode: u8::try_from(flags >> 11 & 15).unwrap_or_default(),
        rcode: u16::from(low & 15),
        flags,
        questions: Vec::new(),
        records: Vec::new(),
        trailing: (bytes.len(), bytes.len()),
        is_cut: false,
        bytes: Bytes::new(),
        extents: vec![(0, at)],
        time,
    };
    let readable = bytes.slice(..bytes.len().min(LARGEST));
    let mut reader = Reader { bytes: &readable, position: HEADER, at, text: 0, has_odd_name: false, notes };
    let is_whole = reader.sections(&mut message, counts);
    if readable.len() < bytes.len() {
        reader.note("dns_too_long", || "a message is over 65,535 bytes; its rest is not read".to_owned());
    }
    let rest = (reader.position.min(readable.len()), bytes.len());
    reader.close(&mut message, is_whole, rest);
    message.bytes = bytes;
    Some(message)
}

struct Reader<'a> {
    bytes: &'a Bytes,
    position: usize,
    at: u64,
    /// How much text was made so far.
    text: usize,
    has_odd_name: bool,
    notes: &'a mut Notes,
}

impl Reader<'_> {
    /// Reads what the counts promise, and says whether all of it was there.
    fn sections(&mut self, message: &mut Message, counts: [u16; 4]) -> bool {
        let [questions, answers, authorities, additional] = counts;
        for _ in 0..questions {
            let Some(question) = self.question(message) else { return self.lies(counts) };
            message.questions.push(question);
        }
        let sections = [
            (Section::Answer, answers),
            (Section::Authority, authorities),
            (Section::Additional, additional),
        ];
        for (section, count) in sections {
            for _ in 0..count {
                let Some(record) = self.record(section, message) else { return self.lies(counts) };
                if record.kind == Kind(41) {
                    // The upper eight bits of the code are those of the time to live (RFC 6891 section 6.1.3).
                    message.rcode |= u16::try_from(record.ttl >> 24).unwrap_or_default() << 4;
                }
                message.records.push(record);
            }
        }
        true
    }

    fn lies(&mut self, counts: [u16; 4]) -> bool {
        let [questions, answers, authorities, additional] = counts;
        self.note("dns_count_lies", || {
            format!("not all of {questions}+{answers}+{authorities}+{additional} entries are there")
        });
        false
    }

    fn close(&mut self, message: &mut Message, is_whole: bool, rest: (usize, usize)) {
        message.trailing = rest;
        message.is_cut = !is_whole;
        let bytes = rest.1 - rest.0;
        if is_whole && bytes > 0 {
            self.note("dns_trailing_bytes", || format!("{bytes} bytes follow the last entry"));
        }
        if message.questions.is_empty() && !message.is_response {
            self.note("dns_no_question", || "a query asks nothing".to_owned());
        }
        if self.has_odd_name {
            self.note("dns_odd_characters", || "a name has bytes that host names do not have".to_owned());
        }
    }

    fn note(&mut self, kind: &'static str, what: impl FnOnce() -> String) {
        self.notes.add(kind, self.at, what());
    }

    /// The name at the place; `None` where it is not known where the next field begins.
    fn name(&mut self) -> (String, Option<()>) {
        let Name { text, end, flaw, is_odd } = name::read(self.bytes, self.position);
        if let Some(flaw) = flaw {
            let (kind, what) = flaw.note();
            self.notes.add(kind, self.at.saturating_add(self.position as u64), what);
        }
        self.has_odd_name |= is_odd;
        self.text += text.len();
        let found = end.map(|end| self.position = end);
        (text, found)
    }

    fn number<const N: usize>(&mut self) -> Option<u32> {
        let bytes = self.bytes.get(self.position..)?.first_chunk::<N>()?;
        self.position += N;
        Some(bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    fn word(&mut self) -> Option<u16> {
        self.number::<2>().and_then(|word| u16::try_from(word).ok())
    }

    fn is_over_limit(&mut self) -> bool {
        let is_over = self.text > TEXT;
        if is_over {
            self.note("dns_over_limit", || "a message makes too much text; its rest is not read".to_owned());
        }
        is_over
    }

    /// Reads a question. One whose name stops in the middle is given too, as type 0; it may be the whole message.
    fn question(&mut self, message: &mut Message) -> Option<Question> {
        if self.is_over_limit() {
            return None;
        }
        let start = self.position;
        let (name, found) = self.name();
        let fields = found.and_then(|()| Some((self.word()?, self.word()?)));
        if let Some((kind, class)) = fields {
            return Some(Question { name, kind: Kind(kind), class, span: (start, self.position) });
        }
        if name != "." {
            let span = (start, self.bytes.len());
            message.questions.push(Question { name, kind: Kind(0), class: 0, span });
        }
        None
    }

    fn record(&mut self, section: Section, message: &mut Message) -> Option<Record> {
        if self.is_over_limit() {
            return None;
        }
        let start = self.position;
        let record = self.record_fields(section);
        if record.is_none() {
            // The rest is given as trailing bytes, from the record's start on.
            self.position = start;
        }
        let (record, is_whole) = record?;
        if !is_whole {
            message.records.push(record);
            return None;
        }
        Some(record)
    }

    /// Reads a record; says whether its data is all there.
    fn record_fields(&mut self, section: Section) -> Option<(Record, bool)> {
        let (name, found) = self.name();
        found?;
        let (kind, class, ttl, size) = (self.word()?, self.word()?, self.number::<4>()?, self.word()?);
        let end = self.position + usize::from(size);
        let span = (self.position, end.min(self.bytes.len()));
        let data = data::read(kind, self.bytes, span);
        let is_whole = end <= self.bytes.len();
        if let Some(flaw) = data.flaw {
            let (kind, what) = flaw.note();
            self.notes.add(kind, self.at.saturating_add(span.0 as u64), what);
        }
        if data.is_odd && is_whole {
            let at = self.at.saturating_add(span.0 as u64);
            self.notes.add("dns_odd_data", at, format!("data is not of the form of {}", Kind(kind)));
        }
        // An empty string makes no text, but has to be kept.
        self.text += data.text.len() + data.parts.len() * size_of::<Bytes>();
        self.position = span.1;
        let record = Record {
            section,
            name,
            kind: Kind(kind),
            class,
            ttl,
            text: data.text,
            parts: data.parts,
            data: span,
        };
        Some((record, is_whole))
    }
}
