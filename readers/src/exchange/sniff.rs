//! Whether a file is a cassette or holds flows of mitmproxy, by its first bytes.

use coldcase_model::json::{Tape, Value};

use crate::frame::length;

/// How a cassette is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cassette {
    /// YAML.
    Yaml,
    /// JSON, with its interactions in the array at this path.
    Json(&'static [&'static str]),
}

/// The keys of the list of interactions.
pub(crate) const KEYS: &[&str] = &["interactions", "http_interactions"];
const PATHS: [&[&str]; 2] = [&["interactions"], &["http_interactions"]];
/// How many lines may come before the list.
const LINES: usize = 64;

/// Whether a text is a cassette in YAML: the list's key at the start of a line, and a dash after it.
pub(crate) fn is_cassette_text(text: &[u8]) -> bool {
    let lines = text.split(|byte| *byte == b'\n').take(LINES).map(|line| (line, line.trim_ascii()));
    let mut lines = lines.filter(|(_, text)| !text.is_empty() && !text.starts_with(b"#"));
    let is_key = |line: &[u8], text: &[u8]| {
        let named = KEYS.iter().any(|key| text.strip_suffix(b":") == Some(key.as_bytes()));
        named && !line.starts_with(b" ")
    };
    lines.any(|(line, text)| is_key(line, text))
        && lines.next().is_some_and(|(_, text)| text.starts_with(b"- "))
}

/// The cassette that a JSON document is, of which this is the start.
pub(crate) fn cassette(text: &[u8], tape: &mut Tape) -> Option<Cassette> {
    PATHS.into_iter().find(|path| holds_interactions(text, path, tape)).map(Cassette::Json)
}

fn holds_interactions(text: &[u8], path: &[&str], tape: &mut Tape) -> bool {
    let Some(key) = path.first() else { return false };
    let list = || {
        let quoted = format!("\"{key}\"");
        let at = memchr::memmem::find(text, quoted.as_bytes())? + quoted.len();
        let list = text.get(at..)?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
        list.strip_prefix(b"[").map(<[u8]>::trim_ascii_start)
    };
    let Some(item) = list().filter(|_| text.starts_with(b"{")) else { return false };
    match tape.parse_first(item) {
        Ok((item, _)) => is_interaction(item),
        // Longer than what is seen of it.
        Err(_) => {
            let start = item.get(..item.len().min(4096)).unwrap_or(item);
            let has = |key: &[u8]| memchr::memmem::find(start, key).is_some();
            has(b"\"request\"") && has(b"\"method\"") && (has(b"\"uri\"") || has(b"\"url\""))
        }
    }
}

fn is_interaction(item: Value<'_, '_>) -> bool {
    let asked = item.get("request").is_some_and(|request| {
        (request.get("uri").is_some() || request.get("url").is_some()) && request.get("method").is_some()
    });
    asked && item.get("response").is_some()
}

/// Whether bytes are the start of a flow: a map whose first key is one of mitmproxy's.
pub(crate) fn is_flow_file(head: &[u8]) -> bool {
    const NAMES: [&[u8]; 24] = [
        b"type",
        b"version",
        b"id",
        b"error",
        b"request",
        b"response",
        b"websocket",
        b"client_conn",
        b"server_conn",
        b"intercepted",
        b"is_replay",
        b"modified",
        b"marked",
        b"metadata",
        b"comment",
        b"timestamp_created",
        b"backup",
        b"messages",
        b"mode",
        b"handshake_flow",
        b"close_code",
        b"close_message",
        b"close_reason",
        b"close_sender",
    ];
    let Some((size, before)) = length(head) else { return false };
    let Some((key, at)) = head.get(before..).and_then(length) else { return false };
    let start = before + at;
    let Some(end) = usize::try_from(key).ok().and_then(|key| start.checked_add(key)) else { return false };
    size > key
        && head.get(start..end).is_some_and(|name| NAMES.contains(&name))
        && matches!(head.get(end), Some(b';' | b','))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cassettes_and_flows_are_told_by_their_first_bytes() {
        assert!(is_cassette_text(b"interactions:\n- request:\n    uri: x\n"));
        assert!(is_cassette_text(b"---\n# made\nversion: 2\nhttp_interactions:\n    - id: 0\n"));
        assert!(!is_cassette_text(b"interactions:\n  a: b\n- c\n"));
        assert!(!is_cassette_text(b"x:\n  interactions:\n  - a\n"));
        let json = br#"{"version":1,"interactions":[{"request":{"method":"GET","uri":"x"},"response":{}}]}"#;
        assert_eq!(cassette(json, &mut Tape::default()), Some(Cassette::Json(&["interactions"])));
        assert_eq!(
            cassette(br#"{"interactions":[{"request":"a","response":"b"}]}"#, &mut Tape::default()),
            None
        );
        assert!(is_flow_file(b"1834:9:websocket;0:~8:response;"));
        assert!(is_flow_file(b"20:4:type;4:http;"));
        assert!(!is_flow_file(b"20:4:tape;4:http;"));
        assert!(!is_flow_file(b"12:30:00 started"));
    }
}
