//! The fold over events in input order: ids, pairs, risk, verdict.
//!
//! Risk here is one number per session: findings add points by severity and confidence, each event without a
//! finding takes a twentieth away. A state machine per session with named signals can take its place without a
//! change to its callers.

use std::collections::HashMap;

use coldcase_model::{
    ArtifactIndex, EventId, Finding, FindingId, Judged, Risk, RiskLevel, SessionKey, Severity,
};
use sha2::{Digest, Sha256};

use super::pairs::Pairs;
use crate::judge::Detection;
use crate::policy::Policy;

/// State of all sessions of a run.
#[derive(Debug, Default)]
pub struct Tracker {
    sessions: HashMap<SessionKey, Session>,
    /// The next event's index in each artifact.
    next: HashMap<ArtifactIndex, u64>,
}

#[derive(Debug, Default)]
struct Session {
    score: f64,
    pairs: Pairs,
}

/// What is left of the score after an event without a finding.
const DECAY: f64 = 0.95;
/// Below this a score is none.
const FLOOR: f64 = 0.01;
/// A recording with more sessions than this starts forgetting; each costs a few hundred bytes.
const MOST_SESSIONS: usize = 200_000;

impl Tracker {
    /// Concludes about the next event in input order.
    pub fn conclude(&mut self, detection: Detection, policy: &Policy) -> Judged {
        let Detection { mut head, mut labels, mut findings, coverage, overflow: _ } = detection;
        let next = self.next.entry(head.source.pos.artifact).or_default();
        head.id = EventId { artifact: head.source.pos.artifact, index: *next };
        *next += 1;
        for finding in &mut findings {
            finding.event = head.id;
            finding.id = finding_id(finding);
        }
        if self.sessions.len() >= MOST_SESSIONS && !self.sessions.contains_key(&head.session) {
            self.sessions.clear();
        }
        if !self.sessions.contains_key(&head.session) {
            self.sessions.insert(head.session.clone(), Session::default());
        }
        let risk = match self.sessions.get_mut(&head.session) {
            Some(session) => {
                session.pairs.pair(&mut head, &mut labels);
                session.risk_after(&findings)
            }
            None => Risk { score: 0.0, level: RiskLevel::Normal },
        };
        let (action, reason) = policy.decide(&findings, &coverage);
        let verdict = coldcase_model::Verdict { action, reason, risk, coverage };
        Judged { head, labels, findings, verdict }
    }
}

impl Session {
    fn risk_after(&mut self, findings: &[Finding]) -> Risk {
        if findings.is_empty() {
            self.score *= DECAY;
            if self.score < FLOOR {
                self.score = 0.0;
            }
        }
        let points =
            findings.iter().map(|finding| points(finding.rule.severity) * f64::from(finding.confidence.0));
        // Many findings in one event are mostly one cause: the worst counts.
        self.score += points.fold(0.0, f64::max);
        let level = match self.score {
            score if score >= 30.0 => RiskLevel::Critical,
            score if score >= 15.0 => RiskLevel::High,
            score if score >= 5.0 => RiskLevel::Elevated,
            _ => RiskLevel::Normal,
        };
        // Hundredths are finer than anything the weights can tell.
        self.score = (self.score * 100.0).round() / 100.0;
        Risk { score: self.score, level }
    }
}

const fn points(severity: Severity) -> f64 {
    match severity {
        Severity::Info => 0.0,
        Severity::Low => 1.0,
        Severity::Medium => 3.0,
        Severity::High => 8.0,
        Severity::Critical => 15.0,
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
