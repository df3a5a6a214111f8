//! One secret in pieces: short values that leave, which only together are a secret.
//!
//! Told in two ways. *Known*: a secret that an earlier event brought or holds leaves piece by piece, wherever to, in any
//! order, as it is or each piece in base64 or hexadecimal (`fragments/known.rs`). *Joined*: values that leave for one place
//! are joined in the order in which they left, by themselves those under one name, two to eight in a row, and judged by the
//! pack's rules for secrets. The rules are asked only where the joined text begins as one of their texts does. Left out:
//! unknown secrets whose pieces are out of order, go to several places, or are encoded one by one, and those that no rule
//! tells by how they begin.

use std::collections::{BTreeSet, VecDeque};

use bytes::Bytes;
use coldcase_model::{
    Basis, Category, Direction, Edge, EdgeKind, Event, EventHead, EventId, EventKind, Finding, Label, Origin,
    Part, Redactor, SessionKey, Show, SourceSpan, Span, Story, Surface,
};

use super::observe::{Flow, Piece, Pieces, Source};
use super::taint::rules::Rule;
use crate::pack::{Pack, Set};
use crate::scan::{Scanner, settle};

mod known;

use known::{Known, Taken};

/// Says whether a text holds a secret; one for all sessions.
#[derive(Debug)]
pub struct Joiner<'p> {
    /// Made when first asked.
    scanner: Option<Scanner<'p>>,
    pack: &'p Pack,
    /// The one rule set of the pack that counts; all do without it.
    only: Option<Set>,
    /// What is less likely is left out.
    least: f32,
    /// How the texts begin that rules for secrets look for; gathered when first asked.
    begins: Option<BTreeSet<[u8; BEGIN]>>,
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
    /// Judges by the rules of a pack.
    pub fn new(pack: &'p Pack) -> Self {
        Self::of(pack, None, 0.0)
    }

    /// Judges by the rules of one set of a pack, and leaves out what is less likely than `least`.
    pub(crate) fn of(pack: &'p Pack, only: Option<Set>, least: f32) -> Self {
        Self { scanner: None, pack, only, least, begins: None }
    }

    fn may_begin(&mut self, text: &[u8]) -> bool {
        let Self { pack, only, .. } = *self;
        let begins = self.begins.get_or_insert_with(|| {
            let texts = pack.lenses.texts().filter(|(rule, _)| tells(pack, *rule, only));
            texts.filter_map(|(_, text)| text.first_chunk::<BEGIN>().copied()).collect()
        });
        text.first_chunk::<BEGIN>().is_some_and(|begin| begins.contains(begin))
    }

    /// Where secrets stand in a text.
    fn secrets(&mut self, text: &[u8]) -> Vec<Span> {
        let mut head = EventHead::new(EventKind::HttpRequest, SessionKey::new(""), SourceSpan::default());
        head.direction = Some(Direction::Egress);
        let origin = Origin::Decoded { offset: 0, len: 0 };
        let part =
            Part { surface: Surface::Query, span: Span::new(0, text.len()), label: Label::None, origin };
        let text = Bytes::copy_from_slice(text);
        let (document, extents) = (Bytes::new(), Vec::new());
        let event = Event { head, text, parts: vec![part], document, document_offset: 0, extents };
        let Self { pack, only, least, .. } = *self;
        let scanner = self.scanner.get_or_insert_with(|| Scanner::new(pack));
        let mut located = scanner.look(&event, only).located;
        settle(pack, &mut located);
        located.retain(|found| tells(pack, found.rule, only) && found.confidence.0 >= least);
        located.into_iter().map(|found| found.secret).collect()
    }
}

/// Whether a rule tells a secret, and tells a whole one: those that are less sure take half of it for one.
fn tells(pack: &Pack, rule: usize, only: Option<Set>) -> bool {
    const LEAST: f32 = 0.6;
    pack.rules.get(rule).is_some_and(|rule| {
        rule.info.category == Category::Dlp
            && rule.info.confidence.0 >= LEAST
            && only.is_none_or(|set| rule.sets.has(set))
    })
}

#[derive(Debug)]
struct Waiting {
    event: EventId,
    destination: u64,
    piece: Piece,
}

impl Waiting {
    fn place(&self) -> Taken {
        Taken { event: self.event, surface: self.piece.surface, len: self.piece.bytes.len() }
    }
}

/// The pieces of one session that wait for what follows, and the secrets that it knows.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    waiting: VecDeque<Waiting>,
    known: Known,
    /// Pieces that were forgotten, and joins that were not judged.
    lost: u64,
}

impl Fragments {
    /// Remembers the secrets of an event that come in or are told.
    pub(super) fn learn(&mut self, event: EventId, flow: &Flow) {
        for secret in flow.secrets.iter().filter(|secret| secret.source != Source::Action) {
            self.known.learn(event, &secret.bytes);
        }
    }

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
        let mut told = false;
        for piece in &pieces.all {
            let destination = pieces.destination;
            let waiting = Waiting { event: head.id, destination, piece: piece.clone() };
            if let Some((brought, places)) = self.known.take(waiting.place(), &piece.bytes) {
                tell(head, piece, &places, findings, story);
                if brought != head.id && !story.edges.iter().any(|edge| edge.from == brought) {
                    let shared_bytes = places.iter().map(|place| place.len as u64).sum();
                    let what = "the pieces of a secret".into();
                    let (kind, basis) = (EdgeKind::Carried, Basis::Linked);
                    story.edges.push(Edge { from: brought, kind, basis, shared_bytes, what });
                }
                self.waiting.retain(|waiting| waiting.destination != destination);
                told = true;
                continue;
            }
            self.waiting.push_back(waiting);
            if self.waiting.len() > MOST_WAITING {
                self.waiting.pop_front();
                self.lost += 1;
            }
            // What was told as a known secret's pieces is not told again as joined.
            let Some(places) = self.completed(joiner, &mut asked).filter(|_| !told) else { continue };
            tell(head, piece, &places, findings, story);
            // What was told is not told again with the next piece.
            self.waiting.retain(|waiting| waiting.destination != destination);
        }
    }

    /// How many pieces and secrets were forgotten and joins not judged.
    pub(super) const fn left_out(&self) -> u64 {
        self.lost + self.known.lost
    }

    /// The places of the pieces that make a secret together with the latest, in order.
    fn completed(&mut self, joiner: &mut Joiner<'_>, asked: &mut u32) -> Option<Vec<Taken>> {
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
                    return Some(run.iter().rev().map(|waiting| waiting.place()).collect());
                }
            }
        }
        None
    }
}

/// Tells a secret of which the last piece stands here: a finding with the places of the pieces, and edges from the others.
fn tell(head: &EventHead, piece: &Piece, places: &[Taken], findings: &mut Vec<Finding>, story: &mut Story) {
    let mut finding = Rule::SecretSplit.finding(head, piece.surface, 1.0);
    finding.source = piece.place;
    let words: Vec<String> = places.iter().map(Taken::words).collect();
    // Numbers and names of surfaces; no byte of the input.
    finding.excerpt = Redactor::new(Show::Redacted).label(words.join(", ").as_bytes());
    findings.push(finding);
    let earlier: BTreeSet<EventId> =
        places.iter().map(|place| place.event).filter(|event| *event != head.id).collect();
    story.edges.extend(earlier.into_iter().map(|from| Edge {
        from,
        kind: EdgeKind::Followed,
        basis: Basis::Inferred,
        shared_bytes: 0,
        what: "sends another piece of one secret".into(),
    }));
}

#[cfg(test)]
mod tests;
