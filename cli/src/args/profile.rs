//! Arguments of `profile`.

use std::path::PathBuf;

/// Arguments of `profile`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit codes: 0 nothing deviates; 1 something does; 2 a report or the profile cannot be used.

Examples:
  coldcase profile create last-month/ -o usual.json      what is usual, from reports of scans
  coldcase profile compare today/ --profile usual.json   what is not")]
pub(crate) struct ProfileArgs {
    #[command(subcommand)]
    pub(crate) command: ProfileCommand,
}

/// What to do with a profile.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum ProfileCommand {
    /// Write down what sessions of each server and agent usually do.
    Create(ProfileCreateArgs),
    /// Say what in the sessions of reports is not as usual.
    Compare(ProfileCompareArgs),
}

/// Arguments of `profile create`.
#[derive(Debug, clap::Args)]
pub(crate) struct ProfileCreateArgs {
    /// Report folders.
    #[arg(value_name = "OUT", required = true)]
    pub(crate) reports: Vec<PathBuf>,
    /// The profile to write.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

/// Arguments of `profile compare`.
#[derive(Debug, clap::Args)]
pub(crate) struct ProfileCompareArgs {
    /// Report folders.
    #[arg(value_name = "OUT", required = true)]
    pub(crate) reports: Vec<PathBuf>,
    /// The profile to hold them to.
    #[arg(long, value_name = "FILE")]
    pub(crate) profile: PathBuf,
    /// Write JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
