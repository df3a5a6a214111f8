//! A replay as tests: each gate is one, and each verdict that changed is one that failed.

use super::sums::{Gate, ReplaySummary};
use crate::junit::{TestCase, TestSuite};

/// The gates and the changed verdicts as JUnit suites. Of changed verdicts the first are named, the rest counted.
pub fn replay_junit(summary: &ReplaySummary, gates: &[Gate]) -> Vec<TestSuite> {
    let case = |gate: &Gate| TestCase {
        class: "coldcase.replay".to_owned(),
        name: name(*gate),
        failure: summary.fails(*gate),
    };
    let mut suites = Vec::new();
    if !gates.is_empty() {
        suites.push(TestSuite { name: "gates".to_owned(), cases: gates.iter().map(case).collect() });
    }
    suites.push(TestSuite { name: "verdicts".to_owned(), cases: verdicts(summary) });
    let rules = summary.rules.iter().map(|((rule, cause), sum)| TestCase {
        class: rule.clone(),
        name: cause.to_string(),
        failure: Some(format!(
            "{} findings gained, {} lost, {} altered",
            sum.findings.gained, sum.findings.lost, sum.findings.altered
        )),
    });
    suites.push(TestSuite { name: "rules".to_owned(), cases: rules.collect() });
    suites.retain(|suite| !suite.cases.is_empty());
    suites
}

fn verdicts(summary: &ReplaySummary) -> Vec<TestCase> {
    let class = "coldcase.replay.verdicts".to_owned();
    let unchanged = TestCase {
        class: class.clone(),
        name: format!("{} events with the same verdict and findings", summary.unchanged()),
        failure: None,
    };
    let mut cases = vec![unchanged];
    let mut named = 0;
    for shown in summary.shown.iter().filter(|shown| shown.is_moved()) {
        let (Some(from), Some(to)) = (shown.from, shown.to) else { continue };
        let reasons: Vec<&str> = shown.causes.iter().map(|cause| cause.as_str()).collect();
        named += 1;
        cases.push(TestCase {
            class: class.clone(),
            name: format!("event {}", shown.after.head.id),
            failure: Some(format!("{from} to {to} ({}): {}", reasons.join(", "), shown.after.verdict.reason)),
        });
    }
    let more = summary.moved.saturating_sub(named);
    if more > 0 {
        let failure = Some("their verdicts changed; changes.jsonl names them".to_owned());
        cases.push(TestCase { class, name: format!("{more} more events"), failure });
    }
    cases
}

fn name(gate: Gate) -> String {
    match gate {
        Gate::NewAllow => "no new allow".to_owned(),
        Gate::NewBlock => "no new block".to_owned(),
        Gate::Any => "no change".to_owned(),
        Gate::MaxNewBlock(most) => format!("at most {most} new blocks"),
    }
}
