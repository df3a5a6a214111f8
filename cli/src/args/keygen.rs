//! Arguments of `keygen`.

use std::path::PathBuf;

/// Arguments of `keygen`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Keep NAME.key to yourself: whoever has it can sign in your name. Give NAME.pub to those who verify, by a way that the \
logs do not come by. No file is ever overwritten.

Examples:
  coldcase keygen                                coldcase.key and coldcase.pub
  coldcase keygen --out keys/recorder")]
pub(crate) struct KeygenArgs {
    /// The files are NAME.key (private) and NAME.pub (public).
    #[arg(long, value_name = "NAME", default_value = "coldcase")]
    pub(crate) out: PathBuf,
}
