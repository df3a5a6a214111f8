//! Arguments of `timeline`.

use std::path::PathBuf;

/// Arguments of `timeline`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  coldcase timeline coldcase-out                     the sessions, the worst first
  coldcase timeline coldcase-out --session s-17      one session's events, risk and edges
  coldcase timeline coldcase-out --worst --all       every event of the worst session
  coldcase timeline coldcase-out --worst --joined    that session and other recordings of its run, by time")]
pub(crate) struct TimelineArgs {
    /// A report folder.
    #[arg(value_name = "OUT")]
    pub(crate) out: PathBuf,
    /// The session to show, by its name or the start of it.
    #[arg(long, value_name = "NAME")]
    pub(crate) session: Option<String>,
    /// Show the session with the highest risk.
    #[arg(long, conflicts_with = "session")]
    pub(crate) worst: bool,
    /// Show the other recordings of the session's run too, in one order by their times.
    #[arg(long)]
    pub(crate) joined: bool,
    /// Show quiet events one by one.
    #[arg(long)]
    pub(crate) all: bool,
    /// How many sessions are listed.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) top: usize,
}
