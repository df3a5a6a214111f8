//! Labelled texts and tool definitions: what share of the bad ones is found, and of the harmless ones too, by source. A
//! finding counts from medium severity on, of the categories that the label is about.
//!
//! The floors hold what has been reached, so that a change of packs that loses it shows. They are no aims.

use std::collections::BTreeMap;
use std::path::Path;

use coldcase_engine::{Judge, Policy};
use coldcase_model::{Category, Finding, Severity, Show};
use serde_json::{Value, json};

use super::judged;

/// A set of labelled texts.
struct Set {
    file: &'static str,
    bad: &'static str,
    categories: &'static [Category],
    record: fn(&Value) -> Value,
    /// The least recall and the most false positives.
    floor: f64,
    ceiling: f64,
}

const STEERING: &[Category] = &[
    Category::Injection,
    Category::ToolPoison,
    Category::Exfil,
    Category::ToolPolicy,
    Category::Ssrf,
    Category::Egress,
];

const INJECTION: Set = Set {
    file: "text/injection.jsonl",
    bad: "attack",
    categories: STEERING,
    record: |row| text(row, "ingress", "tool_result"),
    floor: 0.55,
    ceiling: 0.004,
};

const SECRETS: Set = Set {
    file: "text/secrets.jsonl",
    bad: "secret",
    categories: &[Category::Dlp],
    record: |row| text(row, "egress", "tool_argument"),
    floor: 0.80,
    ceiling: 0.031,
};

const TOOLS: Set = Set {
    file: "mcp/tools.jsonl",
    bad: "malicious",
    categories: STEERING,
    record: |row| {
        let result = json!({ "jsonrpc": "2.0", "id": 1, "result": { "tools": [row["tool"]] } });
        json!({ "v": 1, "kind": "mcp", "direction": "ingress", "mcp": { "transport": "stdio", "message": result } })
    },
    floor: 0.63,
    ceiling: 0.005,
};

fn text(row: &Value, direction: &str, surface: &str) -> Value {
    json!({ "v": 1, "kind": "text", "direction": direction, "text": { "text": row["text"], "surface": surface } })
}

impl Set {
    /// Judges every text and prints the shares; fails where they are worse than what has been reached.
    fn hold(&self) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(self.file);
        let Ok(lines) = std::fs::read_to_string(&path) else {
            return println!("no ../shared/data/{}: not tested", self.file);
        };
        let pack = coldcase_builtin::pack().unwrap();
        let mut judge = Judge::new(&pack, Policy::balanced(), Show::Redacted);
        let mut by_source: BTreeMap<(bool, String), (u32, u32)> = BTreeMap::new();
        let (mut bad, mut harmless) = ((0, 0), (0, 0));
        for (number, line) in lines.lines().enumerate() {
            let row: Value = serde_json::from_str(line).unwrap();
            let is_bad = row["label"] == self.bad;
            let source = row["source"].as_str().unwrap_or_default().split('/').next().unwrap().to_owned();
            let events = judged(&mut judge, &number.to_string(), &(self.record)(&row));
            let counts = |finding: &Finding| {
                finding.rule.severity >= Severity::Medium && self.categories.contains(&finding.rule.category)
            };
            let found = u32::from(events.iter().flat_map(|event| &event.findings).any(counts));
            let sum = if is_bad { &mut bad } else { &mut harmless };
            *sum = (sum.0 + found, sum.1 + 1);
            let sum = by_source.entry((is_bad, source)).or_default();
            *sum = (sum.0 + found, sum.1 + 1);
        }
        let share = |(found, all): (u32, u32)| f64::from(found) / f64::from(all.max(1));
        println!(
            "{}: {:.3} of {} found, {:.4} of {} harmless ones too",
            self.file,
            share(bad),
            bad.1,
            share(harmless),
            harmless.1
        );
        for ((is_bad, source), sum) in by_source {
            println!(
                "  {} {source}: {:.3} of {}",
                if is_bad { "bad" } else { "harmless" },
                share(sum),
                sum.1
            );
        }
        assert!(share(bad) >= self.floor, "recall {}", share(bad));
        assert!(share(harmless) <= self.ceiling, "false positives {}", share(harmless));
    }
}

#[test]
fn planted_instructions_are_found_and_harmless_texts_let_alone() {
    INJECTION.hold();
}

#[test]
fn secrets_are_found_and_harmless_texts_let_alone() {
    SECRETS.hold();
}

#[test]
fn poisoned_tools_are_found_and_harmless_ones_let_alone() {
    TOOLS.hold();
}
