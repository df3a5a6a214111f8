//! What a user has accepted: fingerprints of findings, and the entries of a baseline by them. No files, no clock: the caller
//! brings the key and says which entries hold today.

mod key;
mod print;

use std::collections::HashMap;
use std::sync::Arc;

use coldcase_model::{Acceptance, Category, Event, Fingerprint, RuleInfo};

use crate::scan::Located;

pub use key::MacKey;

/// The entries of a baseline, with the key that its fingerprints are made with.
#[derive(Debug)]
pub struct Suppressions {
    key: MacKey,
    entries: HashMap<Fingerprint, Arc<Acceptance>>,
}

impl Suppressions {
    /// These entries, those that have expired among them: a finding that one of them covered says so.
    pub fn new(key: MacKey, entries: impl IntoIterator<Item = Acceptance>) -> Self {
        let entries = entries.into_iter().map(|entry| (entry.fingerprint, Arc::new(entry))).collect();
        Self { key, entries }
    }

    /// The fingerprint of a match.
    pub(crate) fn fingerprint(&self, event: &Event, rule: &RuleInfo, found: &Located) -> Fingerprint {
        print::fingerprint(&self.key, event, rule, found)
    }

    /// The entry that speaks of a finding. What is worse than what was accepted it does not speak of, and that evidence was
    /// altered is nobody's to accept.
    pub(crate) fn of(&self, print: Fingerprint, rule: &RuleInfo) -> Option<Arc<Acceptance>> {
        let speaks = |entry: &&Arc<Acceptance>| {
            *entry.rule == *rule.id && rule.severity <= entry.severity && rule.category != Category::Integrity
        };
        self.entries.get(&print).filter(speaks).cloned()
    }
}
