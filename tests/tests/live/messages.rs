//! What goes on, what is answered, what is dropped.

use serde_json::{Value, json};

use super::client::{Live, call, result};
use crate::samples::{ORDER, token};

#[test]
fn what_passes_passes_byte_for_byte_in_order() {
    let mut wrapped = Live::start(&[]);
    let lines: Vec<String> = (0..200)
        .map(|id| match id % 3 {
            0 => format!("  {{\"id\" : {id},\t\"jsonrpc\":\"2.0\",\"method\":\"ping\"}}  "),
            1 => format!("[{}, {}]", call(&id.to_string(), "a"), call("\"b\"", "\u{1F600}\\u00e9")),
            _ => format!("{}\r", call(&id.to_string(), "x")),
        })
        .collect();
    for line in &lines {
        wrapped.send(line);
    }
    let all: String = lines.iter().map(|line| format!("{line}\n")).collect();
    assert_eq!(wrapped.wait_received(lines.len()), all);
    for line in &lines {
        wrapped.serve(line);
    }
    for line in &lines {
        assert_eq!(&wrapped.line(), line);
    }
    let end = wrapped.end();
    assert_eq!((end.status.code(), end.lines.len()), (Some(0), 0), "{}", end.stderr);
}

#[test]
fn a_blocked_request_is_answered_under_its_very_id() {
    let mut wrapped = Live::start(&["--server", "tracker"]);
    let ids = [
        "1",
        "-7",
        "1.0",
        "1e3",
        "123456789012345678901234567890123456789",
        "\"a\"",
        "\"\"",
        "\"\\u0041\\/\"",
        "null",
    ];
    for id in ids {
        wrapped.send(call(id, &token()));
        let line = wrapped.line();
        assert!(line.starts_with(&format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\":")), "{id}: {line}");
        let answer: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(answer["error"]["code"], -32010);
        assert_eq!(answer["error"]["data"]["action"], "block");
        assert_eq!(answer["error"]["data"]["rules"], json!(["dlp.github.pat-classic"]));
        assert!(answer["error"]["message"].as_str().unwrap().starts_with("blocked by coldcase: "));
        assert!(!line.contains(&token()));
    }
    wrapped.send(call("2", "fine"));
    assert_eq!(wrapped.wait_received(1), format!("{}\n", call("2", "fine")));
    let end = wrapped.end();
    assert_eq!(
        end.stderr.matches("coldcase: block tools/call post to the server: ").count(),
        ids.len(),
        "{}",
        end.stderr
    );
    assert!(!end.stderr.contains(&token()));
}

