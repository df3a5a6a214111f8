//! Arguments of `rules`.

use clap::Subcommand;

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
}
