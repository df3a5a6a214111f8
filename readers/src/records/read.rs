//! An event record to an event.
//!
//! A wrong type is an anomaly and the line is scanned as plain text. An unknown field is noted once a name and
//! batch, and its text is scanned: what a program put there may be the point.

use std::sync::Arc;

use coldcase_model::json::{Kind, Tape, Value};
use coldcase_model::{
    Anomaly, AnomalyKind, Detail, Direction, Event, EventHead, EventKind, Item, Name, NotScanned, Origin,
    SessionKey, SourcePos, Surface, TimeSource,
};

use crate::build::{self, Pieces};
use crate::http::{self, Body, HttpText, Places};
use crate::limits::Limits;
use crate::mcp::{self, Hints};
use crate::record::{Booked, Context, Emit, RawRecord, RecordReader, Reject, Scratch};
use crate::recorder;
use crate::time;

/// Reads event records.
pub(crate) struct RecordsReader {
    pub(crate) context: Arc<Context>,
}

/// The fields round the payload.
const COMMON: [&str; 8] = ["v", "kind", "id", "session", "time", "direction", "agent", "server"];
/// What this crate itself writes beside the payload: scanned, and no surprise.
const BESIDE: &str = "x_beside";
const BESIDE_POINTER: &str = "/x_beside";

impl RecordReader for RecordsReader {
    fn read(&self, record: &RawRecord, scratch: &mut Scratch, emit: Emit<'_>) -> Result<Booked, Reject> {
        let Scratch { tape, inner, names, seen, .. } = scratch;
        let root = tape.parse(&record.bytes)?;
        if root.kind() != Kind::Object {
            return Err(wrong(root, "an event record is a JSON object"));
        }
        match root.get("v").map(|v| (v, v.u64())) {
            Some((_, Some(1))) => {}
            Some((v, _)) => {
                return Err(Reject {
                    kind: AnomalyKind::UnknownVersion,
                    ..wrong(v, "an event record of a version other than 1")
                });
            }
            None => return Err(wrong(root, "an event record without `v`")),
        }
        let kind = field(root, "kind")?.ok_or_else(|| wrong(root, "an event record without `kind`"))?;
        let kind = EventKind::from_name(&kind)
            .ok_or_else(|| wrong(root.get("kind").unwrap_or(root), "an unknown `kind` of event record"))?;
        let head = self.head(root, kind, record, names)?;
        let payload_key = payload_key(kind);
        let payload =
            root.get(payload_key).filter(|payload| payload.kind() == Kind::Object).ok_or_else(|| {
                wrong(root, &format!("an event record of kind `{kind}` has an object `{payload_key}`"))
            })?;
        let mut reading = Reading { record, head, payload, limits: self.context.limits, inner, names, emit };
        let mut events = reading.events()?.into_iter();
        let mut first = events.next();
        for (pointer, value, is_unknown) in beside(root, payload_key, payload) {
            if is_unknown && seen.insert(pointer.clone()) && seen.len() < 1000 {
                let what = "a field that event records do not have; its text was scanned";
                let at = record.at(value.span().start);
                (reading.emit)(Item::Anomaly(Anomaly::new(AnomalyKind::UnknownField, at, what)));
            }
            let origin = reading.origin(value);
            first = first.map(|event| {
                if pointer == BESIDE_POINTER {
                    return with_listed(event, value, origin);
                }
                let text = coldcase_model::json::unescape(value.content().of(&record.bytes));
                with_text(event, &pointer, &text, origin)
            });
        }
        for event in first.into_iter().chain(events) {
            (reading.emit)(Item::Event(Box::new(event)));
        }
        Ok(Booked::Whole)
    }
}

