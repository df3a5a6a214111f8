//! Changes of a rule's fields beside its regex: what a field adds is dropped.

use super::super::schema::{Case, RuleFile};
use super::place::{PlacedRule, start};

/// A changed rule.
pub(super) struct Changed {
    pub(super) field: &'static str,
    pub(super) part: String,
    pub(super) change: &'static str,
    pub(super) place: (u64, u64),
    /// `None` where the changed rule can find nothing.
    pub(super) rule: Option<RuleFile>,
}

/// All changes of a rule's fields.
pub(super) fn changes(rule: &RuleFile, placed: &PlacedRule) -> Vec<Changed> {
    let own = start(placed.id.defined);
    let mut all = Vec::new();
    let mut push = |field, part: &str, change, place, edit: &dyn Fn(&mut RuleFile)| {
        let mut changed = rule.clone();
        edit(&mut changed);
        all.push(Changed { field, part: part.to_owned(), change, place, rule: settled(changed) });
    };
    if let Some(case) = placed.case.as_ref().filter(|_| rule.case == Case::Insensitive) {
        push("case", "insensitive", "made sensitive", start(case.defined), &|rule| {
            rule.case = Case::Sensitive;
        });
    }
    for (index, pattern) in placed.allow.iter().enumerate() {
        let place = start(pattern.defined);
        push("allow", &pattern.value, "entry dropped", place, &|rule| drop(rule.allow.remove(index)));
    }
    for (index, pattern) in placed.examples.iter().enumerate() {
        let place = start(pattern.defined);
        push("examples", &pattern.value, "entry dropped", place, &|rule| {
            drop(rule.examples.remove(index));
            // The loader refuses `lesser` texts without one of both; the texts that are tried are those of the rule itself.
            if rule.examples.is_empty() && rule.unless_valid.is_none() {
                rule.lesser.clear();
            }
        });
    }
    for (index, validator) in placed.validators.iter().enumerate() {
        let place = start(validator.defined);
        push("validators", &validator.value, "validator dropped", place, &|rule| {
            rule.validators.remove(index);
            if rule.validators.is_empty() {
                rule.unless_valid = None;
                if rule.examples.is_empty() {
                    rule.lesser.clear();
                }
            }
        });
    }
    if let Some(entropy) = &placed.entropy {
        let place = start(entropy.defined);
        push("entropy", &entropy.value.to_string(), "dropped", place, &|rule| rule.entropy = None);
    }
    if let Some(least) = placed.least.as_ref().filter(|least| least.value > 0.0) {
        let place = start(least.defined);
        push("least", &least.value.to_string(), "dropped", place, &|rule| rule.least = 0.0);
    }
    for (index, feature) in placed.near.iter().enumerate() {
        let looks_for = feature.looks_for();
        let place = looks_for.map_or(own, |value| start(value.defined));
        let part = looks_for.map_or("", |value| value.value.as_str());
        push("near", part, "feature dropped", place, &|rule| drop(rule.near.remove(index)));
    }
    all
}

/// A rule without features is as sure of every match as its own confidence.
fn settled(mut rule: RuleFile) -> Option<RuleFile> {
    if rule.near.is_empty() && rule.least > 0.0 {
        if rule.confidence < rule.least {
            return None;
        }
        rule.least = 0.0;
    }
    Some(rule)
}
