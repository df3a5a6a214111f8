//! The findings of one recording, held to what was expected of it.

use coldcase_model::Finding;

use super::expected::{About, ExpectedFinding};
use super::score::{Observation, Tally};

/// A recording under way.
pub(in crate::cmd) struct Marking<'e> {
    about: &'e About,
    expected: &'e [ExpectedFinding],
    /// The surest finding of each expectation.
    surest: Vec<Option<f32>>,
}

impl<'e> Marking<'e> {
    /// Nothing is found yet.
    pub(in crate::cmd) fn new(about: &'e About, expected: &'e [ExpectedFinding]) -> Self {
        Self { about, expected, surest: vec![None; expected.len()] }
    }

    /// Counts a finding of an event, by its index in the recording.
    pub(in crate::cmd) fn finding(&mut self, event: u64, finding: &Finding, tally: &mut Tally) {
        if !self.about.takes(finding) {
            return;
        }
        let confidence = finding.confidence.0;
        let mut wanted = false;
        for (one, best) in self.expected.iter().zip(&mut self.surest) {
            if one.is(event, finding) {
                wanted = true;
                *best = Some(best.map_or(confidence, |best| best.max(confidence)));
            }
        }
        tally.hit(&finding.rule.id, wanted);
        if !wanted {
            tally.observations.push(Observation { wanted, confidence: Some(confidence) });
        }
    }

    /// Counts what was expected, found or not.
    pub(in crate::cmd) fn finish(self, tally: &mut Tally) {
        for (one, confidence) in self.expected.iter().zip(self.surest) {
            tally.expected(&one.rule, confidence.is_some());
            tally.observations.push(Observation { wanted: true, confidence });
        }
    }
}
