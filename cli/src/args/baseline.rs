//! Arguments of `baseline`.

use std::path::PathBuf;

use clap::Subcommand;

/// Arguments of `baseline`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A baseline is a file of findings that you have looked at and accept until a day. `coldcase scan --baseline FILE` marks them as
suppressed: they stay in findings.jsonl and the tables, and count for no verdict, risk or gate. It knows a finding by its
fingerprint, made with a key that never leaves your machine; the file holds no value that was found.

Examples:
  coldcase baseline create accepted.jsonl              the baseline, and its key accepted.jsonl.key
  coldcase scan recordings/ --baseline accepted.jsonl  findings get fingerprints
  coldcase baseline accept accepted.jsonl coldcase-out 3f2a --reason 'key of the test tenant' --author ann --expires 90d
  coldcase baseline list accepted.jsonl
  coldcase baseline prune accepted.jsonl --unseen-in coldcase-out")]
pub(crate) struct BaselineArgs {
    #[command(subcommand)]
    pub(crate) command: BaselineCommand,
}

/// What to do with a baseline.
#[derive(Debug, Subcommand)]
pub(crate) enum BaselineCommand {
    /// Make an empty baseline, and its key if there is none.
    Create {
        /// The file to make.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The key's file; made for its owner only if it is not there. FILE.key unless given.
        #[arg(long, value_name = "FILE")]
        baseline_key: Option<PathBuf>,
    },
    /// Accept findings of a report that was scanned with this baseline. What is accepted already is renewed.
    Accept(BaselineAcceptArgs),
    /// Take the `suppress` entries of a Pipelock configuration over, for hosts that you name.
    Import(BaselineImportArgs),
    /// Let inline marks (`# pipelock:ignore`) in files that agents read suppress findings of rules that you name.
    Mark(BaselineMarkArgs),
    /// Show what is accepted: since when, until when, by whom and why.
    List {
        /// The baseline.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Write one JSON object.
        #[arg(long)]
        json: bool,
        /// The day to reckon with, as in 2026-03-01; today unless given.
        #[arg(long, value_name = "DAY")]
        as_of: Option<crate::baseline::Day>,
    },
    /// Take out entries that have expired, and with --unseen-in those of which a report has no finding.
    Prune {
        /// The baseline.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// A report that was scanned with this baseline, without --min-severity. With several, what one of them has stays.
        #[arg(long, value_name = "OUT")]
        unseen_in: Vec<PathBuf>,
        /// Only say what would be taken out.
        #[arg(long)]
        dry_run: bool,
    },
}

/// Which findings, and why.
#[derive(Debug, clap::Args)]
pub(crate) struct BaselineAcceptArgs {
    /// The baseline.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// A report that was scanned with this baseline.
    #[arg(value_name = "OUT")]
    pub(crate) out: PathBuf,
    /// Findings by their ids, or the starts of them.
    #[arg(value_name = "FINDING", required_unless_present = "all", conflicts_with = "all")]
    pub(crate) findings: Vec<String>,
    /// Every finding that is not accepted yet.
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) why: WhyArgs,
}

/// What an entry must say.
#[derive(Debug, clap::Args)]
pub(crate) struct WhyArgs {
    /// Why this is no harm.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Who says so.
    #[arg(long, value_name = "NAME")]
    pub(crate) author: String,
    /// The last day on which it holds, as in 2026-03-01, or so many days on, as in 90d.
    #[arg(long, value_name = "DAY|Nd")]
    pub(crate) expires: String,
}

/// Which entries of a configuration, and where they hold.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
An entry names a rule by Pipelock's name, a path and a reason. It is carried over where the rule is one that `rules import` takes
from the same file, or one that --rule names. A path alone is anybody's to serve, so an entry holds for the hosts of --host, or
for the one that its path names; events without a URL it does not speak of. What is not carried over is told, with the reason.

Exit codes: 0 done; 2 the file cannot be read, or no entry was carried over.

Examples:
  coldcase baseline import accepted.jsonl pipelock.yaml --host docs.example.com --author ann --expires 90d
  coldcase baseline import accepted.jsonl pipelock.yaml --host docs.example.com --rule 'JWT Token=dlp.generic.jwt' \\
      --reason 'test tokens' --author ann --expires 90d")]
pub(crate) struct BaselineImportArgs {
    /// The baseline.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// A configuration of Pipelock.
    #[arg(value_name = "CONFIG")]
    pub(crate) config: PathBuf,
    /// A host that entries hold for, with its port if URLs have one. May be given several times.
    #[arg(long, value_name = "HOST")]
    pub(crate) host: Vec<String>,
    /// The rule that a name of Pipelock's stands for, by its id: a built-in one, or one of --pack. May be given several times.
    #[arg(long, value_name = "NAME=ID")]
    pub(crate) rule: Vec<String>,
    /// A pack of your own with rules that --rule names.
    #[arg(long, value_name = "FILE")]
    pub(crate) pack: Vec<PathBuf>,
    /// Why, for entries that give no reason.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Who says so.
    #[arg(long, value_name = "NAME")]
    pub(crate) author: String,
    /// The last day on which they hold, as in 2026-03-01, or so many days on, as in 90d.
    #[arg(long, value_name = "DAY|Nd")]
    pub(crate) expires: String,
}

/// Whose findings marks suppress.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A mark ends the line that holds the secret: `# pipelock:ignore` or `// pipelock:ignore`, with the rule's id or title behind it or
none. It counts only where an entry made by this command says so, for a credential or personal data in a text of a result. Whoever wrote
the file wrote the mark: name rules whose findings you can live with wherever such a mark stands. What goes out, orders and tool
definitions no mark suppresses.

Exit codes: 0 done; 2 the file cannot be read, or a rule is not there or cannot be marked.

Example:
  coldcase baseline mark accepted.jsonl dlp.generic.jwt --reason 'test tokens, marked by us' --author ann --expires 90d")]
pub(crate) struct BaselineMarkArgs {
    /// The baseline.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Rules, by id.
    #[arg(value_name = "RULE", required = true)]
    pub(crate) rules: Vec<String>,
    /// Packs that hold rules of your own.
    #[arg(long, value_name = "FILE")]
    pub(crate) pack: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) why: WhyArgs,
}

/// The baseline of a run.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct BaselineOptions {
    /// Accepted findings (`coldcase baseline`): marked, and left out of verdicts, risk and gates until they expire.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// The baseline's key; FILE.key unless given.
    #[arg(long, value_name = "FILE", requires = "baseline")]
    pub(crate) baseline_key: Option<PathBuf>,
    /// The day by which entries expire, as in 2026-03-01; today unless given. The manifest names it.
    #[arg(long, value_name = "DAY", requires = "baseline")]
    pub(crate) as_of: Option<crate::baseline::Day>,
}
