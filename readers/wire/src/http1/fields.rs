//! Header and trailer lines to fields, with what is lenient about them.

use std::ops::Range;

use super::message::{Field, Span};
use super::part::Part;
use super::start::is_token;
use crate::Notes;

/// Lists fields and notes what is odd about them.
pub(super) struct Reader<'a> {
    pub(super) part: &'a Part,
    pub(super) notes: &'a mut Notes,
    /// How many fields are listed.
    pub(super) most: usize,
}

/// How many lines end, and how many of them with CR and LF.
#[derive(Default)]
struct Ends {
    all: usize,
    pairs: usize,
}

impl Ends {
    fn see(&mut self, line: &[u8]) {
        self.all += 1;
        self.pairs += usize::from(line.last() == Some(&b'\r'));
    }
}

impl<'a> Reader<'a> {
    /// Reads the lines after a first one of `from` bytes, up to an empty one or the end. `see` is shown each field, the
    /// unlisted as well.
    pub(super) fn read(&mut self, from: usize, mut see: impl FnMut(&mut Notes, Field)) -> Vec<Field> {
        let bytes: &'a [u8] = &self.part.bytes;
        let mut fields = Vec::new();
        let mut open: Option<Field> = None;
        let mut start = from;
        let rest = bytes.get(from..).unwrap_or_default();
        let ends = memchr::memchr_iter(b'\n', rest).map(|at| from + at);
        let tail = (rest.last() != Some(&b'\n')).then_some(bytes.len());
        let mut ends_of_lines = Ends::default();
        if let Some((b'\n', first)) = bytes.get(..from).and_then(<[u8]>::split_last) {
            ends_of_lines.see(first);
        }
        for end in ends.chain(tail) {
            let line = start..end;
            start = end.saturating_add(1);
            let text = bytes.get(line.clone()).unwrap_or_default();
            if end < bytes.len() {
                ends_of_lines.see(text);
            }
            match (text.first(), &mut open) {
                (None | Some(b'\r'), _) if matches!(text, b"" | b"\r") => break,
                (Some(b' ' | b'\t'), Some(field)) => {
                    self.note("http_line_folding", line.start, "a header line goes on in the next");
                    field.value =
                        Span::new(field.value.start as usize..line.start + text.trim_ascii_end().len());
                }
                _ => {
                    let next = self.field(bytes, line);
                    if let Some(field) = open.replace(next) {
                        self.close(&mut fields, field, &mut see);
                    }
                }
            }
        }
        if let Some(field) = open {
            self.close(&mut fields, field, &mut see);
        }
        self.note_characters(&ends_of_lines);
        fields
    }

    /// Notes control characters, CRs that end no line, and lines that end with LF alone.
    fn note_characters(&mut self, ends: &Ends) {
        let bytes = &self.part.bytes;
        let is_control = |byte: u8| (byte < b' ' && !matches!(byte, b'\t' | b'\r' | b'\n')) || byte == 0x7f;
        // As bytes, which the compiler turns into vectors.
        let controls = bytes.iter().fold(0, |seen, byte| seen | u8::from(is_control(*byte)));
        if controls != 0 || memchr::memchr_iter(b'\r', bytes).count() > ends.pairs {
            self.note("http_control_in_header", 0, "a control character, or a CR that ends no line");
        }
        if ends.all > ends.pairs {
            self.note("http_bare_lf", 0, "lines end with LF alone");
        }
    }

    #[inline]
    fn close(&mut self, fields: &mut Vec<Field>, field: Field, see: &mut impl FnMut(&mut Notes, Field)) {
        see(self.notes, field);
        if fields.len() < self.most {
            if fields.is_empty() {
                fields.reserve(16);
            }
            fields.push(field);
        } else {
            self.note("http_fields_over_limit", field.name.start as usize, "more fields than are listed");
        }
    }

    fn note(&mut self, kind: &'static str, offset: usize, what: &'static str) {
        self.notes.add(kind, self.part.near(offset), what);
    }

    /// One line that is not folded.
    #[inline]
    fn field(&mut self, bytes: &[u8], line: Range<usize>) -> Field {
        let text = bytes.get(line.clone()).unwrap_or_default();
        let token = text.iter().position(|byte| !is_token(*byte)).unwrap_or(text.len());
        if token > 0
            && let Some((b':', value)) = text.get(token..).and_then(<[u8]>::split_first)
        {
            let (first, last) = trim(value);
            let value_at = line.start + token + 1;
            return Field {
                name: Span::new(line.start..line.start + token),
                value: Span::new(value_at + first..value_at + last),
            };
        }
        self.odd_field(text, line.start)
    }

    /// A line that does not start with a name and a colon.
    fn odd_field(&mut self, text: &[u8], at: usize) -> Field {
        let Some(colon) = memchr::memchr(b':', text) else {
            self.note("http_no_colon", at, "a header line without a colon");
            let (from, to) = trim(text);
            let start = Span::new(at..at);
            return Field { name: start, value: Span::new(at + from..at + to) };
        };
        let (name, value) = text.split_at_checked(colon).unwrap_or((text, &[]));
        let (from, to) = trim(name);
        if from > 0 {
            self.note("http_line_folding", at, "the first header line starts with white space");
        }
        if to < name.len() {
            self.note("http_space_before_colon", at, "white space between header name and colon");
        }
        let name = name.get(from..to).unwrap_or_default();
        if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
            self.note("http_odd_header_name", at, "a header name that is no token");
        }
        let value_at = at + colon + 1;
        let (first, last) = trim(value.get(1..).unwrap_or_default());
        Field { name: Span::new(at + from..at + to), value: Span::new(value_at + first..value_at + last) }
    }
}

/// The range without white space at both ends.
#[inline]
fn trim(text: &[u8]) -> (usize, usize) {
    let end = text.trim_ascii_end().len();
    let start = text.len() - text.trim_ascii_start().len();
    (start.min(end), end)
}
