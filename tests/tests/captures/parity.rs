//! The same exchanges as a capture, as a HAR file and as event records give the same findings.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::packets::{Capture, Flow, From, answer, post};
use super::wired::counted;
use crate::command::coldcase;
use crate::{output, samples};

const HOST: &str = "http://api.example.test";

/// A request and its answer: path, posted body, type and body of the answer.
struct Exchange {
    path: &'static str,
    posted: String,
    kind: &'static str,
    answer: String,
}

/// A note that holds a token, and a page that steers; a call of a tool that passes the token on, and its result.
fn exchanges() -> [Exchange; 2] {
    let (token, order) = (samples::token(), samples::ORDER);
    // Longer than a segment, so that what is planted crosses some.
    let filler = "the owner reads the plan and writes an answer. ".repeat(60);
    let call = json!({
        "jsonrpc": "2.0", "id": 3, "method": "tools/call",
        "params": { "name": "post", "arguments": { "body": format!("{filler}{token}") } },
    });
    let result = json!({
        "jsonrpc": "2.0", "id": 3,
        "result": { "content": [{ "type": "text", "text": format!("{filler}{order}") }] },
    });
    [
        Exchange {
            path: "/notes",
            posted: json!({ "note": format!("{filler}{token}") }).to_string(),
            kind: "text/html",
            answer: format!("<p>{filler}{order}</p>"),
        },
        Exchange {
            path: "/mcp",
            posted: call.to_string(),
            kind: "application/json",
            answer: result.to_string(),
        },
    ]
}

fn capture() -> Capture {
    let mut capture = Capture::new();
    let mut flow = Flow::open(&mut capture, 1);
    for one in exchanges() {
        let request = post(one.path, "application/json", one.posted.as_bytes());
        flow.send(&mut capture, From::Client, &request);
        let fields = format!("Content-Type: {}\r\n", one.kind);
        flow.send(&mut capture, From::Server, &answer(&fields, one.answer.as_bytes()));
    }
    flow.close(&mut capture);
    capture
}

fn har() -> String {
    let pair = |name: &str, value: &str| json!({ "name": name, "value": value });
    let entry = |one: Exchange| {
        json!({
            "startedDateTime": "2026-03-01T10:00:00.000Z", "time": 12,
            "request": {
                "method": "POST", "url": format!("{HOST}{}", one.path), "httpVersion": "HTTP/1.1",
                "headers": [pair("Host", "api.example.test"), pair("Content-Type", "application/json")],
                "cookies": [], "queryString": [], "headersSize": -1, "bodySize": -1,
                "postData": { "mimeType": "application/json", "text": one.posted },
            },
            "response": {
                "status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "cookies": [], "redirectURL": "",
                "headers": [pair("Content-Type", one.kind)], "headersSize": -1, "bodySize": -1,
                "content": { "size": one.answer.len(), "mimeType": one.kind, "text": one.answer },
            },
            "cache": {}, "timings": { "send": 1, "wait": 10, "receive": 1 },
        })
    };
    let entries: Vec<Value> = exchanges().into_iter().map(entry).collect();
    json!({ "log": { "version": "1.2", "creator": { "name": "made", "version": "1" }, "entries": entries } })
        .to_string()
}

/// Event records as a gateway writes them: messages of MCP are events of their own.
fn records() -> String {
    let [page, tool] = exchanges();
    let document = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let mcp = |text: &str| json!({ "transport": "http", "message": document(text) });
    let url = format!("{HOST}{}", page.path);
    let request = json!({
        "method": "POST", "url": url, "headers": [["Content-Type", "application/json"]],
        "body": { "text": page.posted },
    });
    let response = json!({
        "status": 200, "url": url, "headers": [["Content-Type", page.kind]], "body": { "text": page.answer },
    });
    [
        ("egress", "http_request", "request", request),
        ("ingress", "http_response", "response", response),
        ("egress", "mcp", "mcp", mcp(&tool.posted)),
        ("ingress", "mcp", "mcp", mcp(&tool.answer)),
    ]
    .map(|(direction, kind, key, payload)| {
        let record = json!({
            "v": 1, "kind": kind, "session": "s", "time": "2026-03-01T10:00:00Z", "direction": direction,
            key: payload,
        });
        format!("{record}\n")
    })
    .concat()
}

/// Rule, kind of event and direction of every finding of an input, and how often each is there.
fn findings(input: &Path, out: &Path) -> BTreeMap<(String, String, String), usize> {
    let events = coldcase(["inspect", "--events", input.to_str().unwrap()]);
    assert_eq!(events.code, 0, "{}", events.stderr);
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or("none").to_owned();
    let events = events.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let kinds: BTreeMap<String, String> =
        events.map(|event| (text(&event, "id"), text(&event, "kind"))).collect();
    let scan = coldcase(["scan", input.to_str().unwrap(), "-q", "-o", out.to_str().unwrap()]);
    assert_eq!(scan.code, 0, "{}", scan.stderr);
    let finding = |finding: &Value| {
        let rule = text(finding, "rule");
        // What an action follows from is told at the first event of the exchange: where the request round a message was not
        // recorded, that is the message.
        let kind = if rule.starts_with("taint.") { "any" } else { &kinds[&text(finding, "event")] };
        (rule, kind.to_owned(), text(finding, "direction"))
    };
    counted(output::findings(out).iter().map(finding))
}

#[test]
fn a_capture_a_har_file_and_event_records_of_the_same_exchanges_give_the_same_findings() {
    let temp = tempfile::tempdir().unwrap();
    let at = |name: &str| temp.path().join(name);
    capture().write(&at("made.pcap"));
    std::fs::write(at("made.har"), har()).unwrap();
    std::fs::write(at("made.jsonl"), records()).unwrap();
    let of_capture = findings(&at("made.pcap"), &at("of-capture"));
    for (rule, kind, direction) in [
        ("dlp.github.pat-classic", "http_request", "egress"),
        ("dlp.github.pat-classic", "mcp", "egress"),
        ("injection.override.ignore-previous", "http_response", "ingress"),
        ("injection.override.ignore-previous", "mcp", "ingress"),
    ] {
        let finding = [rule, kind, direction].map(str::to_owned);
        assert!(of_capture.contains_key(&finding.clone().into()), "{finding:?} in {of_capture:?}");
    }
    for name in ["made.har", "made.jsonl"] {
        assert_eq!(findings(&at(name), &at(&format!("of-{name}"))), of_capture, "left: {name}");
    }
}
