//! Walks the tree of an event's views and gathers what the pack matches in each.
//!
//! Outer views come first, and a match counts once: what a deeper view finds again in the same source bytes for
//! the same rule is left out.

use std::collections::BTreeMap;

use coldcase_model::{Confidence, Event, NotScanned, ScanCoverage, Span, Surface, ViewKind};

use super::confirm::{Confirmer, Match};
use super::cost::{Clock, RuleCost};
#[cfg(test)]
use super::giving_way;
use super::hot;
use super::prefilter::Hit;
use super::traces::Traces;
use crate::pack::{Grade, Pack, Set};
use crate::view::{self, Hints, Landmarks, MAX_VIEW, Region};

/// A match, led back to the event's text.
#[derive(Debug, Clone)]
pub(crate) struct Located {
    /// The rule, by its index in the pack.
    pub(crate) rule: usize,
    /// The match in the event's text.
    pub(crate) span: Span,
    /// The secret in the event's text.
    pub(crate) secret: Span,
    /// How far its own bytes are trusted.
    pub(crate) grade: Grade,
    /// How likely it is true.
    pub(crate) confidence: Confidence,
    /// The decodings that led to it, outermost first.
    pub(crate) views: Vec<ViewKind>,
    /// What the view showed round the match; empty where the match stands in the text itself.
    pub(crate) shown: Vec<u8>,
    /// The match within `shown`.
    pub(crate) shown_span: Span,
    /// The secret as decoded.
    pub(crate) secret_bytes: Vec<u8>,
}

/// How deep disguises may nest.
const MAX_DEPTH: usize = 6;
/// How many decoded regions an event may have, unless a test lifts it.
const MAX_NODES: usize = 4096;
/// How many matches of one event are led back to their source.
pub(crate) const MAX_LOCATED: usize = 256;
/// How many places of change in a view are kept.
const MAX_EDGES: usize = 1 << 16;
/// How much of a view is kept round a match.
const SHOWN: usize = 128;

/// Searches events with one pack; cheap to make, one per thread.
#[derive(Debug)]
pub(crate) struct Scanner<'p> {
    pack: &'p Pack,
    /// The rule set that looks, where not all rules do.
    only: Option<Set>,
    confirmer: Confirmer<'p>,
    places: Vec<u32>,
    hits: Vec<Hit>,
    hints: Hints,
    /// The landmarks of the latest event's own text.
    landmarks: Landmarks,
    /// Texts of rules that stand in the text under scan turned round or rotated.
    turned: Vec<(Span, ViewKind)>,
    regions: Vec<Vec<Region>>,
    far: Vec<Vec<usize>>,
    buffers: Vec<Buffers>,
    /// What is gathered of the text that is searched; `None` unless it is asked for.
    traces: Option<Box<Traces>>,
    /// How many decoded regions an event may have.
    nodes: usize,
    /// Whether views are searched whole.
    #[cfg(test)]
    everywhere: bool,
    /// Whether views that commute are taken in every order.
    #[cfg(test)]
    all_orders: bool,
}

/// What decoding a region fills.
#[derive(Debug, Default)]
struct Buffers {
    decoded: Vec<u8>,
    /// Places in source and output round each decoded token.
    edges: Vec<(usize, usize)>,
    hot: Vec<Span>,
}

/// A text under scan: the event's own, or a decoded form of a part of it.
struct Node<'a> {
    bytes: &'a [u8],
    lineage: Option<&'a Lineage<'a>>,
    depth: usize,
    /// The surface of the part that it was decoded from; `None` for the event's own text.
    surface: Option<Surface>,
    /// Where it may hold matches that the text it was decoded from does not; `None` for everywhere.
    hot: Option<&'a [Span]>,
    /// Kinds of views that it is shown through elsewhere, where they were applied first; a bit for each.
    covered: u64,
}

/// How a view's bytes were made from another's.
struct Lineage<'a> {
    parent: Option<&'a Lineage<'a>>,
    source: &'a [u8],
    region: Region,
}