/// Adds the parts that [`crate::write_event`] listed beside the payload, each on its surface.
fn with_listed(event: Event, list: Value<'_, '_>, origin: Origin) -> Event {
    let (head, mut pieces, document, offset) = Pieces::after(event, 0);
    for item in list.items() {
        let surface = item.get_str("surface").and_then(|name| Surface::from_name(&name));
        let (surface, text) = match (surface, item.get("text").and_then(Value::string)) {
            (Some(surface), Some(text)) => (surface, text),
            // Not as it was written: its own bytes are scanned.
            _ => (Surface::LogField, coldcase_model::json::unescape(item.raw()).into()),
        };
        match item.get_str("name").filter(|name| !name.is_empty()) {
            Some(name) => pieces.push_fixed(surface, &Name::from(name.as_ref()), &text, origin),
            None => pieces.push(surface, &text, origin),
        }
    }
    pieces.into_event_of(head, document, offset)
}

/// What a record holds beside the parts that its payload gives: names long enough to hide something, and members
/// that the format does not have.
fn beside<'t, 'd>(
    root: Value<'t, 'd>,
    payload_key: &str,
    payload: Value<'t, 'd>,
) -> Vec<(String, Value<'t, 'd>, bool)> {
    let mut found = Vec::new();
    let mut take = |place: &str, object: Value<'t, 'd>, known: &[&str], names: &[&str]| {
        for (key, value) in object.members() {
            let raw = key.raw();
            let name =
                String::from_utf8_lossy(raw.get(1..raw.len().saturating_sub(1)).unwrap_or(raw)).into_owned();
            let expected = known.contains(&name.as_str());
            // A server that the URL names says nothing more.
            let is_told = || {
                let url = payload.get("url").map(Value::raw).unwrap_or_default();
                let server = value.raw().trim_ascii();
                let server = server.get(1..server.len().saturating_sub(1)).unwrap_or(server);
                name == "server" && memchr::memmem::find(url, server).is_some()
            };
            let is_name = names.contains(&name.as_str()) && value.span().len() > SHORT_NAME && !is_told();
            if is_name || !expected {
                found.push((format!("{place}/{name}"), value, !expected && name != BESIDE));
            }
        }
    };
    let outer: Vec<&str> = COMMON.into_iter().chain([payload_key]).collect();
    take("", root, &outer, &["id", "session", "agent", "server"]);
    let (fields, names) = payload_fields(payload_key);
    if !fields.is_empty() {
        take(&format!("/{payload_key}"), payload, fields, names);
    }
    for key in ["body", "data", "raw"] {
        if let Some(body) =
            payload.get(key).filter(|body| body.kind() == Kind::Object && payload_key != "log")
        {
            let place = format!("/{payload_key}/{key}");
            take(
                &place,
                body,
                &["text", "base64", "media_type", "truncated_bytes", "over_limit_bytes"],
                &["media_type"],
            );
        }
    }
    found
}

/// Shorter names hold no credential.
const SHORT_NAME: usize = 14;

/// The members of a payload that the reader makes parts of, and those that are names; none for a payload that is a
/// document and scanned as a whole.
fn payload_fields(payload_key: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match payload_key {
        "request" => (&["method", "url", "headers", "body"], &[]),
        "response" => (&["url", "status", "headers", "body"], &[]),
        "ws" => (&["url", "opcode", "data", "fin"], &["opcode"]),
        "sse" => (&["url", "event", "last_event_id", "data"], &[]),
        "mcp" => (&["transport", "message", "raw"], &["transport"]),
        "a2a" => (&["url", "message", "card", "raw"], &[]),
        "text" => (&["text", "surface"], &[]),
        _ => (&[], &[]),
    }
}

/// Adds text to the end of an event.
fn with_text(event: Event, pointer: &str, text: &[u8], origin: Origin) -> Event {
    let (head, mut pieces, document, offset) = Pieces::after(event, 0);
    pieces.push(Surface::LogField, b"\n", origin);
    pieces.push_fixed(Surface::LogField, &Name::from(pointer), text, origin);
    pieces.into_event_of(head, document, offset)
}

