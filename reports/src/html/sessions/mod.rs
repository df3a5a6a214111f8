//! The sessions whose risk rose or whose tools changed: what happened in words, drawn, and event by event.
//!
//! Sentences are built from counts, names of rules and of events alone; what is inferred from order is called so.

mod drawing;

use coldcase_model::{Direction, EdgeKind, RiskLevel};

use self::drawing::Drawing;
use super::left_out;
use crate::Summary;
use crate::quantity::{counted, grouped};
use crate::stories::{Moment, Story, Tie};

/// Sessions that are shown.
const MOST_SHOWN: usize = 12;

/// The section.
pub(super) struct SessionsView {
    pub(super) lead: String,
    pub(super) sessions: Vec<SessionView>,
    pub(super) left_out: String,
}

/// A session.
pub(super) struct SessionView {
    pub(super) name: String,
    pub(super) level: &'static str,
    pub(super) peak: String,
    /// What happened, a sentence each.
    pub(super) sentences: Vec<String>,
    pub(super) references: Vec<(&'static str, String)>,
    pub(super) drawing: Drawing,
    pub(super) moments: Vec<MomentView>,
    pub(super) left_out: String,
}

/// An event of a session.
pub(super) struct MomentView {
    pub(super) event: String,
    pub(super) time: Option<String>,
    pub(super) lane: &'static str,
    pub(super) direction: &'static str,
    pub(super) what: String,
    pub(super) score: String,
    pub(super) level: &'static str,
    /// Class and words of what moved the risk and of what was found.
    pub(super) notes: Vec<(&'static str, String)>,
    pub(super) changes: Vec<ChangeView>,
}

/// A tool's change.
pub(super) struct ChangeView {
    pub(super) title: String,
    pub(super) class: &'static str,
    pub(super) diff: String,
}

impl SessionsView {
    pub(super) fn of(summary: &Summary) -> Self {
        let worst = summary.stories.worst();
        let notable: Vec<_> = worst.into_iter().filter(|(_, _, story)| is_shown(story)).collect();
        let shown: Vec<SessionView> = notable
            .iter()
            .take(MOST_SHOWN)
            .map(|(name, events, story)| {
                SessionView::of(name, *events, story, summary.stories.joined.of(name))
            })
            .collect();
        let all = summary.stories.sessions().map_or_else(
            || "more sessions than are counted".to_owned(),
            |all| counted(all as u64, "session", "sessions"),
        );
        let atleast = if summary.stories.left_out { "At least " } else { "" };
        let lead = format!(
            "{atleast}{} of {all} rose above normal, or had events that hang together or tools that changed.",
            grouped(notable.len() as u64)
        );
        let left_out = left_out(
            notable.len() as u64,
            shown.len(),
            "session",
            "sessions",
            "the tables risk, edges and tool_changes",
        );
        Self { lead, sessions: shown, left_out }
    }
}

fn is_shown(story: &Story) -> bool {
    story.peak.1 > RiskLevel::Normal
        || story.moments.iter().any(|moment| !moment.edges.is_empty() || !moment.changes.is_empty())
}

impl SessionView {
    fn of(name: &str, events: Option<u64>, story: &Story, joined: &[String]) -> Self {
        let (peak, level, _) = &story.peak;
        Self {
            name: if name.is_empty() { "(no session)".to_owned() } else { name.to_owned() },
            level: level.as_str(),
            peak: format!("{peak:.1}"),
            sentences: [sentences(events, story), joined.to_vec()].concat(),
            references: story
                .references
                .iter()
                .map(|(catalogue, entries)| (*catalogue, entries.join(", ")))
                .collect(),
            drawing: Drawing::of(events, story),
            moments: story.moments.iter().map(MomentView::of).collect(),
            left_out: left_out(
                story.moments.len() as u64 + story.more,
                story.moments.len(),
                "event",
                "events",
                "the tables",
            ),
        }
    }
}

/// What happened, from facts only.
fn sentences(events: Option<u64>, story: &Story) -> Vec<String> {
    let (peak, level, at) = &story.peak;
    let count = events.map_or_else(String::new, |count| format!("{}. ", counted(count, "event", "events")));
    let times = story.times.map_or_else(String::new, |(first, last)| {
        format!(" What there is to tell lies between {first} and {last}.")
    });
    let mut all = vec![format!("{count}Risk rose to {peak:.1}, {}, at event {at}.{times}", level.as_str())];
    let came = story.moments.iter().find(|moment| {
        moment.direction == Some(Direction::Ingress)
            && (!moment.findings.is_empty() || is_source(story, moment))
    });
    if let Some(moment) = came {
        all.push(format!("First came in, with event {}: {}.", moment.event, about(moment)));
    }
    let left = story.moments.iter().rev().find(|moment| {
        moment.direction == Some(Direction::Egress)
            && (!moment.findings.is_empty() || moment.edges.iter().any(|edge| edge.kind == INJECTED))
    });
    if let Some(moment) = left {
        all.push(format!("Last went out, with event {}: {}.", moment.event, about(moment)));
    }
    let edges = || story.moments.iter().flat_map(|moment| &moment.edges);
    let linked = edges().filter(|edge| edge.basis == "linked").count();
    let inferred = edges().count() - linked;
    if linked + inferred > 0 {
        all.push(format!(
            "{} by shared bytes, {} by order alone.",
            counted(linked as u64, "edge is proven", "edges are proven"),
            counted(inferred as u64, "is inferred", "are inferred")
        ));
    }
    all
}

/// Whether an event led to another one, or content of it stands where something was found.
fn is_source(story: &Story, moment: &Moment) -> bool {
    story.moments.iter().any(|other| {
        let counts = |edge: &Tie| edge.kind == INJECTED || !other.findings.is_empty();
        other.edges.iter().any(|edge| edge.from == moment.event && counts(edge))
    })
}

const INJECTED: &str = EdgeKind::InjectedBy.as_str();

/// What an event was and what is said of it.
fn about(moment: &Moment) -> String {
    let said: Vec<&str> = match moment.findings.as_slice() {
        [] => moment.edges.iter().map(|edge| &*edge.what).take(1).collect(),
        findings => findings.iter().map(|(_, _, title)| &**title).take(3).collect(),
    };
    if said.is_empty() { moment.what.clone() } else { format!("{} ({})", moment.what, said.join("; ")) }
}

impl MomentView {
    fn of(moment: &Moment) -> Self {
        let found = moment
            .findings
            .iter()
            .map(|(severity, rule, title)| (severity.as_str(), format!("{title} ({rule})")));
        let moved = moment
            .signals
            .iter()
            .map(|(kind, what, points)| ("signal", format!("{points:+.2} {what} ({})", kind.as_str())));
        let tied = moment.edges.iter().map(|edge| {
            let bytes = match edge.shared_bytes {
                0 => String::new(),
                shared => format!(", {} shared", counted(shared, "byte", "bytes")),
            };
            (edge.basis, format!("{} {} ({}{bytes}): {}", edge.kind, edge.from, edge.basis, edge.what))
        });
        Self {
            event: moment.event.clone(),
            time: moment.time.map(|time| time.to_string()),
            lane: drawing::lane_name(moment.lane),
            direction: moment.direction.map_or("", |direction| direction.as_str()),
            what: moment.what.clone(),
            score: format!("{:.1}", moment.score),
            level: moment.level.as_str(),
            notes: found.chain(tied).chain(moved).collect(),
            changes: moment
                .changes
                .iter()
                .map(|change| ChangeView {
                    title: format!("{} {} of {}, {}", change.kind, change.tool, change.server, change.field),
                    class: change.class,
                    diff: change.diff.clone(),
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use coldcase_model::{Basis, Edge, EdgeKind, Risk, Signal, SignalKind};

    use super::*;
    use crate::sample;

    #[test]
    fn a_session_that_rose_is_told_and_quiet_ones_are_counted() {
        let rules = sample::rules();
        let mut summary = Summary::default();
        let mut quiet = sample::judged(&rules, 0, 1);
        quiet.findings.clear();
        quiet.verdict.risk = Risk { score: 0.0, level: RiskLevel::Normal };
        summary.add_event(&quiet);
        let mut told = sample::judged(&rules, 0, 0);
        told.labels.session = coldcase_model::Excerpt::of_name(b"worst");
        told.verdict.risk = Risk { score: 30.0, level: RiskLevel::High };
        told.story.signals.push(Signal { kind: SignalKind::Taint, what: "taint.x".into(), points: 30.0 });
        told.story.edges.push(Edge {
            from: quiet.head.id,
            kind: EdgeKind::Carried,
            basis: Basis::Linked,
            shared_bytes: 40,
            what: "a token".into(),
        });
        summary.add_event(&told);
        let view = SessionsView::of(&summary);
        assert!(view.lead.starts_with("1 of 2 sessions"), "{}", view.lead);
        let [session] = view.sessions.as_slice() else { panic!("one session is shown") };
        assert_eq!((session.name.as_str(), session.level), ("worst", "high"));
        assert!(
            session.sentences.iter().any(|text| text.contains("1 edge is proven")),
            "{:?}",
            session.sentences
        );
        assert!(
            session
                .moments
                .iter()
                .flat_map(|moment| &moment.notes)
                .any(|(class, text)| *class == "linked" && text.contains("40 bytes shared"))
        );
    }
}