impl Lineage<'_> {
    /// Leads spans of this view back to the event's text.
    fn map_to_root(&self, spans: &mut [Span]) {
        let Region { span, kind } = self.region;
        view::map_back(kind, span.of(self.source), spans);
        for found in spans.iter_mut() {
            *found = Span::new(found.start + span.start, found.end + span.start);
        }
        if let Some(parent) = self.parent {
            parent.map_to_root(spans);
        }
    }

    fn views(&self) -> Vec<ViewKind> {
        let mut views = self.parent.map_or_else(Vec::new, Lineage::views);
        views.push(self.region.kind);
        views
    }
}

/// What is left of an event's allowance for decoding.
struct Budget {
    bytes: usize,
    nodes: usize,
    refused: u64,
    /// Bytes that no confirmation was left for.
    unconfirmed: u64,
}

/// One event's scan under way.
struct Walk<'e> {
    event: &'e Event,
    budget: Budget,
    found: Vec<Located>,
    overflow: bool,
    /// Whether one of two rule sets by itself could see something else.
    apart: bool,
}

/// What was found in an event.
#[derive(Debug, Clone)]
pub(crate) struct Scan {
    /// The matches; none has given way to another yet.
    pub(crate) located: Vec<Located>,
    /// How much was looked at.
    pub(crate) coverage: ScanCoverage,
    /// Whether there were more matches than are led back to their source.
    pub(crate) overflow: bool,
    /// Whether, of two rule sets that were looked for together, each must be looked for by itself.
    pub(crate) apart: bool,
}

impl<'p> Scanner<'p> {
    pub(crate) fn new(pack: &'p Pack) -> Self {
        Self {
            pack,
            only: None,
            confirmer: Confirmer::new(pack),
            places: Vec::new(),
            hits: Vec::new(),
            hints: Hints::default(),
            landmarks: Landmarks::default(),
            turned: Vec::new(),
            regions: Vec::new(),
            far: Vec::new(),
            buffers: Vec::new(),
            traces: None,
            nodes: MAX_NODES,
            #[cfg(test)]
            everywhere: false,
            #[cfg(test)]
            all_orders: false,
        }
    }

    /// Counts from now on what each rule costs.
    pub(crate) fn measure(&mut self, clock: Clock) {
        self.confirmer.measure(clock);
    }

    /// Gathers from now on what tells rules that would find nothing.
    pub(crate) fn trace(&mut self) {
        self.traces = Some(Box::default());
    }

    /// What was gathered.
    pub(crate) fn traces(&mut self) -> Option<&mut Traces> {
        self.traces.as_deref_mut()
    }

    /// What each rule has cost, in the pack's order.
    pub(crate) fn costs(&self) -> &[RuleCost] {
        self.confirmer.costs()
    }

    /// The landmarks of the latest event's own text.
    pub(crate) const fn landmarks(&self) -> &Landmarks {
        &self.landmarks
    }

    /// What is found in an event, with the coverage and whether there was more.
    #[cfg(test)]
    pub(crate) fn scan(&mut self, event: &Event) -> (Vec<Located>, ScanCoverage, bool) {
        let Scan { mut located, coverage, overflow, .. } = self.look(event, None);
        giving_way::settle(self.pack, &mut located);
        (located, coverage, overflow)
    }

    /// Everything that the pack, or one rule set of it, matches in an event, and how much of it was looked at.
    pub(crate) fn look(&mut self, event: &Event, only: Option<Set>) -> Scan {
        self.only = only.filter(|_| self.pack.lenses.are_joint());
        let bytes = event.text.len().saturating_mul(4).max(2 * MAX_VIEW);
        let mut walk = Walk {
            event,
            budget: Budget { bytes, nodes: self.nodes, refused: 0, unconfirmed: 0 },
            found: Vec::new(),
            overflow: false,
            apart: false,
        };
        let root = Node { bytes: &event.text, lineage: None, depth: 0, surface: None, hot: None, covered: 0 };
        self.node(&mut walk, &root);
        let mut not_scanned = event.head.missing.clone();
        if walk.budget.refused > 0 {
            not_scanned.push((NotScanned::ViewBudget, walk.budget.refused));
        }
        if walk.budget.unconfirmed > 0 {
            not_scanned.push((NotScanned::WorkBudget, walk.budget.unconfirmed));
        }
        let coverage = ScanCoverage { scanned: event.text.len() as u64, not_scanned };
        if let Some(traces) = &mut self.traces {
            traces.looked(&coverage, walk.overflow);
        }
        Scan {
            located: walk.found,
            coverage,
            overflow: walk.overflow,
            // What is over a budget for both sets together may be within it for each.
            apart: walk.apart || walk.overflow || walk.budget.unconfirmed > 0,
        }
    }

