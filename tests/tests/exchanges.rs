//! Recorded exchanges that are no HAR files: cassettes and flow files, in every spelling of bodies, cut anywhere.

use serde_json::json;

use crate::heard::{Heard, hear};
use crate::samples::{ORDER, gzip, token};

const TOKEN: &str = "dlp.github.pat-classic";
const IGNORE: &str = "injection.override.ignore-previous";

/// A request to a model that holds the token, as the body of a request.
fn asked() -> String {
    json!({ "model": "m", "messages": [{ "role": "user", "content": format!("Keep \"this\":\n{}", token()) }] }).to_string()
}

/// An answer of a model that steers.
fn answered() -> String {
    json!({ "choices": [{ "message": { "role": "assistant", "content": ORDER } }] }).to_string()
}

/// Base64 in lines of 76, deep in a block of YAML.
fn binary(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let bits =
            group.iter().enumerate().fold(0u32, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at));
        for place in 0..4usize {
            let digit = char::from(ALPHABET[(bits >> (18 - 6 * place) & 63) as usize]);
            out.push(if place <= group.len() { digit } else { '=' });
        }
    }
    let lines: Vec<String> = out
        .as_bytes()
        .chunks(76)
        .map(|line| format!("        {}\n", String::from_utf8_lossy(line)))
        .collect();
    lines.concat()
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// As vcrpy writes it: a compressed answer is binary.
fn vcrpy() -> String {
    format!(
        "interactions:\n- request:\n    body: {}\n    headers:\n      Authorization:\n      - made-up\n    method: POST\n    \
         uri: https://gateway.example.test/v1/chat?a=1\n  response:\n    body:\n      string: !!binary |\n{}    headers:\n      \
         content-encoding:\n      - gzip\n      content-type:\n      - application/json\n    status:\n      code: 200\n      \
         message: OK\n# between\n- request:\n    body: null\n    headers: {{}}\n    method: GET\n    uri: https://docs.example.test/\n  \
         response:\n    body:\n      string: |\n        - {ORDER}\n    headers: {{}}\n    status: {{code: 404, message: none}}\nversion: 1\n",
        quoted(&asked()),
        binary(&gzip(answered().as_bytes()))
    )
}

fn assert_exchange(heard: &Heard, format: &str) {
    assert_eq!(heard.format, format);
    let rest = format!(
        "{:?} {:?}",
        heard.findings.iter().map(|finding| finding.rule.id.clone()).collect::<Vec<_>>(),
        heard.anomalies
    );
    assert_eq!(heard.found(TOKEN), ["model_input egress /messages/0/content"], "{rest}");
    assert_eq!(heard.found(IGNORE)[0], "model_output ingress /choices/0/message/content", "{rest}");
    assert!(heard.holds("url", "https://gateway.example.test/v1/chat"));
}

#[test]
fn a_cassette_of_vcrpy_is_read_with_its_binary_bodies() {
    let heard = hear(vcrpy().as_bytes());
    assert_exchange(&heard, "vcr");
    assert_eq!(heard.found(IGNORE).len(), 2);
    assert_eq!(heard.found(IGNORE)[1], "body ingress");
    let kinds: Vec<&str> =
        heard.events.iter().map(|event| event.head.kind.as_str()).filter(|kind| *kind != "text").collect();
    assert_eq!(kinds, ["http_request", "http_response", "http_request", "http_response"]);
    assert!(heard.holds("header", "made-up") && heard.holds("log_field", "# between"));
    assert_eq!(heard.anomalies, []);
    let servers: Vec<_> = heard.events.iter().filter_map(|event| event.head.server.as_deref()).collect();
    assert_eq!(
        servers,
        ["gateway.example.test", "gateway.example.test", "docs.example.test", "docs.example.test"]
    );
}

#[test]
fn a_finding_in_a_cassette_names_the_bytes_of_its_body() {
    let text = vcrpy();
    let heard = hear(text.as_bytes());
    let finding = heard.findings.iter().find(|finding| finding.rule.id.as_ref() == TOKEN).unwrap();
    let start = usize::try_from(finding.source.pos.offset).unwrap();
    let end = start + usize::try_from(finding.source.len).unwrap();
    assert_eq!(&text[start..end], quoted(&asked()));
}

