//! What a baseline did in a run: findings that it suppresses, and those that it did until its entry expired, by entry.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use coldcase_model::{Acceptance, Finding, Fingerprint};

use crate::quantity::counted;

/// Findings by the entry of the baseline that speaks of them. There are no more entries than the baseline's file has.
#[derive(Debug, Clone, Default)]
pub struct Suppressed {
    entries: BTreeMap<Fingerprint, Applied>,
}

/// An entry with what it spoke of.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Applied {
    /// The entry.
    pub entry: Arc<Acceptance>,
    /// How many findings it spoke of.
    pub findings: u64,
}

impl Suppressed {
    pub(crate) fn add(&mut self, finding: &Finding) {
        let Some(entry) = &finding.acceptance else { return };
        let new = || Applied { entry: entry.clone(), findings: 0 };
        self.entries.entry(entry.fingerprint).or_insert_with(new).findings += 1;
    }

    /// How many findings are suppressed.
    pub fn findings(&self) -> u64 {
        self.sum(true)
    }

    /// How many findings an expired entry speaks of. They count like all others.
    pub fn expired(&self) -> u64 {
        self.sum(false)
    }

    /// Whether the baseline spoke of nothing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many entries spoke of something.
    pub fn entries(&self) -> usize {
        self.entries.len()
    }

    /// The entries that spoke of something: those in force first, and of these the oldest.
    pub fn oldest_first(&self) -> impl Iterator<Item = &Applied> {
        let mut all: Vec<&Applied> = self.entries.values().collect();
        all.sort_by_key(|one| (Reverse(one.entry.in_force), Reverse(one.entry.age_days)));
        all.into_iter()
    }

    /// A sentence for what is suppressed and one for what is no more.
    pub(crate) fn sentences(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        let oldest = self.oldest_first().find(|one| one.entry.in_force);
        if let Some(oldest) = oldest {
            let findings = counted(self.findings(), "finding is", "findings are");
            let age = days_ago(oldest.entry.age_days);
            sentences.push(format!("{findings} suppressed by the baseline, the oldest accepted {age}."));
        }
        if self.expired() > 0 {
            let findings = counted(self.expired(), "finding was", "findings were");
            sentences.push(format!("{findings} accepted until an entry that has expired; they count."));
        }
        sentences
    }

    fn sum(&self, in_force: bool) -> u64 {
        let these = self.entries.values().filter(|one| one.entry.in_force == in_force);
        these.map(|one| one.findings).sum()
    }
}

/// An age in words.
pub(crate) fn days_ago(days: u64) -> String {
    match days {
        0 => "today".to_owned(),
        days => format!("{} ago", counted(days, "day", "days")),
    }
}
