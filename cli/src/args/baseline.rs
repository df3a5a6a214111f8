//! Arguments of `baseline`.

use std::path::PathBuf;

use clap::Subcommand;

/// Arguments of `baseline`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A baseline is a file of findings that you have looked at and accept until a day. `coldcase scan --baseline FILE` marks them as
suppressed: they stay in findings.jsonl and the tables, and count for no verdict, risk or gate. It knows a finding by its
fingerprint, made with a key that never leaves your machine; the file holds no value that was found.

Examples:
  coldcase baseline create accepted.jsonl              the baseline, and its key accepted.jsonl.key
  coldcase scan recordings/ --baseline accepted.jsonl  findings get fingerprints
  coldcase baseline accept accepted.jsonl coldcase-out 3f2a --reason 'key of the test tenant' --author ann --expires 90d
  coldcase baseline list accepted.jsonl
  coldcase baseline prune accepted.jsonl --unseen-in coldcase-out")]
pub(crate) struct BaselineArgs {
    #[command(subcommand)]
    pub(crate) command: BaselineCommand,
}

/// What to do with a baseline.
#[derive(Debug, Subcommand)]
pub(crate) enum BaselineCommand {
    /// Make an empty baseline, and its key if there is none.
    Create {
        /// The file to make.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The key's file; made for its owner only if it is not there. FILE.key unless given.
        #[arg(long, value_name = "FILE")]
        baseline_key: Option<PathBuf>,
    },
    /// Accept findings of a report that was scanned with this baseline. What is accepted already is renewed.
    Accept(BaselineAcceptArgs),
    /// Show what is accepted: since when, until when, by whom and why.
    List {
        /// The baseline.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Write one JSON object.
        #[arg(long)]
        json: bool,
        /// The day to reckon with, as in 2026-03-01; today unless given.
        #[arg(long, value_name = "DAY")]
        as_of: Option<crate::baseline::Day>,
    },
    /// Take out entries that have expired, and with --unseen-in those of which a report has no finding.
    Prune {
        /// The baseline.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// A report that was scanned with this baseline, without --min-severity. With several, what one of them has stays.
        #[arg(long, value_name = "OUT")]
        unseen_in: Vec<PathBuf>,
        /// Only say what would be taken out.
        #[arg(long)]
        dry_run: bool,
    },
}

/// Which findings, and why.
#[derive(Debug, clap::Args)]
pub(crate) struct BaselineAcceptArgs {
    /// The baseline.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// A report that was scanned with this baseline.
    #[arg(value_name = "OUT")]
    pub(crate) out: PathBuf,
    /// Findings by their ids, or the starts of them.
    #[arg(value_name = "FINDING", required_unless_present = "all", conflicts_with = "all")]
    pub(crate) findings: Vec<String>,
    /// Every finding that is not accepted yet.
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) why: WhyArgs,
}

/// What an entry must say.
#[derive(Debug, clap::Args)]
pub(crate) struct WhyArgs {
    /// Why this is no harm.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Who says so.
    #[arg(long, value_name = "NAME")]
    pub(crate) author: String,
    /// The last day on which it holds, as in 2026-03-01, or so many days on, as in 90d.
    #[arg(long, value_name = "DAY|Nd")]
    pub(crate) expires: String,
}

/// The baseline of a scan.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct BaselineOptions {
    /// Accepted findings (`coldcase baseline`): marked, and left out of verdicts, risk and gates until they expire.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// The baseline's key; FILE.key unless given.
    #[arg(long, value_name = "FILE", requires = "baseline")]
    pub(crate) baseline_key: Option<PathBuf>,
    /// The day by which entries expire, as in 2026-03-01; today unless given. The manifest names it.
    #[arg(long, value_name = "DAY", requires = "baseline")]
    pub(crate) as_of: Option<crate::baseline::Day>,
}
