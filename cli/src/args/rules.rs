//! Arguments of `rules`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::{MutateArgs, RulesetArgs, TestArgs, WhyArgs};

/// Arguments of `rules`.
#[derive(Debug, clap::Args)]
pub(crate) struct RulesArgs {
    #[command(subcommand)]
    pub(crate) command: RulesCommand,
}

/// What to do with the rules.
#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// One line a rule or chain: pack, id, severity, category, title.
    List,
    /// The text of a rule and where it stands, or of a pack, or of every built-in one.
    #[command(after_help = "\
Examples:
  coldcase rules show dlp.github.fine-grained-pat
  coldcase rules show injection
  coldcase rules show chains                       the built-in chains of calls
  coldcase rules show acme.deploy-token --pack acme.yaml")]
    Show {
        /// A rule's id, or a pack's name as in the first column of `rules list`.
        name: Option<String>,
        /// Packs of your own to look in first.
        #[arg(long, value_name = "FILE")]
        pack: Vec<PathBuf>,
    },
    /// Every mistake of packs at once, with line and column, and advice.
    ///
    /// Errors are what a pack is refused for; warnings name rules that are dear to scan with, doubled, or without a
    /// source. An id that a built-in rule has is an error, unless the packs are to be used alone. Ends with 2 if there is an error.
    #[command(after_help = "\
