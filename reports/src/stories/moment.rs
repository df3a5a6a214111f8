//! One event of a session's story, in words.

use std::sync::Arc;

use coldcase_model::{Direction, EdgeKind, Excerpt, Judged, RiskLevel, Severity, SignalKind, Timestamp};

use crate::Lane;

/// Findings, signals, edges and changes that are kept of one event, each.
const MOST: usize = 12;

/// An event with something to tell.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    /// Its name, as in `3:17`.
    pub(crate) event: String,
    /// Its place among the session's events, from 1; 0 where that is not known.
    pub(crate) ordinal: u64,
    pub(crate) time: Option<Timestamp>,
    pub(crate) lane: Lane,
    pub(crate) direction: Option<Direction>,
    /// What it is, in a few words: a tool, a method and host, a role.
    pub(crate) what: String,
    /// The session's score after it.
    pub(crate) score: f64,
    pub(crate) level: RiskLevel,
    /// What moved the score: kind, name, points.
    pub(crate) signals: Vec<(SignalKind, Arc<str>, f64)>,
    /// Severity, rule and title of its findings.
    pub(crate) findings: Vec<(Severity, Arc<str>, Arc<str>)>,
    /// Earlier events that it hangs together with.
    pub(crate) edges: Vec<Tie>,
    /// Tools that changed.
    pub(crate) changes: Vec<Change>,
}

/// An edge from an earlier event.
#[derive(Debug, Clone)]
pub(crate) struct Tie {
    pub(crate) kind: &'static str,
    pub(crate) basis: &'static str,
    pub(crate) from: String,
    pub(crate) shared_bytes: u64,
    pub(crate) what: Arc<str>,
}

/// A tool's change.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) tool: String,
    pub(crate) server: String,
    pub(crate) kind: &'static str,
    pub(crate) class: &'static str,
    pub(crate) field: String,
    pub(crate) diff: String,
}

/// Whether there is something to an event besides that it happened. That it hands content on is ordinary work, and that it was
/// recorded twice says nothing of it.
pub(super) fn is_notable(judged: &Judged) -> bool {
    let story = &judged.story;
    let moved = story.signals.iter().any(|signal| signal.kind != SignalKind::Decay);
    let led = story.edges.iter().any(|edge| matches!(edge.kind, EdgeKind::InjectedBy | EdgeKind::Followed));
    let found = judged.findings.iter().any(|finding| !finding.is_suppressed());
    moved || led || found || !story.changes.is_empty()
}

impl Moment {
    pub(super) fn of(judged: &Judged, ordinal: u64) -> Self {
        let labels = &judged.labels;
        let story = &judged.story;
        let kind = judged.head.kind.as_str();
        let has_tool = !labels.tool.as_str().is_empty();
        let rule = |finding: &coldcase_model::Finding| {
            (finding.rule.severity, finding.rule.id.clone(), finding.rule.title.clone())
        };
        Self {
            event: judged.head.id.to_string(),
            ordinal,
            time: judged.head.time,
            lane: lane(kind, labels.method.as_str(), has_tool),
            direction: judged.head.direction,
            what: what(
                kind,
                [&labels.method, &labels.target, &labels.server, &labels.tool].map(Excerpt::as_str),
            ),
            score: judged.verdict.risk.score,
            level: judged.verdict.risk.level,
            signals: story
                .signals
                .iter()
                .filter(|signal| signal.kind != SignalKind::Decay)
                .map(|signal| (signal.kind, signal.what.clone(), signal.points))
                .take(MOST)
                .collect(),
            findings: judged
                .findings
                .iter()
                .filter(|one| !one.is_suppressed())
                .map(rule)
                .take(MOST)
                .collect(),
            edges: story
                .edges
                .iter()
                .map(|edge| Tie {
                    kind: edge.kind.as_str(),
                    basis: edge.basis.as_str(),
                    from: edge.from.to_string(),
                    shared_bytes: edge.shared_bytes,
                    what: edge.what.clone(),
                })
                .take(MOST)
                .collect(),
            changes: story
                .changes
                .iter()
                .map(|change| Change {
                    tool: change.tool.as_str().to_owned(),
                    server: change.server.as_str().to_owned(),
                    kind: change.kind.as_str(),
                    class: change.class.as_str(),
                    field: change.field.as_str().to_owned(),
                    diff: change.diff.as_str().to_owned(),
                })
                .take(MOST)
                .collect(),
        }
    }
}

/// Where an event of a kind takes place; `method` is the role of a model's message.
pub(crate) fn lane(kind: &str, method: &str, has_tool: bool) -> Lane {
    match kind {
        "mcp" | "a2a" | "a2a_card" => Lane::Tools,
        "model" if has_tool => Lane::Tools,
        "model" if matches!(method, "user" | "system") => Lane::Agent,
        "model" => Lane::Model,
        "http_request" | "http_response" | "ws_message" | "sse_event" | "dns" => Lane::Network,
        _ => Lane::Agent,
    }
}

/// What an event is, in a few words, from its method, target, server and tool.
pub(crate) fn what(kind: &str, [method, target, server, tool]: [&str; 4]) -> String {
    let words = match kind {
        "http_request" | "http_response" => [method, target, ""],
        "model" | "mcp" => [method, server, tool],
        other => [other, method, target],
    };
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
