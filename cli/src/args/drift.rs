//! Arguments of `drift`.

use std::path::PathBuf;

use super::RulesetArgs;

/// Arguments of `drift`.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
Exit codes: 0 nothing above editorial; 1 a change above editorial, or a server that is not in the baseline; \
2 the baseline or an input cannot be used; 3 nothing could be read. Without a baseline the exit code does not depend on \
changes.

Examples:
  coldcase drift recordings/                             what servers list, and what changed
  coldcase drift accept recordings/ --baseline tools.json   accept what they list
  coldcase drift today.jsonl --baseline tools.json       exit with 1 if it is not what was accepted
  coldcase drift recordings/ --json | jq .changes"
)]
pub(crate) struct DriftArgs {
    /// Accept what recordings list, instead of comparing it.
    #[command(subcommand)]
    pub(crate) command: Option<DriftCommand>,
    #[command(flatten)]
    pub(crate) compare: CompareArgs,
}

/// Recordings to compare.
#[derive(Debug, clap::Args)]
pub(crate) struct CompareArgs {
    /// Files, folders, globs, or - for standard input.
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Accepted definitions; each listing is compared with them, and never becomes one of them.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// What is done besides comparing.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum DriftCommand {
    /// Make what recordings list the accepted definitions. Servers that they do not name stay as they are in the file.
    Accept(AcceptArgs),
}

/// Recordings to accept.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  coldcase drift accept recordings/ --baseline tools.json
  coldcase drift accept today.jsonl --baseline tools.json --server github")]
pub(crate) struct AcceptArgs {
    /// Files, folders, globs, or - for standard input.
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// The file of accepted definitions; made if it is not there.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: PathBuf,
    /// Accept only what this server or agent lists; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub(crate) server: Vec<String>,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// What both have.
#[derive(Debug, clap::Args)]
pub(crate) struct CommonArgs {
    /// Secrets that decrypt TLS in captures, as in `scan`.
    #[arg(long, value_name = "FILE")]
    pub(crate) keylog: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) ruleset: RulesetArgs,
    /// How many threads work; the result does not depend on it.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(crate) threads: usize,
    /// No progress.
    #[arg(short, long)]
    pub(crate) quiet: bool,
}
