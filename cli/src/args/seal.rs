//! Arguments of `seal`.

use std::path::PathBuf;

/// Arguments of `seal`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The seal is OUT/seal.json: a signature over the manifest, which names every other file of the report by size and \
SHA-256. Whoever has the public key checks it with `coldcase verify OUT --key PUB`.

A time stamp (RFC 3161) lets a third party say when the seal was there. It is over the SHA-256 of seal.json, so it is \
made after sealing: have the digest stamped, then attach the answer. Its digest is checked here; the stamper's \
signature is not, use `openssl ts -verify` for that.

Exit codes: 0 done; 2 not a report, sealed already, or a file cannot be used; 4 the report is not as its manifest says, \
or the time stamp is over something else.

Examples:
  coldcase seal report --key auditor.key --signed-by 'A. Auditor'
  openssl ts -query -sha256 -cert -digest $(coldcase seal report --print-digest) -out seal.tsq
  coldcase seal report --attach-time-stamp answer.tsr")]
pub(crate) struct SealArgs {
    /// A report folder of `coldcase scan`.
    #[arg(value_name = "OUT")]
    pub(crate) out: PathBuf,
    /// The private key to seal with: a file as `keygen` writes it.
    #[arg(long, value_name = "PRIV", required_unless_present_any = ["print_digest", "attach_time_stamp"],
        conflicts_with_all = ["print_digest", "attach_time_stamp"])]
    pub(crate) key: Option<PathBuf>,
    /// Who seals; stands in the seal as it is given.
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true, requires = "key")]
    pub(crate) signed_by: String,
    /// Replace the seal, which drops the old one's time stamp; or replace the time stamp.
    #[arg(long)]
    pub(crate) force: bool,
    /// Print the SHA-256 of the seal, which is what to have stamped.
    #[arg(long, conflicts_with_all = ["force", "attach_time_stamp"])]
    pub(crate) print_digest: bool,
    /// Check that a time stamp (a .tsr, or a bare token) is over the seal, and put it beside it as seal.json.tsr.
    #[arg(long, value_name = "FILE")]
    pub(crate) attach_time_stamp: Option<PathBuf>,
}
