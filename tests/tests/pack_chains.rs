//! Chains of calls that a pack states, as their users meet them: told in a scan, lost and gained in a replay, refused when
//! wrong, listed and signed like rules.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::command::{Outcome, coldcase};

const CHAIN: &str = "pack: acme
version: '1'
title: t
chains:
- id: chain.acme.record-then-mail
  title: A record is read and mailed
  gain: Records leave by mail.
  severity: critical
  confidence: 0.7
  references: {owasp: ['LLM06:2025']}
  events: 4
  seconds: 60
  steps:
  - {does: [read]}
  - {any: [send, pay], not: [exec]}
";

/// A folder of its own, with a session of calls and a pack of one chain.
struct Bench {
    temp: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let bench = Self { temp: tempfile::tempdir().unwrap() };
        let calls = ["get_record", "translate", "send_mail"].map(|tool| {
            let message = json!({
                "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": tool, "arguments": { "to": "7" } }
            });
            let mcp = json!({ "message": message });
            format!("{}\n", json!({ "v": 1, "session": "s", "kind": "mcp", "direction": "egress", "mcp": mcp }))
        });
        bench.write("calls.jsonl", &calls.concat());
        bench.write("acme.yaml", CHAIN);
        bench
    }

    fn at(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.at(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Runs a command on the session; arguments that start with `@` are files of the folder.
    fn run(&self, command: &[&str], more: &[&str]) -> Outcome {
        let (input, out) = (self.at("calls.jsonl"), self.at("out"));
        let files = command.iter().chain(more).map(|arg| match arg.strip_prefix('@') {
            Some("in") => input.display().to_string(),
            Some("out") => out.display().to_string(),
            Some(name) => self.at(name).display().to_string(),
            None => (*arg).to_owned(),
        });
        coldcase(files)
    }

    /// The changes of findings that a replay tells: what became of which rule's, and why.
    fn replayed(&self, more: &[&str]) -> Vec<String> {
        let outcome = self.run(&["replay", "@in", "--force", "-q", "-o", "@out"], more);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        let text = std::fs::read_to_string(self.at("out/changes.jsonl")).unwrap();
        let mut told = Vec::new();
        for line in text.lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            for change in event["findings"].as_array().unwrap() {
                let text = |name: &str| change[name].as_str().unwrap();
                told.push(format!("{} {} ({})", text("change"), text("rule"), text("cause")));
            }
        }
        told
    }
}

fn change(kind: &str, cause: &str) -> Vec<String> {
    vec![format!("{kind} chain.acme.record-then-mail ({cause})")]
}

#[test]
fn a_chain_of_a_pack_is_found_in_a_scan() {
    let bench = Bench::new();
    let scan = |more: &[&str]| {
        bench.run(&["scan", "@in", "--force", "-o", "@out"], more);
        std::fs::read_to_string(bench.at("out/findings.jsonl")).unwrap_or_default()
    };
    let found = scan(&["--pack", "@acme.yaml"]);
    let finding: Value = serde_json::from_str(found.lines().next().expect("a finding")).unwrap();
    assert_eq!(found.lines().count(), 1, "{found}");
    assert_eq!(finding["rule"], "chain.acme.record-then-mail", "{finding:#}");
    assert_eq!(scan(&[]), "");
    // A policy names it as it names a rule.
    let policy = "policy: p\nversion: 1\nnot_scanned: warn\nclauses:\n- {action: block, when: {rule: [chain.acme.]}}\n";
    bench.write("policy.yaml", policy);
    let summary = bench.run(
        &["replay", "@in", "--force", "-q", "-o", "@out"],
        &["--against", "@acme.yaml", "--candidate", "@policy.yaml", "--json"],
    );
    let told: Value = serde_json::from_str(&summary.stdout).unwrap_or_else(|_| panic!("{}", summary.stderr));
    assert_eq!(told["changed"], 1, "{told:#}");
}

