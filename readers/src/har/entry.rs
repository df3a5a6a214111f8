//! One entry to its events: request, response, WebSocket messages, and the MCP messages in their bodies.

use std::sync::Arc;

use coldcase_model::json::{self, Kind, Value};
use coldcase_model::{
    Anomaly, AnomalyKind, Detail, Direction, EventHead, EventKind, Item, Name, Origin, Surface, TimeSource,
    Timestamp,
};

use coldcase_wire::sse;

use super::content::{self, Decoding};
use super::trivial::is_trivial;
use crate::http::{
    Body, Document, HttpText, answer_event, answers, emit_messages, host, messages_in, without_query,
};
use crate::mcp::Hints;
use crate::record::{Booked, Context, Emit, RawRecord, RecordReader, Reject, Scratch};
use crate::time;

/// Reads entries of HAR files.
pub(crate) struct HarReader {
    pub(crate) context: Arc<Context>,
}

impl RecordReader for HarReader {
    fn read(&self, record: &RawRecord, scratch: &mut Scratch, emit: Emit<'_>) -> Result<Booked, Reject> {
        let Scratch { tape, inner, names, .. } = scratch;
        let root = tape.parse(&record.bytes)?;
        let request = root.get("request").filter(|value| value.kind() == Kind::Object);
        let response = root.get("response").filter(|value| value.kind() == Kind::Object);
        if request.is_none() && response.is_none() {
            let what = "a HAR entry without request and response; scanned as plain text";
            return Err(Reject { kind: AnomalyKind::MissingField, offset: 0, what: what.into() });
        }
        let mut entry = Entry {
            reader: self,
            record,
            names,
            inner,
            scanned: 0,
            time: root.get_str("startedDateTime").and_then(|text| time::parse(&text, TimeSource::Har)),
            url: request.and_then(|request| request.get("url")?.string().map(Into::into)).unwrap_or_default(),
            server: None,
        };
        entry.server = host(&entry.url).map(|host| entry.names.name_lossy(host));
        if entry.time.is_none() {
            entry.note(AnomalyKind::BadField, root, "a HAR entry without a readable `startedDateTime`", emit);
        }
        let scanned_of = entry.request(root, request, emit);
        if let Some(response) = response {
            entry.response(root, response, emit);
        }
        entry.web_socket(root, emit);
        debug_assert!(scanned_of, "every entry has a request event");
        Ok(Booked::Scanned(entry.scanned))
    }
}

/// What stands in a response's body besides its text.
struct Inside {
    /// MCP messages.
    messages: Vec<Document>,
    /// Answers of a model whose pieces the body holds.
    answers: Vec<sse::Joined>,
    /// Where the body stands.
    origin: Origin,
}

impl Default for Inside {
    fn default() -> Self {
        Self { messages: Vec::new(), answers: Vec::new(), origin: Origin::Body { offset: 0, len: 0 } }
    }
}

/// An entry under way.
struct Entry<'r> {
    reader: &'r HarReader,
    record: &'r RawRecord,
    names: &'r mut coldcase_model::Interner,
    inner: &'r mut json::Tape,
    /// Bytes of the entry that went into events.
    scanned: usize,
    time: Option<Timestamp>,
    url: Vec<u8>,
    server: Option<Name>,
}

