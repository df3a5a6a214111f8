//! Arguments of `judge`, and those that every judging command shares.

use std::path::PathBuf;

use super::BaselineOptions;

/// Which rules and which policy judge.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct RulesetArgs {
    /// A rule pack of your own (YAML), beside the built-in ones; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub(crate) pack: Vec<PathBuf>,
    /// Use a pack of your own only if one of these keys signed it (`coldcase rules sign`): a public key spelled out, or a
    /// file. May be given several times.
    #[arg(long, value_name = "PUB", requires = "pack")]
    pub(crate) pack_key: Vec<String>,
    /// Leave the built-in packs out.
    #[arg(long, requires = "pack")]
    pub(crate) only_packs: bool,
    /// observe, balanced, strict, or a policy file.
    #[arg(long, value_name = "NAME|FILE", default_value = "balanced")]
    pub(crate) policy: String,
}

/// Arguments of `judge`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  coldcase inspect --events session.har | coldcase judge --policy strict")]
pub(crate) struct JudgeArgs {
    #[command(flatten)]
    pub(crate) ruleset: RulesetArgs,
    #[command(flatten)]
    pub(crate) accepted: BaselineOptions,
    /// Write secrets in clear into the verdicts.
    #[arg(long)]
    pub(crate) show_secrets: bool,
    /// Go on from the sessions in this file, if it is there, and write them back when the input ends. It holds secrets that
    /// passed, in clear, and is made readable for you alone.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
}
