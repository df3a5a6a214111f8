//! What differs between the findings of two rule sets about one event, and why.
//!
//! Findings are the same where rule, place and views are (their names say so). Excerpts are not compared: what they blank
//! depends on every other finding of the event.

use std::collections::BTreeMap;
use std::sync::Arc;

use coldcase_model::{ChangeCause, Finding, FindingChange, FindingChangeKind, FindingId, Judged};

use crate::judge::Reason;
use crate::pack::{FieldKind, Joint, RuleChange, RuleChangeKind};
use crate::policy::Policy;
use crate::scan::Aspect;
use crate::session::{decided, rests_on};
use crate::view::undoes_itself;

/// What is known when the findings of an event are compared.
pub(super) struct Comparison<'r> {
    pub(super) rules: &'r Joint,
    /// What is less likely the candidate leaves out.
    pub(super) least: f32,
    /// Why findings of the event are drawn by one set alone.
    pub(super) reasons: &'r [Reason],
    /// Whether a limit decided what was found in the event.
    pub(super) limited: bool,
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
    let (cause, through) = why(comparison, (before, after), all);
    FindingChange { kind, cause, through, before: before.cloned(), after: after.cloned() }
}

/// Why a finding differs, and through which rule where it is not its own.
///
/// What is told did make the difference here, and comes first of what did: whether the rule is there and matches, whether its
/// finding gives way, whether it is likely enough; for conclusions about a session, what they rest on in this event, then what
/// came before.
fn why(comparison: &Comparison<'_>, pair: Pair<'_>, all: &[Pair<'_>]) -> (ChangeCause, Option<Arc<str>>) {
    let Some(finding) = pair.1.or(pair.0) else { return (ChangeCause::State, None) };
    if !comparison.rules.draws(finding) {
        return concluded(comparison, finding, pair, all);
    }
    if let (Some(before), Some(after)) = pair {
        let cause = comparison.altered(before, after);
        return cause.map_or_else(|| comparison.unexplained(finding), |cause| (cause, None));
    }
    let reason = comparison.reasons.iter().find(|reason| reason.is_for(finding));
    let known = reason.and_then(|reason| {
        let rule = reason.through.as_ref().unwrap_or(&finding.rule.id);
        Some((comparison.cause(rule, reason.aspect)?, reason.through.clone()))
    });
    known.unwrap_or_else(|| comparison.unexplained(finding))
}

/// Why a conclusion about a session differs.
fn concluded(
    comparison: &Comparison<'_>,
    finding: &Finding,
    pair: Pair<'_>,
    all: &[Pair<'_>],
) -> (ChangeCause, Option<Arc<str>>) {
    let own = match pair {
        (Some(before), Some(after)) => comparison.altered(before, after),
        _ => comparison.cause(&finding.rule.id, Aspect::Match(FieldKind::Pattern)),
    };
    if let Some(cause) = own {
        return (cause, None);
    }
    let is_below = pair.1.is_none() && finding.confidence.0 < comparison.least;
    if is_below && comparison.rules.has_chain(&finding.rule.id) {
        return (ChangeCause::Threshold, None);
    }
    let rested_on = all.iter().find(|other| {
        other.1.or(other.0).is_some_and(|other| {
            rests_on(&finding.rule, other.rule.category)
                && is_beside(other, finding)
                && comparison.rules.draws(other)
        })
    });
    rested_on.map_or((ChangeCause::State, None), |other| {
        let (cause, through) = why(comparison, *other, all);
        (cause, through.or_else(|| other.1.or(other.0).map(|other| other.rule.id.clone())))
    })
}

impl Comparison<'_> {
    /// What of a rule's change an aspect of it comes from; `None` where the rule has not changed so.
    fn cause(&self, rule: &str, aspect: Aspect) -> Option<ChangeCause> {
        let kinds: &[FieldKind] = match aspect {
            Aspect::Order => return Some(ChangeCause::Order),
            Aspect::Least => return Some(ChangeCause::Threshold),
            Aspect::Match(FieldKind::Threshold) | Aspect::Confidence => {
                &[FieldKind::Threshold, FieldKind::Pattern]
            }
            Aspect::Match(_) => &[FieldKind::Pattern, FieldKind::Threshold],
            Aspect::Yields => &[FieldKind::Pattern],
            Aspect::Says => &[FieldKind::Metadata, FieldKind::Threshold, FieldKind::Pattern],
        };
        let change = self.rules.change(rule).filter(|change| change.matters())?;
        match change.kind {
            RuleChangeKind::Added => Some(ChangeCause::NewRule),
            RuleChangeKind::Removed => Some(ChangeCause::RemovedRule),
            RuleChangeKind::Moved => None,
            RuleChangeKind::Changed => kinds.iter().find(|kind| change.touches(**kind)).map(|kind| of(*kind)),
        }
    }

    /// Why both sets draw a finding and say something else: for what differs in what they say.
    fn altered(&self, before: &Finding, after: &Finding) -> Option<ChangeCause> {
        let (old, new) = (&before.rule, &after.rule);
        let graded = old.lowered_from.is_some() != new.lowered_from.is_some();
        let weighed = before.confidence.0.to_bits() != after.confidence.0.to_bits()
            || old.confidence.0.to_bits() != new.confidence.0.to_bits();
        let aspects = [
            graded.then_some(Aspect::Match(FieldKind::Pattern)),
            weighed.then_some(Aspect::Confidence),
            Some(Aspect::Says),
        ];
        aspects.into_iter().flatten().find_map(|aspect| self.cause(&old.id, aspect))
    }

    /// Why a finding differs whose rule has not changed and gives way to nothing else.
    fn unexplained(&self, finding: &Finding) -> (ChangeCause, Option<Arc<str>>) {
        if self.limited {
            return (ChangeCause::Limit, None);
        }
        if !finding.views.iter().any(|view| undoes_itself(*view)) {
            return (ChangeCause::State, None);
        }
        // A text of another rule that stands there turned round or rotated opens the view that the finding stands in.
        let opens = |change: &RuleChange| {
            let cause = self.cause(&change.rule, Aspect::Match(FieldKind::Pattern))?;
            Some((cause, Some(change.rule.as_str().into())))
        };
        self.rules.changes().find_map(opens).unwrap_or((ChangeCause::State, None))
    }
}

/// The cause that a change of a field of this kind is.
const fn of(kind: FieldKind) -> ChangeCause {
    match kind {
        FieldKind::Pattern => ChangeCause::Pattern,
        FieldKind::Threshold => ChangeCause::Threshold,
        FieldKind::Metadata | FieldKind::Text => ChangeCause::Metadata,
    }
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
    limited: bool,
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
            causes.push(if limited { ChangeCause::Limit } else { ChangeCause::State });
        }
    }
    causes.sort_unstable();
    causes.dedup();
    causes
}
