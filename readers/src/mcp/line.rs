//! One line, or one item of an array, of a transcript: bare, in an envelope, or behind a log prefix.
//!
//! A line without a message is kept as a log event; servers write to the same stream.

use std::sync::Arc;

use bytes::Bytes;
use coldcase_model::json::{self, Value};
use coldcase_model::{
    Detail, Direction, Event, EventHead, EventKind, Interner, Item, Name, Origin, Span, Surface, TimeSource,
};

use super::envelope::{self, Found};
use super::message::{self, Hints, is_rpc};
use crate::build::{self, Pieces};
use crate::record::{Booked, Context, Emit, RawRecord, RecordReader, Reject, Scratch};
use crate::time;

/// Reads transcripts of every known shape.
pub(crate) struct TranscriptReader {
    pub(crate) context: Arc<Context>,
    /// What the file's name says about the direction, where there is a file for each.
    pub(crate) direction: Option<Direction>,
}

impl RecordReader for TranscriptReader {
    fn read(&self, record: &RawRecord, scratch: &mut Scratch, emit: Emit<'_>) -> Result<Booked, Reject> {
        let mut hints = Hints::of_session(self.context.session.clone());
        hints.direction = self.direction;
        let (before, at) = prefix(&record.bytes);
        let Scratch { tape, inner, names, .. } = scratch;
        prefix_hints(before, &mut hints, names);
        // A message may be followed by what is no JSON: loggers append their own objects.
        let document = record.bytes.slice(at..);
        let whole = before.is_empty();
        let (root, end) = match tape.parse_first(&document) {
            Ok(read) => read,
            Err(error) if whole => return Err(error.into()),
            Err(_) => return Ok(self.log_line(record, &hints, emit)),
        };
        let reading = Reading { record, document: &document, at, end };
        if reading.emit(root, &hints, inner, names, emit) {
            return Ok(Booked::Whole);
        }
        if whole && end == document.len() {
            let mut head = EventHead::new(EventKind::Log, hints.session.clone(), record.span());
            let hints = envelope::hints(root, &hints, names);
            head.time = hints.time;
            head.server = hints.server;
            head.detail = Detail::Log { entry_type: Some(names.name("json")) };
            let event =
                build::document_event(head, &document, record.pos.offset, root, &[], Surface::LogField);
            emit(Item::Event(Box::new(event)));
            return Ok(Booked::Whole);
        }
        Ok(self.log_line(record, &hints, emit))
    }
}

impl TranscriptReader {
    fn log_line(&self, record: &RawRecord, hints: &Hints, emit: Emit<'_>) -> Booked {
        let mut event =
            build::text_event(EventKind::Log, self.context.session.clone(), record, Surface::LogField);
        event.head.time = hints.time;
        event.head.server.clone_from(&hints.server);
        event.head.detail = Detail::Log { entry_type: Some(Name::from("line")) };
        emit(Item::Event(Box::new(event)));
        Booked::Whole
    }
}

/// A record whose JSON value has been read.
struct Reading<'r> {
    record: &'r RawRecord,
    /// The record from the JSON value on.
    document: &'r Bytes,
    /// Where the JSON value starts in the record.
    at: usize,
    /// Where it ends in `document`.
    end: usize,
}

