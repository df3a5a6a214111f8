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
use rustc_hash::FxHashMap;

use super::observe::{Flow, Piece, Pieces, Source};
use super::snapshot::MOST_COUNT;
use super::taint::rules::Rule;
use crate::pack::{Chain, Pack, Set};
use crate::scan::{Scanner, settle};

mod known;

use known::{Known, Taken};

/// What the fold asks of a rule set: whether a text holds a secret, and which chains there are; one for all sessions.
#[derive(Debug)]
pub struct Joiner<'p> {
    /// Made when first asked.
    scanner: Option<Scanner<'p>>,
    pack: &'p Pack,
    /// The one rule set of the pack that counts; all do without it.
    only: Option<Set>,
    /// What is less likely is left out.
    least: f32,
    /// The chains of the set.
    chains: Vec<&'p Chain>,
    /// The texts that rules for secrets look for, by how they begin; gathered when first asked.
    begins: Option<Begins>,
}

/// Texts by how they begin.
type Begins = FxHashMap<[u8; BEGIN], Vec<Box<[u8]>>>;

/// How much of a text's beginning is compared before the whole of it is.
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
        Self { scanner: None, pack, only, least, chains: pack.chains_of(only, least), begins: None }
    }

    /// The chains that are looked for.
    pub(super) fn chains(&self) -> &[&'p Chain] {
        &self.chains
    }

    /// Whether a text of a rule begins as a piece does, as far as both go.
    fn may_go_on(&mut self, piece: &[u8]) -> bool {
        let agrees = |text: &[u8]| {
            let both = text.len().min(piece.len());
            text.get(..both)
                .zip(piece.get(..both))
                .is_some_and(|(text, piece)| text.eq_ignore_ascii_case(piece))
        };
        self.begun(piece).iter().any(|text| agrees(text))
    }

    /// The texts of rules that begin as a piece does.
    fn begun(&mut self, piece: &[u8]) -> &[Box<[u8]>] {
        let Self { pack, only, .. } = *self;
        let begins = self.begins.get_or_insert_with(|| {
            let mut begins = Begins::default();
            let texts = pack.lenses.texts().filter(|(rule, _)| tells(pack, *rule, only));
            for (begin, text) in texts.filter_map(|(_, text)| Some((text.first_chunk::<BEGIN>()?, text))) {
                begins.entry(*begin).or_default().push(Box::from(text));
            }
            begins
        });
        piece
            .first_chunk::<BEGIN>()
            .and_then(|begin| begins.get(begin))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Whether pieces that are joined begin with a text of a rule.
    fn may_begin<'w>(&mut self, run: impl Iterator<Item = &'w Waiting> + Clone) -> bool {
        let Some(first) = run.clone().next() else { return false };
        let bytes = run.flat_map(|waiting| waiting.piece.bytes.iter());
        let begins = |text: &[u8]| {
            let begin = bytes.clone().take(text.len()).map(u8::to_ascii_lowercase);
            begin.eq(text.iter().map(u8::to_ascii_lowercase))
        };
        self.begun(&first.piece.bytes).iter().any(|text| begins(text))
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

#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Waiting {
    event: EventId,
    destination: u64,
    /// Whether a text of a rule may begin with it.
    begins: bool,
    piece: Piece,
}

impl Waiting {
    fn place(&self) -> Taken {
        Taken { event: self.event, surface: self.piece.surface, len: self.piece.bytes.len() }
    }
}

/// The pieces of one session that wait for what follows, and the secrets that it knows.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Fragments {
    waiting: VecDeque<Waiting>,
    known: Known,
    /// Pieces that were forgotten, and joins that were not judged.
    lost: u64,
}

impl Fragments {
    /// Whether it is within its bounds.
    pub(super) fn is_sound(&self) -> bool {
        self.lost < MOST_COUNT
            && self.waiting.len() <= MOST_WAITING
            && self.waiting.iter().all(|waiting| waiting.piece.is_sound())
            && self.known.is_sound()
    }

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
        pieces: Pieces,
        joiner: &mut Joiner<'_>,
        findings: &mut Vec<Finding>,
        story: &mut Story,
    ) {
        let mut asked = 0;
        let mut told = false;
        let destination = pieces.destination;
        for piece in pieces.all.into_iter().filter(Piece::tells) {
            let at = (piece.surface, piece.place);
            let begins = joiner.may_go_on(&piece.bytes);
            let waiting = Waiting { event: head.id, destination, begins, piece };
            if let Some((brought, places)) = self.known.take(waiting.place(), &waiting.piece.bytes) {
                tell(head, at, &places, findings, story);
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
            if self.waiting.is_empty() {
                self.waiting.reserve_exact(1);
            }
            self.waiting.push_back(waiting);
            if self.waiting.len() > MOST_WAITING {
                self.waiting.pop_front();
                self.lost += 1;
            }
            // What was told as a known secret's pieces is not told again as joined.
            let Some(places) = self.completed(joiner, &mut asked).filter(|_| !told) else { continue };
            tell(head, at, &places, findings, story);
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
        // Mostly nothing that waits begins a secret.
        if !self.waiting.iter().rev().skip(1).any(|waiting| waiting.begins && to_place(&waiting)) {
            return None;
        }
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
                if !joiner.may_begin(run.iter().rev().copied()) {
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
fn tell(
    head: &EventHead,
    (surface, place): (Surface, SourceSpan),
    places: &[Taken],
    findings: &mut Vec<Finding>,
    story: &mut Story,
) {
    let mut finding = Rule::SecretSplit.finding(head, surface, 1.0);
    finding.source = place;
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