#[test]
fn a_blocked_result_is_replaced_under_its_very_id() {
    let mut wrapped = Live::start(&[]);
    for id in ["1", "99999999999999999999", "\"x\"", "1.50"] {
        wrapped.serve(result(id, ORDER));
        let line = wrapped.line();
        assert!(line.starts_with(&format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\":")), "{id}: {line}");
        assert!(!line.contains("ignore all previous"), "{line}");
    }
    // An error is a result too.
    wrapped.serve(format!(r#"{{"jsonrpc":"2.0","id":5,"error":{{"code":1,"message":"{ORDER}"}}}}"#));
    let answer = wrapped.json();
    assert_eq!((answer["id"].clone(), answer["error"]["code"].clone()), (5.into(), (-32010).into()));
    // What was found in an id does not go on as one.
    wrapped.serve(result(&format!("\"{ORDER}\""), ORDER));
    wrapped.serve(result("6", "fine"));
    assert_eq!(wrapped.line(), result("6", "fine"));
    wrapped.end();
}

#[test]
fn a_blocked_notification_is_dropped_and_said() {
    let mut wrapped = Live::start(&[]);
    let note = |text: &str| {
        json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": { "level": "info", "data": text } })
            .to_string()
    };
    wrapped.serve(note(ORDER));
    wrapped.serve(note("fine"));
    assert_eq!(wrapped.line(), note("fine"));
    let end = wrapped.end();
    assert_eq!((end.lines.len(), end.received.as_str()), (0, ""));
    assert!(end.stderr.contains("coldcase: block notifications/message from the server: "), "{}", end.stderr);
}

#[test]
fn a_blocked_request_of_the_server_is_answered_to_the_server() {
    let mut wrapped = Live::start(&[]);
    for method in ["sampling/createMessage", "elicitation/create"] {
        let key = if method.starts_with('s') { "systemPrompt" } else { "message" };
        wrapped.serve(format!(
            r#"{{"jsonrpc":"2.0","id":"q\u0041","method":"{method}","params":{{"{key}":"{ORDER}"}}}}"#
        ));
    }
    let received = wrapped.wait_received(2);
    for line in received.lines() {
        assert!(line.starts_with(r#"{"jsonrpc":"2.0","id":"q\u0041","error":{"#), "{line}");
    }
    // And the client's answer to one, if that leaks.
    wrapped.send(format!(r#"{{"jsonrpc":"2.0","id":4,"result":{{"role":"assistant","model":"m","content":{{"type":"text","text":"{}"}}}}}}"#, token()));
    let received = wrapped.wait_received(3);
    let last: Value = serde_json::from_str(received.lines().last().unwrap()).unwrap();
    assert_eq!((&last["id"], &last["error"]["code"]), (&json!(4), &json!(-32010)));
    let end = wrapped.end();
    assert_eq!(end.lines.len(), 0, "{:?}", end.lines);
}

#[test]
fn a_batch_is_judged_item_by_item() {
    let mut wrapped = Live::start(&[]);
    let note = |text: &str| format!(r#"{{"jsonrpc":"2.0","method":"x","params":{{"a":"{text}"}}}}"#);
    wrapped.send(format!(
        "[{} , {},{},{}]",
        call("1", "fine"),
        call("2", &token()),
        note(&token()),
        call("\"3\"", "fine")
    ));
    let answer = wrapped.json();
    assert_eq!(answer.as_array().unwrap().len(), 1);
    assert_eq!((&answer[0]["id"], &answer[0]["error"]["code"]), (&json!(2), &json!(-32010)));
    assert_eq!(wrapped.wait_received(1), format!("[{},{}]\n", call("1", "fine"), call("\"3\"", "fine")));
    wrapped.serve(format!("[{},{}]", result("1", ORDER), result("\"3\"", "fine")));
    let line = wrapped.line();
    assert!(line.ends_with(&format!(",{}]", result("\"3\"", "fine"))), "{line}");
    let both: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&both[0]["id"], &both[0]["error"]["code"]), (&json!(1), &json!(-32010)));
    // Nothing of it is left.
    wrapped.send(format!("[{}]", call("5", &token())));
    assert_eq!(wrapped.json()[0]["id"], 5);
    let end = wrapped.end();
    assert_eq!(end.received.lines().count(), 1);
}

fn policy(live_action: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "policy: own\nversion: 1\nnot_scanned: warn\nclauses:\n  - action: {live_action}\n    when: {{ category: [dlp] }}\n"
    );
    std::fs::write(folder.path().join("policy.yaml"), text).unwrap();
    folder
}

#[test]
fn strip_takes_what_was_found_out_of_its_string() {
    let mut wrapped = Live::start_in(policy("strip"), &["--policy", "@/policy.yaml"]);
    wrapped.send(call("1", &format!("\"a\" {} z \u{e9}", token())));
    let expected = call("1", "\"a\" [removed: dlp.github.pat-classic] z \u{e9}");
    assert_eq!(wrapped.wait_received(1), format!("{expected}\n"));
    // Twice, and in a batch.
    wrapped.send(format!("[{},{}]", call("2", "fine"), call("3", &format!("{0} {0}", token()))));
    let mark = "[removed: dlp.github.pat-classic]";
    let expected = format!("[{},{}]", call("2", "fine"), call("3", &format!("{mark} {mark}")));
    assert_eq!(wrapped.wait_received(2).lines().last(), Some(expected.as_str()));
    // Behind a disguise, in a key or in the id there is nothing that could be cut out: blocked.
    let hidden: String = token().chars().flat_map(|c| [c, '\u{200b}']).collect();
    wrapped.send(call("4", &hidden));
    assert_eq!(wrapped.json()["error"]["data"]["action"], "strip");
    wrapped.send(format!(r#"{{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{{"{}":1}}}}"#, token()));
    assert_eq!(wrapped.json()["id"], 5);
    wrapped.send(format!(r#"{{"jsonrpc":"2.0","id":"{}","method":"ping"}}"#, token()));
    assert_eq!(wrapped.json()["error"]["code"], -32010);
    let end = wrapped.end();
    assert_eq!(end.received.lines().count(), 2);
    assert!(end.stderr.contains("coldcase: strip tools/call post to the server: "), "{}", end.stderr);
}

#[test]
fn nobody_is_there_to_be_asked() {
    for action in ["ask", "redirect", "block"] {
        let mut wrapped = Live::start_in(policy(action), &["--policy", "@/policy.yaml"]);
        wrapped.send(call("1", &token()));
        assert_eq!(wrapped.json()["error"]["data"]["action"], action);
        assert_eq!(wrapped.end().received, "");
    }
}
