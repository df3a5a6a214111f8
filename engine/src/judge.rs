//! From an event to findings and a verdict: the one door that batch, replay, tests and the live proxy go through.
//!
//! [`Detector`] is the stateless half and may run anywhere; [`crate::Tracker`] is the half with state and sees the
//! events of a session in order. [`Judge`] is both for callers with one thread.

use std::sync::Arc;

use coldcase_model::{
    Category, Detail, Event, EventHead, Excerpt, Finding, FindingId, Labels, Name, Origin, Part, Redactor,
    ScanCoverage, Severity, Show, SourcePos, SourceSpan, Span, Surface, json,
};
use serde::{Deserialize, Serialize};

use crate::accept::Suppressions;
use crate::pack::{Pack, Set};
use crate::policy::Policy;
use crate::scan::{Clock, Located, RuleCost, Scan, Scanner, Traces, settle};
use crate::session::{Found, Joiner, Observed, Tracker};

mod reasons;

pub(crate) use reasons::Reason;

/// What the stateless half concludes about an event.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Detection {
    /// The event, without its bytes.
    pub head: EventHead,
    /// Its names as they may be written.
    pub labels: Labels,
    /// What was found. Ids are set when the event's own id is known.
    pub findings: Vec<Finding>,
    /// What the fold over its session needs of it.
    pub observed: Observed,
    /// How much of it was looked at.
    pub coverage: ScanCoverage,
    /// Whether there was more to find than is reported.
    pub overflow: bool,
}

/// Finds what the pack knows in one event after another; one per thread.
#[derive(Debug)]
pub struct Detector<'p> {
    scanner: Scanner<'p>,
    pack: &'p Pack,
    show: Show,
    /// What was accepted; `None` without a baseline.
    suppressions: Option<&'p Suppressions>,
    clean: Redactor,
    names: Vec<Option<(Name, Excerpt)>>,
    /// Whether it observes what the fold over sessions needs.
    observes: bool,
}

impl<'p> Detector<'p> {
    /// How many names are kept in their writable form; a power of two.
    const MOST_NAMES: usize = 1024;

    /// A detector over a compiled pack.
    pub fn new(pack: &'p Pack, show: Show) -> Self {
        Self {
            scanner: Scanner::new(pack),
            pack,
            show,
            suppressions: None,
            clean: Redactor::new(show),
            names: vec![None; Self::MOST_NAMES],
            observes: true,
        }
    }

    /// Marks from now on what was accepted.
    pub fn suppress(&mut self, suppressions: &'p Suppressions) {
        self.suppressions = Some(suppressions);
    }

    /// The same, but without what the fold over sessions needs of an event: for callers that have no sessions, and to measure
    /// what these cost.
    pub fn without_sessions(pack: &'p Pack, show: Show) -> Self {
        Self { observes: false, ..Self::new(pack, show) }
    }

    /// Gathers from now on what tells rules that would find nothing.
    pub(crate) fn trace(&mut self) {
        self.scanner.trace();
    }

    /// What was gathered.
    pub(crate) fn traces(&mut self) -> Option<&mut Traces> {
        self.scanner.traces()
    }

    /// Counts from now on what each rule costs.
    pub fn measure(&mut self, clock: Clock) {
        self.scanner.measure(clock);
    }

    /// What each rule has cost, in the order of [`Pack::rules`]; empty unless [`Self::measure`] was called.
    pub fn costs(&self) -> &[RuleCost] {
        self.scanner.costs()
    }

    /// Scans an event.
    pub fn detect(&mut self, event: &Event) -> Detection {
        let scan = self.scanner.look(event, None);
        self.concluded(event, scan, 0.0)
    }

    /// Scans an event for one of a pack's two rule sets. What is less likely than `least` is left out.
    pub(crate) fn detect_for(&mut self, set: Set, event: &Event, least: f32) -> Detection {
        let scan = self.scanner.look(event, Some(set));
        self.concluded(event, scan, least)
    }

    /// Scans an event once for both rule sets of a pack, with the reasons for what differs. `None` stands for a second
    /// detection that is the same as the first.
    pub(crate) fn detect_both(
        &mut self,
        event: &Event,
        least: f32,
    ) -> (Detection, Option<Detection>, Vec<Reason>) {
        let (first, second) = self.look_both(event);
        let likely = |scan: &Scan| scan.located.iter().all(|found| found.confidence.0 >= least);
        if second.is_none() && likely(&first) {
            return (self.concluded(event, first, 0.0), None, Vec::new());
        }
        let second = second.unwrap_or_else(|| first.clone());
        let reasons = self.reasons(event, [&first, &second], least);
        (self.concluded(event, first, 0.0), Some(self.concluded(event, second, least)), reasons)
    }

