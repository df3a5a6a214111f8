//! `scan`: recordings in, a report out.

mod cached;
mod home;
mod outcome;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context;
use coldcase_engine::{Book, Keeper, Report, With, run_with};
use coldcase_evidence::KeyRing;
use coldcase_model::{Anomaly, Digest, InputFacts, Judged, RunFacts, Severity, Show};
use coldcase_readers::{Found, InputSet, Limits, SessionRule, expand};
use coldcase_reports::{ReportError, ReportWriter, Summary};

use self::cached::Tracked;
use self::home::Home;
use self::outcome::Outcome;
use super::chains::Logs;
use super::staging::Staging;
use crate::args::{RulesetArgs, ScanArgs};
use crate::baseline::Baseline;
use crate::config::{self, Ruleset, public_key};
use crate::term::{self, Bar, Exit};

/// A checked scan; `demo` makes one without a command line.
pub(super) struct Job<'a> {
    pub(super) paths: &'a [PathBuf],
    /// Secrets that decrypt TLS.
    pub(super) keylog: Option<&'a std::path::Path>,
    /// What makes a session of flows in captures.
    pub(super) sessions: SessionRule,
    pub(super) output: &'a std::path::Path,
    pub(super) force: bool,
    pub(super) ruleset: &'a RulesetArgs,
    /// What was accepted.
    pub(super) baseline: Option<&'a Baseline>,
    pub(super) min_severity: Severity,
    pub(super) show: Show,
    /// Trusted keys of audit logs.
    pub(super) keys: &'a KeyRing,
    pub(super) threads: usize,
    pub(super) quiet: bool,
    pub(super) verbose: bool,
}

/// What a scan came to.
pub(super) struct Scanned {
    pub(super) summary: Summary,
    pub(super) report: PathBuf,
    /// The worst finding, reported or not, that no baseline suppresses.
    pub(super) worst: Option<Severity>,
    /// The hash of each input as it was read, where that is asked for.
    read: Option<BTreeMap<u32, Option<Digest>>>,
    /// What judged them.
    judges: Judges,
}

/// What is read besides the inputs: packs of one's own or all, in load order, the policy, the key log.
#[derive(Debug, Clone, Default)]
struct Judges {
    packs: Vec<Digest>,
    policy: Digest,
    key_log: Vec<u8>,
}

pub(crate) fn scan(args: &ScanArgs) -> anyhow::Result<Exit> {
    let home = args.home.then(Home::find).transpose()?;
    if let Some(home) = &home {
        let what = if args.yes { "Reading" } else { "Would read" };
        if !(args.yes && args.quiet) {
            term::out(&format!(
                "{what} the logs of these agents, on this machine only:\n{}",
                home.listing()
            ))?;
        }
        if !args.yes {
            term::out("Nothing was read. To go on: coldcase scan --home --yes\n")?;
            return Ok(Exit::Done);
        }
    }
    let paths = home.as_ref().map_or_else(|| args.paths.clone(), Home::paths);
    let keys = args.key.iter().map(|key| public_key(key)).collect::<anyhow::Result<Vec<_>>>()?;
    let baseline = Baseline::named(&args.baseline)?;
    let keys = KeyRing::new(keys);
    let job = Job {
        keys: &keys,
        paths: &paths,
        keylog: args.keylog.as_deref(),
        sessions: args.sessions,
        output: &args.output,
        force: args.force,
        ruleset: &args.ruleset,
        baseline: baseline.as_ref(),
        min_severity: args.min_severity.unwrap_or(Severity::Info),
        show: if args.show_secrets { Show::Secrets } else { Show::Redacted },
        threads: config::threads(args.threads),
        quiet: args.quiet,
        verbose: args.verbose,
    };
    let outcome = match &args.cache {
        Some(dir) => cached::cached(&job, args, dir)?,
        None => perform_on(&job, &expand(&paths, &Limits::default())?, None)?,
    };
    if !args.quiet {
        let report = outcome.report.join("report.html");
        term::out(&term::sanitize(&format!("{}\nReport: {}\n", outcome.text, report.display())))?;
    }
    if !args.key.is_empty() && outcome.chains == 0 {
        term::note("no audit log was found that the given key could vouch for");
    }
    Ok(outcome.exit(args))
}

/// Scans and writes the report.
pub(super) fn perform(job: &Job<'_>) -> anyhow::Result<Scanned> {
    scan_all(job, &expand(job.paths, &Limits::default())?, None)
}

/// Scans these inputs, or what of them is not known, and says what it came to.
fn perform_on(job: &Job<'_>, found: &[Found], tracked: Option<&Tracked<'_>>) -> anyhow::Result<Outcome> {
    Ok(Outcome::of(scan_all(job, found, tracked)?))
}