Examples:
  coldcase rules lint acme.yaml
  coldcase rules lint --strict packs/*.yaml
  coldcase rules lint --only-packs mine.yaml   a changed copy of a built-in pack
  coldcase rules lint                          the built-in packs")]
    Lint {
        /// Pack files; the built-in packs if none is named.
        packs: Vec<PathBuf>,
        /// The packs are to be used without the built-in ones, and may take their ids.
        #[arg(long)]
        only_packs: bool,
        /// Warnings end with 2 as well.
        #[arg(long)]
        strict: bool,
    },
    /// Whether rules keep their promises: on their own texts, on labelled corpora, behind disguises.
    ///
    /// The rules' own texts are always tried: `match`, `no_match` and `lesser` texts must do as promised, `todo_match` and
    /// `todo_no_match` texts are wishes that are told and never fail. Rules of other packs take no part.
    Test(TestArgs),
    /// Change each part of each rule, and name the parts that none of the rule's own texts holds.
    ///
    /// Branches, classes, bounds, boundaries, literals and groups of each regex are loosened, tightened or dropped, as are
    /// features, allow-list entries, examples, validators and thresholds. A change under which all texts of the rule still
    /// do as promised is alive: no text holds that part.
    Mutate(MutateArgs),
    /// What differs between two packs: rules added, removed, changed and moved, field by field, and on recordings the effect.
    ///
    /// Regexes are compared with their fragments written out. Both packs are refused as `coldcase replay` would refuse them. With
    /// --on, both judge the recordings under the policy balanced, as there.
    #[command(after_help = "\
Examples:
  coldcase rules diff acme-1.yaml acme-2.yaml
  coldcase rules diff builtin mine.yaml
  coldcase rules diff acme-1.yaml acme-2.yaml --with-builtin --on recordings/")]
    Diff {
        /// A pack file, or `builtin` for the built-in packs.
        #[arg(value_name = "BEFORE")]
        before: PathBuf,
        /// A pack file, or `builtin`.
        #[arg(value_name = "AFTER")]
        after: PathBuf,
        /// Put the built-in packs beside both.
        #[arg(long)]
        with_builtin: bool,
        /// Recordings to try both on: files, folders, globs. May be given several times.
        #[arg(long, value_name = "PATH", num_args = 1..)]
        on: Vec<PathBuf>,
        /// Write one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Take a rule set of another tool over as a pack: gitleaks, Kingfisher, YARA, Pipelock.
    Import(ImportArgs),
    /// Write a text for a rule's test from a finding of a report, or accept the finding into a baseline.
    ///
    /// What was found is replaced by a made-up value of the rule's form, other long tokens by others, and what the rule does not
    /// need of the words round it is left out. The text was tried with the rule.
    New(NewArgs),
    /// Sign packs, so that `--pack-key` tells whether they are as you left them.
    ///
    /// The signature is PACK.sig: Ed25519 over the file's bytes, in base64, as Pipelock signs its bundles.
    #[command(after_help = "\
Examples:
  coldcase rules sign acme.yaml --key rules.key
  coldcase scan recordings/ --pack acme.yaml --pack-key rules.pub")]
    Sign {
        /// Pack files.
        #[arg(value_name = "PACK", required = true)]
        packs: Vec<PathBuf>,
        /// The private key to sign with: a file as `keygen` writes it.
        #[arg(long, value_name = "PRIV")]
        key: PathBuf,
        /// Replace signatures that are there.
        #[arg(long)]
        force: bool,
    },
    /// What each rule costs on given recordings: hits, tries, searches, matches, time.
    ///
    /// Nothing is judged or written. A hit is a text of the rule that stands in what was scanned; a try is one whose
    /// neighbours fit; a search is one that the pattern bears out.
    #[command(
        after_help = "Examples:\n  coldcase rules bench recordings/\n  coldcase rules bench session.har --top 20"
    )]
    Bench {
        /// Files, folders, globs, or - for standard input.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// How many rules to show, the dearest first.
        #[arg(long, default_value_t = 30)]
        top: usize,
        /// Which rules.
        #[command(flatten)]
        ruleset: RulesetArgs,
    },
}

/// Arguments of `rules import`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Every rule of the source is accounted for: taken, taken with a change (which), or left out (why). Patterns are translated where
they can be made to mean the same, and refused where they cannot. Each rule of the pack carries texts that it matches and texts
that it leaves alone: the source's own, or such as were made from the pattern; all were tried.

A bundle of Pipelock is loaded only if one of the keys of --key signed it, or with --unsigned. Without a key a signature beside
the bundle cannot be checked, which is said; one that can be no signature is refused all the same.

Exit codes: 0 done; 2 a file cannot be read as a rule set, or no rule was taken; 4 a bundle is not signed by a trusted key, or
what stands beside it is no signature.

Examples:
  coldcase rules import gitleaks.toml                            the account only; nothing is written
  coldcase rules import gitleaks.toml -o gitleaks.yaml
  coldcase rules import kingfisher/data/rules/ -o kingfisher.yaml --json > account.json
  coldcase rules import injection.yar -o injection.yaml
  coldcase rules import pipelock.yaml -o pipelock-pack.yaml --policy-out pipelock-policy.yaml
  coldcase rules import bundle.yaml --key publisher.pub -o bundle-pack.yaml")]
pub(crate) struct ImportArgs {
    /// A rule set: a file, or files or a folder of Kingfisher's or YARA's rules.
    #[arg(value_name = "SOURCE", required = true)]
    pub(crate) sources: Vec<PathBuf>,
    /// The file for the pack.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The file for the policy, where the source says what is to be done.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy_out: Option<PathBuf>,
    /// The tool that the rule set is of; told by its content unless given.
    #[arg(long, value_name = "TOOL")]
    pub(crate) from: Option<ImportFrom>,
    /// A public key that may have signed a bundle: spelled out, or a file. May be given several times.
    #[arg(long, value_name = "PUB")]
    pub(crate) key: Vec<String>,
    /// Load a bundle without a key: nobody vouches for it.
    #[arg(long, conflicts_with = "key")]
    pub(crate) unsigned: bool,
    /// Write the account as one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// Replace files that are there.
    #[arg(long)]
    pub(crate) force: bool,
}

/// Arguments of `rules new`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  coldcase rules new --from coldcase-out 3f2a                a text for the rule's `match` list
  coldcase rules new --from coldcase-out 3f2a --no-match     a false alarm, for its `no_match` list
  coldcase rules new --from coldcase-out 3f2a --suppress accepted.jsonl --reason 'test tenant' --author ann --expires 90d")]
pub(crate) struct NewArgs {
    /// The report.
    #[arg(long, value_name = "OUT")]
    pub(crate) from: PathBuf,
    /// A finding by its id, or the start of it.
    #[arg(value_name = "FINDING")]
    pub(crate) finding: String,
    /// The finding is a false alarm: the text is for the rule's `no_match` list.
    #[arg(long, conflicts_with = "suppress")]
    pub(crate) no_match: bool,
    /// Packs of your own to look for the rule in first.
    #[arg(long, value_name = "FILE")]
    pub(crate) pack: Vec<PathBuf>,
    /// Accept the finding into this baseline instead, as `coldcase baseline accept` does.
    #[arg(long, value_name = "FILE", requires_all = ["reason", "author", "expires"])]
    pub(crate) suppress: Option<PathBuf>,
    /// Why this is no harm.
    #[arg(long, value_name = "TEXT", requires = "suppress")]
    pub(crate) reason: Option<String>,
    /// Who says so.
    #[arg(long, value_name = "NAME", requires = "suppress")]
    pub(crate) author: Option<String>,
    /// The last day on which it holds, as in 2026-03-01, or so many days on, as in 90d.
    #[arg(long, value_name = "DAY|Nd", requires = "suppress")]
    pub(crate) expires: Option<String>,
}

impl NewArgs {
    /// The baseline to accept the finding into, and what the entry must say.
    pub(crate) fn suppression(&self) -> Option<(&PathBuf, WhyArgs)> {
        let why = WhyArgs {
            reason: self.reason.clone()?,
            author: self.author.clone()?,
            expires: self.expires.clone()?,
        };
        Some((self.suppress.as_ref()?, why))
    }
}

/// The forms of rule sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportFrom {
    /// gitleaks' TOML.
    Gitleaks,
    /// Kingfisher's YAML.
    Kingfisher,
    /// A configuration of Pipelock.
    Pipelock,
    /// A rule bundle of Pipelock.
    PipelockBundle,
    /// YARA rules.
    Yara,
}