    /// Scans a text and what it hides.
    fn node(&mut self, walk: &mut Walk<'_>, node: &Node<'_>) {
        let event = walk.event;
        match node.surface {
            None => {
                self.hints.find(node.bytes, event.parts.iter().map(|part| part.span.start));
                self.hints.swap_landmarks(&mut self.landmarks);
            }
            Some(_) => self.hints.find(node.bytes, std::iter::once(0)),
        }
        let mut far = self.far.pop().unwrap_or_default();
        self.turned.clear();
        self.matches(walk, node, &mut far);
        let mut regions = self.regions.pop().unwrap_or_default();
        let whole = Span::new(0, node.bytes.len());
        match node.surface {
            None => {
                let bounds = |at| event.part_at(at).map_or(whole, |part| part.span);
                view::regions(node.bytes, &self.hints, &self.turned, bounds, &mut regions);
            }
            Some(_) => view::regions(node.bytes, &self.hints, &self.turned, |_| whole, &mut regions),
        }
        let covered = node.covered;
        #[cfg(test)]
        let covered = if self.all_orders { 0 } else { covered };
        regions.retain(|region| covered & bit(region.kind) == 0);
        let together = kinds_together(&regions);
        for &region in &regions {
            let part = event.part_at(region.span.start).filter(|_| node.surface.is_none());
            let surface = node.surface.or(part.map(|part| part.surface)).unwrap_or(Surface::Body);
            let part = part.map_or(whole, |part| part.span);
            let of = |span: Span| together.get(&(span.start, span.end)).copied().unwrap_or(0);
            let covered = if view::keeps_most(region.kind) {
                node.covered | of(region.span) & (bit(region.kind) - 1)
            } else if view::undoes_itself(region.kind) {
                node.covered | of(part) | bit(region.kind)
            } else {
                0
            };
            self.descend(walk, node, region, surface, covered, &far);
        }
        regions.clear();
        self.regions.push(regions);
        far.clear();
        self.far.push(far);
    }

    /// Decodes a region of a text and scans what comes of it; `covered` are the kinds that need not be applied to
    /// that, `far` the places in the text where tries looked far.
    fn descend(
        &mut self,
        walk: &mut Walk<'_>,
        node: &Node<'_>,
        region: Region,
        surface: Surface,
        covered: u64,
        far: &[usize],
    ) {
        let source = region.span.of(node.bytes);
        if node.depth >= MAX_DEPTH || walk.budget.nodes == 0 || source.len() > walk.budget.bytes {
            walk.budget.refused = walk.budget.refused.saturating_add(source.len() as u64);
            return;
        }
        let Buffers { mut decoded, mut edges, mut hot } = self.buffers.pop().unwrap_or_default();
        view::decode(region.kind, source, &mut decoded, |at, written| {
            if edges.len() < MAX_EDGES {
                edges.push((at, written));
            }
        });
        walk.budget.nodes -= 1;
        walk.budget.bytes = walk.budget.bytes.saturating_sub(decoded.len());
        if view::inflates(region.kind) && decoded.len() >= MAX_VIEW {
            walk.budget.refused = walk.budget.refused.saturating_add(source.len() as u64);
        }
        if decoded != source {
            // With more changes than are kept the whole view is searched.
            let in_step = view::keeps_most(region.kind) && edges.len() < MAX_EDGES;
            #[cfg(test)]
            let in_step = in_step && !self.everywhere;
            if in_step {
                let within = far.partition_point(|at| *at < region.span.start)
                    ..far.partition_point(|at| *at < region.span.end);
                let mut here = self.far.pop().unwrap_or_default();
                here.extend(far.get(within).unwrap_or_default().iter().map(|at| at - region.span.start));
                hot::stretches(&edges, &here, decoded.len(), self.pack.lenses.longest(), &mut hot);
                here.clear();
                self.far.push(here);
            }
            let lineage = Lineage { parent: node.lineage, source: node.bytes, region };
            let node = Node {
                bytes: &decoded,
                lineage: Some(&lineage),
                depth: node.depth + 1,
                surface: Some(surface),
                hot: in_step.then_some(hot.as_slice()),
                covered,
            };
            self.node(walk, &node);
        }
        decoded.clear();
        edges.clear();
        // A buffer that grew over the usual size is given back rather than kept for every thread.
        if decoded.capacity() <= MAX_VIEW {
            self.buffers.push(Buffers { decoded, edges, hot });
        }
    }

