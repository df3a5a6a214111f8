//! Bodies that are made of parts: multipart bodies, forms, gRPC messages. Each is a part of the event with a pointer.
//!
//! | body | pointers |
//! |---|---|
//! | `multipart/*` | `/multipart/0/head`, `/multipart/0/body/NAME`: the part's field, or else its file |
//! | `application/x-www-form-urlencoded` | `/form/0/NAME` |
//! | gRPC | `/grpc/0` |
//!
//! Every byte of the body is in the text, with what stands between the parts; of a gRPC message that is compressed, the text
//! has what it decodes to. Transfer encodings are not undone here: servers ignore them in forms (RFC 7578, section 4.7), and
//! the views decode base64 and quoted-printable wherever they stand.
//!
//! Left out: parts that are multipart again are not opened.

use bytes::Bytes;
use coldcase_model::{
    Anomaly, AnomalyKind, EventHead, Interner, Item, NotScanned, Origin, SourcePos, Surface,
};
use coldcase_wire::http2::{is_grpc, split_grpc};
use coldcase_wire::{Note, Notes, coding, multipart};

use super::Body;
use crate::build::Pieces;
use crate::record::Emit;

/// Fields of a form that are parts of their own; what follows the last is one part. Genuine forms have a few dozen.
const MOST_FIELDS: usize = 4096;
/// The longest name in a pointer, in bytes.
const LONGEST_NAME: usize = 64;

/// What header fields say of a body.
#[derive(Debug, Default)]
pub(super) struct Said {
    content_type: Vec<u8>,
    /// The coding of gRPC messages that are marked as compressed.
    grpc_encoding: Vec<u8>,
}

/// How a body is made of parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Multipart,
    Form,
    Grpc,
}

impl Said {
    /// Takes a header field; of fields of one name the first counts.
    pub(super) fn field(&mut self, name: &[u8], value: &[u8]) {
        if name.eq_ignore_ascii_case(b"content-type") {
            self.assume_type(value);
        } else if name.eq_ignore_ascii_case(b"grpc-encoding") && self.grpc_encoding.is_empty() {
            self.grpc_encoding = value.to_vec();
        }
    }

    /// Takes a type where none is known.
    pub(super) fn assume_type(&mut self, content_type: &[u8]) {
        if self.content_type.is_empty() {
            self.content_type = content_type.to_vec();
        }
    }

    /// How a body of this type is made of parts; `None` where it is not.
    pub(super) fn layout(&self) -> Option<Layout> {
        let kind = self.content_type.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        if kind.split_at_checked(10).is_some_and(|(kind, _)| kind.eq_ignore_ascii_case(b"multipart/")) {
            Some(Layout::Multipart)
        } else if kind.eq_ignore_ascii_case(b"application/x-www-form-urlencoded") {
            Some(Layout::Form)
        } else {
            is_grpc(&self.content_type).then_some(Layout::Grpc)
        }
    }
}

/// What is odd about a body; offsets are those of the artifact.
#[derive(Debug, Default)]
pub(crate) struct Odd {
    pub(crate) notes: Vec<Note>,
    /// Bytes that are coded, and could not be decoded.
    pub(crate) undecoded: u64,
    /// Whether the text has the body as it was sent, from its first byte to its last.
    pub(super) is_as_sent: bool,
}

impl Odd {
    /// Tells it in the head of the event and in anomalies. `pos` is any position in the record.
    pub(crate) fn tell(&self, pos: SourcePos, head: &mut EventHead, emit: Emit<'_>) {
        for note in &self.notes {
            emit(Item::Anomaly(anomaly(note, SourcePos { offset: note.at, ..pos })));
        }
        if self.undecoded > 0 {
            head.missing.push((NotScanned::BadBody, self.undecoded));
        }
    }
}

/// A note of a layer as an anomaly.
pub(crate) fn anomaly(note: &Note, at: SourcePos) -> Anomaly {
    let kind = match note.kind {
        kind if kind.contains("_cut") || kind.contains("gap") => AnomalyKind::CutShort,
        kind if kind.contains("flood") || kind.contains("over_limit") => AnomalyKind::OverLimit,
        kind if kind.contains("bad_coding") => AnomalyKind::BadBody,
        _ => AnomalyKind::Malformed,
    };
    Anomaly::new(kind, at, format!("{}: {}", note.kind, note.what))
}

/// Lays out the parts of a body; `None`, and nothing done, where it has none.
pub(super) fn push(
    pieces: &mut Pieces,
    body: &Body,
    (layout, said): (Layout, &Said),
    most: usize,
    names: &mut Interner,
) -> Option<Odd> {
    let mut cut = Cut { pieces, names, origin: Origin::Decoded { offset: body.offset, len: body.len } };
    if body.bytes.is_empty() {
        return None;
    }
    match layout {
        Layout::Multipart => cut.multipart(body, &said.content_type),
        Layout::Form => cut.form(&body.bytes),
        Layout::Grpc => Some(cut.grpc(body, said, most)),
    }
}

