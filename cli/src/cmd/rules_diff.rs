//! `rules diff`: what differs between two rule sets, rule by rule, and on recordings what that changes.

use std::path::{Path, PathBuf};

use coldcase_engine::{RuleChange, RuleChangeKind, RuleSource};
use coldcase_evidence::KeyRing;
use coldcase_model::Show;
use coldcase_readers::{InputSet, Limits, expand};
use coldcase_reports::{ReplaySummary, ReplayWriter, replay_json, replay_text};
use serde_json::{Value, json};

use super::replay::{Setup, perform};
use crate::config::{self, Sides, pack_texts};
use crate::term::{self, Bar, Exit};

/// The word for the built-in packs.
const BUILTIN: &str = "builtin";
/// A value that is longer is cut where a person reads it; the JSON has all of it.
const MOST_SHOWN: usize = 400;

pub(super) fn diff(
    [before, after]: [&Path; 2],
    with_builtin: bool,
    on: &[PathBuf],
    as_json: bool,
) -> anyhow::Result<Exit> {
    let sources = [source(before, with_builtin)?, source(after, with_builtin)?];
    // What cannot be used is not compared.
    let sides = Sides::of_sources(&sources, [before, after].map(|name| name.display().to_string()))?;
    let effect = if on.is_empty() { None } else { Some(effect(&sides, on)?) };
    let changes: Vec<&RuleChange> = sides.rules.changes().collect();
    if as_json {
        let effect = effect.map(|summary| replay_json(&sides.facts, &summary));
        let rules: Vec<Value> = changes.iter().copied().map(rule_json).collect();
        term::out(&format!("{}\n", json!({ "rules": rules, "effect": effect })))?;
        return Ok(Exit::Done);
    }
    let mut text = changes.iter().copied().map(rule_text).collect::<String>();
    let count = |kind| changes.iter().filter(|change| change.kind == kind).count();
    text.push_str(&format!(
        "{} added, {} removed, {} changed, {} moved\n",
        count(RuleChangeKind::Added),
        count(RuleChangeKind::Removed),
        count(RuleChangeKind::Changed),
        count(RuleChangeKind::Moved),
    ));
    if let Some(summary) = &effect {
        text.push_str(&format!("\n{}", replay_text(&sides.facts, summary)));
    }
    term::out(&term::sanitize(&text))?;
    let unread = effect.is_some_and(|summary| summary.run.nothing_read());
    Ok(if unread { Exit::Incomplete } else { Exit::Done })
}

fn source(path: &Path, with_builtin: bool) -> anyhow::Result<RuleSource> {
    if path == Path::new(BUILTIN) {
        return Ok(RuleSource { frozen: Some(coldcase_builtin::PACKS), ..RuleSource::default() });
    }
    let own = pack_texts(&[path.to_owned()], &KeyRing::default())?;
    let frozen = with_builtin.then_some(coldcase_builtin::PACKS);
    Ok(RuleSource { own, frozen, ..RuleSource::default() })
}

fn effect(sides: &Sides, on: &[PathBuf]) -> anyhow::Result<ReplaySummary> {
    let limits = Limits::default();
    let mut inputs = InputSet::new(expand(on, &limits)?, limits);
    let bar = Bar::new(0, true);
    let writer = ReplayWriter::counting();
    let setup = Setup { sides, show: Show::Redacted, accepted: None };
    let writer = perform(&setup, &mut inputs, config::threads(0), writer, &bar)?;
    Ok(writer.finish(env!("CARGO_PKG_VERSION"), &sides.facts, &[])?)
}

fn rule_text(change: &RuleChange) -> String {
    let mut text = format!("{} {} ({})\n", change.kind.as_str(), change.rule, change.pack);
    for field in &change.fields {
        text.push_str(&format!("  {} ({})\n", field.field, field.kind.as_str()));
        // Lists are compared by their entries, so that one new text does not show all of them.
        let (before, after): (Vec<&str>, Vec<&str>) =
            (field.before.lines().collect(), field.after.lines().collect());
        let gone = before.iter().filter(|line| !after.contains(line));
        let come = after.iter().filter(|line| !before.contains(line));
        gone.for_each(|line| text.push_str(&format!("    - {}\n", cut(line))));
        come.for_each(|line| text.push_str(&format!("    + {}\n", cut(line))));
    }
    text
}

fn cut(line: &str) -> String {
    let shown: String = line.chars().take(MOST_SHOWN).collect();
    let shown = term::one_line(&shown);
    if line.chars().count() > MOST_SHOWN { format!("{shown}…") } else { shown }
}

fn rule_json(change: &RuleChange) -> Value {
    let fields: Vec<Value> = change
        .fields
        .iter()
        .map(|field| {
            json!({ "field": field.field, "kind": field.kind.as_str(), "before": field.before, "after": field.after })
        })
        .collect();
    json!({
        "rule": change.rule, "pack": change.pack, "change": change.kind.as_str(),
        "matters": change.matters(), "texts_only": !change.matters(),
        "fields": fields,
    })
}
