//! The stories of the sessions that a page shows: what moved their risk, what hangs together, which tools changed.
//!
//! Bounded however many sessions there are: the worst are kept, and of each the first events with something to tell.
//! The tables `risk`, `edges` and `tool_changes` have all of it.

mod joined;
mod moment;

use std::collections::BTreeMap;
use std::sync::Arc;

use coldcase_model::{EdgeKind, Judged, RiskLevel, Timestamp};

pub(crate) use self::joined::{Joined, words};
pub(crate) use self::moment::{Moment, Tie, lane, what};

/// Sessions that are kept with their events.
const MOST_SESSIONS: usize = 256;
/// Events that are kept of a session.
const MOST_MOMENTS: usize = 80;
/// References that are kept of a session.
const MOST_REFERENCES: usize = 16;
/// Sessions that are counted.
const MOST_COUNTED: usize = 1 << 16;

/// The stories of a run's sessions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stories {
    kept: BTreeMap<Arc<str>, Story>,
    /// How many events each session has; sessions beyond the first [`MOST_COUNTED`] are not counted by themselves.
    events: BTreeMap<Arc<str>, u64>,
    /// Which sessions are recordings of one run.
    pub(crate) joined: Joined,
    /// Whether a session with something to tell was left out.
    pub(crate) left_out: bool,
}

/// The story of one session.
#[derive(Debug, Clone)]
pub(crate) struct Story {
    /// The highest score, what it amounts to, and the event that made it so.
    pub(crate) peak: (f64, RiskLevel, String),
    /// The first and the last time of an event with something to tell.
    pub(crate) times: Option<(Timestamp, Timestamp)>,
    /// The first of the events with something to tell.
    pub(crate) moments: Vec<Moment>,
    /// How many more there are.
    pub(crate) more: u64,
    /// What the findings' rules refer to, by catalogue.
    pub(crate) references: BTreeMap<&'static str, Vec<String>>,
}

impl Stories {
    /// Adds an event.
    pub(crate) fn add(&mut self, judged: &Judged) {
        let session = judged.labels.session.as_str();
        self.joined.add(judged);
        let ordinal = self.count(session);
        let leads_on =
            || self.kept.get(session).is_some_and(|story| story.leads_to(judged) || self.is_told(judged));
        if !moment::is_notable(judged) && !leads_on() {
            return;
        }
        if !self.kept.contains_key(session) {
            if self.kept.len() >= MOST_SESSIONS && !self.make_room(judged.verdict.risk.score) {
                return;
            }
            self.kept.insert(session.into(), Story::new(judged));
        }
        if let Some(story) = self.kept.get_mut(session) {
            story.add(judged, ordinal);
        }
    }

    /// Whether another recording of an event is told of, in the story of the session that it belongs to.
    fn is_told(&self, judged: &Judged) -> bool {
        judged.story.edges.iter().filter(|edge| edge.kind == EdgeKind::SameAs).any(|edge| {
            let from = edge.from.to_string();
            self.kept.values().any(|story| story.moments.iter().any(|moment| moment.event == from))
        })
    }

    /// Counts an event; its place in its session, or 0 where there are too many sessions.
    fn count(&mut self, session: &str) -> u64 {
        if let Some(count) = self.events.get_mut(session) {
            *count += 1;
            return *count;
        }
        if self.events.len() >= MOST_COUNTED {
            return 0;
        }
        self.events.insert(session.into(), 1);
        1
    }

    /// Drops the session with the lowest peak if that is below `score`.
    fn make_room(&mut self, score: f64) -> bool {
        self.left_out = true;
        let lowest = self.kept.iter().min_by(|(_, a), (_, b)| a.peak.0.total_cmp(&b.peak.0));
        let Some(session) = lowest.filter(|(_, story)| story.peak.0 < score).map(|(name, _)| name.clone())
        else {
            return false;
        };
        self.kept.remove(&session);
        true
    }

    /// The sessions, the worst first, each with how many events it has in all where that was counted.
    pub(crate) fn worst(&self) -> Vec<(&str, Option<u64>, &Story)> {
        let count = |name: &Arc<str>| self.events.get(name).copied();
        let mut all: Vec<_> = self.kept.iter().map(|(name, story)| (&**name, count(name), story)).collect();
        all.sort_by(|(a_name, _, a), (b_name, _, b)| {
            b.peak.0.total_cmp(&a.peak.0).then_with(|| a_name.cmp(b_name))
        });
        all
    }

    /// How many sessions there are; `None` where there are too many to count.
    pub(crate) fn sessions(&self) -> Option<usize> {
        Some(self.events.len()).filter(|count| *count < MOST_COUNTED)
    }
}

impl Story {
    fn new(judged: &Judged) -> Self {
        let risk = judged.verdict.risk;
        Self {
            peak: (risk.score, risk.level, judged.head.id.to_string()),
            times: None,
            moments: Vec::new(),
            more: 0,
            references: BTreeMap::new(),
        }
    }

