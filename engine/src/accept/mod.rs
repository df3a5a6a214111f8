//! What a user has accepted: fingerprints of findings, places of rules, and the entries of a baseline by them. No files, no
//! clock: the caller brings the key and says which entries hold today.

mod key;
mod place;
mod print;

use std::collections::HashMap;
use std::sync::Arc;

use coldcase_model::{Acceptance, Category, Event, Fingerprint, RuleInfo};

use crate::judge::Detection;
use crate::scan::Located;

pub use key::MacKey;
pub use place::AcceptedPlace;

/// The entries of a baseline, with the key that its fingerprints are made with.
#[derive(Debug)]
pub struct Suppressions {
    key: MacKey,
    entries: HashMap<Fingerprint, Arc<Acceptance>>,
    /// Entries for all findings of a rule at a place, by rule.
    places: HashMap<String, Vec<(AcceptedPlace, Arc<Acceptance>)>>,
}

impl Suppressions {
    /// These entries, those that have expired among them: a finding that one of them covered says so.
    pub fn new(key: MacKey, entries: impl IntoIterator<Item = Acceptance>) -> Self {
        let entries = entries.into_iter().map(|entry| (entry.fingerprint, Arc::new(entry))).collect();
        Self { key, entries, places: HashMap::new() }
    }

    /// The same with entries that speak of all findings of a rule at a place.
    #[must_use]
    pub fn with_places(mut self, entries: impl IntoIterator<Item = (AcceptedPlace, Acceptance)>) -> Self {
        for (place, entry) in entries {
            self.places.entry(entry.rule.clone()).or_default().push((place, Arc::new(entry)));
        }
        self
    }

    /// The fingerprint of a match.
    pub(crate) fn fingerprint(&self, event: &Event, rule: &RuleInfo, found: &Located) -> Fingerprint {
        print::fingerprint(&self.key, event, rule, found)
    }

    /// Whether the fingerprint of a finding, and its rule, are all that entries go by.
    pub fn go_by_fingerprints(&self) -> bool {
        self.places.is_empty()
    }

    /// Marks findings as they were marked when the event was scanned, by the entries of now. Those that go by places need the
    /// event's bytes: where there are any, findings stay as they were marked.
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

    /// The entry that speaks of a finding in an event, one that is in force before one that has expired. What is worse than
    /// what was accepted it does not speak of, and that evidence was altered is nobody's to accept.
    pub(crate) fn of(&self, print: Fingerprint, rule: &RuleInfo, event: &Event) -> Option<Arc<Acceptance>> {
        let of_value = self.of_value(print, rule);
        if of_value.is_some_and(|entry| entry.in_force) || self.places.is_empty() {
            return of_value.cloned();
        }
        let at_places = self.places.get(&*rule.id).into_iter().flatten();
        let here = at_places
            .filter(|(place, entry)| speaks(entry, rule) && place.has(event))
            .map(|(_, entry)| entry);
        here.chain(of_value).min_by_key(|entry| !entry.in_force).cloned()
    }
}

/// Whether an entry may speak of what a rule found.
fn speaks(entry: &Acceptance, rule: &RuleInfo) -> bool {
    *entry.rule == *rule.id && rule.severity <= entry.severity && rule.category != Category::Integrity
}
