//! The fold over events in input order: ids, pairs, risk, verdict.
//!
//! What moves a session's risk is in [`super::risk`].

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use coldcase_model::{
    Action, ArtifactIndex, EventId, Finding, FindingId, Judged, ScanCoverage, Story, Unfollowed,
};
use sha2::{Digest, Sha256};

use super::drift::{Baseline, Drift};
use super::fragments::Joiner;
use super::joins::Joins;
use super::observe::{Observed, Piece};
use super::recall::Room;
use super::sessions::Sessions;
use crate::judge::Detection;
use crate::policy::Policy;

/// State of all sessions of a run.
#[derive(Debug, Default)]
pub struct Tracker {
    pub(super) sessions: Sessions,
    /// What all sessions together may still remember of content.
    pub(super) room: Room,
    /// The next event's index in each artifact.
    pub(super) next: HashMap<ArtifactIndex, u64>,
    pub(super) drift: Drift,
    pub(super) joins: Joins,
}

impl Tracker {
    /// A tracker that holds what servers list to a baseline.
    pub fn against(baseline: &Baseline) -> Self {
        Self { drift: Drift::against(baseline), ..Self::default() }
    }

    /// What servers listed last, and what a baseline had of others.
    pub fn baseline(&self) -> Baseline {
        self.drift.baseline()
    }

    /// How much was not followed, because it was over a limit.
    pub fn left_out(&self) -> Unfollowed {
        let ties = self.joins.left_out();
        let sessions = self.drift.lost;
        self.sessions.left_out().and(Unfollowed { ties, sessions, ..Unfollowed::default() })
    }

    /// Concludes about the next event in input order; `joiner` says which chains there are, and whether
    /// short values make a secret together.
    pub fn conclude(&mut self, detection: Detection, policy: &Policy, joiner: &mut Joiner<'_>) -> Judged {
        let Detection { mut head, mut labels, mut findings, observed, coverage, overflow: _ } = detection;
        let Observed { call, listed, flow, pieces, host, ties, arguments } = observed;
        let mut story = Story { arguments, ..Story::default() };
        let next = self.next.entry(head.source.pos.artifact).or_default();
        head.id = EventId { artifact: head.source.pos.artifact, index: *next };
        *next += 1;
        self.drift.fold((&head, &labels), listed.as_deref(), &mut findings, &mut story);
        let session = self.sessions.of(&head.session, &mut self.room);
        session.pairs.pair(&mut head, &mut labels);
        let new = !std::mem::replace(&mut session.met, true);
        if new || ties.is_some() {
            self.joins.fold((&head, &labels), ties.as_deref(), new, &mut story);
        }
        let deeds = call.as_ref().map(|call| call.deeds);
        if let Some(call) = call {
            session.chains.fold(joiner.chains(), (&head, &labels), call, &mut findings, &mut story);
        }
        if let Some(flow) = &flow {
            let now = (&**flow, deeds);
            session.taint.fold(&head, now, &mut self.room, &mut findings, &mut story);
            session.fragments.learn(head.id, flow);
        }
        let mut flowed = Vec::new();
        if let Some(host) = host {
            let brought = |piece: &Piece| session.taint.has_brought(piece, flow.as_deref());
            session.outflow.fold(&head, (host, pieces.as_deref()), brought, &mut flowed);
        }
        if let Some(pieces) = pieces {
            session.fragments.fold(&head, *pieces, joiner, &mut findings, &mut story);
        }
        findings.append(&mut flowed);
        let counting = counting(&findings);
        let risk = session.curve.after(&counting, &mut story.signals);
        let (action, reason) = decide(policy, &counting, findings.len(), &coverage);
        for finding in &mut findings {
            finding.event = head.id;
            finding.id = finding_id(finding);
        }
        let verdict = coldcase_model::Verdict { action, reason, risk, coverage };
        Judged { head, labels, findings, story, verdict }
    }
}

/// What a policy makes of an event that was judged.
pub(crate) fn decided(policy: &Policy, judged: &Judged) -> (Action, Arc<str>) {
    decide(policy, &counting(&judged.findings), judged.findings.len(), &judged.verdict.coverage)
}

/// What a policy makes of the findings that count, of `all` that there are.
fn decide(policy: &Policy, counting: &[Finding], all: usize, coverage: &ScanCoverage) -> (Action, Arc<str>) {
    let (action, reason) = policy.decide(counting, coverage);
    (action, with_suppressed(reason, all - counting.len()))
}

/// The findings that count: what was accepted moves neither verdict nor risk. What other findings conclude from the same
/// bytes (a chain, taint, a secret in pieces) is a conclusion of its own, and stays.
fn counting(findings: &[Finding]) -> Cow<'_, [Finding]> {
    if findings.iter().any(Finding::is_suppressed) {
        Cow::Owned(findings.iter().filter(|finding| !finding.is_suppressed()).cloned().collect())
    } else {
        Cow::Borrowed(findings)
    }
}

/// A verdict that something was left out of says so.
fn with_suppressed(reason: Arc<str>, suppressed: usize) -> Arc<str> {
    match suppressed {
        0 => reason,
        some => format!("{reason}; {some} suppressed by the baseline").into(),
    }
}

/// Names a finding by what it concludes and where, so that the name is the same in every run.
fn finding_id(finding: &Finding) -> FindingId {
    let mut hash = Sha256::new();
    hash.update(finding.rule.id.as_bytes());
    hash.update([0]);
    hash.update(finding.event.artifact.0.to_le_bytes());
    hash.update(finding.event.index.to_le_bytes());
    hash.update(finding.source.pos.offset.to_le_bytes());
    hash.update(finding.source.len.to_le_bytes());
    hash.update((finding.span.start as u64).to_le_bytes());
    hash.update((finding.span.end as u64).to_le_bytes());
    hash.update(finding.surface.as_str());
    for view in &finding.views {
        hash.update([0]);
        hash.update(view.as_str());
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut id = [0; 8];
    id.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    FindingId(id)
}
