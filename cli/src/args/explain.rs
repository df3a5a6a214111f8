//! Arguments of `explain`.

use std::path::PathBuf;

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  coldcase explain coldcase-out 3f2a")]
pub(crate) struct ExplainArgs {
    /// A report folder.
    #[arg(value_name = "OUT")]
    pub(crate) out: PathBuf,
    /// A finding's id, or the start of one.
    #[arg(value_name = "FINDING")]
    pub(crate) finding: String,
}
