//! Arguments of `mcp`.

use std::ffi::OsString;

use super::{RecordArgs, RulesetArgs};

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
--record-bodies holds everything in clear and is readable by its owner only. With --encrypt-to it is a folder of files that \
`age -d` decrypts.

Exit codes: that of COMMAND; 2 if it cannot be started, or if the log could not be ended; 64 usage.

Examples:
  coldcase mcp -- npx -y @modelcontextprotocol/server-filesystem /srv/files
  coldcase mcp --policy strict --server github -- docker run -i --rm ghcr.io/github/github-mcp-server
  coldcase mcp --record evidence/ --key coldcase.key --session github -- github-mcp-server stdio
  coldcase mcp --policy observe --record-bodies seen.jsonl -- ./server && coldcase scan seen.jsonl
  coldcase mcp --record-bodies seen/ --encrypt-to \"$(age-keygen -y key.txt)\" -- ./server
  for file in seen/*.age; do age -d -i key.txt \"$file\"; done > seen.jsonl")]
pub(crate) struct McpArgs {
    #[command(flatten)]
    pub(crate) ruleset: RulesetArgs,
    /// What the server is called in records and in the log.
    #[arg(long, value_name = "NAME")]
    pub(crate) server: Option<String>,
    #[command(flatten)]
    pub(crate) recording: RecordArgs,
    /// What the names of this log's sessions start with.
    #[arg(long, value_name = "BASE", default_value = "mcp")]
    pub(crate) session: String,
    /// The server's command, after `--`.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}
