//! The labelled cases of `corpus/cases`, through every door: the judge in this process, the parallel run over a
//! file, and the `judge` command. All three give one verdict, and it is the label's.

use std::collections::BTreeSet;
use std::convert::Infallible;

use coldcase_corpus::cases::{Case, Step, load};
use coldcase_engine::{Judge, Pack, Policy, Report, run};
use coldcase_model::{Anomaly, InputFacts, Item, Judged, Show};
use coldcase_readers::{InputSet, Limits, RecordLines, expand};
use serde_json::Value;

use crate::command::coldcase_with;

/// What all doors must agree on.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    action: String,
    reason: String,
    /// Rule, surface, pointer, span and views of each finding, in order.
    findings: Vec<String>,
}

impl Seen {
    fn of(judged: &Judged) -> Self {
        let finding = |finding: &coldcase_model::Finding| {
            let views: Vec<&str> = finding.views.iter().map(|view| view.as_str()).collect();
            format!(
                "{} {} {} {}..{} {}",
                finding.rule.id,
                finding.surface,
                finding.pointer.as_str(),
                finding.span.start,
                finding.span.end,
                views.join(",")
            )
        };
        Self {
            action: judged.verdict.action.to_string(),
            reason: judged.verdict.reason.to_string(),
            findings: judged.findings.iter().map(finding).collect(),
        }
    }

    fn of_record(record: &Value) -> Self {
        let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let finding = |finding: &Value| {
            let views: Vec<&str> =
                finding["views"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            let span = &finding["span"];
            let edge = |index: usize, key: &str| span.get(index).or(span.get(key)).unwrap().clone();
            format!(
                "{} {} {} {}..{} {}",
                text(finding, "rule"),
                text(finding, "surface"),
                text(finding, "pointer"),
                edge(0, "start"),
                edge(1, "end"),
                views.join(",")
            )
        };
        Self {
            action: text(record, "action"),
            reason: text(record, "reason"),
            findings: record["findings"].as_array().unwrap().iter().map(finding).collect(),
        }
    }

    fn rules_and_surfaces(&self) -> Vec<String> {
        let words = |finding: &String| finding.split(' ').take(2).collect::<Vec<_>>().join(" ");
        self.findings.iter().map(words).collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn views(&self) -> Vec<&str> {
        self.findings.iter().filter_map(|finding| finding.rsplit(' ').next()).collect()
    }
}

fn by_judge(pack: &Pack, case: &Case) -> Vec<Seen> {
    let mut judge = Judge::new(pack, Policy::balanced(), Show::Redacted);
    let mut records = RecordLines::new("case");
    let items = case.steps.iter().flat_map(|step| records.read(step.record.as_bytes(), 0));
    let mut seen = Vec::new();
    for item in items.collect::<Vec<_>>() {
        match item {
            Item::Event(event) => seen.push(Seen::of(&judge.judge(&event))),
            Item::Anomaly(anomaly) => panic!("{}: {}", case.name, anomaly.what),
        }
    }
    seen
}

fn by_run(pack: &Pack, case: &Case) -> Vec<Seen> {
    struct Collect(Vec<Seen>);
    impl Report for Collect {
        type Error = Infallible;
        fn judged(&mut self, judged: &Judged) -> Result<(), Infallible> {
            self.0.push(Seen::of(judged));
            Ok(())
        }
        fn anomaly(&mut self, _: &Anomaly) -> Result<(), Infallible> {
            Ok(())
        }
        fn input(&mut self, _: &InputFacts) -> Result<(), Infallible> {
            Ok(())
        }
    }
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("case.jsonl");
    std::fs::write(&path, lines(case)).unwrap();
    let limits = Limits::default();
    let mut inputs = InputSet::new(expand(&[path], &limits).unwrap(), limits);
    let mut collect = Collect(Vec::new());
    let Ok(()) = run(&mut inputs, pack, &Policy::balanced(), Show::Redacted, 2, &mut collect, &|_| {});
    collect.0
}

fn by_command(case: &Case) -> Vec<Seen> {
    let outcome = coldcase_with(["judge"], lines(case).as_bytes());
    assert_eq!(outcome.code, 0, "{}: {}", case.name, outcome.stderr);
    outcome.stdout.lines().map(|line| Seen::of_record(&serde_json::from_str(line).unwrap())).collect()
}

fn lines(case: &Case) -> String {
    case.steps.iter().flat_map(|step| [step.record.as_str(), "\n"]).collect()
}

/// What is wrong with a verdict, as against its label.
fn complaint(case: &Case, step: &Step, seen: &Seen) -> Option<String> {
    let found = seen.rules_and_surfaces();
    let views_fit = step.views.as_ref().is_none_or(|views| seen.views().contains(&views.join(",").as_str()));
    let right = found == step.findings && seen.action == step.action && views_fit;
    (!right).then(|| {
        format!(
            "{} ({})\n  expected {} {:?} {:?}\n  got      {} {:?}",
            case.name, case.why, step.action, step.findings, step.views, seen.action, seen.findings
        )
    })
}

#[test]
fn every_case_gets_the_findings_and_the_action_of_its_label() {
    let pack = coldcase_builtin::pack().unwrap();
    let mut complaints = Vec::new();
    for case in load().unwrap() {
        let seen = by_judge(&pack, &case);
        assert_eq!(seen.len(), case.steps.len(), "{}: one verdict a record", case.name);
        let wrong = case.steps.iter().zip(&seen).filter_map(|(step, seen)| complaint(&case, step, seen));
        complaints.extend(wrong);
    }
    assert!(complaints.is_empty(), "{} wrong:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn the_judge_the_run_and_the_command_give_one_verdict() {
    let pack = coldcase_builtin::pack().unwrap();
    for case in load().unwrap() {
        let seen = by_judge(&pack, &case);
        assert_eq!(by_run(&pack, &case), seen, "{}: run against judge", case.name);
        assert_eq!(by_command(&case), seen, "{}: command against judge", case.name);
    }
}

#[test]
fn no_case_shows_its_secret() {
    for case in load().unwrap() {
        let is_secret =
            case.steps.iter().any(|step| step.findings.iter().any(|found| found.starts_with("dlp.")));
        let outcome = coldcase_with(["judge"], lines(&case).as_bytes());
        let runs = |text: &str| -> BTreeSet<String> {
            let long = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|run| run.len() >= 20);
            long.map(str::to_owned).collect()
        };
        let shown: Vec<_> = runs(&lines(&case)).intersection(&runs(&outcome.stdout)).cloned().collect();
        assert!(!is_secret || shown.is_empty(), "{} shows {shown:?}", case.name);
    }
}
