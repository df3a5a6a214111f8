//! What a replay came to: counts of every transition, of findings by rule and cause, and sessions whose peak moved.
//!
//! Bounded however long the run: everything is counted, and of lists only the first entries are kept.

use std::collections::{BTreeMap, HashMap};

use coldcase_model::{
    Action, ChangeCause, EventId, Excerpt, FindingChange, FindingChangeKind, InputFacts, Replayed, RiskLevel,
    SessionKey, Standing,
};

use crate::Summary;

/// Sessions whose peaks are followed; more are counted.
const MOST_SESSIONS: usize = 200_000;
/// Rules that are named; findings of more are counted.
const MOST_RULES: usize = 10_000;
/// Changed events that are kept to be shown.
const MOST_SHOWN: usize = 300;
/// Findings of a changed event that are kept to be shown.
pub(super) const MOST_FINDINGS: usize = 12;

/// What a gate holds against the candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// An event is let pass that was stopped, or not warned of any more.
    NewAllow,
    /// An event is blocked that was not.
    NewBlock,
    /// Any verdict, finding or peak of a session differs.
    Any,
    /// More events than this are blocked that were not.
    MaxNewBlock(u64),
}

/// How many findings were gained, lost and altered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct FindingSums {
    /// Only the candidate draws them.
    pub gained: u64,
    /// Only the baseline draws them.
    pub lost: u64,
    /// Both draw them, otherwise.
    pub altered: u64,
}

impl FindingSums {
    fn add(&mut self, kind: FindingChangeKind) {
        match kind {
            FindingChangeKind::Gained => self.gained += 1,
            FindingChangeKind::Lost => self.lost += 1,
            FindingChangeKind::Altered => self.altered += 1,
        }
    }

    /// All of them.
    pub fn total(self) -> u64 {
        self.gained + self.lost + self.altered
    }
}

/// What became of a rule's findings for one cause.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct RuleSum {
    /// What the rule recognises.
    pub title: String,
    /// Its findings.
    pub findings: FindingSums,
    /// The first event of them.
    pub first: Option<EventId>,
    /// Another rule whose change made the difference, of the first of them that has one.
    pub through: Option<String>,
}

/// The worst that a session came to under both sides.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SessionPeak {
    /// The session.
    pub session: Excerpt,
    /// Its first event.
    pub first: EventId,
    /// Under the baseline.
    pub before: RiskLevel,
    /// Under the candidate.
    pub after: RiskLevel,
}

/// What a replay came to.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ReplaySummary {
    /// What was read, and what the candidate made of it.
    pub run: Summary,
    /// Events by the baseline's action and the candidate's; `None` is *not replayable*.
    pub matrix: BTreeMap<(Option<Action>, Option<Action>), u64>,
    /// Events by whether they could be compared.
    pub standings: BTreeMap<Standing, u64>,
    /// Events whose verdict or findings changed.
    pub changed: u64,
    /// Events whose verdict changed.
    pub moved: u64,
    /// Events that are blocked now and were not.
    pub new_blocks: u64,
    /// Events that are let pass now and were not, or not without a warning.
    pub new_allows: u64,
    /// Events by the causes of their changes; an event may have several.
    pub causes: BTreeMap<ChangeCause, u64>,
    /// Findings that changed.
    pub findings: FindingSums,
    /// The same by rule and cause.
    pub rules: BTreeMap<(String, ChangeCause), RuleSum>,
    /// Findings of rules beyond those that are named.
    pub other_rules: u64,
    /// Sessions that were not followed, since there were too many.
    pub unfollowed: u64,
    pub(super) shown: Vec<Replayed>,
    peaks: Vec<SessionPeak>,
    places: HashMap<SessionKey, usize>,
}