impl Entry<'_> {
    fn note(&self, kind: AnomalyKind, value: Value<'_, '_>, what: &str, emit: Emit<'_>) {
        emit(Item::Anomaly(Anomaly::new(kind, self.record.at(value.span().start), what)));
    }

    /// Books a value as scanned, and says where it stands.
    fn take(&mut self, value: Value<'_, '_>) -> Origin {
        let span = value.span();
        self.scanned += span.len();
        Origin::Decoded { offset: self.record.at(span.start).offset, len: span.len() as u64 }
    }

    fn head(&self, kind: EventKind, direction: Direction, detail: Detail) -> EventHead {
        let mut head = EventHead::new(kind, self.reader.context.session.clone(), self.record.span());
        head.direction = Some(direction);
        head.time = self.time;
        head.server.clone_from(&self.server);
        head.detail = detail;
        head
    }

    fn request(&mut self, root: Value<'_, '_>, request: Option<Value<'_, '_>>, emit: Emit<'_>) -> bool {
        let method = request.and_then(|request| request.get_str("method")).map(|text| self.names.name(&text));
        let detail = Detail::Http { method, status: None };
        let mut head = self.head(EventKind::HttpRequest, Direction::Egress, detail);
        let mut text = HttpText::with_capacity(1024);
        let mut messages = Vec::new();
        if let Some(request) = request {
            self.start_line(request, &mut text);
            self.fields(request, "headers", &mut text);
            self.fields(request, "queryString", &mut text);
            self.fields(request, "cookies", &mut text);
            if let Some(post) = request.get("postData").filter(|post| post.kind() == Kind::Object) {
                messages = self.post_data(post, &mut head, &mut text, emit);
            }
            self.others(request, "/request", &REQUEST_FIELDS, &mut text);
        }
        self.others(root, "", &ENTRY_FIELDS, &mut text);
        emit(Item::Event(Box::new(text.into_event(head))));
        self.mcp(messages, Direction::Egress, self.time, emit);
        true
    }

    fn start_line(&mut self, request: Value<'_, '_>, text: &mut HttpText) {
        for (key, value) in request.members() {
            let Some(bytes) = value.string() else { continue };
            if key.is_key("method") {
                let origin = self.take(value);
                text.start(Surface::Header, &[&bytes, b" ".as_slice()].concat(), origin);
            } else if key.is_key("url") {
                let origin = self.take(value);
                text.url(&bytes, origin);
            }
        }
    }

    /// Headers, query parameters, cookies: arrays of names and values.
    fn fields(&mut self, message: Value<'_, '_>, key: &str, text: &mut HttpText) {
        let Some(list) = message.get(key) else { return };
        for field in list.items() {
            let name = field.get("name").and_then(Value::string).unwrap_or_default();
            let Some(value) = field.get("value").filter(|value| !value.is_null()) else { continue };
            let bytes = value.string().unwrap_or_else(|| value.raw().into());
            let origin = self.take(value);
            if let Some(name) = field.get("name") {
                self.scanned += name.span().len();
            }
            match key {
                "headers" => text.header(&name, &bytes, origin),
                "queryString" => text.listed(Surface::Query, &name, &bytes, origin),
                "cookies" => text.listed(Surface::Cookie, &name, &bytes, origin),
                _ => text.listed(Surface::Body, &name, &bytes, origin),
            }
            // A comment, or whatever an exporter put beside name and value.
            self.others(field, "", &["name", "value"], text);
        }
    }

    fn post_data(
        &mut self,
        post: Value<'_, '_>,
        head: &mut EventHead,
        text: &mut HttpText,
        emit: Emit<'_>,
    ) -> Vec<Document> {
        let body = content::body(post, "text", self.record.pos.offset);
        let mut messages = Vec::new();
        if let Some((body, decoding)) = body {
            self.scanned += usize::try_from(body.len).unwrap_or(0);
            if decoding == Decoding::NotBase64 {
                self.note(AnomalyKind::BadBody, post, "a request body that says base64 and is not", emit);
            }
            messages = messages_in(&body, self.inner);
            if messages.is_empty() {
                self.body(post, body, (head, text), emit);
            }
        } else if let Some(size) = post.get("_size").and_then(Value::u64).filter(|size| *size > 0) {
            head.missing.push((coldcase_model::NotScanned::NotRecorded, size));
        }
        self.fields(post, "params", text);
        self.others(post, "/request/postData", &["text", "params"], text);
        messages
    }

    fn response(&mut self, root: Value<'_, '_>, response: Value<'_, '_>, emit: Emit<'_>) {
        let status =
            response.get("status").and_then(Value::u64).and_then(|status| u16::try_from(status).ok());
        let detail = Detail::Http { method: None, status };
        let mut head = self.head(EventKind::HttpResponse, Direction::Ingress, detail);
        let duration = root.get("time").and_then(Value::f64).unwrap_or(0.0);
        head.time = self.time.and_then(|start| time::later(start, duration.max(0.0)));
        let mut text = HttpText::with_capacity(1024);
        let code = response.get("status").map(Value::raw).unwrap_or_default();
        if let Some(reason) = response.get("statusText").filter(|reason| reason.string().is_some()) {
            let origin = self.take(reason);
            let line = [code, b" ", &reason.string().unwrap_or_default(), b"\n"].concat();
            text.start(Surface::Header, &line, origin);
        }
        // The URL makes a response findable by itself; it is the request's, and booked there.
        let origin = root.at(&["request", "url"]).map(|url| Origin::Decoded {
            offset: self.record.at(url.span().start).offset,
            len: url.span().len() as u64,
        });
        if let Some(origin) = origin {
            text.url(without_query(&self.url), origin);
        }
        self.fields(response, "headers", &mut text);
        self.fields(response, "cookies", &mut text);
        if let Some(redirect) =
            response.get("redirectURL").filter(|value| value.string().is_some_and(|text| !text.is_empty()))
        {
            let origin = self.take(redirect);
            text.listed(Surface::Url, b"location", &redirect.string().unwrap_or_default(), origin);
        }
        let mut inside = Inside::default();
        if let Some(content) = response.get("content").filter(|content| content.kind() == Kind::Object) {
            inside = self.content(content, &mut head, &mut text, emit);
        }
        self.others(response, "/response", &RESPONSE_FIELDS, &mut text);
        let answer_head = head.clone();
        emit(Item::Event(Box::new(text.into_event(head))));
        self.mcp(inside.messages, Direction::Ingress, answer_head.time, emit);
        for answer in inside.answers {
            let event = answer_event(&answer, answer_head.clone(), inside.origin, self.names);
            emit(Item::Event(Box::new(event)));
        }
    }

    fn content(
        &mut self,
        content: Value<'_, '_>,
        head: &mut EventHead,
        text: &mut HttpText,
        emit: Emit<'_>,
    ) -> Inside {
        let mut inside = Inside::default();
        match content::body(content, "text", self.record.pos.offset) {
            Some((body, decoding)) => {
                self.scanned += usize::try_from(body.len).unwrap_or(0);
                if decoding == Decoding::NotBase64 {
                    self.note(
                        AnomalyKind::BadBody,
                        content,
                        "a response body that says base64 and is not",
                        emit,
                    );
                }
                inside.messages = messages_in(&body, self.inner);
                if inside.messages.is_empty() {
                    let content_type = content.get("mimeType").and_then(Value::string).unwrap_or_default();
                    inside.answers = answers(&content_type, &body.bytes);
                    inside.origin = Origin::Body { offset: body.offset, len: body.len };
                    self.body(content, body, (head, text), emit);
                }
            }
            None => head.missing.extend(content::not_recorded(content)),
        }
        self.others(content, "/response/content", &["text"], text);
        inside
    }

    /// A body, which `holder` names the type of where header fields do not.
    fn body(
        &mut self,
        holder: Value<'_, '_>,
        body: Body,
        (head, text): (&mut EventHead, &mut HttpText),
        emit: Emit<'_>,
    ) {
        if let Some(mime_type) = holder.get("mimeType").and_then(Value::string) {
            text.assume_type(&mime_type);
        }
        let most = self.reader.context.limits.body_bytes;
        let odd = text.body(body, most, (self.inner, self.names));
        odd.tell(self.record.pos, head, emit);
    }

    /// Members that the format does not know, and known ones of a wrong type: their text is scanned.
    fn others(&mut self, object: Value<'_, '_>, pointer: &str, known: &[&str], text: &mut HttpText) {
        for (index, (key, value)) in object.members().enumerate() {
            let expected = known.iter().any(|known| key.is_key(known));
            let repeated = || object.members().take(index).any(|(other, _)| other.raw() == key.raw());
            if (expected && !repeated()) || is_trivial(value) {
                continue;
            }
            let name = String::from_utf8_lossy(key.content().of(&self.record.bytes)).into_owned();
            let label = self.names.name(&format!("{pointer}/{name}"));
            let origin = self.take(value);
            self.scanned += key.span().len();
            let bytes = value.content().of(&self.record.bytes);
            text.other(&label, &[name.as_bytes(), b": ", &json::unescape(bytes)].concat(), origin);
        }
    }

    fn web_socket(&mut self, root: Value<'_, '_>, emit: Emit<'_>) {
        let Some(messages) = root.get("_webSocketMessages") else { return };
        for message in messages.items() {
            let direction = match message.get_str("type").as_deref() {
                Some("send" | "request") => Direction::Egress,
                _ => Direction::Ingress,
            };
            let opcode = message.get("opcode").map(|opcode| self.names.name_lossy(opcode.raw()));
            let is_binary = message.get("opcode").and_then(Value::u64) == Some(2);
            let mut head =
                self.head(EventKind::WsMessage, direction, Detail::Http { method: opcode, status: None });
            let stated = message.get("time").and_then(Value::f64);
            head.time = stated.and_then(|seconds| time::from_epoch(seconds, TimeSource::HarWebSocket));
            let mut text = HttpText::with_capacity(256);
            if let Some((mut body, _)) = content::body(message, "data", self.record.pos.offset) {
                self.scanned += usize::try_from(body.len).unwrap_or(0);
                if is_binary && let Some(bytes) = crate::http::base64(&body.bytes) {
                    body.bytes = bytes;
                }
                text.payload(Surface::WsMessage, body, self.inner);
            }
            self.others(message, "/_webSocketMessages", &["data"], &mut text);
            emit(Item::Event(Box::new(text.into_event(head))));
        }
    }

    fn mcp(
        &mut self,
        documents: Vec<Document>,
        direction: Direction,
        time: Option<Timestamp>,
        emit: Emit<'_>,
    ) {
        let mut hints = Hints::of_session(self.reader.context.session.clone());
        hints.direction = Some(direction);
        hints.time = time;
        hints.server.clone_from(&self.server);
        emit_messages(documents, &hints, self.record.span(), (self.inner, self.names), emit);
    }
}

/// Members that are read elsewhere. Whatever else an object holds is scanned as it stands, the standard's own
/// `cache`, `timings` and `mimeType` included: a text hides there as well as in a field that nobody knows.
const ENTRY_FIELDS: [&str; 3] = ["request", "response", "_webSocketMessages"];
const REQUEST_FIELDS: [&str; 6] = ["method", "url", "cookies", "headers", "queryString", "postData"];
const RESPONSE_FIELDS: [&str; 5] = ["statusText", "cookies", "headers", "content", "redirectURL"];
