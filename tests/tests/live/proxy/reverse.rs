//! In front of an MCP server: streamable HTTP and its streams, judged as `mcp` judges.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{Got, Way, ask, post, request};
use super::server::{Answer, Server};
use super::started::{Started, decisions};
use crate::live::client::{call, result};
use crate::samples::{ORDER, token};

/// A server that answers each call with what its argument says.
fn server() -> Server {
    Server::start(|asked| {
        let asked_for: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
        let id = asked_for["id"].to_string();
        let text = match asked_for["params"]["arguments"]["body"].as_str() {
            Some("order") => ORDER,
            _ => "a clean answer",
        };
        if asked.method == "GET" {
            return Answer::new("text/event-stream", "event: endpoint\ndata: /messages?s=1\n\n");
        }
        if asked_for["id"].is_null() {
            return Answer { status: 202, ..Answer::new("text/plain", "") };
        }
        if asked.target.ends_with("stream") {
            let progress = r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1}}"#;
            let stream = format!("data: {progress}\n\nid: 7\ndata: {}\n\n", result(&id, text));
            return Answer::new("text/event-stream", stream).in_pieces(13);
        }
        Answer::new("application/json", result(&id, text)).with("mcp-session-id", "s-1")
    })
}

fn before(server: &Server, args: &[&str]) -> Started {
    let upstream = format!("http://{}/mcp", server.plain);
    Started::recording(&[&["--upstream", &upstream][..], args].concat())
}

fn say(proxy: &Started, path: &str, body: &str) -> Got {
    let mut request = post(path, body);
    request.headers_mut().insert("host", "localhost:1".parse().unwrap());
    request.headers_mut().insert("mcp-session-id", "secret-session-id".parse().unwrap());
    ask(proxy.address, &Way::Reverse, request)
}

