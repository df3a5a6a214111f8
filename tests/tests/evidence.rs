//! Keys, logs and seals as a user makes them: what is written, what it verifies as, and what a kill leaves.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use coldcase_evidence::{
    ChainLink, Fingerprint, KeyRing, LinkFacts, PublicKey, SecretKey, Signed, check_note, read_heads,
};
use serde_json::Value;

use crate::command::{Outcome, binary, coldcase, coldcase_with};
use crate::samples;

/// A folder with a key in it.
struct Bench {
    temp: tempfile::TempDir,
    public: PublicKey,
}

impl Bench {
    fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let made = coldcase(["keygen", "--out", temp.path().join("k").to_str().unwrap()]);
        assert_eq!(made.code, 0, "{}", made.stderr);
        let public = PublicKey::parse(&std::fs::read(temp.path().join("k.pub")).unwrap()).unwrap();
        assert!(made.stdout.contains(&public.hex()), "{}", made.stdout);
        // As `--roster-root` takes it.
        let print = format!("fingerprint  {}\n", Fingerprint::of(&public));
        assert!(made.stdout.contains(&print), "{}", made.stdout);
        Self { temp, public }
    }

    fn at(&self, name: &str) -> String {
        self.temp.path().join(name).to_str().unwrap().to_owned()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    fn log(&self, dir: &str, input: &str, more: &[&str]) -> Outcome {
        let (dir, key) = (self.at(dir), self.at("k.key"));
        let args = ["log", &dir, "--key", &key];
        coldcase_with(args.iter().chain(more), input.as_bytes())
    }

    /// The sessions of a folder as `verify` sees them, and its exit code.
    fn verify(&self, dir: &str) -> (i32, Vec<Value>) {
        let outcome = coldcase(["verify", &self.at(dir), "--key", &self.at("k.pub"), "--json"]);
        let json: Value = serde_json::from_str(&outcome.stdout).unwrap();
        (outcome.code, json["sessions"].as_array().unwrap().clone())
    }

    /// The links of a folder, each checked against its name and the key.
    fn links(&self, dir: &str) -> Vec<ChainLink> {
        let mut links = Vec::new();
        for name in names(&self.path(dir)).iter().filter(|name| name.starts_with("chain-link-")) {
            let link = ChainLink::parse(&std::fs::read(self.path(dir).join(name)).unwrap()).unwrap();
            let named = name.strip_prefix("chain-link-").and_then(|name| name.strip_suffix(".json"));
            let facts = LinkFacts {
                named_predecessor: named,
                successor_signer: Some(&self.public),
                ..LinkFacts::default()
            };
            assert_eq!(link.check_against(&facts), []);
            links.push(link);
        }
        links
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn lines(count: usize) -> String {
    (0..count).map(|at| format!("{{\"summary\":\"entry {at}\",\"detail\":{{\"n\":{at}}}}}\n")).collect()
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_key_is_made_once_and_never_overwritten() {
    let bench = Bench::new();
    let (private, public) = (bench.path("k.key"), bench.path("k.pub"));
    #[cfg(unix)]
    {
        assert_eq!(mode(&private), 0o600);
        assert_eq!(mode(&public) & 0o700, 0o600);
    }
    let key = SecretKey::parse(&std::fs::read(&private).unwrap()).unwrap();
    assert_eq!(key.public(), bench.public);
    let before = (std::fs::read(&private).unwrap(), std::fs::read(&public).unwrap());
    for gone in [None, Some(&private), Some(&public)] {
        if let Some(gone) = gone {
            std::fs::remove_file(gone).unwrap();
        }
        let again = coldcase(["keygen", "--out", &bench.at("k")]);
        assert!(again.code == 2 && again.stderr.contains("already there"), "{}", again.stderr);
        assert!(again.stdout.is_empty());
        if let Some(gone) = gone {
            assert!(!gone.exists(), "nothing was changed");
            std::fs::write(gone, if gone == &private { &before.0 } else { &before.1 }).unwrap();
        }
    }
    assert_eq!(before, (std::fs::read(&private).unwrap(), std::fs::read(&public).unwrap()));
    assert_eq!(names(bench.temp.path()), ["k.key", "k.pub"]);
}

#[test]
fn what_is_logged_verifies_to_its_end() {
    let bench = Bench::new();
    let outcome = bench.log("log", &lines(25), &["--checkpoint-every", "10"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stdout.is_empty() && outcome.stderr.contains("25 recorded"), "{}", outcome.stderr);
    let (code, sessions) = bench.verify("log");
    let one = &sessions[0];
    assert_eq!((code, sessions.len(), one["status"].as_str()), (0, 1, Some("intact")));
    assert_eq!(one["entries"], 28, "with checkpoints after 10, 20 and 25 entries");
    assert_eq!((&one["authenticated_through_seq"], &one["ends_with_checkpoint"]), (&26.into(), &true.into()));
    assert!(outcome.stderr.contains(one["head_hash"].as_str().unwrap()), "{}", outcome.stderr);
    #[cfg(unix)]
    {
        assert_eq!(mode(&bench.path("log")), 0o750);
        for name in names(&bench.path("log")) {
            assert_eq!(mode(&bench.path("log").join(&name)), 0o600, "{name}");
        }
    }
}

#[test]
fn a_log_that_is_changed_does_not_verify() {
    let bench = Bench::new();
    assert_eq!(bench.log("log", &lines(5), &[]).code, 0);
    let shard = names(&bench.path("log")).into_iter().find(|name| name.starts_with("evidence-")).unwrap();
    let shard = bench.path("log").join(shard);
    let whole = std::fs::read_to_string(&shard).unwrap();
    std::fs::write(&shard, whole.replace("entry 3", "entry 8")).unwrap();
    assert_eq!(bench.verify("log").0, 4);
    let refused = bench.log("log", &lines(1), &[]);
    assert!(refused.code == 2 && refused.stderr.contains("--no-link"), "{}", refused.stderr);
    assert_eq!(bench.verify("log").1.len(), 1, "nothing was written");
    assert_eq!(bench.log("log", &lines(1), &["--no-link"]).code, 0);
    assert_eq!((bench.verify("log").1.len(), bench.links("log").len()), (2, 0));
}

#[test]
fn each_run_is_linked_to_the_last_of_its_base() {
    let bench = Bench::new();
    assert_eq!(bench.log("log", &lines(3), &[]).code, 0);
    assert_eq!(bench.log("log", &lines(3), &["--session", "other"]).code, 0);
    assert!(bench.links("log").is_empty());
    assert_eq!(bench.log("log", "", &[]).code, 0, "a run that records nothing leaves nothing");
    assert!(bench.links("log").is_empty());
    let outcome = bench.log("log", &lines(2), &[]);
    let links = bench.links("log");
    assert_eq!((outcome.code, links.len()), (0, 1), "{}", outcome.stderr);
    let (code, sessions) = bench.verify("log");
    assert_eq!((code, sessions.len()), (0, 3));
    let named = |name: &str| sessions.iter().find(|one| one["session"] == name).unwrap();
    let before = named(&links[0].predecessor_session);
    assert_eq!(links[0].predecessor_tail_seq, before["last_seq"].as_u64().unwrap());
    assert_eq!(links[0].predecessor_tail_hash, before["head_hash"].as_str().unwrap());
    assert!(links[0].predecessor_session.starts_with("coldcase.run."));
    assert_eq!(named(&links[0].successor_session)["entries"], 3);
    assert_eq!(bench.log("log", &lines(1), &[]).code, 0);
    assert_eq!(bench.links("log").len(), 2);
}

#[test]
fn a_change_of_keys_must_be_named() {
    let bench = Bench::new();
    assert_eq!(bench.log("log", &lines(3), &[]).code, 0);
    assert_eq!(coldcase(["keygen", "--out", &bench.at("new")]).code, 0);
    let (dir, new, old) = (bench.at("log"), bench.at("new.key"), bench.at("k.pub"));
    let run =
        |more: &[&str]| coldcase_with(["log", &dir, "--key", &new].iter().chain(more), lines(1).as_bytes());
    let refused = run(&[]);
    assert!(refused.code == 2 && refused.stderr.contains("--previous-key"), "{}", refused.stderr);
    assert_eq!(run(&["--previous-key", &old]).code, 0);
    let verified = coldcase(["verify", &dir, "--key", &old, "--key", &bench.at("new.pub")]);
    assert_eq!(verified.code, 0, "{}", verified.stdout);
}

#[test]
fn heads_and_a_note_are_kept_outside() {
    let bench = Bench::new();
    let (heads, note) = (bench.at("heads.jsonl"), bench.at("note.txt"));
    let more = ["--head-file", &heads, "--note", &note, "--checkpoint-every", "2"];
    for _ in 0..2 {
        assert_eq!(bench.log("log", &lines(5), &more).code, 0);
    }
    let ring = KeyRing::new([bench.public.clone()]);
    let read: Vec<_> =
        read_heads(&std::fs::read(&heads).unwrap()).into_iter().collect::<Result<_, _>>().unwrap();
    assert_eq!(read.iter().map(|head| head.seq).collect::<Vec<_>>(), [2, 5, 7, 2, 5, 7]);
    assert!(read.iter().all(|head| matches!(head.check(&ring), Signed::By(_))));
    let last = read.last().unwrap();
    let origin = format!("coldcase/{}", last.session);
    let text = std::fs::read(&note).unwrap();
    let text = check_note(&text, &origin, &bench.public).unwrap();
    assert_eq!(text.lines().take(2).collect::<Vec<_>>(), [&origin, "8"]);
    #[cfg(unix)]
    assert_eq!(mode(Path::new(&heads)), 0o600);
    for flag in ["--head-file", "--note"] {
        let inside = bench.log("log", &lines(1), &[flag, &bench.at("log/heads.jsonl")]);
        assert!(inside.code == 2 && inside.stderr.contains("inside"), "{}", inside.stderr);
    }
    assert!(!bench.path("log/heads.jsonl").exists());
}

#[test]
fn a_line_that_cannot_be_recorded_ends_the_log_signed() {
    let bench = Bench::new();
    let input = format!("{}\n{{\"summary\":\"x\",\"level\":3}}\n{}", lines(4), lines(4));
    let outcome = bench.log("log", &input, &[]);
    assert_eq!(outcome.code, 2);
    for part in ["line 6 of standard input", "\"level\"", "5 entries are in the log"] {
        assert!(outcome.stderr.contains(part), "{part}: {}", outcome.stderr);
    }
    let (code, sessions) = bench.verify("log");
    assert_eq!((code, &sessions[0]["entries"]), (0, &5.into()));
}

#[test]
fn what_cannot_be_used_is_refused_before_anything_is_written() {
    let bench = Bench::new();
    bench.log("blocked", "", &[]);
    std::fs::write(bench.path("file"), b"x").unwrap();
    let (dir, public, key) = (bench.at("log"), bench.at("k.pub"), bench.at("k.key"));
    for (args, part) in [
        (vec!["log", &dir, "--key", "no-such-key"], "no-such-key"),
        (vec!["log", &dir, "--key", &public], "public key"),
        (vec!["log", &dir, "--key", &key, "--session", "a/b"], "--session"),
        (vec!["log", &bench.at("file"), "--key", &key], "file"),
    ] {
        let outcome = coldcase_with(&args, lines(1).as_bytes());
        assert!(outcome.code == 2 && outcome.stderr.contains(part), "{args:?}: {}", outcome.stderr);
    }
    assert!(!bench.path("log").exists());
    assert_eq!(coldcase(["log", &dir, "--key", &key, "--checkpoint-every", "0"]).code, 64);
}

#[test]
fn full_files_and_full_sessions_go_on_in_new_ones() {
    let bench = Bench::new();
    let outcome = bench.log("log", &lines(300), &["--file-lines", "1", "--checkpoint-every", "50"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let (code, sessions) = bench.verify("log");
    assert_eq!((code, sessions.len(), bench.links("log").len()), (0, 2, 1));
    let sum = |name: &str| sessions.iter().map(|one| one[name].as_u64().unwrap()).sum::<u64>();
    assert_eq!(sum("entries"), 300 + sum_of_checkpoints(&sessions));
    assert!(sessions.iter().all(|one| one["files"] == one["entries"] && one["status"] == "intact"));
}

fn sum_of_checkpoints(sessions: &[Value]) -> u64 {
    sessions.iter().map(|one| one["checkpoints"]["good"].as_u64().unwrap()).sum()
}

/// Numbers that need not be good, only different.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Starts a log, feeds it as fast as it reads, and kills it after a while.
fn killed(bench: &Bench, dir: &str, dice: &mut Dice) {
    let every = (1 + dice.below(9)).to_string();
    let mut child = Command::new(binary())
        .args(["log", &bench.at(dir), "--key", &bench.at("k.key"), "--checkpoint-every", &every])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let sizes: Vec<usize> =
        (0..64).map(|_| [40, 4000, 60_000, 900_000][usize::try_from(dice.below(4)).unwrap()]).collect();
    let feeder = std::thread::spawn(move || {
        for size in sizes.iter().cycle() {
            let line = format!("{{\"detail\":\"{}\"}}\n", "x".repeat(*size));
            if input.write_all(line.as_bytes()).is_err() {
                return;
            }
        }
    });
    std::thread::sleep(Duration::from_micros(500 + dice.below(40_000)));
    child.kill().unwrap();
    child.wait().unwrap();
    feeder.join().unwrap();
}

/// How many times to kill is `COLDCASE_KILLS`, 40 if that is not set.
#[test]
fn a_killed_log_is_intact_or_torn_and_the_next_run_follows_it() {
    let bench = Bench::new();
    let kills = std::env::var("COLDCASE_KILLS").map_or(40, |kills| kills.parse::<u64>().unwrap());
    let mut dice = Dice(kills);
    let (mut nothing, mut intact, mut torn, mut entries) = (0, 0, 0, 0);
    for number in 0..kills {
        let dir = format!("log-{number}");
        killed(&bench, &dir, &mut dice);
        let before = if bench.path(&dir).exists() { bench.verify(&dir).1 } else { Vec::new() };
        let before = before.first().filter(|one| one["last_seq"].is_u64());
        let status = before.and_then(|one| one["status"].as_str());
        match status {
            None => nothing += 1,
            Some("intact") => intact += 1,
            Some("torn_tail") => torn += 1,
            other => panic!("kill {number} left {other:?}: {before:?}"),
        }
        entries += before.map_or(0, |one| one["entries"].as_u64().unwrap());
        let again = bench.log(&dir, &lines(2), &[]);
        assert_eq!(again.code, 0, "kill {number}: {}", again.stderr);
        let links = bench.links(&dir);
        assert_eq!(links.len(), usize::from(before.is_some()), "kill {number}");
        if let (Some(before), [link]) = (before, &links[..]) {
            assert_eq!(link.predecessor_session, before["session"].as_str().unwrap());
            assert_eq!(link.predecessor_tail_seq, before["last_seq"].as_u64().unwrap());
            assert_eq!(link.predecessor_tail_hash, before["head_hash"].as_str().unwrap());
        }
        let (_, after) = bench.verify(&dir);
        let killed = before.map(|one| &one["session"]);
        let mut others = after.iter().filter(|one| Some(&one["session"]) != killed);
        let next = others.find(|one| one["entries"] == 3 && one["status"] == "intact");
        assert!(next.is_some_and(|one| one["authenticated_through_seq"] == 1), "kill {number}: {after:?}");
        std::fs::remove_dir_all(bench.path(&dir)).unwrap();
    }
    println!(
        "{kills} kills: {nothing} before the first entry, {intact} intact, {torn} torn; {entries} entries"
    );
}

/// Both signals end a log as the end of its input does; what stands behind the last line break is no entry yet.
#[cfg(unix)]
#[test]
fn a_signal_ends_the_log_with_a_checkpoint() {
    let bench = Bench::new();
    for signal in ["TERM", "INT"] {
        let mut child = Command::new(binary())
            .args(["log", &bench.at(signal), "--key", &bench.at("k.key")])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all((lines(5) + "{\"summary\":\"cut").as_bytes()).unwrap();
        let written = || {
            let names = if bench.path(signal).exists() { names(&bench.path(signal)) } else { Vec::new() };
            let shard = names.into_iter().find(|name| name.starts_with("evidence-"))?;
            std::fs::read_to_string(bench.path(signal).join(shard)).ok()
        };
        let waited = (0..600).any(|_| {
            std::thread::sleep(Duration::from_millis(50));
            written().is_some_and(|text| text.lines().count() == 5)
        });
        assert!(waited, "{signal}: five entries are written before the signal");
        let sent = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let outcome = child.wait_with_output().unwrap();
        let told = String::from_utf8(outcome.stderr).unwrap();
        assert_eq!(outcome.status.code(), Some(0), "{signal}: {told}");
        assert!(told.contains("5 recorded"), "{signal}: {told}");
        drop(input);
        let (code, sessions) = bench.verify(signal);
        let one = &sessions[0];
        assert_eq!((code, &one["status"], &one["entries"]), (0, &"intact".into(), &6.into()), "{signal}");
        assert_eq!(
            (&one["ends_with_checkpoint"], &one["authenticated_through_seq"]),
            (&true.into(), &4.into())
        );
    }
}

/// A report, sealed.
fn sealed(bench: &Bench) -> String {
    std::fs::write(bench.path("leak.jsonl"), samples::transcript()).unwrap();
    let out = bench.at("out");
    assert_eq!(coldcase(["scan", &bench.at("leak.jsonl"), "-o", &out, "-q"]).code, 0);
    let made = coldcase(["seal", &out, "--key", &bench.at("k.key"), "--signed-by", "A. Auditor"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    out
}

#[test]
fn a_report_is_sealed_once_and_says_what_to_have_stamped() {
    let bench = Bench::new();
    let out = sealed(&bench);
    let seal: Value = serde_json::from_slice(&std::fs::read(bench.path("out/seal.json")).unwrap()).unwrap();
    assert_eq!(seal["signed"]["signed_by"], "A. Auditor");
    assert_eq!(seal["signed"]["public_key"], bench.public.hex());
    assert_eq!(seal["signed"]["fingerprint"], Fingerprint::of(&bench.public).to_string());
    let digest = coldcase(["seal", &out, "--print-digest"]);
    assert_eq!((digest.code, digest.stdout.trim_end().len()), (0, 64));
    let key = bench.at("k.key");
    let again = coldcase(["seal", &out, "--key", &key]);
    assert!(again.code == 2 && again.stderr.contains("--force"), "{}", again.stderr);
    assert_eq!(coldcase(["seal", &out, "--print-digest"]).stdout, digest.stdout, "nothing was changed");
    assert_eq!(coldcase(["seal", &out, "--key", &key, "--force"]).code, 0);
    assert_ne!(coldcase(["seal", &out, "--print-digest"]).stdout, digest.stdout);
    assert_eq!(coldcase(["seal", &out]).code, 64);
    assert_eq!(coldcase(["seal", &bench.at(""), "--key", &key]).code, 2, "no report");
}

#[test]
fn a_report_that_is_not_as_its_manifest_says_is_not_sealed() {
    let bench = Bench::new();
    let out = sealed(&bench);
    let page = bench.path("out/report.html");
    let mut bytes = std::fs::read(&page).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(&page, &bytes).unwrap();
    let before = std::fs::read(bench.path("out/seal.json")).unwrap();
    let key = bench.at("k.key");
    let refused = coldcase(["seal", &out, "--key", &key, "--force"]);
    assert!(refused.code == 4 && refused.stderr.contains("report.html"), "{}", refused.stderr);
    std::fs::remove_file(&page).unwrap();
    let refused = coldcase(["seal", &out, "--key", &key, "--force"]);
    assert!(refused.code == 4 && refused.stderr.contains("is not here"), "{}", refused.stderr);
    assert_eq!(std::fs::read(bench.path("out/seal.json")).unwrap(), before);
}

/// A response with a bare token over a digest, as short as the standard allows.
fn time_stamp(digest: &[u8]) -> Vec<u8> {
    fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        let mut out = vec![tag];
        let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
        match content.len() {
            0..128 => out.push(low),
            _ => out.extend([0x82, high, low]),
        }
        out.extend(content);
        out
    }
    const SIGNED_DATA: &[u8] = &[6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2];
    const TST_INFO: &[u8] = &[6, 11, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 1, 4];
    const SHA256: &[u8] = &[6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
    let imprint = tlv(0x30, &[&tlv(0x30, &[SHA256]), &tlv(4, &[digest])]);
    let time = tlv(0x18, &[b"20260301100000Z"]);
    let info = tlv(0x30, &[&[2, 1, 1], &[6, 2, 0x2A, 3], &imprint, &[2, 1, 5], &time]);
    let content = tlv(0x30, &[TST_INFO, &tlv(0xA0, &[&tlv(4, &[&info])])]);
    let signed = tlv(0x30, &[&[2, 1, 3], &tlv(0x31, &[]), &content, &tlv(0x31, &[])]);
    let token = tlv(0x30, &[SIGNED_DATA, &tlv(0xA0, &[&signed])]);
    tlv(0x30, &[&tlv(0x30, &[&[2, 1, 0]]), &token])
}

#[test]
fn only_a_time_stamp_over_the_seal_is_attached() {
    let bench = Bench::new();
    let out = sealed(&bench);
    let digest = coldcase(["seal", &out, "--print-digest"]).stdout;
    let digest: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&digest[2 * at..][..2], 16).unwrap()).collect();
    let token = bench.at("answer.tsr");
    let attach = || coldcase(["seal", &out, "--attach-time-stamp", &token]);
    std::fs::write(&token, b"no token").unwrap();
    assert_eq!(attach().code, 2);
    std::fs::write(&token, time_stamp(&[9; 32])).unwrap();
    assert_eq!(attach().code, 4);
    assert!(!bench.path("out/seal.json.tsr").exists());
    std::fs::write(&token, time_stamp(&digest)).unwrap();
    let attached = attach();
    assert_eq!(attached.code, 0, "{}", attached.stderr);
    assert!(attached.stdout.contains("2026-03-01T10:00:00Z"), "{}", attached.stdout);
    assert_eq!(attach().code, 2, "there is one already");
    let again = coldcase(["seal", &out, "--key", &bench.at("k.key"), "--force"]);
    assert!(again.code == 0 && again.stderr.contains("removed"), "{}", again.stderr);
    assert!(!bench.path("out/seal.json.tsr").exists());
}

#[test]
fn a_session_that_nothing_vouches_for_is_followed_only_before_its_first_checkpoint() {
    let bench = Bench::new();
    assert_eq!(bench.log("log", &lines(6), &[]).code, 0);
    let shard = names(&bench.path("log")).into_iter().find(|name| name.starts_with("evidence-")).unwrap();
    let shard = bench.path("log").join(shard);
    let whole = std::fs::read_to_string(&shard).unwrap();
    let unsigned: String = whole.split_inclusive('\n').take(6).collect();
    std::fs::write(&shard, &unsigned).unwrap();
    let refused = bench.log("log", &lines(1), &["--checkpoint-every", "5"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    for part in ["nothing vouches", "--checkpoint-every", "--no-link"] {
        assert!(refused.stderr.contains(part), "{part}: {}", refused.stderr);
    }
    assert!(bench.links("log").is_empty());
    let followed = bench.log("log", &lines(1), &["--checkpoint-every", "6"]);
    assert_eq!(followed.code, 0, "{}", followed.stderr);
    assert!(followed.stderr.contains("nothing vouches"), "{}", followed.stderr);
    assert_eq!(bench.links("log").len(), 1);
}

#[test]
fn a_link_that_no_given_key_signed_is_not_verified() {
    let bench = Bench::new();
    for _ in 0..2 {
        assert_eq!(bench.log("log", &lines(3), &[]).code, 0);
    }
    assert_eq!(coldcase(["keygen", "--out", &bench.at("other")]).code, 0);
    let dir = bench.at("log");
    let own = coldcase(["verify", &dir, "--key", &bench.at("k.pub")]);
    assert!(own.stdout.contains("fits, signed by a trusted key"), "{}", own.stdout);
    let foreign = coldcase(["verify", &dir, "--key", &bench.at("other.pub")]);
    assert!(foreign.stdout.contains("not verified, not signed by a trusted key"), "{}", foreign.stdout);
    assert!(foreign.stdout.contains("whether a trusted key vouches for the link"), "{}", foreign.stdout);
}
