//! Two rule sets in one pack: rules that both have are compiled and looked for once.
//!
//! The rules stand in an order that is that of both sets, as far as they agree: what one set finds by itself and what it
//! finds here is then the same, finding by finding. A rule that stands elsewhere in the other set is there twice.

use std::collections::{BTreeMap, BTreeSet};

use coldcase_model::Finding;

use super::chain_sets::ChainSet;
use super::compile;
use super::fragments::Fragments;
use super::load::{Check, Pack, PackError, PackText, Written, assemble_sets, spread};
use super::selftest;
use super::sets::{Set, Sets};
use super::sources::Sources;
use super::spec::{FieldKind, RuleSpec};

/// Where one side's rules come from.
#[derive(Debug, Clone, Default)]
pub struct RuleSource {
    /// Packs of one's own.
    pub own: Vec<PackText>,
    /// What [`freeze`](super::freeze) made of the built-in packs; `None` where they are left out.
    pub frozen: Option<&'static [u8]>,
    /// Which of the rules take part.
    pub selection: Selection,
}

impl RuleSource {
    pub(super) fn read(&self) -> Result<Sources, PackError> {
        Sources::read(self.frozen, &self.own)
    }
}

/// Which rules of a set take part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// These alone, where any is named: ids, or with a `.` at the end all ids that start so.
    pub only: Vec<String>,
    /// All but these.
    pub disabled: Vec<String>,
}

impl Selection {
    fn takes(&self, id: &str) -> bool {
        let named = |list: &[String]| list.iter().any(|name| is_named(name, id));
        (self.only.is_empty() || named(&self.only)) && !named(&self.disabled)
    }

    fn names(&self) -> impl Iterator<Item = &String> {
        self.only.iter().chain(&self.disabled)
    }
}

fn is_named(name: &str, id: &str) -> bool {
    if name.ends_with('.') { id.starts_with(name) } else { id == name }
}

/// What became of a rule from one set to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleChangeKind {
    /// Only the second set has it.
    Added,
    /// Only the first set has it.
    Removed,
    /// Both have it, and it says something else.
    Changed,
    /// It judges the same, and stands elsewhere.
    Moved,
}

impl RuleChangeKind {
    /// Its name in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Moved => "moved",
        }
    }
}

/// A rule that is not the same in both sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleChange {
    /// The rule.
    pub rule: String,
    /// The pack that holds it, in the second set where that has it.
    pub pack: String,
    /// What became of it.
    pub kind: RuleChangeKind,
    /// The fields that differ; of one that moved those that no finding depends on.
    pub fields: Vec<FieldChange>,
}

impl RuleChange {
    /// Whether a field of this kind differs.
    pub fn touches(&self, kind: FieldKind) -> bool {
        self.fields.iter().any(|field| field.kind == kind)
    }

    /// Whether findings may differ for it.
    pub fn matters(&self) -> bool {
        self.kind != RuleChangeKind::Changed || self.fields.iter().any(|field| field.kind != FieldKind::Text)
    }
}

/// A field of a rule that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Its name in the pack.
    pub field: &'static str,
    /// What it decides.
    pub kind: FieldKind,
    /// As it was; empty where it was not set. Fragments are written out.
    pub before: String,
    /// As it is.
    pub after: String,
}

/// Two rule sets, compiled as one pack.
#[derive(Debug)]
pub struct Joint {
    /// The pack; it has two sets unless `is_one`.
    pub(crate) pack: Pack,
    /// Whether both sets are the same, so that the pack has one.
    pub(crate) is_one: bool,
    changes: BTreeMap<String, RuleChange>,
    sources: [Vec<(String, String, coldcase_model::Digest)>; 2],
    counts: [u64; 2],
}

