//! What lies round logs: seals over their ends, the same file named twice, and more names than anyone should keep.

use std::fs::{self, File};
use std::path::Path;

use coldcase_evidence::{MemoryStore, SecretKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::command::coldcase;

fn verify(paths: &[&str], more: &[&str]) -> (i32, Value) {
    let outcome = coldcase(["verify", "--json"].iter().chain(paths).chain(more));
    let text = &outcome.stdout;
    (outcome.code, serde_json::from_str(text).unwrap_or_else(|_| panic!("{}{text}", outcome.stderr)))
}

/// A small signed log of the session `bench` in one shard, and its key.
fn log(folder: &Path) -> String {
    let store: MemoryStore = coldcase_corpus::gen_evidence::log(30, false).unwrap();
    fs::create_dir_all(folder).unwrap();
    for (name, bytes) in &store.shards {
        fs::write(folder.join(name), bytes).unwrap();
    }
    coldcase_corpus::gen_evidence::key().public().hex()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A recovery seal over the log's shard as it is now.
///
/// Source: FLIGHT_RECORDER_FORMAT, section 10.
fn seal(folder: &Path, damage: usize, last: &Value) {
    let bytes = fs::read(folder.join("evidence-bench-0.jsonl")).unwrap();
    let key = SecretKey::from_seed(&[9; 32]);
    let body = format!(
        r#"{{"kind":"recovery_seal","version":1,"predecessor_session":"bench","shard":"evidence-bench-0.jsonl","shard_size":{},"shard_sha256":"{}","damage_offset":{damage},"last_good_seq":{},"last_good_hash":{},"predecessor_tail_seq":0,"predecessor_tail_hash":"genesis","predecessor_signer_key":"{}","successor_session":"next","successor_signer_key":"{}","successor_open_hash":"{}","observed_at":"2026-05-01T00:00:00Z""#,
        bytes.len(),
        hex(&Sha256::digest(&bytes)),
        last["last_seq"],
        last["head_hash"],
        coldcase_corpus::gen_evidence::key().public().hex(),
        key.public().hex(),
        "33".repeat(32),
    );
    let message = [b"pipelock-recovery-seal-v1\0", body.as_bytes(), b"}"].concat();
    let signed = format!("{body},\"signature\":\"ed25519:{}\"}}", hex(&key.sign(&message)));
    fs::write(folder.join("chain-link-bench.json"), signed).unwrap();
}

#[test]
fn a_recovery_seal_says_what_was_compared_and_does_not_fit_a_whole_log() {
    let temp = tempfile::tempdir().unwrap();
    let key = log(temp.path());
    let folder = temp.path().to_str().unwrap();
    let shard = temp.path().join("evidence-bench-0.jsonl");
    let whole = fs::read(&shard).unwrap();
    let report = |damage: usize, seal_of: &Value| {
        seal(temp.path(), damage, seal_of);
        let (_, found) = verify(&[folder], &["--key", &key]);
        (found["links"][0].clone(), found["sessions"][0].clone())
    };
    let (_, session) = report(0, &json!({"last_seq": 0, "head_hash": "genesis"}));
    let (link, _) = report(whole.len() - 5, &session);
    let problems = link["problems"].to_string();
    assert!(problems.contains("the seal is of a torn log") && !problems.contains("differs"), "{link}");
    let compared = link["compared"].to_string();
    assert!(compared.contains("its SHA-256") && compared.contains("the last whole entry"), "{link}");
    assert!(!compared.contains("where the torn line starts"), "{link}");
    // The last line is cut: the seal is of what is here.
    let start = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    fs::write(&shard, &whole[..whole.len() - 7]).unwrap();
    fs::remove_file(temp.path().join("chain-link-bench.json")).unwrap();
    let torn = verify(&[folder], &["--key", &key]).1["sessions"][0].clone();
    assert_eq!(torn["status"], "torn_tail");
    let (link, _) = report(start, &torn);
    assert_eq!(link["problems"], json!([]), "{link}");
    assert!(link["compared"].to_string().contains("where the torn line starts"), "{link}");
    let (link, _) = report(start, &session);
    assert!(link["problems"].to_string().contains("LastGood"), "{link}");
}

#[test]
fn a_file_that_is_named_twice_counts_once() {
    let temp = tempfile::tempdir().unwrap();
    let key = log(&temp.path().join("log"));
    let at = |name: &str| temp.path().join(name).to_str().unwrap().to_owned();
    let (folder, shard) = (at("log"), at("log/evidence-bench-0.jsonl"));
    let other = at("log/../log/evidence-bench-0.jsonl");
    for paths in [vec![&shard, &shard], vec![&shard, &other], vec![&folder, &shard], vec![&shard, &folder]] {
        let paths: Vec<&str> = paths.into_iter().map(String::as_str).collect();
        let (code, found) = verify(&paths, &["--key", &key]);
        assert_eq!((code, found["sessions"].as_array().unwrap().len()), (0, 1), "{paths:?}: {found}");
        assert_eq!(found["sessions"][0]["files"], 1);
        assert_eq!(found["named_twice"].as_array().unwrap().len(), 1, "{found}");
    }
    // A log of another name is known only when it was looked at.
    fs::rename(&shard, at("log/renamed.jsonl")).unwrap();
    let (code, found) = verify(&[&folder, &at("log/renamed.jsonl")], &["--key", &key]);
    assert_eq!((code, found["sessions"].as_array().unwrap().len()), (0, 1), "{found}");
    assert_eq!(found["named_twice"].as_array().unwrap().len(), 1);
    let outcome = coldcase(["verify", &folder, &folder]);
    assert!(outcome.stderr.contains("named twice, counted once"), "{}", outcome.stderr);
}

/// A shard that cannot be read is still a place to look at.
#[cfg(unix)]
#[test]
fn a_shard_that_cannot_be_read_is_named_with_its_first_line() {
    let temp = tempfile::tempdir().unwrap();
    let pipe = temp.path().join("evidence-s-0.jsonl");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (code, found) = verify(&[pipe.to_str().unwrap()], &[]);
    let place = json!({"file": "evidence-s-0.jsonl", "line": 1, "offset": 0});
    assert_eq!((code, &found["sessions"][0]["first_bad"]), (4, &place));
}

/// The peak memory of a run, in KiB, and its exit code; none where that cannot be measured.
fn peak(path: &Path) -> Option<(u64, i32)> {
    let mut command = std::process::Command::new("/usr/bin/time");
    command.args(["-f", "%M"]).arg(crate::command::binary()).args(["verify", "-q"]).arg(path);
    let output = command.stdout(std::process::Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stderr).ok()?;
    Some((text.lines().last()?.trim().parse().ok()?, output.status.code()?))
}

/// Files that each want something kept: a session, a link, a line of what was not read.
#[test]
fn memory_is_bounded_on_many_sessions_links_and_refused_names() {
    const MOST: u64 = (64 + 16) << 10;
    let temp = tempfile::tempdir().unwrap();
    let fill = |name: &str, count: u32, put: &dyn Fn(&Path, u32)| {
        let folder = temp.path().join(name);
        fs::create_dir(&folder).unwrap();
        (0..count).for_each(|at| put(&folder, at));
        folder
    };
    let touch = |path: &Path| drop(File::create(path).unwrap());
    let sessions = fill("sessions", 20_000, &|folder, at| {
        touch(&folder.join(format!("evidence-base.run.{at:032x}-0.jsonl")));
    });
    let links = fill("links", 20_000, &|folder, at| {
        fs::write(folder.join(format!("chain-link-base.run.{at:032x}.json")), b"{}").unwrap();
    });
    let trail = fill("trail", 1, &|folder, _| {
        let line = |at: u32| {
            let record = r#""record_id":"r","agent_id":"a","action_type":"t","prev_hash":null,"parent_record_id":null"#;
            format!("{{\"session_id\":\"{at:0200}\",{record}}}\n")
        };
        fs::write(folder.join("trail.jsonl"), (0..70_000).map(line).collect::<String>()).unwrap();
    });
    // What could not all be looked at is incomplete; links that are none are broken.
    for (folder, code) in [(sessions, 0), (links, 4), (trail, 3)] {
        let Some((peak, exit)) = peak(&folder) else {
            println!("not measured: there is no /usr/bin/time here");
            return;
        };
        println!("{}: {peak} KiB", folder.display());
        assert!(peak < MOST && exit == code, "{}: {peak} KiB, exit {exit}", folder.display());
    }
}
