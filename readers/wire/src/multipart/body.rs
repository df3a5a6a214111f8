//! A body to its parts.

use memchr::memmem::Finder;

use super::head::{extended, parameters};
use crate::Notes;

/// Caps on what is read of a body.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most parts; what follows is one part that is marked as cut. Genuine forms have a few dozen.
    pub parts: usize,
    /// The most bytes of one part's header fields.
    pub head_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { parts: 4096, head_bytes: 64 << 10 }
    }
}

/// What a body is made of; all spans are of the body.
///
/// Invariant: the preamble, each part's head and body, the epilogue and `framing` sum up to the body's size.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Multipart {
    /// What comes before the first boundary; servers pass it over.
    pub preamble: (usize, usize),
    /// The parts, in order.
    pub parts: Vec<Part>,
    /// What comes after the last boundary; servers pass it over.
    pub epilogue: (usize, usize),
    /// How many bytes the boundaries with their lines' ends have, and the empty lines after heads.
    pub framing: usize,
}

/// One part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// The field's name.
    pub name: Option<Vec<u8>>,
    /// The file's name, percent-encoding undone where the header says that it is so encoded.
    pub filename: Option<Vec<u8>>,
    /// The value of `Content-Type`.
    pub content_type: Option<Vec<u8>>,
    /// The value of `Content-Transfer-Encoding`, which is not undone.
    pub encoding: Option<Vec<u8>>,
    /// Where its header fields stand, without the empty line.
    pub head: (usize, usize),
    /// Where its content stands.
    pub body: (usize, usize),
    /// Whether the body ends before the part does, or there are more parts than are read.
    pub is_cut: bool,
}

/// A boundary's line within a body.
#[derive(Debug, Clone, Copy)]
struct Delimiter {
    /// Where the line end before it begins, which belongs to it.
    start: usize,
    /// Where the next line begins.
    end: usize,
    is_last: bool,
}

/// Reads a body with a boundary, which stands in it after two hyphens.
pub fn read(body: &[u8], boundary: &[u8], limits: Limits, notes: &mut Notes) -> Multipart {
    let marker = [b"--", boundary].concat();
    let finder = Finder::new(&marker);
    let mut multipart = Multipart { epilogue: (body.len(), body.len()), ..Multipart::default() };
    let Some(first) = next(body, 0, 0, &finder, notes) else {
        notes.add("multipart_no_boundary", 0, "a multipart body has no boundary");
        multipart.preamble = (0, body.len());
        return multipart;
    };
    multipart.preamble = (0, first.start);
    if first.start > 0 {
        notes.add("multipart_preamble", 0, "bytes come before the first boundary");
    }
    let mut delimiter = first;
    loop {
        multipart.framing += delimiter.end - delimiter.start;
        if delimiter.is_last {
            multipart.epilogue = (delimiter.end, body.len());
            break;
        }
        let from = delimiter.end;
        let is_over = multipart.parts.len() + 1 >= limits.parts;
        let following = if is_over { None } else { next(body, from, from, &finder, notes) };
        let span = (from, following.map_or(body.len(), |it| it.start));
        let mut part = part(body, span, limits.head_bytes, notes);
        multipart.framing += (span.1 - span.0) - (part.head.1 - part.head.0) - (part.body.1 - part.body.0);
        part.is_cut = following.is_none();
        multipart.parts.push(part);
        let Some(following) = following else {
            let kind = if is_over { "multipart_parts_over_limit" } else { "multipart_no_last_boundary" };
            notes.add(kind, from as u64, "the body ends within a part");
            break;
        };
        delimiter = following;
    }
    if multipart.epilogue.0 < multipart.epilogue.1 {
        notes.add("multipart_epilogue", multipart.epilogue.0 as u64, "bytes come after the last boundary");
    }
    multipart
}

/// The next boundary's line from an offset on; the line end before it does not reach back over `floor`.
fn next(body: &[u8], floor: usize, from: usize, finder: &Finder<'_>, notes: &mut Notes) -> Option<Delimiter> {
    let mut from = from;
    loop {
        let at = from + finder.find(body.get(from..)?)?;
        let end = at + finder.needle().len();
        from = at + 1;
        let before = body.get(floor..at).unwrap_or_default();
        let line_end = match before {
            [.., b'\r', b'\n'] => 2,
            [.., b'\n' | b'\r'] => 1,
            [] => 0,
            _ => continue,
        };
        match line(body, end) {
            Some((end, is_last)) => {
                if line_end == 1 {
                    notes.add(
                        "multipart_bare_line_end",
                        at as u64,
                        "a boundary's line begins after a bare CR or LF",
                    );
                }
                return Some(Delimiter { start: at - line_end, end, is_last });
            }
            None => notes.add(
                "multipart_boundary_prefix",
                at as u64,
                "a line begins with the boundary and goes on",
            ),
        }
    }
}

