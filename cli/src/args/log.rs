//! Arguments of `log`.

use std::path::PathBuf;

use coldcase_evidence::LogConfig;

/// Arguments of `log`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each line of standard input is a JSON object. Its members: summary (text), detail (any JSON), kind (decision, capture \
or capture_drop; decision if there is none), event_kind, transport, trace (texts). A line needs a summary or a detail; \
other members are refused. Numbers that readers disagree on (fractions, more than 53 bits) become texts.

Every start is a session of its own, BASE.run.<32 hex digits>, in files of its own. It is tied by a signed link to the \
last session of the same base in DIR, after that one was verified. A session that a crash tore is tied at its last \
whole entry.

An entry is in the log as soon as it is written; at every checkpoint the log is synced and signed. The end of the input \
makes a checkpoint, and so do SIGINT and SIGTERM: they end the log after the last whole line that was read. What \
follows the last checkpoint when the process is killed otherwise is in the log, but not signed.

Exit codes: 0 all is recorded and signed; 2 a line cannot be recorded, the last session is broken, or writing failed \
(the message says how many entries are in the log).

Examples:
  agent --json | coldcase log evidence/ --key coldcase.key
  coldcase log evidence/ --key coldcase.key --session mcp --head-file /mnt/other/heads.jsonl < events.jsonl
  coldcase log evidence/ --key new.key --previous-key old.pub < events.jsonl     the key was changed")]
pub(crate) struct LogArgs {
    /// The folder for the log; made if need be. It may hold logs of other bases.
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// The private key that signs checkpoints, heads and links: a file as `keygen` writes it.
    #[arg(long, value_name = "PRIV")]
    pub(crate) key: PathBuf,
    /// What the names of this log's sessions start with.
    #[arg(long, value_name = "BASE", default_value = "coldcase")]
    pub(crate) session: String,
    /// Append a signed head at every checkpoint to this file as well. It must lie outside DIR: it is what shows
    /// later that the log was cut.
    #[arg(long, value_name = "FILE")]
    pub(crate) head_file: Option<PathBuf>,
    /// Write the last head as a signed note (C2SP) at the end, replacing the file; outside DIR.
    #[arg(long, value_name = "FILE")]
    pub(crate) note: Option<PathBuf>,
    /// Sync and sign after this many entries.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) checkpoint_every: u64,
    /// How many lines a file of the log takes.
    #[arg(long, value_name = "N", default_value_t = LogConfig::MAX_ENTRIES,
        value_parser = clap::value_parser!(u64).range(1..=LogConfig::MAX_ENTRIES))]
    pub(crate) file_lines: u64,
    /// A public key that signed earlier sessions. May be repeated.
    #[arg(long, value_name = "PUB")]
    pub(crate) previous_key: Vec<String>,
    /// Do not look at earlier sessions, and tie this one to none.
    #[arg(long, conflicts_with = "previous_key")]
    pub(crate) no_link: bool,
}
