//! How well rules see through disguises: each `match` text of a rule behind every disguise that suits it, and each
//! `no_match` text behind the same ones, which the rule must leave alone as it does the plain text.
//!
//! A text counts if the rule does with the plain one what it promises. It stands within a sentence if the rule finds it
//! there as well, else alone. Left out: texts beyond ASCII, disguises one over the other, and `lesser` texts.

use coldcase_model::{Category, Event, Severity, Show, Span};

use super::load::{Pack, PackError, PackText, parse, spread};
use super::schema::RuleFile;
use super::selftest::{Wanted, event_of, texts_of};
use super::sets::Set;
use crate::Detector;
use crate::disguise::{self, Disguise, codings, is_prose};

/// How far the ends of what is found may lie from those of what was disguised: marks that were put in at its edge.
pub(crate) const SLACK: usize = 16;
/// What stands round a text that is disguised.
const ROUND: [[&str; 2]; 2] = [["see: ", " .\n"], ["", ""]];
/// How many rules one thread takes at a time.
const AT_ONCE: usize = 16;

/// What became of a rule's texts behind disguises.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evaded {
    /// The rule's id.
    pub rule: String,
    /// The pack's file name.
    pub pack: String,
    /// Its `match` texts by disguise, in the order in which disguises are tried; those that none suits are left out.
    pub found: Vec<Tried>,
    /// Its `no_match` texts by disguise: those that the rule left alone.
    pub silent: Vec<Tried>,
    /// Texts that were not tried: not ASCII, or not found plain within a sentence nor alone.
    pub left_out: usize,
}

/// How texts fared behind one disguise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// The disguise.
    pub disguise: &'static str,
    /// How many texts were tried.
    pub tried: usize,
    /// How many fared as they should.
    pub right: usize,
    /// Of those that were found, how many were led back to the bytes that spell them.
    pub exact: usize,
}

impl Evaded {
    /// Right and tried over all disguises, of the `match` texts.
    pub fn found_of(&self) -> (usize, usize) {
        sums(&self.found)
    }

    /// Right and tried over all disguises, of the `no_match` texts.
    pub fn silent_of(&self) -> (usize, usize) {
        sums(&self.silent)
    }
}

fn sums(tried: &[Tried]) -> (usize, usize) {
    tried.iter().fold((0, 0), |(right, all), one| (right + one.right, all + one.tried))
}

/// Tries the texts of all rules of these packs behind every disguise. Rules of other packs take no part.
pub fn evasions(texts: &[PackText]) -> Result<Vec<Evaded>, PackError> {
    let pack = Pack::untested(texts)?;
    let files = texts.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    let rules: Vec<(&PackText, &RuleFile)> = std::iter::zip(texts, &files)
        .flat_map(|(source, file)| file.rules.iter().map(move |rule| (source, rule)))
        .collect();
    let chunks: Vec<&[(&PackText, &RuleFile)]> = rules.chunks(AT_ONCE).collect();
    let (disguises, of_any) = disguise::all();
    let tried = spread(&chunks, |chunk| {
        let mut bench =
            Bench { detector: Detector::new(&pack, Show::Redacted), disguises: &disguises, of_any };
        chunk.iter().map(|(source, rule)| bench.rule(source, rule)).collect::<Vec<_>>()
    });
    Ok(tried.into_iter().flatten().collect())
}

struct Bench<'p> {
    detector: Detector<'p>,
    disguises: &'p [Disguise],
    of_any: usize,
}

