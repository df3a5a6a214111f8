//! What is kept of each input: a scan that recalls most of them writes the bytes of one that reads all, whatever has changed.

use std::path::PathBuf;

use coldcase_corpus::{gen_mcp, hostile};

use super::{Bench, same};
use crate::command::Outcome;
use crate::samples;

/// A rule that finds this word.
fn rule(id: &str, word: &str, more: &str) -> String {
    format!(
        "- {{id: {id}, title: t, gain: g, category: injection, severity: high, confidence: 0.7, added: '1', \
         references: {{cwe: [X]}}, regex: '{word}', match: ['{word}'], no_match: [x]{more}}}\n"
    )
}

impl Bench {
    /// A bench with recordings of many formats, sound and broken, short and of several batches.
    fn mixed() -> Self {
        let bench = Self::new();
        let write = |name: &str, bytes: &[u8]| std::fs::write(bench.path("in").join(name), bytes).unwrap();
        for one in hostile::all().unwrap().into_iter().filter(|one| one.bytes.len() < 40_000) {
            write(&one.name, &one.bytes);
        }
        let mut many = Vec::new();
        gen_mcp::write(&mut many, 2 << 20, 5).unwrap();
        let planted = samples::transcript();
        write("many.jsonl", &[planted.as_bytes(), &many, planted.as_bytes()].concat());
        write(
            "one.stdin.jsonl",
            &[planted.as_bytes(), b"{\"jsonrpc\":\"2.0\",\"method\":\"quarterly-figures\"}\n"].concat(),
        );
        write("packed.jsonl.gz", &samples::gzip(planted.as_bytes()));
        bench
    }

    fn inputs(&self) -> usize {
        std::fs::read_dir(self.path("in")).unwrap().count()
    }

    /// Writes a pack of these rules.
    fn pack(&self, rules: &[String]) -> String {
        let path = self.path("own.yaml");
        std::fs::write(&path, format!("pack: own\nversion: '1'\ntitle: t\nrules:\n{}", rules.concat()))
            .unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Scans with and without the cache; both reports are the same. Gives how many inputs were recalled.
    #[track_caller]
    fn recalled(&self, more: &[&str]) -> usize {
        let plain = self.scan("plain", more);
        let (outcome, hit) = self.cached("out", more);
        assert!(!hit, "the report itself was kept: {}", outcome.stderr);
        assert!(same(&self.path("plain"), &self.path("out")), "{more:?}: {}", outcome.stderr);
        assert_eq!((plain.code, super::told(&plain)), (outcome.code, super::told(&outcome)));
        recalled(&outcome)
    }

    fn shelves(&self) -> Vec<PathBuf> {
        let mut shelves = self.things("inputs-");
        shelves.sort();
        shelves
    }

    fn things(&self, start: &str) -> Vec<PathBuf> {
        let all = std::fs::read_dir(self.path("cache")).unwrap().map(|entry| entry.unwrap().path());
        all.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(start)).collect()
    }

    /// Removes the reports that are kept, so that the next scan asks for its inputs.
    fn forget_reports(&self) {
        self.entries().iter().for_each(|entry| std::fs::remove_dir_all(entry).unwrap());
    }
}