impl RecordsReader {
    fn head(
        &self,
        root: Value<'_, '_>,
        kind: EventKind,
        record: &RawRecord,
        names: &mut coldcase_model::Interner,
    ) -> Result<EventHead, Reject> {
        let session = match field(root, "session")? {
            Some(session) => SessionKey(names.name(&session)),
            None => self.context.session.clone(),
        };
        let mut head = EventHead::new(kind, session, record.span());
        head.name = field(root, "id")?.map(|id| Name::from(id.as_ref()));
        head.agent = field(root, "agent")?.map(|agent| names.name(&agent));
        head.server = field(root, "server")?.map(|server| names.name(&server));
        if let Some(text) = field(root, "time")? {
            let time = time::parse(&text, TimeSource::EventRecord);
            head.time =
                Some(time.ok_or_else(|| wrong(root.get("time").unwrap_or(root), "`time` is not RFC 3339"))?);
        }
        head.direction = match field(root, "direction")? {
            None => None,
            Some(text) => Some(Direction::from_name(&text).ok_or_else(|| {
                wrong(root.get("direction").unwrap_or(root), "`direction` is `egress` or `ingress`")
            })?),
        };
        Ok(head)
    }
}

/// Column of a record, one-based, and what is wrong there.
fn wrong(at: Value<'_, '_>, what: &str) -> Reject {
    let offset = at.span().start;
    Reject { kind: AnomalyKind::BadField, offset, what: format!("{what} (column {})", offset + 1) }
}

/// An optional string; an error where it is something else.
fn field<'d>(object: Value<'_, 'd>, key: &str) -> Result<Option<std::borrow::Cow<'d, str>>, Reject> {
    match object.get(key) {
        None => Ok(None),
        Some(value) if value.is_null() => Ok(None),
        Some(value) => match value.str() {
            Some(text) => Ok(Some(text)),
            None => Err(wrong(value, &format!("`{key}` is a string"))),
        },
    }
}

/// The member that holds the payload of a kind.
pub(super) const fn payload_key(kind: EventKind) -> &'static str {
    match kind {
        EventKind::HttpRequest => "request",
        EventKind::HttpResponse => "response",
        EventKind::WsMessage => "ws",
        EventKind::SseEvent => "sse",
        EventKind::Dns => "dns",
        EventKind::Mcp => "mcp",
        EventKind::A2a | EventKind::A2aCard => "a2a",
        EventKind::Model => "model",
        EventKind::Log => "log",
        EventKind::Text => "text",
    }
}

/// A record whose head has been read.
struct Reading<'r, 'd> {
    record: &'r RawRecord,
    head: EventHead,
    payload: Value<'r, 'd>,
    limits: Limits,
    /// Room to read a body in.
    inner: &'r mut Tape,
    names: &'r mut coldcase_model::Interner,
    emit: Emit<'r>,
}

impl Reading<'_, '_> {
    fn origin(&self, value: Value<'_, '_>) -> Origin {
        let span = value.span();
        Origin::Decoded { offset: self.record.at(span.start).offset, len: span.len() as u64 }
    }

    fn events(&mut self) -> Result<Vec<Event>, Reject> {
        let event = match self.head.kind {
            EventKind::HttpRequest => self.request()?,
            EventKind::HttpResponse => self.response()?,
            EventKind::WsMessage => self.payload_event(Surface::WsMessage, "data")?,
            EventKind::SseEvent => self.payload_event(Surface::SseEvent, "data")?,
            EventKind::Dns => self.dns()?,
            EventKind::Mcp | EventKind::A2a => return self.rpc(),
            EventKind::A2aCard => self.card()?,
            EventKind::Model => self.model()?,
            EventKind::Log => self.document(Surface::LogField, "format"),
            EventKind::Text => self.text()?,
        };
        Ok(vec![event])
    }

    fn take_head(&mut self, usual: Option<Direction>) -> EventHead {
        let mut head = self.head.clone();
        head.direction = head.direction.or(usual);
        head
    }

    fn request(&mut self) -> Result<Event, Reject> {
        let mut head = self.take_head(Some(Direction::Egress));
        let mut text = HttpText::with_capacity(self.record.bytes.len());
        let method = field(self.payload, "method")?;
        head.detail =
            Detail::Http { method: method.as_deref().map(|method| self.names.name(method)), status: None };
        if let (Some(method), Some(value)) = (method, self.payload.get("method")) {
            text.start(Surface::Header, format!("{method} ").as_bytes(), self.origin(value));
        }
        self.http(&mut text, &mut head)?;
        Ok(text.into_event(head))
    }