impl Bench<'_> {
    fn rule(&mut self, source: &PackText, rule: &RuleFile) -> Evaded {
        let mut evaded =
            Evaded { rule: rule.id.value.clone(), pack: source.name.clone(), ..Evaded::default() };
        for (wanted, _, text) in texts_of(rule) {
            let done = match wanted {
                Wanted::Match => self.positive(rule, &text, &mut evaded.found),
                Wanted::NoMatch => self.negative(rule, &text, &mut evaded.silent),
                Wanted::Lesser | Wanted::TodoMatch | Wanted::TodoNoMatch => continue,
            };
            evaded.left_out += usize::from(done.is_none());
        }
        evaded
    }

    /// The disguises that suit a text of a rule.
    fn suiting(&self, rule: &RuleFile, text: &str) -> impl Iterator<Item = Disguise> + use<> {
        let words = rule.category != Category::Dlp && is_prose(text);
        let many = if words { self.disguises.len() } else { self.of_any };
        self.disguises.get(..many).unwrap_or_default().to_vec().into_iter()
    }

    /// `None` where the text cannot be tried.
    fn positive(&mut self, rule: &RuleFile, text: &str, rows: &mut Vec<Tried>) -> Option<()> {
        if !text.is_ascii() {
            return None;
        }
        let (round, secret) = ROUND.into_iter().find_map(|round| {
            let span = self
                .found(rule, &event_of(rule, &round_with(round, text)))
                .into_iter()
                .find(|found| found.1 == rule.severity);
            let start = span?.0.start.checked_sub(round[0].len())?;
            Some((round, Span::new(start.min(text.len()), (start + span?.0.len()).min(text.len()))))
        })?;
        for disguise in self.suiting(rule, text) {
            let event = disguised(rule, text, &disguise, round);
            let expected = disguise.locate(text.as_bytes(), secret);
            let lead = event.lead;
            let near = |found: &(Span, Severity)| {
                found.0.start.abs_diff(expected.start + lead) <= SLACK
                    && found.0.end.abs_diff(expected.end + lead) <= SLACK
            };
            let found = self.found(rule, &event.event);
            count(rows, disguise.name, !found.is_empty(), found.iter().any(near));
        }
        Some(())
    }

    fn negative(&mut self, rule: &RuleFile, text: &str, rows: &mut Vec<Tried>) -> Option<()> {
        if !text.is_ascii() {
            return None;
        }
        let silent =
            |round: &[&str; 2]| self.found(rule, &event_of(rule, &round_with(*round, text))).is_empty();
        let round = ROUND.into_iter().find(silent)?;
        for disguise in self.suiting(rule, text) {
            let event = disguised(rule, text, &disguise, round);
            let is_silent = self.found(rule, &event.event).is_empty();
            count(rows, disguise.name, is_silent, false);
        }
        Some(())
    }

    /// Where the rule finds something, and how bad it says that it is.
    fn found(&mut self, rule: &RuleFile, event: &Event) -> Vec<(Span, Severity)> {
        let detection = self.detector.detect_for(Set::First, event, 0.0);
        let own = detection.findings.iter().filter(|finding| *finding.rule.id == *rule.id.value);
        own.map(|finding| (finding.span, finding.rule.severity)).collect()
    }
}

fn round_with([before, after]: [&str; 2], text: &str) -> String {
    [before, text, after].concat()
}

/// A disguised text, and how many bytes stand before it.
struct Disguised {
    event: Event,
    lead: usize,
}

fn disguised(rule: &RuleFile, text: &str, disguise: &Disguise, round: [&str; 2]) -> Disguised {
    // A stream without a header is told at the start of a text alone.
    let [before, after] = if disguise.name == codings::DEFLATE.name { ["", ""] } else { round };
    let encoded = (disguise.encode)(text.as_bytes());
    let whole = [before.as_bytes(), &encoded, after.as_bytes()].concat();
    Disguised { event: super::selftest::event_with(rule, &whole), lead: before.len() }
}

fn count(rows: &mut Vec<Tried>, disguise: &'static str, right: bool, exact: bool) {
    let at = rows.iter().position(|row| row.disguise == disguise).unwrap_or_else(|| {
        rows.push(Tried { disguise, tried: 0, right: 0, exact: 0 });
        rows.len() - 1
    });
    if let Some(row) = rows.get_mut(at) {
        row.tried += 1;
        row.right += usize::from(right);
        row.exact += usize::from(exact);
    }
}
