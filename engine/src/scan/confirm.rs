//! A hit of the prefilter to a match: the halves of the pattern round it, then the rule's regex, validators and context.

use std::cell::Cell;

use coldcase_model::{Confidence, Event, Span};
use regex_automata::util::captures::Captures;
use regex_automata::{Input, meta};

use super::cost::{Clock, Meter, RuleCost};
use super::half::{HalfState, Tried};
use super::hot::NEAR;
use super::prefilter::Literal;
use super::scanner::Located;
use crate::pack::{CompiledRule, FieldKind, Grade, Pack, RuleAnchor, There};

/// A rule's pattern where it was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Match {
    /// The rule.
    pub(crate) rule: u32,
    /// The whole match in the text that was searched.
    pub(crate) span: Span,
    /// The part of it that is the secret.
    pub(crate) secret: Span,
    /// How far its own bytes are trusted.
    pub(crate) grade: Grade,
    /// How likely it is true.
    pub(crate) confidence: Confidence,
}

/// How many matches of one rule in one text are reported; that there were more is said.
pub(crate) const MAX_MATCHES: usize = 64;
/// How far from its anchor a match can start, and how far its end is looked for.
const REACH: usize = 8192;
/// How far the pieces next to a literal are looked for, and what a try of them counts for.
const NEAREST: usize = 192;
const TRY: usize = 8;
/// How far a match is followed: a token is taken whole.
const FOLLOW: usize = 65_536;
/// How many bytes confirmation may look at for each byte of text, and for a text however short.
const WORK: (usize, usize) = (24, 1 << 20);

/// What a thread keeps to confirm hits of one pack.
#[derive(Debug)]
pub(crate) struct Confirmer<'p> {
    pack: &'p Pack,
    halves: Vec<[HalfState; 3]>,
    searches: Vec<Option<Box<Search>>>,
    progress: Vec<Progress>,
    /// The rules whose progress is not that of a fresh text.
    touched: Vec<u32>,
    matches: Vec<Match>,
    /// The parts of the text, in order; none where it is all one.
    parts: Vec<Span>,
    work: Cell<usize>,
    more: bool,
    meter: Option<Meter>,
}

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// Bytes near the literal told that there is no match.
    Near,
    /// Other bytes told, or what was found before.
    Far,
    /// The regex was searched for.
    Searched,
}

/// What a rule's regex needs per thread.
#[derive(Debug)]
struct Search {
    cache: meta::Cache,
    captures: Captures,
}

/// How far a rule is in the text.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    /// The end of its last match: what lies before is settled.
    settled: usize,
    matches: usize,
}

impl<'p> Confirmer<'p> {
    pub(crate) fn new(pack: &'p Pack) -> Self {
        Self {
            pack,
            halves: pack.lenses.anchors().iter().map(|_| <[HalfState; 3]>::default()).collect(),
            searches: pack.rules.iter().map(|_| None).collect(),
            progress: vec![Progress::default(); pack.rules.len()],
            touched: Vec::new(),
            matches: Vec::new(),
            parts: Vec::new(),
            work: Cell::new(0),
            more: false,
            meter: None,
        }
    }

    /// Counts from now on what each rule costs.
    pub(crate) fn measure(&mut self, clock: Clock) {
        self.meter = Some(Meter::new(clock, self.pack.rules.len()));
    }

    /// What each rule has cost, in the pack's order; empty unless it was measured.
    pub(crate) fn costs(&self) -> &[RuleCost] {
        self.meter.as_ref().map_or(&[], Meter::costs)
    }

    /// Makes ready for another text, which has these parts.
    pub(crate) fn begin(&mut self, parts: impl Iterator<Item = Span>) {
        self.parts.clear();
        self.parts.extend(parts);
        for rule in self.touched.drain(..) {
            if let Some(progress) = self.progress.get_mut(rule as usize) {
                *progress = Progress::default();
            }
        }
        self.matches.clear();
        self.work.set(0);
        self.more = false;
    }

    /// What was found in the text, by rule and place, and whether there was more than is reported.
    pub(crate) fn found(&mut self) -> (&[Match], bool) {
        self.matches.sort_unstable_by_key(|found| (found.rule, found.span));
        (&self.matches, self.more)
    }

