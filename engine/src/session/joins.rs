//! Which sessions of a run of the program are recordings of one run of an agent: the capture, the transcript and the log.
//!
//! | basis | by | when |
//! |---|---|---|
//! | linked | `session_id`, `mcp_session`, `trace` | an id of one, in a field or as its name, is an id or the name of the other |
//! | inferred | `content` | both have the same content of calls or results three times, each within a minute; eight times where the recordings do not say when |
//!
//! Content with different JSON-RPC ids is not the same message. Sessions of one input are joined by ids only: agents repeat
//! themselves. Told once for each pair and basis, at the event that shows it. From then on an edge `same_as` leads from each
//! call or result to the same one in the recording that was read first, so that what led to what can be followed from one
//! recording into the other. Left out: risk and taint, which stay each session's own; what the two share before they are told
//! to be one run; content that was forgotten; times of clocks that differ by more than a minute.

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use coldcase_model::{
    Basis, Edge, EdgeKind, EventHead, EventId, Excerpt, Join, Labels, SessionKey, Story, TieKind,
};
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::observe::{SHORTEST_TIE, Ties, name_tie};
use super::snapshot::MOST_COUNT;

/// What ties sessions.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Joins {
    ids: Seen,
    contents: Seen,
    /// Pairs of sessions that share something: the one that had it first, and the other.
    pairs: BTreeMap<(SessionKey, SessionKey), Pair>,
    /// Pairs that were not followed.
    lost: u64,
}

/// What was met last, by hash, in two generations: when the younger is full, the elder is forgotten.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
struct Seen {
    #[serde(with = "super::snapshot::sorted")]
    young: FxHashMap<u64, First>,
    #[serde(with = "super::snapshot::sorted")]
    old: FxHashMap<u64, First>,
    lost: u64,
}

/// Where something was met first.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct First {
    session: SessionKey,
    label: Excerpt,
    event: EventId,
    nanos: Option<i64>,
    /// The JSON-RPC id, and the kind of an id.
    message: u64,
    kind: TieKind,
}

/// What two sessions share.
#[derive(Debug, Clone, Copy, Default, serde::Serialize, serde::Deserialize)]
struct Pair {
    /// How often at the same time, and how often at times that are not known.
    timed: u32,
    untimed: u32,
    linked: bool,
    inferred: bool,
}

/// How much of what was met a generation holds.
const MOST_SEEN: usize = 1 << 17;
/// How many pairs are followed.
const MOST_PAIRS: usize = 1 << 16;
/// How far apart two recordings may say that a message was sent.
const NEAR: u64 = 60 * 1_000_000_000;
/// How often content is shared at the same time, or at any, before sessions are said to be one run.
const FEWEST_TIMED: u32 = 3;
const FEWEST: u32 = 8;

impl Joins {
    /// Takes in what ties the next event; `new` says whether its session was not met before.
    pub(super) fn fold(
        &mut self,
        (head, labels): (&EventHead, &Labels),
        ties: Option<&Ties>,
        new: bool,
        story: &mut Story,
    ) {
        let here = |kind, message| First {
            session: head.session.clone(),
            label: labels.session.clone(),
            event: head.id,
            nanos: head.time.map(|time| time.nanos),
            message,
            kind,
        };
        let name = if new { name_tie(&head.session.0) } else { None };
        let name = name.map(|hash| (TieKind::SessionId, hash));
        for (kind, hash) in name.into_iter().chain(ties.iter().flat_map(|ties| ties.ids.iter().copied())) {
            if let Some(first) = self.ids.other(hash, &head.session, || here(kind, 0)) {
                let by = kind.max(first.kind);
                self.link(head, &first, by, story);
            }
        }
        let Some(ties) = ties.filter(|ties| ties.content != 0) else { return };
        let here = || here(TieKind::Content, ties.message);
        let Some(first) = self.contents.other(ties.content, &head.session, here) else { return };
        let same_file = first.event.artifact == head.id.artifact;
        let differs = first.message != 0 && ties.message != 0 && first.message != ties.message;
        // Content counts once for a session.
        let once = ties.content ^ (FxBuildHasher.hash_one(&head.session.0) | 1);
        if !same_file && !differs && self.contents.is_new(once, here) {
            self.infer(head, &first, story);
        }
    }

