//! The file of a baseline: how it is made, what it must say, what is refused.

use serde_json::json;

use super::{Bench, TOKEN_RULE, of_rule, posted};
use crate::command::coldcase;
use crate::samples::token;

/// A baseline with one entry.
fn accepted() -> Bench {
    let bench = Bench::new(&[("a.jsonl", &posted("1", "api.example.test", &json!({ "note": token() })))]);
    let (_, out) = bench.scan("out", &[]);
    let id = of_rule(&out, TOKEN_RULE)[0]["finding"].as_str().unwrap().to_owned();
    let done = bench.accept("out", &[&id[..10]]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    bench
}

#[test]
fn a_baseline_and_its_key_are_made_once_and_the_key_is_its_owners() {
    let bench = Bench::new(&[]);
    let before = (bench.baseline(), std::fs::read(bench.path("accepted.jsonl.key")).unwrap());
    let again = coldcase(["baseline", "create", &bench.text("accepted.jsonl")]);
    assert_eq!(again.code, 2, "{}", again.stderr);
    assert_eq!((bench.baseline(), std::fs::read(bench.path("accepted.jsonl.key")).unwrap()), before);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = std::fs::metadata(bench.path("accepted.jsonl.key")).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn what_is_accepted_is_listed_with_its_age_and_neither_file_nor_list_holds_the_value() {
    let bench = accepted();
    let text = bench.baseline();
    assert_eq!(text.lines().count(), 2, "a head and an entry: {text}");
    let list =
        coldcase(["baseline", "list", &bench.text("accepted.jsonl"), "--json", "--as-of", "2100-01-01"]);
    assert_eq!(list.code, 0, "{}", list.stderr);
    let list: serde_json::Value = serde_json::from_str(&list.stdout).unwrap();
    let entry = &list["entries"][0];
    assert_eq!(entry["rule"], TOKEN_RULE);
    assert_eq!((entry["author"].as_str(), entry["in_force"].as_bool()), (Some("ann"), Some(false)));
    assert!(entry["age_days"].as_u64().unwrap() > 365, "{entry}");
    let shown = coldcase(["baseline", "list", &bench.text("accepted.jsonl")]);
    assert!(shown.stdout.contains("in force") && shown.stdout.contains("a key of the test tenant"));
    for text in [text, list.to_string(), shown.stdout] {
        assert!(!text.contains(&token()) && !text.contains(&token()[8..]), "{text}");
    }
}

#[test]
fn an_entry_needs_a_reason_an_author_and_a_day_to_come() {
    let bench = accepted();
    let (file, out) = (bench.text("accepted.jsonl"), bench.text("out"));
    let before = bench.baseline();
    let tries: [(&[&str], i32); 5] = [
        (&["--author", "ann", "--expires", "30d"], 64),
        (&["--reason", "why", "--expires", "30d"], 64),
        (&["--reason", "why", "--author", "ann"], 64),
        (&["--reason", " ", "--author", "ann", "--expires", "30d"], 2),
        (&["--reason", "why", "--author", "ann", "--expires", "2020-01-01"], 2),
    ];
    let id = of_rule(&bench.path("out"), TOKEN_RULE)[0]["finding"].as_str().unwrap().to_owned();
    for (more, code) in tries {
        let outcome = coldcase([&["baseline", "accept", &file, &out, &id], more].concat());
        assert_eq!(outcome.code, code, "{more:?}: {}", outcome.stderr);
    }
    assert_eq!(bench.baseline(), before);
}

#[test]
fn a_report_of_another_baseline_or_of_none_cannot_be_accepted_from() {
    let bench = accepted();
    let other = Bench::new(&[("a.jsonl", &posted("1", "api.example.test", &json!({ "note": token() })))]);
    other.scan("out", &[]);
    let plain = coldcase(["scan", &bench.text("in"), "-q", "-o", &bench.text("plain")]);
    assert_eq!(plain.code, 0, "{}", plain.stderr);
    for out in [other.text("out"), bench.text("plain")] {
        let tried = coldcase([
            "baseline",
            "accept",
            &bench.text("accepted.jsonl"),
            &out,
            "--all",
            "--reason",
            "r",
            "--author",
            "a",
            "--expires",
            "1d",
        ]);
        assert_eq!(tried.code, 2, "{}", tried.stderr);
        assert!(tried.stderr.contains("was not scanned with this baseline"), "{}", tried.stderr);
    }
}

#[test]
fn a_wrong_key_and_a_broken_file_end_the_scan_before_it_begins() {
    let bench = accepted();
    let right = bench.baseline();
    coldcase(["baseline", "create", &bench.text("other.jsonl")]);
    let (wrong, out) = bench.scan("wrong", &["--baseline-key", &bench.text("other.jsonl.key")]);
    assert!(wrong.code == 2 && wrong.stderr.contains("was made with the key"), "{}", wrong.stderr);
    assert!(!out.exists());
    for broken in [
        right.replacen("\"reason\"", "\"because\"", 1),
        right.replace("high", "awful").replace("critical", "awful"),
        right.lines().skip(1).collect(),
        format!("{right}{}\n", right.lines().nth(1).unwrap()),
    ] {
        assert_ne!(broken, right);
        std::fs::write(bench.path("accepted.jsonl"), broken).unwrap();
        let (outcome, out) = bench.scan("broken", &[]);
        assert!(outcome.code == 2 && !out.exists(), "{}", outcome.stderr);
    }
    std::fs::remove_file(bench.path("accepted.jsonl.key")).unwrap();
    std::fs::write(bench.path("accepted.jsonl"), right).unwrap();
    assert_eq!(bench.scan("no-key", &[]).0.code, 2);
}

#[test]
fn prune_takes_out_what_has_expired_and_what_is_no_longer_seen() {
    let bench = accepted();
    let file = bench.text("accepted.jsonl");
    let with_entry = bench.baseline();
    bench.scan("seen", &[]);
    let stays = coldcase(["baseline", "prune", &file, "--unseen-in", &bench.text("seen")]);
    assert!(stays.code == 0 && bench.baseline() == with_entry, "{}", stays.stderr);
    bench.record("a.jsonl", &posted("1", "api.example.test", &json!({ "note": "nothing" })));
    bench.scan("unseen", &[]);
    // What one of several reports has is seen.
    let both = [
        "baseline",
        "prune",
        &file,
        "--unseen-in",
        &bench.text("seen"),
        "--unseen-in",
        &bench.text("unseen"),
    ];
    assert!(coldcase(both).code == 0 && bench.baseline() == with_entry);
    let dry = coldcase(["baseline", "prune", &file, "--unseen-in", &bench.text("unseen"), "--dry-run"]);
    assert!(dry.stdout.contains("not seen") && bench.baseline() == with_entry, "{}", dry.stdout);
    coldcase(["baseline", "prune", &file, "--unseen-in", &bench.text("unseen")]);
    assert_eq!(bench.baseline().lines().count(), 1);
    let today = with_entry.split("\"accepted\":\"").nth(1).unwrap()[..10].to_owned();
    let expired = with_entry.replace(&today, "2020-01-01");
    let until = expired.split("\"expires\":\"").nth(1).unwrap()[..10].to_owned();
    std::fs::write(bench.path("accepted.jsonl"), expired.replace(&until, "2020-02-01")).unwrap();
    let pruned = coldcase(["baseline", "prune", &file]);
    assert!(pruned.stdout.starts_with("expired\t"), "{}", pruned.stdout);
    assert_eq!(bench.baseline().lines().count(), 1);
}