    /// Whether the text has had its share of work.
    pub(crate) fn is_spent(&self, text: &[u8]) -> bool {
        self.work.get() > text.len().saturating_mul(WORK.0).saturating_add(WORK.1)
    }

    /// Tries all anchors that want a literal where it stands; says whether more than the bytes near by decided.
    pub(crate) fn attempt(&mut self, literal: &Literal, text: &[u8], place: Span) -> bool {
        let mut far = false;
        self.work.set(self.work.get() + TRY * literal.wanted_by().len());
        let there = There::read(text, place);
        for (anchor, around) in literal.with_around(&self.pack.lenses) {
            let fits = around.fits(&there);
            if self.meter.is_some() {
                // Each by itself, so that each rule bears its own cost.
                far |= self.metered(anchor, fits, text, place) != Ended::Near;
            } else if fits {
                far |= self.confirm(anchor, text, place) != Ended::Near;
            }
        }
        far
    }

    /// Tries an anchor and counts what it cost.
    #[cold]
    fn metered(&mut self, index: u32, fits: bool, text: &[u8], literal: Span) -> Ended {
        let Some(clock) = self.meter.as_ref().map(|meter| meter.clock) else { return Ended::Far };
        let Some(anchor) = self.pack.lenses.anchor(index) else { return Ended::Far };
        let matches = self.matches.len();
        let started = clock();
        let ended = if fits { self.confirm(index, text, literal) } else { Ended::Near };
        let ticks = clock().saturating_sub(started);
        let cost = RuleCost {
            hits: 1,
            tries: u64::from(fits),
            searches: u64::from(ended == Ended::Searched),
            matches: (self.matches.len() - matches) as u64,
            ticks,
        };
        if let Some(meter) = &mut self.meter {
            meter.add(anchor.rule, cost);
        }
        ended
    }

    /// Confirms a text where it stands.
    fn confirm(&mut self, index: u32, text: &[u8], literal: Span) -> Ended {
        let Some(anchor) = self.pack.lenses.anchor(index) else { return Ended::Far };
        let Some([nearest, ..]) = self.halves.get_mut(index as usize) else { return Ended::Far };
        if let Tried::No(looked) = anchor.nearest.attempt_at(nearest, text, literal, NEAREST, &Cell::new(0)) {
            return if looked <= NEAR { Ended::Near } else { Ended::Far };
        }
        let Some(progress) = self.progress.get(anchor.rule as usize).copied() else { return Ended::Far };
        if literal.start < progress.settled {
            return Ended::Far;
        }
        let start = match self.start(index, anchor, text, literal, progress.settled) {
            Tried::Yes(start) => start,
            // A try that an earlier match stands in the way of is not decided by the bytes near by alone.
            Tried::No(looked)
                if looked <= NEAR && (progress.settled == 0 || literal.start - progress.settled > NEAR) =>
            {
                return Ended::Near;
            }
            Tried::No(_) | Tried::Open => return Ended::Far,
        };
        if progress.matches >= MAX_MATCHES {
            self.more = true;
        } else if let Some(rule) = self.pack.rules.get(anchor.rule as usize) {
            self.search(rule, anchor.rule, text, start, literal);
        }
        Ended::Searched
    }

    /// Where a match round the literal can start.
    fn start(
        &mut self,
        index: u32,
        anchor: &RuleAnchor,
        text: &[u8],
        literal: Span,
        settled: usize,
    ) -> Tried {
        let Some([_, behind, ahead]) = self.halves.get_mut(index as usize) else { return Tried::Open };
        if let Some(half) = &anchor.after
            && let no @ Tried::No(_) = half.attempt_at(ahead, text, literal, REACH, &self.work)
        {
            return no;
        }
        if anchor.window > 0 {
            return Tried::Yes(literal.start.saturating_sub(anchor.window).max(settled));
        }
        anchor.before.as_ref().map_or(Tried::Yes(literal.start), |half| {
            let span = Span::new(literal.start.saturating_sub(REACH).max(settled), literal.start);
            half.attempt(behind, text, span, &self.work)
        })
    }