impl Reading<'_> {
    /// Emits the messages in `root`; says whether there were any.
    fn emit(
        &self,
        root: Value<'_, '_>,
        hints: &Hints,
        inner: &mut json::Tape,
        names: &mut Interner,
        emit: Emit<'_>,
    ) -> bool {
        let mut events = Vec::new();
        if is_rpc(root) {
            events.push(self.message(root, hints.clone(), names));
        } else if root.items().next().is_some() && root.items().all(is_rpc) {
            events.extend(root.items().map(|item| self.message(item, hints.clone(), names)));
        } else {
            let found = envelope::find(root);
            let wrapped = envelope::hints(root, hints, names);
            for (index, found) in found.into_iter().enumerate() {
                // The second of two side by side is the answer to the first.
                let direction = if index == 0 { wrapped.direction } else { None };
                let hints = Hints { direction, ..wrapped.clone() };
                match found {
                    Found::Value(value) if is_rpc(value) => events.push(self.message(value, hints, names)),
                    Found::Value(batch) => {
                        events.extend(batch.items().map(|item| self.message(item, hints.clone(), names)));
                    }
                    Found::Text(text) => self.escaped(text, &hints, inner, names, &mut events),
                }
            }
        }
        let mut events = events.into_iter();
        let Some(first) = events.next() else { return false };
        emit(Item::Event(Box::new(self.with_rest(first, root))));
        for event in events {
            emit(Item::Event(Box::new(event)));
        }
        true
    }

    fn message(&self, message: Value<'_, '_>, hints: Hints, names: &mut Interner) -> Event {
        let offset = self.record.pos.offset + self.at as u64;
        message::event(self.document, offset, message, self.record.span(), hints, names)
    }

    /// A message inside a JSON string: the string's content becomes a document of its own.
    fn escaped(
        &self,
        text: Value<'_, '_>,
        hints: &Hints,
        inner: &mut json::Tape,
        names: &mut Interner,
        events: &mut Vec<Event>,
    ) {
        let Some(content) = text.string() else { return };
        let document = Bytes::from(content.into_owned());
        let Ok((root, _)) = inner.parse_first(&document) else { return };
        let offset = self.record.pos.offset + (self.at + text.content().start) as u64;
        let mut push = |message: Value<'_, '_>| {
            events.push(message::event(&document, offset, message, self.record.span(), hints.clone(), names));
        };
        if is_rpc(root) {
            push(root);
        } else if root.items().all(is_rpc) {
            root.items().for_each(push);
        }
    }

    /// What stands round the messages belongs to the first of them, so that it is scanned too.
    fn with_rest(&self, first: Event, root: Value<'_, '_>) -> Event {
        let bytes = &self.record.bytes;
        let (before, after) = if !is_rpc(root) && root.items().next().is_none() {
            let message_start = usize::try_from(first.document_offset - self.record.pos.offset).unwrap_or(0);
            let shared = first.document_offset + first.document.len() as u64
                <= self.record.pos.offset + bytes.len() as u64;
            let message_end = if shared { message_start + first.document.len() } else { message_start };
            (message_start, message_end.min(bytes.len()))
        } else {
            (self.at, self.at + self.end)
        };
        let rest = [Span::new(0, before), Span::new(after, bytes.len())];
        let counts =
            |span: &Span| span.of(bytes).iter().any(u8::is_ascii_alphanumeric) || !span.of(bytes).is_ascii();
        if !rest.iter().any(counts) {
            return first;
        }
        let added = rest.iter().map(|span| span.len() + 1).sum();
        let (head, mut pieces, document, offset) = Pieces::after(first, added);
        for span in rest.into_iter().filter(counts) {
            let origin =
                Origin::Decoded { offset: self.record.at(span.start).offset, len: span.len() as u64 };
            pieces.push(Surface::LogField, b"\n", origin);
            pieces.push(Surface::LogField, span.of(bytes), origin);
        }
        pieces.into_event_of(head, document, offset)
    }
}

/// What stands before the JSON value of a line, and where that value starts.
fn prefix(line: &[u8]) -> (&[u8], usize) {
    let start = line.len() - line.trim_ascii_start().len();
    if matches!(line.get(start), Some(b'{' | b'[')) && !is_tagged(line.get(start..).unwrap_or_default()) {
        return (&[], start);
    }
    // Brackets of a prefix are `[info]`; a message is an object or an array of objects.
    let brace = memchr::memchr(b'{', line).unwrap_or(line.len());
    let at = if brace > 0 && line.get(brace - 1) == Some(&b'[') { brace - 1 } else { brace };
    (line.get(..at).unwrap_or(line), at)
}

