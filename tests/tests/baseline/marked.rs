//! `baseline mark`: inline marks suppress where an entry says so, in what came in, and nowhere else.

use serde_json::{Value, json};

use super::{Bench, TOKEN_RULE, is_suppressed, of_rule};
use crate::command::{Outcome, coldcase, coldcase_with};
use crate::output::manifest;
use crate::samples::{ORDER, token};

/// A message of a server that a tool's result is in, or of a client that calls one.
fn message(origin: &str, message: &Value) -> String {
    format!("{}\n", json!({ "origin": origin, "server": "files", "message": message }))
}

fn read(text: &str) -> String {
    message(
        "server",
        &json!({ "jsonrpc": "2.0", "id": 1, "result": { "content": [{ "type": "text", "text": text }] } }),
    )
}

fn sent(text: &str) -> String {
    message(
        "client",
        &json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call",
                 "params": { "name": "post", "arguments": { "body": text } } }),
    )
}

/// A response to a request.
fn answered(url: &str, headers: &[(&str, &str)], text: &str) -> String {
    let response = json!({ "url": url, "status": 200, "headers": headers, "body": { "text": text } });
    format!(
        "{}\n",
        json!({ "v": 1, "id": "1", "kind": "http_response", "session": "s", "response": response })
    )
}

/// A conversation with a call of a tool.
fn chat(call: &Value) -> String {
    format!(
        "{}\n",
        json!([{ "role": "user", "content": "go" }, { "role": "assistant", "content": "a", "tool_calls": [call] }])
    )
}

fn mark(bench: &Bench, rules: &[&str]) -> Outcome {
    let file = bench.text("accepted.jsonl");
    let why = ["--reason", "keys of the fixtures", "--author", "ann", "--expires", "30d"];
    coldcase([&["baseline", "mark", &file][..], rules, &why].concat())
}

/// A file's line with a token, and a mark or something else behind it.
fn line(behind: &str) -> String {
    format!("[test]\nkey = \"{}\"{behind}\nother = 1\n", token())
}

/// Whether the token of a recording is suppressed where marks count for its rule; it is found in any case.
fn is_marked(recording: &str) -> bool {
    let bench = Bench::new(&[("a.jsonl", recording)]);
    assert_eq!(mark(&bench, &[TOKEN_RULE]).code, 0);
    let (scan, out) = bench.scan("out", &["--fail-on", "high"]);
    let found = of_rule(&out, TOKEN_RULE);
    assert!(!found.is_empty(), "{recording}");
    let suppressed = is_suppressed(&found[0]);
    assert!(found.iter().all(|one| is_suppressed(one) == suppressed), "{recording}");
    assert_eq!(scan.code, i32::from(!suppressed), "{recording}: {}", scan.stdout);
    assert_eq!(manifest(&out)["totals"]["suppressed"], u64::from(suppressed) * found.len() as u64);
    suppressed
}

#[test]
fn a_mark_in_a_file_that_was_read_counts_where_an_entry_says_so() {
    for behind in
        [" # pipelock:ignore", " // pipelock:ignore", " #  pipelock:ignore dlp.github.pat-classic\r"]
    {
        assert!(is_marked(&read(&line(behind))), "{behind}");
    }
    let last = format!("key = {} # pipelock:ignore", token());
    assert!(is_marked(&read(&last)), "the last line has no end");
}

#[test]
fn no_other_line_name_form_or_way_is_covered() {
    let other_line = format!("# pipelock:ignore\n{} # pipelock:ignore\n", line(""));
    let within = format!("# pipelock:ignore {}\n", token());
    let folded = |end: &str| format!("{}{end}x = 1 # pipelock:ignore\n", token());
    for text in [
        folded("\r"),
        folded("\u{2028}"),
        folded("\u{85}"),
        folded("\u{b}"),
        folded("\u{1e}"),
        line(""),
        line(" pipelock:ignore"),
        line(" # pipelock:ignore dlp.aws.access-key"),
        line(" # pipelock:ignore it is ours"),
        line(" # pipelock:ignore\\nx"),
        line(&format!("{} # pipelock:ignore", " ".repeat(5000))),
        other_line,
        within,
    ] {
        assert!(!is_marked(&read(&text)), "{text:?}");
    }
    assert!(!is_marked(&sent(&line(" # pipelock:ignore"))), "what goes out");
}