    /// Whether an event has content of one that is told of.
    fn leads_to(&self, judged: &Judged) -> bool {
        judged.story.edges.iter().any(|edge| {
            let from = edge.from.to_string();
            self.moments.iter().any(|moment| moment.event == from)
        })
    }

    fn add(&mut self, judged: &Judged, ordinal: u64) {
        let risk = judged.verdict.risk;
        if risk.score > self.peak.0 {
            self.peak = (risk.score, risk.level, judged.head.id.to_string());
        }
        if let Some(time) = judged.head.time {
            let (first, last) = self.times.unwrap_or((time, time));
            self.times = Some((first.min(time), last.max(time)));
        }
        for finding in judged.findings.iter().filter(|finding| !finding.is_suppressed()) {
            let references = &finding.rule.references;
            for (catalogue, entries) in [
                ("OWASP", &references.owasp),
                ("MITRE ATLAS", &references.atlas),
                ("MITRE ATT&CK", &references.attack),
            ] {
                for entry in entries {
                    let known = self.references.entry(catalogue).or_default();
                    if known.len() < MOST_REFERENCES && !known.contains(entry) {
                        known.push(entry.clone());
                    }
                }
            }
        }
        if self.moments.len() < MOST_MOMENTS {
            self.moments.push(Moment::of(judged, ordinal));
        } else {
            self.more += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn risen(session: usize, score: f64) -> Judged {
        let rules = sample::rules();
        let mut judged = sample::judged(&rules, 0, 0);
        judged.labels.session = coldcase_model::Excerpt::of_name(format!("session-{session}").as_bytes());
        judged.verdict.risk.score = score;
        judged.story.signals.push(coldcase_model::Signal {
            kind: coldcase_model::SignalKind::Finding,
            what: "dlp.x".into(),
            points: score,
        });
        judged
    }

    #[test]
    fn the_worst_sessions_are_kept() {
        let mut stories = Stories::default();
        for session in 0..=MOST_SESSIONS {
            stories.add(&risen(session, 1.0));
        }
        stories.add(&risen(9999, 7.0));
        let worst = stories.worst();
        assert_eq!(worst.len(), MOST_SESSIONS);
        assert_eq!(worst.first().map(|(name, events, _)| (*name, *events)), Some(("session-9999", Some(1))));
        assert!(stories.left_out);
    }

    #[test]
    fn content_that_is_handed_on_is_told_where_it_comes_from_an_event_that_is_told_of() {
        let mut stories = Stories::default();
        let carries = |index: u64, from: u64| {
            let mut judged = risen(0, 0.0);
            judged.head.id.index = index;
            judged.findings.clear();
            judged.story.signals.clear();
            judged.story.edges.push(coldcase_model::Edge {
                from: coldcase_model::EventId { index: from, ..judged.head.id },
                kind: coldcase_model::EdgeKind::Carried,
                basis: coldcase_model::Basis::Linked,
                shared_bytes: 40,
                what: "a passage".into(),
            });
            judged
        };
        let mut first = risen(0, 3.0);
        first.head.id.index = 5;
        for judged in [carries(4, 2), first, carries(6, 2), carries(7, 5), carries(8, 7)] {
            stories.add(&judged);
        }
        let worst = stories.worst();
        let told: Vec<_> = worst.iter().flat_map(|(_, _, story)| &story.moments).collect();
        let told: Vec<&str> = told.into_iter().filter_map(|moment| moment.event.split(':').nth(1)).collect();
        assert_eq!(told, ["5", "7", "8"]);
    }

    #[test]
    fn another_recording_of_what_is_told_of_is_told_too() {
        let mut stories = Stories::default();
        stories.add(&risen(0, 3.0));
        let (mut own, mut same) = (risen(1, 3.0), risen(1, 0.0));
        own.head.id.index = 8;
        same.findings.clear();
        same.story.signals.clear();
        let edge = |from: u64| coldcase_model::Edge {
            from: coldcase_model::EventId { index: from, ..same.head.id },
            kind: EdgeKind::SameAs,
            basis: coldcase_model::Basis::Linked,
            shared_bytes: 24,
            what: "the same".into(),
        };
        let edges = [edge(same.head.id.index), edge(77)];
        stories.add(&own);
        for (index, edge) in (9..).zip(edges) {
            same.head.id.index = index;
            same.story.edges = vec![edge];
            stories.add(&same);
        }
        let worst = stories.worst();
        let of = |name: &str| worst.iter().find(|(session, ..)| *session == name).map(|(.., story)| story);
        let told: Vec<&str> = of("session-1").unwrap().moments.iter().map(|moment| &*moment.event).collect();
        assert_eq!(
            told,
            [own.head.id.to_string(), coldcase_model::EventId { index: 9, ..own.head.id }.to_string()]
        );
    }

    #[test]
    fn moments_beyond_the_cap_are_counted() {
        let mut stories = Stories::default();
        for _ in 0..MOST_MOMENTS + 5 {
            stories.add(&risen(0, 3.0));
        }
        let worst = stories.worst();
        assert_eq!(
            worst.first().map(|(_, _, story)| (story.moments.len(), story.more)),
            Some((MOST_MOMENTS, 5))
        );
    }
}