/// How many inputs a scan says that it recalled.
fn recalled(outcome: &Outcome) -> usize {
    let told = outcome.stderr.lines().find(|line| line.contains(" inputs from the cache"));
    told.unwrap_or_else(|| panic!("{}", outcome.stderr)).split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn other_policies_options_and_threads_recall_every_input() {
    let bench = Bench::mixed();
    let all = bench.inputs();
    assert_eq!(bench.recalled(&["--threads", "2"]), 0);
    let mores = [
        &["--policy", "strict"][..],
        &["--min-severity", "high"],
        &["--policy", "observe", "--fail-on", "low"],
    ];
    for (more, threads) in mores.iter().zip(["1", "2", "8"]) {
        assert_eq!(bench.recalled(&[more, &["--threads", threads][..]].concat()), all, "{more:?}");
    }
    assert_eq!(bench.shelves().len(), 1, "nothing was kept again");
    assert_eq!(bench.recalled(&["--sessions", "agent"]), 0, "what makes a session may count in any of them");
}

#[test]
fn a_rule_that_comes_goes_or_changes_is_asked_where_it_may_matter() {
    let bench = Bench::mixed();
    // One of them comes to a limit, and is scanned whenever rules differ.
    let all = bench.inputs() - 1;
    let (here, nowhere) =
        (rule("own.here", "quarterly-figures", ""), rule("own.nowhere", "zqxjkvw-kvzq", ""));
    assert_eq!(bench.recalled(&[]), 0);
    let pack = bench.pack(std::slice::from_ref(&nowhere));
    assert_eq!(bench.recalled(&["--pack", &pack]), all, "a rule that finds nothing");
    bench.pack(&[nowhere.clone(), here.clone()]);
    let (before, mores) = (bench.shelves().len(), ["--pack", pack.as_str()]);
    assert_eq!(bench.recalled(&mores), all - 1, "a rule that finds something in one input");
    assert_eq!(bench.shelves().len(), before + 1);
    bench.pack(&[nowhere.clone(), rule("own.here", "quarterly-figures", ", direction: egress")]);
    assert_eq!(bench.recalled(&mores), all - 1, "the rule has changed");
    bench.pack(&[
        rule("own.here", "quarterly-figures", ", direction: egress").replace("high", "low"),
        nowhere.clone(),
    ]);
    assert_eq!(bench.recalled(&mores), all - 1, "and says something else of what it finds");
    bench.pack(&[nowhere]);
    assert_eq!(bench.recalled(&["--pack", &pack, "--min-severity", "low"]), all - 1, "the rule is gone");
    assert_eq!(bench.recalled(&["--policy", "strict"]), all, "both are");
    // A word that many hold, looked for on a surface of its own: what was one stretch may be two.
    bench.pack(&[rule("own.message", "jsonrpc", ", surfaces: [tool_description]")]);
    assert!(bench.recalled(&mores) < all);
    bench.pack(&[here]);
    assert!(bench.recalled(&["--pack", &pack, "--only-packs"]) < all / 2, "a thousand rules are gone");
}

#[test]
fn inputs_that_come_go_move_or_change_are_told_by_their_bytes_and_names() {
    let bench = Bench::mixed();
    let all = bench.inputs();
    assert_eq!(bench.recalled(&[]), 0);
    let input = |name: &str| bench.path("in").join(name);
    std::fs::write(input("00-first.jsonl"), samples::transcript()).unwrap();
    assert_eq!(bench.recalled(&[]), all, "all but the new one, each at another place than before");
    std::fs::remove_file(input("07.jsonl")).unwrap();
    assert_eq!(bench.recalled(&[]), all, "one is gone");
    std::fs::rename(input("08.jsonl"), input("zz.jsonl")).unwrap();
    assert_eq!(bench.recalled(&[]), all - 1, "one has another name, which is that of its session");
    std::fs::write(input("09.jsonl"), samples::record("9", "other bytes")).unwrap();
    assert_eq!(bench.recalled(&[]), all - 1, "one has other bytes");
    // The same files in another order.
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(bench.path("in")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.reverse();
    let run = |name: &str, more: &[&str]| {
        let mut args = vec!["scan", "--force", "-o", name];
        args.extend(files.iter().map(|file| file.to_str().unwrap()));
        crate::command::coldcase([&args, more].concat())
    };
    let [plain, out, cache] =
        ["plain", "out", "cache"].map(|name| bench.path(name).to_str().unwrap().to_owned());
    run(&plain, &[]);
    assert_eq!(recalled(&run(&out, &["--cache", &cache])), all);
    assert!(same(&bench.path("plain"), &bench.path("out")));
}

#[test]
fn what_was_accepted_since_is_marked_in_what_is_recalled() {
    let bench = Bench::new();
    let [list, out] = ["accepted.jsonl", "out"].map(|name| bench.path(name).to_str().unwrap().to_owned());
    let ok = |args: &[&str]| {
        let outcome = crate::command::coldcase(args);
        assert_eq!(outcome.code, 0, "{args:?} {}", outcome.stderr);
    };
    ok(&["baseline", "create", &list]);
    let on = |day: &'static str| ["--baseline", list.as_str(), "--as-of", day];
    let all = bench.inputs();
    assert_eq!(bench.recalled(&on("2026-03-01")), 0);
    let accept = ["--reason", "a test", "--author", "ann", "--expires", "2999-01-01"];
    ok(&[&["baseline", "accept", &list, &out, "--all"][..], &accept].concat());
    assert_eq!(bench.recalled(&on("2026-03-01")), all, "what was accepted is looked up again");
    assert!(std::fs::read_to_string(bench.path("out").join("findings.jsonl")).unwrap().contains("a test"));
    assert_eq!(bench.recalled(&on("2026-03-02")), all, "another day");
    assert_eq!(bench.recalled(&[]), 0, "without a baseline findings have no fingerprints");
}

/// How long the head of a shelf is in which an id that was changed is another's.
const HEAD: usize = 17 + 16;

#[test]
fn a_shelf_that_was_changed_is_refused_and_said_and_replaced() {
    let bench = Bench::new();
    let all = bench.inputs();
    bench.cached("out", &[]);
    let whole = std::fs::read(bench.shelves().pop().unwrap()).unwrap();
    let token = samples::token();
    assert!(
        !whole.windows(token.len()).any(|window| window == token.as_bytes()),
        "secrets lie there in clear"
    );
    // Its head, a record near its start, one in the middle, its list and its end.
    for at in [3, 20, 60, 500, whole.len() / 2, whole.len() - 40, whole.len() - 5] {
        let path = bench.shelves().pop().unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let at = at * bytes.len() / whole.len();
        bytes[at] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        bench.forget_reports();
        let (outcome, _) = bench.cached("out", &[]);
        // By its head one tells whose it is: another's, or no shelf, is left alone.
        let replaced = outcome.stderr.contains("not used, and will be replaced");
        assert!(replaced || at < HEAD, "byte {at}: {}", outcome.stderr);
        assert!(recalled(&outcome) < all, "byte {at}");
        bench.scan("plain", &[]);
        assert!(same(&bench.path("plain"), &bench.path("out")), "byte {at}");
        bench.forget_reports();
        let (outcome, _) = bench.cached("out", &[]);
        assert_eq!(recalled(&outcome), all, "byte {at}: {}", outcome.stderr);
        assert!(!outcome.stderr.contains("will be replaced"), "byte {at}: {}", outcome.stderr);
    }
}

#[test]
fn a_shelf_that_was_cut_is_refused_wherever_it_ends() {
    let bench = Bench::new();
    let all = bench.inputs();
    bench.cached("out", &[]);
    for part in [5, 50, 99] {
        // The one that was cut is gone after each round.
        let [path] = bench.shelves().try_into().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() * part / 100]).unwrap();
        assert_eq!(bench.recalled_afresh(), 0, "cut to {part} parts of a hundred");
        assert_eq!(bench.recalled_afresh(), all);
    }
}

