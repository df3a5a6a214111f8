//! Arguments of `scan`.

use std::path::PathBuf;

use coldcase_model::Severity;
use coldcase_readers::SessionRule;

use super::{BaselineOptions, RulesetArgs};

/// Arguments of `scan`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  coldcase scan recordings/                      a folder, into ./coldcase-out
  coldcase scan a.har 'logs/*.jsonl' -o report   files and a glob
  coldcase scan --home                           the logs that your agents keep: what would be read
  coldcase scan --home --yes -o mine             and reads them
  cat transcript.jsonl | coldcase scan - -q      standard input
  coldcase scan logs/ --policy strict --fail-on high
  coldcase scan agent.pcapng --keylog keys.log   a capture, its TLS decrypted
  coldcase scan evidence/ --key recorder.pub     audit logs must be signed by this key
  coldcase scan logs/ --baseline accepted.jsonl  what was accepted is marked, and counts for nothing
  coldcase scan archive/ --cache ~/.cache/cc --force   again: only what is new, or what a new rule may be about")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct ScanArgs {
    /// Files, folders, globs, or - for standard input; gzip and zstd are read through.
    #[arg(value_name = "PATH", required_unless_present = "home", conflicts_with = "home")]
    pub(crate) paths: Vec<PathBuf>,
    /// The logs that this user's agents keep: lists the folders, and reads them only with --yes. Nothing leaves the machine.
    #[arg(long)]
    pub(crate) home: bool,
    /// Read what --home lists.
    #[arg(long, requires = "home")]
    pub(crate) yes: bool,
    /// The folder for the report; it is complete or absent.
    #[arg(short, long, value_name = "DIR", default_value = "coldcase-out")]
    pub(crate) output: PathBuf,
    /// Replace the output folder if it is there.
    #[arg(long)]
    pub(crate) force: bool,
    /// Secrets that decrypt TLS in captures, as browsers and many clients write them to SSLKEYLOGFILE.
    #[arg(long, value_name = "FILE")]
    pub(crate) keylog: Option<PathBuf>,
    /// What makes a session of flows in captures: client (the address), mcp (Mcp-Session-Id), agent (the header that names
    /// it), key (a fingerprint of the API key), gap or gap:MINUTES (the address, until it is silent so long).
    #[arg(long, value_name = "RULE", default_value = "client")]
    pub(crate) sessions: SessionRule,
    #[command(flatten)]
    pub(crate) ruleset: RulesetArgs,
    #[command(flatten)]
    pub(crate) baseline: BaselineOptions,
    /// Keep the report in this folder, and what was concluded of each input. When nothing has changed, inputs are only hashed;
    /// else those are scanned that are new or that a changed rule may say something of. Leave it out where evidence is to be
    /// judged anew.
    #[arg(long, value_name = "DIR")]
    pub(crate) cache: Option<PathBuf>,
    /// How large the cache may grow, in bytes or with k, M, G or T; what was used least lately goes first.
    #[arg(long, value_name = "BYTES", value_parser = super::size, default_value = "2G", requires = "cache")]
    pub(crate) cache_size: u64,
    /// The key that the cache's entries are sealed with, made for its owner only if it is not there; DIR.key unless given.
    #[arg(long, value_name = "FILE", requires = "cache")]
    pub(crate) cache_key: Option<PathBuf>,
    /// A trusted public key of audit logs, as in `verify`: exit with 4 unless it vouches for each. May be repeated.
    #[arg(long, value_name = "PUB")]
    pub(crate) key: Vec<String>,
    /// Leave findings below this severity out of the report.
    #[arg(long, value_name = "SEVERITY", value_parser = super::severity)]
    pub(crate) min_severity: Option<Severity>,
    /// Exit with 1 if there is a finding of at least this severity.
    #[arg(long, value_name = "SEVERITY", value_parser = super::severity)]
    pub(crate) fail_on: Option<Severity>,
    /// Exit with 3 unless every byte of every input was scanned or is framing, and the recordings left nothing out.
    #[arg(long)]
    pub(crate) require_complete: bool,
    /// Write secrets in clear into the report.
    #[arg(long)]
    pub(crate) show_secrets: bool,
    /// How many threads work; the result does not depend on it.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(crate) threads: usize,
    /// No progress and no summary.
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Name every input on standard error.
    #[arg(short, long)]
    pub(crate) verbose: bool,
}