/// Reads what stands after a boundary on its line: two hyphens if it is the last, white space, the line's end.
fn line(body: &[u8], at: usize) -> Option<(usize, bool)> {
    let rest = body.get(at..)?;
    let is_last = rest.starts_with(b"--");
    let text = rest.get(if is_last { 2 } else { 0 }..).unwrap_or_default();
    let space = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let after = text.get(space..).unwrap_or_default();
    let line_end = match after {
        [b'\r', b'\n', ..] => 2,
        [b'\n' | b'\r', ..] => 1,
        [] => 0,
        // After the last boundary the rest is an epilogue, whatever it is.
        _ if is_last => 0,
        _ => return None,
    };
    Some((at + rest.len() - after.len() + line_end, is_last))
}

/// Reads the part at a span: header fields, an empty line, content.
fn part(body: &[u8], span: (usize, usize), cap: usize, notes: &mut Notes) -> Part {
    let mut part = Part::default();
    let bytes = body.get(span.0..span.1).unwrap_or_default();
    let mut at = 0;
    let mut field = (0, 0);
    let content = loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let line_size = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        let line = rest.get(..line_size).unwrap_or_default();
        let text = line.trim_ascii_end();
        let is_fold = at > 0 && matches!(line.first(), Some(b' ' | b'\t')) && !text.is_empty();
        if !is_fold {
            part.field(bytes.get(field.0..field.1).unwrap_or_default(), span.0 + field.0, notes);
            field.0 = at;
        }
        if text.is_empty() && !line.is_empty() {
            break at + line_size;
        }
        if at + line_size > cap {
            notes.add("multipart_head_over_limit", span.0 as u64, "a part's header fields are over the cap");
            break at;
        }
        if line.is_empty() || (!is_fold && !is_field(text)) {
            notes.add(
                "multipart_no_empty_line",
                (span.0 + at) as u64,
                "a part has no empty line before its content",
            );
            break at;
        }
        at += line_size;
        field.1 = at;
    };
    part.head = (span.0, span.0 + at);
    part.body = (span.0 + content, span.1);
    part
}

/// Whether a line is a header field: a token and a colon (RFC 9110 section 5.1).
fn is_field(line: &[u8]) -> bool {
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
    let is_token = name.trim_ascii_end().iter().all(u8::is_ascii_graphic);
    is_token && !name.is_empty() && name.len() < line.len()
}

impl Part {
    fn field(&mut self, line: &[u8], at: usize, notes: &mut Notes) {
        let Some(colon) = memchr::memchr(b':', line) else { return };
        let (name, value) = line.split_at(colon);
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        let name = name.trim_ascii_end();
        if name.eq_ignore_ascii_case(b"content-disposition") {
            self.disposition(value, at, notes);
        } else if name.eq_ignore_ascii_case(b"content-type") {
            set(&mut self.content_type, value, at, notes);
        } else if name.eq_ignore_ascii_case(b"content-transfer-encoding") {
            set(&mut self.encoding, value, at, notes);
        }
    }

    fn disposition(&mut self, value: &[u8], at: usize, notes: &mut Notes) {
        let mut coded = None;
        for (name, value) in parameters(value) {
            if name.eq_ignore_ascii_case(b"name") {
                set(&mut self.name, &value, at, notes);
            } else if name.eq_ignore_ascii_case(b"filename") {
                set(&mut self.filename, &value, at, notes);
            } else if name.eq_ignore_ascii_case(b"filename*") {
                set(&mut coded, &extended(&value), at, notes);
            }
        }
        // RFC 6266 section 4.3: the encoded form goes before the plain one.
        self.filename = coded.or(self.filename.take());
    }
}

/// Sets what should be said once; servers differ in which they take.
fn set(field: &mut Option<Vec<u8>>, value: &[u8], at: usize, notes: &mut Notes) {
    match field {
        Some(_) => notes.add(
            "multipart_said_twice",
            at as u64,
            "a part says its name or type twice; the first stands",
        ),
        None => *field = Some(value.to_vec()),
    }
}
