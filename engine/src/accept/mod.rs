//! What a user has accepted: fingerprints of findings, where findings of a rule are accepted, and the entries of a baseline by
//! them. No files, no clock: the caller brings the key and says which entries hold today.

mod key;
mod mark;
mod place;
mod print;

use std::collections::HashMap;
use std::sync::Arc;

use coldcase_model::{Acceptance, Category, Event, Fingerprint, RuleInfo};
use sha2::{Digest, Sha256};

use crate::judge::Detection;
use crate::scan::Located;

pub use key::MacKey;
pub use mark::may_be_marked;
pub use place::AcceptedPlace;

/// Where all findings of a rule are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AcceptedWhere {
    /// In events of a place.
    Place(AcceptedPlace),
    /// On lines of what came in that end with an inline mark.
    Marked,
}

impl AcceptedWhere {
    /// The name of an entry for a rule and this.
    pub fn fingerprint(&self, rule: &str) -> Fingerprint {
        // Keeps these names apart from any other hash; the numbers change with what goes in.
        let parts = match self {
            Self::Place(place) => vec!["coldcase.place/1", rule, place.host(), place.path()],
            Self::Marked => vec!["coldcase.marked/1", rule],
        };
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let mut print = [0; 16];
        print.iter_mut().zip(hash.finalize()).for_each(|(to, byte)| *to = byte);
        Fingerprint(print)
    }

    fn has(&self, event: &Event, rule: &RuleInfo, found: &Located) -> bool {
        match self {
            Self::Place(place) => place.has(event),
            Self::Marked => mark::is_marked(event, rule, found),
        }
    }
}

/// The entries of a baseline, with the key that its fingerprints are made with.
#[derive(Debug)]
pub struct Suppressions {
    key: MacKey,
    entries: HashMap<Fingerprint, Arc<Acceptance>>,
    /// Entries for all findings of a rule somewhere, by rule.
    of_rules: HashMap<String, Vec<(AcceptedWhere, Arc<Acceptance>)>>,
}

impl Suppressions {
    /// These entries, those that have expired among them: a finding that one of them covered says so.
    pub fn new(key: MacKey, entries: impl IntoIterator<Item = Acceptance>) -> Self {
        let entries = entries.into_iter().map(|entry| (entry.fingerprint, Arc::new(entry))).collect();
        Self { key, entries, of_rules: HashMap::new() }
    }

    /// The same with entries that speak of all findings of a rule somewhere.
    #[must_use]
    pub fn with_rules(mut self, entries: impl IntoIterator<Item = (AcceptedWhere, Acceptance)>) -> Self {
        for (place, entry) in entries {
            self.of_rules.entry(entry.rule.clone()).or_default().push((place, Arc::new(entry)));
        }
        self
    }

    /// The fingerprint of a match.
    pub(crate) fn fingerprint(&self, event: &Event, rule: &RuleInfo, found: &Located) -> Fingerprint {
        print::fingerprint(&self.key, event, rule, found)
    }

    /// Whether the fingerprint of a finding, and its rule, are all that entries go by.
    pub fn go_by_fingerprints(&self) -> bool {
        self.of_rules.is_empty()
    }

    /// Marks findings as they were marked when the event was scanned, by the entries of now. Those of rules need the event's
    /// bytes: where there are any, findings stay as they were marked.
    pub(crate) fn mark_again(&self, detection: &mut Detection) {
        if !self.go_by_fingerprints() {
            return;
        }
        for finding in &mut detection.findings {
            let entry = |print| self.of_value(print, &finding.rule).cloned();
            finding.acceptance = finding.fingerprint.filter(|_| !detection.overflow).and_then(entry);
        }
    }

    /// The entry that speaks of a value.
    fn of_value(&self, print: Fingerprint, rule: &RuleInfo) -> Option<&Arc<Acceptance>> {
        self.entries.get(&print).filter(|entry| speaks(entry, rule))
    }

    /// The entry that speaks of a match in an event, one that is in force before one that has expired. What is worse than
    /// what was accepted it does not speak of, and that evidence was altered is nobody's to accept.
    pub(crate) fn of(
        &self,
        print: Fingerprint,
        rule: &RuleInfo,
        event: &Event,
        found: &Located,
    ) -> Option<Arc<Acceptance>> {
        let of_value = self.of_value(print, rule);
        if of_value.is_some_and(|entry| entry.in_force) || self.of_rules.is_empty() {
            return of_value.cloned();
        }
        let of_rule = self.of_rules.get(&*rule.id).into_iter().flatten();
        let here = of_rule
            .filter(|(place, entry)| speaks(entry, rule) && place.has(event, rule, found))
            .map(|(_, entry)| entry);
        here.chain(of_value).min_by_key(|entry| !entry.in_force).cloned()
    }
}

/// Whether an entry may speak of what a rule found.
fn speaks(entry: &Acceptance, rule: &RuleInfo) -> bool {
    *entry.rule == *rule.id && rule.severity <= entry.severity && rule.category != Category::Integrity
}
