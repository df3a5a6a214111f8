//! Arguments of `mcp`.

use std::ffi::OsString;
use std::path::PathBuf;

use super::RulesetArgs;

/// What happens to messages when the log cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum OnLogError {
    /// Nothing passes any more.
    Block,
    /// Messages pass unrecorded, as far as the policy lets them.
    Pass,
}

/// Arguments of `mcp`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Every line in either direction is judged before it is passed on, with the rules and the session state of `scan` and \
`judge`. What the policy allows or warns of passes byte for byte. A blocked request is answered with a JSON-RPC error \
(code -32010, reason and rules in `data`), a blocked result is replaced by one, a blocked notification is dropped. \
`strip` takes what was found out of the string that holds it, or blocks. `ask` and `redirect` block: nobody is there to \
be asked. Lines that are no JSON-RPC, that two readers could read differently, or that are over 16 MiB do not pass, \
nor does a message whose scan fails.

Standard error, signals, the end of either side and the exit status are those of COMMAND. What is stopped is said on \
standard error, without the content.

--record needs a key (see `coldcase keygen`). Each start is a session of its own in the log, linked to the last one of \
the same --session. Servers that run at the same time need a --session each. The log is redacted; the file of \
--record-bodies holds everything in clear and is readable by its owner only.

Exit codes: that of COMMAND; 2 if it cannot be started, or if the log could not be ended; 64 usage.

Examples:
  coldcase mcp -- npx -y @modelcontextprotocol/server-filesystem /srv/files
  coldcase mcp --policy strict --server github -- docker run -i --rm ghcr.io/github/github-mcp-server
  coldcase mcp --record evidence/ --key coldcase.key --session github -- github-mcp-server stdio
  coldcase mcp --policy observe --record-bodies seen.jsonl -- ./server && coldcase scan seen.jsonl")]
pub(crate) struct McpArgs {
    #[command(flatten)]
    pub(crate) ruleset: RulesetArgs,
    /// What the server is called in records and in the log.
    #[arg(long, value_name = "NAME")]
    pub(crate) server: Option<String>,
    /// Write every event and verdict, redacted, to a signed log in this folder.
    #[arg(long, value_name = "DIR", requires = "key")]
    pub(crate) record: Option<PathBuf>,
    /// The private key that signs the log: a file as `keygen` writes it.
    #[arg(long, value_name = "PRIV", requires = "record")]
    pub(crate) key: Option<PathBuf>,
    /// What the names of this log's sessions start with.
    #[arg(long, value_name = "BASE", default_value = "mcp")]
    pub(crate) session: String,
    /// Sync and sign the log after this many entries.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) checkpoint_every: u64,
    /// Do not look at earlier sessions of the log, and tie this one to none.
    #[arg(long)]
    pub(crate) no_link: bool,
    /// Append every message in full, as event records, to this file (created with mode 0600).
    #[arg(long, value_name = "FILE")]
    pub(crate) record_bodies: Option<PathBuf>,
    /// What happens when a message cannot be recorded.
    #[arg(long, value_name = "block|pass", value_enum, default_value = "block")]
    pub(crate) on_log_error: OnLogError,
    /// The server's command, after `--`.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}
