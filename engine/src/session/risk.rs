//! The risk of a session: a score that signals raise and quiet events let fall, and the level that it amounts to.
//!
//! Many findings in one event are mostly one cause, so the worst of them counts, weighed by its confidence. A quiet event
//! takes a twentieth away: after fourteen of them half of a score is left, so that an incident stands out of the noise of a
//! long session and is still seen some calls later.

use coldcase_model::{Category, Finding, Risk, RiskLevel, RuleInfo, Severity, Signal, SignalKind};

/// The score of one session so far.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Curve {
    score: f64,
}

/// What is left of the score after an event without a finding.
const DECAY: f64 = 0.95;
/// Below this a score is none.
const FLOOR: f64 = 0.01;

impl Curve {
    /// Whether the score is one.
    pub(super) fn is_sound(&self) -> bool {
        (0.0..=1e12).contains(&self.score)
    }

    /// The risk after an event with these findings; `signals` has what the fold found, and gets what the findings add.
    pub(super) fn after(&mut self, findings: &[Finding], signals: &mut Vec<Signal>) -> Risk {
        let points = |finding: &Finding| points(finding.rule.severity) * f64::from(finding.confidence.0);
        let worst = findings.iter().max_by(|a, b| points(a).total_cmp(&points(b)));
        if let Some(worst) = worst.filter(|worst| points(worst) > 0.0) {
            let what = worst.rule.id.clone();
            signals.push(Signal { kind: kind(&worst.rule), what, points: points(worst) });
        }
        if findings.is_empty() && signals.is_empty() {
            self.score *= DECAY;
            if self.score < FLOOR {
                self.score = 0.0;
            }
        }
        self.score += signals.iter().map(|signal| signal.points).sum::<f64>();
        // Hundredths are finer than anything the weights can tell.
        self.score = (self.score * 100.0).round() / 100.0;
        Risk { score: self.score, level: level(self.score) }
    }
}

fn kind(rule: &RuleInfo) -> SignalKind {
    match &*rule.id {
        "taint.secret-split" => return SignalKind::Fragment,
        "exfil.slow-leak" => return SignalKind::Budget,
        "exfil.beacon" => return SignalKind::Beacon,
        _ => {}
    }
    match rule.category {
        Category::Chain => SignalKind::Chain,
        Category::Taint => SignalKind::Taint,
        Category::ToolDrift => SignalKind::Drift,
        _ => SignalKind::Finding,
    }
}

const fn level(score: f64) -> RiskLevel {
    match score {
        score if score >= 30.0 => RiskLevel::Critical,
        score if score >= 15.0 => RiskLevel::High,
        score if score >= 5.0 => RiskLevel::Elevated,
        _ => RiskLevel::Normal,
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
