//! `coldcase replay` and `rules diff` as scripts see them: exit codes, files, gates, messages.

use std::path::PathBuf;

use serde_json::Value;

use crate::command::{Outcome, coldcase};
use crate::samples;

const ORDERS: &str = "pack: acme
version: '1'
title: t
rules:
- {id: acme.rain, title: Rain, gain: g, category: dlp, severity: high, confidence: 0.9, added: '1', regex: 'nothing to see',
   references: {cwe: [X]}, match: ['nothing to see'], no_match: [x]}
";

/// A folder of its own with a recording in it.
struct Bench {
    temp: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let bench = Self { temp: tempfile::tempdir().unwrap() };
        bench.write("leak.jsonl", &samples::transcript());
        bench.write("clean.jsonl", &samples::record("a", "nothing to see"));
        bench.write("log.jsonl", &samples::recorder_log());
        bench.write("acme.yaml", ORDERS);
        bench
    }

    fn at(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.at(name), text).unwrap();
    }

    /// Replays `input` into the folder `out`; arguments that start with `@` are files of the folder.
    fn replay(&self, input: &str, more: &[&str]) -> Outcome {
        let (input, out) = (self.at(input), self.at("out"));
        let files = more.iter().map(|arg| match arg.strip_prefix('@') {
            Some(name) => self.at(name).display().to_string(),
            None => (*arg).to_owned(),
        });
        let fixed = ["replay", input.to_str().unwrap(), "--force", "-o", out.to_str().unwrap()];
        coldcase(fixed.map(str::to_owned).into_iter().chain(files))
    }
}

fn json(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{}{}", outcome.stdout, outcome.stderr))
}

