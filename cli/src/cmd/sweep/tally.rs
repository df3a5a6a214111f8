//! What a sweep counts: verdicts and findings at each level, what changed against the baseline, and findings beside labels.

use std::collections::BTreeMap;
use std::convert::Infallible;

use coldcase_engine::{Swept, Take};
use coldcase_model::{Action, Anomaly, Category, Finding, InputFacts, Judged};

use crate::cmd::labels::{Entry, Labels, Marking, Tally};

/// One side's counts.
#[derive(Debug, Default)]
pub(super) struct Side {
    /// Findings that no baseline of accepted findings suppresses.
    pub(super) findings: u64,
    /// Events by verdict.
    pub(super) actions: BTreeMap<Action, u64>,
}

/// The candidate at one least confidence.
#[derive(Debug, Default)]
pub(super) struct Level {
    pub(super) least: f32,
    pub(super) side: Side,
    /// Events that it blocks and the baseline does not.
    pub(super) new_blocks: u64,
    /// Events that it lets pass and the baseline stopped, altered or warned of.
    pub(super) new_allows: u64,
}

/// What a sweep came to.
#[derive(Debug, Default)]
pub(super) struct Swung {
    pub(super) inputs: u64,
    pub(super) events: u64,
    /// Events of which the recording left bytes out: their verdicts rest on what is left.
    pub(super) partly_recorded: u64,
    pub(super) scanned: u64,
    pub(super) before: Side,
    pub(super) levels: Vec<Level>,
    /// The lowest level's findings beside the labels of recordings.
    pub(super) labelled: Tally,
}

impl Swung {
    pub(super) fn nothing_read(&self) -> bool {
        self.events == 0 || self.scanned == 0
    }
}

/// Hears of each event.
pub(super) struct Sink {
    result: Swung,
    labels: Vec<Option<Entry>>,
    /// Findings of recordings with labels, by input: the event's index in the recording, and the finding.
    found: BTreeMap<u32, (u64, Vec<(u64, Finding)>)>,
}

impl Sink {
    pub(super) fn new(levels: usize, labels: Vec<Option<Entry>>) -> Self {
        let levels = (0..levels).map(|_| Level::default()).collect();
        Self { result: Swung { levels, ..Swung::default() }, labels, found: BTreeMap::new() }
    }

    /// Holds what was found to the labels, and gives the counts.
    pub(super) fn finish(mut self, leasts: &[f32]) -> Swung {
        for (level, &least) in self.result.levels.iter_mut().zip(leasts) {
            level.least = least;
        }
        let tally = &mut self.result.labelled;
        for (index, entry) in (0u32..).zip(&self.labels) {
            let Some(entry) = entry else { continue };
            let Labels::Findings(expected) = &entry.labels else { continue };
            let mut marking = Marking::new(&entry.about, expected);
            for (event, finding) in self.found.get(&index).into_iter().flat_map(|(_, found)| found) {
                marking.finding(*event, finding, tally);
            }
            marking.finish(tally);
            tally.recordings += 1;
        }
        self.result
    }

    fn labels(&mut self, artifact: u32, findings: &[Finding]) {
        let has = usize::try_from(artifact).ok().and_then(|index| self.labels.get(index));
        if !matches!(has, Some(Some(_))) {
            return;
        }
        let (events, found) = self.found.entry(artifact).or_default();
        // What a session draws from several events is not what labels of rules speak of.
        let of_rules = findings.iter().filter(|finding| {
            !matches!(finding.rule.category, Category::Chain | Category::ToolDrift | Category::Taint)
        });
        found.extend(of_rules.map(|finding| (*events, finding.clone())));
        *events += 1;
    }
}

impl Take<Swept> for Sink {
    type Error = Infallible;

    fn judged(&mut self, swept: &Swept) -> Result<(), Infallible> {
        let Swept { before, after } = swept;
        self.result.events += 1;
        self.result.scanned += before.verdict.coverage.scanned;
        self.result.partly_recorded += u64::from(before.head.lacks_bytes());
        self.result.before.count(before);
        let from = before.verdict.action;
        for (level, judged) in self.result.levels.iter_mut().zip(after) {
            level.side.count(judged);
            let to = judged.verdict.action;
            level.new_blocks += u64::from(to == Action::Block && from != Action::Block);
            level.new_allows += u64::from(to < from && to <= Action::Warn);
        }
        if let Some(lowest) = after.first() {
            self.labels(lowest.head.source.pos.artifact.0, &lowest.findings);
        }
        Ok(())
    }

    fn anomaly(&mut self, _: &Anomaly) -> Result<(), Infallible> {
        Ok(())
    }

    fn input(&mut self, _: &InputFacts) -> Result<(), Infallible> {
        self.result.inputs += 1;
        Ok(())
    }
}

impl Side {
    fn count(&mut self, judged: &Judged) {
        self.findings += judged.findings.iter().filter(|finding| !finding.is_suppressed()).count() as u64;
        *self.actions.entry(judged.verdict.action).or_default() += 1;
    }
}
