//! Arguments of `verify`.

use std::path::PathBuf;

/// Arguments of `verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Of a sealed report whose manifest no given key vouches for, no file is opened that the manifest names. Without \
any --key the report's own files are held against it all the same, and the verdict is `unauthenticated`. A file \
that --manifest names is taken as it is: keep it where nobody else can write.

Exit codes: 0 consistent, and signed by a given key if one was given; 3 nothing to verify, or --require-complete is \
unmet; 4 not as it was written, or not pinned to a given key.

Examples:
  coldcase verify /var/log/agent/evidence --key recorder.pub
  coldcase verify evidence/ --key old.pub --key new.pub       the key was changed
  coldcase verify evidence/ --key recorder.pub --head-file heads.jsonl
  coldcase verify evidence/ --json | jq '.sessions[] | {session, status}'
  coldcase verify report/ --key auditor.pub                   a sealed report")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct VerifyArgs {
    /// Folders of evidence, single logs, sealed reports, globs, or - for a log on standard input.
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// A trusted public key: a file (hex, base64, PEM, or a recorder's key file), or 64 hex digits. May be repeated.
    ///
    /// Ed25519 for recorder logs and receipts; agent audit trails also take P-256 keys (PEM, JWK, or SEC 1 in hex).
    #[arg(long, value_name = "PUB")]
    pub(crate) key: Vec<String>,
    /// A head hash (64 hex digits) that was recorded elsewhere and must be in the log. May be repeated.
    #[arg(long, value_name = "HASH")]
    pub(crate) expect_head: Vec<String>,
    /// A head file that the log's writer kept outside the log; its heads must be in the log.
    #[arg(long, value_name = "FILE")]
    pub(crate) head_file: Vec<PathBuf>,
    /// The manifest of an earlier scan: each file that it lists must still start with the bytes that it had then.
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: Vec<PathBuf>,
    /// A roster of keys for evidence receipts; needs --roster-root.
    #[arg(long, value_name = "FILE", requires = "roster_root")]
    pub(crate) roster: Option<PathBuf>,
    /// The fingerprint of the roster's root key, `sha256:` and 64 hex digits, as its owner published it.
    #[arg(long, value_name = "FINGERPRINT", requires = "roster")]
    pub(crate) roster_root: Option<String>,
    /// An endorsement by which a receipts' key names the next. May be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) endorsement: Vec<PathBuf>,
    /// Exit with 3 if a log starts late, ends inside a line, or is empty.
    #[arg(long)]
    pub(crate) require_complete: bool,
    /// One JSON object on standard output.
    #[arg(long)]
    pub(crate) json: bool,
    /// How many threads work; the result does not depend on it.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(crate) threads: usize,
    /// Nothing but the verdicts.
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Every break, not the first ten of a log.
    #[arg(short, long)]
    pub(crate) verbose: bool,
}
