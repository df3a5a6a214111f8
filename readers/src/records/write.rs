//! An event to an event record: what any reader read, in the form that `scan` and `judge` read again.
//!
//! The content of the recording goes out as it is: this is a conversion, not a report.

use coldcase_model::json::Tape;
use coldcase_model::{Detail, Event, EventKind, Label, NotScanned, Origin, Part, Surface};
use serde_json::{Map, Value, json};

use super::read::payload_key;

/// The record of an event; the caller gives the event's name in the run.
pub fn write_event(event: &Event, id: &str) -> Value {
    let head = &event.head;
    let mut record = Map::new();
    record.insert("v".into(), 1.into());
    record.insert("kind".into(), head.kind.as_str().into());
    record.insert("id".into(), head.name.as_deref().unwrap_or(id).into());
    record.insert("session".into(), head.session.as_str().into());
    if let Some(time) = head.time {
        record.insert("time".into(), time.to_string().into());
    }
    if let Some(direction) = head.direction {
        record.insert("direction".into(), direction.as_str().into());
    }
    for (key, name) in [("agent", &head.agent), ("server", &head.server)] {
        if let Some(name) = name {
            record.insert(key.into(), name.as_ref().into());
        }
    }
    record.insert(payload_key(head.kind).into(), payload(event));
    let beside = beside(event);
    if !beside.is_empty() {
        record.insert("x_beside".into(), beside.into());
    }
    Value::Object(record)
}

fn payload(event: &Event) -> Value {
    match event.head.kind {
        EventKind::HttpRequest | EventKind::HttpResponse => http(event),
        EventKind::WsMessage => socket(event, "opcode", Surface::WsMessage),
        EventKind::SseEvent => socket(event, "event", Surface::SseEvent),
        EventKind::Dns => json!({ "query": text_on(event, Surface::DnsName) }),
        EventKind::Mcp | EventKind::A2a => match document(event) {
            Some(message) => json!({ "transport": "stdio", "message": message }),
            None => json!({ "transport": "stdio", "raw": bytes(&event.text) }),
        },
        EventKind::A2aCard => json!({ "card": document(event) }),
        EventKind::Model => model(event),
        EventKind::Log => match document(event) {
            Some(Value::Object(log)) => Value::Object(log),
            other => json!({ "format": method(event), "entry": other, "line": line(event) }),
        },
        EventKind::Text => {
            let surface = event.parts.first().map_or(Surface::Body, |part| part.surface);
            json!({ "surface": surface.as_str(), "text": lossless(&event.text) })
        }
    }
}

/// A message to or from a model: what the parts say, in the words of a chat, whatever the recording's format was.
fn model(event: &Event) -> Value {
    let Detail::Model { role, tool, call, .. } = &event.head.detail else { return Value::Null };
    let mut message = Map::new();
    message.insert("role".into(), role.as_deref().unwrap_or("user").into());
    let texts = |on: fn(Surface) -> bool| {
        let parts = event.parts.iter().filter(move |part| on(part.surface));
        parts.map(|part| lossless(event.bytes(part)))
    };
    let is_said =
        |surface| matches!(surface, Surface::ModelInput | Surface::ModelOutput | Surface::ToolResult);
    let said: Vec<Value> = texts(is_said).map(|text| json!({ "type": "text", "text": text })).collect();
    if !said.is_empty() {
        message.insert("content".into(), said.into());
    }
    let mut calls: Vec<Value> = texts(|surface| surface == Surface::ToolArgument)
        .map(|input| json!({ "id": call, "function": { "name": tool, "arguments": input } }))
        .collect();
    // A call without arguments.
    if calls.is_empty() && tool.is_some() && event.first_on(Surface::ToolName).is_some() {
        calls.push(json!({ "id": call, "function": { "name": tool } }));
    }
    if calls.is_empty() {
        for (key, name) in [("name", tool), ("tool_call_id", call)] {
            if let Some(name) = name {
                message.insert(key.into(), name.as_ref().into());
            }
        }
    } else {
        message.insert("tool_calls".into(), calls.into());
    }
    message.into()
}

/// A WebSocket message or a server-sent event.
fn socket(event: &Event, name: &str, surface: Surface) -> Value {
    let mut fields = Map::new();
    let all = [("url", text_on(event, Surface::Url)), (name, method(event)), ("data", body(event, surface))];
    fields.extend(
        all.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.into(), value)),
    );
    fields.into()
}

fn line(event: &Event) -> Option<Value> {
    (!event.has_document()).then(|| lossless(&event.text))
}

fn method(event: &Event) -> Value {
    match &event.head.detail {
        Detail::Http { method: Some(name), .. }
        | Detail::Log { entry_type: Some(name) }
        | Detail::Model { role: Some(name), .. } => name.as_ref().into(),
        Detail::Rpc { method, .. } => method.as_deref().into(),
        Detail::Http { .. } | Detail::Log { .. } | Detail::Model { .. } | Detail::None => Value::Null,
    }
}

