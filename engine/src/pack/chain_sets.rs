//! The chains of a rule set, and what becomes of them from one set to another.
//!
//! Each call is held to all chains of a set, whatever their order, so a chain that merely moved is the same.

use std::collections::BTreeMap;

use super::chain::{Chain, MOST_CHAINS, WrittenChain, base, too_many};
use super::joint::{FieldChange, RuleChange, RuleChangeKind};
use super::load::PackError;
use super::sets::Sets;
use super::sources::Sources;
use super::spec::{FieldKind, RuleSpec};

/// The chains of one rule set, the built-in ones first.
pub(super) struct ChainSet<'s> {
    all: Vec<WrittenChain<'s>>,
}

impl<'s> ChainSet<'s> {
    /// The built-in chains and those of packs; refused if there are too many.
    pub(super) fn of(sources: &'s Sources) -> Result<Self, PackError> {
        let file = base()?;
        let builtin =
            file.chains.iter().map(|chain| WrittenChain { source: &file.pack, pack: &file.pack, chain });
        let all: Vec<WrittenChain<'s>> = builtin.chain(sources.chains()).collect();
        if let Some(over) = all.get(MOST_CHAINS) {
            let id = &over.chain.id;
            return Err(over.refused(((id.line, id.column), too_many())));
        }
        Ok(Self { all })
    }

    /// Their ids.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|written| written.chain.id.value.as_str())
    }

    /// Those that take part.
    pub(super) fn taken(mut self, takes: impl Fn(&str) -> bool) -> Self {
        self.all.retain(|written| takes(&written.chain.id.value));
        self
    }

    /// All of them, compiled for the only set of a pack.
    pub(super) fn compiled(&self) -> Result<Vec<(Chain, Sets)>, PackError> {
        self.all.iter().map(|written| Ok((written.compile()?, Sets::FIRST))).collect()
    }

    /// The chains of both sets, compiled; those that judge alike in both once.
    pub(super) fn merged(&self, other: &Self) -> Result<Vec<(Chain, Sets)>, PackError> {
        let (first, second) = (self.specs(), other.specs());
        let alike = |id: &str, spec: &RuleSpec, specs: &BTreeMap<&str, RuleSpec>| {
            specs.get(id).is_some_and(|known| known.judges_as(spec))
        };
        let mut chains = Vec::with_capacity(self.all.len() + other.all.len());
        for written in &self.all {
            let id = written.chain.id.value.as_str();
            let in_both = first.get(id).is_some_and(|spec| alike(id, spec, &second));
            chains.push((written.compile()?, if in_both { Sets::BOTH } else { Sets::FIRST }));
        }
        for written in &other.all {
            let id = written.chain.id.value.as_str();
            if !second.get(id).is_some_and(|spec| alike(id, spec, &first)) {
                chains.push((written.compile()?, Sets::SECOND));
            }
        }
        Ok(chains)
    }

    fn specs(&self) -> BTreeMap<&str, RuleSpec> {
        self.all.iter().map(|written| (written.chain.id.value.as_str(), written.spec())).collect()
    }

    /// Adds what becomes of chains from this set to another to what becomes of rules.
    pub(super) fn changes(&self, other: &Self, changes: &mut BTreeMap<String, RuleChange>) {
        let (first, second) = (self.specs(), other.specs());
        let mut put = |written: &WrittenChain<'_>, kind, fields| {
            let rule = written.chain.id.value.clone();
            let change = RuleChange { rule: rule.clone(), pack: written.pack.to_owned(), kind, fields };
            match changes.get_mut(&rule) {
                // A rule of this id in the one set, a chain in the other.
                Some(of_rule) => *of_rule = turned(change),
                None => drop(changes.insert(rule, change)),
            }
        };
        for written in &self.all {
            if !second.contains_key(written.chain.id.value.as_str()) {
                put(written, RuleChangeKind::Removed, Vec::new());
            }
        }
        for written in &other.all {
            let id = written.chain.id.value.as_str();
            match (first.get(id), second.get(id)) {
                (Some(before), Some(after)) => {
                    let fields = before.field_changes(after);
                    if !fields.is_empty() {
                        put(written, RuleChangeKind::Changed, fields);
                    }
                }
                _ => put(written, RuleChangeKind::Added, Vec::new()),
            }
        }
    }
}

/// The change of an id that is a rule in one set and a chain in the other.
fn turned(of_chain: RuleChange) -> RuleChange {
    let (before, after) = match of_chain.kind {
        RuleChangeKind::Removed => ("chain", "rule"),
        _ => ("rule", "chain"),
    };
    let (before, after) = (before.to_owned(), after.to_owned());
    let field = FieldChange { field: "form", kind: FieldKind::Pattern, before, after };
    RuleChange { kind: RuleChangeKind::Changed, fields: vec![field], ..of_chain }
}