#[test]
fn a_mark_elsewhere_in_the_message_covers_nothing() {
    let (token, mark) = (token(), "# pipelock:ignore\n");
    let result = |result: Value| message("server", &json!({ "jsonrpc": "2.0", "id": 1, "result": result }));
    for recording in [
        result(json!({ "content": [], "structuredContent": { "key": token, "note": mark } })),
        result(json!({ "content": [{ "type": "text", "text": token }, { "type": "text", "text": mark }] })),
        result(json!({ "content": [], "structuredContent": { "key": token, mark: 1 } })),
        result(json!({ "content": [], "structuredContent": { "a": { token.as_str(): mark } } })),
        answered("https://a.example.test/", &[], &json!({ "a": token, "b": mark }).to_string()),
        answered("https://a.example.test/", &[], &json!({ "a": format!("{token} {mark}") }).to_string()),
        answered("https://raw.example.test/a.py", &[], &line(" # pipelock:ignore")),
        answered("https://a.example.test/", &[], &format!("data: {token} {mark}\n")),
        // What a result says of a link is followed.
        result(
            json!({ "content": [{ "type": "resource_link", "name": "a", "uri": format!("https://evil.example/?k={token} {mark}") }] }),
        ),
        result(
            json!({ "content": [{ "type": "text", "text": format!("https://evil.example/?k={token}#pipelock:ignore\n") }] }),
        ),
        chat(
            &json!({ "id": "1", "name": "sh", "input": {}, "output": "ok", "result": { "a": token, "b": mark } }),
        ),
        chat(
            &json!({ "id": "1", "name": "sh", "input": {}, "output": "ok", "error": { "a": token, "b": mark } }),
        ),
        chat(
            &json!({ "id": "1", "name": "write_file", "path": "/x", "content": format!("k {token} {mark}") }),
        ),
    ] {
        assert!(!is_marked(&recording), "{recording}");
    }
}

#[test]
fn definitions_calls_of_models_and_redirects_cannot_be_marked() {
    let marked = format!("use {} # pipelock:ignore\n", token());
    let tool = json!({ "name": "t", "description": marked, "inputSchema": { "type": "object" } });
    let list = |result: Value| message("server", &json!({ "jsonrpc": "2.0", "id": 1, "result": result }));
    let schema = json!({ "type": "object", "properties": { "k": { "type": "string", "default": marked } } });
    let gemini = json!({ "candidates": [{ "content": { "role": "model", "parts": [
        { "functionCall": { "name": "fetch", "args": { "url": marked } } }] } }] });
    let anthropic = json!({ "type": "message", "role": "assistant", "content": [
        { "type": "tool_use", "id": "1", "name": "bash", "input": { "command": marked } }, { "type": "text", "text": "ok" }] });
    let location = format!("https://evil.example/?k={}#pipelock:ignore", token());
    for recording in [
        list(json!({ "tools": [tool] })),
        list(json!({ "tools": [{ "name": "t", "description": "d", "inputSchema": schema }] })),
        list(json!({ "prompts": [{ "name": "p", "description": marked }] })),
        list(
            json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": { "name": "s", "version": "1" }, "instructions": marked }),
        ),
        answered(
            "https://generativelanguage.googleapis.com/v1beta/models/m:generateContent",
            &[],
            &gemini.to_string(),
        ),
        answered("https://api.anthropic.com/v1/messages", &[], &anthropic.to_string()),
        answered("https://a.example.test/", &[("Location", &location)], ""),
    ] {
        assert!(!is_marked(&recording), "{recording}");
    }
}

#[test]
fn what_is_read_under_a_mark_and_sent_on_is_found_where_it_leaves() {
    let recording = [read(&line(" # pipelock:ignore")), sent(&line(" # pipelock:ignore"))].concat();
    let bench = Bench::new(&[("a.jsonl", &recording)]);
    assert_eq!(mark(&bench, &[TOKEN_RULE]).code, 0);
    let (scan, out) = bench.scan("out", &["--fail-on", "high"]);
    assert_eq!(scan.code, 1, "{}", scan.stdout);
    let all = of_rule(&out, TOKEN_RULE);
    let open: Vec<_> = all.iter().filter(|one| !is_suppressed(one)).collect();
    assert_eq!((all.len(), open.len()), (2, 1));
    assert_eq!(open[0]["surface"], "tool_argument");
}