    fn response(&mut self) -> Result<Event, Reject> {
        let mut head = self.take_head(Some(Direction::Ingress));
        let mut text = HttpText::with_capacity(self.record.bytes.len());
        let status =
            self.payload.get("status").and_then(Value::u64).and_then(|status| u16::try_from(status).ok());
        head.detail = Detail::Http { method: None, status };
        self.http(&mut text, &mut head)?;
        Ok(text.into_event(head))
    }

    /// URL, header fields and body, as requests and responses share them.
    fn http(&mut self, text: &mut HttpText, head: &mut EventHead) -> Result<(), Reject> {
        if let (Some(url), Some(value)) = (field(self.payload, "url")?, self.payload.get("url")) {
            text.url(url.as_bytes(), self.origin(value));
        }
        let mut coding = String::new();
        if let Some(headers) = self.payload.get("headers") {
            if headers.kind() != Kind::Array {
                return Err(wrong(headers, "`headers` is an array of [name, value]"));
            }
            for pair in headers.items() {
                let mut pair_items = pair.items();
                let (Some(name), Some(value)) =
                    (pair_items.next().and_then(Value::string), pair_items.next())
                else {
                    return Err(wrong(pair, "a header is [name, value]"));
                };
                let bytes = match value.get("base64").and_then(Value::string) {
                    Some(coded) => http::base64(&coded).map(Into::into),
                    None => value.string(),
                };
                let bytes = bytes.ok_or_else(|| wrong(value, "a header's value is a string, or `base64`"))?;
                if name.eq_ignore_ascii_case(b"content-encoding") {
                    coding = String::from_utf8_lossy(&bytes).into_owned();
                }
                text.header(&name, &bytes, self.origin(value));
            }
        }
        if let Some(body) = self.body(self.payload, "body", head)? {
            let body = self.decoded(body, &coding, head);
            let odd = text.body(body, self.limits.body_bytes, (self.inner, self.names));
            odd.tell(self.record.pos, head, self.emit);
        }
        Ok(())
    }

    /// Undoes the content coding; where that fails the bytes are taken as they stand.
    fn decoded(&mut self, body: Body, coding: &str, head: &mut EventHead) -> Body {
        if coding.is_empty() {
            return body;
        }
        let (bytes, error) = http::decode_coding(&body.bytes, coding, self.limits.body_bytes);
        if let Some(error) = error {
            let what = match error {
                http::CodingError::OverCap => "a coded body that expands over the cap; its start was scanned",
                http::CodingError::Damaged => "a body that is not coded as its header says",
                http::CodingError::Unknown => "a body of an unknown content coding",
            };
            head.missing.push((NotScanned::BadBody, body.bytes.len() as u64));
            let pos = SourcePos { offset: body.offset, ..self.record.pos };
            (self.emit)(Item::Anomaly(Anomaly::new(AnomalyKind::BadBody, pos, what)));
        }
        Body { bytes, ..body }
    }

    /// A body: `{"text": …}` or `{"base64": …}`, or a bare string where the format allows one.
    fn body(
        &mut self,
        holder: Value<'_, '_>,
        key: &str,
        head: &mut EventHead,
    ) -> Result<Option<Body>, Reject> {
        let Some(value) = holder.get(key).filter(|value| !value.is_null()) else { return Ok(None) };
        if let Some(cut) = value.get("truncated_bytes").and_then(Value::u64).filter(|cut| *cut > 0) {
            head.missing.push((NotScanned::NotRecorded, cut));
        }
        if let Some(over) = value.get("over_limit_bytes").and_then(Value::u64).filter(|over| *over > 0) {
            head.missing.push((NotScanned::RecordCap, over));
        }
        let (bytes, at) = if let Some(bytes) = value.string() {
            (bytes.into_owned(), value)
        } else if let Some(text) = value.get("text") {
            (text.string().ok_or_else(|| wrong(text, "`text` is a string"))?.into_owned(), text)
        } else if let Some(coded) = value.get("base64") {
            let bytes = coded.string().and_then(|text| http::base64(&text));
            (bytes.ok_or_else(|| wrong(coded, "`base64` is not base64"))?, coded)
        } else if value.kind() == Kind::Object {
            return Ok(None);
        } else {
            return Err(wrong(value, &format!("`{key}` is a body: an object with `text` or `base64`")));
        };
        let span = at.span();
        let offset = self.record.at(span.start).offset;
        Ok(Some(Body { bytes, offset, len: span.len() as u64, places: Places::default() }))
    }

