//! `baseline`: make a baseline, accept findings, show what is accepted, take out what is over.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use coldcase_engine::AcceptedWhere;
use coldcase_model::Fingerprint;

use super::{baseline_import, baseline_mark};
use crate::args::{BaselineAcceptArgs, BaselineArgs, BaselineCommand, WhyArgs};
use crate::baseline::{self, BaselineFile, Candidate, Day, Entry, candidates, expiry, made_with, today};
use crate::key_file::KeyFile;
use crate::term::{self, Exit};

pub(crate) fn baseline(args: &BaselineArgs) -> anyhow::Result<Exit> {
    match &args.command {
        BaselineCommand::Create { file, baseline_key } => create(file, baseline_key.as_deref()),
        BaselineCommand::Accept(args) => accept(args),
        BaselineCommand::Import(args) => baseline_import::import(args),
        BaselineCommand::Mark(args) => baseline_mark::mark(args),
        BaselineCommand::List { file, json, as_of } => list(file, *json, *as_of),
        BaselineCommand::Prune { file, unseen_in, dry_run } => prune(file, unseen_in, *dry_run),
    }
}

fn create(file: &Path, named: Option<&Path>) -> anyhow::Result<Exit> {
    if std::fs::symlink_metadata(file).is_ok() {
        bail!("{} is already there, and a baseline is never overwritten", file.display());
    }
    let place = named.map_or_else(|| KeyFile::beside(file), Path::to_owned);
    let is_there = std::fs::symlink_metadata(&place).is_ok();
    let key = if is_there { KeyFile::read(&place)? } else { KeyFile::make(&place)? };
    baseline::create(file, &key)?;
    let verb = if is_there { "used" } else { "made" };
    term::note(&format!("{verb} the key {} ({}); keep it to yourself", place.display(), key.id()));
    term::out(&term::sanitize(&format!("{}\n", file.display())))?;
    Ok(Exit::Done)
}

fn accept(args: &BaselineAcceptArgs) -> anyhow::Result<Exit> {
    let chosen = if args.all { Chosen::All } else { Chosen::Named(&args.findings) };
    let accepted = accept_into(&args.file, &args.out, &chosen, &args.why)?;
    for entry in &accepted.entries {
        let line = format!("{}\t{}\t{}\n", entry.fingerprint, entry.rule, entry.pointer);
        term::out(&term::sanitize(&line))?;
    }
    let Accepted { entries, renewed, of_sessions } = accepted;
    term::note(&format!("accepted {} ({renewed} of them renewed)", entries.len()));
    if of_sessions > 0 {
        term::note(&format!(
            "{of_sessions} findings are conclusions about a session and have no fingerprint: they cannot be accepted"
        ));
    }
    Ok(Exit::Done)
}

/// Which findings of a report are meant.
pub(super) enum Chosen<'a> {
    All,
    Named(&'a [String]),
}

/// What was accepted.
pub(super) struct Accepted {
    pub(super) entries: Vec<Entry>,
    /// How many of them were there before.
    renewed: usize,
    of_sessions: usize,
}

/// Accepts findings of a report into a baseline's file.
pub(super) fn accept_into(
    file: &Path,
    out: &Path,
    chosen: &Chosen<'_>,
    why: &WhyArgs,
) -> anyhow::Result<Accepted> {
    let mut baseline = BaselineFile::read(file)?;
    made_with(out, baseline.key_id())?;
    let today = today()?;
    let expires = expiry(&why.expires, today)?;
    let (found, of_sessions) = match chosen {
        Chosen::All => all(out)?,
        Chosen::Named(names) => (named(out, names)?, 0),
    };
    let mut accepted: BTreeMap<Fingerprint, Entry> = BTreeMap::new();
    for candidate in &found {
        let Some(fingerprint) = candidate.print() else {
            bail!(
                "finding {} ({}) is a conclusion about a session, and has no fingerprint to accept it by",
                candidate.finding,
                candidate.rule
            );
        };
        let entry = entry(candidate, fingerprint, why, (today, expires));
        entry.check().context("this cannot be accepted")?;
        let known = accepted.entry(fingerprint).or_insert_with(|| entry.clone());
        known.severity = known.severity.max(entry.severity);
    }
    let entries: Vec<Entry> = accepted.into_values().collect();
    let renewed = entries.iter().filter(|entry| !baseline.accept((*entry).clone())).count();
    baseline.write(file)?;
    Ok(Accepted { entries, renewed, of_sessions })
}

fn entry(found: &Candidate, fingerprint: Fingerprint, why: &WhyArgs, days: (Day, Day)) -> Entry {
    let pointer = found.pointer.as_deref().unwrap_or_default();
    Entry {
        fingerprint,
        rule: found.rule.clone(),
        severity: found.severity,
        surface: found.surface.clone(),
        pointer: pointer.to_owned(),
        of_rule: None,
        reason: why.reason.trim().to_owned(),
        author: why.author.trim().to_owned(),
        accepted: days.0,
        expires: days.1,
    }
}

