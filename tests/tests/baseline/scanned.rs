//! What a baseline does to a scan: what is marked, what still counts, and what is said.

use serde_json::{Value, json};

use super::{Bench, TOKEN_RULE, is_suppressed, of_rule, posted};
use crate::output::{self, manifest};
use crate::samples::{self, token};

fn leak(host: &str) -> String {
    posted("1", host, &json!({ "notes": ["x", token()] }))
}

/// A baseline in which everything of a report is accepted.
fn with_all(recording: &str) -> Bench {
    let bench = Bench::new(&[("a.jsonl", recording)]);
    let (before, _) = bench.scan("before", &["--fail-on", "high"]);
    assert_eq!(before.code, 1, "{}", before.stderr);
    let done = bench.accept("before", &["--all"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    bench
}

fn total(report: &std::path::Path, name: &str) -> u64 {
    manifest(report)["totals"][name].as_u64().unwrap()
}

#[test]
fn what_is_accepted_stays_in_the_report_and_counts_for_nothing() {
    let bench = with_all(&leak("api.example.test"));
    let before = output::findings(&bench.path("before"));
    let (after, out) = bench.scan("after", &["--fail-on", "info"]);
    assert_eq!(after.code, 0, "{}", after.stderr);
    assert_eq!((total(&out, "findings"), total(&out, "suppressed")), (0, before.len() as u64));
    assert!(
        after.stdout.contains("suppressed by the baseline, the oldest accepted today"),
        "{}",
        after.stdout
    );
    assert_eq!(manifest(&out)["totals"]["events_by_action"], json!({ "allow": 1 }));
    assert_ne!(manifest(&bench.path("before"))["totals"]["events_by_action"], json!({ "allow": 1 }));
    let now = output::findings(&out);
    assert!(now.iter().all(|finding| finding["suppressed"] == "a key of the test tenant"), "{now:?}");
    let without = |findings: &[Value]| -> Vec<Value> {
        let bare = |finding: &Value| {
            let mut finding = finding.clone();
            finding["suppressed"] = Value::Null;
            finding
        };
        findings.iter().map(bare).collect()
    };
    assert_eq!(without(&now), without(&before), "nothing but the mark changed");
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("a key of the test tenant") && page.contains("Accepted by the baseline"));
    let told = |name: &str| {
        output::files(&bench.path(name))
            .values()
            .any(|file| file.windows(20).any(|window| window == &token().as_bytes()[4..24]))
    };
    assert!(!told("after"), "no file holds the value");
}

#[test]
fn the_same_value_at_another_index_is_covered_and_at_another_place_or_host_is_not() {
    let bench = with_all(&leak("api.example.test"));
    let cases = [
        (posted("9", "api.example.test", &json!({ "notes": [token(), "x", "y"] })), true),
        (posted("9", "evil.example.test", &json!({ "notes": ["x", token()] })), false),
        (posted("9", "api.example.test", &json!({ "title": token() })), false),
        (posted("9", "api.example.test", &json!({ "notes": [format!("{}{}", token(), "%20")] })), true),
    ];
    for (number, (recording, covered)) in cases.iter().enumerate() {
        bench.record("a.jsonl", recording);
        let (outcome, out) = bench.scan("after", &["--fail-on", "high"]);
        let found = of_rule(&out, TOKEN_RULE);
        assert!(!found.is_empty(), "case {number}: {:?}", output::findings(&out));
        assert!(found.iter().all(|finding| is_suppressed(finding) == *covered), "case {number}: {found:?}");
        assert_eq!(outcome.code, i32::from(!covered), "case {number}");
    }
}

#[test]
fn a_disguised_value_and_another_value_are_findings_again() {
    let bench = with_all(&leak("api.example.test"));
    let other = ["ghp_", "Zk3TnBCdqx40", "TDEMOCOLDCA", "S7XyQ2mA1aPv8"].concat();
    let coded = token().bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    bench.record(
        "a.jsonl",
        &posted("1", "api.example.test", &json!({ "notes": ["x", other, coded, token()] })),
    );
    let (_, out) = bench.scan("after", &[]);
    let found: Vec<Value> =
        output::findings(&out).into_iter().filter(|finding| finding["category"] == "dlp").collect();
    let suppressed = found.iter().filter(|finding| is_suppressed(finding)).count();
    assert_eq!(suppressed, 1, "{found:#?}");
    assert!(found.len() >= 2, "{found:#?}");
}

#[test]
fn an_expired_entry_suppresses_nothing_and_that_is_said() {
    let bench = with_all(&leak("api.example.test"));
    let (late, out) = bench.scan("late", &["--fail-on", "high", "--as-of", "2100-01-01"]);
    assert_eq!(late.code, 1, "{}", late.stderr);
    assert!(late.stderr.contains("have expired and suppress nothing"), "{}", late.stderr);
    assert!(late.stdout.contains("accepted until an entry that has expired"), "{}", late.stdout);
    assert!(output::findings(&out).iter().all(|finding| !is_suppressed(finding)));
    assert_eq!(total(&out, "suppressed"), 0);
    let configured = manifest(&out)["configuration"].to_string();
    assert!(configured.contains("as of 2100-01-01"), "{configured}");
    let same = ["events", "findings", "events_by_action", "findings_by_severity"];
    for name in same {
        let totals = |name: &str| manifest(&bench.path(name))["totals"].clone();
        assert_eq!(totals("late")[name], totals("before")[name], "{name}");
    }
}

#[test]
fn what_is_worse_than_what_was_accepted_is_not_covered() {
    let bench = with_all(&leak("api.example.test"));
    let text = bench.baseline();
    let milder = text.replace("\"severity\":\"critical\"", "\"severity\":\"low\"");
    let milder = milder.replace("\"severity\":\"high\"", "\"severity\":\"low\"");
    assert_ne!(milder, text);
    std::fs::write(bench.path("accepted.jsonl"), milder).unwrap();
    let (_, out) = bench.scan("after", &[]);
    assert!(of_rule(&out, TOKEN_RULE).iter().all(|finding| !is_suppressed(finding)));
}

#[test]
fn conclusions_about_a_session_have_no_fingerprint_and_stay() {
    let bench = Bench::new(&[("a.jsonl", &samples::transcript())]);
    let (_, before) = bench.scan("before", &[]);
    let of_session: Vec<Value> =
        output::findings(&before).into_iter().filter(|finding| finding["fingerprint"].is_null()).collect();
    assert!(!of_session.is_empty(), "{:#?}", output::findings(&before));
    let id = of_session[0]["finding"].as_str().unwrap();
    let refused = bench.accept("before", &[id]);
    assert!(refused.code == 2 && refused.stderr.contains("conclusion about a session"), "{}", refused.stderr);
    let done = bench.accept("before", &["--all"]);
    assert!(done.stderr.contains("cannot be accepted"), "{}", done.stderr);
    let (_, after) = bench.scan("after", &[]);
    for finding in &of_session {
        let still = of_rule(&after, finding["rule"].as_str().unwrap());
        assert!(!still.is_empty() && still.iter().all(|finding| !is_suppressed(finding)), "{finding}");
    }
}

#[test]
fn the_same_bytes_on_any_number_of_threads_and_none_without_a_baseline() {
    let recordings =
        [samples::transcript(), samples::har(), leak("api.example.test"), samples::recorder_log()];
    let names = ["a.jsonl", "b.har", "c.jsonl", "d.jsonl"];
    let named: Vec<(&str, &str)> = names.into_iter().zip(recordings.iter().map(String::as_str)).collect();
    let bench = Bench::new(&named);
    bench.scan("first", &[]);
    bench.accept("first", &["--all"]);
    let (_, one) = bench.scan("one", &["--threads", "1"]);
    let one = output::files(&one);
    for threads in ["2", "8"] {
        let (_, other) = bench.scan("other", &["--threads", threads]);
        assert!(output::files(&other) == one, "{threads} threads");
    }
    let plain = crate::command::coldcase(["scan", &bench.text("in"), "-q", "-o", &bench.text("plain")]);
    assert_eq!(plain.code, 0, "{}", plain.stderr);
    let plain = output::findings(&bench.path("plain"));
    assert!(plain.iter().all(|finding| finding["fingerprint"].is_null() && finding["suppressed"].is_null()));
    assert_eq!(plain.len(), output::findings(&bench.path("one")).len());
}