    fn payload_event(&mut self, surface: Surface, key: &str) -> Result<Event, Reject> {
        let mut head = self.take_head(None);
        if surface == Surface::SseEvent {
            head.direction = head.direction.or(Some(Direction::Ingress));
        }
        let opcode = field(self.payload, if surface == Surface::WsMessage { "opcode" } else { "event" })?;
        head.detail = Detail::Http { method: opcode.map(|name| self.names.name(&name)), status: None };
        let mut text = HttpText::with_capacity(self.record.bytes.len());
        if let (Some(url), Some(value)) = (field(self.payload, "url")?, self.payload.get("url")) {
            text.url(url.as_bytes(), self.origin(value));
        }
        for key in ["event", "last_event_id"] {
            if let (Some(value), Some(at)) = (field(self.payload, key)?, self.payload.get(key)) {
                text.listed(surface, key.as_bytes(), value.as_bytes(), self.origin(at));
            }
        }
        if let Some(body) = self.body(self.payload, key, &mut head)? {
            text.payload(surface, body, self.inner);
        }
        Ok(text.into_event(head))
    }

    fn dns(&mut self) -> Result<Event, Reject> {
        let head = self.take_head(Some(Direction::Egress));
        let mut pieces = Pieces::with_capacity(256);
        if let (Some(query), Some(value)) = (field(self.payload, "query")?, self.payload.get("query")) {
            pieces.push(Surface::DnsName, query.as_bytes(), self.origin(value));
        }
        for (key, value) in self.payload.members().filter(|(key, _)| !key.is_key("query")) {
            let name = Name::from(String::from_utf8_lossy(key.content().of(&self.record.bytes)).as_ref());
            let text = coldcase_model::json::unescape(value.raw());
            pieces.push(Surface::DnsName, b"\n", self.origin(value));
            pieces.push_fixed(Surface::DnsName, &name, &text, self.origin(value));
        }
        Ok(pieces.into_event(head))
    }

    /// A message, a batch of them, or bytes that are not even JSON.
    fn rpc(&mut self) -> Result<Vec<Event>, Reject> {
        let kind = self.head.kind;
        let Some(message) = self.payload.get("message") else {
            let mut head = self.take_head(None);
            let body = self.body(self.payload, "raw", &mut head)?;
            let body = body.ok_or_else(|| wrong(self.payload, "neither `message` nor `raw`"))?;
            let mut text = HttpText::with_capacity(body.bytes.len());
            text.payload(Surface::Body, body, self.inner);
            return Ok(vec![text.into_event(head)]);
        };
        let hints = Hints {
            session: self.head.session.clone(),
            direction: self.head.direction,
            time: self.head.time,
            server: self.head.server.clone(),
            agent: self.head.agent.clone(),
            name: self.head.name.clone(),
        };
        let stated = self.head.direction;
        let offset = self.record.pos.offset;
        let one = |value: Value<'_, '_>, names: &mut coldcase_model::Interner| {
            let mut event = mcp::message_event(
                &self.record.bytes,
                offset,
                value,
                self.record.span(),
                hints.clone(),
                names,
            );
            event.head.kind = kind;
            event.head.direction = stated.or(event.head.direction);
            event
        };
        if message.kind() == Kind::Array && message.items().next().is_some() {
            return Ok(message.items().map(|item| one(item, self.names)).collect());
        }
        if message.kind() != Kind::Object {
            return Err(wrong(message, "`message` is an object or an array of them"));
        }
        Ok(vec![one(message, self.names)])
    }

