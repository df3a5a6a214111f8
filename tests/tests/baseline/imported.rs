//! `baseline import`: the `suppress` entries of a Pipelock configuration, carried over for hosts that are named.

use serde_json::json;

use super::{Bench, TOKEN_RULE, is_suppressed, of_rule, posted_to};
use crate::command::{Outcome, coldcase, coldcase_with};
use crate::output::manifest;
use crate::samples::token;

/// A configuration with entries of every fate.
const CONFIG: &str = r#"
mode: balanced
dlp:
  include_defaults: false
  patterns:
    - {name: "Acme Token", regex: 'acmetok-[a-z0-9]{16}', severity: high}
    - {name: "Digits", regex: '\b\d{3}-\d{2}\b', severity: low}
suppress:
  - {rule: "acme token", path: "docs/", reason: "examples of the manual"}
  - {rule: "Acme Token", path: "*.test.ts"}
  - {rule: "Acme Token", path: "https://other.example.test/fixtures/*.json", reason: "fixtures"}
  - {rule: "Acme Token", path: "*", reason: "everything"}
  - {rule: "Digits", path: "docs/", reason: "numbers"}
  - {rule: "GitHub Token", path: "docs/", reason: "examples of the manual"}
  - {rule: "JWT Token", path: "docs/", reason: "examples"}
"#;

const RULE: &str = "pipelock.dlp.acme-token";

fn secret() -> String {
    format!("acmetok{}k3m9x7q2w8z4v6n1", '-')
}

/// A baseline, the configuration and its pack.
fn bench(url: &str) -> Bench {
    let bench =
        Bench::new(&[("a.jsonl", &posted_to("1", url, &json!({ "note": secret(), "key": token() })))]);
    std::fs::write(bench.path("pipelock.yaml"), CONFIG).unwrap();
    let taken = coldcase(["rules", "import", &bench.text("pipelock.yaml"), "-o", &bench.text("pack.yaml")]);
    assert_eq!(taken.code, 0, "{}", taken.stderr);
    bench
}

fn import(bench: &Bench, more: &[&str]) -> Outcome {
    let (file, config) = (bench.text("accepted.jsonl"), bench.text("pipelock.yaml"));
    let fixed = ["baseline", "import", &file, &config, "--author", "ann", "--expires", "30d"];
    coldcase([&fixed[..], more].concat())
}

const ALL: [&str; 6] = [
    "--host",
    "manual.example.test",
    "--reason",
    "of the old firewall",
    "--rule",
    "GitHub Token=dlp.github.pat-classic",
];

#[test]
fn every_entry_is_carried_over_or_told() {
    let bench = bench("https://manual.example.test/docs/a");
    let done = import(&bench, &ALL);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stderr.contains("carried over 4 of 7, as 4 entries (0 of them renewed)"), "{}", done.stderr);
    for line in [
        "acme token at docs/: pipelock.dlp.acme-token at manual.example.test/docs/",
        "Acme Token at *.test.ts: pipelock.dlp.acme-token at manual.example.test/*.test.ts",
        "fixtures/*.json: pipelock.dlp.acme-token at other.example.test/fixtures/*.json",
        "Acme Token at *: left out: a path that covers all of a host",
        "Digits at docs/: left out: the pack does not have the rule (no_text",
        "GitHub Token at docs/: dlp.github.pat-classic at manual.example.test/docs/",
        "JWT Token at docs/: left out: the file states no rule of this name",
    ] {
        assert!(done.stdout.contains(line), "{line}: {}", done.stdout);
    }
    let list = coldcase(["baseline", "list", &bench.text("accepted.jsonl")]);
    let entry = "at manual.example.test/docs/: examples of the manual (ann)";
    assert!(list.stdout.contains(entry), "{}", list.stdout);
    let again = import(&bench, &ALL);
    assert!(again.stderr.contains("(4 of them renewed)"), "{}", again.stderr);
}

#[test]
fn nothing_is_carried_over_without_a_host_or_a_reason() {
    let bench = bench("https://manual.example.test/docs/a");
    let before = bench.baseline();
    let done = import(&bench, &[]);
    assert!(done.stderr.contains("carried over 1 of 7"), "the one that names its host: {}", done.stderr);
    assert!(done.stdout.contains("docs/: left out: its path names no host"), "{}", done.stdout);
    assert!(done.stdout.contains("*.test.ts: left out: it gives no reason"), "{}", done.stdout);
    std::fs::write(bench.path("accepted.jsonl"), &before).unwrap();
    for (args, told) in [
        (&["--rule", "Nobody=a.b"][..], "no entry"),
        (&["--rule", "GitHub Token"][..], "NAME=ID"),
        (&["--pack", "/nowhere.yaml", "--rule", "GitHub Token=a.b"][..], "nowhere"),
    ] {
        let refused = import(&bench, args);
        assert!(refused.code == 2 && refused.stderr.contains(told), "{}", refused.stderr);
        assert_eq!(bench.baseline(), before);
    }
    std::fs::write(bench.path("pipelock.yaml"), "mode: balanced\n").unwrap();
    assert_eq!(import(&bench, &ALL[..2]).code, 2, "nothing to carry over");
}

