//! Taint: what content from outside came to. At each action of the agent the session's earlier content is looked for in it.
//!
//! | edge | basis | when |
//! |---|---|---|
//! | `carried` | linked | the action has prints or a value that were first seen in the earlier event, or a secret that it brought |
//! | `injected_by` | linked | the earlier event has an injection finding, and the action uses a value or words of it |
//! | `injected_by` | inferred | the action writes, runs or sends shortly after such an event, before the user speaks again |
//! | `followed` | inferred | the action touches something sensitive, or has a finding, after content from outside |
//!
//! Content comes from where it was first seen, so what the user or the model said before is not carried from a result that
//! says it again. Findings need an injection or a secret; an edge alone is ordinary work. Left out: content that came in
//! another session, that was said in other words, or that gave way in a full table.

use std::collections::VecDeque;
use std::sync::Arc;

use coldcase_model::{
    Basis, Category, Direction, Edge, EdgeKind, EventHead, EventId, EventKind, Finding, Severity, Story,
    Surface,
};

use super::observe::{Deed, Deeds, Flow, Had, LETTERS, Piece, Print, Source, Strand, ValueKind};
use super::recall::{Origin, Recall, Room};
use super::snapshot::MOST_COUNT;

pub(super) mod rules;
mod share;

use rules::Rule;
use share::{Share, shares};

/// An event that content came from.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Seen {
    event: EventId,
    number: u32,
    /// The number of the action or content that it was.
    step: u32,
    /// How sure its worst injection finding is; `None` without one.
    injection: Option<f32>,
    /// Whether it comes from outside, and not from operator or user.
    outside: bool,
    /// Whether an action after it was told already.
    told: bool,
}

/// What a session remembers of content.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct Taint {
    /// Parts of requests to models, which repeat what was said before.
    parts: Recall,
    prints: Recall,
    values: Recall,
    seen: VecDeque<Seen>,
    /// Secrets that came in, and the number of the latest event that brought each.
    secrets: VecDeque<(u64, u32)>,
    numbers: u32,
    steps: u32,
    /// The step at which the user spoke last.
    spoken: u32,
    /// Bytes of content that were not looked at, edges that were not drawn, secrets that were forgotten.
    beyond: u64,
}

/// How many parts of requests to models a session remembers.
const MOST_PARTS: usize = 8192;
/// How many prints.
const MOST_PRINTS: usize = 8192;
/// How many values.
const MOST_VALUES: usize = 4096;
/// How many events that content came from.
const MOST_SEEN: usize = 512;
/// How many secrets.
const MOST_SECRETS: usize = 256;
/// How many edges of one kind an event has.
const MOST_EDGES: usize = 8;
/// Within how many steps an action may follow from an injection that it has no content of.
const NEAR: u32 = 10;
/// Fewer prints than this are chance or a stock phrase.
const FEWEST_PRINTS: u32 = 2;

impl Default for Taint {
    fn default() -> Self {
        Self {
            parts: Recall::new(MOST_PARTS),
            prints: Recall::new(MOST_PRINTS),
            values: Recall::new(MOST_VALUES),
            seen: VecDeque::new(),
            secrets: VecDeque::new(),
            numbers: 0,
            steps: 0,
            spoken: 0,
            beyond: 0,
        }
    }
}

/// The event under the fold.
struct Now<'e> {
    head: &'e EventHead,
    flow: &'e Flow,
    deeds: Option<Deeds>,
}

impl Now<'_> {
    fn does(&self, deeds: &[Deed]) -> bool {
        self.deeds.is_some_and(|done| deeds.iter().any(|deed| done.has(*deed)))
    }

    /// Whether it changes something or hands something on.
    fn acts(&self) -> bool {
        self.does(&[Deed::Write, Deed::Exec, Deed::Send, Deed::Pay, Deed::Delete, Deed::Persist, Deed::Chmod])
    }

    /// Whether what it carries leaves the machine.
    fn leaves(&self) -> bool {
        let by_kind =
            matches!(self.flow.kind, EventKind::HttpRequest | EventKind::Dns | EventKind::WsMessage);
        by_kind && self.head.direction != Some(Direction::Ingress) || self.does(&[Deed::Send, Deed::Network])
    }
}

