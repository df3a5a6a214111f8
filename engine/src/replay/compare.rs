//! What differs between the findings of two rule sets about one event, and why.
//!
//! Findings are the same where rule, place and views are (their names say so). Excerpts are not compared: what they blank
//! depends on every other finding of the event.

use std::collections::BTreeMap;
use std::sync::Arc;

use coldcase_model::{Category, ChangeCause, Finding, FindingChange, FindingChangeKind, FindingId, Judged};

use crate::pack::{FieldKind, Joint, RuleChange, RuleChangeKind};
use crate::policy::Policy;
use crate::session::decided;

/// What is known when the findings of an event are compared.
pub(super) struct Comparison<'r> {
    pub(super) rules: &'r Joint,
    /// The candidate's findings below this were left out.
    pub(super) least: f32,
    /// Whether there was more in the event than is reported.
    pub(super) overflow: bool,
}

/// The findings that differ, in the order of their places.
pub(super) fn findings(
    comparison: &Comparison<'_>,
    before: &[Finding],
    after: &[Finding],
) -> Vec<FindingChange> {
    if before.is_empty() && after.is_empty() {
        return Vec::new();
    }
    let mut unmatched: BTreeMap<FindingId, Vec<&Finding>> = BTreeMap::new();
    for finding in before.iter().rev() {
        unmatched.entry(finding.id).or_default().push(finding);
    }
    let mut pairs: Vec<(Option<&Finding>, Option<&Finding>)> = Vec::new();
    for finding in after {
        match unmatched.get_mut(&finding.id).and_then(Vec::pop) {
            Some(same) if !differs(same, finding) => {}
            Some(same) => pairs.push((Some(same), Some(finding))),
            None => pairs.push((None, Some(finding))),
        }
    }
    for finding in before {
        let left = unmatched.get_mut(&finding.id).and_then(Vec::pop);
        pairs.extend(left.map(|lost| (Some(lost), None)));
    }
    let place = |pair: &(Option<&Finding>, Option<&Finding>)| {
        pair.1.or(pair.0).map(|finding| (finding.source.pos, finding.span, finding.rule.id.clone()))
    };
    pairs.sort_by_key(place);
    pairs.iter().map(|&(before, after)| change(comparison, before, after, &pairs)).collect()
}

/// Whether two findings of one rule about the same bytes say different things.
fn differs(before: &Finding, after: &Finding) -> bool {
    before.rule != after.rule || before.confidence.0.to_bits() != after.confidence.0.to_bits()
}

type Pair<'f> = (Option<&'f Finding>, Option<&'f Finding>);

fn change(
    comparison: &Comparison<'_>,
    before: Option<&Finding>,
    after: Option<&Finding>,
    all: &[Pair<'_>],
) -> FindingChange {
    let kind = match (before, after) {
        (None, _) => FindingChangeKind::Gained,
        (_, None) => FindingChangeKind::Lost,
        _ => FindingChangeKind::Altered,
    };
    let (cause, through) = why(comparison, kind, (before, after), all);
    FindingChange { kind, cause, through, before: before.cloned(), after: after.cloned() }
}

/// Why a finding differs: for its own rule, for another one that it gives way to, or for what came before.
fn why(
    comparison: &Comparison<'_>,
    kind: FindingChangeKind,
    pair: Pair<'_>,
    all: &[Pair<'_>],
) -> (ChangeCause, Option<Arc<str>>) {
    let Some(finding) = pair.1.or(pair.0) else { return (ChangeCause::State, None) };
    let own = comparison.rules.change(&finding.rule.id).filter(|change| change.matters());
    if let Some(cause) = own.and_then(|change| of_rule(change, kind)) {
        return (cause, None);
    }
    let below = finding.confidence.0 < comparison.least;
    if kind == FindingChangeKind::Lost
        && below
        && (is_of_pack(finding) || comparison.rules.has_chain(&finding.rule.id))
    {
        return (ChangeCause::Threshold, None);
    }
    // Rules give way to others that tell more of the same bytes: where those came or went, so did this.
    let others = all.iter().filter_map(|other| other.1.or(other.0));
    let beside = others.filter(|other| other.rule.id != finding.rule.id && is_beside(other, finding));
    for other in beside {
        if let Some(cause) = comparison.rules.change(&other.rule.id).and_then(|change| of_rule(change, kind))
        {
            return (cause, Some(other.rule.id.clone()));
        }
    }
    if !is_of_pack(finding) {
        return (ChangeCause::State, None);
    }
    if comparison.overflow {
        return (ChangeCause::Limit, None);
    }
    if own.is_some_and(|change| change.kind == RuleChangeKind::Moved)
        || comparison.rules.changes().any(|change| change.kind == RuleChangeKind::Moved)
    {
        return (ChangeCause::Order, None);
    }
    (ChangeCause::State, None)
}

/// What of a rule's change makes a finding of it differ; `None` where only its place among the rules changed.
fn of_rule(change: &RuleChange, kind: FindingChangeKind) -> Option<ChangeCause> {
    match change.kind {
        RuleChangeKind::Added => Some(ChangeCause::NewRule),
        RuleChangeKind::Removed => Some(ChangeCause::RemovedRule),
        RuleChangeKind::Moved => None,
        RuleChangeKind::Changed => {
            let order = match kind {
                FindingChangeKind::Altered => [
                    (FieldKind::Threshold, ChangeCause::Threshold),
                    (FieldKind::Metadata, ChangeCause::Metadata),
                    (FieldKind::Pattern, ChangeCause::Pattern),
                ],
                _ => [
                    (FieldKind::Pattern, ChangeCause::Pattern),
                    (FieldKind::Threshold, ChangeCause::Threshold),
                    (FieldKind::Metadata, ChangeCause::Metadata),
                ],
            };
            order.into_iter().find(|(field, _)| change.touches(*field)).map(|(_, cause)| cause)
        }
    }
}

/// Whether a rule of a pack drew it, and not the fold over the session.
fn is_of_pack(finding: &Finding) -> bool {
    !matches!(finding.rule.category, Category::Chain | Category::ToolDrift | Category::Taint)
}

/// Whether two findings are about the same bytes.
fn is_beside(one: &Finding, other: &Finding) -> bool {
    let end = |finding: &Finding| finding.source.pos.offset.saturating_add(finding.source.len);
    one.source.pos.artifact == other.source.pos.artifact
        && one.source.pos.offset < end(other)
        && other.source.pos.offset < end(one)
}

/// Why a verdict or findings changed, each cause once.
pub(super) fn verdict_causes(
    (before, baseline): (&Judged, &Policy),
    (after, candidate): (&Judged, &Policy),
    findings: &[FindingChange],
) -> Vec<ChangeCause> {
    let mut causes: Vec<ChangeCause> = findings.iter().map(|change| change.cause).collect();
    if before.verdict.action != after.verdict.action {
        // By the policy, if it decides otherwise about what either side found.
        let decides = |policy: &Policy, judged: &Judged| decided(policy, judged).0;
        let by_policy = decides(candidate, before) != before.verdict.action
            || decides(baseline, after) != after.verdict.action;
        if by_policy {
            causes.push(ChangeCause::Policy);
        }
        if causes.is_empty() {
            causes.push(ChangeCause::State);
        }
    }
    causes.sort_unstable();
    causes.dedup();
    causes
}