#[test]
fn a_cassette_of_ruby_and_one_with_parsed_bodies_are_read() {
    let ruby = format!(
        "---\nhttp_interactions:\n- request:\n    method: post\n    uri: https://gateway.example.test/v1/chat\n    body:\n      encoding: UTF-8\n      \
         string: {}\n    headers:\n      Accept:\n      - \"*/*\"\n  response:\n    status:\n      code: 200\n      message: OK\n    headers: {{}}\n    \
         body:\n      encoding: UTF-8\n      string: {}\n  recorded_at: Sun, 01 Mar 2026 10:00:00 GMT\nrecorded_with: VCR 6.2.0\n",
        quoted(&asked()),
        quoted(&answered())
    );
    let heard = hear(ruby.as_bytes());
    assert_exchange(&heard, "vcr");
    let time = heard.events.iter().find_map(|event| event.head.time).unwrap();
    assert_eq!(time.to_string(), "2026-03-01T10:00:00Z");
    let parsed = format!(
        "interactions:\n- request:\n    headers: {{}}\n    method: POST\n    parsed_body:\n      messages:\n      - content: {}\n        role: user\n      \
         model: m\n    uri: https://gateway.example.test/v1/chat\n  response:\n    headers: {{}}\n    parsed_body:\n      choices:\n      - message:\n          \
         content: {ORDER}\n          role: assistant\n    status:\n      code: 200\nversion: 1\n",
        token()
    );
    assert_exchange(&hear(parsed.as_bytes()), "vcr");
}

#[test]
fn a_cassette_in_json_is_read() {
    let interaction = json!({
        "request": { "method": "POST", "uri": "https://gateway.example.test/v1/chat", "body": asked(), "headers": { "A": ["b"] } },
        "response": { "status": { "code": 200, "message": "OK" }, "headers": {}, "body": { "string": answered() } },
    });
    let text = json!({ "version": 1, "interactions": [interaction] });
    for text in [text.to_string(), format!("{text:#}")] {
        assert_exchange(&hear(text.as_bytes()), "vcr");
    }
}

/// A tnetstring.
fn tnet(payload: &[u8], kind: u8) -> Vec<u8> {
    [format!("{}:", payload.len()).as_bytes(), payload, &[kind]].concat()
}

fn text(text: &str) -> Vec<u8> {
    tnet(text.as_bytes(), b';')
}

fn bytes(bytes: &[u8]) -> Vec<u8> {
    tnet(bytes, b',')
}

fn list(items: &[Vec<u8>]) -> Vec<u8> {
    tnet(&items.concat(), b']')
}

fn map(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let payload: Vec<u8> =
        members.iter().flat_map(|(key, value)| [text(key), value.clone()].concat()).collect();
    tnet(&payload, b'}')
}

fn flow() -> Vec<u8> {
    let field = |name: &str, value: &str| list(&[bytes(name.as_bytes()), bytes(value.as_bytes())]);
    let request = map(&[
        ("http_version", bytes(b"HTTP/1.1")),
        (
            "headers",
            list(&[field("host", "gateway.example.test"), field("content-type", "application/json")]),
        ),
        ("content", bytes(asked().as_bytes())),
        ("timestamp_start", tnet(b"1772359200.5", b'^')),
        ("host", text("10.0.0.7")),
        ("port", tnet(b"443", b'#')),
        ("method", bytes(b"POST")),
        ("scheme", bytes(b"https")),
        ("authority", bytes(b"")),
        ("path", bytes(b"/v1/chat?a=1")),
    ]);
    let response = map(&[
        ("status_code", tnet(b"200", b'#')),
        ("reason", bytes(b"OK")),
        ("headers", list(&[field("content-encoding", "gzip")])),
        ("content", bytes(&gzip(answered().as_bytes()))),
    ]);
    let message = |from_client: &[u8], content: &str| {
        list(&[
            tnet(b"1", b'#'),
            tnet(from_client, b'!'),
            bytes(content.as_bytes()),
            tnet(b"1772359201.0", b'^'),
            tnet(b"false", b'!'),
        ])
    };
    let socket = map(&[
        ("messages", list(&[message(b"true", "ping"), message(b"false", ORDER)])),
        ("closed_by_client", tnet(b"", b'~')),
    ]);
    map(&[
        ("websocket", socket),
        ("response", response),
        ("request", request),
        ("error", tnet(b"", b'~')),
        ("comment", text("a note")),
        ("type", text("http")),
        ("version", tnet(b"21", b'#')),
    ])
}