impl Taint {
    /// Puts what was read in order, taking its share of `room`; says whether it is a state that a session comes to.
    pub(super) fn settle(&mut self, room: &mut Room) -> bool {
        let tables =
            [(&mut self.parts, MOST_PARTS), (&mut self.prints, MOST_PRINTS), (&mut self.values, MOST_VALUES)];
        let mut follow = self.seen.iter().zip(self.seen.iter().skip(1));
        let sound = |seen: &Seen| {
            seen.number <= self.numbers
                && seen.step <= self.steps
                && seen.injection.is_none_or(|sure| (0.0..=1.0).contains(&sure))
        };
        tables.into_iter().all(|(table, most)| table.settle(most, room))
            && self.beyond < MOST_COUNT
            && self.spoken <= self.steps
            && self.seen.len() <= MOST_SEEN
            && self.seen.iter().all(sound)
            && follow.all(|(a, b)| a.number.checked_add(1) == Some(b.number))
            && self.secrets.len() <= MOST_SECRETS
    }

    /// Takes in the next event, and draws what it shares with earlier ones.
    pub(super) fn fold(
        &mut self,
        head: &EventHead,
        (flow, deeds): (&Flow, Option<Deeds>),
        room: &mut Room,
        findings: &mut Vec<Finding>,
        story: &mut Story,
    ) {
        self.steps = self.steps.saturating_add(1);
        self.beyond = self.beyond.saturating_add(flow.beyond);
        if flow.has(Source::Action) {
            self.action(&Now { head, flow, deeds }, findings, story);
        }
        self.take_in(head, flow, room);
    }

    /// Remembers the content of an event, as far as it is new.
    fn take_in(&mut self, head: &EventHead, flow: &Flow, room: &mut Room) {
        // The numbers under which the event is known to bring content, and to say what operator or user say.
        let (mut outside, mut ours) = (None, None);
        let mut repeated = false;
        for (strand, prints, values) in flow.all() {
            if strand.whole != 0 && !self.parts.keep(strand.whole, Origin::Ours, room) {
                repeated = true;
                continue;
            }
            let origin = match strand.source {
                Source::Operator | Source::Own | Source::Action => Origin::Ours,
                Source::User => {
                    self.spoken = self.steps;
                    Origin::Ours
                }
                Source::Outside => {
                    let injection = strand.injection.map(|sure| f32::from(sure) / 1000.0);
                    let secret = || flow.secrets.iter().any(|secret| secret.source == Source::Outside);
                    if prints.is_empty() && values.is_empty() && injection.is_none() && !secret() {
                        continue;
                    }
                    let number = *outside.get_or_insert_with(|| self.see(head, true));
                    self.has_injection(injection);
                    if injection.is_some() { Origin::Injected(number) } else { Origin::Outside(number) }
                }
            };
            self.keep(prints, values, origin, room);
        }
        for secret in &flow.secrets {
            let number = match secret.source {
                Source::Action => continue,
                Source::Outside => outside,
                // What the model says of a secret it has from elsewhere, and what a request repeats is not new.
                Source::Own => None,
                Source::Operator | Source::User if repeated => None,
                Source::Operator | Source::User => Some(*ours.get_or_insert_with(|| self.see(head, false))),
            };
            if let Some(number) = number {
                self.keep_secret(secret.hash, number);
            }
        }
    }

    fn keep(&mut self, prints: &[Print], values: &[Had], origin: Origin, room: &mut Room) {
        for print in prints {
            self.prints.keep(print.hash, origin, room);
        }
        for had in values {
            self.values.keep(had.value.hash, origin, room);
        }
    }

    /// How many slots its tables take.
    pub(super) fn slots(&self) -> usize {
        self.parts.size() + self.prints.size() + self.values.size()
    }

    /// Takes some room.
    #[cfg(test)]
    pub(super) fn fill(&mut self, room: &mut Room) {
        self.prints.keep(1, Origin::Ours, room);
    }

