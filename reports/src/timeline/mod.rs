//! The story of one session, read back from a report's tables: what came in, what the agent did, how the risk moved and why,
//! and how the events hang together; or that of a run, from all sessions that are recordings of it.
//!
//! Tables are read row by row; of a session that is shown the rows are kept, of all others only their sums. Left out: the
//! content of events, which no report holds.

mod joins;
mod rows;
mod text;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

pub(crate) use rows::rows;

use crate::ReportError;
use crate::stories::{lane, what};

pub use joins::{joined, joined_text, recordings};
pub use text::{recordings_text, sessions_text, timeline_text};

/// An event's name: its input and its index there.
type Id = (u64, u64);

/// What a session came to.
#[derive(Debug, Clone, Default)]
pub struct SessionSum {
    /// The session.
    pub session: String,
    /// How many events it has.
    pub events: u64,
    /// How many findings.
    pub findings: u64,
    /// The highest score of its risk, and the level of that.
    pub peak: f64,
    /// What the highest score amounts to.
    pub level: String,
    /// The first and the last time that is stated, in nanoseconds since 1970.
    pub times: Option<(i64, i64)>,
}

/// Where an event takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// The person, the operator, or the agent's own log.
    Agent,
    /// The model.
    Model,
    /// A tool or a server of tools.
    Tools,
    /// Another host.
    Network,
}

/// One event of a timeline.
#[derive(Debug, Clone)]
pub struct Moment {
    /// Its name, as in `3:17`.
    pub event: String,
    /// Which of the sessions that were asked for it belongs to, from 0.
    pub recording: usize,
    /// When, in nanoseconds since 1970.
    pub time: Option<i64>,
    /// Its time, or that of the last one before it in its recording.
    order: i64,
    /// Where it takes place.
    pub lane: Lane,
    /// `egress`, `ingress` or nothing.
    pub direction: String,
    /// What it is, in a few words: a tool, a method and host, a role.
    pub what: String,
    /// The session's score after it, and the level.
    pub score: f64,
    /// What the score amounts to.
    pub level: String,
    /// What moved the score, with points.
    pub signals: Vec<(String, f64)>,
    /// Rule and severity of its findings.
    pub findings: Vec<(String, String)>,
    /// Earlier events that it hangs together with.
    pub edges: Vec<Tie>,
}

/// An edge from an earlier event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tie {
    /// The earlier event.
    pub from: String,
    /// `injected_by`, `carried`, `followed` or `same_as`.
    pub kind: String,
    /// `linked` or `inferred`.
    pub basis: String,
    /// How many bytes both are known to share.
    pub shared_bytes: u64,
    /// What is shared or was done.
    pub what: String,
}

impl Moment {
    /// Whether there is something to it besides that it happened.
    pub fn is_notable(&self) -> bool {
        !self.signals.is_empty() || !self.findings.is_empty() || !self.edges.is_empty()
    }
}

/// The sessions of a report, the worst first.
pub fn sessions(report: &Path) -> Result<Vec<SessionSum>, ReportError> {
    let mut sums: BTreeMap<String, SessionSum> = BTreeMap::new();
    let verdicts = rows(report, "verdicts", &["risk_score", "risk_level"])?;
    let events = rows(report, "events", &["session", "time", "findings"])?;
    for (event, verdict) in events.zip(verdicts) {
        let (event, verdict) = (event?, verdict?);
        let session = event.text("session");
        let sum = sums.entry(session.clone()).or_default();
        sum.session = session;
        sum.events += 1;
        sum.findings += event.number("findings");
        let score = verdict.float("risk_score");
        if sum.level.is_empty() || score > sum.peak {
            sum.peak = score;
            sum.level = verdict.text("risk_level");
        }
        if let Some(time) = event.nanos("time") {
            let (first, last) = sum.times.unwrap_or((time, time));
            sum.times = Some((first.min(time), last.max(time)));
        }
    }
    let mut all: Vec<SessionSum> = sums.into_values().collect();
    all.sort_by(|a, b| b.peak.total_cmp(&a.peak).then_with(|| a.session.cmp(&b.session)));
    Ok(all)
}

/// The events of sessions that are recordings of one run, by their times; of one session in the order of the report.
pub fn timeline(report: &Path, sessions: &[&str]) -> Result<Vec<Moment>, ReportError> {
    let numbers: HashMap<&str, usize> = sessions.iter().copied().zip(0..).collect();
    let mut moments = read(report, &numbers)?;
    if sessions.len() > 1 {
        in_time(&mut moments, sessions.len());
    }
    Ok(moments)
}

