//! Messages of HTTP as the payloads of event records, in the layout that `scan` and `judge` read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use coldcase_model::{Direction, EventKind};
use hyper::HeaderMap;
use serde_json::Value;

/// A message that is to be judged.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) kind: EventKind,
    pub(super) direction: Direction,
    pub(super) session: String,
    /// The host at the other end.
    pub(super) server: String,
    pub(super) key: &'static str,
    pub(super) payload: Vec<u8>,
    /// How many bytes it has, for the log.
    pub(super) bytes: u64,
}

/// The bytes of a body, and how many more there are that nobody looks at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held<'b> {
    pub(super) bytes: &'b [u8],
    pub(super) over: u64,
}

impl Held<'_> {
    pub(super) const NONE: Held<'static> = Held { bytes: &[], over: 0 };
}

/// A request: method, URL, header fields and trailers, body.
pub(super) fn request(
    method: &str,
    url: &str,
    (fields, trailers): (&HeaderMap, Option<&HeaderMap>),
    body: Held<'_>,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.bytes.len() + 1024);
    out.extend_from_slice(b"{\"method\":");
    string(&mut out, method);
    out.extend_from_slice(b",\"url\":");
    string(&mut out, url);
    headers(&mut out, [fields].into_iter().chain(trailers));
    bytes(&mut out, "body", body);
    out.push(b'}');
    out
}

/// A response: status, URL of the request without its query, header fields and trailers, body.
pub(super) fn response(
    status: u16,
    url: &str,
    (fields, trailers): (&HeaderMap, Option<&HeaderMap>),
    body: Held<'_>,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.bytes.len() + 1024);
    out.extend_from_slice(format!("{{\"status\":{status},\"url\":").as_bytes());
    string(&mut out, without_query(url));
    headers(&mut out, [fields].into_iter().chain(trailers));
    bytes(&mut out, "body", body);
    out.push(b'}');
    out
}

/// A WebSocket message.
pub(super) fn socket(url: &str, opcode: &str, data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() + 256);
    out.extend_from_slice(b"{\"url\":");
    string(&mut out, without_query(url));
    out.extend_from_slice(b",\"opcode\":");
    string(&mut out, opcode);
    bytes(&mut out, "data", Held { bytes: data, over: 0 });
    out.push(b'}');
    out
}

/// A server-sent event. What it has besides name, id and data stands beside the payload.
pub(super) fn event(url: &str, event: &coldcase_wire::sse::Event) -> Vec<u8> {
    let data = event.data.as_deref().unwrap_or_default();
    let mut out = Vec::with_capacity(data.len() + 256);
    out.extend_from_slice(b"{\"url\":");
    string(&mut out, without_query(url));
    for (key, value) in [("event", &event.name), ("last_event_id", &event.id)] {
        if let Some(value) = value {
            out.extend_from_slice(format!(",\"{key}\":").as_bytes());
            string(&mut out, &String::from_utf8_lossy(value));
        }
    }
    let rest =
        [event.comments.as_slice(), event.other.as_slice(), event.retry.as_deref().unwrap_or_default()];
    let rest: Vec<&[u8]> = rest.into_iter().filter(|text| !text.is_empty()).collect();
    bytes(&mut out, "data", Held { bytes: data, over: 0 });
    out.push(b'}');
    if !rest.is_empty() {
        out.extend_from_slice(b",\"x_beside\":[{\"surface\":\"sse_event\",\"name\":\"\",\"text\":");
        string(&mut out, &String::from_utf8_lossy(&rest.join(&b'\n')));
        out.extend_from_slice(b"}]");
    }
    out
}

/// A name by itself, such as the one that TLS asks for.
pub(super) fn host(name: &str) -> Vec<u8> {
    let mut out = b"{\"surface\":\"host\",\"text\":".to_vec();
    string(&mut out, name);
    out.push(b'}');
    out
}

/// A URL up to its query or fragment: in an answer it only says what is answered.
fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

fn string(out: &mut Vec<u8>, text: &str) {
    // A string can always be written.
    let _never = serde_json::to_writer(out, text);
}

fn headers<'f>(out: &mut Vec<u8>, fields: impl Iterator<Item = &'f HeaderMap>) {
    out.extend_from_slice(b",\"headers\":[");
    let start = out.len();
    for (name, value) in fields.flatten() {
        if out.len() > start {
            out.push(b',');
        }
        out.push(b'[');
        string(out, name.as_str());
        out.push(b',');
        match std::str::from_utf8(value.as_bytes()) {
            Ok(value) => string(out, value),
            Err(_) => coded(out, value.as_bytes()),
        }
        out.push(b']');
    }
    out.push(b']');
}

fn coded(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(b"{\"base64\":\"");
    out.extend_from_slice(STANDARD.encode(bytes).as_bytes());
    out.extend_from_slice(b"\"}");
}

/// Bytes as text if they are that, and if it does not make the record much longer than they are.
fn bytes(out: &mut Vec<u8>, key: &str, held: Held<'_>) {
    if held.bytes.is_empty() && held.over == 0 {
        return;
    }
    out.extend_from_slice(format!(",\"{key}\":").as_bytes());
    let before = out.len();
    if let Ok(text) = std::str::from_utf8(held.bytes) {
        out.extend_from_slice(b"{\"text\":");
        string(out, text);
        if out.len() - before > LONGEST_TEXT {
            out.truncate(before);
        } else {
            out.push(b'}');
        }
    }
    if out.len() == before {
        coded(out, held.bytes);
    }
    if held.over > 0 {
        out.pop();
        out.extend_from_slice(format!(",\"over_limit_bytes\":{}}}", Value::from(held.over)).as_bytes());
    }
}

/// With this much text a record stays under what readers take as one; 8 MiB in base64 do as well.
const LONGEST_TEXT: usize = 15 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_a_message_stands_in_the_record() {
        let mut fields = HeaderMap::new();
        fields.append("a", "1".parse().unwrap());
        fields.append("a", hyper::header::HeaderValue::from_bytes(b"\xE9").unwrap());
        let text = request("POST", "http://h.test/?q=\"", (&fields, None), Held { bytes: b"x\n", over: 7 });
        let read: Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(read["headers"], serde_json::json!([["a", "1"], ["a", { "base64": "6Q==" }]]));
        assert_eq!(read["body"], serde_json::json!({ "text": "x\n", "over_limit_bytes": 7 }));
        let binary = response(200, "http://h.test/p?q#f", (&fields, None), Held { bytes: b"\xFF", over: 0 });
        let read: Value = serde_json::from_slice(&binary).unwrap();
        assert_eq!((&read["url"], &read["body"]["base64"]), (&"http://h.test/p".into(), &"/w==".into()));
    }
}