    /// Whether a value that leaves came from outside: by itself, or with the whole of the URL that it stands in.
    pub(super) fn has_brought(&self, piece: &Piece, flow: Option<&Flow>) -> bool {
        let brought =
            |hash: u64| matches!(self.values.origin(hash), Some(Origin::Outside(_) | Origin::Injected(_)));
        // A part of it would not do: an injection names the place, and the agent adds the data.
        let has_whole = |(strand, _, values): (&Strand, &[Print], &[Had])| {
            let is_whole = |had: &&Had| {
                had.surface == Surface::Url && u32::try_from(strand.span.len()) == Ok(had.value.len)
            };
            values.iter().filter(is_whole).any(|had| brought(had.value.hash))
        };
        brought(piece.hash())
            || matches!(piece.surface, Surface::Url | Surface::Query)
                && flow.is_some_and(|flow| flow.all().any(has_whole))
    }

    /// How much was not followed.
    pub(super) const fn left_out(&self) -> u64 {
        self.beyond
            .saturating_add(self.parts.lost)
            .saturating_add(self.prints.lost)
            .saturating_add(self.values.lost)
    }

    fn see(&mut self, head: &EventHead, outside: bool) -> u32 {
        self.numbers = self.numbers.saturating_add(1);
        let (event, number, step) = (head.id, self.numbers, self.steps);
        self.seen.push_back(Seen { event, number, step, injection: None, outside, told: false });
        if self.seen.len() > MOST_SEEN {
            self.seen.pop_front();
        }
        self.numbers
    }

    /// The event that was seen last has an injection.
    fn has_injection(&mut self, sure: Option<f32>) {
        if let (Some(seen), Some(sure)) = (self.seen.back_mut(), sure) {
            seen.injection = Some(seen.injection.map_or(sure, |known| known.max(sure)));
        }
    }

    /// Remembers the first event that brought a secret, as long as that event is remembered.
    fn keep_secret(&mut self, hash: u64, number: u32) {
        match self.secrets.iter().position(|(known, _)| *known == hash) {
            Some(at) if self.secrets.get(at).is_some_and(|(_, number)| self.seen(*number).is_some()) => {
                return;
            }
            Some(at) => _ = self.secrets.remove(at),
            None => {}
        }
        self.secrets.push_back((hash, number));
        if self.secrets.len() > MOST_SECRETS {
            self.secrets.pop_front();
            self.beyond = self.beyond.saturating_add(1);
        }
    }