/// Whether a line that starts with `[` starts with a tag such as `[info]` or `[2025-04-01T…]` and not an array.
pub(crate) fn is_tagged(line: &[u8]) -> bool {
    let Some(inner) = line.strip_prefix(b"[") else { return false };
    match inner.trim_ascii_start().first() {
        Some(b'{' | b'"' | b'[' | b']') | None => false,
        // An array of numbers or a tag such as a process id: a tag ends before anything that is no number.
        Some(_) => {
            let end = inner.iter().take(64).position(|byte| *byte == b']');
            let after = end.and_then(|end| inner.get(end + 1..)).unwrap_or_default();
            matches!(after.first(), Some(b' ' | b'[' | b'\t'))
                && end.is_some_and(|end| !inner.get(..end).unwrap_or_default().contains(&b','))
        }
    }
}

/// What a log prefix says: a time, a server in brackets, a word or an arrow for the direction.
fn prefix_hints(prefix: &[u8], hints: &mut Hints, names: &mut Interner) {
    if prefix.is_empty() {
        return;
    }
    let text = String::from_utf8_lossy(prefix.get(..prefix.len().min(512)).unwrap_or(prefix));
    let first = text.trim_start().trim_start_matches('[');
    let stamp = first.split([' ', ']']).next().unwrap_or_default();
    hints.time = time::parse(stamp, TimeSource::Transcript).or(hints.time);
    hints.direction = prefix_direction(&text).or(hints.direction);
    let tags = text.split('[').skip(1).filter_map(|tag| Some(tag.split_once(']')?.0));
    let is_level = |tag: &str| {
        ["info", "error", "warn", "warning", "debug", "trace"].contains(&tag.to_ascii_lowercase().as_str())
    };
    let server = tags.into_iter().find(|tag| {
        !is_level(tag)
            && !tag.contains("->")
            && envelope::word(tag).is_none()
            && time::parse(tag, TimeSource::Transcript).is_none()
    });
    if let Some(server) = server.filter(|tag| !tag.trim().is_empty() && !tag.contains("Says")) {
        hints.server = Some(names.name(server.trim()));
    }
}

/// Labels of common tools, most telling first.
fn prefix_direction(text: &str) -> Option<Direction> {
    const TO_SERVER: [&str; 14] = [
        "Message from client",
        "editor -> server",
        "Client Says",
        "client -> server",
        "client→server",
        "→ Child",
        "Local→Remote",
        "Local → Remote",
        "Received request",
        "[STDIN]",
        "[stdin]",
        "-->",
        ">>>",
        "→ Server",
    ];
    const TO_CLIENT: [&str; 14] = [
        "Message from server",
        "server -> editor",
        "Server Says",
        "server -> client",
        "server→client",
        "Child →",
        "Remote→Local",
        "Remote → Local",
        "Sending response",
        "Sending error response",
        "[STDOUT]",
        "[stdout]",
        "<--",
        "<<<",
    ];
    let has = |labels: &[&str]| labels.iter().any(|label| text.contains(label));
    if has(&TO_SERVER) {
        return Some(Direction::Egress);
    }
    if has(&TO_CLIENT) {
        return Some(Direction::Ingress);
    }
    let last = text.trim_end_matches([' ', ':', ']', '>']).rsplit([' ', '[', ']']).next().unwrap_or_default();
    envelope::word(last)
}

/// Whether a line holds a JSON-RPC message: the question that recognition asks of the first lines of a file.
pub(crate) fn holds_message(line: &[u8], tape: &mut json::Tape) -> bool {
    let (_, at) = prefix(line);
    let Ok((root, _)) = tape.parse_first(line.get(at..).unwrap_or_default()) else { return false };
    is_rpc(root)
        || (root.items().next().is_some() && root.items().all(is_rpc))
        || !envelope::find(root).is_empty()
}
