//! Requests to models and their answers, inside of HTTP: what is said in them has its surfaces, and a finding leads to the
//! place in the body.

use serde_json::{Value, json};

use crate::heard::{Heard, hear};
use crate::samples::{ORDER, token};

const TOKEN: &str = "dlp.github.pat-classic";
const IGNORE: &str = "injection.override.ignore-previous";

/// A HAR file with one exchange of JSON bodies.
fn har(request: &str, mime: &str, answer: &str) -> String {
    let entry = json!({
        "startedDateTime": "2026-03-01T10:00:00.000Z", "time": 12,
        "request": { "method": "POST", "url": "https://gateway.example.test/v1/ask", "headers": [], "cookies": [],
            "queryString": [], "postData": { "mimeType": "application/json", "text": request } },
        "response": { "status": 200, "statusText": "OK", "headers": [], "cookies": [], "redirectURL": "",
            "content": { "size": answer.len(), "mimeType": mime, "text": answer } },
    });
    json!({ "log": { "version": "1.2", "entries": [entry] } }).to_string()
}

fn chat() -> Value {
    json!({
        "model": "m",
        "messages": [
            { "role": "system", "content": "Be \"kind\"." },
            { "role": "user", "content": "What does the page say?\nSay it." },
            { "role": "assistant", "content": format!("It holds\t{} only.", token()) },
            { "role": "tool", "tool_call_id": "c1", "content": ORDER },
        ],
        "tools": [{ "type": "function", "function": { "name": "fetch", "description": "Fetches a page.", "parameters": {} } }],
    })
}

fn answer() -> String {
    let call = json!({ "id": "c2", "type": "function", "function": { "name": "post", "arguments": json!({ "body": token() }).to_string() } });
    json!({ "id": "x", "choices": [{ "message": { "role": "assistant", "content": "Done.", "tool_calls": [call] } }] })
        .to_string()
}

fn assert_whole(heard: &Heard) {
    assert_eq!(
        heard.found(TOKEN),
        [
            "model_output egress /messages/2/content",
            "tool_argument ingress /choices/0/message/tool_calls/0/function/arguments"
        ]
    );
    assert!(heard.holds("model_input", "What does the page say?\nSay it."));
    assert!(heard.holds("model_input", "Be \"kind\"."));
    assert!(heard.holds("tool_result", ORDER));
    assert!(heard.holds("tool_name", "fetch"));
    assert!(heard.holds("tool_description", "Fetches a page."));
    assert!(heard.holds("model_output", "Done."));
    assert!(heard.holds("body", "\"model\":\"m\""));
    assert!(!heard.holds("body", "Fetches a page."));
}

#[test]
fn bodies_of_a_har_file_have_the_surfaces_of_what_is_said_in_them() {
    let request = chat().to_string();
    let text = har(&request, "application/json", &answer());
    let heard = hear(text.as_bytes());
    assert_whole(&heard);
    // The source is the body as the file holds it; the span counts in the string that the pointer names.
    let finding = heard.findings.iter().find(|finding| finding.rule.id.as_ref() == TOKEN).unwrap();
    let start = usize::try_from(finding.source.pos.offset).unwrap();
    let end = start + usize::try_from(finding.source.len).unwrap();
    assert_eq!(serde_json::from_str::<String>(&text[start..end]).unwrap(), request);
    assert_eq!((finding.span.start, finding.span.len()), ("It holds\t".len(), token().len()));
}

#[test]
fn an_event_record_of_the_same_exchange_reads_the_same() {
    let record = |kind: &str, payload: Value| {
        let key = if kind == "http_request" { "request" } else { "response" };
        format!("{}\n", json!({ "v": 1, "kind": kind, key: payload }))
    };
    let url = "https://gateway.example.test/v1/ask";
    let asked =
        json!({ "method": "POST", "url": url, "headers": [], "body": { "text": chat().to_string() } });
    let said = json!({ "url": url, "status": 200, "headers": [], "body": { "text": answer() } });
    assert_whole(&hear([record("http_request", asked), record("http_response", said)].concat().as_bytes()));
}

/// A request is egress as a whole: rules for what comes in do not look at the history that it repeats. They look at answers.
#[test]
fn what_a_request_repeats_is_not_looked_at_by_rules_for_ingress() {
    let heard = hear(har(&chat().to_string(), "application/json", "{}").as_bytes());
    assert_eq!(heard.found(IGNORE), [""; 0]);
    let answer = json!({ "choices": [{ "message": { "role": "assistant", "content": ORDER } }] }).to_string();
    let heard = hear(har("{}", "application/json", &answer).as_bytes());
    assert_eq!(heard.found(IGNORE), ["model_output ingress /choices/0/message/content"]);
}

#[test]
fn an_answer_in_pieces_is_joined_in_a_har_file_too() {
    let token = token();
    let (one, two) = token.split_at(17);
    let piece = |text: &str| {
        format!("data: {}\n\n", json!({ "choices": [{ "index": 0, "delta": { "content": text } }] }))
    };
    let stream = [piece("It is "), piece(one), piece(two), "data: [DONE]\n\n".to_owned()].concat();
    let heard = hear(har("{}", "text/event-stream; charset=utf-8", &stream).as_bytes());
    assert_eq!(heard.found(TOKEN), ["model_output ingress"]);
    let heard = hear(har("{}", "text/plain", &stream).as_bytes());
    assert_eq!(heard.found(TOKEN), [""; 0]);
}

#[test]
fn json_that_is_no_such_body_stays_a_body() {
    let other = json!({ "messages": [{ "id": 1, "content": token() }] }).to_string();
    assert_eq!(
        hear(har(&other, "text/plain", "").as_bytes()).found(TOKEN),
        ["body egress /messages/0/content"]
    );
}