#[test]
fn shelves_of_another_key_or_place_are_no_use() {
    let bench = Bench::new();
    let all = bench.inputs();
    bench.cached("out", &[]);
    let first = bench.shelves().pop().unwrap();
    // The records of one input in the place of another's, of the same length.
    let other = bench.path("other");
    std::fs::copy(&first, &other).unwrap();
    std::fs::write(bench.path("in").join("07.jsonl"), samples::record("7", "nothing")).unwrap();
    assert_eq!(bench.recalled(&[]), all - 1);
    let second = bench.shelves().pop().unwrap();
    std::fs::copy(&other, &second).unwrap();
    assert_eq!(bench.recalled_afresh(), all - 1, "an older shelf under a newer name knows what it knew");
    std::fs::remove_file(bench.path("cache.key")).unwrap();
    bench.forget_reports();
    let (outcome, _) = bench.cached("out", &[]);
    assert_eq!(recalled(&outcome), 0);
    assert_eq!(bench.recalled_afresh(), all);
    assert!(first.exists() && second.exists(), "what another key sealed is left alone");
}

#[test]
fn a_book_that_is_gone_or_changed_costs_a_scan_and_nothing_else() {
    let bench = Bench::new();
    let all = bench.inputs();
    let pack = bench.pack(&[rule("own.nowhere", "zqxjkvw-kvzq", "")]);
    bench.cached("out", &[]);
    let book = bench.things("rules-").pop().unwrap();
    let mut bytes = std::fs::read(&book).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&book, bytes).unwrap();
    assert_eq!(bench.recalled(&["--pack", &pack]), 0);
    assert_eq!(bench.recalled(&["--pack", &pack, "--policy", "strict"]), all);
}

#[test]
fn the_cache_keeps_its_size_and_the_last_run() {
    let bench = Bench::new();
    let all = bench.inputs();
    bench.cached("out", &[]);
    assert_eq!(bench.entries().len(), 1);
    bench.cached("out", &["--policy", "strict"]);
    assert_eq!((bench.entries().len(), bench.shelves().len()), (2, 1));
    let (_, hit) = bench.cached("out", &["--cache-size", "1k"]);
    assert!(hit);
    assert_eq!((bench.entries().len(), bench.shelves().len()), (1, 0), "what was used last has stayed");
    assert!(bench.cached("out", &[]).1);
    let (outcome, _) = bench.cached("out", &["--policy", "strict", "--cache-size", "1k"]);
    assert_eq!(recalled(&outcome), 0);
    assert_eq!((bench.entries().len(), bench.shelves().len()), (1, 1), "what it made is not removed");
    let (outcome, _) = bench.cached("out", &["--policy", "observe"]);
    assert_eq!(recalled(&outcome), all);
}

impl Bench {
    /// Scans with the cache, whose reports are forgotten.
    #[track_caller]
    fn recalled_afresh(&self) -> usize {
        self.forget_reports();
        self.recalled(&[])
    }
}
