//! `rules test --corpus`: labelled recordings and texts, what is counted of them, curves, and baselines.

use serde_json::{Value, json};

use super::{Bench, pack};

const TEXTS: &str = "    match: ['acme-12345678', 'deploy acme-12345678']\n    no_match: ['acme-1234567']\n    near: [{any: [deploy], within: 20, weight: 0.4}]\n";

/// A recording of these texts, one event each.
fn recording(texts: &[&str]) -> String {
    let line = |text: &&str| json!({ "v": 1, "kind": "text", "direction": "egress", "text": { "text": text, "surface": "tool_argument" } });
    texts.iter().map(|text| format!("{}\n", line(text))).collect()
}

/// Two findings that are to be, one that is not, and one that is missed.
fn bench() -> Bench {
    let bench = Bench::new(&pack(r"\bacme-[0-9]{8}\b", TEXTS));
    let texts =
        ["see acme-11111111", "nothing", "deploy acme-22222222", "an order: acme-33333333", "ACME_44444444"];
    bench.put("corpus/one.jsonl", &recording(&texts));
    let expected = json!({ "findings": [
        { "rule": "dlp.acme.token", "event": 0 },
        { "rule": "dlp.acme.token", "event": 2, "surface": "tool_argument" },
        { "rule": "dlp.acme.token", "event": 4 },
    ]});
    bench.put("corpus/one.jsonl.expected.json", &expected.to_string());
    bench
}

fn rule<'t>(told: &'t Value, measure: &str) -> (&'t Value, &'t Value) {
    let share = &told["rules"]["dlp.acme.token"][measure];
    (&share["right"], &share["of"])
}

#[test]
fn precision_and_recall_are_counted_by_rule_and_in_all() {
    let told = bench().json("test", &["--corpus", "@corpus", "--no-cost"]);
    assert_eq!(rule(&told, "precision"), (&json!(2), &json!(3)), "{told}");
    assert_eq!(rule(&told, "recall"), (&json!(2), &json!(3)), "{told}");
    assert_eq!(told["all"]["precision"]["right"], 2, "{told}");
    assert_eq!(told["all"]["recall"]["of"], 3, "{told}");
}

#[test]
fn the_table_names_rules_and_the_cost_can_be_left_out() {
    let bench = bench();
    let with = bench.run("test", &["--corpus", "@corpus"]);
    assert_eq!(with.code, 0, "{}", with.stderr);
    assert!(with.stdout.contains("us  rule") && with.stdout.contains("dlp.acme.token"), "{}", with.stdout);
    let without = ["--corpus", "@corpus", "--no-cost"].as_slice();
    let (one, two) = (bench.run("test", without), bench.run("test", without));
    assert!(!one.stdout.contains("us  rule"), "{}", one.stdout);
    assert_eq!(one.stdout, two.stdout, "two runs tell the same");
}