#[test]
fn a_flow_of_mitmproxy_is_read_with_its_web_socket() {
    let heard = hear(&[flow(), flow()].concat());
    assert_eq!(heard.format, "mitmproxy");
    assert_eq!(heard.found(TOKEN), ["model_input egress /messages/0/content"; 2]);
    let once = ["model_output ingress /choices/0/message/content", "ws_message ingress"];
    assert_eq!(heard.found(IGNORE), [once, once].concat());
    assert!(heard.holds("url", "https://gateway.example.test/v1/chat?a=1"));
    assert!(heard.holds("log_field", "a note") && heard.holds("log_field", "HTTP/1.1"));
    assert_eq!(heard.anomalies, []);
    let times: Vec<String> =
        heard.events.iter().filter_map(|event| event.head.time).map(|time| time.to_string()).collect();
    assert_eq!(times[..2], ["2026-03-01T10:00:00.500Z", "2026-03-01T10:00:01Z"]);
}

#[test]
fn other_flows_are_log_events_of_their_fields() {
    let message = list(&[tnet(b"true", b'!'), bytes(token().as_bytes()), tnet(b"1772359201.0", b'^')]);
    let heard = hear(&map(&[("messages", list(&[message])), ("type", text("tcp"))]));
    assert_eq!(heard.found(TOKEN), ["log_field -"]);
}

#[test]
fn recordings_cut_at_any_byte_are_booked_and_scanned() {
    for whole in [vcrpy().into_bytes(), [flow(), flow()].concat()] {
        for end in (0..whole.len()).step_by(13) {
            let heard = hear(&whole[..end]);
            assert!(end < 100 || heard.format != "unknown", "{end}");
        }
    }
    let garbled = [flow(), b"no length".to_vec(), flow()].concat();
    let heard = hear(&garbled);
    assert_eq!(heard.found(TOKEN).len(), 2, "what follows the damage is scanned as text");
    assert!(!heard.anomalies.is_empty());
}

/// A file that another program wrote.
fn recorded(name: &str) -> Heard {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/recordings");
    hear(&std::fs::read(folder.join(name)).unwrap())
}

fn kinds(heard: &Heard) -> Vec<&str> {
    heard.events.iter().map(|event| event.head.kind.as_str()).filter(|kind| *kind != "text").collect()
}

#[test]
fn files_that_mitmproxy_and_vcrpy_wrote_are_read_whole() {
    let heard = recorded("mitmproxy-11.mitm");
    assert_eq!(heard.anomalies, []);
    assert_eq!(kinds(&heard), ["http_request", "http_response", "model", "http_request", "http_response"]);
    assert_eq!(heard.said(), ["answer ingress - -: model_output=One two"]);
    assert!(heard.holds("model_input", "Say hello\nplease") && heard.holds("model_output", "Hello there"));
    assert!(heard.holds("url", "http://127.0.0.1:18231/v1/chat/completions?k=1"));
    let heard = recorded("mitmproxy-11-kinds.mitm");
    assert_eq!(heard.anomalies, []);
    let wanted = [
        "http_request",
        "http_response",
        "ws_message",
        "ws_message",
        "ws_message",
        "log",
        "log",
        "http_request",
        "http_response",
    ];
    assert_eq!(kinds(&heard), wanted);
    assert!(heard.holds("ws_message", "hello text") && heard.holds("log_field", "it's me"));
    for name in ["vcrpy-9.yaml", "vcrpy-9.json"] {
        let heard = recorded(name);
        assert_eq!((heard.format.as_str(), heard.anomalies.as_slice()), ("vcr", &[][..]), "{name}");
        assert_eq!(
            kinds(&heard),
            ["http_request", "http_response", "http_request", "http_response", "model"],
            "{name}"
        );
        assert!(heard.holds("model_input", "Say hello\nplease: \"now\""), "{name}");
        assert!(heard.holds("model_output", "Hello there"), "{name}");
    }
}
