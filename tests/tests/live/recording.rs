//! The log and the event records of a live session, and what happens when they cannot be written.

use serde_json::Value;

use super::client::{Live, call, log_lines, result};
use crate::command::coldcase;
use crate::samples::{ORDER, token};

/// A folder with a key.
fn with_key() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("k");
    assert_eq!(coldcase(["keygen".as_ref(), "--out".as_ref(), key.as_os_str()]).code, 0);
    folder
}

const LOG: [&str; 4] = ["--record", "@/log", "--key", "@/k.key"];

/// A session of three events, of which two are blocked.
fn session(folder: tempfile::TempDir) -> tempfile::TempDir {
    let mut wrapped = Live::start_in(folder, &LOG);
    wrapped.send(call("1", "fine"));
    wrapped.wait_received(1);
    wrapped.send(call("2", &token()));
    wrapped.json();
    wrapped.serve(result("1", ORDER));
    wrapped.json();
    let end = wrapped.end();
    assert_eq!(end.status.code(), Some(0), "{}", end.stderr);
    let folder = end.folder;
    for name in ["received", "eof", "in-0", "pid"] {
        std::fs::remove_file(folder.path().join(name)).unwrap();
    }
    folder
}

#[test]
fn the_log_holds_every_verdict_redacted_and_verifies() {
    let folder = session(with_key());
    let entries = log_lines(&folder.path().join("log"));
    let kinds: Vec<&str> = entries.iter().map(|entry| entry["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["capture", "decision", "decision", "decision", "capture", "checkpoint"]);
    let verdicts: Vec<&str> =
        entries[1..4].iter().map(|entry| entry["detail"]["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["allow", "block", "block"]);
    assert_eq!(entries[2]["detail"]["pattern"], "dlp.github.pat-classic");
    assert_eq!(entries[4]["detail"]["touched"], 2);
    let text = serde_json::to_string(&entries).unwrap();
    assert!(!text.contains(&token()));
    let verify = |folder: &std::path::Path| {
        let (log, key) = (folder.join("log"), folder.join("k.pub"));
        coldcase(["verify".as_ref(), log.as_os_str(), "--key".as_ref(), key.as_os_str()])
    };
    let outcome = verify(folder.path());
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.contains("ends with a checkpoint"), "{}", outcome.stdout);
    // The next start is another session, tied to this one.
    let folder = session(folder);
    let links = std::fs::read_dir(folder.path().join("log")).unwrap();
    let is_link = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with("chain-link-");
    assert_eq!(links.filter(|entry| is_link(&entry.as_ref().unwrap().file_name())).count(), 1);
    let outcome = verify(folder.path());
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
}

#[test]
fn what_was_refused_is_in_the_record_and_judged_the_same_again() {
    let folder = with_key();
    let mut args = LOG.to_vec();
    args.extend(["--record-bodies", "@/seen.jsonl"]);
    let mut wrapped = Live::start_in(folder, &args);
    let bytes = [b"\xFF\xFE ", token().as_bytes()].concat();
    wrapped.send(&bytes);
    wrapped.json();
    wrapped.send(format!("no JSON {}", token()));
    wrapped.json();
    wrapped.send(format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\",\"id\":\"{}\"}}", token()));
    wrapped.json();
    wrapped.send(call("4", "fine"));
    wrapped.wait_received(1);
    let folder = wrapped.end().folder;
    let entries = log_lines(&folder.path().join("log"));
    let logged: Vec<&Value> = entries
        .iter()
        .filter(|entry| entry["type"] == "decision")
        .map(|entry| &entry["detail"]["event"])
        .collect();
    let records = std::fs::read(folder.path().join("seen.jsonl")).unwrap();
    let judged = crate::command::coldcase_with(["judge"], &records);
    assert_eq!((judged.code, judged.stderr.as_str()), (0, ""));
    let judged: Vec<Value> = judged.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((logged.len(), judged.len()), (4, 4));
    for (logged, judged) in logged.iter().zip(&judged) {
        assert_eq!(logged["action"], judged["action"]);
        let rules = |record: &Value| -> Vec<Value> {
            record["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].clone()).collect()
        };
        assert_eq!(rules(logged), rules(judged));
        assert_eq!(logged["id"], judged["id"]);
    }
    let with_findings = judged.iter().filter(|record| record["findings"] != serde_json::json!([])).count();
    assert_eq!(with_findings, 3, "the token is found in what was refused: {judged:?}");
}

#[cfg(unix)]
#[test]
fn full_records_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let args = ["--record-bodies", "@/seen.jsonl"];
    let mut wrapped = Live::start(&args);
    wrapped.send(call("1", "fine"));
    wrapped.wait_received(1);
    let end = wrapped.end();
    let path = end.folder.path().join("seen.jsonl");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    // A second session goes on in it, after a line that a killed one left torn.
    let mut text = std::fs::read_to_string(&path).unwrap();
    text.push_str("{\"v\":1,");
    std::fs::write(&path, &text).unwrap();
    for name in ["received", "eof", "pid"] {
        std::fs::remove_file(end.folder.path().join(name)).unwrap();
    }
    let mut wrapped = Live::start_in(end.folder, &args);
    wrapped.send(call("1", "fine"));
    wrapped.wait_received(1);
    let folder = wrapped.end().folder;
    let lines = std::fs::read_to_string(&path).unwrap();
    assert_eq!(lines.lines().count(), 3);
    assert!(serde_json::from_str::<Value>(lines.lines().last().unwrap()).is_ok());
    // One that others can read is refused.
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let end = Live::start_in(folder, &args).wait();
    assert_eq!(end.status.code(), Some(2));
    assert!(end.stderr.contains("chmod 600"), "{}", end.stderr);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_recorded_does_not_pass_unless_it_may() {
    for kept in [&LOG[..], &["--record-bodies", "@/seen.jsonl"]] {
        let mut wrapped = Live::start_limited(with_key(), kept);
        let mut passed = 0;
        let stopped = loop {
            assert!(passed < 40, "the file never grows too large");
            wrapped.send(call("1", "fine"));
            wrapped.serve(result("1", "fine"));
            let line = wrapped.line();
            if line != result("1", "fine") {
                break line;
            }
            passed += 1;
        };
        assert!(passed > 0);
        let answer: Value = serde_json::from_str(&stopped).unwrap();
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&1.into(), &(-32603).into()));
        let before = wrapped.received();
        wrapped.send(call("2", "fine"));
        while wrapped.json()["id"] != 2 {}
        assert_eq!(wrapped.received(), before, "nothing passes any more");
        let end = wrapped.end();
        assert_eq!(end.stderr.matches("nothing passes any more").count(), 1, "{}", end.stderr);

        let args = [kept, &["--on-log-error", "pass"]].concat();
        let mut wrapped = Live::start_limited(with_key(), &args);
        for count in 1..=30 {
            wrapped.send(call("1", "fine"));
            wrapped.wait_received(count);
        }
        // What the policy stops is stopped all the same.
        wrapped.send(call("2", &token()));
        assert_eq!(wrapped.json()["error"]["code"], -32010);
        let end = wrapped.end();
        assert_eq!(end.stderr.matches("what follows is not recorded").count(), 1, "{}", end.stderr);
    }
}

#[test]
fn a_log_that_cannot_be_opened_starts_no_server() {
    let folder = with_key();
    std::fs::write(folder.path().join("log"), "a file").unwrap();
    let end = Live::start_in(folder, &LOG).wait();
    assert_eq!(end.status.code(), Some(2));
    assert!(!end.folder.path().join("pid").exists(), "{}", end.stderr);
}