impl Joint {
    /// Compiles two rule sets. Packs of one's own are tested against their own texts, as for a scan.
    pub fn new(first: &RuleSource, second: &RuleSource) -> Result<Self, PackError> {
        let sides = [first.read()?, second.read()?];
        let [of_first, of_second] = &sides;
        let (first_rules, second_rules) = (rules(of_first), rules(of_second));
        let (first_chains, second_chains) = (ChainSet::of(of_first)?, ChainSet::of(of_second)?);
        known(first, &first_rules, &first_chains)?;
        known(second, &second_rules, &second_chains)?;
        let (first_rules, second_rules) = (taken(first, first_rules), taken(second, second_rules));
        let first_chains = first_chains.taken(|id| first.selection.takes(id));
        let second_chains = second_chains.taken(|id| second.selection.takes(id));
        let mut changes = changes(&first_rules, &second_rules);
        first_chains.changes(&second_chains, &mut changes);
        let counts = [first_rules.len() as u64, second_rules.len() as u64];
        let is_one = !changes.values().any(RuleChange::matters);
        let rules = if is_one {
            first_rules.iter().map(|rule| (rule, Sets::FIRST)).collect()
        } else {
            merged(&first_rules, &second_rules)
        };
        let check = if first.own.is_empty() && second.own.is_empty() { Check::OnUse } else { Check::Now };
        // A rule that judges as the other set's is compiled once, and what does not judge may be wrong in either.
        for Known { written, .. } in first_rules.iter().chain(&second_rules).filter(|rule| rule.is_own) {
            compile::check_words(written.rule).map_err(|problem| written.refused(&problem))?;
        }
        let compiled =
            spread(&rules, |(rule, _)| rule.written.compile(if rule.is_own { check } else { Check::OnUse }));
        let parts = std::iter::zip(&rules, compiled)
            .map(|((Known { written, .. }, sets), compiled)| {
                let (mut compiled, anchored, anchors) =
                    compiled.map_err(|problem| written.refused(&problem))?;
                compiled.sets = *sets;
                Ok(((compiled, anchored, anchors), written.rule.case))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let sources = [of_first.named(), of_second.named()];
        let chains = if is_one { first_chains.compiled() } else { first_chains.merged(&second_chains) }?;
        let sets = if is_one { Sets::FIRST } else { Sets::BOTH };
        let pack = assemble_sets(parts, chains, sources.first().cloned().unwrap_or_default(), sets);
        selftest::hold_for(&pack, Set::First, &first.own, |id| first.selection.takes(id))?;
        let own = if is_one { Set::First } else { Set::Second };
        selftest::hold_for(&pack, own, &second.own, |id| second.selection.takes(id))?;
        Ok(Self { pack, is_one, changes, sources, counts })
    }

    /// The rules that are not the same in both sets, by id.
    pub fn changes(&self) -> impl Iterator<Item = &RuleChange> {
        self.changes.values()
    }

    /// What became of a rule; `None` where it is the same in both sets, or in neither.
    pub fn change(&self, rule: &str) -> Option<&RuleChange> {
        self.changes.get(rule)
    }

    /// Whether a chain of either set has this id.
    pub(crate) fn has_chain(&self, id: &str) -> bool {
        self.pack.chains().any(|chain| chain.id == id)
    }

    /// Whether a rule of either set drew a finding, and not the fold over a session.
    pub(crate) fn draws(&self, finding: &Finding) -> bool {
        self.pack
            .rules
            .iter()
            .any(|rule| rule.info.id == finding.rule.id && rule.info.pack == finding.rule.pack)
    }

    /// Name, version and SHA-256 of each pack of the first and of the second set.
    pub fn sources(&self) -> &[Vec<(String, String, coldcase_model::Digest)>; 2] {
        &self.sources
    }

    /// How many rules each set has.
    pub fn counts(&self) -> [u64; 2] {
        self.counts
    }
}

/// A rule of a set with what it says.
struct Known<'s> {
    written: Written<'s>,
    spec: RuleSpec,
    is_own: bool,
}

impl Known<'_> {
    fn id(&self) -> &str {
        &self.written.rule.id.value
    }
}

/// The rules of a set, with what they say.
fn rules(sources: &Sources) -> Vec<Known<'_>> {
    let known = |(written, is_own): (_, bool)| {
        let Written { pack, rule, fragments, .. } = written;
        Known { spec: RuleSpec::of(pack, rule, &Fragments(fragments)), written, is_own }
    };
    sources.written().map(known).collect()
}

/// Refuses a selection that names what is not there.
fn known(source: &RuleSource, rules: &[Known<'_>], chains: &ChainSet<'_>) -> Result<(), PackError> {
    let mut ids: Vec<&str> = rules.iter().map(Known::id).collect();
    ids.extend(chains.ids());
    let missing = |name: &&String| !ids.iter().any(|id| is_named(name, id));
    match source.selection.names().find(missing) {
        None => Ok(()),
        Some(name) => Err(PackError::NoSuchRule { rule: name.clone() }),
    }
}

fn taken<'s>(source: &RuleSource, rules: Vec<Known<'s>>) -> Vec<Known<'s>> {
    rules.into_iter().filter(|rule| source.selection.takes(rule.id())).collect()
}