    /// Finds the matches of a text, and the places where tries looked far.
    fn matches(&mut self, walk: &mut Walk<'_>, node: &Node<'_>, far: &mut Vec<usize>) {
        let event = walk.event;
        let parts = if node.surface.is_none() { event.parts.as_slice() } else { &[] };
        self.confirmer.begin(parts.iter().map(|part| part.span));
        let direction = event.head.direction;
        let (pack, only) = (self.pack, self.only);
        let lens = |surface| pack.lenses.of(only, surface, direction);
        match (node.surface, node.hot) {
            (Some(surface), None) => {
                self.search(walk, node.bytes, Span::new(0, node.bytes.len()), lens(surface), far);
            }
            (Some(surface), Some(hot)) => {
                for &stretch in hot {
                    self.search(walk, node.bytes, stretch, lens(surface), far);
                }
            }
            (None, _) => {
                if let Some(traces) = &mut self.traces {
                    traces.parts(event, |before, after| lens(before) == lens(after));
                }
                for parts in event.parts.chunk_by(|a, b| lens(a.surface) == lens(b.surface)) {
                    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { continue };
                    let stretch = Span::new(first.span.start, last.span.end);
                    self.search(walk, node.bytes, stretch, lens(first.surface), far);
                }
                if self.only.is_none() && self.pack.lenses.are_joint() && !walk.apart {
                    walk.apart = self.is_torn(event);
                }
            }
        }
        if !far.is_sorted() {
            far.sort_unstable();
        }
        let (matches, more) = self.confirmer.found();
        walk.overflow |= more;
        if !matches.is_empty() {
            let matches = matches.to_vec();
            self.locate(walk, node.bytes, node.lineage, &matches);
        }
    }

    /// Finds the literals of one lens in a stretch of `text` and tries the rules that want them.
    fn search(&mut self, walk: &mut Walk<'_>, text: &[u8], stretch: Span, lens: u8, far: &mut Vec<usize>) {
        // Before the lens is looked up: what no rule of now looks at, one of tomorrow may.
        if let Some(traces) = &mut self.traces {
            traces.searched(stretch.of(text));
        }
        let Some(prefilter) = self.pack.lenses.prefilter(lens) else { return };
        prefilter.find(text, stretch, self.hints.words(), &mut self.places, &mut self.hits);
        let all = self.pack.lenses.sets();
        for hit in &self.hits {
            let Some(literal) = prefilter.literal(hit.literal) else { continue };
            let start = hit.at;
            let place = Span::new(start, start + literal.len());
            if let Some(kind) = literal.turned() {
                if self.only.is_none_or(|set| literal.sets().has(set)) {
                    self.turned.push((place, kind));
                    walk.apart |= literal.sets() != all;
                }
                continue;
            }
            let looked_far = self.confirmer.attempt(literal, text, place);
            if looked_far && far.last() != Some(&start) {
                far.push(start);
            }
            if self.confirmer.is_spent(text) {
                let left = stretch.end.saturating_sub(start) as u64;
                walk.budget.unconfirmed = walk.budget.unconfirmed.saturating_add(left);
                return;
            }
        }
    }

