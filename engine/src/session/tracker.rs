//! The fold over events in input order: ids, pairs, risk, verdict.
//!
//! What moves a session's risk is in [`super::risk`].

use std::collections::HashMap;

use coldcase_model::{
    ArtifactIndex, EventId, Finding, FindingId, Judged, Risk, RiskLevel, SessionKey, Story,
};
use sha2::{Digest, Sha256};

use super::chains::Chains;
use super::drift::{Baseline, Drift};
use super::fragments::{Fragments, Joiner};
use super::observe::Observed;
use super::pairs::Pairs;
use super::recall::Room;
use super::risk::Curve;
use super::taint::Taint;
use crate::judge::Detection;
use crate::policy::Policy;

/// State of all sessions of a run.
#[derive(Debug, Default)]
pub struct Tracker {
    sessions: HashMap<SessionKey, Session>,
    /// What all sessions together may still remember of content.
    room: Room,
    /// The next event's index in each artifact.
    next: HashMap<ArtifactIndex, u64>,
    drift: Drift,
}

#[derive(Debug, Default)]
struct Session {
    pairs: Pairs,
    chains: Chains,
    taint: Taint,
    fragments: Fragments,
    curve: Curve,
}

/// A recording with more sessions than this starts forgetting; each costs a few hundred bytes.
const MOST_SESSIONS: usize = 200_000;

impl Tracker {
    /// A tracker that holds what servers list to a baseline.
    pub fn against(baseline: &Baseline) -> Self {
        Self { drift: Drift::against(baseline), ..Self::default() }
    }

    /// What servers listed last, and what a baseline had of others.
    pub fn baseline(&self) -> Baseline {
        self.drift.baseline()
    }

    /// How much of the sessions that are remembered was not followed: bytes, prints, values and edges over a limit.
    pub fn left_out(&self) -> u64 {
        self.sessions.values().map(|session| session.taint.left_out() + session.fragments.left_out()).sum()
    }

    /// Concludes about the next event in input order; `joiner` says whether short values make a secret together.
    pub fn conclude(&mut self, detection: Detection, policy: &Policy, joiner: &mut Joiner<'_>) -> Judged {
        let Detection { mut head, mut labels, mut findings, observed, coverage, overflow: _ } = detection;
        let Observed { call, listed, flow, pieces } = observed;
        let mut story = Story::default();
        let next = self.next.entry(head.source.pos.artifact).or_default();
        head.id = EventId { artifact: head.source.pos.artifact, index: *next };
        *next += 1;
        self.drift.fold((&head, &labels), listed.as_deref(), &mut findings, &mut story);
        if self.sessions.len() >= MOST_SESSIONS && !self.sessions.contains_key(&head.session) {
            self.sessions.clear();
            self.room = Room::default();
        }
        if !self.sessions.contains_key(&head.session) {
            self.sessions.insert(head.session.clone(), Session::default());
        }
        let risk = match self.sessions.get_mut(&head.session) {
            Some(session) => {
                session.pairs.pair(&mut head, &mut labels);
                if let Some(call) = &call {
                    session.chains.fold(&head, &labels, call, &mut findings, &mut story);
                }
                if let Some(flow) = &flow {
                    let now = (&**flow, call.as_ref());
                    session.taint.fold(&head, now, &mut self.room, &mut findings, &mut story);
                    session.fragments.learn(head.id, flow);
                }
                if let Some(pieces) = &pieces {
                    session.fragments.fold(&head, pieces, joiner, &mut findings, &mut story);
                }
                session.curve.after(&findings, &mut story.signals)
            }
            None => Risk { score: 0.0, level: RiskLevel::Normal },
        };
        for finding in &mut findings {
            finding.event = head.id;
            finding.id = finding_id(finding);
        }
        let (action, reason) = policy.decide(&findings, &coverage);
        let verdict = coldcase_model::Verdict { action, reason, risk, coverage };
        Judged { head, labels, findings, story, verdict }
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
