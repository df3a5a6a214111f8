//! A baseline of accepted findings: a replay marks on both sides what a scan marks.

use std::path::{Path, PathBuf};

use coldcase_corpus::cases::load;
use coldcase_engine::{Joint, MacKey, PackText, Policy, Suppressions};
use coldcase_model::{Acceptance, Finding, Judged};

use super::{Side, replayed_under, scanned_with, told};
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
        let plain = scanned_with(&path, (&both, &balanced), Some(&nothing));
        let accepted = Suppressions::new(MacKey::new(KEY), every_second(&plain));
        for (rules, candidate) in [(&same, &builtin), (&joint, &both)] {
            let all = replayed_under(&path, rules, [&balanced, &strict], 0.0, Some(&accepted));
            let before = scanned_with(&path, (&builtin, &balanced), Some(&accepted));
            let after = scanned_with(&path, (candidate, &strict), Some(&accepted));
            assert_eq!((before.len(), after.len()), (all.len(), all.len()), "{}", path.display());
            for ((before, after), replayed) in before.iter().zip(&after).zip(&all) {
                assert_eq!(marked(before), marked(&replayed.before), "{}: the baseline", path.display());
                assert_eq!(marked(after), marked(&replayed.after), "{}: the candidate", path.display());
                marks += after.findings.iter().filter(|finding| finding.is_suppressed()).count();
            }
        }
        let under = scanned_with(&path, (&both, &balanced), Some(&accepted));
        let differ = |(one, other): &(&Judged, &Judged)| one.verdict.action != other.verdict.action;
        moved += plain.iter().zip(&under).filter(differ).count();
    }
    assert!(marks > 20 && moved > 5, "{marks} marks, {moved} verdicts");
}
