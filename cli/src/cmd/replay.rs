//! `replay`: the same recordings under two rule sets, in one read; what changed and why.

use std::fs::File;
use std::path::Path;

use anyhow::Context;
use coldcase_engine::{Against, Replay, Take, replay as replay_all};
use coldcase_model::{Anomaly, InputFacts, Replayed, Show, Standing};
use coldcase_readers::{InputSet, Limits, SessionRule, expand};
use coldcase_reports::{
    Gate, ReplaySummary, ReplayWriter, ReportError, junit, replay_json, replay_junit, replay_text,
};

use super::staging::Staging;
use crate::args::{FailOn, ReplayArgs};
use crate::baseline::Baseline;
use crate::config::{self, Sides};
use crate::term::{self, Bar, Exit};

const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(crate) fn replay(args: &ReplayArgs) -> anyhow::Result<Exit> {
    if let Some(leasts) = &args.what_if.sweep {
        return super::sweep::sweep(args, leasts);
    }
    let mut sides = Sides::load(args)?;
    let accepted = Baseline::named(&args.accepted)?;
    if let Some(accepted) = &accepted {
        sides.configuration.push(config::configured(&accepted.name, &accepted.bytes));
    }
    let limits = Limits::default();
    let found = expand(&args.paths, &limits)?;
    let key_log = config::key_log(args.keylog.as_deref())?;
    if args.sessions != SessionRule::default() {
        let rule = args.sessions.to_string();
        sides.configuration.push(config::configured(&format!("sessions {rule}"), rule.as_bytes()));
    }
    let staging = Staging::begin(&args.output, &args.paths, args.force)?;
    let writer = ReplayWriter::create(staging.dir(), VERSION, &sides.facts)?;
    let bytes = found.iter().filter_map(|input| std::fs::metadata(input.path()).ok());
    let bar = Bar::new(bytes.map(|metadata| metadata.len()).sum(), args.quiet);
    let mut inputs = InputSet::new(found, limits).key_log(key_log).sessions(args.sessions);
    let show = if args.show_secrets { Show::Secrets } else { Show::Redacted };
    let setup = Setup { sides: &sides, show, accepted: accepted.as_ref() };
    let writer = perform(&setup, &mut inputs, config::threads(args.threads), writer, &bar)?;
    drop(bar);
    let summary =
        writer.finish(VERSION, &sides.facts, &sides.configuration).context("finishing the report failed")?;
    let report = staging.publish()?;
    let gates = gates(args);
    if let Some(path) = &args.junit {
        write_junit(path, &summary, &gates)?;
    }
    if args.json {
        term::out(&format!("{}\n", replay_json(&sides.facts, &summary)))?;
    } else if !args.quiet {
        let text = replay_text(&sides.facts, &summary);
        let page = report.join("report.html");
        term::out(&term::sanitize(&format!("{text}\nReport: {}\n", page.display())))?;
    }
    for gate in &gates {
        if let Some(why) = summary.fails(*gate) {
            term::note(&format!("gate: {why}"));
        }
    }
    Ok(exit(&summary, &gates))
}

/// Nothing compared comes before a gate: a gate that was not met on nothing says nothing.
fn exit(summary: &ReplaySummary, gates: &[Gate]) -> Exit {
    let compared = summary.standings.contains_key(&Standing::Compared);
    if summary.run.nothing_read() || !compared {
        return Exit::Incomplete;
    }
    let met = gates.iter().any(|gate| summary.fails(*gate).is_some());
    if met { Exit::Gate } else { Exit::Done }
}

fn gates(args: &ReplayArgs) -> Vec<Gate> {
    let named = args.fail_on.iter().map(|change| match change {
        FailOn::NewAllow => Gate::NewAllow,
        FailOn::NewBlock => Gate::NewBlock,
        FailOn::Any => Gate::Any,
    });
    named.chain(args.max_new_block.map(Gate::MaxNewBlock)).collect()
}

fn write_junit(path: &Path, summary: &ReplaySummary, gates: &[Gate]) -> anyhow::Result<()> {
    let suites = replay_junit(summary, gates);
    File::create(path)
        .and_then(|mut file| junit(&suites, &mut file))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// What is replayed, and how.
pub(super) struct Setup<'a> {
    pub(super) sides: &'a Sides,
    pub(super) show: Show,
    /// What was accepted.
    pub(super) accepted: Option<&'a Baseline>,
}

/// Replays inputs into a report.
pub(super) fn perform(
    setup: &Setup<'_>,
    inputs: &mut InputSet,
    threads: usize,
    writer: ReplayWriter,
    bar: &Bar,
) -> anyhow::Result<ReplayWriter> {
    let Setup { sides, show, accepted } = *setup;
    let replay = Replay {
        rules: &sides.rules,
        against: sides.baseline.as_ref().map_or(Against::Recorded, Against::Policy),
        policy: &sides.candidate,
        least: sides.least,
        show,
        suppressions: accepted.map(|accepted| &accepted.suppressions),
    };
    let mut sink = Sink(writer);
    replay_all(&replay, inputs, threads, &mut sink, &|bytes| bar.add(bytes))
        .context("writing the report failed")?;
    Ok(sink.0)
}

/// Hands results to the report.
struct Sink(ReplayWriter);

impl Take<Replayed> for Sink {
    type Error = ReportError;

    fn judged(&mut self, replayed: &Replayed) -> Result<(), ReportError> {
        self.0.event(replayed)
    }

    fn anomaly(&mut self, anomaly: &Anomaly) -> Result<(), ReportError> {
        self.0.anomaly(anomaly);
        Ok(())
    }

    fn input(&mut self, facts: &InputFacts) -> Result<(), ReportError> {
        self.0.input(facts)
    }
}