/// What is not suppressed and has a fingerprint, and how many have none.
fn all(out: &Path) -> anyhow::Result<(Vec<Candidate>, usize)> {
    let (mut found, mut without) = (Vec::new(), 0);
    candidates(out, |one| {
        if one.print().is_none() {
            without += 1;
        } else if one.suppressed.is_none() {
            found.push(one);
        }
        Ok(())
    })?;
    Ok((found, without))
}

/// The finding of each name; each must be there once.
fn named(out: &Path, names: &[String]) -> anyhow::Result<Vec<Candidate>> {
    let names: Vec<String> = names.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
    let mut found: Vec<Vec<Candidate>> = vec![Vec::new(); names.len()];
    candidates(out, |one| {
        for (name, found) in names.iter().zip(&mut found) {
            if !name.is_empty() && one.finding.starts_with(name.as_str()) {
                found.push(one.clone());
            }
        }
        Ok(())
    })?;
    let single = |(name, mut found): (&String, Vec<Candidate>)| match (found.len(), found.pop()) {
        (1, Some(one)) => Ok(one),
        (0, _) => bail!("no finding {name} in {}; ids stand in findings.jsonl", out.display()),
        (several, _) => bail!("{several} findings start with {name}; give more of the id"),
    };
    names.iter().zip(found).map(single).collect()
}

/// The one finding of a report that a name means.
pub(super) fn the_finding(out: &Path, name: &str) -> anyhow::Result<Candidate> {
    named(out, &[name.to_owned()])?.pop().context("no finding")
}

fn list(file: &Path, json: bool, as_of: Option<Day>) -> anyhow::Result<Exit> {
    let baseline = BaselineFile::read(file)?;
    let day = as_of.map_or_else(today, Ok)?;
    if json {
        let entries: Vec<_> = baseline.entries().map(|entry| as_json(entry, day)).collect();
        let all = serde_json::json!({
            "baseline": file.display().to_string(), "as_of": day.to_string(), "entries": entries,
        });
        term::out(&format!("{all}\n"))?;
        return Ok(Exit::Done);
    }
    let mut text = String::new();
    let (mut all, mut expired) = (0_usize, 0_usize);
    for entry in baseline.entries() {
        let now = entry.on(day);
        all += 1;
        expired += usize::from(!now.in_force);
        let state = if now.in_force { "in force" } else { "expired" };
        text.push_str(&format!(
            "{state:<9}{:>5} days  until {}  {}  {:<9}{} {}: {} ({})\n",
            now.age_days,
            now.expires,
            entry.fingerprint,
            entry.severity.as_str(),
            entry.rule,
            entry.whereabouts(),
            entry.reason,
            entry.author,
        ));
    }
    term::out(&term::sanitize(&text))?;
    term::note(&format!("{all} entries as of {day}: {} in force, {expired} expired", all - expired));
    Ok(Exit::Done)
}

fn as_json(entry: &Entry, day: Day) -> serde_json::Value {
    let now = entry.on(day);
    let place = match &entry.of_rule {
        Some(AcceptedWhere::Place(place)) => {
            Some(serde_json::json!({ "host": place.host(), "path": place.path() }))
        }
        Some(AcceptedWhere::Marked) | None => None,
    };
    serde_json::json!({
        "fingerprint": entry.fingerprint.to_string(), "rule": entry.rule, "severity": entry.severity,
        "surface": entry.surface, "pointer": entry.pointer,
        "place": place, "marked": entry.of_rule == Some(AcceptedWhere::Marked),
        "reason": entry.reason, "author": entry.author,
        "accepted": now.accepted, "expires": now.expires, "age_days": now.age_days, "in_force": now.in_force,
    })
}

fn prune(file: &Path, reports: &[PathBuf], dry_run: bool) -> anyhow::Result<Exit> {
    let mut baseline = BaselineFile::read(file)?;
    let day = today()?;
    let mut seen = BTreeSet::new();
    for out in reports {
        made_with(out, baseline.key_id())?;
        candidates(out, |one| {
            seen.extend(one.print());
            Ok(())
        })?;
    }
    // A report does not say of which rule's entry a finding is one: those stay.
    let is_seen =
        |entry: &Entry| reports.is_empty() || entry.of_rule.is_some() || seen.contains(&entry.fingerprint);
    let gone = baseline.retain(|entry| day <= entry.expires && is_seen(entry));
    for entry in &gone {
        let why = if is_seen(entry) { "expired" } else { "not seen" };
        term::out(&term::sanitize(&format!("{why}\t{}\t{}\n", entry.fingerprint, entry.rule)))?;
    }
    if !dry_run && !gone.is_empty() {
        baseline.write(file)?;
    }
    let verb = if dry_run { "would be taken out" } else { "taken out" };
    term::note(&format!("{} entries {verb}, {} stay", gone.len(), baseline.entries().count()));
    Ok(Exit::Done)
}
