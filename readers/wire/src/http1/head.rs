//! A whole head: its fields, and what they say of the body and the connection.

use super::fields::Reader;
use super::limits::Limits;
use super::message::{Field, Span, Start};
use super::part::Part;
use super::start::Line;
use crate::Notes;

/// Numbers of `Content-Length`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Lengths {
    /// The first.
    pub(super) first: Option<u64>,
    /// The last that differs from it.
    pub(super) other: Option<u64>,
}

/// What `Transfer-Encoding` says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Transfer {
    /// No such field, or `identity` only.
    #[default]
    Absent,
    /// Chunked comes last.
    Chunked,
    /// Chunked comes before another.
    ChunkedInside,
    /// Other codings only.
    Other,
}

/// What the fields of a head say that framing needs.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) lengths: Lengths,
    pub(super) transfer: Transfer,
    transfer_fields: usize,
    hosts: usize,
    host: Span,
    pub(super) upgrade: Option<Span>,
}

/// Reads the fields of a head whose first line ends before `from`.
pub(super) fn read(
    part: &Part,
    line: &Line,
    from: usize,
    limits: &Limits,
    notes: &mut Notes,
) -> (Vec<Field>, Facts) {
    let mut facts = Facts::default();
    let bytes = &part.bytes;
    let see = |notes: &mut Notes, field: Field| facts.see(bytes, part, field, notes);
    let fields = Reader { part, notes, most: limits.fields }.read(from, see);
    note_line(part, line, notes);
    facts.note_host(part, line, notes);
    (fields, facts)
}

fn note_line(part: &Part, line: &Line, notes: &mut Notes) {
    if let Some(what) = line.odd {
        notes.add("http_odd_start_line", part.near(0), what);
    }
    if line.is_obsolete {
        notes.add("http_obsolete_version", part.near(0), "neither HTTP/1.0 nor HTTP/1.1");
    }
}

impl Facts {
    #[inline]
    fn see(&mut self, bytes: &[u8], part: &Part, field: Field, notes: &mut Notes) {
        let name = field.name.of(bytes);
        let value = field.value.of(bytes);
        let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
        let at = || part.near(field.name.start as usize);
        match name.len() {
            4 if is("host") => {
                if self.hosts == 0 {
                    self.host = field.value;
                } else {
                    notes.add("http_duplicate_host", at(), "more than one Host");
                }
                self.hosts += 1;
            }
            7 if is("upgrade") => self.upgrade = self.upgrade.or(Some(field.value)),
            14 if is("content-length") => self.see_length(value, at(), notes),
            17 if is("transfer-encoding") => self.see_transfer(value, at(), notes),
            _ => {}
        }
    }

    /// RFC 9112 section 6.3, items 4 and 5.
    fn see_length(&mut self, value: &[u8], at: u64, notes: &mut Notes) {
        for text in value.split(|byte| *byte == b',') {
            let (number, is_odd) = decimal(text);
            if is_odd {
                notes.add("http_odd_length", at, "a Content-Length that is no plain number");
            }
            let Some(number) = number else { continue };
            match self.lengths.first {
                None => self.lengths.first = Some(number),
                Some(first) if first == number => {
                    notes.add("http_duplicate_length", at, "Content-Length more than once, the same");
                }
                Some(_) => {
                    self.lengths.other = Some(number);
                    notes.add("http_conflicting_length", at, "Content-Length more than once, not the same");
                }
            }
        }
    }

    fn see_transfer(&mut self, value: &[u8], at: u64, notes: &mut Notes) {
        self.transfer_fields += 1;
        if self.transfer_fields == 2 {
            notes.add("http_duplicate_te", at, "more than one Transfer-Encoding");
        }
        for coding in value.split(|byte| *byte == b',') {
            let coding = trim_controls(coding.split(|byte| *byte == b';').next().unwrap_or_default());
            let is = |other: &str| coding.eq_ignore_ascii_case(other.as_bytes());
            if coding.is_empty() {
                continue;
            }
            if is("identity") {
                notes.add("http_unknown_te", at, "identity is no transfer coding since RFC 7230");
                continue;
            }
            if !["chunked", "gzip", "x-gzip", "deflate", "compress", "x-compress"].into_iter().any(is) {
                notes.add("http_unknown_te", at, "a transfer coding that is not registered");
            }
            self.transfer = match (self.transfer, is("chunked")) {
                (Transfer::Chunked, true) => {
                    notes.add("http_duplicate_te", at, "chunked more than once");
                    Transfer::Chunked
                }
                (_, true) => Transfer::Chunked,
                (Transfer::Chunked | Transfer::ChunkedInside, false) => Transfer::ChunkedInside,
                (Transfer::Absent | Transfer::Other, false) => Transfer::Other,
            };
        }
    }

    /// RFC 9112 section 3.2: each request of HTTP/1.1 has one Host, which is that of an absolute target.
    fn note_host(&self, part: &Part, line: &Line, notes: &mut Notes) {
        let Start::Request { target, version, .. } = line.start else { return };
        let bytes = &part.bytes;
        if self.hosts == 0 && version.of(bytes).eq_ignore_ascii_case(b"HTTP/1.1") {
            notes.add("http_no_host", part.near(0), "a request of HTTP/1.1 without Host");
        }
        if self.hosts > 0
            && let Some(authority) = authority(target.of(bytes))
            && !authority.eq_ignore_ascii_case(self.host.of(bytes))
        {
            notes.add(
                "http_absolute_and_host_differ",
                part.near(0),
                "the target names another host than Host does",
            );
        }
    }
}

/// Host and port of an absolute target.
fn authority(target: &[u8]) -> Option<&[u8]> {
    let at = memchr::memmem::find(target, b"://").filter(|at| *at < 8)?;
    let rest = target.get(at + 3..)?;
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    let authority = rest.get(..end)?;
    let host = authority.iter().rposition(|byte| *byte == b'@').map_or(0, |at| at + 1);
    authority.get(host..)
}

/// The number that a text starts with, and whether it is more than a plain number.
fn decimal(text: &[u8]) -> (Option<u64>, bool) {
    let text = trim_controls(text);
    let digits = text.strip_prefix(b"+").unwrap_or(text);
    let len = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = digits.get(..len).filter(|digits| !digits.is_empty()).map(|digits| {
        let add = |sum: u64, digit: &u8| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
        digits.iter().fold(0, add)
    });
    (number, len != text.len() || number == Some(u64::MAX) || number.is_none())
}

/// Without blanks and control characters at both ends: peers skip vertical tabs and NULs too.
fn trim_controls(text: &[u8]) -> &[u8] {
    let is_text = |byte: &u8| *byte > b' ';
    let start = text.iter().position(is_text).unwrap_or(text.len());
    let end = text.iter().rposition(is_text).map_or(start, |at| at + 1);
    text.get(start..end).unwrap_or_default()
}
