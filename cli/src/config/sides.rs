//! The two sides of a replay: which packs and which policy each has, told from what the command line names.

use std::path::Path;

use anyhow::{Context, bail};
use coldcase_engine::{Joint, PackText, Policy, RuleSource, Selection};
use coldcase_evidence::KeyRing;
use coldcase_model::{Digest, RulesetFacts};
use coldcase_reports::RulesetPair;

use super::packs::{pack_keys, pack_of};
use super::read;
use crate::args::{ReplayArgs, WhatIfArgs};

/// What is compared.
pub(crate) struct Sides {
    pub(crate) rules: Joint,
    /// The baseline's policy; `None` where the baseline is what was recorded.
    pub(crate) baseline: Option<Policy>,
    pub(crate) candidate: Policy,
    pub(crate) least: f32,
    pub(crate) facts: RulesetPair,
    /// Names, digests and sizes of what was configured, for the manifest.
    pub(crate) configuration: Vec<(String, Digest, u64)>,
}

/// The word for what was recorded.
const RECORDED: &str = "recorded";

/// One side as it is named.
struct Side {
    packs: Vec<PackText>,
    only_packs: bool,
    policy: Option<(Policy, u64)>,
}

impl Sides {
    /// Loads both sides of a replay.
    pub(crate) fn load(args: &ReplayArgs) -> anyhow::Result<Self> {
        let is_recorded = args.against.iter().any(|name| name == RECORDED);
        if is_recorded && (args.against.len() > 1 || args.against_only_packs) {
            bail!(
                "`--against recorded` stands alone: what was recorded was decided by the firewall's own rules"
            );
        }
        let named: &[String] = if is_recorded { &[] } else { &args.against };
        let keys = pack_keys(&args.pack_key)?;
        let against = Side::named(named, args.against_only_packs, "--against", &keys)?;
        let candidate = Side::named(&args.candidate, args.candidate_only_packs, "--candidate", &keys)?;
        Self::compile(&against, candidate, &args.what_if, is_recorded)
    }

    /// Two rule sets by these names, under the policy that is in force when none is named.
    pub(crate) fn of_sources(sources: &[RuleSource; 2], names: [String; 2]) -> anyhow::Result<Self> {
        let [first, second] = sources;
        let rules = Joint::new(first, second)?;
        let policy = Policy::balanced();
        let [of_first, of_second] = rules.sources().clone();
        let [first_count, second_count] = rules.counts();
        let [before, after] = names;
        let facts = RulesetPair {
            baseline: Some(facts(before, &policy, of_first, first_count)),
            candidate: facts(after, &policy, of_second, second_count),
        };
        let configuration = Vec::new();
        Ok(Self {
            rules,
            baseline: Some(policy.clone()),
            candidate: policy,
            least: 0.0,
            facts,
            configuration,
        })
    }

    fn compile(
        against: &Side,
        mut candidate: Side,
        what_if: &WhatIfArgs,
        is_recorded: bool,
    ) -> anyhow::Result<Self> {
        if candidate.packs.is_empty() {
            candidate.packs.clone_from(&against.packs);
            candidate.only_packs = against.only_packs;
        }
        let selection = Selection { only: what_if.only_rule.clone(), disabled: what_if.disable_rule.clone() };
        let baseline_policy = against.policy.clone().unwrap_or_else(|| (Policy::balanced(), 0));
        let candidate_policy = candidate.policy.clone().unwrap_or_else(|| baseline_policy.clone());
        let first = against.source(Selection::default());
        let second = candidate.source(selection);
        // Without a baseline of rules there is nothing to compile beside the candidate.
        let rules = if is_recorded { Joint::new(&second, &second) } else { Joint::new(&first, &second) }?;
        let least = what_if.min_confidence.unwrap_or(0.0);
        let [of_first, of_second] = rules.sources();
        let [first_count, second_count] = rules.counts();
        let baseline_name = against.name(&baseline_policy.0, &Selection::default(), 0.0);
        let candidate_name = candidate.name(&candidate_policy.0, &second.selection, least);
        let baseline = facts(baseline_name, &baseline_policy.0, of_first.clone(), first_count);
        let pair = RulesetPair {
            candidate: facts(candidate_name, &candidate_policy.0, of_second.clone(), second_count),
            baseline: (!is_recorded).then_some(baseline),
        };
        let mut configuration = Vec::new();
        let mut configure = |side: &str,
                             policy: &(Policy, u64),
                             packs: &[(String, String, Digest)],
                             texts: &[PackText]| {
            configuration.push((format!("{side} policy {}", policy.0.name()), policy.0.digest(), policy.1));
            let own = packs.len().saturating_sub(texts.len());
            for ((name, _, digest), text) in packs.iter().skip(own).zip(texts) {
                configuration.push((format!("{side} pack {name}"), *digest, text.text.len() as u64));
            }
        };
        if !is_recorded {
            configure("baseline", &baseline_policy, of_first, &against.packs);
        }
        configure("candidate", &candidate_policy, of_second, &candidate.packs);
        Ok(Self {
            baseline: (!is_recorded).then_some(baseline_policy.0),
            candidate: candidate_policy.0,
            least,
            facts: pair,
            configuration,
            rules,
        })
    }
}

