//! The findings that a page shows: grouped by rule, the worst rules first, bounded however many there are.
//!
//! All findings are counted. Of each rule the first few by position are kept, and when all rules together have too
//! many, the longest list gives way, so that a noisy rule cannot push a rare one off the page.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use coldcase_model::{ArtifactIndex, Excerpt, Finding, Judged, RuleInfo, Severity, Timestamp};

/// Findings of one rule that are kept.
const MOST_OF_A_RULE: usize = 50;
/// Findings that are kept in all.
const MOST: usize = 500;

/// A kept finding, with what a page says of its event.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ShownFinding {
    /// The finding.
    pub finding: Finding,
    /// When its event happened.
    pub time: Option<Timestamp>,
    /// The session of its event.
    pub session: Excerpt,
}

/// What one rule found.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RuleFindings {
    /// The rule.
    pub rule: Arc<RuleInfo>,
    /// How many findings it has, shown or not.
    pub count: u64,
    /// The first of them, by position.
    pub shown: Vec<ShownFinding>,
    /// A finding of the rule was left out: no later one may be shown in its place.
    cut: bool,
}

/// The findings of a run by rule, the worst rules first.
#[derive(Debug, Clone, Default)]
pub struct WorstFindings {
    rules: BTreeMap<(Reverse<Severity>, Arc<str>), RuleFindings>,
    shown: usize,
}

impl WorstFindings {
    /// The rules that found something: by severity, the worst first, then by name.
    pub fn rules(&self) -> impl Iterator<Item = &RuleFindings> {
        self.rules.values()
    }

    /// How many findings are kept.
    pub fn shown(&self) -> usize {
        self.shown
    }

    /// Whether a kept finding lies in this input.
    pub(crate) fn mention(&self, artifact: ArtifactIndex) -> bool {
        self.rules().flat_map(|rule| &rule.shown).any(|shown| shown.finding.event.artifact == artifact)
    }

    /// Counts a finding, and keeps it if there is room.
    pub(crate) fn add(&mut self, judged: &Judged, finding: &Finding) {
        let key = (Reverse(finding.rule.severity), finding.rule.id.clone());
        let group = self.rules.entry(key).or_insert_with(|| RuleFindings {
            rule: finding.rule.clone(),
            count: 0,
            shown: Vec::new(),
            cut: false,
        });
        group.count += 1;
        if group.cut || group.shown.len() >= MOST_OF_A_RULE {
            return;
        }
        let session = judged.labels.session.clone();
        group.shown.push(ShownFinding { finding: finding.clone(), time: judged.head.time, session });
        self.shown += 1;
        if self.shown > MOST {
            self.make_room();
        }
    }

    /// Drops the last finding of the longest list; of equally long ones, that of the mildest rule.
    fn make_room(&mut self) {
        if let Some(longest) = self.rules.values_mut().max_by_key(|rule| rule.shown.len()) {
            longest.shown.pop();
            longest.cut = true;
            self.shown -= 1;
        }
    }
}