    /// Scans an event once for both rule sets of a pack, and concludes from the second for each of these confidences, which
    /// ascend. `None` stands for a detection that is the same as the one before it; none at all is as many `None`s.
    pub(crate) fn detect_swept(
        &mut self,
        event: &Event,
        leasts: &[f32],
    ) -> (Detection, Vec<Option<Detection>>) {
        let (first, second) = self.look_both(event);
        if second.is_none() && first.located.is_empty() {
            return (self.concluded(event, first, 0.0), Vec::new());
        }
        let candidate = second.as_ref().unwrap_or(&first).clone();
        let differs = second.is_some();
        let first = self.concluded(event, first, 0.0);
        let mut before = None;
        let second = leasts.iter().map(|&least| {
            let from = before.replace(least);
            let is_between = |found: &Located| {
                found.confidence.0 < least && from.is_none_or(|from| found.confidence.0 >= from)
            };
            let same =
                if from.is_none() && differs { false } else { !candidate.located.iter().any(is_between) };
            (!same).then(|| self.concluded(event, candidate.clone(), least))
        });
        let second = second.collect();
        (first, second)
    }

    /// What both rule sets of a pack find in an event; `None` for a second that is the same as the first.
    fn look_both(&mut self, event: &Event) -> (Scan, Option<Scan>) {
        let scan = self.scanner.look(event, None);
        if !self.pack.lenses.are_joint() {
            return (scan, None);
        }
        if scan.apart {
            let first = self.scanner.look(event, Some(Set::First));
            return (first, Some(self.scanner.look(event, Some(Set::Second))));
        }
        let of = |set: Set| {
            let belongs =
                |found: &&Located| self.pack.rules.get(found.rule).is_some_and(|rule| rule.sets.has(set));
            let located: Vec<Located> = scan.located.iter().filter(belongs).cloned().collect();
            Scan { located, coverage: scan.coverage.clone(), ..scan }
        };
        let all = scan.located.len();
        let (first, second) = (of(Set::First), of(Set::Second));
        let same = first.located.len() == all && second.located.len() == all;
        (first, (!same).then_some(second))
    }

    fn concluded(&mut self, event: &Event, scan: Scan, least: f32) -> Detection {
        let Scan { mut located, coverage, overflow, .. } = scan;
        settle(self.pack, &mut located);
        let (labels, findings) = if located.is_empty() {
            (self.clean_labels(event), Vec::new())
        } else {
            let redactor = self.redactor(event, &located);
            let mut findings = self.findings(event, &located, &redactor);
            findings.retain(|finding| finding.confidence.0 >= least);
            if overflow {
                // What is beyond the limit may be what matters: nothing of such an event is waved through.
                for finding in &mut findings {
                    finding.acceptance = None;
                }
            }
            (labels(event, |name| redactor.name(name), &redactor), findings)
        };
        let likely = located.iter().filter(|found| found.confidence.0 >= least);
        let observed = if self.observes {
            self.observed(event, &findings, &located, likely)
        } else {
            Observed::default()
        };
        Detection { head: event.head.clone(), labels, findings, observed, coverage, overflow }
    }

