//! `rules new`: a text for a rule's test from a finding, without what was found.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::command::{Outcome, coldcase};
use crate::output;
use crate::samples::{ORDER, token};

/// A report on tool arguments.
fn report(texts: &[&str]) -> (tempfile::TempDir, PathBuf) {
    let temp = tempfile::tempdir().unwrap();
    let lines: String =
        texts.iter().enumerate().map(|(at, text)| crate::samples::record(&at.to_string(), text)).collect();
    std::fs::write(temp.path().join("in.jsonl"), lines).unwrap();
    let out = temp.path().join("out");
    let (input, to) = (temp.path().join("in.jsonl"), out.clone());
    let scan = coldcase(["scan", input.to_str().unwrap(), "-q", "-o", to.to_str().unwrap()]);
    assert_eq!(scan.code, 0, "{}", scan.stderr);
    (temp, out)
}

fn of_rule(report: &Path, rule: &str) -> Value {
    let all = output::findings(report);
    let found = all.iter().find(|finding| finding["rule"] == rule);
    found.unwrap_or_else(|| panic!("no finding of {rule} in {all:#?}")).clone()
}

fn new(report: &Path, finding: &Value, more: &[&str]) -> Outcome {
    let id = finding["finding"].as_str().unwrap();
    coldcase([&["rules", "new", "--from", report.to_str().unwrap(), id], more].concat())
}

/// The text in what was printed, put together.
fn text(printed: &str) -> String {
    let list = printed.lines().nth(1).unwrap();
    let quoted = list.split_once("['").unwrap().1.strip_suffix("']").unwrap();
    quoted.replace("''", "'").replace("{+}", "")
}

/// What a scan of a text finds.
fn rules_of(text: &str) -> Vec<String> {
    let (_temp, out) = report(&[text]);
    output::findings(&out).iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
}

const TOKEN_RULE: &str = "dlp.github.pat-classic";

#[test]
fn a_credential_becomes_a_made_up_one_of_its_form_and_the_rest_goes() {
    let value =
        format!("Ann's notes on Project Heron: GITHUB_TOKEN={} and {}", token(), "Zq81kd77Qp02mmXyz1");
    let (_temp, out) = report(&[&value]);
    let done = new(&out, &of_rule(&out, TOKEN_RULE), &[]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stdout.contains("match: ['"), "{}", done.stdout);
    assert!(done.stdout.contains("{+}"), "no whole credential: {}", done.stdout);
    let text = text(&done.stdout);
    assert!(!text.contains(&token()) && !text.contains("Zq81kd77"), "{text}");
    assert!(
        !text.contains("Heron") && !text.contains("Ann"),
        "what the rule does not need is left out: {text}"
    );
    assert!(rules_of(&text).iter().any(|rule| rule == TOKEN_RULE), "{text}");
}

#[test]
fn words_stay_as_they_stand_and_a_false_alarm_is_for_the_other_list() {
    let message =
        json!({ "jsonrpc": "2.0", "id": 1, "result": { "content": [{ "type": "text", "text": ORDER }] } });
    let line = format!("{}\n", json!({ "origin": "server", "server": "s", "message": message }));
    let temp = tempfile::tempdir().unwrap();
    std::fs::write(temp.path().join("in.jsonl"), line).unwrap();
    let out = temp.path().join("out");
    coldcase(["scan", temp.path().join("in.jsonl").to_str().unwrap(), "-q", "-o", out.to_str().unwrap()]);
    let all = output::findings(&out);
    let finding = all.iter().find(|finding| finding["category"] == "injection").unwrap();
    let done = new(&out, finding, &[]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(text(&done.stdout).contains("ignore all previous instructions"), "{}", done.stdout);
    let alarm = new(&out, finding, &["--no-match"]);
    assert!(alarm.code == 0 && alarm.stdout.contains("no_match: ['"), "{}", alarm.stdout);
    assert!(alarm.stderr.contains("change it until"), "{}", alarm.stderr);
}

#[test]
fn rules_without_texts_and_findings_that_are_not_there_are_said() {
    let temp = tempfile::tempdir().unwrap();
    std::fs::write(temp.path().join("in.jsonl"), crate::samples::transcript()).unwrap();
    let out = temp.path().join("out");
    coldcase(["scan", temp.path().join("in.jsonl").to_str().unwrap(), "-q", "-o", out.to_str().unwrap()]);
    let all = output::findings(&out);
    let of_session = all.iter().find(|finding| finding["category"] == "taint").unwrap();
    let refused = new(&out, of_session, &[]);
    assert!(refused.code == 2 && refused.stderr.contains("no pack has the rule"), "{}", refused.stderr);
    let missing = new(&out, &json!({ "finding": "ffffffffffffffff" }), &[]);
    assert!(missing.code == 2 && missing.stderr.contains("no finding"), "{}", missing.stderr);
}

#[test]
fn a_pack_of_ones_own_is_looked_in_when_it_is_named() {
    let pack = "pack: acme\nversion: 0.1.0\ntitle: Acme\nrules:\n  - id: dlp.acme.badge\n    title: Acme badge\n    \
                gain: Opens Acme's doors.\n    category: dlp\n    severity: high\n    confidence: 0.9\n    added: 0.1.0\n    \
                regex: '\\bacme-[0-9]{8}\\b'\n    references: {cwe: [CWE-798]}\n    match: ['acme-12345678']\n    \
                no_match: ['acme-1234567']\n";
    let temp = tempfile::tempdir().unwrap();
    let (path, input, out) =
        (temp.path().join("acme.yaml"), temp.path().join("in.jsonl"), temp.path().join("out"));
    std::fs::write(&path, pack).unwrap();
    std::fs::write(&input, crate::samples::record("1", "badge acme-87654321 of Bob")).unwrap();
    let named = path.to_str().unwrap();
    coldcase(["scan", input.to_str().unwrap(), "-q", "-o", out.to_str().unwrap(), "--pack", named]);
    let finding = of_rule(&out, "dlp.acme.badge");
    assert_eq!(new(&out, &finding, &[]).code, 2);
    let done = new(&out, &finding, &["--pack", named]);
    assert_eq!(text(&done.stdout), "acme-12345678", "{}", done.stderr);
}

#[test]
fn suppressing_is_accepting_into_a_baseline() {
    let temp = tempfile::tempdir().unwrap();
    let place = |name: &str| temp.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(place("in.jsonl"), crate::samples::record("1", &token())).unwrap();
    let file = place("accepted.jsonl");
    coldcase(["baseline", "create", &file]);
    let scan = || coldcase(["scan", &place("in.jsonl"), "--force", "-o", &place("out"), "--baseline", &file]);
    scan();
    let out = PathBuf::from(place("out"));
    let finding = of_rule(&out, TOKEN_RULE);
    assert_eq!(new(&out, &finding, &["--suppress", &file]).code, 64, "a reason is asked for");
    let why = ["--suppress", &file, "--reason", "test", "--author", "ann", "--expires", "7d"];
    let done = new(&out, &finding, &why);
    assert_eq!(done.code, 0, "{}", done.stderr);
    scan();
    assert_eq!(of_rule(&out, TOKEN_RULE)["suppressed"], "test");
}
