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
    /// The text of a built-in pack, or of every one.
    Show {
        /// The pack's name, as in the first column of `rules list`.
        pack: Option<String>,
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