    /// Searches from `start` until the literal is behind.
    fn search(&mut self, rule: &'p CompiledRule, index: u32, text: &[u8], start: usize, literal: Span) {
        let place = index as usize;
        let Some(regex) = rule.pattern.regex() else { return };
        let (Some(search), Some(progress)) = (self.searches.get_mut(place), self.progress.get_mut(place))
        else {
            return;
        };
        let Search { cache, captures } = &mut **search.get_or_insert_with(|| {
            Box::new(Search { cache: regex.create_cache(), captures: regex.create_captures() })
        });
        if progress.settled == 0 {
            self.touched.push(index);
        }
        // A match that holds the literal ends within its length of the literal's start.
        let end = literal.start.saturating_add(rule.longest.min(FOLLOW)).min(text.len());
        let mut from = start;
        while from <= literal.start && progress.matches < MAX_MATCHES {
            // The range bounds the search; look-around still sees the bytes beyond its edges.
            regex.search_captures_with(cache, &Input::new(text).range(from..end), captures);
            let Some(whole) = captures.get_match() else {
                self.work.set(self.work.get() + REACH.min(end - from));
                return;
            };
            self.work.set(self.work.get() + whole.end() - from);
            let span = Span::new(whole.start(), whole.end());
            from = span.end.max(from + 1);
            progress.settled = from;
            let secret =
                captures.get_group(rule.secret).map_or(span, |group| Span::new(group.start, group.end));
            let part = self.parts.partition_point(|part| part.end <= span.start);
            let part = self.parts.get(part).copied().unwrap_or(Span::new(0, text.len()));
            let (judged, looked) = confidence(rule, text, span, secret, part);
            self.work.set(self.work.get() + looked);
            if let Some((grade, confidence)) = judged {
                self.matches.push(Match { rule: index, span, secret, grade, confidence });
                progress.matches += 1;
            }
        }
    }
}

/// How far a match is trusted and how likely it is true, if it stands, and how many bytes round it were looked at.
fn confidence(
    rule: &CompiledRule,
    text: &[u8],
    span: Span,
    secret: Span,
    part: Span,
) -> (Option<(Grade, Confidence)>, usize) {
    let bytes = secret.of(text);
    let Some(grade) = rule.grade(bytes, || entropy(bytes)) else { return (None, 0) };
    let own = rule.info.confidence.0;
    let (confidence, looked) = match &rule.near {
        None => (Some(own), 0),
        Some(near) => {
            let opinion = near.opinion(own, text, span, part);
            (opinion.confidence, opinion.looked)
        }
    };
    let most = rule.most(grade).0;
    (confidence.map(|confidence| (grade, Confidence(confidence.min(most)))), looked)
}

/// What kind of field of a rule keeps out what another rule, or another form of this one, matched in an event; `None` where
/// its checks and what stands round it do not. Of a decoded text what was shown of it is looked at.
pub(super) fn kept_out_by(rule: &CompiledRule, event: &Event, found: &Located) -> Option<FieldKind> {
    let bytes = found.secret_bytes.as_slice();
    let by_itself = || rule.kept_out_by(bytes, found.grade, || entropy(bytes));
    let by_near = || {
        let near = rule.near.as_ref()?;
        let (text, span) = match found.views.as_slice() {
            [] => (&*event.text, found.span),
            _ => (found.shown.as_slice(), found.shown_span),
        };
        let whole = Span::new(0, text.len());
        let part =
            event.part_at(span.start).filter(|_| found.views.is_empty()).map_or(whole, |part| part.span);
        let opinion = near.opinion(rule.info.confidence.0, text, span, part);
        opinion.confidence.is_none().then_some(FieldKind::Threshold)
    };
    by_itself().or_else(by_near)
}

/// Shannon entropy in bits per byte.
#[expect(clippy::cast_precision_loss, reason = "counts of a credential's bytes are far below 2^24")]
fn entropy(bytes: &[u8]) -> f32 {
    let mut counts = [0u32; 256];
    for &byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let total = bytes.len().max(1) as f32;
    counts.iter().filter(|&&count| count > 0).map(|&count| count as f32 / total).map(|p| -p * p.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_zero_for_one_letter_and_eight_at_most() {
        assert!(entropy(b"aaaa").abs() < 1e-6);
        assert!((entropy(b"abcd") - 2.0).abs() < 1e-6);
        let all: Vec<u8> = (0..=255).collect();
        assert!((entropy(&all) - 8.0).abs() < 1e-4);
    }
}