#[test]
fn a_curve_has_a_point_for_each_minimum_confidence() {
    let bench = bench();
    let told = bench.json("test", &["--corpus", "@corpus", "--curve", "--curve-svg", "@curve.svg"]);
    let points = told["curve"].as_array().unwrap();
    assert_eq!(points.len(), 21, "{told}");
    let at = |confidence: f64| {
        let point = points.iter().find(|point| point["confidence"] == confidence).unwrap();
        ["precision", "recall"]
            .map(|name| (point[name]["right"].as_u64().unwrap(), point[name]["of"].as_u64().unwrap()))
    };
    // Alone a token has 0.5, near `deploy` 0.9.
    assert_eq!(at(0.0), [(2, 3), (2, 3)]);
    assert_eq!(at(0.5), [(2, 3), (2, 3)]);
    assert_eq!(at(0.55), [(1, 1), (1, 3)]);
    assert_eq!(at(0.9), [(1, 1), (1, 3)]);
    assert_eq!(at(0.95), [(0, 0), (0, 3)]);
    let svg = std::fs::read_to_string(bench.at("curve.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.matches("<circle").count() == 19, "{svg}");
}

#[test]
fn lines_of_labelled_texts_are_judged_one_by_one() {
    let bench = bench();
    let rows = [
        json!({ "text": "deploy acme-55555555", "label": "secret", "rule": "dlp.acme.token" }),
        json!({ "text": "hidden by hand", "label": "secret", "rule": "dlp.acme.token" }),
        json!({ "text": "an order: acme-66666666", "label": "clean" }),
        json!({ "text": "nothing", "label": "clean" }),
    ];
    let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
    bench.put("texts/rows.jsonl", &lines);
    let labels = json!({ "recording": "rows.jsonl", "about": { "categories": ["dlp"] },
        "texts": { "positive": ["secret"], "rules": "rule", "surface": "tool_argument", "direction": "egress" } });
    bench.put("texts/labels.expected.json", &labels.to_string());
    let told = bench.json("test", &["--corpus", "@texts"]);
    assert_eq!(rule(&told, "precision"), (&json!(1), &json!(2)), "{told}");
    assert_eq!(rule(&told, "recall"), (&json!(1), &json!(2)), "{told}");
    let both = bench.json("test", &["--corpus", "@texts", "--corpus", "@corpus"]);
    assert_eq!(rule(&both, "recall"), (&json!(3), &json!(5)), "{both}");
}

#[test]
fn labels_speak_only_of_what_they_are_about() {
    let bench = bench();
    let about = json!({ "about": { "rules": ["injection."] }, "findings": [], "recording": "one.jsonl" });
    bench.put("corpus/one.jsonl.expected.json", &about.to_string());
    let told = bench.json("test", &["--corpus", "@corpus"]);
    assert_eq!(rule(&told, "precision"), (&json!(0), &json!(0)), "{told}");
}

#[test]
fn lost_recall_and_precision_are_worse_than_the_baseline() {
    let bench = bench();
    let args = ["--corpus", "@corpus", "--baseline", "@base.json"].as_slice();
    assert_eq!(bench.run("test", &["--corpus", "@corpus", "--save-baseline", "@base.json"]).code, 0);
    assert_eq!(bench.run("test", args).code, 0, "nothing has changed");
    let narrow = TEXTS.replace("acme-12345678", "acme-22222222");
    bench.put("acme.yaml", &pack(r"\bacme-2{8}\b", &narrow));
    let worse = bench.run("test", args);
    assert_eq!(worse.code, 1, "{}{}", worse.stdout, worse.stderr);
    assert!(worse.stdout.contains("worse: dlp.acme.token: recall 1 of 3, was 2 of 3"), "{}", worse.stdout);
    assert!(
        worse.stdout.contains("better: dlp.acme.token: precision 1 of 1, was 2 of 3"),
        "{}",
        worse.stdout
    );
    bench.put("acme.yaml", &pack(r"\bacme-[0-9]{8}\b", TEXTS).replace("dlp.acme.token", "dlp.acme.other"));
    let gone = bench.run("test", args);
    assert!(
        gone.code == 1 && gone.stdout.contains("worse: dlp.acme.token: recall 0 of 3"),
        "{}",
        gone.stdout
    );
    bench.put("corpus/one.jsonl.expected.json", "{\"findings\": []}");
    let other = bench.run("test", args);
    assert!(other.code == 1 && other.stdout.contains("the rule is gone"), "{}", other.stdout);
    assert!(
        other.stderr.contains("the labels of the corpus are not those of the baseline"),
        "{}",
        other.stderr
    );
}

#[test]
fn what_cannot_be_used_is_an_error_and_what_cannot_be_read_is_told() {
    let bench = bench();
    for (text, told) in [
        ("{\"findings\": [], \"colour\": 1}", "colour"),
        ("{}", "either `findings`"),
        ("{\"findings\": [{\"rule\": \"a.b\", \"surface\": \"nowhere\"}]}", "not a file of expectations"),
        ("[", "not a file of expectations"),
    ] {
        bench.put("corpus/one.jsonl.expected.json", text);
        let run = bench.run("test", &["--corpus", "@corpus"]);
        assert!(run.code == 2 && run.stderr.contains(told), "{}: {}", run.code, run.stderr);
    }
    bench.put("corpus/one.jsonl.expected.json", "{\"findings\": []}");
    bench.put("corpus/one.jsonl", "");
    let empty = bench.run("test", &["--corpus", "@corpus"]);
    assert!(
        empty.code == 3 && empty.stderr.contains("nothing was read of"),
        "{}: {}",
        empty.code,
        empty.stderr
    );
    bench.put("bare/one.jsonl", "");
    let bare = bench.run("test", &["--corpus", "@bare"]);
    assert!(bare.code == 2 && bare.stderr.contains("holds no file"), "{}", bare.stderr);
    bench.put("base.json", "{\"rule_results\": 1}");
    assert_eq!(bench.run("test", &["--baseline", "@base.json"]).code, 2);
    assert_eq!(bench.run("test", &["--curve"]).code, 64, "a curve needs a corpus");
}
