//! One secret in pieces: short values that leave for one place are joined in the order in which they left, and judged by the
//! pack's rules for secrets.
//!
//! Joined are the pieces of one destination, and by themselves those under one name; two to eight in a row. The rules are
//! asked only where the joined text begins as one of their texts does. Left out: pieces out of order or to several places,
//! secrets that no rule tells by how they begin, and pieces that are encoded each by itself.

use std::collections::{BTreeSet, VecDeque};

use bytes::Bytes;
use coldcase_model::{
    Basis, Category, Direction, Edge, EdgeKind, Event, EventHead, EventId, EventKind, Finding, Label, Origin,
    Part, SessionKey, SourceSpan, Span, Story, Surface,
};

use super::observe::{Piece, Pieces};
use super::taint::rules::Rule;
use crate::pack::Pack;
use crate::scan::Scanner;

/// Says whether a text holds a secret; one for all sessions.
#[derive(Debug)]
pub(super) struct Joiner<'p> {
    scanner: Scanner<'p>,
    pack: &'p Pack,
    /// How the texts begin that rules for secrets look for.
    begins: BTreeSet<[u8; BEGIN]>,
}

/// How much of a text's beginning is compared before the rules are asked.
const BEGIN: usize = 3;
/// How many pieces of a session wait; the oldest goes first.
const MOST_WAITING: usize = 48;
/// How many pieces are joined.
const MOST_JOINED: usize = 8;
/// The shortest secret that is looked for.
const SHORTEST: usize = 16;
/// How often an event may ask the rules.
const MOST_ASKED: u32 = 24;

impl<'p> Joiner<'p> {
    pub(super) fn new(pack: &'p Pack) -> Self {
        let is_dlp =
            |rule: usize| pack.rules.get(rule).is_some_and(|rule| rule.info.category == Category::Dlp);
        let texts = pack.lenses.texts().filter(|(rule, _)| is_dlp(*rule));
        let begins = texts.filter_map(|(_, text)| text.first_chunk::<BEGIN>().copied()).collect();
        Self { scanner: Scanner::new(pack), pack, begins }
    }

    fn may_begin(&self, text: &[u8]) -> bool {
        text.first_chunk::<BEGIN>().is_some_and(|begin| self.begins.contains(begin))
    }

    /// Where secrets stand in a text.
    fn secrets(&mut self, text: &[u8]) -> Vec<Span> {
        let mut head = EventHead::new(EventKind::HttpRequest, SessionKey::new(""), SourceSpan::default());
        head.direction = Some(Direction::Egress);
        let origin = Origin::Decoded { offset: 0, len: 0 };
        let part =
            Part { surface: Surface::Query, span: Span::new(0, text.len()), label: Label::None, origin };
        let text = Bytes::copy_from_slice(text);
        let event = Event { head, text, parts: vec![part], document: Bytes::new(), document_offset: 0 };
        let (located, ..) = self.scanner.scan(&event);
        let rules = &self.pack.rules;
        let is_dlp = |rule: usize| rules.get(rule).is_some_and(|rule| rule.info.category == Category::Dlp);
        located.into_iter().filter(|found| is_dlp(found.rule)).map(|found| found.secret).collect()
    }
}

#[derive(Debug)]
struct Waiting {
    event: EventId,
    destination: u64,
    piece: Piece,
}

/// The pieces of one session that wait for what follows.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    waiting: VecDeque<Waiting>,
    /// Pieces that were forgotten, and joins that were not judged.
    lost: u64,
}

impl Fragments {
    /// Takes in what leaves with the next event, and tells the secret that it completes.
    pub(super) fn fold(
        &mut self,
        head: &EventHead,
        pieces: &Pieces,
        joiner: &mut Joiner<'_>,
        findings: &mut Vec<Finding>,
        story: &mut Story,
    ) {
        let mut asked = 0;
        for piece in &pieces.all {
            let destination = pieces.destination;
            self.waiting.push_back(Waiting { event: head.id, destination, piece: piece.clone() });
            if self.waiting.len() > MOST_WAITING {
                self.waiting.pop_front();
                self.lost += 1;
            }
            let Some(events) = self.completed(joiner, &mut asked) else { continue };
            findings.push(Rule::SecretSplit.finding(head, Surface::Body, 1.0));
            let earlier = events.into_iter().filter(|event| *event != head.id);
            story.edges.extend(earlier.map(|from| Edge {
                from,
                kind: EdgeKind::Followed,
                basis: Basis::Inferred,
                shared_bytes: 0,
                what: "sends another piece of one secret".into(),
            }));
            // What was told is not told again with the next piece.
            self.waiting.retain(|waiting| waiting.destination != destination);
        }
    }

    /// How many pieces were forgotten and joins not judged.
    pub(super) const fn left_out(&self) -> u64 {
        self.lost
    }

    /// The events of the pieces that make a secret together with the latest.
    fn completed(&mut self, joiner: &mut Joiner<'_>, asked: &mut u32) -> Option<BTreeSet<EventId>> {
        let last = self.waiting.back()?;
        let to_place = |waiting: &&Waiting| waiting.destination == last.destination;
        let by_name = |waiting: &&Waiting| to_place(waiting) && waiting.piece.name == last.piece.name;
        let same: Vec<&Waiting> = self.waiting.iter().rev().filter(to_place).take(MOST_JOINED).collect();
        let named: Vec<&Waiting> = self.waiting.iter().rev().filter(by_name).take(MOST_JOINED).collect();
        let chains = if named.len() == same.len() && named.len() < MOST_JOINED {
            vec![same]
        } else {
            vec![named, same]
        };
        for chain in chains {
            for count in 2..=chain.len() {
                let run = chain.get(..count)?;
                if !run.last().is_some_and(|first| joiner.may_begin(&first.piece.bytes)) {
                    continue;
                }
                let text: Vec<u8> =
                    run.iter().rev().flat_map(|waiting| waiting.piece.bytes.iter().copied()).collect();
                if text.len() < SHORTEST {
                    continue;
                }
                if *asked >= MOST_ASKED {
                    self.lost += 1;
                    return None;
                }
                *asked += 1;
                let seam = text.len() - last.piece.bytes.len();
                let crosses = |secret: &Span| secret.start < seam && secret.end > seam;
                let before = text.get(..seam).unwrap_or_default();
                if joiner.secrets(&text).iter().any(crosses) && joiner.secrets(before).is_empty() {
                    return Some(run.iter().map(|waiting| waiting.event).collect());
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
