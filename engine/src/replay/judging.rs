//! How a replay judges: detection once for both sets, then a fold for each.

use coldcase_model::{
    BatchSource, Event, Judged, Replayed, ScanCoverage, Show, SourcePos, Standing, Verdict,
};

use super::compare::{Comparison, findings, verdict_causes};
use super::recorded;
use crate::accept::Suppressions;
use crate::batch::{Judging, Progress, Take, judge_all};
use crate::judge::{Detection, Detector, Reason};
use crate::pack::{Joint, Set};
use crate::policy::Policy;
use crate::session::{Joiner, Tracker, decided};

/// What the candidate is compared with.
#[derive(Debug, Clone, Copy)]
pub enum Against<'r> {
    /// What a firewall decided at the time, as the recording tells.
    Recorded,
    /// The first rule set under this policy.
    Policy(&'r Policy),
}

/// A replay that is set up.
#[derive(Debug, Clone, Copy)]
pub struct Replay<'r> {
    /// Both rule sets; the second is the candidate.
    pub rules: &'r Joint,
    /// The baseline.
    pub against: Against<'r>,
    /// The candidate's policy.
    pub policy: &'r Policy,
    /// The candidate's findings that are less likely than this are left out, before anything is concluded from them.
    pub least: f32,
    /// Whether excerpts show secrets.
    pub show: Show,
    /// What was accepted: marked on both sides, and left out of their verdicts and risk.
    pub suppressions: Option<&'r Suppressions>,
}

/// Replays everything that `source` gives, on `threads` threads. The results do not depend on their number.
pub fn replay<R: Take<Replayed>>(
    replay: &Replay<'_>,
    source: &mut dyn BatchSource,
    threads: usize,
    report: &mut R,
    progress: Progress<'_>,
) -> Result<(), R::Error> {
    judge_all(replay, replay.folds(), source, threads, report, progress).map(|_| ())
}

/// State of the sessions under both sets.
#[derive(Debug)]
pub(crate) struct Folds<'r> {
    first: Side<'r>,
    second: Side<'r>,
}

/// State of the sessions under one set, and that set's rules for secrets in pieces.
#[derive(Debug)]
pub(super) struct Side<'r> {
    tracker: Tracker,
    joiner: Joiner<'r>,
}

impl<'r> Side<'r> {
    /// No history, under one set of these rules, of which findings from a confidence on count.
    pub(super) fn new(rules: &'r Joint, set: Set, least: f32) -> Self {
        Self { tracker: Tracker::default(), joiner: Joiner::of(&rules.pack, Some(set), least) }
    }

    pub(super) fn conclude(&mut self, detection: Detection, policy: &Policy) -> Judged {
        self.tracker.conclude(detection, policy, &mut self.joiner)
    }
}

/// What was found in an event under both sets; `second` is `None` where it is the same.
#[derive(Debug)]
pub(crate) struct Detected {
    first: Detection,
    second: Option<Detection>,
    /// Why findings are drawn by one set alone.
    reasons: Vec<Reason>,
}

impl<'r> Replay<'r> {
    fn folds(&self) -> Folds<'r> {
        Folds {
            first: Side::new(self.rules, Set::First, 0.0),
            second: Side::new(self.rules, candidate_set(self.rules), self.least),
        }
    }

    /// Whether both sides come to the same findings by construction, and one fold is enough.
    fn is_one(&self) -> bool {
        self.rules.is_one && self.least <= 0.0
    }
}

/// The set of the candidate's rules.
pub(super) const fn candidate_set(rules: &Joint) -> Set {
    if rules.is_one { Set::First } else { Set::Second }
}

impl<'r> Judging for Replay<'r> {
    type Detector<'a>
        = Detector<'a>
    where
        Self: 'a;
    type Detection = Box<Detected>;
    type Fold = Folds<'r>;
    type Judged = Replayed;

    fn detector(&self) -> Detector<'_> {
        let mut detector = Detector::new(&self.rules.pack, self.show);
        if let Some(suppressions) = self.suppressions {
            detector.suppress(suppressions);
        }
        detector
    }

    fn detect<'a>(&'a self, detector: &mut Detector<'a>, event: &Event) -> Box<Detected> {
        Box::new(match self.against {
            Against::Recorded => {
                let first = detector.detect_for(candidate_set(self.rules), event, self.least);
                Detected { first, second: None, reasons: Vec::new() }
            }
            Against::Policy(_) => {
                let (first, second, reasons) = detector.detect_both(event, self.least);
                Detected { first, second, reasons }
            }
        })
    }

    fn overflows(detected: &Box<Detected>) -> bool {
        detected.first.overflow || detected.second.as_ref().is_some_and(|second| second.overflow)
    }

    fn conclude(&self, folds: &mut Folds<'r>, detected: Box<Detected>) -> Replayed {
        let Detected { first, second, reasons } = *detected;
        match self.against {
            Against::Recorded => recorded::replayed(folds.second.conclude(first, self.policy)),
            Against::Policy(baseline) if self.is_one() => {
                let before = folds.first.conclude(first, baseline);
                let (action, reason) = decided(self.policy, &before);
                let verdict = Verdict { action, reason, ..before.verdict.clone() };
                let after = Judged { verdict, ..before.clone() };
                self.compared(before, after, baseline, (&reasons, false))
            }
            Against::Policy(baseline) => {
                let overflow = first.overflow || second.as_ref().is_some_and(|second| second.overflow);
                let second = second.unwrap_or_else(|| first.clone());
                let before = folds.first.conclude(first, baseline);
                let after = folds.second.conclude(second, self.policy);
                self.compared(before, after, baseline, (&reasons, overflow))
            }
        }
    }

    fn place(replayed: &Replayed) -> (SourcePos, &ScanCoverage) {
        (replayed.after.head.source.pos, &replayed.after.verdict.coverage)
    }
}

impl Replay<'_> {
    fn compared(
        &self,
        before: Judged,
        after: Judged,
        baseline: &Policy,
        (reasons, overflow): (&[Reason], bool),
    ) -> Replayed {
        let limited = overflow || before.verdict.coverage != after.verdict.coverage;
        let comparison = Comparison { rules: self.rules, least: self.least, reasons, limited };
        let findings = findings(&comparison, &before.findings, &after.findings);
        let causes = verdict_causes((&before, baseline), (&after, self.policy), &findings, limited);
        let changed = before.verdict.action != after.verdict.action || !findings.is_empty();
        let standing =
            if before.head.lacks_bytes() && !changed { Standing::EvidenceOnly } else { Standing::Compared };
        let seen = standing == Standing::Compared;
        let (from, to) = (before.verdict.action, after.verdict.action);
        Replayed {
            from: seen.then_some(from),
            to: seen.then_some(to),
            standing,
            findings,
            causes,
            before,
            after,
        }
    }
}
