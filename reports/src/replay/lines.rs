//! `changes.jsonl`: one changed event a line, with its findings; and the whole replay as one JSON object.

use coldcase_model::{
    Action, ChangeCause, EventId, FindingChange, FindingChangeKind, Replayed, Standing, Timestamp, ViewKind,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::sums::ReplaySummary;
use super::writer::RulesetPair;
use crate::jsonl::{shown, shown_if_any};
use crate::schema::is_recorded;

/// A line of `changes.jsonl`.
#[derive(Serialize)]
pub(crate) struct ChangeLine<'r> {
    artifact: u32,
    #[serde(serialize_with = "shown")]
    event: EventId,
    #[serde(serialize_with = "shown_if_any")]
    time: Option<Timestamp>,
    session: &'r str,
    kind: &'static str,
    action_before: Option<Action>,
    action_after: Option<Action>,
    causes: &'r [ChangeCause],
    reason_before: Option<&'r str>,
    reason_after: &'r str,
    findings: Vec<FindingLine<'r>>,
    risk_before: Option<f64>,
    risk_after: f64,
    record: u64,
    offset: u64,
}

#[derive(Serialize)]
struct FindingLine<'r> {
    change: FindingChangeKind,
    cause: ChangeCause,
    through: Option<&'r str>,
    rule: &'r str,
    title: &'r str,
    category: &'static str,
    severity_before: Option<&'static str>,
    severity_after: Option<&'static str>,
    confidence_before: Option<f32>,
    confidence_after: Option<f32>,
    surface: &'static str,
    pointer: &'r str,
    views: &'r [ViewKind],
    offset: u64,
    length: u64,
    excerpt: &'r str,
    suppressed: Option<&'r str>,
}

impl<'r> ChangeLine<'r> {
    pub(crate) fn of(replayed: &'r Replayed) -> Self {
        let known = !is_recorded(replayed);
        let Replayed { before, after, from, to, causes, findings, .. } = replayed;
        Self {
            artifact: after.head.id.artifact.0,
            event: after.head.id,
            time: after.head.time,
            session: after.labels.session.as_str(),
            kind: after.head.kind.as_str(),
            action_before: *from,
            action_after: *to,
            causes,
            reason_before: known.then_some(&before.verdict.reason),
            reason_after: &after.verdict.reason,
            findings: findings.iter().filter_map(FindingLine::of).collect(),
            risk_before: known.then_some(before.verdict.risk.score),
            risk_after: after.verdict.risk.score,
            record: after.head.source.pos.record,
            offset: after.head.source.pos.offset,
        }
    }
}

impl<'r> FindingLine<'r> {
    fn of(change: &'r FindingChange) -> Option<Self> {
        let finding = change.finding()?;
        let (before, after) = (change.before.as_ref(), change.after.as_ref());
        Some(Self {
            change: change.kind,
            cause: change.cause,
            through: change.through.as_deref(),
            rule: &finding.rule.id,
            title: &finding.rule.title,
            category: finding.rule.category.as_str(),
            severity_before: before.map(|finding| finding.rule.severity.as_str()),
            severity_after: after.map(|finding| finding.rule.severity.as_str()),
            confidence_before: before.map(|finding| finding.confidence.0),
            confidence_after: after.map(|finding| finding.confidence.0),
            surface: finding.surface.as_str(),
            pointer: finding.pointer.as_str(),
            views: &finding.views,
            offset: finding.source.pos.offset,
            length: finding.source.len,
            excerpt: finding.excerpt.as_str(),
            suppressed: finding.suppression().map(|entry| entry.reason.as_str()),
        })
    }
}

/// The replay as one JSON object: what `replay --json` prints.
pub fn replay_json(rulesets: &RulesetPair, summary: &ReplaySummary) -> Value {
    let name = |action: Option<Action>| action.map_or("not_replayable", Action::as_str);
    let transitions: Vec<Value> = summary
        .matrix
        .iter()
        .map(|((from, to), events)| json!({ "before": name(*from), "after": name(*to), "events": events }))
        .collect();
    let standing = |standing: Standing| summary.standings.get(&standing).copied().unwrap_or(0);
    let rules: Vec<Value> = summary
        .rules
        .iter()
        .map(|((rule, cause), sum)| {
            json!({
                "rule": rule, "title": sum.title, "cause": cause, "through": sum.through,
                "gained": sum.findings.gained, "lost": sum.findings.lost, "altered": sum.findings.altered,
                "first_event": sum.first.map(|event| event.to_string()),
            })
        })
        .collect();
    let sessions: Vec<Value> = summary
        .moved_sessions()
        .map(|peak| {
            json!({
                "session": peak.session, "first_event": peak.first.to_string(),
                "peak_before": peak.before, "peak_after": peak.after,
            })
        })
        .collect();
    let causes: serde_json::Map<String, Value> =
        summary.causes.iter().map(|(cause, events)| (cause.to_string(), json!(events))).collect();
    json!({
        "schema": "coldcase.replay/1",
        "baseline": rulesets.baseline.as_ref().map_or("recorded", |baseline| baseline.name.as_str()),
        "candidate": rulesets.candidate.name,
        "inputs": summary.run.inputs,
        "inputs_not_read_in_full": summary.run.troubled_inputs(),
        "not_scanned_bytes": summary.run.not_scanned_bytes(),
        "events": summary.run.events,
        "compared": standing(Standing::Compared),
        "evidence_only": standing(Standing::EvidenceOnly),
        "no_recorded_verdict": standing(Standing::NoVerdict),
        "unknown_recorded_verdict": standing(Standing::UnknownVerdict),
        "unchanged": summary.unchanged(),
        "changed": summary.changed,
        "verdicts_changed": summary.moved,
        "new_allow": summary.new_allows,
        "new_block": summary.new_blocks,
        "transitions": transitions,
        "causes": causes,
        "findings": summary.findings,
        "suppressed": summary.run.suppressed.findings(),
        "rules": rules,
        "findings_of_other_rules": summary.other_rules,
        "sessions": summary.sessions(),
        "sessions_not_followed": summary.unfollowed,
        "sessions_changed": sessions,
    })
}
