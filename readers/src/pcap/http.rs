//! HTTP/1, HTTP/2 and WebSocket messages to events, laid out as those of any other recording.

use std::borrow::Cow;

use coldcase_model::{Anomaly, AnomalyKind, Detail, EventHead, EventKind, Item, NotScanned, Origin, Surface};
use coldcase_wire::{Place, Side, http1, http2, sse, websocket};

use super::doh;
use super::event::{FoundReader, direction};
use super::message::{Field, Message, absolute};
use crate::http::{
    Body, CodingError, HttpText, Places, answers, decode_coding, emit_messages, messages_in, without_query,
};
use crate::mcp::Hints;
use crate::record::Emit;

impl FoundReader<'_> {
    /// Where the bytes of a body stand, as far as they do in the file of the event.
    fn places_of(&self, body: &http1::Part, is_exact: bool) -> Places {
        let mut covered = index(body.mapped);
        let mut starts = Vec::with_capacity(body.extents.len());
        for one in &body.extents {
            let Some(offset) = self.offset_at_home(one.at) else {
                covered = index(one.offset);
                break;
            };
            starts.push((index(one.offset), offset));
        }
        Places::new(starts, covered, is_exact)
    }

    pub(super) fn http1(
        &mut self,
        place: &Place,
        message: &http1::Message,
        url: Option<&[u8]>,
        emit: Emit<'_>,
    ) {
        for note in &message.notes {
            self.note(note, emit);
        }
        let head = &message.head.bytes;
        let field =
            |field: &http1::Field, part: &'_ http1::Part| part.at(u64::from(field.name.start)).unwrap_or(0);
        let fields: Vec<Field<'_>> = message
            .headers
            .iter()
            .map(|one| Field {
                name: one.name.of(head),
                value: http1::unfold(one.value.of(head)),
                at: field(one, &message.head),
            })
            .collect();
        let trailer = &message.trailer.bytes;
        let trailers = message.trailers.iter().map(|one| Field {
            name: one.name.of(trailer),
            value: http1::unfold(one.value.of(trailer)),
            at: field(one, &message.trailer),
        });
        let host = fields.iter().find(|field| field.name.eq_ignore_ascii_case(b"host"));
        let host = host.map(|field| field.value.to_vec());
        let target = message.request().map_or(url.unwrap_or_default(), |(_, target)| target);
        let content = message.values("content-encoding").map(Cow::into_owned);
        let codings: Vec<Vec<u8>> = content.chain(message.transfer_codings()).collect();
        let reason = match message.start {
            http1::Start::Response { reason, .. } => reason.of(head),
            http1::Start::Request { .. } | http1::Start::Absent => &[],
        };
        let lost: u64 = message.missing.iter().map(|missing| missing.len).sum();
        let parts = [&message.head, &message.body, &message.trailer, &message.extensions];
        let common = Message {
            side: message.side,
            method: message.request().map(|(method, _)| method),
            status: message.status(),
            reason,
            url: absolute(target, host.as_deref(), place),
            body: &message.body.bytes,
            body_at: message.body.at(0).unwrap_or(0),
            places: self.places_of(&message.body, !place.is_encrypted),
            codings: codings.join(&b","[..]),
            trailers: trailers.collect(),
            fields,
            at: message.head.at(0).or_else(|| message.body.at(0)).unwrap_or(0),
            len: parts.iter().map(|part| part.bytes.len() as u64).sum(),
            time: message.first_time,
            lost,
            over_limit: message.over_limit,
            is_cut: message.is_cut,
        };
        self.message(place, &common, emit);
        let (side, time) = (message.side, message.first_time);
        for (why, part) in [("chunk_extensions", &message.extensions), ("smuggled", &message.smuggled)] {
            if !part.bytes.is_empty() {
                let (bytes, at) = (part.bytes.clone(), part.at(0).unwrap_or(0));
                self.text(place, coldcase_wire::Text { side, why, bytes, own: 0, at, time }, emit);
            }
        }
    }

    pub(super) fn http2(
        &mut self,
        place: &Place,
        message: &http2::Message,
        url: Option<&[u8]>,
        emit: Emit<'_>,
    ) {
        for note in &message.notes {
            self.note(note, emit);
        }
        let at = message.at;
        let regular = |field: &&'_ http2::Field| !PSEUDO.contains(&field.name.as_ref());
        let host = message.field(":authority").or_else(|| message.field("host")).map(|host| host.to_vec());
        let status = message.field(":status").and_then(|text| std::str::from_utf8(text).ok()?.parse().ok());
        let path = message.field(":path").map(AsRef::as_ref);
        let target = path.or(url).unwrap_or_default();
        let common = Message {
            side: message.side,
            method: message.field(":method").map(AsRef::as_ref),
            status,
            reason: &[],
            url: absolute(target, host.as_deref(), place),
            fields: message
                .interim
                .iter()
                .flatten()
                .chain(&message.fields)
                .filter(regular)
                .map(|field| Field::of(field, at))
                .collect(),
            trailers: message.trailers.iter().filter(regular).map(|field| Field::of(field, at)).collect(),
            body: &message.body,
            body_at: message.extents.first().map_or(at, |extent| extent.at),
            places: Places::new(
                message.extents.iter().map(|one| (index(one.offset), one.at)).collect(),
                message.body.len(),
                !place.is_encrypted,
            ),
            codings: message.field("content-encoding").map(|coding| coding.to_vec()).unwrap_or_default(),
            at,
            len: message.content_bytes(),
            time: message.start,
            lost: 0,
            over_limit: message.over_limit + message.fields_over_limit,
            // Of a stream that was reset there is no more.
            is_cut: message.is_cut && message.reset.is_none(),
        };
        self.message(place, &common, emit);
    }

    fn message(&mut self, place: &Place, message: &Message<'_>, emit: Emit<'_>) {
        let source = self.source(message.at, message.len);
        let is_request = message.side == Side::Client;
        let kind = if is_request { EventKind::HttpRequest } else { EventKind::HttpResponse };
        let method = message.method.map(|method| self.names.name_lossy(method));
        let detail = Detail::Http { method, status: message.status };
        let mut head = self.head(kind, (place, message.side), detail, source, message.time);
        let missing = [(NotScanned::NotRecorded, message.lost), (NotScanned::RecordCap, message.over_limit)];
        head.missing.extend(missing.into_iter().filter(|(_, bytes)| *bytes > 0));
        if message.is_cut {
            let what = "a message whose end is not in the capture; what is there is scanned";
            emit(Item::Anomaly(Anomaly::new(AnomalyKind::CutShort, self.pos(message.at), what)));
        }
        let origin = Origin::Decoded { offset: self.offset(message.at), len: 0 };
        let mut text = HttpText::with_capacity(1024 + message.body.len());
        if let Some(method) = message.method {
            text.start(Surface::Header, &[method, b" "].concat(), origin);
            text.url(&message.url, origin);
        } else {
            let status = message.status.map(|status| status.to_string()).unwrap_or_default();
            text.start(Surface::Header, &[status.as_bytes(), b" ", message.reason, b"\n"].concat(), origin);
            text.url(without_query(&message.url), origin);
        }
        for field in message.fields.iter().chain(&message.trailers) {
            let len = (field.name.len() + field.value.len()) as u64;
            let origin = Origin::Decoded { offset: self.offset(field.at), len };
            text.header(field.name, &field.value, origin);
        }
        let body = self.body(message, &mut head, emit);
        let questions = doh::messages(message, &body);
        let messages = messages_in(&body, &mut self.tape);
        let joined = if messages.is_empty() { joined(&message.fields, &body) } else { Vec::new() };
        let (time, server) = (head.time, head.server.clone());
        if messages.is_empty() {
            let most = self.context.limits.body_bytes;
            let odd = text.body(body, most, (&mut self.tape, &mut self.names));
            odd.tell(self.pos(message.at), &mut head, emit);
        }
        emit(Item::Event(Box::new(text.into_event(head))));
        let mut hints = Hints::of_session(self.session());
        hints.direction = Some(direction(message.side));
        (hints.time, hints.server) = (time, server);
        emit_messages(messages, &hints, source, (&mut self.tape, &mut self.names), emit);
        self.joined(place, (message.side, message.time), source, joined, emit);
        self.dns_over_https(place, message, questions, emit);
    }

    /// The body without its codings.
    fn body(&self, message: &Message<'_>, head: &mut EventHead, emit: Emit<'_>) -> Body {
        let len = message.body.len() as u64;
        let codings = String::from_utf8_lossy(&message.codings);
        let (bytes, error) = decode_coding(message.body, &codings, self.context.limits.body_bytes);
        if let Some(error) = error.filter(|_| len > 0) {
            let what = match error {
                CodingError::Unknown => {
                    format!("a body in an unknown coding ({codings:?}); scanned as it stands")
                }
                CodingError::Damaged => {
                    format!("a body that is not {codings:?} to its end; scanned as far as it is")
                }
                CodingError::OverCap => {
                    "a body over the cap when decoded; the rest is not scanned".to_owned()
                }
            };
            head.missing.push((NotScanned::BadBody, len));
            emit(Item::Anomaly(Anomaly::new(AnomalyKind::BadBody, self.pos(message.body_at), what)));
        }
        // What is coded stands nowhere as it is read.
        let places = if message.codings.is_empty() { message.places.clone() } else { Places::default() };
        Body { bytes, offset: self.offset(message.body_at), len, places }
    }

    pub(super) fn web_socket(&mut self, place: &Place, message: &websocket::Message, emit: Emit<'_>) {
        let at = message.extents.first().map_or(0, |(_, at)| *at);
        let source = self.source(at, message.data.len() as u64);
        let name = match message.opcode {
            websocket::Opcode::Continuation => "continuation",
            websocket::Opcode::Text => "text",
            websocket::Opcode::Binary => "binary",
            websocket::Opcode::Close => "close",
            websocket::Opcode::Ping => "ping",
            websocket::Opcode::Pong => "pong",
            websocket::Opcode::Reserved(_) => "reserved",
        };
        let detail = Detail::Http { method: Some(self.names.name(name)), status: None };
        let head = self.head(EventKind::WsMessage, (place, message.side), detail, source, message.time);
        let (time, server) = (head.time, head.server.clone());
        let mut text = HttpText::with_capacity(message.data.len());
        let len = message.data.len() as u64;
        let body =
            Body { bytes: message.data.to_vec(), offset: self.offset(at), len, places: Places::default() };
        let messages = messages_in(&body, &mut self.tape);
        if messages.is_empty() {
            text.payload(Surface::WsMessage, body, &mut self.tape);
        }
        emit(Item::Event(Box::new(text.into_event(head))));
        let mut hints = Hints::of_session(self.session());
        hints.direction = Some(direction(message.side));
        (hints.time, hints.server) = (time, server);
        emit_messages(messages, &hints, source, (&mut self.tape, &mut self.names), emit);
    }
}

/// An offset in bytes that are held.
fn index(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// Fields of HTTP/2 that are no header fields.
const PSEUDO: [&[u8]; 5] = [b":method", b":path", b":authority", b":scheme", b":status"];

/// What a stream of server-sent events says when its deltas are joined.
fn joined(fields: &[Field<'_>], body: &Body) -> Vec<sse::Joined> {
    let content_type = fields.iter().find(|field| field.name.eq_ignore_ascii_case(b"content-type"));
    content_type.map(|field| answers(&field.value, &body.bytes)).unwrap_or_default()
}
