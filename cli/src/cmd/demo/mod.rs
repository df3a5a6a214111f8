//! `demo`: a bundled incident, written out as three recordings and scanned.
//!
//! An agent is asked to triage an issue. The issue tells it to read a credentials file and to send what is there
//! to a collector; it does both, by a tool call and by an HTTP request, and the firewall lets it. Names, hosts and
//! the token are made up.

mod chain;
mod incident;

use std::fs;

use anyhow::{Context, bail};
use coldcase_evidence::KeyRing;
use coldcase_model::{Severity, Show};
use coldcase_reports::summary_text;

use super::scan::{Job, perform};
use super::staging::Staging;
use crate::args::{DemoArgs, RulesetArgs};
use crate::config;
use crate::term::{self, Exit};

pub(crate) fn demo(args: &DemoArgs) -> anyhow::Result<Exit> {
    if args.dir.exists() && !args.force {
        bail!("{} is already there; name another folder, or replace it with --force", args.dir.display());
    }
    let staging = Staging::begin(&args.dir, &[], args.force)?;
    let recordings = staging.dir().join("recordings");
    fs::create_dir(&recordings).with_context(|| format!("cannot create {}", recordings.display()))?;
    for (name, content) in incident::files() {
        let path = recordings.join(name);
        fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let dir = staging.publish()?;
    let scanned = perform(&Job {
        keylog: None,
        sessions: coldcase_readers::SessionRule::default(),
        paths: &[args.dir.join("recordings")],
        output: &args.dir.join("report"),
        force: false,
        ruleset: &RulesetArgs {
            pack: Vec::new(),
            pack_key: Vec::new(),
            only_packs: false,
            policy: "balanced".to_owned(),
        },
        baseline: None,
        min_severity: Severity::Info,
        show: Show::Redacted,
        keys: &KeyRing::default(),
        threads: config::threads(0),
        quiet: true,
        verbose: false,
    })?;
    let text = summary_text(&scanned.summary);
    let report = scanned.report.join("report.html");
    term::out(&term::sanitize(&format!(
        "{text}\nRecordings: {}\nReport: {}\n",
        dir.join("recordings").display(),
        report.display()
    )))?;
    Ok(Exit::Done)
}