    fn card(&mut self) -> Result<Event, Reject> {
        let head = self.take_head(Some(Direction::Ingress));
        let card = self.payload.get("card").filter(|card| card.kind() == Kind::Object);
        let card = card.ok_or_else(|| wrong(self.payload, "`card` is an object"))?;
        let mut event = mcp::card_event(head, &self.record.bytes, self.record.pos.offset, card);
        if let Some(url) = self.payload.get("url").filter(|url| url.string().is_some()) {
            event = with_text(event, "/a2a/url", &url.string().unwrap_or_default(), self.origin(url));
        }
        Ok(event)
    }

    fn model(&mut self) -> Result<Event, Reject> {
        let role = field(self.payload, "role")?.unwrap_or_default();
        let (direction, surface) = match role.as_ref() {
            "assistant" | "model" => (Some(Direction::Egress), Surface::ModelOutput),
            "tool" | "function" => (Some(Direction::Ingress), Surface::ToolResult),
            // Of the person or the model, nobody knows.
            "unknown" => (None, Surface::ModelOutput),
            _ => (Some(Direction::Ingress), Surface::ModelInput),
        };
        let mut head = self.take_head(direction);
        let mark =
            |value: Value<'_, '_>, surface| coldcase_model::json::Mark { span: value.content(), surface };
        let mut marks = Vec::new();
        let mut called = None;
        for (key, value) in self.payload.members() {
            let is = |name| key.is_key(name);
            if is("role") || is("name") || is("tool_call_id") {
                continue;
            }
            if is("tool_calls") && value.items().next().is_some() {
                for call in value.items() {
                    let function = call.get("function").unwrap_or(call);
                    let name = function.get("name").filter(|name| !name.is_null());
                    called = called.or(Some((name.and_then(Value::str), call.get_str("id"))));
                    marks.extend(name.map(|name| mark(name, Surface::ToolName)));
                    let input = function.get("arguments").or(function.get("input"));
                    marks.extend(input.map(|input| mark(input, Surface::ToolArgument)));
                }
                continue;
            }
            // Blocks of text are texts of their own.
            let text =
                |item: Value<'_, '_>| (item.get_str("type")? == "text").then(|| item.members().count());
            if is("content")
                && value.items().next().is_some()
                && value.items().all(|item| text(item) == Some(2))
            {
                let texts = value.items().filter_map(|item| item.get("text"));
                marks.extend(texts.map(|text| mark(text, surface)));
                continue;
            }
            marks.push(mark(value, surface));
        }
        marks.sort_by_key(|mark| mark.span);
        let (tool, call) =
            called.unwrap_or_else(|| (self.payload.get_str("name"), self.payload.get_str("tool_call_id")));
        head.detail = Detail::Model {
            role: Some(self.names.name(&role)),
            tool: tool.map(|tool| self.names.name(&tool)),
            call: call.map(|call| self.names.name(&call)),
            pair: None,
        };
        let offset = self.record.pos.offset;
        Ok(build::document_event(head, &self.record.bytes, offset, self.payload, &marks, Surface::JsonString))
    }

    fn document(&mut self, surface: Surface, name_key: &str) -> Event {
        let mut head = self.take_head(None);
        if recorder::is_entry(self.payload) {
            let offset = self.record.pos.offset;
            return recorder::entry_event(head, &self.record.bytes, offset, self.payload, self.names);
        }
        let entry_type = field(self.payload, name_key).ok().flatten().map(|name| self.names.name(&name));
        head.detail = Detail::Log { entry_type };
        let offset = self.record.pos.offset;
        build::document_event(head, &self.record.bytes, offset, self.payload, &[], surface)
    }

    fn text(&mut self) -> Result<Event, Reject> {
        let head = self.take_head(None);
        let surface = match field(self.payload, "surface")? {
            None => Surface::Body,
            Some(name) => Surface::from_name(&name)
                .ok_or_else(|| wrong(self.payload, "`surface` is not one of the surfaces"))?,
        };
        let value = self.payload.get("text").ok_or_else(|| wrong(self.payload, "`text` without `text`"))?;
        let bytes = value.string().ok_or_else(|| wrong(value, "`text` is a string"))?;
        let mut pieces = Pieces::with_capacity(bytes.len());
        pieces.push(surface, &bytes, self.origin(value));
        Ok(pieces.into_event(head))
    }
}