    /// Whether a text of a rule stands across two parts that one rule set sees as one stretch, and both sets together as two.
    fn is_torn(&mut self, event: &Event) -> bool {
        let direction = event.head.direction;
        let longest = self.pack.lenses.longest();
        let words = self.hints.words();
        for (a, b) in event.parts.iter().zip(event.parts.iter().skip(1)) {
            let lens = |set, surface| self.pack.lenses.of(set, surface, direction);
            if lens(None, a.surface) == lens(None, b.surface) {
                continue;
            }
            let seam = b.span.start;
            for set in [Some(Set::First), Some(Set::Second)] {
                let own = lens(set, a.surface);
                if own != lens(set, b.surface) {
                    continue;
                }
                let Some(prefilter) = self.pack.lenses.prefilter(own) else { continue };
                let round = seam.saturating_sub(longest)..seam.saturating_add(longest).min(event.text.len());
                let stretch = Span::new(round.start, round.end);
                prefilter.find(&event.text, stretch, words, &mut self.places, &mut self.hits);
                let across = |hit: &Hit| {
                    let len = prefilter.literal(hit.literal).map_or(0, super::prefilter::Literal::len);
                    hit.at < seam && hit.at + len > seam
                };
                if self.hits.iter().any(across) {
                    return true;
                }
            }
        }
        false
    }

    fn locate(&self, walk: &mut Walk<'_>, bytes: &[u8], lineage: Option<&Lineage<'_>>, matches: &[Match]) {
        let mut spans: Vec<Span> = matches.iter().flat_map(|found| [found.span, found.secret]).collect();
        let mut views = Vec::new();
        if let Some(lineage) = lineage {
            lineage.map_to_root(&mut spans);
            views = lineage.views();
        }
        for (found, root) in matches.iter().zip(spans.chunks_exact(2)) {
            let (Some(&span), Some(&secret)) = (root.first(), root.last()) else { continue };
            let rule = found.rule as usize;
            let surface = walk.event.part_at(secret.start).map_or(Surface::Body, |part| part.surface);
            let direction = walk.event.head.direction;
            let allowed = self.pack.rules.get(rule).is_some_and(|rule| rule.looks_at(surface, direction));
            if !allowed {
                continue;
            }
            let known = |other: &&mut Located| other.rule == rule && other.secret.overlaps(secret);
            if let Some(known) = walk.found.iter_mut().find(known) {
                // What stands round it may be plain only in the deeper view.
                known.grade = known.grade.max(found.grade);
                if known.confidence < found.confidence {
                    known.confidence = found.confidence;
                }
                continue;
            }
            if walk.found.len() >= MAX_LOCATED {
                walk.overflow = true;
                return;
            }
            let window = Span::new(
                found.span.start.saturating_sub(SHOWN),
                found.span.end.min(found.span.start + 4 * SHOWN).saturating_add(SHOWN).min(bytes.len()),
            );
            let in_view = lineage.is_some();
            walk.found.push(Located {
                rule,
                span,
                secret,
                grade: found.grade,
                confidence: found.confidence,
                views: views.clone(),
                shown: if in_view { window.of(bytes).to_vec() } else { Vec::new() },
                shown_span: Span::new(found.span.start - window.start, found.span.end - window.start),
                secret_bytes: found.secret.of(bytes).to_vec(),
            });
        }
    }
}

/// The kinds of views that keep most of a text, by the region that they are for, where it has several.
///
/// Two of them give the same in either order, so only one is taken: the first kind, then the other. All orders of five
/// kinds would be 325 views of a text, and not 31. A text that is to be turned round is turned after all of them.
fn kinds_together(regions: &[Region]) -> BTreeMap<(usize, usize), u64> {
    let mut together = BTreeMap::new();
    for region in regions.iter().filter(|region| view::keeps_most(region.kind)) {
        *together.entry((region.span.start, region.span.end)).or_default() |= bit(region.kind);
    }
    together
}

const fn bit(kind: ViewKind) -> u64 {
    1 << kind as u32
}

#[cfg(test)]
mod disguises;
#[cfg(test)]
mod evasion;
#[cfg(test)]
mod folds;
#[cfg(test)]
mod tests;