fn facts(name: String, policy: &Policy, packs: Vec<(String, String, Digest)>, rules: u64) -> RulesetFacts {
    RulesetFacts { name, policy: policy.name().to_owned(), policy_sha256: policy.digest(), packs, rules }
}

impl Side {
    /// Takes names of policies, and files that are packs or policies.
    fn named(names: &[String], only_packs: bool, option: &str, keys: &KeyRing) -> anyhow::Result<Self> {
        let mut side = Self { packs: Vec::new(), only_packs, policy: None };
        for name in names {
            let (policy, bytes) = match Policy::builtin(name) {
                Some(policy) => (policy, 0),
                None => {
                    let path = Path::new(name);
                    if !path.exists() {
                        bail!(
                            "{option} {name}: no such file, and no policy; the policies are observe, balanced and strict"
                        );
                    }
                    let text = read(path)?;
                    if !is_policy(&text) {
                        side.packs.push(pack_of(path, text, keys)?);
                        continue;
                    }
                    let policy = Policy::parse(name, &text).with_context(|| format!("{option} {name}"))?;
                    (policy, text.len() as u64)
                }
            };
            if side.policy.replace((policy, bytes)).is_some() {
                bail!("{option} names more than one policy");
            }
        }
        if only_packs && side.packs.is_empty() {
            bail!("{option}-only-packs leaves no rule: name a pack with {option}");
        }
        Ok(side)
    }

    fn source(&self, selection: Selection) -> RuleSource {
        let frozen = (!self.only_packs).then_some(coldcase_builtin::PACKS);
        RuleSource { own: self.packs.clone(), frozen, selection }
    }

    /// The side in words.
    fn name(&self, policy: &Policy, selection: &Selection, least: f32) -> String {
        let mut parts = Vec::new();
        if !self.only_packs {
            parts.push("built-in packs".to_owned());
        }
        parts.extend(self.packs.iter().map(|pack| pack.name.clone()));
        let mut name = format!("{}, policy {}", parts.join(" + "), policy.name());
        if !selection.only.is_empty() {
            name.push_str(&format!(", only {}", selection.only.join(" ")));
        }
        if !selection.disabled.is_empty() {
            name.push_str(&format!(", without {}", selection.disabled.join(" ")));
        }
        if least > 0.0 {
            name.push_str(&format!(", findings of at least {least}"));
        }
        name
    }
}

/// Whether a file is a policy: its own key says so, where a line starts. Anything else is read as a pack.
fn is_policy(text: &str) -> bool {
    let key = |line: &str| {
        let line = line.trim_start_matches(['{', '"', '\'']);
        ["policy", "pack"].into_iter().find(|key| {
            let rest = line.strip_prefix(key).map(|rest| rest.trim_start_matches(['"', '\'']));
            rest.is_some_and(|rest| rest.trim_start().starts_with(':'))
        })
    };
    text.lines().find_map(key) == Some("policy")
}

#[cfg(test)]
mod tests {
    use super::is_policy;

    #[test]
    fn a_file_is_told_by_its_first_key() {
        assert!(is_policy("# mine\npolicy: p\nversion: 1\n"));
        assert!(is_policy("{\"policy\": \"p\"}"));
        assert!(!is_policy("pack: p\nrules:\n- title: x\n  policy: y\n"));
        assert!(!is_policy("version: 1\n"));
        assert!(!is_policy("packs: p\n"));
    }
}