impl ReplaySummary {
    /// Counts an event.
    pub fn add(&mut self, replayed: &Replayed) {
        self.run.add_event(&replayed.after);
        *self.standings.entry(replayed.standing).or_default() += 1;
        *self.matrix.entry((replayed.from, replayed.to)).or_default() += 1;
        self.add_peak(replayed);
        if !replayed.is_changed() {
            return;
        }
        self.changed += 1;
        self.moved += u64::from(replayed.is_moved());
        self.new_blocks += u64::from(replayed.is_new_block());
        self.new_allows += u64::from(replayed.is_new_allow());
        for cause in &replayed.causes {
            *self.causes.entry(*cause).or_default() += 1;
        }
        for change in &replayed.findings {
            self.add_finding(replayed, change);
        }
        if self.shown.len() < MOST_SHOWN {
            self.shown.push(replayed.clone());
        }
    }

    /// Counts an input.
    pub fn input(&mut self, facts: &InputFacts) {
        self.run.add_input(facts);
        let mentioned = |shown: &Replayed| shown.after.head.id.artifact == facts.artifact;
        if self.shown.iter().any(mentioned) {
            self.run.paths.insert(facts.artifact, facts.path.clone());
        }
    }

    fn add_finding(&mut self, replayed: &Replayed, change: &FindingChange) {
        self.findings.add(change.kind);
        let key = (change.rule().to_owned(), change.cause);
        if self.rules.len() >= MOST_RULES && !self.rules.contains_key(&key) {
            self.other_rules += 1;
            return;
        }
        let sum = self.rules.entry(key).or_default();
        if sum.first.is_none() {
            sum.first = Some(replayed.after.head.id);
            sum.title = change.finding().map(|finding| finding.rule.title.to_string()).unwrap_or_default();
        }
        if sum.through.is_none() {
            sum.through = change.through.as_ref().map(ToString::to_string);
        }
        sum.findings.add(change.kind);
    }

    fn add_peak(&mut self, replayed: &Replayed) {
        let (before, after) = (replayed.before.verdict.risk.level, replayed.after.verdict.risk.level);
        let session = &replayed.after.head.session;
        if let Some(peak) = self.places.get(session).and_then(|at| self.peaks.get_mut(*at)) {
            peak.before = peak.before.max(before);
            peak.after = peak.after.max(after);
        } else if self.peaks.len() < MOST_SESSIONS {
            self.places.insert(session.clone(), self.peaks.len());
            let label = replayed.after.labels.session.clone();
            self.peaks.push(SessionPeak { session: label, first: replayed.after.head.id, before, after });
        } else {
            self.unfollowed += 1;
        }
    }

    /// Sessions whose peak level is not the same, in the order in which they begin.
    pub fn moved_sessions(&self) -> impl Iterator<Item = &SessionPeak> {
        self.peaks.iter().filter(|peak| peak.before != peak.after)
    }

    /// How many sessions were followed.
    pub fn sessions(&self) -> u64 {
        self.peaks.len() as u64
    }

    /// Events that could not be compared.
    pub fn not_compared(&self) -> u64 {
        self.standings
            .iter()
            .filter(|(standing, _)| **standing != Standing::Compared)
            .map(|(_, count)| count)
            .sum()
    }

    /// Events that could be compared and are the same under both sides.
    pub fn unchanged(&self) -> u64 {
        self.standings.get(&Standing::Compared).copied().unwrap_or(0).saturating_sub(self.changed)
    }

    /// Whether anything differs.
    pub fn is_changed(&self) -> bool {
        self.changed > 0 || self.moved_sessions().next().is_some()
    }

    /// What is held against the candidate by a gate; `None` where it passes.
    pub fn fails(&self, gate: Gate) -> Option<String> {
        let events = |count: u64| crate::quantity::counted(count, "event", "events");
        match gate {
            Gate::NewAllow => {
                (self.new_allows > 0).then(|| format!("{} newly allowed", events(self.new_allows)))
            }
            Gate::NewBlock => {
                (self.new_blocks > 0).then(|| format!("{} newly blocked", events(self.new_blocks)))
            }
            Gate::Any => self.is_changed().then(|| {
                format!(
                    "{} changed, {} sessions with another peak",
                    events(self.changed),
                    self.moved_sessions().count()
                )
            }),
            Gate::MaxNewBlock(most) => (self.new_blocks > most).then(|| {
                format!("{} newly blocked, and at most {most} are allowed for", events(self.new_blocks))
            }),
        }
    }
}