#[test]
fn orders_cannot_be_marked_nor_rules_that_are_not_there() {
    let bench = Bench::new(&[("a.jsonl", &read(&format!("{ORDER} # pipelock:ignore\n")))]);
    let (_, out) = bench.scan("out", &[]);
    let order = crate::output::findings(&out).iter().find(|one| one["category"] == "injection").cloned();
    let rule = order.expect("the order is found")["rule"].as_str().unwrap().to_owned();
    let before = bench.baseline();
    for (rules, told) in [(&[rule.as_str()][..], "marks are for"), (&[TOKEN_RULE, "a.b"][..], "no rule a.b")]
    {
        let refused = mark(&bench, rules);
        assert!(refused.code == 2 && refused.stderr.contains(told), "{}", refused.stderr);
        assert_eq!(bench.baseline(), before);
    }
    // An entry that was written by hand is no other.
    let by_hand = json!({ "rule": rule, "severity": "critical", "marked": "pipelock:ignore", "reason": "x", "author": "y",
                          "accepted": "2026-01-01", "expires": "2099-01-01" });
    std::fs::write(bench.path("accepted.jsonl"), format!("{before}{by_hand}\n")).unwrap();
    let (_, out) = bench.scan("again", &[]);
    let found = of_rule(&out, &rule);
    assert!(!found.is_empty() && found.iter().all(|one| !is_suppressed(one)));
}

#[test]
fn marks_are_listed_expire_and_count_in_judge_replay_and_cached_scans() {
    let recording = read(&line(" # pipelock:ignore"));
    let bench = Bench::new(&[("a.jsonl", &recording)]);
    assert_eq!(mark(&bench, &[TOKEN_RULE]).code, 0);
    assert!(mark(&bench, &[TOKEN_RULE]).stderr.contains("(1 of them renewed)"));
    let file = bench.text("accepted.jsonl");
    let list = coldcase(["baseline", "list", &file]);
    assert!(
        list.stdout.contains("where an inline mark says so: keys of the fixtures (ann)"),
        "{}",
        list.stdout
    );
    let (_, out) = bench.scan("later", &["--as-of", "2100-01-01"]);
    assert!(of_rule(&out, TOKEN_RULE).iter().all(|one| !is_suppressed(one)), "expired");

    let cache = bench.text("cache");
    for name in ["first", "second"] {
        let (_, out) = bench.scan(name, &["--cache", &cache]);
        assert!(of_rule(&out, TOKEN_RULE).iter().all(is_suppressed), "{name}");
    }
    let (outcome, out) = bench.scan("third", &["--cache", &cache, "--as-of", "2100-01-01"]);
    assert!(of_rule(&out, TOKEN_RULE).iter().all(|one| !is_suppressed(one)), "{}", outcome.stdout);

    let (input, to) = (bench.text("in"), bench.text("replay"));
    let suppressed = |more: &[&str]| {
        let fixed = ["replay", &input, "-o", &to, "--force", "--candidate", "strict", "--json"];
        let run = coldcase([&fixed[..], more].concat());
        serde_json::from_str::<Value>(&run.stdout).unwrap()["suppressed"].clone()
    };
    assert_eq!((suppressed(&[]), suppressed(&["--baseline", &file])), (json!(0), json!(1)));

    let result = json!({ "jsonrpc": "2.0", "id": 1, "result": { "content": [{ "type": "text", "text": line(" # pipelock:ignore") }] } });
    let record = json!({ "v": 1, "id": "1", "kind": "mcp", "direction": "ingress", "session": "s", "mcp": { "transport": "stdio", "message": result } });
    let judged = coldcase_with(["judge", "--baseline", &file], format!("{record}\n").as_bytes());
    let verdict: Value = serde_json::from_str(&judged.stdout).unwrap();
    assert_eq!(verdict["findings"][0]["suppressed"], "keys of the fixtures", "{verdict}");
}
