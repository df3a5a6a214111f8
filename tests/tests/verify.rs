//! `verify` as a user runs it: every log of known truth where that data is there, and every kind of file that is none.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use coldcase_evidence::{Action, ActionType, MemoryStore, ReceiptWriter, SecretKey};
use serde_json::Value;

use crate::command::{Outcome, coldcase, coldcase_with};

/// What `verify --json` prints, and its exit code.
fn verify(paths: &[&str], keys: &[String]) -> (i32, Value) {
    let keys = keys.iter().flat_map(|key| ["--key", key]);
    let outcome = coldcase(["verify", "--json"].into_iter().chain(paths.iter().copied()).chain(keys));
    (outcome.code, json(&outcome))
}

fn json(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{}", outcome.stderr))
}

/// A small signed log in a folder of its own, and its key.
fn log(folder: &Path, entries: u64) -> String {
    let store: MemoryStore = coldcase_corpus::gen_evidence::log(entries, false).unwrap();
    std::fs::create_dir_all(folder).unwrap();
    for (name, bytes) in &store.shards {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    coldcase_corpus::gen_evidence::key().public().hex()
}

/// The place that a case states, as (file, line); none if it states that there is none.
fn place(value: &Value) -> Option<(String, u64)> {
    Some((value["file"].as_str()?.to_owned(), value["line"].as_u64()?))
}

#[test]
fn every_log_of_known_truth_gets_its_verdict() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/flight");
    let Ok(manifest) = std::fs::read_to_string(data.join("manifest.jsonl")) else {
        println!("absent: {}, so nothing of it is tested", data.display());
        return;
    };
    let mut cases = 0;
    for line in manifest.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let folder = data.join(case["dir"].as_str().unwrap()).to_str().unwrap().to_owned();
        let keys: Vec<String> = case["trusted_keys"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| data.join(key.as_str().unwrap()).to_str().unwrap().to_owned())
            .collect();
        let (code, found) = verify(&[&folder], &keys);
        let sessions = found["sessions"].as_array().unwrap();
        let is_it =
            |session: &&Value| session["session"] == case["session"] && session["folder"] == folder.as_str();
        let session =
            sessions.iter().find(is_it).unwrap_or_else(|| panic!("{}: no such session", case["name"]));
        check(&case, session, code);
        if let Some(status) = case.get("unkeyed_status") {
            assert_eq!(verify(&[&folder], &[]).1["sessions"][0]["status"], *status, "{}", case["name"]);
        }
        cases += 1;
    }
    println!("{cases} logs");
    assert!(cases >= 100);
}

/// Holds a session against what a case states.
fn check(case: &Value, session: &Value, code: i32) {
    let name = &case["name"];
    for key in ["status", "authenticated_through_seq", "entries", "receipts"] {
        if let Some(expected) = case.get(key) {
            assert_eq!(session[key], *expected, "{name}: {key}");
        }
    }
    for key in ["first_bad", "receipt_first_bad"] {
        if let Some(expected) = case.get(key) {
            assert_eq!(place(&session[key]), place(expected), "{name}: {key}");
        }
    }
    let unpinned = session["authenticated_through_seq"].is_null();
    let lies = case.get("seal").is_some();
    let fails = session["status"] == "broken" || session["receipts"] == "broken" || unpinned || lies;
    assert_eq!(code == 4, fails, "{name}: exit {code}");
    assert_eq!(session["sentences"].as_array().unwrap().len(), 4, "{name}");
}

#[test]
fn a_head_kept_elsewhere_shows_a_cut_that_the_log_cannot_show() {
    let temp = tempfile::tempdir().unwrap();
    let key = log(temp.path(), 30);
    let folder = temp.path().to_str().unwrap();
    let (code, whole) = verify(&[folder], std::slice::from_ref(&key));
    assert_eq!(code, 0);
    let head = whole["sessions"][0]["head_hash"].as_str().unwrap().to_owned();
    let args = ["verify", folder, "--key", &key, "--expect-head", &head, "--json"];
    let outcome = coldcase(args);
    assert_eq!(outcome.code, 0);
    assert_eq!(json(&outcome)["sessions"][0]["anchors"][0]["seq"], whole["sessions"][0]["last_seq"]);
    let shard = temp.path().join("evidence-bench-0.jsonl");
    let text = std::fs::read_to_string(&shard).unwrap();
    let cut = text.trim_end().rfind('\n').unwrap() + 1;
    std::fs::write(&shard, text.split_at(cut).0).unwrap();
    assert_eq!(verify(&[folder], &[]).0, 0, "without key and head a prefix is a log");
    assert_eq!(coldcase(args).code, 4);
}

