//! What was found and what was to be: counts by rule, and each observation with its confidence for curves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::cmd) struct Share {
    pub(in crate::cmd) right: u64,
    pub(in crate::cmd) of: u64,
}

impl Share {
    pub(in crate::cmd) const fn new(right: u64, of: u64) -> Self {
        Self { right, of }
    }

    pub(in crate::cmd) fn add(&mut self, right: bool) {
        self.right += u64::from(right);
        self.of += 1;
    }

    pub(in crate::cmd) const fn plus(self, other: Self) -> Self {
        Self { right: self.right + other.right, of: self.of + other.of }
    }

    /// In ten-thousandths; `None` of nothing.
    pub(in crate::cmd) fn of_ten_thousand(self) -> Option<u64> {
        self.right.saturating_mul(10_000).checked_div(self.of)
    }

    /// With three digits, or a dash of nothing.
    pub(in crate::cmd) fn text(self) -> String {
        let share = self.of_ten_thousand().map(|share| share / 10);
        share.map_or_else(|| "-".to_owned(), |share| format!("{}.{:03}", share / 1000, share % 1000))
    }

    /// Whether this is a smaller share than another; nothing is compared with nothing.
    pub(in crate::cmd) fn is_below(self, other: Self) -> bool {
        let cross = |right: u64, of: u64| u128::from(right) * u128::from(of);
        self.of > 0 && other.of > 0 && cross(self.right, other.of) < cross(other.right, self.of)
    }
}

/// A rule's score on a corpus.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::cmd) struct Score {
    /// Findings, of which some were to be.
    pub(in crate::cmd) precision: Share,
    /// What was to be found, of which some was.
    pub(in crate::cmd) recall: Share,
}

impl Score {
    pub(in crate::cmd) const fn plus(self, other: Self) -> Self {
        Self { precision: self.precision.plus(other.precision), recall: self.recall.plus(other.recall) }
    }
}

/// Something that was found, or was to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::cmd) struct Observation {
    /// Whether it was to be found.
    pub(in crate::cmd) wanted: bool,
    /// How sure the surest finding is; `None` where there is none.
    pub(in crate::cmd) confidence: Option<f32>,
}

/// The results of a corpus.
#[derive(Debug, Default)]
pub(in crate::cmd) struct Tally {
    pub(in crate::cmd) rules: BTreeMap<String, Score>,
    pub(in crate::cmd) observations: Vec<Observation>,
    pub(in crate::cmd) recordings: u64,
    pub(in crate::cmd) texts: u64,
    pub(in crate::cmd) events: u64,
    pub(in crate::cmd) anomalies: u64,
}

impl Tally {
    /// A finding of a rule, wanted or not.
    pub(in crate::cmd) fn hit(&mut self, rule: &str, wanted: bool) {
        self.rules.entry(rule.to_owned()).or_default().precision.add(wanted);
    }

    /// What a rule was to find, found or not. A name for many rules is no rule's.
    pub(in crate::cmd) fn expected(&mut self, rule: &str, found: bool) {
        if !rule.ends_with('.') {
            self.rules.entry(rule.to_owned()).or_default().recall.add(found);
        }
    }

    /// Precision and recall of all rules together, of findings from a confidence on. Ties of rounding count as reached.
    pub(in crate::cmd) fn at(&self, least: f32) -> Score {
        let mut score = Score::default();
        for one in &self.observations {
            let found = one.confidence.is_some_and(|confidence| confidence + 1e-6 >= least);
            if found {
                score.precision.add(one.wanted);
            }
            if one.wanted {
                score.recall.add(found);
            }
        }
        score
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_compared_as_fractions() {
        assert!(Share::new(1, 3).is_below(Share::new(2, 5)));
        assert!(!Share::new(2, 6).is_below(Share::new(1, 3)));
        assert!(!Share::new(0, 0).is_below(Share::new(1, 1)));
        assert_eq!(Share::new(2, 3).text(), "0.666");
        assert_eq!(Share::new(3, 3).text(), "1.000");
        assert_eq!(Share::default().text(), "-");
    }

    #[test]
    fn a_higher_threshold_loses_recall_and_gains_precision() {
        let one = |wanted, confidence| Observation { wanted, confidence };
        let observations =
            vec![one(true, Some(0.9)), one(true, Some(0.5)), one(true, None), one(false, Some(0.4))];
        let tally = Tally { observations, ..Tally::default() };
        let at = |least| {
            let score = tally.at(least);
            (score.precision, score.recall)
        };
        assert_eq!(at(0.0), (Share::new(2, 3), Share::new(2, 3)));
        assert_eq!(at(0.5), (Share::new(2, 2), Share::new(2, 3)));
        assert_eq!(at(0.9), (Share::new(1, 1), Share::new(1, 3)));
        assert_eq!(at(1.0), (Share::new(0, 0), Share::new(0, 3)));
    }
}
