//! What the live commands write down, and what happens when they cannot.

use std::path::PathBuf;

use crate::age::Recipient;

/// What happens to messages when the log cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum OnLogError {
    /// Nothing passes any more.
    Block,
    /// Messages pass unrecorded, as far as the policy lets them.
    Pass,
}

/// What is recorded of a live session.
#[derive(Debug, clap::Args)]
pub(crate) struct RecordArgs {
    /// Write every event and verdict, redacted, to a signed log in this folder.
    #[arg(long, value_name = "DIR", requires = "key")]
    pub(crate) record: Option<PathBuf>,
    /// The private key that signs the log: a file as `keygen` writes it.
    #[arg(long, value_name = "PRIV", requires = "record")]
    pub(crate) key: Option<PathBuf>,
    /// Sync and sign the log after this many entries.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) checkpoint_every: u64,
    /// Do not look at earlier sessions of the log, and tie this one to none.
    #[arg(long)]
    pub(crate) no_link: bool,
    /// Append every message in full, as event records, to this file (created with mode 0600); with --encrypt-to, a folder.
    #[arg(long, value_name = "FILE")]
    pub(crate) record_bodies: Option<PathBuf>,
    /// Encrypt the messages in full to this public key, as `age-keygen` prints it (repeatable); `age -d` decrypts them.
    #[arg(long, value_name = "age1…", requires = "record_bodies")]
    pub(crate) encrypt_to: Vec<Recipient>,
    /// What happens when a message cannot be recorded.
    #[arg(long, value_name = "block|pass", value_enum, default_value = "block")]
    pub(crate) on_log_error: OnLogError,
}
