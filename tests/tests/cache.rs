//! `scan --cache`: the same report without reading for anything but hashes, and never one that was tampered with.

mod inputs;

use std::path::{Path, PathBuf};

use crate::command::{Outcome, coldcase};
use crate::{output, samples};

struct Bench {
    temp: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let bench = Self { temp: tempfile::tempdir().unwrap() };
        std::fs::create_dir(bench.path("in")).unwrap();
        for number in 0..40 {
            let text = samples::record(&number.to_string(), &format!("note {number} {}", samples::token()));
            std::fs::write(bench.path("in").join(format!("{number:02}.jsonl")), text).unwrap();
        }
        std::fs::write(bench.path("in").join("page.har"), samples::har()).unwrap();
        std::fs::write(bench.path("in").join("log.jsonl"), samples::recorder_log()).unwrap();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    fn scan(&self, name: &str, more: &[&str]) -> Outcome {
        let (input, out) = (self.path("in"), self.path(name));
        let args = ["scan", input.to_str().unwrap(), "--force", "-o", out.to_str().unwrap()];
        coldcase([&args, more].concat())
    }

    /// Scans with the cache; gives the outcome and whether the report came from it.
    fn cached(&self, name: &str, more: &[&str]) -> (Outcome, bool) {
        let cache = self.path("cache");
        let outcome = self.scan(name, &[&["--cache", cache.to_str().unwrap()], more].concat());
        let hit = outcome.stderr.contains("nothing has changed");
        (outcome, hit)
    }

    fn entries(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.path("cache")).unwrap();
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
    }
}

fn same(one: &Path, other: &Path) -> bool {
    output::files(one) == output::files(other)
}

/// What a scan says on standard output, without the place of its report.
fn told(outcome: &Outcome) -> &str {
    outcome.stdout.split("\nReport:").next().unwrap()
}

#[test]
fn an_unchanged_scan_gives_the_same_bytes_words_and_exit_code() {
    let bench = Bench::new();
    let plain = bench.scan("plain", &["--fail-on", "high"]);
    let (first, hit) = bench.cached("first", &["--fail-on", "high"]);
    assert!(!hit, "{}", first.stderr);
    let (second, hit) = bench.cached("second", &["--fail-on", "high"]);
    assert!(hit, "{}", second.stderr);
    assert!(same(&bench.path("plain"), &bench.path("first")));
    assert!(same(&bench.path("plain"), &bench.path("second")));
    assert_eq!((plain.code, first.code, second.code), (1, 1, 1));
    assert_eq!((told(&plain), told(&plain)), (told(&first), told(&second)));
    // Another gate is no other result, and other threads are none.
    let (lenient, hit) = bench.cached("third", &["--threads", "1"]);
    assert!(hit && lenient.code == 0, "{}", lenient.stderr);
}

#[test]
fn whatever_counts_makes_another_result() {
    let bench = Bench::new();
    assert!(!bench.cached("out", &[]).1);
    assert!(bench.cached("out", &[]).1);
    for more in [&["--policy", "strict"][..], &["--min-severity", "high"], &["--sessions", "agent"]] {
        let (_, hit) = bench.cached("out", more);
        assert!(!hit, "{more:?}");
        bench.scan("plain", more);
        assert!(same(&bench.path("plain"), &bench.path("out")), "{more:?}");
        assert!(bench.cached("out", more).1, "{more:?}");
    }
    let file = bench.path("in").join("07.jsonl");
    let before = std::fs::read(&file).unwrap();
    std::fs::write(&file, samples::record("7", "nothing")).unwrap();
    assert!(!bench.cached("out", &[]).1, "a changed input");
    std::fs::write(&file, &before).unwrap();
    assert!(bench.cached("out", &[]).1, "as it was: what counts is content");
    std::fs::rename(&file, bench.path("in").join("7.jsonl")).unwrap();
    assert!(!bench.cached("out", &[]).1, "another name");
    std::fs::write(bench.path("in").join("new.jsonl"), before).unwrap();
    assert!(!bench.cached("out", &[]).1, "another input");
}

