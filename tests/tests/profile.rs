//! What is usual for a server over many sessions, by the command: a session like the others is none to speak of, and one that
//! calls another tool, and more often, is told with the numbers.

use serde_json::{Value, json};

use crate::command::coldcase;

/// Event records of sessions: the name, the tool and how often it is called.
fn sessions(all: &[(&str, &str, usize)]) -> String {
    let record = |session: &str, tool: &str, id: usize| {
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": { "name": tool, "arguments": { "n": id } } });
        let record = json!({
            "v": 1, "kind": "mcp", "session": session, "server": "hub", "direction": "egress",
            "time": format!("2026-03-01T10:{:02}:00Z", id % 60), "mcp": { "message": message },
        });
        format!("{record}\n")
    };
    let of = |(session, tool, calls): &(&str, &str, usize)| {
        (0..*calls).map(|id| record(session, tool, id)).collect::<String>()
    };
    all.iter().map(of).collect()
}

#[test]
fn sessions_that_are_not_as_usual_are_told_with_numbers() {
    let temp = tempfile::tempdir().unwrap();
    let path = |name: &str| temp.path().join(name).to_str().unwrap().to_owned();
    let scan = |name: &str, text: String| {
        std::fs::write(path(&format!("{name}.jsonl")), text).unwrap();
        let outcome = coldcase(["scan", &path(&format!("{name}.jsonl")), "-q", "-o", &path(name)]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    };
    let usual: Vec<(&str, &str, usize)> =
        ["a", "b", "c", "d", "e", "f"].iter().zip(5..).map(|(name, calls)| (*name, "read", calls)).collect();
    scan("usual", sessions(&usual));
    scan("same", sessions(&[("x", "read", 7)]));
    scan("other", sessions(&[("x", "read", 7), ("y", "delete", 300)]));
    let made = coldcase(["profile", "create", &path("usual"), "-o", &path("usual.json")]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let compare = |report: &str| {
        coldcase(["profile", "compare", &path(report), "--profile", &path("usual.json"), "--json"])
    };
    let same = compare("same");
    assert_eq!(same.code, 0, "{} {}", same.stdout, same.stderr);
    let other = compare("other");
    assert_eq!(other.code, 1, "{} {}", other.stdout, other.stderr);
    let told: Value = serde_json::from_str(&other.stdout).unwrap();
    let told = told["deviations"].as_array().unwrap();
    assert!(told.iter().all(|deviation| deviation["session"] == "y" && deviation["subject"] == "server hub"));
    let find = |what: &str| told.iter().find(|deviation| deviation["what"] == what).unwrap();
    assert_eq!(find("tool")["name"], "delete");
    assert_eq!((&find("calls")["value"], &find("calls")["median"]), (&json!(300.0), &json!(7.5)));
    std::fs::write(path("usual.json"), "{\"version\":9,\"subjects\":{}}").unwrap();
    assert_eq!(compare("same").code, 2);
}

#[test]
fn an_argument_that_is_not_as_usual_is_told_with_numbers() {
    let temp = tempfile::tempdir().unwrap();
    let path = |name: &str| temp.path().join(name).to_str().unwrap().to_owned();
    let record = |session: &str, id: u64, arguments: Value| {
        let call = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": { "name": "read", "arguments": arguments } });
        let record = json!({ "v": 1, "kind": "mcp", "session": session, "server": "hub", "direction": "egress", "mcp": { "message": call } });
        format!("{record}\n")
    };
    let scan = |name: &str, text: String| {
        std::fs::write(path(&format!("{name}.jsonl")), text).unwrap();
        let outcome = coldcase(["scan", &path(&format!("{name}.jsonl")), "-q", "-o", &path(name)]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    };
    let usual = |session: &str| -> String {
        (0..6)
            .map(|id| {
                record(
                    session,
                    id,
                    json!({ "note": "as \"usual\"", "path": format!("/srv/{id}.txt"), "limit": 10 }),
                )
            })
            .collect()
    };
    scan("usual", ["a", "b", "c", "d", "e", "f"].map(usual).concat());
    let odd = json!({ "path": "https://collect.example/a", "limit": "ten", "then": { "run": true } });
    let six: String =
        (0..5).map(|id| record("x", id, json!({ "path": format!("/srv/{id}.txt"), "limit": 20 }))).collect();
    scan("other", six + &record("x", 9, odd));
    let made = coldcase(["profile", "create", &path("usual"), "-o", &path("usual.json")]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let profile: Value = serde_json::from_str(&std::fs::read_to_string(path("usual.json")).unwrap()).unwrap();
    let shape = &profile["subjects"]["server hub"]["arguments"]["read"]["limit"];
    assert_eq!((&shape["calls"], &shape["forms"]), (&json!(36), &json!({ "number": 36 })));
    let other = coldcase(["profile", "compare", &path("other"), "--profile", &path("usual.json")]);
    assert_eq!(other.code, 1, "{} {}", other.stdout, other.stderr);
    for line in [
        "argument read.then: in none of 6 sessions",
        "argument_form read.path: string url: in none of 6 sessions",
        "argument_form read.limit: string word: in none of 6 sessions",
        "argument_bytes read.path 25: usually 10 \u{b1} 0 in 6 sessions, +15.0 deviations",
    ] {
        assert!(other.stdout.contains(line), "{}", other.stdout);
    }
    assert_eq!(other.stdout.matches("argument").count(), 4, "{}", other.stdout);
}
