//! Messages in full that are encrypted to public keys: what lies in the folder, and that `age` reads it, where it is installed.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::client::{Live, call, log_lines, result};
use crate::command::{coldcase, coldcase_with};
use crate::samples::{ORDER, token};

/// That of the example in the format's specification.
const KNOWN: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

/// The files of a folder of records, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension() == Some(OsStr::new("age"))).collect();
    files.sort();
    files
}

#[test]
fn the_folder_holds_nothing_in_clear_and_is_the_owners_alone() {
    let mut wrapped = Live::start(&["--record-bodies", "@/seen", "--encrypt-to", KNOWN]);
    for id in 0..40 {
        wrapped.send(call(&id.to_string(), &format!("{} high water", "x".repeat(4000))));
        wrapped.wait_received(id + 1);
    }
    wrapped.send(call("40", &token()));
    wrapped.json();
    let folder = wrapped.end().folder;
    let files = files(&folder.path().join("seen"));
    assert_eq!(files.len(), 3, "160 KB in files of 64 KB");
    for file in &files {
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        let bytes = std::fs::read(file).unwrap();
        assert!(bytes.starts_with(b"age-encryption.org/v1\n-> X25519 "));
        for clear in [token().as_bytes(), b"high water", b"jsonrpc"] {
            assert!(!bytes.windows(clear.len()).any(|window| window == clear));
        }
    }
    let all = std::fs::read_dir(folder.path().join("seen")).unwrap();
    assert_eq!(all.count(), files.len(), "nothing is left beside them");
}

#[test]
fn what_is_no_public_key_is_a_mistake_of_the_command_line() {
    let private = ["AGE-SECRET", "-KEY-1QQQQ"].concat();
    let changed = KNOWN.replace("zvk", "zvq");
    for (key, why) in [(private.as_str(), "private key"), (&changed, "checksum"), ("ssh-ed25519", "age1")] {
        let outcome =
            coldcase(["mcp", "--record-bodies", "x", "--encrypt-to", key, "--", "true"].map(OsStr::new));
        assert_eq!(outcome.code, 64, "{}", outcome.stderr);
        assert!(outcome.stderr.contains(why), "{}", outcome.stderr);
    }
    let outcome = coldcase(["mcp", "--encrypt-to", KNOWN, "--", "true"].map(OsStr::new));
    assert_eq!(outcome.code, 64, "a key without a place to write to: {}", outcome.stderr);
}

#[test]
fn what_age_decrypts_after_a_kill_is_judged_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let made = Command::new("age-keygen").arg("-o").arg(at("identity")).stderr(Stdio::null()).status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("age is not here: left out");
        return;
    }
    let public = Command::new("age-keygen").arg("-y").arg(at("identity")).output().unwrap().stdout;
    let public = String::from_utf8(public).unwrap().trim().to_owned();
    assert_eq!(coldcase(["keygen".as_ref(), "--out".as_ref(), at("k").as_os_str()]).code, 0);
    let identity = at("identity");
    let args = ["--record", "@/log", "--key", "@/k.key", "--record-bodies", "@/seen"];
    let mut wrapped =
        Live::start_in(folder, &[&args[..], &["--encrypt-to", KNOWN, "--encrypt-to", &public]].concat());
    for id in 0..20 {
        wrapped.send(call(&id.to_string(), &format!("{} high water", "x".repeat(8000))));
        wrapped.wait_received(id + 1);
    }
    wrapped.send(call("20", &token()));
    wrapped.json();
    wrapped.serve(result("1", ORDER));
    wrapped.json();
    let folder = wrapped.kill();
    let mut records = Vec::new();
    for file in files(&folder.path().join("seen")) {
        let read = Command::new("age").arg("-d").arg("-i").arg(&identity).arg(file).output().unwrap();
        assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
        records.extend(read.stdout);
    }
    let judged = coldcase_with(["judge"], &records);
    let judged: Vec<Value> = judged.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let logged =
        log_lines(&folder.path().join("log")).into_iter().filter(|entry| entry["type"] == "decision");
    let logged: Vec<Value> = logged.map(|entry| entry["detail"]["event"].clone()).collect();
    assert_eq!((judged.len(), logged.len()), (22, 22), "nothing that was under way when it was killed");
    for (judged, logged) in judged.iter().zip(&logged) {
        assert_eq!((&judged["id"], &judged["action"]), (&logged["id"], &logged["action"]));
        assert_eq!(
            judged["findings"].as_array().unwrap().len(),
            logged["findings"].as_array().unwrap().len()
        );
    }
}
