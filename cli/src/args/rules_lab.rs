//! Arguments of `rules test` and `rules mutate`.

use std::path::PathBuf;

/// Arguments of `rules test`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A corpus is a folder. For each NAME.expected.json in it the recording NAME beside it is read; docs/RULES.md has the form.

Exit codes: 0 all is as promised and nothing is worse than in the baseline; 1 a promise is broken, or a rule is worse than
in the baseline; 2 a pack or a corpus cannot be used; 3 a recording of a corpus could not be read.

Examples:
  coldcase rules test acme.yaml
  coldcase rules test packs/*.yaml --junit results.xml
  coldcase rules test                                       the built-in packs
  coldcase rules test acme.yaml --evasions
  coldcase rules test acme.yaml --corpus labelled/ --curve
  coldcase rules test acme.yaml --corpus labelled/ --evasions --save-baseline acme.json
  coldcase rules test acme.yaml --corpus labelled/ --evasions --baseline acme.json")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct TestArgs {
    /// Pack files; the built-in packs if none is named.
    pub(crate) packs: Vec<PathBuf>,
    /// A folder of labelled recordings and texts. May be given several times.
    #[arg(long, value_name = "DIR")]
    pub(crate) corpus: Vec<PathBuf>,
    /// Try each `match` and `no_match` text behind every disguise that suits it.
    #[arg(long)]
    pub(crate) evasions: bool,
    /// Compare with the results in this file, and end with 1 where a rule is worse.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write the results to this file, for --baseline. It is replaced if it is there.
    #[arg(long, value_name = "FILE")]
    pub(crate) save_baseline: Option<PathBuf>,
    /// Show precision and recall of the corpus at each minimum confidence from 0 to 1.
    #[arg(long, requires = "corpus")]
    pub(crate) curve: bool,
    /// Draw precision over recall as SVG.
    #[arg(long, value_name = "FILE", requires = "corpus")]
    pub(crate) curve_svg: Option<PathBuf>,
    /// Leave the time of each rule out of what is shown: two runs then show the same.
    #[arg(long)]
    pub(crate) no_cost: bool,
    /// Write the results as JUnit XML as well.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Write one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `rules mutate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Score: the share of changes that a text tells apart, of those that give another rule that can be loaded. Some changes mean
the same in ways that only a reader sees; so the highest score that a rule can have may be below 100 %.

Exit codes: 0 done; 1 the score is below --min-score; 2 a pack cannot be used; 3 time was up before all was tried.

Examples:
  coldcase rules mutate acme.yaml
  coldcase rules mutate acme.yaml --rule dlp.acme.token --json
  coldcase rules mutate --rule injection.override.             built-in rules
  coldcase rules mutate acme.yaml --min-score 80               for CI")]
pub(crate) struct MutateArgs {
    /// Pack files; the built-in packs if none is named.
    pub(crate) packs: Vec<PathBuf>,
    /// Only this rule; with a `.` at the end, all whose ids start so. May be given several times. Fragments are changed
    /// only where all rules are.
    #[arg(long, value_name = "ID")]
    pub(crate) rule: Vec<String>,
    /// The most changes of one rule or fragment; of more, an even share is tried.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) most: u32,
    /// End after so many seconds; what was not tried is counted.
    #[arg(long, value_name = "N")]
    pub(crate) seconds: Option<u64>,
    /// End with 1 where the score of all rules is below so many per cent.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u32).range(0..=100))]
    pub(crate) min_score: Option<u32>,
    /// Show the scores of rules only, not each part that no text holds.
    #[arg(long, conflicts_with = "json")]
    pub(crate) brief: bool,
    /// Write one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}
