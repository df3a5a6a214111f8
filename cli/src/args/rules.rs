//! Arguments of `rules`.

use std::path::PathBuf;

use clap::Subcommand;

use super::RulesetArgs;

/// Arguments of `rules`.
#[derive(Debug, clap::Args)]
pub(crate) struct RulesArgs {
    #[command(subcommand)]
    pub(crate) command: RulesCommand,
}

/// What to do with the rules.
#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// One line a rule: id, severity, category, title.
    List,
    /// The text of a rule and where it stands, or of a pack, or of every built-in one.
    #[command(after_help = "\
Examples:
  coldcase rules show dlp.github.fine-grained-pat
  coldcase rules show injection
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
    /// source. Ends with 2 if there is an error.
    #[command(after_help = "\
Examples:
  coldcase rules lint acme.yaml
  coldcase rules lint --strict packs/*.yaml
  coldcase rules lint                          the built-in packs")]
    Lint {
        /// Pack files; the built-in packs if none is named.
        packs: Vec<PathBuf>,
        /// Warnings end with 2 as well.
        #[arg(long)]
        strict: bool,
    },
    /// Whether rules match their own `match` texts and leave their `no_match` texts alone.
    ///
    /// Ends with 1 if a promise is broken.
    #[command(after_help = "\
Examples:
  coldcase rules test acme.yaml
  coldcase rules test packs/*.yaml --junit results.xml
  coldcase rules test                          the built-in packs")]
    Test {
        /// Pack files; the built-in packs if none is named.
        packs: Vec<PathBuf>,
        /// Write the results as JUnit XML as well.
        #[arg(long, value_name = "FILE")]
        junit: Option<PathBuf>,
    },
    /// What differs between two packs: rules added, removed, changed and moved, field by field, and on recordings the effect.
    ///
    /// Regexes are compared with their fragments written out. With --on, both packs judge the recordings under the policy
    /// balanced, as in `coldcase replay`.
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