    fn link(&mut self, head: &EventHead, first: &First, by: TieKind, story: &mut Story) {
        let Some(pair) = self.pair(head, first) else { return };
        if !std::mem::replace(&mut pair.linked, true) {
            let (basis, shared) = (Basis::Linked, 1);
            story.joins.push(Join { with: first.label.clone(), from: first.event, basis, by, shared });
        }
    }

    fn infer(&mut self, head: &EventHead, first: &First, story: &mut Story) {
        let apart = head.time.zip(first.nanos).map(|(now, then)| now.nanos.abs_diff(then));
        if apart.is_some_and(|apart| apart > NEAR) {
            return;
        }
        let Some(pair) = self.pair(head, first) else { return };
        let count = if apart.is_some() { &mut pair.timed } else { &mut pair.untimed };
        *count = count.saturating_add(1);
        let shared = pair.timed.saturating_add(pair.untimed);
        if (pair.timed >= FEWEST_TIMED || shared >= FEWEST) && !std::mem::replace(&mut pair.inferred, true) {
            let (basis, by, shared) = (Basis::Inferred, TieKind::Content, u64::from(shared));
            story.joins.push(Join { with: first.label.clone(), from: first.event, basis, by, shared });
        }
        if pair.linked || pair.inferred {
            story.edges.push(Edge {
                from: first.event,
                kind: EdgeKind::SameAs,
                basis: if pair.linked { Basis::Linked } else { Basis::Inferred },
                shared_bytes: SHORTEST_TIE,
                what: "the same message in another recording".into(),
            });
        }
    }

    fn pair(&mut self, head: &EventHead, first: &First) -> Option<&mut Pair> {
        let key = (first.session.clone(), head.session.clone());
        if self.pairs.len() >= MOST_PAIRS && !self.pairs.contains_key(&key) {
            self.lost += 1;
            return None;
        }
        Some(self.pairs.entry(key).or_default())
    }

    /// How much was not followed.
    pub(super) const fn left_out(&self) -> u64 {
        self.lost + self.ids.lost + self.contents.lost
    }

    /// Whether it is within its bounds.
    pub(super) fn is_sound(&self) -> bool {
        let sound = |seen: &Seen| {
            seen.young.len() <= MOST_SEEN && seen.old.len() <= MOST_SEEN && seen.lost < MOST_COUNT
        };
        sound(&self.ids) && sound(&self.contents) && self.pairs.len() <= MOST_PAIRS && self.lost < MOST_COUNT
    }
}

impl Seen {
    /// Where a hash was met first, if that is another session; `here` is remembered for one that was not met.
    fn other(&mut self, hash: u64, session: &SessionKey, here: impl FnOnce() -> First) -> Option<First> {
        match self.young.get(&hash).or_else(|| self.old.get(&hash)) {
            Some(first) => (first.session != *session).then(|| first.clone()),
            None => {
                self.keep(hash, here());
                None
            }
        }
    }

    /// Whether a hash was not met before; `here` is remembered for it.
    fn is_new(&mut self, hash: u64, here: impl FnOnce() -> First) -> bool {
        let known = self.young.contains_key(&hash) || self.old.contains_key(&hash);
        if !known {
            self.keep(hash, here());
        }
        !known
    }

    fn keep(&mut self, hash: u64, first: First) {
        if self.young.len() >= MOST_SEEN {
            self.lost += self.old.len() as u64;
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(hash, first);
    }
}

#[cfg(test)]
mod tests {
    use coldcase_model::{ArtifactIndex, EventKind, Precision, SourceSpan, TimeSource, Timestamp};

    use super::*;

    /// The event that tells a pair, what that rests on, by what it is told, and how much is shared.
    type Joined = (usize, Basis, TieKind, u64);
    /// The events at both ends by their number, and what that rests on.
    type Ends = (u64, usize, Basis);

    /// Folds events of sessions: the session, which is an input of its own, seconds, and what ties it.
    fn joined(events: &[(&str, Option<i64>, Ties)]) -> Vec<Joined> {
        folded(events).0
    }