#[test]
fn an_entry_that_was_changed_is_refused_and_said_and_replaced() {
    type Edit<'a> = &'a dyn Fn(Vec<u8>) -> Vec<u8>;
    let bench = Bench::new();
    bench.scan("plain", &[]);
    bench.cached("out", &[]);
    let entry = bench.entries().pop().unwrap();
    let edits: [(&str, Edit<'_>); 5] = [
        ("report/findings.jsonl", &|_| Vec::new()),
        ("report/tables/findings.parquet", &|mut bytes| {
            bytes[40] ^= 1;
            bytes
        }),
        ("entry.json", &|bytes| {
            String::from_utf8(bytes).unwrap().replace("\"worst\":\"", "\"worst\": \"").into()
        }),
        ("entry.mac", &|_| b"0".repeat(64)),
        ("entry.mac", &|_| Vec::new()),
    ];
    for (name, edit) in edits {
        let path = entry.join(name);
        let (before, after) = (std::fs::read(&path).unwrap(), edit(std::fs::read(&path).unwrap()));
        assert_ne!(before, after, "{name}");
        std::fs::write(&path, after).unwrap();
        let (outcome, hit) = bench.cached("out", &[]);
        assert!(!hit && outcome.stderr.contains("not used"), "{name}: {}", outcome.stderr);
        assert!(same(&bench.path("plain"), &bench.path("out")), "{name}");
        assert!(bench.cached("out", &[]).1, "{name}: replaced by a good one");
    }
    std::fs::remove_file(entry.join("report").join("findings.jsonl")).unwrap();
    assert!(!bench.cached("out", &[]).1);
}

#[test]
fn entries_of_another_key_or_another_run_are_refused() {
    let bench = Bench::new();
    bench.cached("out", &[]);
    bench.cached("out", &["--policy", "strict"]);
    let [one, other] = bench.entries().try_into().unwrap();
    // An entry under another's name is whole, and still not that run's.
    std::fs::rename(&one, bench.path("aside")).unwrap();
    std::fs::rename(&other, &one).unwrap();
    std::fs::rename(bench.path("aside"), &other).unwrap();
    let (swapped, hit) = bench.cached("out", &[]);
    assert!(!hit && swapped.stderr.contains("another run"), "{}", swapped.stderr);
    std::fs::remove_file(bench.path("cache.key")).unwrap();
    let (outcome, hit) = bench.cached("out", &[]);
    assert!(!hit && outcome.stderr.contains("under this key"), "{}", outcome.stderr);
}

#[test]
fn the_key_lies_outside_the_folder_and_secrets_and_pipes_are_not_kept() {
    let bench = Bench::new();
    let slash = format!("{}/", bench.path("cache").to_str().unwrap());
    bench.scan("out", &["--cache", &slash]);
    assert!(bench.path("cache.key").is_file());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(bench.path("cache.key")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(bench.entries().len(), 1);
    let (shown, _) = bench.cached("out", &["--show-secrets"]);
    assert!(shown.stderr.contains("--show-secrets"), "{}", shown.stderr);
    assert_eq!(bench.entries().len(), 1);
    let cache = bench.path("cache");
    let piped = crate::command::coldcase_with(
        ["scan", "-", "-o", bench.path("piped").to_str().unwrap(), "--cache", cache.to_str().unwrap()],
        samples::transcript().as_bytes(),
    );
    assert!(piped.code == 0 && piped.stderr.contains("is not used"), "{}", piped.stderr);
    assert_eq!(bench.entries().len(), 1);
    // Evidence is never written to.
    let inside = bench.path("in").join("cache");
    let refused = bench.scan("out", &["--cache", inside.to_str().unwrap()]);
    assert!(refused.code == 2 && !inside.exists(), "{}", refused.stderr);
}
