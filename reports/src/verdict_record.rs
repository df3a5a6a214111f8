//! The verdict record: what `coldcase judge` answers to an event record. `docs/EVENT_RECORD.md` fixes the form.

use std::collections::BTreeMap;

use coldcase_model::{Finding, Judged, NotScanned, References, Timestamp, ViewKind};
use serde::Serialize;

use crate::jsonl::shown;

/// A verdict record; serialises to one JSON object.
#[derive(Debug, Serialize)]
pub struct VerdictRecord<'j> {
    v: u8,
    id: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    session: &'j str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<Shown>,
    action: &'static str,
    reason: &'j str,
    findings: Vec<FindingRecord<'j>>,
    risk: RiskRecord,
    coverage: CoverageRecord,
}

#[derive(Debug, Serialize)]
struct Shown(#[serde(serialize_with = "shown")] Timestamp);

#[derive(Debug, Serialize)]
struct FindingRecord<'j> {
    rule: &'j str,
    category: &'static str,
    severity: &'static str,
    confidence: f32,
    surface: &'static str,
    pointer: &'j str,
    span: [usize; 2],
    views: &'j [ViewKind],
    excerpt: &'j str,
    /// Why it was accepted, where a baseline suppresses it.
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<&'j str>,
    refs: &'j References,
}

#[derive(Debug, Serialize)]
struct RiskRecord {
    score: f64,
    level: &'static str,
}

#[derive(Debug, Serialize)]
struct CoverageRecord {
    scanned: u64,
    not_scanned: BTreeMap<NotScanned, u64>,
}

/// The verdict record of an event.
///
/// An event without a name of its own is named by its line, from 1.
pub fn verdict_record(judged: &Judged) -> VerdictRecord<'_> {
    let verdict = &judged.verdict;
    let mut not_scanned = BTreeMap::new();
    for &(reason, bytes) in &verdict.coverage.not_scanned {
        let sum: &mut u64 = not_scanned.entry(reason).or_default();
        *sum = sum.saturating_add(bytes);
    }
    let name = judged.labels.name.as_str();
    let line = judged.head.source.pos.record.saturating_add(1);
    VerdictRecord {
        v: 1,
        id: if name.is_empty() { line.to_string() } else { name.to_owned() },
        session: judged.labels.session.as_str(),
        time: judged.head.time.map(Shown),
        action: verdict.action.as_str(),
        reason: &verdict.reason,
        findings: judged.findings.iter().map(finding_record).collect(),
        risk: RiskRecord { score: verdict.risk.score, level: verdict.risk.level.as_str() },
        coverage: CoverageRecord { scanned: verdict.coverage.scanned, not_scanned },
    }
}

fn finding_record(finding: &Finding) -> FindingRecord<'_> {
    FindingRecord {
        rule: &finding.rule.id,
        category: finding.rule.category.as_str(),
        severity: finding.rule.severity.as_str(),
        confidence: finding.confidence.0,
        surface: finding.surface.as_str(),
        pointer: finding.pointer.as_str(),
        span: [finding.span.start, finding.span.end],
        views: &finding.views,
        excerpt: finding.excerpt.as_str(),
        suppressed: finding.suppression().map(|entry| entry.reason.as_str()),
        refs: &finding.rule.references,
    }
}