    /// What the fold needs of the latest event, in which this was `located`; `likely` is what counts of it.
    fn observed<'l>(
        &self,
        event: &Event,
        findings: &[Finding],
        located: &[Located],
        likely: impl Iterator<Item = &'l Located>,
    ) -> Observed {
        let landmarks = self.scanner.landmarks();
        let mut observed = Observed::of(event, landmarks, findings, || self.redactor(event, located));
        for found in likely {
            let Some(rule) = self.pack.rules.get(found.rule) else { continue };
            let info = rule.info(found.grade);
            let what = match info.category {
                // Personal data is work that goes from tool to tool, and an example from documentation is nobody's.
                Category::Dlp if info.severity >= Severity::Medium && !info.id.starts_with("dlp.pii.") => {
                    Found::Secret(&found.secret_bytes)
                }
                Category::Injection | Category::ToolPoison => Found::Injection(found.confidence.0),
                _ => continue,
            };
            observed.found(event, found.secret, what);
        }
        observed
    }

    fn clean_labels(&mut self, event: &Event) -> Labels {
        let Self { names, clean, .. } = self;
        // Readers share equal names, so the same name is mostly the same allocation.
        let shown = |name: &Name| {
            let slot = (name.as_ptr().addr() >> 4) % Self::MOST_NAMES;
            let Some(slot) = names.get_mut(slot) else { return clean.name(name) };
            match slot {
                Some((known, shown)) if Arc::ptr_eq(known, name) => shown.clone(),
                _ => slot.insert((name.clone(), clean.name(name))).1.clone(),
            }
        };
        labels(event, shown, clean)
    }

    fn secrets<'l>(&self, located: &'l [Located]) -> impl Iterator<Item = &'l Located> {
        let rules = &self.pack.rules;
        let is_dlp = |rule: usize| rules.get(rule).is_some_and(|rule| rule.info.category == Category::Dlp);
        located.iter().filter(move |found| is_dlp(found.rule))
    }

    /// Knows every secret of the event, in the text and as decoded.
    fn redactor(&self, event: &Event, located: &[Located]) -> Redactor {
        let mut redactor = Redactor::new(self.show);
        for found in self.secrets(located) {
            redactor.hide(found.secret);
            redactor.hide_value(&found.secret_bytes);
            redactor.hide_value(found.secret.of(&event.text));
        }
        redactor
    }

    fn findings(&self, event: &Event, located: &[Located], redactor: &Redactor) -> Vec<Finding> {
        let mut findings: Vec<Finding> = located
            .iter()
            .filter_map(|found| Some((found, self.pack.rules.get(found.rule)?)))
            .map(|(found, rule)| {
                let place = Place::of(event, found.secret, redactor);
                let excerpt = if found.views.is_empty() {
                    redactor.excerpt(&event.text, found.span)
                } else {
                    redactor.excerpt_of_view(&found.shown, found.shown_span)
                };
                let rule = rule.info(found.grade);
                let suppressions = self.suppressions;
                let fingerprint = suppressions.map(|known| known.fingerprint(event, rule, found));
                let entry = |print| suppressions.and_then(|known| known.of(print, rule, event, found));
                Finding {
                    id: FindingId::default(),
                    event: event.head.id,
                    rule: rule.clone(),
                    confidence: found.confidence,
                    direction: event.head.direction,
                    surface: place.surface,
                    pointer: place.pointer,
                    span: place.span,
                    views: found.views.clone(),
                    source: place.source,
                    excerpt,
                    fingerprint,
                    acceptance: fingerprint.and_then(entry),
                }
            })
            .collect();
        findings.sort_by(|a, b| (a.source.pos, a.span, &a.rule.id).cmp(&(b.source.pos, b.span, &b.rule.id)));
        findings
    }
}

/// Where a match stands, in the words of a finding.
struct Place {
    surface: Surface,
    pointer: Excerpt,
    span: Span,
    source: SourceSpan,
}

impl Place {
    fn of(event: &Event, secret: Span, redactor: &Redactor) -> Self {
        let head = &event.head;
        let at = |offset: u64, len: u64| SourceSpan { pos: SourcePos { offset, ..head.source.pos }, len };
        // Bodies that were sent in pieces: the place of the piece.
        let piece = |span: Span, whole: SourceSpan| match event.extent_at(span.start) {
            Some(extent) => {
                let (offset, len) = extent.source(span);
                at(offset, len)
            }
            None => whole,
        };
        let Some(part) = event.part_at(secret.start) else {
            return Self {
                surface: Surface::Body,
                pointer: Excerpt::default(),
                span: secret,
                source: head.source,
            };
        };
        let label = redactor.label(event.label(part));
        let start = secret.start.saturating_sub(part.span.start);
        let within = Span::new(start, start + secret.len());
        // The document's first part starts where the document's text starts.
        let is_of_document = |part: &&Part| matches!(part.origin, Origin::Document | Origin::Body { .. });
        let base = event.parts.iter().find(is_of_document).map_or(0, |part| part.span.start);
        let in_text = Span::new(secret.start.saturating_sub(base), secret.end.saturating_sub(base));
        match part.origin {
            Origin::Decoded { offset, len } => {
                let source = piece(secret, at(offset, len));
                Self { surface: part.surface, pointer: label, span: within, source }
            }
            Origin::Body { offset, len } => {
                let source = at(offset, len);
                match json::locate(&event.document, in_text) {
                    None => Self { surface: part.surface, pointer: label, span: within, source },
                    Some(found) => Self {
                        surface: part.surface,
                        pointer: redactor.label(&found.pointer),
                        span: found.span,
                        source: piece(found.source, source),
                    },
                }
            }
            Origin::Document => match json::locate(&event.document, in_text) {
                None => Self { surface: part.surface, pointer: label, span: within, source: head.source },
                Some(found) => Self {
                    surface: part.surface,
                    pointer: redactor.label(&found.pointer),
                    span: found.span,
                    source: piece(
                        found.source,
                        at(event.document_offset + found.source.start as u64, found.source.len() as u64),
                    ),
                },
            },
        }
    }
}