#[test]
fn calls_and_results_are_judged_and_errors_keep_their_ids() {
    let server = server();
    let proxy = before(&server, &[]);
    let got = say(&proxy, "/mcp", &call("1", "hello"));
    assert_eq!(
        (got.status, got.json()["result"]["content"][0]["text"].as_str()),
        (200, Some("a clean answer"))
    );
    let pretty =
        serde_json::to_string_pretty(&serde_json::from_str::<Value>(&call("2", "hello")).unwrap()).unwrap();
    assert_eq!(say(&proxy, "/", &pretty).json()["id"], 2, "the path of the server is its own");
    assert_eq!(server.seen()[1].target, "/mcp");
    let seen = server.seen().len();
    let got = say(&proxy, "/mcp", &call("\"x\"", &token()));
    assert_eq!(
        (got.status, &got.json()["id"], &got.json()["error"]["code"]),
        (200, &json!("x"), &json!(-32010))
    );
    let got = say(&proxy, "/mcp", "{\"jsonrpc\":\"2.0\",\"id\":5,\"id\":6,\"method\":\"x\"}");
    assert_eq!(got.json()["error"]["code"], -32600);
    let got = say(&proxy, "/mcp", "{\"jsonrpc\":\"2.0\",\"id\":5,");
    assert_eq!(got.json()["error"]["code"], -32700);
    let note = json!({ "jsonrpc": "2.0", "method": "notifications/x", "params": { "note": token() } });
    let got = say(&proxy, "/mcp", &note.to_string());
    assert_eq!((got.status, got.body.len()), (202, 0));
    let batch = format!("[{},{}]", call("8", "fine"), call("9", &token()));
    let got = say(&proxy, "/mcp", &batch);
    let ids = got.json().as_array().unwrap().iter().map(|error| error["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids, [json!(8), json!(9)], "whoever waits for an answer gets one");
    assert_eq!(server.seen().len(), seen, "none of it reached the server");
    let got = say(&proxy, "/mcp", &call("10", "order"));
    assert_eq!(
        (got.status, &got.json()["id"], &got.json()["error"]["code"]),
        (200, &json!(10), &json!(-32010))
    );
    assert!(!got.text().contains(ORDER));

    let (folder, said) = proxy.end();
    assert!(!said.contains(&token()) && !said.contains(ORDER), "{said}");
    let records = std::fs::read_to_string(folder.path().join("seen.jsonl")).unwrap();
    let sessions: std::collections::BTreeSet<String> = records
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["session"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(sessions.len(), 1, "{sessions:?}");
    let log = std::fs::read_dir(folder.path().join("log")).unwrap();
    let log: String = log.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    assert!(log.contains(&format!("session {} is of mcp ", sessions.first().unwrap())), "{sessions:?}");
    assert!(!log.contains("secret-session-id"));
    assert!(decisions(&folder).len() > 10);
}

#[test]
fn the_older_transport_has_its_errors_in_the_stream_that_answers_come_by() {
    let server = Server::start(|asked| match asked.method.as_str() {
        "GET" => {
            let pieces = ["event: endpoint\ndata: /messages?s=1\n\n", ": the end\n\n"].map(Vec::from);
            let stream = Answer::new("text/event-stream", "");
            Answer { pieces: pieces.into(), pause: Duration::from_secs(3), ..stream }
        }
        _ => Answer { status: 202, ..Answer::new("text/plain", "") },
    });
    let proxy = before(&server, &[]);
    let address = proxy.address;
    let stream = std::thread::spawn(move || {
        let mut open = request("GET", "/sse", "");
        open.headers_mut().insert("host", "localhost:1".parse().unwrap());
        ask(address, &Way::Reverse, open)
    });
    std::thread::sleep(Duration::from_secs(1));
    let got = say(&proxy, "/messages?s=1", &call("7", &token()));
    assert_eq!((got.status, got.text().as_str()), (202, ""), "as the server answers a post");
    let got = say(&proxy, "/messages?s=2", &call("8", &token()));
    assert_eq!((got.status, &got.json()["id"]), (200, &json!(8)), "no stream has named this one");
    let told = stream.join().unwrap();
    let text = told.text();
    let error = text.split("\n\n").find_map(|event| event.strip_prefix("event: message\ndata: "));
    let error: Value = serde_json::from_str(error.unwrap_or_else(|| panic!("{text}"))).unwrap();
    assert_eq!((&error["id"], &error["error"]["code"]), (&json!(7), &json!(-32010)));
    assert!(text.ends_with("\n\n: the end\n\n"), "the stream goes on: {text}");
    assert!(server.seen().iter().all(|asked| asked.method == "GET"));
}

#[test]
fn what_is_held_back_with_a_batch_is_logged_as_blocked_and_judged_as_it_is() {
    let server = server();
    let proxy = before(&server, &[]);
    let batch = format!("[{},{}]", call("1", "fine"), call("2", &token()));
    let got = say(&proxy, "/mcp", &batch);
    let error = &got.json()[0]["error"];
    assert_eq!(
        (&error["code"], &error["data"]["rules"]),
        (&json!(-32010), &json!([])),
        "nothing was found in it: {error}"
    );
    let clean = format!("[{},{}]", call("3", "fine"), call("4", "fine"));
    assert_eq!(say(&proxy, "/mcp", &clean).status, 202, "as the server says");
    assert_eq!(server.seen().len(), 1, "the second batch only");
    let (folder, _) = proxy.end();
    let calls = decisions(&folder).into_iter().filter(|entry| entry["detail"]["method"] == "tools/call");
    let fates: Vec<(Value, Value)> = calls
        .map(|entry| (entry["detail"]["verdict"].clone(), entry["detail"]["event"]["action"].clone()))
        .collect();
    let pair = |verdict: &str, action: &str| (json!(verdict), json!(action));
    assert_eq!(
        fates,
        [pair("block", "allow"), pair("block", "block"), pair("allow", "allow"), pair("allow", "allow")]
    );
}

#[test]
fn events_with_messages_are_replaced_in_place_and_the_stream_goes_on() {
    let server = server();
    let proxy = before(&server, &[]);
    let got = say(&proxy, "/stream", &call("1", "hello"));
    assert!(got.is_whole, "{got:?}");
    assert!(
        got.text().ends_with(&format!("id: 7\ndata: {}\n\n", result("1", "a clean answer"))),
        "{}",
        got.text()
    );
    let got = say(&proxy, "/stream", &call("2", "order"));
    assert!(got.is_whole && !got.text().contains(ORDER), "{got:?}");
    let last = got.text().trim_end().rsplit("\n\n").next().unwrap().to_owned();
    let data = last.strip_prefix("id: 7\ndata: ").unwrap_or_else(|| panic!("{last}"));
    let error: Value = serde_json::from_str(data).unwrap();
    assert_eq!((&error["id"], &error["error"]["code"]), (&json!(2), &json!(-32010)));
    let mut request = request("GET", "/sse", "");
    let mut elsewhere = request.clone();
    request.headers_mut().insert("host", "127.0.0.1".parse().unwrap());
    let got = ask(proxy.address, &Way::Reverse, request);
    assert_eq!(got.text(), "event: endpoint\ndata: /messages?s=1\n\n");
    // As a page asks whose name was made to lead here.
    elsewhere.headers_mut().insert("host", "rebound.test".parse().unwrap());
    assert!(ask(proxy.address, &Way::Reverse, elsewhere).is_refused(421, "misdirected"));
}
