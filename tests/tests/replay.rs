//! `replay`: two rule sets beside each other give what each gives alone, and the diff names what changed and why.

mod accepted;
mod changes;
mod command;
mod same;
mod sweep;

use std::convert::Infallible;
use std::path::Path;

use coldcase_engine::{
    Against, Joint, PackText, Policy, Replay, Report, RuleSource, Selection, Suppressions, Take, With,
    replay, run_with,
};
use coldcase_model::{Anomaly, Finding, InputFacts, Judged, Replayed, Show};
use coldcase_readers::{InputSet, Limits, expand};

/// One side of a replay in a test.
#[derive(Clone)]
pub(super) struct Side {
    pub(super) source: RuleSource,
    pub(super) policy: Policy,
}

impl Side {
    /// One pack alone, under the policy balanced.
    pub(super) fn only(pack: &str) -> Self {
        let own = vec![PackText { name: "p.yaml".into(), text: pack.into() }];
        let source = RuleSource { own, frozen: None, selection: Selection::default() };
        Self { source, policy: Policy::balanced() }
    }

    /// The built-in packs, and one beside them if it is named.
    pub(super) fn builtin(beside: Option<&str>) -> Self {
        let own = beside.map(|text| PackText { name: "p.yaml".into(), text: text.into() });
        let source = RuleSource {
            own: own.into_iter().collect(),
            frozen: Some(coldcase_builtin::PACKS),
            ..RuleSource::default()
        };
        Self { source, policy: Policy::balanced() }
    }
}

/// All events of a replay.
#[derive(Default)]
pub(super) struct Collected(pub(super) Vec<Replayed>);

impl Take<Replayed> for Collected {
    type Error = Infallible;

    fn judged(&mut self, replayed: &Replayed) -> Result<(), Infallible> {
        self.0.push(replayed.clone());
        Ok(())
    }

    fn anomaly(&mut self, _: &Anomaly) -> Result<(), Infallible> {
        Ok(())
    }

    fn input(&mut self, _: &InputFacts) -> Result<(), Infallible> {
        Ok(())
    }
}

/// Replays files under both sides.
pub(super) fn replayed(path: &Path, baseline: &Side, candidate: &Side, least: f32) -> Vec<Replayed> {
    let rules = Joint::new(&baseline.source, &candidate.source).unwrap();
    replayed_under(path, &rules, [&baseline.policy, &candidate.policy], least, None)
}

/// The same under rules that are compiled, with what was accepted.
pub(super) fn replayed_under(
    path: &Path,
    rules: &Joint,
    [baseline, candidate]: [&Policy; 2],
    least: f32,
    suppressions: Option<&Suppressions>,
) -> Vec<Replayed> {
    let against = Against::Policy(baseline);
    let setup = Replay { rules, against, policy: candidate, least, show: Show::Redacted, suppressions };
    let mut collected = Collected::default();
    let Ok(()) = replay(&setup, &mut inputs(path), 2, &mut collected, &|_| {});
    collected.0
}

fn inputs(path: &Path) -> InputSet {
    let limits = Limits::default();
    InputSet::new(expand(&[path.to_owned()], &limits).unwrap(), limits)
}

/// What a scan under one pack gives.
pub(super) fn scanned(path: &Path, pack: &coldcase_engine::Pack, policy: &Policy) -> Vec<Judged> {
    scanned_with(path, (pack, policy), None)
}

/// The same with what was accepted.
pub(super) fn scanned_with(
    path: &Path,
    rules: (&coldcase_engine::Pack, &Policy),
    accepted: Option<&Suppressions>,
) -> Vec<Judged> {
    struct All(Vec<Judged>);
    impl Report for All {
        type Error = Infallible;
        fn judged(&mut self, judged: &Judged) -> Result<(), Infallible> {
            self.0.push(judged.clone());
            Ok(())
        }
        fn anomaly(&mut self, _: &Anomaly) -> Result<(), Infallible> {
            Ok(())
        }
        fn input(&mut self, _: &InputFacts) -> Result<(), Infallible> {
            Ok(())
        }
    }
    let mut all = All(Vec::new());
    let Ok(_) = run_with(
        With { suppressions: accepted, ..With::default() },
        &mut inputs(path),
        rules,
        Show::Redacted,
        2,
        &mut all,
        &|_| {},
    );
    all.0
}

/// Everything that is concluded about an event, in a form that compares.
pub(super) fn told(judged: &Judged) -> String {
    let finding = |finding: &Finding| {
        let Finding { id, rule, confidence, views, excerpt, pointer, .. } = finding;
        format!(
            "{id} {} {} {:?} {views:?} {} {}",
            rule.id,
            rule.severity,
            confidence,
            pointer.as_str(),
            excerpt.as_str()
        )
    };
    let findings: Vec<String> = judged.findings.iter().map(finding).collect();
    let verdict = &judged.verdict;
    format!(
        "{} {} {} {:?} {:?}\n{}\n{:?}",
        judged.head.id,
        verdict.action,
        verdict.reason,
        verdict.risk,
        verdict.coverage,
        findings.join("\n"),
        judged.story.signals,
    )
}
