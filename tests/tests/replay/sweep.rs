//! `replay --sweep`: each level is what a replay with that least confidence gives, and labels give precision and recall.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::command::{Outcome, coldcase};
use crate::samples;

const PACK: &str = "pack: acme
version: '1'
title: t
rules:
- {id: acme.rain, title: Rain, gain: g, category: dlp, severity: high, confidence: 0.95, added: '1', regex: 'nothing to see',
   references: {cwe: [X]}, match: ['nothing to see'], no_match: [x]}
- {id: acme.sun, title: Sun, gain: g, category: injection, severity: high, confidence: 0.35, added: '1', regex: 'all to see',
   references: {cwe: [X]}, match: ['all to see'], no_match: [x]}
";

struct Bench {
    temp: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let bench = Self { temp: tempfile::tempdir().unwrap() };
        bench.put("acme.yaml", PACK);
        bench.put("in/leak.jsonl", &samples::transcript());
        let texts = ["nothing to see", "all to see", "nothing", "nothing to see here"];
        bench.put("in/texts.jsonl", &texts.map(|text| samples::record("a", text)).concat());
        bench
    }

    fn put(&self, name: &str, text: &str) {
        let path = self.at(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn at(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    fn replay(&self, more: &[&str]) -> Outcome {
        let of = |path: &Path| path.to_str().unwrap().to_owned();
        let (input, pack, out) = (of(&self.at("in")), of(&self.at("acme.yaml")), of(&self.at("out")));
        let fixed = ["replay", &input, "--candidate", &pack, "--force", "-o", &out, "--json"];
        coldcase(fixed.iter().chain(more).map(|arg| (*arg).to_owned()))
    }

    fn told(&self, more: &[&str]) -> Value {
        let outcome = self.replay(more);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        serde_json::from_str(&outcome.stdout).unwrap()
    }
}

/// The candidate's events by verdict, as a replay tells them.
fn actions_after(replay: &Value) -> BTreeMap<String, u64> {
    let mut actions = BTreeMap::new();
    for one in replay["transitions"].as_array().unwrap() {
        *actions.entry(one["after"].as_str().unwrap().to_owned()).or_default() +=
            one["events"].as_u64().unwrap();
    }
    actions
}

#[test]
fn each_level_is_a_replay_with_that_confidence() {
    let bench = Bench::new();
    let swept = bench.told(&["--sweep=0,0.3,0.5,0.85,1"]);
    let levels = swept["levels"].as_array().unwrap();
    assert_eq!(levels.len(), 5);
    let mut new_blocks = Vec::new();
    for level in levels {
        let least = level["confidence"].to_string();
        let replay = bench.told(&["--min-confidence", &least]);
        assert_eq!(level["new_block"], replay["new_block"], "{least}");
        assert_eq!(level["new_allow"], replay["new_allow"], "{least}");
        let actions: BTreeMap<String, u64> = serde_json::from_value(level["actions"].clone()).unwrap();
        assert_eq!(actions, actions_after(&replay), "{least}");
        assert_eq!(swept["events"].as_u64(), Some(actions.values().sum()), "{least}");
        new_blocks.push(level["new_block"].as_u64().unwrap());
    }
    assert!(new_blocks.first() > new_blocks.last(), "the levels differ: {new_blocks:?}");
    let same = |threads| bench.told(&["--sweep=0,0.3,0.5,0.85,1", "--threads", threads]);
    assert_eq!((same("1"), same("8")), (swept.clone(), swept));
}

#[test]
fn labels_give_precision_and_recall_at_each_level() {
    let bench = Bench::new();
    let expected = json!({ "about": { "rules": ["acme."] }, "findings": [
        { "rule": "acme.sun", "event": 1 }, { "rule": "acme.rain", "event": 3 }, { "rule": "acme.rain", "event": 2 },
    ]});
    bench.put("in/texts.jsonl.expected.json", &expected.to_string());
    let svg = bench.at("curve.svg");
    let told = bench.told(&["--sweep=0,0.5,1", "--curve-svg", svg.to_str().unwrap()]);
    assert_eq!((&told["labelled_recordings"], &told["inputs"]), (&json!(1), &json!(2)), "{told}");
    let score = |level: usize| {
        let level = &told["levels"][level];
        [
            &level["precision"]["right"],
            &level["precision"]["of"],
            &level["recall"]["right"],
            &level["recall"]["of"],
        ]
        .map(|count| count.as_u64().unwrap())
    };
    assert_eq!([score(0), score(1), score(2)], [[2, 3, 2, 3], [1, 2, 1, 3], [0, 0, 0, 3]], "{told}");
    assert!(std::fs::read_to_string(svg).unwrap().contains("polyline"));
    let text = coldcase(
        ["replay", bench.at("in").to_str().unwrap(), "--disable-rule", "dlp.generic.", "--sweep"]
            .map(str::to_owned),
    );
    assert!(text.stdout.contains("precision") && text.stdout.contains("0.90"), "{}", text.stdout);
}

#[test]
fn what_a_sweep_cannot_do_is_refused() {
    let bench = Bench::new();
    for (more, why) in [
        (&["--sweep=2"][..], "from 0 to 1"),
        (&["--sweep=0.1", "--against", "recorded"][..], "no confidences"),
        (&["--sweep", "--curve-svg", "x.svg"][..], "labels"),
        (&["--sweep", "--fail-on", "any"][..], "cannot be used"),
    ] {
        let outcome = bench.replay(more);
        assert!(outcome.code == 2 || outcome.code == 64, "{more:?}: {}", outcome.code);
        assert!(outcome.stderr.contains(why), "{more:?}: {}", outcome.stderr);
    }
}