/// A key that logs of this kind are never signed with, and a log that is gone altogether.
#[test]
fn a_key_of_another_kind_and_a_missing_log_are_no_success() {
    let temp = tempfile::tempdir().unwrap();
    let key = log(temp.path(), 30);
    let folder = temp.path().to_str().unwrap();
    // The point of RFC 7515, appendix A.3.
    let p256 = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    assert_eq!(verify(&[folder], &[p256.to_owned()]).0, 4);
    let other = "0".repeat(64);
    let outcome = coldcase(["verify", folder, "--key", &key, "--expect-head", &other, "--json"]);
    assert_eq!(outcome.code, 4);
    assert_eq!(json(&outcome)["heads_missing"].as_array().unwrap().len(), 1);
}

/// Both are in the log, so both are found, though the sentence names the newer one only.
#[test]
fn several_heads_of_one_log_are_all_found() {
    let temp = tempfile::tempdir().unwrap();
    let key = log(temp.path(), 30);
    let shard = std::fs::read_to_string(temp.path().join("evidence-bench-0.jsonl")).unwrap();
    let hash = |line: &str| line.rsplit_once("\"hash\":\"").unwrap().1.trim_end_matches("\"}").to_owned();
    let heads: Vec<String> = shard.lines().take(2).map(hash).collect();
    let folder = temp.path().to_str().unwrap();
    let args = ["verify", folder, "--key", &key, "--expect-head", &heads[0], "--expect-head", &heads[1]];
    assert_eq!(coldcase(args).code, 0);
}

/// Numbers that a forger wrote into a broken line count for nothing in what is said to be good.
#[test]
fn only_entries_that_were_read_and_follow_one_another_count_as_good() {
    let temp = tempfile::tempdir().unwrap();
    let key = log(temp.path(), 30);
    let shard = temp.path().join("evidence-bench-0.jsonl");
    let text = std::fs::read_to_string(&shard).unwrap();
    std::fs::write(&shard, text.replacen("\"seq\":4,", "\"seq\":1000000000,", 1)).unwrap();
    let (code, found) = verify(&[temp.path().to_str().unwrap()], &[key]);
    assert_eq!(code, 4);
    let stretches = &found["sessions"][0]["stretches"];
    assert_eq!((&stretches[0]["first_seq"], &stretches[0]["last_seq"]), (&Value::from(0), &Value::from(3)));
    assert_eq!((&stretches[1]["first_seq"], &stretches[1]["last_seq"]), (&Value::from(5), &Value::from(30)));
    assert!(found["sessions"][0]["sentences"][0].as_str().unwrap().contains("Up to there 4 entries"));
}

#[test]
fn the_manifest_of_an_earlier_scan_shows_what_was_rewritten_and_what_only_grew() {
    let temp = tempfile::tempdir().unwrap();
    let key = log(&temp.path().join("log"), 30);
    let at = |name: &str| temp.path().join(name).to_str().unwrap().to_owned();
    assert_eq!(coldcase(["scan", &at("log"), "-o", &at("out"), "-q"]).code, 0);
    let state = || {
        let manifest = at("out/manifest.json");
        let outcome = coldcase(["verify", &at("log"), "--key", &key, "--manifest", &manifest, "--json"]);
        (outcome.code, json(&outcome)["earlier_manifest"][0]["state"].as_str().unwrap().to_owned())
    };
    assert_eq!(state(), (0, "unchanged".to_owned()));
    let shard = temp.path().join("log/evidence-bench-0.jsonl");
    let text = std::fs::read(&shard).unwrap();
    File::options().append(true).open(&shard).unwrap().write_all(b"{").unwrap();
    assert_eq!(state(), (0, "grown".to_owned()));
    let mut changed = text.clone();
    changed[10] ^= 1;
    std::fs::write(&shard, changed).unwrap();
    assert_eq!(state(), (4, "changed".to_owned()));
    std::fs::rename(&shard, temp.path().join("log/evidence-other-0.jsonl")).unwrap();
    assert_eq!(state(), (4, "not_here".to_owned()));
}

#[test]
fn shards_named_one_by_one_and_a_log_from_a_pipe_are_the_same_log() {
    let temp = tempfile::tempdir().unwrap();
    let key = log(temp.path(), 30);
    let shard = temp.path().join("evidence-bench-0.jsonl");
    let (code, found) = verify(&[shard.to_str().unwrap()], std::slice::from_ref(&key));
    assert_eq!((code, &found["sessions"][0]["status"]), (0, &Value::from("intact")));
    let outcome = coldcase_with(["verify", "-", "--key", &key, "--json"], &std::fs::read(&shard).unwrap());
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert_eq!(json(&outcome)["sessions"][0]["session"], "bench");
    let other = temp.path().join("renamed.log");
    std::fs::copy(&shard, &other).unwrap();
    assert_eq!(verify(&[other.to_str().unwrap()], &[key]).0, 0);
}

