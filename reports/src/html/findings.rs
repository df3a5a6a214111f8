//! The findings, grouped by rule, the worst rules first.

use coldcase_model::{RuleInfo, Severity, ViewKind};

use super::left_out;
use crate::Summary;
use crate::quantity::{counted, grouped};
use crate::suppressed::{Applied, days_ago};
use crate::worst::{RuleFindings, ShownFinding};

/// All that the page says of findings.
pub(super) struct FindingsView {
    pub(super) total: u64,
    /// Every severity, the worst first, with its count.
    pub(super) severities: Vec<Tally>,
    /// The categories and actions that occur.
    pub(super) categories: Vec<Tally>,
    pub(super) actions: Vec<Tally>,
    pub(super) rules: Vec<RuleView>,
    pub(super) accepted: Vec<AcceptedView>,
    pub(super) accepted_left_out: String,
    pub(super) left_out: String,
}

/// A name with its count.
pub(super) struct Tally {
    pub(super) name: &'static str,
    pub(super) count: String,
    pub(super) any: bool,
}

/// An entry of the baseline that speaks of findings of this run.
pub(super) struct AcceptedView {
    pub(super) state: &'static str,
    pub(super) count: String,
    pub(super) rule: String,
    pub(super) reason: String,
    pub(super) author: String,
    pub(super) accepted: String,
    pub(super) age: String,
    pub(super) expires: String,
    pub(super) fingerprint: String,
}

/// Entries that the page names.
const MOST_ACCEPTED: usize = 200;

/// A rule with its findings.
pub(super) struct RuleView {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) gain: String,
    pub(super) pack: String,
    pub(super) category: &'static str,
    pub(super) severity: &'static str,
    pub(super) confidence: String,
    pub(super) references: Vec<Reference>,
    pub(super) count: String,
    pub(super) findings: Vec<FindingView>,
    pub(super) left_out: String,
}

/// Where a kind of finding is described publicly.
pub(super) struct Reference {
    pub(super) catalogue: &'static str,
    pub(super) entries: String,
}

/// A finding.
pub(super) struct FindingView {
    pub(super) id: String,
    pub(super) event: String,
    pub(super) time: Option<String>,
    pub(super) time_source: &'static str,
    pub(super) session: String,
    pub(super) direction: &'static str,
    pub(super) surface: &'static str,
    pub(super) pointer: String,
    pub(super) views: String,
    pub(super) path: String,
    pub(super) position: String,
    pub(super) excerpt: String,
}

impl FindingsView {
    pub(super) fn of(summary: &Summary) -> Self {
        let count = |name, count: u64| Tally { name, count: grouped(count), any: count > 0 };
        let severity = |severity: &Severity| summary.severities.get(severity).copied().unwrap_or(0);
        let actions = summary.actions.iter().rev();
        Self {
            total: summary.findings,
            severities: Severity::ALL.iter().rev().map(|one| count(one.as_str(), severity(one))).collect(),
            categories: summary.categories.iter().map(|(one, all)| count(one.as_str(), *all)).collect(),
            actions: actions.map(|(one, all)| count(one.as_str(), *all)).collect(),
            rules: summary.worst.rules().map(|rule| RuleView::of(rule, summary)).collect(),
            accepted: summary.suppressed.oldest_first().take(MOST_ACCEPTED).map(AcceptedView::of).collect(),
            accepted_left_out: left_out(
                summary.suppressed.entries() as u64,
                MOST_ACCEPTED,
                "entry",
                "entries",
                "findings.jsonl",
            ),
            left_out: left_out(
                summary.findings,
                summary.worst.shown(),
                "finding",
                "findings",
                "findings.jsonl and tables/findings.parquet",
            ),
        }
    }
}

impl AcceptedView {
    fn of(applied: &Applied) -> Self {
        let entry = &applied.entry;
        Self {
            state: if entry.in_force { "suppressed" } else { "expired" },
            count: counted(applied.findings, "finding", "findings"),
            rule: entry.rule.clone(),
            reason: entry.reason.clone(),
            author: entry.author.clone(),
            accepted: entry.accepted.clone(),
            age: days_ago(entry.age_days),
            expires: entry.expires.clone(),
            fingerprint: entry.fingerprint.to_string(),
        }
    }
}

impl RuleView {
    fn of(found: &RuleFindings, summary: &Summary) -> Self {
        let RuleFindings { rule, count, shown, .. } = found;
        Self {
            id: rule.id.to_string(),
            title: rule.title.to_string(),
            gain: rule.gain.to_string(),
            pack: rule.pack.to_string(),
            category: rule.category.as_str(),
            severity: rule.severity.as_str(),
            confidence: format!("{:.0} %", rule.confidence.0 * 100.0),
            references: references(rule),
            count: counted(*count, "finding", "findings"),
            findings: shown.iter().map(|shown| FindingView::of(shown, summary)).collect(),
            left_out: left_out(*count, shown.len(), "finding", "findings", "findings.jsonl"),
        }
    }
}

fn references(rule: &RuleInfo) -> Vec<Reference> {
    let references = &rule.references;
    [
        ("OWASP", &references.owasp),
        ("MITRE ATLAS", &references.atlas),
        ("MITRE ATT&CK", &references.attack),
        // An entry says `CWE-200`: the catalogue is in its name.
        ("", &references.cwe),
    ]
    .into_iter()
    .filter(|(_, entries)| !entries.is_empty())
    .map(|(catalogue, entries)| Reference { catalogue, entries: entries.join(", ") })
    .collect()
}

impl FindingView {
    fn of(shown: &ShownFinding, summary: &Summary) -> Self {
        let finding = &shown.finding;
        let pos = finding.source.pos;
        Self {
            id: finding.id.to_string(),
            event: finding.event.to_string(),
            time: shown.time.map(|time| time.to_string()),
            time_source: shown.time.map_or("", |time| time.source.as_str()),
            session: shown.session.as_str().to_owned(),
            direction: finding.direction.map_or("", |direction| direction.as_str()),
            surface: finding.surface.as_str(),
            pointer: finding.pointer.as_str().to_owned(),
            views: views(&finding.views),
            path: path(summary, pos.artifact),
            position: format!(
                "record {}, byte {} ({})",
                grouped(pos.record),
                grouped(pos.offset),
                counted(finding.source.len, "byte", "bytes")
            ),
            excerpt: finding.excerpt.as_str().to_owned(),
        }
    }
}

/// The decodings from the source to the match, as in `base64 → gzip`.
fn views(views: &[ViewKind]) -> String {
    views.iter().map(|view| view.as_str()).collect::<Vec<_>>().join(" → ")
}

/// An input by its path, or by its number where it was never reported.
pub(super) fn path(summary: &Summary, artifact: coldcase_model::ArtifactIndex) -> String {
    summary.paths.get(&artifact).cloned().unwrap_or_else(|| format!("input {artifact}"))
}
