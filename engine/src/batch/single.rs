//! Judging by one pack and one policy: the stateless half on any thread, with what is kept of it, and the fold.

use coldcase_model::{Event, Judged, KeptPart, Outcome, ScanCoverage, Show, SourcePos};

use super::run::{Judging, Scanned, With};
use crate::judge::{Detection, Detector};
use crate::kept::{Part, Sign, recalled, remembered};
use crate::pack::Pack;
use crate::policy::Policy;
use crate::session::{Joiner, Tracker};

/// One pack and one policy.
pub(super) struct Single<'p> {
    pub(super) pack: &'p Pack,
    pub(super) policy: &'p Policy,
    pub(super) show: Show,
    pub(super) with: With<'p>,
}

impl<'p> Judging for Single<'p> {
    type Detector<'a>
        = Detector<'a>
    where
        Self: 'a;
    type Detection = Box<Detection>;
    type Fold = (Tracker, Joiner<'p>);
    type Judged = Judged;

    fn detector(&self) -> Detector<'_> {
        let mut detector = Detector::new(self.pack, self.show);
        if let Some(suppressions) = self.with.suppressions {
            detector.suppress(suppressions);
        }
        if self.with.keeper.is_some() {
            detector.trace();
        }
        detector
    }

    fn detect<'a>(&'a self, detector: &mut Detector<'a>, event: &Event) -> Box<Detection> {
        Box::new(detector.detect(event))
    }

    fn overflows(detection: &Box<Detection>) -> bool {
        detection.overflow
    }

    fn conclude(&self, (tracker, joiner): &mut Self::Fold, detection: Box<Detection>) -> Judged {
        tracker.conclude(*detection, self.policy, joiner)
    }

    fn place(judged: &Judged) -> (SourcePos, &ScanCoverage) {
        (judged.head.source.pos, &judged.verdict.coverage)
    }

    fn keep<'a>(
        &'a self,
        detector: &mut Detector<'a>,
        number: u64,
        items: &[Scanned<Box<Detection>>],
        outcome: &Outcome,
    ) {
        let (Some(keeper), Some(traces)) = (self.with.keeper, detector.traces()) else { return };
        let sign = Sign::of(self.with.book, traces);
        if keeper.wants(outcome.artifact) {
            let part = remembered((items, outcome)).map(|items| Part { sign, items });
            keeper.keep(outcome.artifact, number, part, outcome.finished.as_deref());
        }
    }

    fn recall(&self, part: KeptPart) -> Option<(Vec<Scanned<Box<Detection>>>, Outcome)> {
        let keeper = self.with.keeper?;
        let recalled = recalled(&keeper.recall(part)?, part.artifact, self.with.suppressions);
        if recalled.is_none() {
            keeper.unreadable(part);
        }
        recalled
    }
}
