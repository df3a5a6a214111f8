//! A sweep: the candidate at several least confidences, each with all state of sessions, beside one baseline, in one read.
//!
//! Detection is done once; what is left out at a confidence is left out before anything is concluded from it, as in a
//! [`Replay`](super::Replay) with that confidence. Each level has a fold of its own, so memory and the time of the fold grow
//! with their number.

use coldcase_model::{BatchSource, Event, Judged, ScanCoverage, Show, SourcePos};

use super::judging::{Side, candidate_set};
use crate::accept::Suppressions;
use crate::batch::{Judging, Progress, Take, judge_all};
use crate::judge::{Detection, Detector};
use crate::pack::{Joint, Set};
use crate::policy::Policy;

/// A sweep that is set up.
#[derive(Debug, Clone, Copy)]
pub struct Sweep<'r> {
    /// Both rule sets; the second is the candidate.
    pub rules: &'r Joint,
    /// The baseline's policy.
    pub against: &'r Policy,
    /// The candidate's policy.
    pub policy: &'r Policy,
    /// The candidate's least confidences, which ascend.
    pub leasts: &'r [f32],
    /// What was accepted: left out of all verdicts.
    pub suppressions: Option<&'r Suppressions>,
}

/// An event under the baseline and at each level of the candidate.
#[derive(Debug, Clone)]
pub struct Swept {
    /// What the baseline concludes.
    pub before: Judged,
    /// What the candidate concludes at each least confidence, in their order.
    pub after: Vec<Judged>,
}

/// Sweeps everything that `source` gives, on `threads` threads. The results do not depend on their number.
pub fn sweep<R: Take<Swept>>(
    sweep: &Sweep<'_>,
    source: &mut dyn BatchSource,
    threads: usize,
    report: &mut R,
    progress: Progress<'_>,
) -> Result<(), R::Error> {
    let set = candidate_set(sweep.rules);
    let fold = Folds {
        before: Side::new(sweep.rules, Set::First, 0.0),
        after: sweep.leasts.iter().map(|&least| Side::new(sweep.rules, set, least)).collect(),
    };
    judge_all(sweep, fold, source, threads, report, progress).map(|_| ())
}

/// State of the sessions under the baseline and at each level.
#[derive(Debug)]
pub(crate) struct Folds<'r> {
    before: Side<'r>,
    after: Vec<Side<'r>>,
}

/// What was found in an event; of levels only what differs from the one before.
#[derive(Debug)]
pub(crate) struct Detected {
    before: Detection,
    after: Vec<Option<Detection>>,
}

impl<'r> Judging for Sweep<'r> {
    type Detector<'a>
        = Detector<'a>
    where
        Self: 'a;
    type Detection = Box<Detected>;
    type Fold = Folds<'r>;
    type Judged = Swept;

    fn detector(&self) -> Detector<'_> {
        let mut detector = Detector::new(&self.rules.pack, Show::Redacted);
        if let Some(suppressions) = self.suppressions {
            detector.suppress(suppressions);
        }
        detector
    }

    fn detect<'a>(&'a self, detector: &mut Detector<'a>, event: &Event) -> Box<Detected> {
        let (before, after) = detector.detect_swept(event, self.leasts);
        Box::new(Detected { before, after })
    }

    fn overflows(detected: &Box<Detected>) -> bool {
        detected.before.overflow || detected.after.iter().flatten().any(|detection| detection.overflow)
    }

    fn conclude(&self, folds: &mut Folds<'r>, detected: Box<Detected>) -> Swept {
        let Detected { before, after } = *detected;
        let mut after = after.into_iter();
        let mut latest = before.clone();
        let levels = folds.after.iter_mut().map(|side| {
            if let Some(detection) = after.next().flatten() {
                latest = detection;
            }
            side.conclude(latest.clone(), self.policy)
        });
        let levels = levels.collect();
        Swept { before: folds.before.conclude(before, self.against), after: levels }
    }

    fn place(swept: &Swept) -> (SourcePos, &ScanCoverage) {
        (swept.before.head.source.pos, &swept.before.verdict.coverage)
    }
}