fn changes(first: &[Known<'_>], second: &[Known<'_>]) -> BTreeMap<String, RuleChange> {
    let by_id = |rules: &[Known<'_>]| -> BTreeMap<String, usize> {
        rules.iter().enumerate().map(|(at, rule)| (rule.id().to_owned(), at)).collect()
    };
    let (in_first, in_second) = (by_id(first), by_id(second));
    let in_step: BTreeSet<(usize, usize)> = in_step(first, second).into_iter().collect();
    let mut changes = BTreeMap::new();
    let mut put = |rule: &Known<'_>, kind, fields| {
        let pack = rule.written.pack.to_string();
        changes.insert(rule.id().to_owned(), RuleChange { rule: rule.id().to_owned(), pack, kind, fields });
    };
    for rule in first.iter().filter(|rule| !in_second.contains_key(rule.id())) {
        put(rule, RuleChangeKind::Removed, Vec::new());
    }
    for (at, rule) in second.iter().enumerate() {
        let Some((place, before)) =
            in_first.get(rule.id()).and_then(|place| Some((*place, first.get(*place)?)))
        else {
            put(rule, RuleChangeKind::Added, Vec::new());
            continue;
        };
        let fields = before.spec.field_changes(&rule.spec);
        let judges_the_same = fields.iter().all(|field| field.kind == FieldKind::Text);
        if judges_the_same && !in_step.contains(&(place, at)) {
            put(rule, RuleChangeKind::Moved, fields);
        } else if !fields.is_empty() {
            put(rule, RuleChangeKind::Changed, fields);
        }
    }
    changes
}

/// The places of rules that judge the same in both and stand in the same order in both: as many as there can be.
fn in_step(first: &[Known<'_>], second: &[Known<'_>]) -> Vec<(usize, usize)> {
    let places: BTreeMap<&str, usize> = first.iter().enumerate().map(|(at, rule)| (rule.id(), at)).collect();
    let pairs = second.iter().enumerate().filter_map(|(at, rule)| {
        let place = *places.get(rule.id())?;
        first.get(place)?.spec.judges_as(&rule.spec).then_some((place, at))
    });
    longest_climb(&pairs.collect::<Vec<_>>())
}

/// The longest run of pairs, not necessarily neighbours, whose first members climb.
pub(super) fn longest_climb(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // `ends[n]` is the pair with the smallest first member that ends a climb of n + 1 pairs.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    let value = |at: usize| pairs.get(at).map_or(usize::MAX, |pair| pair.0);
    for (at, pair) in pairs.iter().enumerate() {
        let place = ends.partition_point(|end| value(*end) < pair.0);
        previous.push(place.checked_sub(1).and_then(|before| ends.get(before).copied()));
        match ends.get_mut(place) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut climb = Vec::with_capacity(ends.len());
    let mut at = ends.last().copied();
    while let Some(here) = at {
        climb.extend(pairs.get(here));
        at = previous.get(here).copied().flatten();
    }
    climb.reverse();
    climb
}

/// The rules of both sets in an order that keeps that of each.
fn merged<'k, 's>(first: &'k [Known<'s>], second: &'k [Known<'s>]) -> Vec<(&'k Known<'s>, Sets)> {
    let mut rules = Vec::with_capacity(first.len() + second.len());
    let (mut from, mut to) = (0, 0);
    let ends = std::iter::once((first.len(), second.len()));
    for (in_first, in_second) in in_step(first, second).into_iter().chain(ends) {
        rules.extend(first.get(from..in_first).unwrap_or_default().iter().map(|rule| (rule, Sets::FIRST)));
        rules.extend(second.get(to..in_second).unwrap_or_default().iter().map(|rule| (rule, Sets::SECOND)));
        rules.extend(first.get(in_first).map(|rule| (rule, Sets::BOTH)));
        (from, to) = (in_first + 1, in_second + 1);
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_climb_is_found() {
        let pairs: Vec<(usize, usize)> = [3, 0, 1, 5, 2, 4].into_iter().zip(0..).collect();
        let firsts: Vec<usize> = longest_climb(&pairs).into_iter().map(|pair| pair.0).collect();
        assert_eq!(firsts, [0, 1, 2, 4]);
        assert!(longest_climb(&[]).is_empty());
    }

    #[test]
    fn a_selection_takes_ids_and_what_starts_like_them() {
        let selection = Selection { only: vec!["dlp.".into(), "a.b".into()], disabled: vec!["dlp.x".into()] };
        assert!(selection.takes("dlp.y") && selection.takes("a.b"));
        assert!(!selection.takes("dlp.x") && !selection.takes("a.bc"));
    }
}
