//! `drift`: what servers list, what changed, and whether it is what was accepted.
//!
//! A baseline is written by `drift accept` only, so that a change that was held up never becomes what later ones are compared
//! with. Reports are not read back: recordings are.

mod show;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use coldcase_engine::{Baseline, Report, Tracker, run_from};
use coldcase_model::{Anomaly, ChangeClass, Excerpt, InputFacts, Judged, Show, ToolChange};
use coldcase_readers::{InputSet, Limits, expand};

use crate::args::{AcceptArgs, CommonArgs, CompareArgs, DriftArgs, DriftCommand};
use crate::config::{self, Ruleset};
use crate::regular_file;
use crate::term::{self, Bar, Exit};
use crate::whole_file::{self, IfThere};

pub(crate) fn drift(args: &DriftArgs) -> anyhow::Result<Exit> {
    match &args.command {
        Some(DriftCommand::Accept(args)) => accept(args),
        None => compare(&args.compare),
    }
}

/// A baseline holds texts of at most 16 KiB for each definition.
const MOST_BASELINE: u64 = 1 << 30;

fn compare(args: &CompareArgs) -> anyhow::Result<Exit> {
    let baseline = match &args.baseline {
        Some(path) if !path.exists() => {
            bail!("no baseline {}; make one with `coldcase drift accept`", path.display())
        }
        Some(path) => Some(read(path)?),
        None => None,
    };
    let tracker = baseline.as_ref().map_or_else(Tracker::default, Tracker::against);
    let (found, tracker) = perform(&args.paths, &args.common, tracker)?;
    let text = if args.json {
        format!("{:#}\n", show::as_json(&found, &tracker.baseline()))
    } else {
        show::as_text(&found, &tracker.baseline(), baseline.is_some())
    };
    term::out(&term::sanitize(&text))?;
    let worse = found.changes.iter().any(|change| change.told.class > ChangeClass::Editorial);
    Ok(if !found.any_read {
        Exit::Incomplete
    } else if baseline.is_some() && (worse || found.conclusions.iter().any(show::Conclusion::gates)) {
        Exit::Gate
    } else {
        Exit::Done
    })
}

fn accept(args: &AcceptArgs) -> anyhow::Result<Exit> {
    let path = &args.baseline;
    let before = if path.exists() { Some(read(path)?) } else { None };
    // What recordings do not list whole stays as it was accepted.
    let tracker = before.as_ref().map_or_else(Tracker::default, Tracker::against);
    let (found, tracker) = perform(&args.paths, &args.common, tracker)?;
    if !found.any_read {
        return Ok(Exit::Incomplete);
    }
    // What was accepted and is not listed is in there as it was.
    let listed = tracker.baseline();
    let there = |name: &String| listed.servers.contains_key(name) || listed.agents.contains_key(name);
    if let Some(missing) = args.server.iter().find(|name| !there(name)) {
        bail!("the recordings do not list the tools of {missing}");
    }
    let baseline = if args.server.is_empty() { listed } else { named(&args.server, &listed, before) };
    let mut text = serde_json::to_vec_pretty(&baseline)?;
    text.push(b'\n');
    whole_file::put(path, &text, whole_file::PUBLIC, IfThere::Replace)
        .with_context(|| format!("cannot write {}", path.display()))?;
    term::out(&term::sanitize(&format!(
        "{} tools were listed; {} definitions are accepted in {}\n",
        found.listed,
        baseline.definitions(),
        path.display()
    )))?;
    Ok(Exit::Done)
}

/// The baseline as it was, with what these servers list now.
fn named(servers: &[String], listed: &Baseline, before: Option<Baseline>) -> Baseline {
    let mut baseline = before.unwrap_or(Baseline { version: Baseline::VERSION, ..Baseline::default() });
    for name in servers {
        if let Some(now) = listed.servers.get(name) {
            baseline.servers.insert(name.clone(), now.clone());
        }
        if let Some(now) = listed.agents.get(name) {
            baseline.agents.insert(name.clone(), now.clone());
        }
    }
    baseline
}

fn read(path: &Path) -> anyhow::Result<Baseline> {
    let bytes = regular_file::read_small(path, MOST_BASELINE)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let baseline: Baseline = serde_json::from_slice(&bytes)
        .with_context(|| format!("{} is not a baseline of `coldcase drift accept`", path.display()))?;
    if !baseline.is_sound() {
        bail!("{} is a baseline of another version, or its digests are none", path.display());
    }
    Ok(baseline)
}

fn perform(paths: &[PathBuf], common: &CommonArgs, tracker: Tracker) -> anyhow::Result<(Found, Tracker)> {
    let limits = Limits::default();
    let inputs = expand(paths, &limits)?;
    let Ruleset { pack, policy, .. } = Ruleset::load(&common.ruleset)?;
    let key_log = config::key_log(common.keylog.as_deref())?;
    let bytes = inputs.iter().filter_map(|input| std::fs::metadata(input.path()).ok());
    let bar = Bar::new(bytes.map(|metadata| metadata.len()).sum(), common.quiet);
    let mut inputs = InputSet::new(inputs, limits).key_log(key_log);
    let mut found = Found::default();
    let threads = config::threads(common.threads);
    let ruleset = (&pack, &policy);
    let Ok(tracker) =
        run_from(tracker, &mut inputs, ruleset, Show::Redacted, threads, &mut found, &|bytes| bar.add(bytes));
    Ok((found, tracker))
}

/// What the recordings told.
#[derive(Default)]
struct Found {
    changes: Vec<Change>,
    conclusions: Vec<show::Conclusion>,
    /// Listed tools.
    listed: u64,
    any_read: bool,
}

/// A change with its place.
struct Change {
    told: ToolChange,
    event: coldcase_model::EventId,
    session: Excerpt,
}

impl Report for Found {
    type Error = std::convert::Infallible;

    fn judged(&mut self, judged: &Judged) -> Result<(), Self::Error> {
        self.any_read = true;
        self.listed += judged.story.tools.len() as u64;
        let session = &judged.labels.session;
        self.changes.extend(judged.story.changes.iter().map(|told| Change {
            told: told.clone(),
            event: judged.head.id,
            session: session.clone(),
        }));
        self.conclusions.extend(judged.findings.iter().filter_map(show::Conclusion::of));
        Ok(())
    }

    fn anomaly(&mut self, _: &Anomaly) -> Result<(), Self::Error> {
        Ok(())
    }

    fn input(&mut self, _: &InputFacts) -> Result<(), Self::Error> {
        Ok(())
    }
}
