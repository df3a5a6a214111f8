//! What is no message, or could be read as another: it goes nowhere, and whoever waits for an answer gets one.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{Live, call, result};
use crate::samples::token;

/// Lines over this do not pass.
const CAP: usize = (16 << 20) - 4096;

#[test]
fn lines_that_are_no_message_are_answered_and_go_nowhere() {
    let mut wrapped = Live::start(&[]);
    for (line, code, id) in [
        (&b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"x\""[..], -32700, json!(7)),
        (b"{\"jsonrpc\":\"2.0\",\"id\":\"k\",\"method\":\"x\",}", -32700, json!("k")),
        (b"hello", -32700, json!(null)),
        (b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"\xFF\"}", -32700, json!(7)),
        (
            b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"x\"}{\"jsonrpc\":\"2.0\",\"method\":\"y\"}",
            -32700,
            json!(7),
        ),
        // A reader that ends lines here would see a message of its own.
        (b"{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"x\",\"params\":{\"a\":\"\r{}\r\"}}", -32700, json!(8)),
        (b"[]", -32600, json!(null)),
        (b"[1]", -32600, json!(null)),
        (b"\"x\"", -32600, json!(null)),
        (b"{\"a\":1}", -32600, json!(null)),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\",\"method\":\"tools/call\"}", -32600, json!(1)),
        (
            b"{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"x\",\"params\":{\"a\":1,\"\\u0061\":2}}",
            -32600,
            json!(2),
        ),
    ] {
        wrapped.send(line);
        let shown = String::from_utf8_lossy(line).into_owned();
        if shown == "{\"a\":1}" {
            // It has neither method nor id: nobody waits for it.
            continue;
        }
        let answer = wrapped.json();
        assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(code), &id), "{shown}");
        assert_eq!(answer["error"]["data"]["action"], "refused", "{shown}");
    }
    let deep = format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"x\",\"params\":{}{}}}",
        "[".repeat(200),
        "]".repeat(200)
    );
    wrapped.send(&deep);
    assert_eq!(wrapped.json()["id"], 3);
    wrapped.send("");
    wrapped.send(call("9", "fine"));
    assert_eq!(wrapped.wait_received(2), format!("\n{}\n", call("9", "fine")));
    let end = wrapped.end();
    assert_eq!(end.stderr.matches("coldcase: block").count(), 13, "{}", end.stderr);
}

#[test]
fn what_a_server_prints_beside_the_protocol_is_kept_from_the_client() {
    let mut wrapped = Live::start(&[]);
    wrapped.serve("Server listening on stdio");
    wrapped.serve("{\"jsonrpc\":\"2.0\",\"id\":4,\"result\":{},}");
    let answer = wrapped.json();
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(4), &json!(-32700)));
    wrapped.serve(r#"{"jsonrpc":"2.0","id":5,"result":{"a":1,"a":2}}"#);
    assert_eq!(wrapped.json()["error"]["code"], -32600);
    wrapped.serve(r#"{"jsonrpc":"2.0","id":6,"method":"ping","method":"roots/list"}"#);
    wrapped.wait_received(1);
    wrapped.serve(result("1", "fine"));
    assert_eq!(wrapped.line(), result("1", "fine"));
    let end = wrapped.end();
    let answer: Value = serde_json::from_str(&end.received).unwrap();
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(6), &json!(-32600)));
}

#[test]
fn the_longest_line_passes_and_a_longer_one_does_not() {
    let mut wrapped = Live::start(&["--policy", "observe"]);
    let of = |id: &str, len: usize| {
        let empty = call(id, "").len();
        call(id, &"x ".repeat(len)[..len - empty])
    };
    let longest = of("1", CAP);
    wrapped.send(&longest);
    assert!(wrapped.wait_received(1).trim_end() == longest);
    wrapped.send(of("2", CAP + 1));
    let answer = wrapped.json();
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(2), &json!(-32600)));
    // The id of a result stands at its end.
    let huge = format!("{{\"jsonrpc\":\"2.0\",\"result\":\"{}\",\"id\":3}}", "y".repeat(CAP + (3 << 20)));
    wrapped.serve(&huge);
    let answer = wrapped.json();
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(3), &json!(-32600)));
    wrapped.serve(result("4", "fine"));
    assert_eq!(wrapped.line(), result("4", "fine"));
    assert_eq!(wrapped.end().received.lines().count(), 1);
}

#[test]
fn where_writes_are_split_does_not_matter() {
    let mut wrapped = Live::start(&[]);
    let text = format!("{}\n{}\n{}\n", call("1", "\u{1F600} fine"), call("2", &token()), call("3", "fine"));
    for piece in text.as_bytes().chunks(7) {
        wrapped.write(piece);
        std::thread::sleep(Duration::from_micros(200));
    }
    assert_eq!(wrapped.json()["id"], 2);
    assert_eq!(wrapped.wait_received(2), format!("{}\n{}\n", call("1", "\u{1F600} fine"), call("3", "fine")));
    let answer = result("1", "fine");
    let (one, two) = answer.split_at(answer.len() / 2);
    wrapped.serve_bytes(one);
    wrapped.serve_bytes(format!("{two}\n{answer}\n"));
    assert_eq!([wrapped.line(), wrapped.line()], [answer.as_str(), answer.as_str()]);
    wrapped.end();
}

#[test]
fn a_last_line_without_an_end_passes_if_it_is_whole() {
    let mut wrapped = Live::start(&[]);
    wrapped.write(call("1", "fine"));
    assert_eq!(wrapped.end().received, call("1", "fine"));
    let mut wrapped = Live::start(&[]);
    wrapped.write("{\"jsonrpc\":\"2.0\",\"method\":");
    let end = wrapped.end();
    assert_eq!(end.received, "");
    assert!(end.stderr.contains("coldcase: block"), "{}", end.stderr);
}