#[test]
fn what_is_suppressed_at_a_place_stays_in_the_report_and_counts_for_nothing() {
    let bench = bench("https://manual.example.test/docs/a");
    assert_eq!(import(&bench, &ALL).code, 0);
    let pack = bench.text("pack.yaml");
    let (scan, out) = bench.scan("out", &["--pack", &pack, "--fail-on", "high"]);
    let found = of_rule(&out, RULE);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["suppressed"], "examples of the manual");
    assert!(of_rule(&out, TOKEN_RULE).iter().all(is_suppressed), "the rule that --rule names");
    assert_eq!(scan.code, 0, "{}", scan.stdout);
    assert!(scan.stdout.contains("suppressed by the baseline, the oldest accepted today"), "{}", scan.stdout);
    assert_eq!(manifest(&out)["totals"]["suppressed"], 2);
    let (later, out) = bench.scan("later", &["--pack", &pack, "--fail-on", "high", "--as-of", "2100-01-01"]);
    assert!(of_rule(&out, RULE).iter().all(|finding| !is_suppressed(finding)), "expired");
    assert_eq!(later.code, 1, "{}", later.stdout);
    let file = bench.text("accepted.jsonl");
    let pruned = coldcase(["baseline", "prune", &file, "--unseen-in", &bench.text("out")]);
    assert!(pruned.stderr.contains("0 entries taken out, 4 stay"), "{}", pruned.stderr);
}

#[test]
fn no_other_host_path_or_rule_is_covered() {
    for url in [
        "https://evil.example.test/docs/a",
        "https://manual.example.test@evil.example.test/docs/a",
        "https://evil.example.test/?https://manual.example.test/docs/a",
        "https://evil.example.test#@manual.example.test/docs/a",
        "https://evil.example.test\\@manual.example.test/docs/a",
        "https://manual.example.test:444/docs/a",
        "https://manual.example.test/docs/../upload",
        "https://manual.example.test/docs/%2e%2e/upload",
        "https://manual.example.test/docs/..;/upload",
        "https://manual.example.test/docs/.\t./upload",
        "evil.example.test/?x=https://manual.example.test/docs/a",
        "https://manual.example.test/docs",
        "https://manual.example.test/xdocs/a",
        "https://manual.example.test/upload?x=docs/",
        "https://manual.example.test/upload#/docs/",
    ] {
        let bench = bench(url);
        assert_eq!(import(&bench, &ALL).code, 0);
        let (_, out) = bench.scan("out", &["--pack", &bench.text("pack.yaml")]);
        let found = of_rule(&out, RULE);
        assert!(!found.is_empty() && found.iter().all(|one| !is_suppressed(one)), "{url}: {found:?}");
    }
}

#[test]
fn judge_marks_what_the_baseline_accepts() {
    let url = "https://MANUAL.example.test/docs/a";
    let bench = bench(url);
    assert_eq!(import(&bench, &ALL).code, 0);
    let record = posted_to("1", url, &json!({ "note": secret() }));
    let (pack, file) = (bench.text("pack.yaml"), bench.text("accepted.jsonl"));
    let judged = |more: &[&str]| -> serde_json::Value {
        let args = [&["judge", "--pack", &pack, "--only-packs"][..], more].concat();
        let run = coldcase_with(args, record.as_bytes());
        assert_eq!(run.code, 0, "{}", run.stderr);
        serde_json::from_str(&run.stdout).unwrap()
    };
    let plain = judged(&[]);
    assert_ne!(plain["action"], "allow", "{plain}");
    assert!(plain["findings"][0].get("suppressed").is_none(), "{plain}");
    let marked = judged(&["--baseline", &file]);
    assert_eq!(marked["action"], "allow", "{marked}");
    assert_eq!(marked["findings"][0]["suppressed"], "examples of the manual");
    assert!(marked["reason"].as_str().unwrap().contains("1 suppressed by the baseline"), "{marked}");
}