/// Puts the events of several recordings in order. One without a time comes with the one before it in its recording; what is at
/// the same time stays as it is in the report.
fn in_time(moments: &mut [Moment], recordings: usize) {
    let mut latest = vec![i64::MIN; recordings];
    for moment in &mut *moments {
        if let Some(latest) = latest.get_mut(moment.recording) {
            *latest = moment.time.unwrap_or(*latest);
            moment.order = *latest;
        }
    }
    moments.sort_by_key(|moment| moment.order);
}

/// The events of sessions, each by its number, in the order of the report.
fn read(report: &Path, numbers: &HashMap<&str, usize>) -> Result<Vec<Moment>, ReportError> {
    let mut beside = Beside::read(report, numbers)?;
    let verdicts = rows(report, "verdicts", &["risk_score", "risk_level"])?;
    let columns =
        ["artifact", "event", "kind", "time", "direction", "session", "server", "method", "target", "tool"];
    let events = rows(report, "events", &columns)?;
    let mut moments = Vec::new();
    for (event, verdict) in events.zip(verdicts) {
        let (event, verdict) = (event?, verdict?);
        let Some(&recording) = numbers.get(event.text("session").as_str()) else { continue };
        let id = (event.number("artifact"), event.number("event"));
        moments.push(Moment {
            event: format!("{}:{}", id.0, id.1),
            recording,
            order: 0,
            time: event.nanos("time"),
            lane: lane(&event.text("kind"), &event.text("method"), !event.text("tool").is_empty()),
            direction: event.text("direction"),
            what: what(
                &event.text("kind"),
                ["method", "target", "server", "tool"]
                    .map(|column| event.text(column))
                    .each_ref()
                    .map(String::as_str),
            ),
            score: verdict.float("risk_score"),
            level: verdict.text("risk_level"),
            signals: beside.signals.remove(&id).unwrap_or_default(),
            findings: beside.findings.remove(&id).unwrap_or_default(),
            edges: beside.edges.remove(&id).unwrap_or_default(),
        });
    }
    Ok(moments)
}

/// What other tables say of a session's events.
#[derive(Default)]
struct Beside {
    signals: BTreeMap<Id, Vec<(String, f64)>>,
    findings: BTreeMap<Id, Vec<(String, String)>>,
    edges: BTreeMap<Id, Vec<Tie>>,
}

impl Beside {
    fn read(report: &Path, numbers: &HashMap<&str, usize>) -> Result<Self, ReportError> {
        let is_wanted = |row: &rows::Row| numbers.contains_key(row.text("session").as_str());
        let mut beside = Self::default();
        for row in rows(report, "risk", &["artifact", "event", "session", "what", "points"])? {
            let row = row?;
            if is_wanted(&row) {
                let id = (row.number("artifact"), row.number("event"));
                beside.signals.entry(id).or_default().push((row.text("what"), row.float("points")));
            }
        }
        let columns = ["artifact", "event", "session", "rule", "severity", "suppressed"];
        for row in rows(report, "findings", &columns)? {
            let row = row?;
            if is_wanted(&row) && row.text("suppressed").is_empty() {
                let id = (row.number("artifact"), row.number("event"));
                beside.findings.entry(id).or_default().push((row.text("rule"), row.text("severity")));
            }
        }
        let columns = [
            "from_artifact",
            "from_event",
            "to_artifact",
            "to_event",
            "session",
            "kind",
            "basis",
            "shared_bytes",
            "what",
        ];
        for row in rows(report, "edges", &columns)? {
            let row = row?;
            if is_wanted(&row) {
                let id = (row.number("to_artifact"), row.number("to_event"));
                let from = format!("{}:{}", row.number("from_artifact"), row.number("from_event"));
                beside.edges.entry(id).or_default().push(Tie {
                    from,
                    kind: row.text("kind"),
                    basis: row.text("basis"),
                    shared_bytes: row.number("shared_bytes"),
                    what: row.text("what"),
                });
            }
        }
        Ok(beside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(recording: usize, event: &str, time: Option<i64>) -> Moment {
        let (direction, what, level) = (String::new(), String::new(), String::new());
        let (signals, findings, edges) = (Vec::new(), Vec::new(), Vec::new());
        let (event, lane, score) = (event.to_owned(), Lane::Tools, 0.0);
        Moment {
            event,
            recording,
            time,
            order: 0,
            lane,
            direction,
            what,
            score,
            level,
            signals,
            findings,
            edges,
        }
    }

    #[test]
    fn events_of_several_recordings_are_shown_by_their_times() {
        let mut moments = [
            moment(0, "a", None),
            moment(0, "b", Some(20)),
            moment(0, "c", None),
            moment(0, "d", Some(40)),
            moment(1, "e", Some(10)),
            moment(1, "f", Some(20)),
            moment(1, "g", Some(30)),
        ];
        in_time(&mut moments, 2);
        let order: String = moments.iter().map(|moment| moment.event.as_str()).collect();
        assert_eq!(order, "aebcfgd");
    }
}
