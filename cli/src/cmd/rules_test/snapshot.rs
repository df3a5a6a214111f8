//! Results as they are kept and compared: counts by rule, no times. A baseline is a file that is reviewed like code.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use crate::cmd::labels::{Score, Share};
use crate::regular_file::read_small;
use crate::whole_file::{self, IfThere, PUBLIC};

/// The version of the form.
const VERSION: u32 = 1;
const MOST_BYTES: u64 = 64 << 20;

/// The results of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Snapshot {
    /// The form's version.
    pub(super) rule_results: u32,
    /// Which labels there were: SHA-256 of the files of expectations.
    pub(super) labels: Option<String>,
    /// Of all rules together.
    pub(super) all: Results,
    /// Of each rule.
    pub(super) rules: BTreeMap<String, Results>,
}

/// What was measured of a rule, or of all. `None` where it was not asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Results {
    /// Promises that are kept.
    pub(super) promises: Share,
    /// `match` texts that are found behind disguises.
    pub(super) evasions: Option<Share>,
    /// `no_match` texts that are left alone behind disguises.
    pub(super) negatives: Option<Share>,
    /// On the corpus.
    pub(super) corpus: Option<Score>,
}

impl Results {
    /// What can become worse, each by its name.
    fn measures(&self) -> [(&'static str, Option<Share>); 5] {
        [
            ("promises kept", Some(self.promises)),
            ("evasion score", self.evasions),
            ("silence behind disguises", self.negatives),
            ("precision", self.corpus.map(|score| score.precision)),
            ("recall", self.corpus.map(|score| score.recall)),
        ]
    }
}

/// What became of a rule since the baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Compared {
    /// The rule; `None` for all together.
    pub(super) rule: Option<String>,
    /// What is worse.
    pub(super) worse: Vec<String>,
    /// What is better.
    pub(super) better: Vec<String>,
}

impl Snapshot {
    pub(super) fn new(labels: Option<String>, all: Results, rules: BTreeMap<String, Results>) -> Self {
        Self { rule_results: VERSION, labels, all, rules }
    }

    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let bytes = read_small(path, MOST_BYTES).with_context(|| format!("cannot read {shown}"))?;
        let snapshot: Self =
            serde_json::from_slice(&bytes).with_context(|| format!("{shown} is not a baseline of rules"))?;
        if snapshot.rule_results != VERSION {
            bail!("{shown} is of version {}, and only {VERSION} is known", snapshot.rule_results);
        }
        Ok(snapshot)
    }

    pub(super) fn write(&self, path: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        whole_file::put(path, text.as_bytes(), PUBLIC, IfThere::Replace)
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// What became of all rules together and of each rule of the baseline; what was not measured now is not compared.
    pub(super) fn since(&self, baseline: &Self) -> Vec<Compared> {
        let mut all = vec![compared(None, Some(&self.all), &baseline.all)];
        all.extend(
            baseline.rules.iter().map(|(rule, old)| compared(Some(rule.clone()), self.rules.get(rule), old)),
        );
        all
    }

    /// Measures of the baseline that this run did not ask for.
    pub(super) fn not_asked(&self, baseline: &Self) -> Vec<&'static str> {
        let pairs = self.all.measures().into_iter().zip(baseline.all.measures());
        pairs.filter(|(now, old)| now.1.is_none() && old.1.is_some()).map(|(_, old)| old.0).collect()
    }
}

fn compared(rule: Option<String>, now: Option<&Results>, old: &Results) -> Compared {
    let (mut worse, mut better) = (Vec::new(), Vec::new());
    let Some(now) = now else {
        return Compared { rule, worse: vec!["the rule is gone".into()], better };
    };
    for ((name, now), (_, old)) in now.measures().into_iter().zip(old.measures()) {
        let (Some(now), Some(old)) = (now, old) else { continue };
        let told = format!("{name} {} of {}, was {} of {}", now.right, now.of, old.right, old.of);
        if now.is_below(old) {
            worse.push(told);
        } else if old.is_below(now) {
            better.push(told);
        } else if now.of == 0 && old.of > 0 && name != "precision" {
            // Without findings there is no precision, which recall tells.
            worse.push(format!("{name} is no longer tried, was {} of {}", old.right, old.of));
        }
    }
    Compared { rule, worse, better }
}
