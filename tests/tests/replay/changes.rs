//! Changes of rules and policies on a corpus of which the effect of each is known: the diff names exactly the changed events,
//! what became of which finding, and why.
//!
//! The changes stand in `changes/table.rs`, the corpus and its rules in `changes/corpus.rs`. Left out: what a firewall recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use coldcase_engine::Policy;
use coldcase_model::{FindingChangeKind, Replayed, RiskLevel};

use super::{Side, replayed};

mod corpus;
mod table;

use corpus::{PACK, POLICY, STEERED, corpus};
use table::{Change, changes};

/// What is expected of an event of a kind: what becomes of its findings, how its verdict moves, and the causes of both.
#[derive(Debug, PartialEq)]
struct Effect {
    findings: Vec<String>,
    moves: Option<String>,
    causes: BTreeSet<String>,
}

fn expected(change: &Change, kind: char) -> Effect {
    let of = |list: &[(&str, &str)]| -> Vec<String> {
        let fit = list.iter().filter(|(kinds, _)| kinds.contains(kind));
        fit.map(|(_, what)| (*what).to_owned()).collect()
    };
    let mut findings = of(change.findings);
    findings.sort();
    let mut causes: BTreeSet<String> = findings.iter().map(|what| cause_in(what).to_owned()).collect();
    if change.by_policy.contains(kind) {
        causes.insert("policy".into());
    }
    Effect { findings, moves: of(change.moves).pop(), causes }
}

/// The cause in the words of a change: `64 lost a.rule pattern of b.rule`, where a number says that several changed so.
fn cause_in(what: &str) -> &str {
    let words = what.trim_start_matches(|sign: char| sign.is_ascii_digit() || sign == ' ');
    words.split(' ').nth(2).unwrap()
}

fn seen(replayed: &Replayed) -> Effect {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for change in &replayed.findings {
        let through = change.through.as_ref().map(|rule| format!(" of {rule}")).unwrap_or_default();
        *counts.entry(format!("{} {} {}{through}", change.kind, change.rule(), change.cause)).or_default() +=
            1;
    }
    let told = |(what, count)| if count == 1 { what } else { format!("{count} {what}") };
    let mut findings: Vec<String> = counts.into_iter().map(told).collect();
    findings.sort();
    let moved = replayed.from.zip(replayed.to).filter(|(from, to)| from != to);
    Effect {
        findings,
        moves: moved.map(|(from, to)| format!("{from} {to}")),
        causes: replayed.causes.iter().map(ToString::to_string).collect(),
    }
}

/// The corpus under the rules and policy as they are, and under those of a change.
fn replay_of(path: &Path, change: &Change) -> Vec<Replayed> {
    let side =
        |pack: &str, policy: &str| Side { policy: Policy::parse("p", policy).unwrap(), ..Side::only(pack) };
    let mut candidate = side(&(change.pack)(PACK), &(change.policy)(POLICY));
    candidate.source.selection.only = change.only.iter().map(|id| (*id).to_owned()).collect();
    candidate.source.selection.disabled = change.disabled.iter().map(|id| (*id).to_owned()).collect();
    replayed(path, &side(PACK, POLICY), &candidate, change.least)
}

#[test]
fn thirty_changes_each_change_exactly_what_they_should_and_say_why() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("corpus.jsonl");
    let kinds = corpus(&path);
    let changes = changes();
    assert!(changes.len() >= 30);
    let mut wrong = Vec::new();
    for change in &changes {
        let all = replay_of(&path, change);
        assert_eq!(all.len(), kinds.len(), "{}", change.name);
        let mut complaints: BTreeMap<char, String> = BTreeMap::new();
        for (replayed, kind) in all.iter().zip(&kinds) {
            let (expected, seen) = (expected(change, *kind), seen(replayed));
            if expected != seen {
                complaints.insert(*kind, format!("expected {expected:?}, got {seen:?}"));
            }
        }
        wrong.extend(complaints.into_iter().map(|(kind, what)| format!("{}: {kind}: {what}", change.name)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn without_the_rule_of_an_injection_the_peak_of_its_session_is_lower() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("corpus.jsonl");
    corpus(&path);
    let change = changes().into_iter().find(|change| change.name == "remove a rule").unwrap();
    let all = replay_of(&path, &change);
    let steered = || all.iter().filter(|replayed| replayed.after.labels.session.as_str() == STEERED);
    let before = steered().map(|replayed| replayed.before.verdict.risk.level).max().unwrap();
    let after = steered().map(|replayed| replayed.after.verdict.risk.level).max().unwrap();
    assert!(before > RiskLevel::Normal, "{before}");
    assert_eq!(after, RiskLevel::Normal);
}

#[test]
fn the_kinds_of_change_all_occur() {
    let changes = changes();
    let all: Vec<&str> = changes.iter().flat_map(|change| change.findings).map(|(_, what)| *what).collect();
    for kind in FindingChangeKind::ALL {
        assert!(all.iter().any(|what| what.contains(kind.as_str())), "{kind}");
    }
    // `policy` is a cause of verdicts, and `recorded` of those that a firewall wrote down.
    let causes: BTreeSet<&str> = all.iter().map(|what| cause_in(what)).collect();
    let wanted = ["new_rule", "removed_rule", "pattern", "threshold", "metadata", "order", "state", "limit"];
    assert_eq!(causes, BTreeSet::from(wanted));
}