#[test]
fn a_candidate_equal_to_the_baseline_gives_an_empty_diff() {
    let bench = Bench::new();
    let outcome = bench.replay("leak.jsonl", &["--candidate", "balanced", "--fail-on", "any", "--json"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let told = json(&outcome);
    assert_eq!((told["changed"].as_u64(), told["unchanged"].as_u64()), (Some(0), Some(5)));
    assert_eq!(std::fs::read(bench.at("out/changes.jsonl")).unwrap(), b"");
    for file in ["report.html", "manifest.json", "tables/verdict_changes.parquet", "tables/inputs.parquet"] {
        assert!(bench.at("out").join(file).is_file(), "{file}");
    }
}

#[test]
fn gates_end_with_1_and_are_told_in_junit() {
    let bench = Bench::new();
    let gated =
        |more: &[&str]| bench.replay("clean.jsonl", &[&["--candidate", "@acme.yaml", "-q"], more].concat());
    assert_eq!(gated(&[]).code, 0, "no gate, no failure");
    assert_eq!(gated(&["--fail-on", "new-allow"]).code, 0);
    assert_eq!(gated(&["--fail-on", "new-block"]).code, 1);
    assert_eq!(gated(&["--fail-on", "any"]).code, 1);
    assert_eq!(gated(&["--max-new-block", "1"]).code, 0);
    let outcome = gated(&["--max-new-block", "0", "--junit", "@results.xml"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stderr.contains("gate: 1 event newly blocked"), "{}", outcome.stderr);
    let junit = std::fs::read_to_string(bench.at("results.xml")).unwrap();
    assert!(junit.contains("at most 0 new blocks") && junit.contains("allow to block (new_rule)"), "{junit}");
    let back = ["--candidate", "balanced", "--against", "@acme.yaml", "--candidate-only-packs"];
    assert_eq!(bench.replay("clean.jsonl", &back).code, 2, "no pack to be alone with");
    let back = bench.replay(
        "clean.jsonl",
        &["--disable-rule", "acme.rain", "--against", "@acme.yaml", "--fail-on", "new-allow", "-q"],
    );
    assert_eq!(back.code, 1, "what was blocked passes: {}", back.stderr);
}

#[test]
fn a_changed_event_stands_in_the_lines_and_on_the_page_without_its_secret() {
    let bench = Bench::new();
    let outcome = bench.replay("leak.jsonl", &["--disable-rule", "dlp.", "--json"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let told = json(&outcome);
    assert!(
        told["rules"]
            .as_array()
            .unwrap()
            .iter()
            .all(|rule| rule["cause"] == "removed_rule" || rule["cause"] == "state"),
        "{told}"
    );
    let lines = std::fs::read_to_string(bench.at("out/changes.jsonl")).unwrap();
    let page = std::fs::read_to_string(bench.at("out/report.html")).unwrap();
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["findings"][0]["change"], "lost", "{first}");
    assert_eq!(lines.lines().count() as u64, told["changed"].as_u64().unwrap());
    assert!(page.contains("removed_rule") && page.contains("not replayable"));
    assert!(!lines.contains(&samples::token()) && !page.contains(&samples::token()));
    assert!(!page.contains("<script"));
}

#[test]
fn against_what_was_recorded_only_what_holds_its_bytes_is_compared() {
    let bench = Bench::new();
    let entry = |seq: u32, detail: &str| {
        format!(
            "{{\"v\":2,\"seq\":{seq},\"ts\":\"2026-03-01T10:00:0{seq}Z\",\"session_id\":\"s\",\"type\":\"capture\",\"event_kind\":\"url\",\
             \"transport\":\"fetch\",\"summary\":\"s\",\"detail\":{detail},\"prev_hash\":\"genesis\",\"hash\":\"00\"}}\n"
        )
    };
    let url = "https://example.test/a";
    let capture = |verdict: &str, more: &str| {
        format!(
            "{{\"surface\":\"url\",{more}\"scanner_sample\":\"{url}\",\"request\":{{\"method\":\"GET\",\"url\":\"{url}\"}},\
             \"effective_action\":\"{verdict}\"}}"
        )
    };
    let log = [
        entry(0, &capture("allow", "\"scanner_bytes\":22,\"payload_complete\":true,")),
        entry(1, &capture("block", "\"scanner_bytes\":22,\"payload_complete\":true,")),
        entry(2, &capture("block", "\"scanner_bytes\":9000,")),
        entry(3, &capture("block", "\"payload_complete\":false,")),
        entry(4, "{\"layer\":\"dlp\",\"pattern\":\"p\",\"request_id\":\"r\",\"verdict\":\"block\"}"),
        entry(5, "{\"detected_patterns\":[\"[REDACTED:x]\"],\"original_size\":90,\"redacted\":true}"),
        entry(6, &capture("perhaps", "")),
    ];
    bench.write("r.jsonl", &log.concat());
    let outcome = bench.replay("r.jsonl", &["--candidate", "balanced", "--against", "recorded", "--json"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let told = json(&outcome);
    let count = |key: &str| told[key].as_u64().unwrap();
    assert_eq!((count("events"), count("compared"), count("evidence_only")), (7, 2, 3), "{told}");
    assert_eq!((count("no_recorded_verdict"), count("unknown_recorded_verdict")), (1, 1), "{told}");
    assert_eq!((count("unchanged"), count("changed"), count("new_allow")), (1, 1, 1), "{told}");
    // Of two rule sets neither is said to leave alone what the log does not hold; strict warns of what was redacted.
    let rules = bench.replay("r.jsonl", &["--candidate", "strict", "--json"]);
    let told = json(&rules);
    let count = |key: &str| told[key].as_u64().unwrap();
    assert_eq!((count("compared"), count("evidence_only"), count("unchanged")), (4, 3, 3), "{told}");
    bench.write("only.jsonl", &log[2..6].concat());
    for (file, why) in [("clean.jsonl", "nothing recorded"), ("only.jsonl", "evidence only")] {
        let none = bench.replay(file, &["--candidate", "balanced", "--against", "recorded", "-q"]);
        assert_eq!(none.code, 3, "{why}, nothing compared: {}", none.stderr);
    }
}

#[test]
fn mistakes_are_named_with_their_place() {
    let bench = Bench::new();
    bench.write("twice.yaml", &format!("{ORDERS}{}", ORDERS.split_once("rules:\n").unwrap().1));
    bench.write("regex.yaml", &ORDERS.replace("'nothing to see',\n", "'nothing (to see',\n"));
    bench.write("key.yaml", &ORDERS.replace("title: Rain", "titel: Rain"));
    bench.write("policy.yaml", "policy: p\nversion: 1\nnot_scanned: warn\nclauses: []\ncolour: red\n");
    bench.write("broken.yaml", &ORDERS.replace("no_match: [x]", "no_match: ['nothing to see']"));
    for (file, told) in [
        ("twice.yaml", &["twice.yaml, line 7, column 8, rule acme.rain", "twice.yaml, line 5;"][..]),
        ("regex.yaml", &["line 5, column 108", "acme.rain", "`regex`"]),
        ("key.yaml", &["key.yaml", "titel", "line 5"]),
        ("policy.yaml", &["policy.yaml", "colour", "line 5"]),
        ("broken.yaml", &["line 6, column 66", "acme.rain", "no_match"]),
        ("missing.yaml", &["missing.yaml", "no such file"]),
    ] {
        let outcome = bench.replay("clean.jsonl", &["--candidate", &format!("@{file}")]);
        assert_eq!(outcome.code, 2, "{file}: {}", outcome.stderr);
        for word in told {
            assert!(outcome.stderr.contains(word), "{file}: {word}: {}", outcome.stderr);
        }
        assert!(!bench.at("out").exists(), "{file}: nothing is written");
    }
    let unknown = bench.replay("clean.jsonl", &["--disable-rule", "no.such.rule"]);
    assert!(unknown.code == 2 && unknown.stderr.contains("no.such.rule"), "{}", unknown.stderr);
    assert_eq!(bench.replay("clean.jsonl", &[]).code, 64, "nothing to change");
    assert_eq!(bench.replay("clean.jsonl", &["--min-confidence", "7"]).code, 64);
    let mixed =
        bench.replay("clean.jsonl", &["-c", "strict", "--against", "recorded", "--against", "balanced"]);
    assert_eq!(mixed.code, 2, "{}", mixed.stderr);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let bench = Bench::new();
    let files = |threads: &str| {
        let outcome = bench.replay("leak.jsonl", &["--disable-rule", "dlp.", "-q", "--threads", threads]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        crate::output::files(&bench.at("out"))
    };
    assert!(files("1") == files("8"));
}

#[test]
fn rules_diff_names_fields_and_the_effect() {
    let bench = Bench::new();
    let after =
        ORDERS.replace("confidence: 0.9", "confidence: 0.2").replace("no_match: [x]", "no_match: [x, y]");
    bench.write("after.yaml", &after);
    let diff = |more: &[&str]| {
        let (before, after) = (bench.at("acme.yaml"), bench.at("after.yaml"));
        let fixed = ["rules", "diff", before.to_str().unwrap(), after.to_str().unwrap()];
        coldcase(fixed.into_iter().chain(more.iter().copied()))
    };
    let outcome = diff(&[]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    for told in [
        "changed acme.rain",
        "confidence (threshold)",
        "- 0.9",
        "+ 0.2",
        "no_match (text)",
        "+ y",
        "1 changed",
    ] {
        assert!(outcome.stdout.contains(told), "{told}: {}", outcome.stdout);
    }
    let clean = bench.at("clean.jsonl");
    let told = json(&diff(&["--json", "--on", clean.to_str().unwrap()]));
    assert_eq!(told["rules"][0]["rule"], "acme.rain");
    assert_eq!(told["effect"]["changed"], 1, "{told}");
    assert_eq!(told["effect"]["rules"][0]["cause"], "threshold", "{told}");
}

/// Leaves out every rule that is built in.
const NO_RULE: [&str; 12] = [
    "--disable-rule",
    "dlp.",
    "--disable-rule",
    "egress.",
    "--disable-rule",
    "exfil.",
    "--disable-rule",
    "injection.",
    "--disable-rule",
    "ssrf.",
    "--disable-rule",
    "tool.",
];

#[test]
fn a_candidate_without_rules_finds_nothing() {
    let bench = Bench::new();
    let outcome = bench.replay("leak.jsonl", &[&NO_RULE[..], &["--fail-on", "any", "--json"]].concat());
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    let told = json(&outcome);
    assert!(told["new_allow"].as_u64().unwrap() > 0, "{told}");
    assert!(told["rules"].as_array().unwrap().iter().any(|rule| rule["cause"] == "removed_rule"), "{told}");
    let recorded = bench.replay("log.jsonl", &[&NO_RULE[..], &["--against", "recorded", "--json"]].concat());
    let page = std::fs::read_to_string(bench.at("out/changes.jsonl")).unwrap();
    assert!(!page.contains("dlp."), "{page}{}", recorded.stderr);
    let swept = bench.replay("leak.jsonl", &[&NO_RULE[..], &["--sweep=0,0.5", "--json"]].concat());
    for level in json(&swept)["levels"].as_array().unwrap() {
        assert_eq!(level["new_allow"], told["new_allow"], "{level}");
    }
}

#[test]
fn rules_diff_with_a_pack_without_rules_tells_the_effect_both_ways() {
    let bench = Bench::new();
    bench.write("empty.yaml", "pack: acme\nversion: '1'\ntitle: t\nrules: []\n");
    let clean = bench.at("clean.jsonl");
    for (before, after, change) in
        [("acme.yaml", "empty.yaml", "removed_rule"), ("empty.yaml", "acme.yaml", "new_rule")]
    {
        let (before, after) = (bench.at(before), bench.at(after));
        let on = ["--json", "--on", clean.to_str().unwrap()];
        let fixed = ["rules", "diff", before.to_str().unwrap(), after.to_str().unwrap()];
        let told = json(&coldcase(fixed.into_iter().chain(on)));
        assert_eq!(told["effect"]["changed"], 1, "{told}");
        assert_eq!(told["effect"]["rules"][0]["cause"], change, "{told}");
    }
}

#[test]
fn accepted_findings_are_marked_and_counted_apart() {
    let bench = Bench::new();
    let (file, out) = (bench.at("accepted.jsonl"), bench.at("scanned"));
    let (file, out) = (file.to_str().unwrap(), out.to_str().unwrap());
    let input = bench.at("leak.jsonl");
    let done = |outcome: Outcome| assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    done(coldcase(["baseline", "create", file]));
    done(coldcase(["scan", input.to_str().unwrap(), "-o", out, "--baseline", file]));
    let why = ["--reason", "made up", "--author", "ann", "--expires", "9d"];
    done(coldcase(["baseline", "accept", file, out, "--all"].into_iter().chain(why)));
    let fixed = ["--candidate", "observe", "--json"];
    let plain = json(&bench.replay("leak.jsonl", &fixed));
    let marked = json(&bench.replay("leak.jsonl", &[&fixed[..], &["--baseline", file]].concat()));
    assert_eq!(plain["suppressed"], 0);
    assert!(marked["suppressed"].as_u64().unwrap() > 0, "{marked}");
    assert!(
        marked["verdicts_changed"].as_u64().unwrap() < plain["verdicts_changed"].as_u64().unwrap(),
        "what is accepted is blocked by neither side: {marked} {plain}"
    );
    let manifest = std::fs::read_to_string(bench.at("out/manifest.json")).unwrap();
    assert!(manifest.contains("\"baseline ") && manifest.contains(", as of "), "{manifest}");
    let told = bench.replay("leak.jsonl", &["--candidate", "observe", "--baseline", file]);
    assert!(told.stdout.contains("suppressed by the baseline, the oldest accepted today"), "{}", told.stdout);
    let wrong = bench.replay("leak.jsonl", &["--candidate", "observe", "--baseline", "@acme.yaml"]);
    assert_eq!(wrong.code, 2, "{}", wrong.stdout);
}
