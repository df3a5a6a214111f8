//! A baseline of accepted findings: a replay marks on both sides what a scan marks.

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use coldcase_corpus::cases::load;
use coldcase_engine::{
    Against, Joint, MacKey, Pack, PackText, Policy, Replay, Report, Suppressions, replay, run_with,
};
use coldcase_model::{Acceptance, Anomaly, Finding, InputFacts, Judged, Replayed, Show};

use super::{Collected, Side, inputs, told};
use crate::samples;

/// The key of the fingerprints in these tests.
const KEY: [u8; 32] = [7; 32];

/// A rule beside the built-in ones, so that the sides differ.
const BESIDE: &str = "pack: acme
version: '1'
title: t
rules:
- {id: acme.word, title: Word, gain: g, category: injection, severity: high, confidence: 0.9, added: '1', regex: 'previous',
   references: {cwe: [X]}, match: ['previous'], no_match: [x]}
";

#[derive(Default)]
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

fn scanned(path: &Path, pack: &Pack, policy: &Policy, accepted: &Suppressions) -> Vec<Judged> {
    let mut all = All::default();
    let rules = (pack, policy);
    let Ok(_) = run_with(Some(accepted), &mut inputs(path), rules, Show::Redacted, 2, &mut all, &|_| {});
    all.0
}

fn replayed(path: &Path, rules: &Joint, policies: [&Policy; 2], accepted: &Suppressions) -> Vec<Replayed> {
    let [against, policy] = policies;
    let setup = Replay {
        rules,
        against: Against::Policy(against),
        policy,
        least: 0.0,
        show: Show::Redacted,
        suppressions: Some(accepted),
    };
    let mut collected = Collected::default();
    let Ok(()) = replay(&setup, &mut inputs(path), 2, &mut collected, &|_| {});
    collected.0
}

/// Every second of these findings, accepted.
fn every_second(judged: &[Judged]) -> Vec<Acceptance> {
    let findings = judged.iter().flat_map(|judged| &judged.findings);
    let entry = |finding: &Finding| {
        Some(Acceptance {
            fingerprint: finding.fingerprint?,
            rule: finding.rule.id.to_string(),
            severity: finding.rule.severity,
            reason: "known".to_owned(),
            author: "me".to_owned(),
            accepted: "2026-01-01".to_owned(),
            expires: "2026-12-31".to_owned(),
            age_days: 3,
            in_force: true,
        })
    };
    findings.filter_map(entry).step_by(2).collect()
}

/// What is concluded, with the marks.
fn marked(judged: &Judged) -> String {
    let marks = judged.findings.iter().map(|one| one.suppression().map_or("", |entry| &entry.reason));
    format!("{} {:?}", told(judged), marks.collect::<Vec<&str>>())
}

fn recordings(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<(String, String)> = load()
        .unwrap()
        .iter()
        .map(|case| {
            let text = case.steps.iter().flat_map(|step| [&*step.record, "\n"]).collect();
            (format!("{}.jsonl", case.name), text)
        })
        .collect();
    all.push(("t.jsonl".to_owned(), samples::transcript()));
    all.push(("l.jsonl".to_owned(), samples::recorder_log()));
    all.push(("h.har".to_owned(), samples::har()));
    let put = |(name, text): (String, String)| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    all.into_iter().map(put).collect()
}

#[test]
fn a_replay_marks_on_both_sides_what_a_scan_marks() {
    let own = PackText { name: "p.yaml".into(), text: BESIDE.into() };
    let (builtin, both) = (coldcase_builtin::pack().unwrap(), coldcase_builtin::pack_with(&[own]).unwrap());
    let (without, with) = (Side::builtin(None), Side::builtin(Some(BESIDE)));
    let same = Joint::new(&without.source, &without.source).unwrap();
    let joint = Joint::new(&without.source, &with.source).unwrap();
    let (balanced, strict) = (Policy::balanced(), Policy::builtin("strict").unwrap());
    let temp = tempfile::tempdir().unwrap();
    let (mut marks, mut moved) = (0, 0);
    for path in recordings(temp.path()) {
        let nothing = Suppressions::new(MacKey::new(KEY), []);
        let plain = scanned(&path, &both, &balanced, &nothing);
        let accepted = Suppressions::new(MacKey::new(KEY), every_second(&plain));
        for (rules, candidate) in [(&same, &builtin), (&joint, &both)] {
            let all = replayed(&path, rules, [&balanced, &strict], &accepted);
            let before = scanned(&path, &builtin, &balanced, &accepted);
            let after = scanned(&path, candidate, &strict, &accepted);
            assert_eq!((before.len(), after.len()), (all.len(), all.len()), "{}", path.display());
            for ((before, after), replayed) in before.iter().zip(&after).zip(&all) {
                assert_eq!(marked(before), marked(&replayed.before), "{}: the baseline", path.display());
                assert_eq!(marked(after), marked(&replayed.after), "{}: the candidate", path.display());
                marks += after.findings.iter().filter(|finding| finding.is_suppressed()).count();
            }
        }
        let under = scanned(&path, &both, &balanced, &accepted);
        let differ = |(one, other): &(&Judged, &Judged)| one.verdict.action != other.verdict.action;
        moved += plain.iter().zip(&under).filter(differ).count();
    }
    assert!(marks > 20 && moved > 5, "{marks} marks, {moved} verdicts");
}
