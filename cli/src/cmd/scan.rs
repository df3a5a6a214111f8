//! `scan`: recordings in, a report out.

mod home;

use std::path::PathBuf;

use anyhow::Context;
use coldcase_engine::{Report, Tracker, run_from};
use coldcase_evidence::KeyRing;
use coldcase_model::{Account, Anomaly, InputFacts, Judged, RunFacts, Severity, Show};
use coldcase_readers::{Found, InputSet, Limits, SessionRule, expand};
use coldcase_reports::{ReportError, ReportWriter, Summary, summary_text};

use self::home::Home;
use super::chains::Logs;
use super::staging::Staging;
use crate::args::{RulesetArgs, ScanArgs};
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
    /// The worst finding, reported or not.
    pub(super) worst: Option<Severity>,
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
    let scanned = perform(&Job {
        keys: &KeyRing::new(keys),
        paths: &paths,
        keylog: args.keylog.as_deref(),
        sessions: args.sessions,
        output: &args.output,
        force: args.force,
        ruleset: &args.ruleset,
        min_severity: args.min_severity.unwrap_or(Severity::Info),
        show: if args.show_secrets { Show::Secrets } else { Show::Redacted },
        threads: config::threads(args.threads),
        quiet: args.quiet,
        verbose: args.verbose,
    })?;
    if !args.quiet {
        let text = summary_text(&scanned.summary);
        let report = scanned.report.join("report.html");
        term::out(&term::sanitize(&format!("{text}\nReport: {}\n", report.display())))?;
    }
    if !args.key.is_empty() && scanned.summary.chains == 0 {
        term::note("no audit log was found that the given key could vouch for");
    }
    Ok(exit(args, &scanned))
}

/// Integrity comes first, where a key was given. Incomplete evidence comes before a gate: a gate that was not met on half the evidence says nothing.
fn exit(args: &ScanArgs, scanned: &Scanned) -> Exit {
    let summary = &scanned.summary;
    let seen = |ledger: &coldcase_model::Ledger| {
        [Account::Opaque, Account::Lost, Account::OverLimit]
            .into_iter()
            .all(|account| ledger.bytes(account) == 0)
    };
    let complete = seen(&summary.stored)
        && seen(&summary.content)
        && summary.unaccounted_bytes() == 0
        && summary.not_scanned.is_empty()
        && summary.troubled_inputs() == 0;
    if !args.key.is_empty() && summary.failed_chains > 0 {
        return Exit::Integrity;
    }
    let nothing_to_pin = !args.key.is_empty() && summary.chains == 0;
    if summary.nothing_read() || nothing_to_pin || (args.require_complete && !complete) {
        return Exit::Incomplete;
    }
    match (args.fail_on, scanned.worst) {
        (Some(least), Some(worst)) if worst >= least => Exit::Gate,
        _ => Exit::Done,
    }
}

/// Scans and writes the report.
pub(super) fn perform(job: &Job<'_>) -> anyhow::Result<Scanned> {
    let limits = Limits::default();
    let found = expand(job.paths, &limits)?;
    let mut ruleset = Ruleset::load(job.ruleset)?;
    let key_log = config::key_log(job.keylog)?;
    if let Some(path) = job.keylog {
        ruleset.configure(&format!("key log {}", path.display()), &key_log);
    }
    if job.sessions != SessionRule::default() {
        let rule = job.sessions.to_string();
        ruleset.configure(&format!("sessions {rule}"), rule.as_bytes());
    }
    let staging = Staging::begin(job.output, job.paths, job.force)?;
    let writer = ReportWriter::create(staging.dir(), facts(&ruleset))?;
    let logs = Logs::default();
    let mut sink = Sink { writer, logs, min_severity: job.min_severity, worst: None, verbose: job.verbose };
    let bar = Bar::new(total_bytes(&found), job.quiet);
    let mut inputs = InputSet::new(found.clone(), limits).key_log(key_log).sessions(job.sessions);
    let Ruleset { pack, policy, configuration } = &ruleset;
    let progress = |bytes| bar.add(bytes);
    let rules = (pack, policy);
    let tracker =
        run_from(Tracker::default(), &mut inputs, rules, job.show, job.threads, &mut sink, &progress)
            .context("writing the report failed")?;
    drop(bar);
    let Sink { mut writer, mut logs, worst, .. } = sink;
    logs.verify(&found, job, |chain| writer.chain(chain)).context("writing the report failed")?;
    writer.unfollowed(tracker.left_out());
    let summary = writer.finish(configuration).context("finishing the report failed")?;
    let report = staging.publish()?;
    Ok(Scanned { summary, report, worst })
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
}

impl Report for Sink {
    type Error = ReportError;

    fn judged(&mut self, judged: &Judged) -> Result<(), ReportError> {
        self.worst = self.worst.max(judged.findings.iter().map(|finding| finding.rule.severity).max());
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
        self.logs.see(facts);
        self.writer.input(facts)
    }
}