fn scan_all(job: &Job<'_>, found: &[Found], kept: Option<&Tracked<'_>>) -> anyhow::Result<Scanned> {
    let mut ruleset = Ruleset::load(job.ruleset)?;
    let key_log = config::key_log(job.keylog)?;
    if let Some(path) = job.keylog {
        ruleset.configure(&format!("key log {}", path.display()), &key_log);
    }
    if let Some(baseline) = job.baseline {
        ruleset.configure(&baseline.name, &baseline.bytes);
    }
    if job.sessions != SessionRule::default() {
        let rule = job.sessions.to_string();
        ruleset.configure(&format!("sessions {rule}"), rule.as_bytes());
    }
    let staging = Staging::begin(job.output, job.paths, job.force)?;
    let writer = ReportWriter::create(staging.dir(), facts(&ruleset))?;
    let mut sink = Sink {
        writer,
        logs: Logs::default(),
        min_severity: job.min_severity,
        worst: None,
        verbose: job.verbose,
        read: kept.map(|_| BTreeMap::new()),
    };
    let book = kept.map(|_| ruleset.book()).transpose()?.flatten();
    let keeping = match (kept, &book) {
        (Some(kept), Some(book)) => kept.begin(job, (found, &key_log), (&ruleset.pack, book)),
        _ => None,
    };
    let judges = Judges {
        packs: ruleset.pack.sources().iter().map(|(_, _, digest)| *digest).collect(),
        policy: ruleset.policy.digest(),
        key_log: key_log.clone(),
    };
    let bar = Bar::new(total_bytes(found), job.quiet);
    let mut inputs = InputSet::new(found.to_vec(), Limits::default()).key_log(key_log).sessions(job.sessions);
    if let Some(keeping) = &keeping {
        inputs = inputs.kept(keeping.parts());
    }
    let Ruleset { pack, policy, configuration, .. } = &ruleset;
    let with = With {
        suppressions: job.baseline.map(|baseline| &baseline.suppressions),
        keeper: keeping.as_ref().map(|keeping| keeping as &dyn Keeper),
        book: book.as_ref().map(Book::digest).unwrap_or_default(),
    };
    let progress = |bytes| bar.add(bytes);
    let rules = (pack, policy);
    let tracker = run_with(with, &mut inputs, rules, job.show, job.threads, &mut sink, &progress)
        .context("writing the report failed")?;
    drop(bar);
    if let (Some(kept), Some(keeping)) = (kept, keeping) {
        kept.end(job, keeping)?;
    }
    let Sink { mut writer, mut logs, worst, read, .. } = sink;
    logs.verify(found, job, |chain| writer.chain(chain)).context("writing the report failed")?;
    writer.unfollowed(tracker.left_out());
    let summary = writer.finish(configuration).context("finishing the report failed")?;
    let report = staging.publish()?;
    Ok(Scanned { summary, report, worst, read, judges })
}

fn facts(ruleset: &Ruleset) -> RunFacts {
    RunFacts {
        version: env!("CARGO_PKG_VERSION"),
        policy: ruleset.policy.name().to_owned(),
        policy_sha256: ruleset.policy.digest(),
        packs: ruleset.pack.sources().to_vec(),
        rules: ruleset.pack.rules().len() as u64,
    }
}

/// What the bar counts up to: sizes on disk, so compressed inputs run over it.
fn total_bytes(found: &[Found]) -> u64 {
    found.iter().filter_map(|input| std::fs::metadata(input.path()).ok()).map(|metadata| metadata.len()).sum()
}

/// Hands results to the report.
struct Sink {
    writer: ReportWriter,
    logs: Logs,
    min_severity: Severity,
    worst: Option<Severity>,
    verbose: bool,
    read: Option<BTreeMap<u32, Option<Digest>>>,
}

impl Report for Sink {
    type Error = ReportError;

    fn judged(&mut self, judged: &Judged) -> Result<(), ReportError> {
        let counting = judged.findings.iter().filter(|finding| !finding.is_suppressed());
        self.worst = self.worst.max(counting.map(|finding| finding.rule.severity).max());
        let below = |finding: &coldcase_model::Finding| finding.rule.severity < self.min_severity;
        if judged.findings.iter().any(below) {
            let mut kept = judged.clone();
            kept.findings.retain(|finding| !below(finding));
            return self.writer.event(&kept);
        }
        self.writer.event(judged)
    }

    fn anomaly(&mut self, anomaly: &Anomaly) -> Result<(), ReportError> {
        self.writer.anomaly(anomaly)
    }

    fn input(&mut self, facts: &InputFacts) -> Result<(), ReportError> {
        if self.verbose {
            let InputFacts { path, format, state, records, events, stored_bytes, .. } = facts;
            term::note(&format!(
                "{state}\t{format}\t{records} records\t{events} events\t{stored_bytes} bytes\t{path}"
            ));
        }
        if let Some(read) = &mut self.read {
            read.insert(facts.artifact.0, facts.sha256);
        }
        self.logs.see(facts);
        self.writer.input(facts)
    }
}