    /// The same, with the edges.
    fn folded(events: &[(&str, Option<i64>, Ties)]) -> (Vec<Joined>, Vec<Ends>) {
        let mut joins = Joins::default();
        let mut known: Vec<&str> = Vec::new();
        let (mut all, mut edges) = (Vec::new(), Vec::new());
        for (at, (name, seconds, ties)) in events.iter().enumerate() {
            let mut head = EventHead::new(EventKind::Mcp, SessionKey::new(name), SourceSpan::default());
            let new = !known.contains(name);
            if new {
                known.push(name);
            }
            let input = known.iter().position(|other| other == name).unwrap_or_default();
            head.id = EventId { artifact: ArtifactIndex(u32::try_from(input).unwrap()), index: at as u64 };
            head.time = seconds.map(|seconds| Timestamp {
                nanos: seconds * 1_000_000_000,
                precision: Precision::Second,
                source: TimeSource::Transcript,
            });
            let mut story = Story::default();
            joins.fold((&head, &Labels::default()), Some(ties), new, &mut story);
            all.extend(story.joins.iter().map(|join| (at, join.basis, join.by, join.shared)));
            edges.extend(story.edges.iter().map(|edge| (edge.from.index, at, edge.basis)));
        }
        (all, edges)
    }

    fn content(content: u64, message: u64) -> Ties {
        Ties { ids: Vec::new(), content, message }
    }

    fn id(kind: TieKind, hash: u64) -> Ties {
        Ties { ids: vec![(kind, hash)], content: 0, message: 0 }
    }

    #[test]
    fn an_id_that_both_have_links_once() {
        let mcp = || id(TieKind::McpSession, 7);
        let events = [("a", None, mcp()), ("a", None, mcp()), ("b", None, mcp()), ("b", None, mcp())];
        assert_eq!(joined(&events), [(2, Basis::Linked, TieKind::McpSession, 1)]);
        let name = name_tie(&"0198c2d4-run-000017".into()).unwrap();
        let events = [("0198c2d4-run-000017", None, content(0, 0)), ("b", None, id(TieKind::Trace, name))];
        assert_eq!(joined(&events), [(1, Basis::Linked, TieKind::Trace, 1)]);
        assert_eq!(name_tie(&"logs/2026-03-01/session.jsonl".into()), None);
    }

    #[test]
    fn content_at_the_same_time_is_inferred_at_the_third() {
        let run = |name, late: i64| {
            (1..=4_i64).map(move |n| (name, Some(10 * n + late), content(n.unsigned_abs(), 0)))
        };
        let all: Vec<_> = run("a", 0).chain(run("b", 30)).collect();
        assert_eq!(joined(&all), [(6, Basis::Inferred, TieKind::Content, 3)]);
        let later: Vec<_> = run("a", 0).chain(run("b", 61)).collect();
        assert_eq!(joined(&later), [], "later it is another run that does the same");
        let same = [1, 1, 1, 1].map(|hash| ("b", Some(10), content(hash, 0)));
        let again: Vec<_> = run("a", 0).chain(same).collect();
        assert_eq!(joined(&again), [], "the same content again says no more");
    }

    #[test]
    fn messages_of_recordings_that_are_joined_are_told_to_be_the_same() {
        let message = |name, second, hash| (name, Some(second), content(hash, 0));
        let all: Vec<_> = (1..=5_i64).map(|n| message("a", 10 * n, n.unsigned_abs())).collect();
        let other = [(2, 2), (1, 1), (3, 3), (3, 3), (9, 4), (5, 5)];
        let other = other.map(|(n, hash)| message("b", 10 * n + 1, hash));
        let events: Vec<_> = all.iter().cloned().chain(other).collect();
        // From the third on; what is said again is told once.
        let wanted = [(2, 7, Basis::Inferred), (3, 9, Basis::Inferred), (4, 10, Basis::Inferred)];
        assert_eq!(folded(&events).1, wanted);
        let link = |name| (name, Some(0), id(TieKind::McpSession, 7));
        let events = [link("a"), message("a", 5, 1), link("b"), message("b", 6, 1), message("b", 500, 1)];
        assert_eq!(folded(&events).1, [(1, 3, Basis::Linked)]);
    }

    #[test]
    fn without_times_it_takes_more_and_other_ids_are_other_messages() {
        let run = |name, id| (1..=9).map(move |n| (name, None, content(n, id)));
        let all: Vec<_> = run("a", 0).chain(run("b", 5)).collect();
        assert_eq!(joined(&all), [(16, Basis::Inferred, TieKind::Content, 8)]);
        let other: Vec<_> = run("a", 4).chain(run("b", 5)).collect();
        assert_eq!(joined(&other), []);
    }
}