/// A body that is taken apart.
struct Cut<'c> {
    pieces: &'c mut Pieces,
    names: &'c mut Interner,
    origin: Origin,
}

impl Cut<'_> {
    fn named(&mut self, pointer: &str, bytes: &[u8]) {
        let label = self.names.name(pointer);
        self.pieces.push_fixed(Surface::Body, &label, bytes, self.origin);
    }

    fn plain(&mut self, bytes: &[u8]) {
        self.pieces.push(Surface::Body, bytes, self.origin);
    }

    fn multipart(&mut self, body: &Body, content_type: &[u8]) -> Option<Odd> {
        let bytes = body.bytes.as_slice();
        let boundary = multipart::boundary(content_type);
        let boundary = boundary.as_deref().or_else(|| multipart::guess_boundary(bytes))?;
        let mut notes = Notes::default();
        let read = multipart::read(bytes, boundary, multipart::Limits::default(), &mut notes);
        let of = |start: usize, end: usize| bytes.get(start..end).unwrap_or_default();
        let (_, mut at) = read.preamble;
        self.plain(of(0, at));
        for (index, part) in read.parts.iter().enumerate() {
            let (start, end) = part.body;
            // With the boundary's line before it.
            self.named(&format!("/multipart/{index}/head"), of(at, start));
            let name = part.name.as_deref().or(part.filename.as_deref()).unwrap_or_default();
            self.named(&format!("/multipart/{index}/body{}", segment(name)), of(start, end));
            at = end;
        }
        self.plain(of(at, bytes.len()));
        Some(Odd { notes: placed(notes.take(), body.offset), undecoded: 0, is_as_sent: true })
    }

    fn form(&mut self, bytes: &[u8]) -> Option<Odd> {
        // A type that programs send without being asked to: what has no fields is something else.
        memchr::memchr(b'=', bytes)?;
        let mut at = 0;
        for (index, field) in multipart::fields(bytes).take(MOST_FIELDS).enumerate() {
            let (start, name_end) = field.name;
            let end = field.value.map_or(name_end, |(_, end)| end);
            let name = multipart::percent_decoded(bytes.get(start..name_end).unwrap_or_default());
            // With the separators before it.
            self.named(&format!("/form/{index}{}", segment(&name)), bytes.get(at..end).unwrap_or_default());
            at = end;
        }
        self.plain(bytes.get(at..).unwrap_or_default());
        Some(Odd { is_as_sent: true, ..Odd::default() })
    }

    fn grpc(&mut self, body: &Body, said: &Said, most: usize) -> Odd {
        let is_text = said.content_type.to_ascii_lowercase().starts_with(b"application/grpc-web-text");
        let bytes = if is_text { super::base64(&body.bytes) } else { None };
        let bytes = Bytes::from(bytes.unwrap_or_else(|| body.bytes.clone()));
        let split = split_grpc(&bytes);
        let is_as_sent = !is_text && split.messages.iter().all(|message| !message.is_compressed);
        let encoding = String::from_utf8_lossy(&said.grpc_encoding);
        let (mut notes, mut undecoded, mut left, mut at) = (Notes::default(), 0, most, 0);
        for (index, message) in split.messages.iter().enumerate() {
            self.plain(bytes.get(at..message.offset).unwrap_or_default());
            at = message.offset + message.content.len();
            let pointer = format!("/grpc/{index}");
            if !message.is_compressed || message.content.is_empty() {
                self.named(&pointer, &message.content);
                continue;
            }
            let (decoded, error) = coding::decode(&message.content, &encoding, left);
            let is_coded = encoding.split(',').any(|name| !matches!(name.trim(), "" | "identity"));
            if error.is_some() || !is_coded {
                undecoded += message.content.len() as u64;
                let kind = match error {
                    Some(coding::CodingError::OverCap) => "grpc_message_over_limit",
                    _ => "grpc_bad_coding",
                };
                let what =
                    format!("a compressed message that is not {encoding:?} to its end, or too much of it");
                notes.add(kind, message.offset as u64, what);
            }
            left = left.saturating_sub(decoded.len());
            self.named(&pointer, &decoded);
        }
        self.plain(bytes.get(at..).unwrap_or_default());
        let notes = notes.take().into_iter().chain(split.notes).collect();
        Odd { notes: placed(notes, body.offset), undecoded, is_as_sent }
    }
}

/// A name as the last segment of a pointer (RFC 6901, section 3), with its slash; nothing for no name.
fn segment(name: &[u8]) -> String {
    let name = name.get(..LONGEST_NAME).unwrap_or(name);
    let name = String::from_utf8_lossy(name);
    if name.is_empty() { String::new() } else { format!("/{}", name.replace('~', "~0").replace('/', "~1")) }
}

/// Notes of a body at the body's place: deeper in it the source may be coded otherwise.
fn placed(notes: Vec<Note>, offset: u64) -> Vec<Note> {
    notes.into_iter().map(|note| Note { at: offset, ..note }).collect()
}