#[test]
fn a_replay_tells_chains_that_come_and_go_and_why() {
    let bench = Bench::new();
    let replayed = |more: &[&str]| bench.replayed(more);
    assert_eq!(replayed(&["--candidate", "@acme.yaml"]), change("gained", "new_rule"));
    let against = |more: &[&str]| replayed(&[&["--against", "@acme.yaml"], more].concat());
    assert_eq!(against(&["--candidate", "@acme.yaml"]), [""; 0]);
    assert_eq!(against(&["--disable-rule", "chain.acme."]), change("lost", "removed_rule"));
    assert_eq!(against(&["--only-rule", "dlp."]), change("lost", "removed_rule"));
    assert_eq!(against(&["--only-rule", "chain.acme.record-then-mail"]), [""; 0]);
    assert_eq!(against(&["--min-confidence", "0.8"]), change("lost", "threshold"));
    assert_eq!(against(&["--min-confidence", "0.7"]), [""; 0]);
    for (from, to, kind, cause) in [
        ("events: 4", "events: 2", "lost", "pattern"),
        ("confidence: 0.7", "confidence: 0.6", "altered", "threshold"),
        ("severity: critical", "severity: low", "altered", "metadata"),
    ] {
        bench.write("new.yaml", &CHAIN.replace(from, to));
        assert_eq!(against(&["--candidate", "@new.yaml"]), change(kind, cause), "{to}");
    }
    // A built-in chain is left out by its name as well.
    assert_eq!(against(&["--disable-rule", "chain.reconnaissance"]), [""; 0]);
}

#[test]
fn a_wrong_chain_is_refused_with_its_place() {
    let bench = Bench::new();
    bench.write("wrong.yaml", &CHAIN.replace("events: 4", "events: 400"));
    for command in [
        &["scan", "@in", "--force", "-o", "@out", "--pack", "@wrong.yaml"][..],
        &["replay", "@in", "--force", "-o", "@out", "--candidate", "@wrong.yaml"],
        &["rules", "test", "@wrong.yaml"],
    ] {
        let refused = bench.run(command, &[]);
        assert_eq!(refused.code, 2, "{command:?}: {}", refused.stderr);
        assert!(refused.stderr.contains("between 2 and 64"), "{}", refused.stderr);
        assert!(refused.stderr.contains("wrong.yaml") && refused.stderr.contains("11"), "{}", refused.stderr);
    }
    let lint = bench.run(&["rules", "lint", "@wrong.yaml"], &[]);
    assert_eq!(lint.code, 2);
    assert!(lint.stdout.contains("wrong.yaml:11:11: error: chain.acme.record-then-mail:"), "{}", lint.stdout);
    let both = bench
        .run(&["scan", "@in", "--force", "-o", "@out", "--pack", "@acme.yaml", "--pack", "@acme.yaml"], &[]);
    assert!(both.code == 2 && both.stderr.contains("chain.acme.record-then-mail"), "{}", both.stderr);
}

#[test]
fn chains_are_listed_shown_compared_tested_and_signed_like_rules() {
    let bench = Bench::new();
    let list = bench.run(&["rules", "list"], &[]).stdout;
    assert!(list.contains("chains\tchain.reconnaissance\tmedium\tchain\t"), "{list}");
    let show =
        bench.run(&["rules", "show", "chain.acme.record-then-mail", "--pack", "@acme.yaml"], &[]).stdout;
    assert!(show.starts_with("- id: chain.acme") && show.contains("any: [send, pay]"), "{show}");
    assert!(bench.run(&["rules", "show", "chain.reconnaissance"], &[]).stdout.contains("[exec, recon]"));
    assert_eq!(bench.run(&["rules", "lint", "@acme.yaml", "--strict"], &[]).code, 0);
    assert_eq!(bench.run(&["rules", "test", "@acme.yaml"], &[]).code, 0);
    bench.write("new.yaml", &CHAIN.replace("not: [exec]", "not: [exec, network]"));
    let diff = bench.run(&["rules", "diff", "@acme.yaml", "@new.yaml", "--on", "@in"], &[]);
    assert_eq!(diff.code, 0, "{}", diff.stderr);
    assert!(
        diff.stdout.contains("changed chain.acme.record-then-mail (acme)\n  steps (pattern)"),
        "{}",
        diff.stdout
    );
    assert_eq!(bench.run(&["keygen", "--out", "@keys"], &[]).code, 0);
    assert_eq!(bench.run(&["rules", "sign", "@acme.yaml", "--key", "@keys.key"], &[]).code, 0);
    let scan = |pack: &str| {
        let args = ["scan", "@in", "--force", "-o", "@out", "--pack", pack, "--pack-key", "@keys.pub"];
        bench.run(&args, &[]).code
    };
    let signed = scan("@acme.yaml");
    assert_ne!(signed, 4);
    bench.write("acme.yaml", &CHAIN.replace("events: 4", "events: 5"));
    assert_eq!(scan("@acme.yaml"), 4, "changed after it was signed");
}
