//! Arguments of `replay`.

use std::path::PathBuf;

use clap::{ArgGroup, ValueEnum};
use coldcase_readers::SessionRule;

use super::BaselineOptions;

/// Arguments of `replay`.
#[derive(Debug, clap::Args)]
#[command(
    group = ArgGroup::new("change").required(true).multiple(true)
        .args(["candidate", "only_rule", "disable_rule", "min_confidence", "sweep"]),
    after_help = "\
A file is a pack or a policy by what stands in it. What the candidate does not name it takes from the baseline: its policy,
or its packs. Packs stand beside the built-in ones, as in `scan`.

Exit codes: 0 no gate was met; 1 a gate was met; 2 a rule set or an input cannot be used; 3 nothing could be read or compared.

Examples:
  coldcase replay recordings/ --candidate acme.yaml             what would one more pack have found?
  coldcase replay recordings/ --candidate strict                 what would a stricter policy have stopped?
  coldcase replay recordings/ --candidate new.yaml --against old.yaml --fail-on new-allow
  coldcase replay evidence/ --candidate balanced --against recorded    against the firewall's own verdicts
  coldcase replay recordings/ --disable-rule dlp.generic.        what do these rules contribute?
  coldcase replay recordings/ --min-confidence 0.6 --json | jq .transitions
  coldcase replay labelled/ --candidate new.yaml --sweep --curve-svg curve.svg    which threshold suits the new rules?"
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct ReplayArgs {
    /// Files, folders, globs, or - for standard input, as in `scan`.
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// A pack or policy of the candidate: a file, or observe, balanced, strict. May be given several times.
    #[arg(short, long, value_name = "NAME|FILE")]
    pub(crate) candidate: Vec<String>,
    /// Leave the built-in packs out of the candidate.
    #[arg(long, requires = "candidate")]
    pub(crate) candidate_only_packs: bool,
    /// What to compare with: packs and a policy as for --candidate, or `recorded` for the verdicts that a firewall wrote
    /// down. Without it, the built-in packs under the policy balanced.
    #[arg(short, long, value_name = "recorded|NAME|FILE")]
    pub(crate) against: Vec<String>,
    /// Leave the built-in packs out of the baseline.
    #[arg(long, requires = "against")]
    pub(crate) against_only_packs: bool,
    /// Use pack files of either side only if one of these keys signed them (`coldcase rules sign`): a public key spelled
    /// out, or a file. May be given several times.
    #[arg(long, value_name = "PUB")]
    pub(crate) pack_key: Vec<String>,
    #[command(flatten)]
    pub(crate) what_if: WhatIfArgs,
    #[command(flatten)]
    pub(crate) accepted: BaselineOptions,
    /// The folder for the report; it is complete or absent.
    #[arg(short, long, value_name = "DIR", default_value = "coldcase-replay")]
    pub(crate) output: PathBuf,
    /// Replace the output folder if it is there.
    #[arg(long)]
    pub(crate) force: bool,
    /// Secrets that decrypt TLS in captures, as in `scan`.
    #[arg(long, value_name = "FILE")]
    pub(crate) keylog: Option<PathBuf>,
    /// What makes a session of flows in captures, as in `scan`.
    #[arg(long, value_name = "RULE", default_value = "client")]
    pub(crate) sessions: SessionRule,
    /// Exit with 1 if there is such a change. May be given several times.
    #[arg(long, value_name = "CHANGE", value_delimiter = ',')]
    pub(crate) fail_on: Vec<FailOn>,
    /// Exit with 1 if more events than this are blocked that were not.
    #[arg(long, value_name = "N")]
    pub(crate) max_new_block: Option<u64>,
    /// Write gates and changed verdicts as JUnit XML as well.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Write one JSON object to standard output instead of the summary.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write secrets in clear into the report.
    #[arg(long)]
    pub(crate) show_secrets: bool,
    /// How many threads work; the result does not depend on it.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(crate) threads: usize,
    /// No progress and no summary.
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// What is left out of the candidate.
#[derive(Debug, clap::Args)]
pub(crate) struct WhatIfArgs {
    /// Leave all other rules out of the candidate. An id, or with a dot at the end all that start so; may be repeated.
    #[arg(long, value_name = "ID")]
    pub(crate) only_rule: Vec<String>,
    /// Leave this rule out of the candidate. An id, or with a dot at the end all that start so; may be repeated.
    #[arg(long, value_name = "ID")]
    pub(crate) disable_rule: Vec<String>,
    /// Leave findings of rules out of the candidate that are less likely than this, from 0 to 1.
    #[arg(long, value_name = "X", value_parser = fraction)]
    pub(crate) min_confidence: Option<f32>,
    /// Show what the candidate does at each of these least confidences, in one read, and write no report: 0 to 0.9 in tenths,
    /// or those that are named after `=`. Where labels stand beside recordings (`NAME.expected.json`, as for
    /// `rules test --corpus`), precision and recall as well.
    #[arg(
        long, value_name = "X,…", num_args = 0.., value_delimiter = ',', require_equals = true,
        value_parser = fraction,
        conflicts_with_all = ["min_confidence", "fail_on", "max_new_block", "junit", "show_secrets"],
    )]
    pub(crate) sweep: Option<Vec<f32>>,
    /// Draw the sweep's precision over recall as SVG.
    #[arg(long, value_name = "FILE", requires = "sweep")]
    pub(crate) curve_svg: Option<PathBuf>,
}

/// A change that a gate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// An event is let pass that was stopped, or not warned of any more.
    NewAllow,
    /// An event is blocked that was not.
    NewBlock,
    /// Any verdict, finding or peak of a session changed.
    Any,
}

fn fraction(text: &str) -> Result<f32, String> {
    let value: f32 = text.parse().map_err(|_| "a number from 0 to 1".to_owned())?;
    (0.0..=1.0).contains(&value).then_some(value).ok_or_else(|| "a number from 0 to 1".to_owned())
}