fn labels(event: &Event, mut shown: impl FnMut(&Name) -> Excerpt, redactor: &Redactor) -> Labels {
    let head = &event.head;
    let mut optional = |name: Option<&Name>| name.map(&mut shown).unwrap_or_default();
    let recorded = head.recorded.as_ref();
    let (method, tool) = match &head.detail {
        Detail::None => (None, None),
        Detail::Http { method, .. } => (method.as_ref(), None),
        Detail::Rpc { method, tool, .. } => (method.as_ref(), tool.as_ref()),
        Detail::Log { entry_type } => (entry_type.as_ref(), None),
        Detail::Model { role, tool, .. } => (role.as_ref(), tool.as_ref()),
    };
    Labels {
        session: optional(Some(&head.session.0)),
        name: optional(head.name.as_ref()),
        method: optional(method),
        tool: optional(tool),
        agent: optional(head.agent.as_ref()),
        server: optional(head.server.as_ref()),
        recorded_verdict: optional(recorded.map(|recorded| &recorded.verdict)),
        recorded_layer: optional(recorded.and_then(|recorded| recorded.layer.as_ref())),
        recorded_pattern: optional(recorded.and_then(|recorded| recorded.pattern.as_ref())),
        target: event
            .first_on(Surface::Url)
            .map(|part| redactor.label(target(event.bytes(part))))
            .unwrap_or_default(),
    }
}

/// Scheme, host and path of a URL; user info, query and fragment may hold secrets and tell little.
fn target(url: &[u8]) -> &[u8] {
    let end = url.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(url.len());
    let url = url.get(..end).unwrap_or(url);
    let Some(authority) = memchr::memmem::find(url, b"://").map(|at| at + 3) else { return url };
    let rest = url.get(authority..).unwrap_or_default();
    let host_end = memchr::memchr(b'/', rest).unwrap_or(rest.len());
    match memchr::memrchr(b'@', rest.get(..host_end).unwrap_or_default()) {
        // Without the scheme, so that the slice stays one stretch of the input.
        Some(user_info) => rest.get(user_info + 1..).unwrap_or_default(),
        None => url,
    }
}

/// Judges events one after another on one thread.
#[derive(Debug)]
pub struct Judge<'p> {
    detector: Detector<'p>,
    tracker: Tracker,
    joiner: Joiner<'p>,
    policy: Policy,
}

impl<'p> Judge<'p> {
    /// Marks from now on what was accepted, and leaves it out of verdicts and risk.
    pub fn suppress(&mut self, suppressions: &'p Suppressions) {
        self.detector.suppress(suppressions);
    }

    /// A judge with no history.
    pub fn new(pack: &'p Pack, policy: Policy, show: Show) -> Self {
        Self {
            detector: Detector::new(pack, show),
            tracker: Tracker::default(),
            joiner: Joiner::new(pack),
            policy,
        }
    }

    /// The same judge, going on from what another one, or the same one earlier, remembered.
    #[must_use]
    pub fn going_on_from(self, tracker: Tracker) -> Self {
        Self { tracker, ..self }
    }

    /// What it remembers.
    pub fn tracker(&self) -> &Tracker {
        &self.tracker
    }

    /// Judges the next event.
    pub fn judge(&mut self, event: &Event) -> coldcase_model::Judged {
        let detection = self.detector.detect(event);
        self.tracker.conclude(detection, &self.policy, &mut self.joiner)
    }
}
