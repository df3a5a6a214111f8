//! Arguments of `inspect`.

use std::path::PathBuf;

use coldcase_readers::SessionRule;

/// Arguments of `inspect`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  coldcase inspect capture.har
  coldcase inspect --json recordings/ | jq .
  coldcase inspect --events transcript.jsonl > events.jsonl")]
pub(crate) struct InspectArgs {
    /// Files, folders, globs, or - for standard input.
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Secrets that decrypt TLS in captures, as in `scan`.
    #[arg(long, value_name = "FILE")]
    pub(crate) keylog: Option<PathBuf>,
    /// What makes a session of flows in captures, as in `scan`: client, mcp, agent, key, gap or gap:MINUTES.
    #[arg(long, value_name = "RULE", default_value = "client")]
    pub(crate) sessions: SessionRule,
    /// Write what was read as event records, one a line. They hold the content of the recording, secrets and all.
    #[arg(long)]
    pub(crate) events: bool,
    /// Write the facts of each input as one JSON object a line.
    #[arg(long, conflicts_with = "events")]
    pub(crate) json: bool,
}