    fn seen(&self, number: u32) -> Option<&Seen> {
        // Numbers follow each other.
        let first = self.seen.front()?.number;
        self.seen.get(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    /// An action: edges to what it shares with, and the findings that follow from them.
    fn action(&mut self, now: &Now<'_>, findings: &mut Vec<Finding>, story: &mut Story) {
        let resends = injection(now.flow);
        let (mut all, left_out) = shares(now.flow, &self.prints, &self.values);
        self.beyond = self.beyond.saturating_add(left_out);
        all.retain(|share| self.seen(share.number).is_some());
        self.secrets_out(now, &mut all, findings);
        let mut linked = Vec::new();
        let mut drawn = 0;
        for share in &all {
            let Some(seen) = self.seen(share.number) else { continue };
            let what = if let Some(sure) = seen.injection
                && !resends
                && let Some(what) = share.follows(now)
            {
                linked.push((share.number, sure, share.surface));
                (EdgeKind::InjectedBy, what)
            } else if share.is_carried() {
                (EdgeKind::Carried, share.what())
            } else {
                continue;
            };
            if drawn >= MOST_EDGES {
                self.beyond = self.beyond.saturating_add(1);
                continue;
            }
            drawn += 1;
            let (kind, what) = what;
            story.edges.push(Edge {
                from: seen.event,
                kind,
                basis: Basis::Linked,
                shared_bytes: share.bytes,
                what,
            });
        }
        if let Some(&(number, sure, surface)) =
            linked.iter().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
        {
            let risky = now.acts() || now.leaves() || now.does(&[Deed::Sensitive, Deed::Env]);
            let rule = if risky { Rule::InjectedAction } else { Rule::InjectedRead };
            findings.push(rule.finding(now.head, surface, sure));
            for (number, ..) in &linked {
                self.tell(*number);
            }
            self.tell(number);
        }
        let near = if resends || !linked.is_empty() { None } else { self.near_injection(now, &all) };
        if let Some((number, event, sure, told)) = near {
            story.edges.push(inferred(event, EdgeKind::InjectedBy, "acts shortly after an injection"));
            if !told {
                findings.push(Rule::ActionAfterInjection.finding(now.head, Surface::ToolName, sure));
                self.tell(number);
            }
        } else if linked.is_empty() {
            self.follow(now, findings, story);
        }
    }

    /// The injection that an action may follow from although it has no content of it.
    fn near_injection(&self, now: &Now<'_>, all: &[Share]) -> Option<(u32, EventId, f32, bool)> {
        if !now.acts() {
            return None;
        }
        let is_near = |seen: &&Seen| self.steps - seen.step <= NEAR && seen.step > self.spoken;
        let injected = |seen: &Seen| {
            // What sends the content on whole, as a request to a model does, does not act on it.
            let quotes = all.iter().any(|share| share.number == seen.number && share.prints >= FEWEST_PRINTS);
            let sure = seen.injection.filter(|_| !quotes)?;
            Some((seen.number, seen.event, sure, seen.told))
        };
        self.seen.iter().rev().take_while(is_near).find_map(injected)
    }

    /// An edge from the latest content from outside, where an action is sensitive or has a finding of something that leaves.
    fn follow(&self, now: &Now<'_>, findings: &[Finding], story: &mut Story) {
        let is_bad = |finding: &Finding| {
            matches!(
                finding.rule.category,
                Category::Dlp | Category::Exfil | Category::ToolPolicy | Category::Ssrf | Category::Egress
            ) && finding.rule.severity >= Severity::Medium
        };
        let what = if findings.iter().any(is_bad) {
            "has a finding after content from outside"
        } else if now.does(&[Deed::Sensitive, Deed::Persist, Deed::Pay, Deed::Env]) {
            "does something sensitive after content from outside"
        } else {
            return;
        };
        let near = |seen: &&Seen| self.steps - seen.step <= NEAR && seen.step > self.spoken;
        let latest = self.seen.iter().rev().take_while(near).find(|seen| seen.outside);
        let Some(seen) = latest else { return };
        if !story.edges.iter().any(|edge| edge.from == seen.event) {
            story.edges.push(inferred(seen.event, EdgeKind::Followed, what));
        }
    }

    /// Secrets of earlier events that an action has, and the finding where one leaves.
    fn secrets_out(&self, now: &Now<'_>, all: &mut Vec<Share>, findings: &mut Vec<Finding>) {
        let leaving = now.flow.secrets.iter().filter(|secret| secret.source == Source::Action);
        let found = leaving.map(|secret| {
            let len = u32::try_from(secret.bytes.len()).unwrap_or(u32::MAX);
            (secret.hash, len, secret.signs_in)
        });
        let values = now.flow.all().filter(|(strand, ..)| strand.source == Source::Action);
        let values = values.flat_map(|(.., values)| values);
        let tokens = values.filter(|had| had.value.kind == ValueKind::Token).map(|had| {
            let signs_in = matches!(had.surface, Surface::Header | Surface::Cookie);
            (had.value.hash, had.value.len, signs_in)
        });
        let mut told = false;
        for (hash, len, signs_in) in found.chain(tokens) {
            let Some(&(_, number)) = self.secrets.iter().find(|(known, _)| *known == hash) else { continue };
            let Some(seen) = self.seen(number) else { continue };
            if let Some(share) = Share::of(all, number) {
                share.has_secret(len);
            }
            let exposed = self.seen.iter().any(|other| other.injection.is_some() && other.step >= seen.step);
            if !told && now.leaves() && !signs_in && (seen.outside || exposed) {
                told = true;
                findings.push(Rule::SecretCarriedOut.finding_at(now.head, findings));
            }
        }
        all.sort_by_key(|share| share.number);
    }

    fn tell(&mut self, number: u32) {
        if let Some(seen) = self.seen.iter_mut().find(|seen| seen.number == number) {
            seen.told = true;
        }
    }
}

fn inferred(from: EventId, kind: EdgeKind, what: &str) -> Edge {
    Edge { from, kind, basis: Basis::Inferred, shared_bytes: 0, what: Arc::from(what) }
}

/// Whether an action itself says what an injection does.
fn injection(flow: &Flow) -> bool {
    flow.strands.iter().any(|strand| strand.source == Source::Action && strand.injection.is_some())
}

#[cfg(test)]
mod tests;