#[test]
fn bare_receipts_are_verified_and_an_edited_one_is_named() {
    let temp = tempfile::tempdir().unwrap();
    let key = std::sync::Arc::new(SecretKey::from_seed(&[5; 32]));
    let mut writer = ReceiptWriter::new(key.clone());
    let mut text = Vec::new();
    for at in 0..5u8 {
        let action = Action {
            random: [at; 10],
            action_type: ActionType::Read,
            target: "https://api.example.com/",
            verdict: "allow",
            transport: "fetch",
            ..Action::default()
        };
        text.extend_from_slice(writer.next(i64::from(at), &action).unwrap().json());
        text.push(b'\n');
    }
    let path = temp.path().join("receipts.jsonl");
    let keys = [key.public().hex()];
    std::fs::write(&path, &text).unwrap();
    let (code, found) = verify(&[path.to_str().unwrap()], &keys);
    assert_eq!((code, &found["sessions"][0]["receipts"]), (0, &Value::from("valid")));
    let edited = String::from_utf8(text).unwrap().replacen("allow", "block", 3);
    std::fs::write(&path, edited).unwrap();
    let (code, found) = verify(&[path.to_str().unwrap()], &keys);
    assert_eq!((code, found["sessions"][0]["first_bad"]["line"].as_u64()), (4, Some(1)));
}

#[test]
fn nothing_to_verify_and_what_cannot_be_used_have_their_exit_codes() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().to_str().unwrap();
    assert_eq!(coldcase(["verify", folder]).code, 3);
    assert_eq!(coldcase(["verify", "no-such-folder"]).code, 2);
    assert_eq!(coldcase(["verify"]).code, 64);
    let weak = format!("01{}", "00".repeat(31));
    let outcome = coldcase(["verify", folder, "--key", &weak]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("small order"), "{}", outcome.stderr);
    let text = temp.path().join("notes.txt");
    std::fs::write(&text, "nothing of the kind\n").unwrap();
    assert_eq!(coldcase(["verify", text.to_str().unwrap()]).code, 2);
}

/// A pipe that nobody writes to would block whoever opens it, a link may lead anywhere, and a link to its own folder
/// has no end.
#[cfg(unix)]
#[test]
fn pipes_and_links_in_a_folder_are_named_and_not_opened() {
    let temp = tempfile::tempdir().unwrap();
    let key = log(&temp.path().join("log"), 5);
    let inside = |name: &str| temp.path().join("log").join(name);
    assert!(Command::new("mkfifo").arg(inside("evidence-pipe-0.jsonl")).status().unwrap().success());
    std::os::unix::fs::symlink(inside("evidence-bench-0.jsonl"), inside("evidence-link-0.jsonl")).unwrap();
    std::os::unix::fs::symlink(temp.path(), inside("loop")).unwrap();
    let (code, found) = verify(&[temp.path().to_str().unwrap()], &[key]);
    // What was not looked at is no success.
    assert_eq!((code, found["sessions"].as_array().unwrap().len()), (3, 1));
    assert_eq!(found["not_read"].as_array().unwrap().len(), 3, "{found}");
}

/// The peak memory of a run, in KiB; none where that cannot be measured.
fn peak(args: &[&str], input: Option<&PathBuf>) -> Option<u64> {
    let mut command = Command::new("/usr/bin/time");
    command.args(["-f", "%M"]).arg(crate::command::binary()).args(args).stdout(std::process::Stdio::null());
    if let Some(input) = input {
        command.stdin(File::open(input).unwrap());
    }
    let output = command.output().ok()?;
    String::from_utf8(output.stderr).ok()?.lines().last()?.trim().parse().ok()
}

/// 64 MiB and one line of 16 MiB, whatever the input.
#[test]
fn memory_is_bounded_on_an_endless_line_a_hole_and_a_hundred_thousand_shards() {
    const MOST: u64 = (64 + 16) << 10;
    let temp = tempfile::tempdir().unwrap();
    let hole = temp.path().join("evidence-hole-0.jsonl");
    File::create(&hole).unwrap().set_len(2 << 30).unwrap();
    let endless = temp.path().join("endless");
    let mut file = File::create(&endless).unwrap();
    file.write_all(b"{\"v\":2,\"summary\":\"").unwrap();
    for _ in 0..64 {
        file.write_all(&vec![b'x'; 1 << 20]).unwrap();
    }
    let many = temp.path().join("many");
    std::fs::create_dir(&many).unwrap();
    for start in 0..100_000 {
        File::create(many.join(format!("evidence-s-{start}.jsonl"))).unwrap();
    }
    for (what, args, input) in [
        ("hole", vec!["verify", hole.to_str().unwrap()], None),
        ("endless line", vec!["verify", "-"], Some(&endless)),
        ("many shards", vec!["verify", many.to_str().unwrap()], None),
    ] {
        let Some(peak) = peak(&args, input) else {
            println!("not measured: there is no /usr/bin/time here");
            return;
        };
        println!("{what}: {peak} KiB");
        assert!(peak < MOST, "{what}: {peak} KiB");
    }
}