fn http(event: &Event) -> Value {
    let mut message = Map::new();
    match &event.head.detail {
        Detail::Http { status: Some(status), .. } => {
            message.insert("status".into(), (*status).into());
        }
        _ if event.head.kind == EventKind::HttpRequest => {
            message.insert("method".into(), method(event));
        }
        _ => {}
    }
    if let Some(url) = event.first_on(Surface::Url) {
        message.insert("url".into(), lossless(event.bytes(url)));
    }
    message.insert("headers".into(), headers(event).into());
    let missing: u64 = event
        .head
        .missing
        .iter()
        .filter(|(why, _)| *why == NotScanned::NotRecorded)
        .map(|(_, bytes)| bytes)
        .sum();
    let mut body = body(event, Surface::Body);
    if missing > 0 {
        let fields = body.as_object_mut().map(std::mem::take).unwrap_or_default();
        let mut fields = fields;
        fields.insert("truncated_bytes".into(), missing.into());
        body = Value::Object(fields);
    }
    if !body.is_null() {
        message.insert("body".into(), body);
    }
    Value::Object(message)
}

/// Name and value of each header; the name is a part of its own before the value.
fn headers(event: &Event) -> Vec<Value> {
    let mut pairs = Vec::new();
    for part in event.parts.iter().filter(|part| part.surface == Surface::Header) {
        if let Label::Text(name) = part.label
            && part.span.start > name.start
        {
            let value = event.bytes(part);
            let value = value.strip_suffix(b"\n").unwrap_or(value);
            pairs.push(json!([lossless(event.label(part)), lossless(value)]));
        }
    }
    pairs
}

fn is_of_body(part: &Part) -> bool {
    matches!(part.origin, Origin::Body { .. })
}

fn body(event: &Event, surface: Surface) -> Value {
    // With its escapes, or with all that stands between its parts, as it was read.
    if !event.has_document() && !event.document.is_empty() {
        return bytes(&event.document);
    }
    match event.parts.iter().find(|part| part.surface == surface && part.label == Label::None) {
        Some(part) => bytes(event.bytes(part)),
        None => Value::Null,
    }
}

/// What an event holds beside the payload: parameters and cookies that a recording lists, fields of its own.
fn beside(event: &Event) -> Vec<Value> {
    let payload_is_document = event.has_document();
    let names_tool = matches!(&event.head.detail, Detail::Model { tool: Some(_), .. });
    let own = |surface: Surface| match event.head.kind {
        EventKind::HttpRequest | EventKind::HttpResponse => {
            matches!(surface, Surface::Url | Surface::Header)
        }
        EventKind::WsMessage => matches!(surface, Surface::WsMessage | Surface::Url | Surface::Header),
        EventKind::SseEvent => matches!(surface, Surface::SseEvent | Surface::Url | Surface::Header),
        EventKind::Mcp | EventKind::A2a | EventKind::A2aCard | EventKind::Log => !payload_is_document,
        // A list of tools names none as the one that is called: its names stand beside.
        EventKind::Model if surface == Surface::ToolName => names_tool,
        // What stands between the members of an event record is not said by anyone.
        EventKind::Model if surface == Surface::JsonString => payload_is_document,
        EventKind::Model => matches!(
            surface,
            Surface::ModelInput | Surface::ModelOutput | Surface::ToolResult | Surface::ToolArgument
        ),
        EventKind::Dns | EventKind::Text => true,
    };
    event
        .parts
        .iter()
        .filter(|part| {
            // Of a model's message the payload holds what is said; the rest of its record stands beside.
            (part.origin != Origin::Document || event.head.kind == EventKind::Model) && !own(part.surface)
        })
        // What has a name of its own is part of the body; what has one in the text is listed beside it.
        .filter(|part| part.surface != Surface::Body || matches!(part.label, Label::Text(_)))
        .filter(|part| !is_of_body(part) || event.head.kind == EventKind::Model)
        .filter(|part| !event.bytes(part).trim_ascii().is_empty())
        .map(|part| {
            let name = lossless(event.label(part));
            json!({ "surface": part.surface.as_str(), "name": name, "text": lossless(event.bytes(part)) })
        })
        .collect()
}

fn text_on(event: &Event, surface: Surface) -> Value {
    event.first_on(surface).map_or(Value::Null, |part| lossless(event.bytes(part)))
}

/// The document as JSON; where serde_json does not take what our tape takes, as text.
fn document(event: &Event) -> Option<Value> {
    if !event.has_document() || Tape::default().parse(&event.document).is_err() {
        return None;
    }
    serde_json::from_slice(&event.document).ok()
}

fn bytes(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => json!({ "text": text }),
        Err(_) => json!({ "base64": encode_base64(bytes) }),
    }
}

/// A string; bytes that are not UTF-8 become U+FFFD where the record has no place for bytes.
fn lossless(bytes: &[u8]) -> Value {
    String::from_utf8_lossy(bytes).into_owned().into()
}

fn encode_base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group
            .iter()
            .enumerate()
            .fold(0u32, |bits, (place, &byte)| bits | u32::from(byte) << (16 - 8 * place));
        for place in 0..4 {
            let digit = ALPHABET.get((bits >> (18 - 6 * place) & 63) as usize).copied().unwrap_or(b'A');
            out.push(if place <= group.len() { char::from(digit) } else { '=' });
        }
    }
    out
}
