//! A rule's promises are tests: every `match` text fires it, no `no_match` text does, and a `lesser` text fires it at
//! a lower severity. `todo_match` and `todo_no_match` texts are tried and told, and hold nobody.

use bytes::Bytes;
use coldcase_model::{
    Direction, Event, EventHead, EventKind, Label, Origin, Part, SessionKey, Severity, SourceSpan, Span,
    Surface,
};

use super::load::{Pack, PackError, PackText, parse, refused};
use super::problem::Member;
use super::schema::{RuleFile, joined};
use super::sets::Set;
use crate::Detector;

/// A text that a rule is to match, or not to match, and whether it does as it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// The pack's file name.
    pub pack: String,
    /// The rule's id.
    pub rule: String,
    /// The line of the rule's id, from 1.
    pub line: u64,
    /// What the rule is to make of the text.
    pub wanted: Wanted,
    /// Its number among the rule's texts of that kind, from 1.
    pub number: usize,
    /// The text, put together.
    pub text: String,
    /// Whether the rule does as it should.
    pub kept: bool,
}

/// What a rule is to make of a text, by the name of the list that it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// It matches.
    Match,
    /// It does not.
    NoMatch,
    /// It matches at a lower severity.
    Lesser,
    /// It is to match one day.
    TodoMatch,
    /// It is to leave it alone one day.
    TodoNoMatch,
}

impl Wanted {
    /// The list in the pack's file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::NoMatch => "no_match",
            Self::Lesser => "lesser",
            Self::TodoMatch => "todo_match",
            Self::TodoNoMatch => "todo_no_match",
        }
    }

    /// Whether it is a wish, which nothing fails for.
    pub const fn is_todo(self) -> bool {
        matches!(self, Self::TodoMatch | Self::TodoNoMatch)
    }

    /// Whether a rule of this severity does as it should where this is the worst that it finds.
    fn is_kept_by(self, own: Severity, worst: Option<Severity>) -> bool {
        match self {
            Self::Match | Self::TodoMatch => worst == Some(own),
            Self::NoMatch | Self::TodoNoMatch => worst.is_none(),
            Self::Lesser => worst.is_some_and(|worst| worst < own),
        }
    }
}

/// All promises of the rules of `texts`, each tried. No rule of another pack takes part.
pub fn promises(texts: &[PackText]) -> Result<Vec<Promise>, PackError> {
    tried(&Pack::untested(texts)?, Set::First, texts)
}

/// Tests the rules of `texts`, which `pack` was compiled from; the first broken promise is the error.
pub(super) fn hold(pack: &Pack, texts: &[PackText]) -> Result<(), PackError> {
    hold_for(pack, Set::First, texts, |_| true)
}

/// The same for one of two rule sets, and for those of its rules that take part.
pub(super) fn hold_for(
    pack: &Pack,
    set: Set,
    texts: &[PackText],
    takes_part: impl Fn(&str) -> bool,
) -> Result<(), PackError> {
    for source in texts {
        let tried = tried(pack, set, std::slice::from_ref(source))?;
        let broken = tried
            .into_iter()
            .find(|promise| !promise.kept && !promise.wanted.is_todo() && takes_part(&promise.rule));
        let Some(broken) = broken else { continue };
        let file = parse(source)?;
        let Some(rule) = file.rules.iter().find(|rule| rule.id.value == broken.rule) else { continue };
        let text = Member::of(broken.wanted.as_str()).entry(broken.number - 1);
        return Err(refused(source, rule, Some(text), broken.problem()));
    }
    Ok(())
}

impl Promise {
    /// What is wrong if it is not kept.
    pub fn problem(&self) -> String {
        let Self { text, .. } = self;
        match self.wanted {
            Wanted::Match => {
                format!("does not match its own `match` text {text:?}, or only at a lower severity")
            }
            Wanted::NoMatch => format!("matches its own `no_match` text {text:?}"),
            Wanted::Lesser => format!("does not match its own `lesser` text {text:?} at a lower severity"),
            Wanted::TodoMatch => format!("does not match its `todo_match` text {text:?} yet"),
            Wanted::TodoNoMatch => format!("still matches its `todo_no_match` text {text:?}"),
        }
    }
}

fn tried(pack: &Pack, set: Set, texts: &[PackText]) -> Result<Vec<Promise>, PackError> {
    let mut detector = Detector::new(pack, coldcase_model::Show::Redacted);
    let mut all = Vec::new();
    for source in texts {
        for rule in &parse(source)?.rules {
            let id = &rule.id.value;
            for (wanted, index, text) in texts_of(rule) {
                let kept = keeps(&mut detector, set, rule, wanted, &event_of(rule, &text));
                all.push(Promise {
                    pack: source.name.clone(),
                    rule: id.clone(),
                    line: rule.id.line,
                    wanted,
                    number: index + 1,
                    text,
                    kept,
                });
            }
        }
    }
    Ok(all)
}

/// All texts of a rule, put together, each with its index among those of its list.
pub(super) fn texts_of(rule: &RuleFile) -> impl Iterator<Item = (Wanted, usize, String)> {
    let lists = [
        (Wanted::Match, &rule.matches),
        (Wanted::NoMatch, &rule.no_match),
        (Wanted::Lesser, &rule.lesser),
        (Wanted::TodoMatch, &rule.todo_match),
        (Wanted::TodoNoMatch, &rule.todo_no_match),
    ];
    lists.into_iter().flat_map(|(wanted, list)| {
        list.iter().enumerate().map(move |(index, text)| (wanted, index, joined(text)))
    })
}

/// Whether a rule makes of an event what it should.
pub(super) fn keeps(
    detector: &mut Detector<'_>,
    set: Set,
    rule: &RuleFile,
    wanted: Wanted,
    event: &Event,
) -> bool {
    let detection = detector.detect_for(set, event, 0.0);
    let own = detection.findings.iter().filter(|finding| *finding.rule.id == *rule.id.value);
    wanted.is_kept_by(rule.severity, own.map(|finding| finding.rule.severity).max())
}

/// An event that holds the text on the rule's first surface.
pub(super) fn event_of(rule: &RuleFile, text: &str) -> Event {
    event_with(rule, text.as_bytes())
}

/// The same for bytes.
pub(super) fn event_with(rule: &RuleFile, text: &[u8]) -> Event {
    let surface = rule.surfaces.first().copied().unwrap_or(Surface::Body);
    event_on(surface, rule.direction.only().unwrap_or(Direction::Egress), text)
}

/// A text that a rule of a pack matches, and where it looks for it.
#[cfg(test)]
pub(crate) struct Sample {
    /// The rule.
    pub(crate) rule: String,
    pub(crate) is_credential: bool,
    surface: Surface,
    direction: Direction,
    pub(crate) text: String,
}

#[cfg(test)]
impl Sample {
    /// An event with another text in the place of this one.
    pub(crate) fn event(&self, text: &[u8]) -> Event {
        event_on(self.surface, self.direction, text)
    }
}

/// The first text of each rule that it is to match.
#[cfg(test)]
pub(crate) fn samples(texts: &[PackText]) -> Vec<Sample> {
    let files = texts.iter().map(|source| parse(source).expect("the pack is read"));
    let of_rule = |rule: &RuleFile| Sample {
        rule: rule.id.value.clone(),
        is_credential: rule.category == coldcase_model::Category::Dlp,
        surface: rule.surfaces.first().copied().unwrap_or(Surface::Body),
        direction: rule.direction.only().unwrap_or(Direction::Egress),
        text: rule.matches.first().map(|text| joined(text)).unwrap_or_default(),
    };
    files.flat_map(|file| file.rules.iter().map(of_rule).collect::<Vec<_>>()).collect()
}

pub(super) fn event_on(surface: Surface, direction: Direction, text: &[u8]) -> Event {
    let text = Bytes::copy_from_slice(text);
    let mut head = EventHead::new(EventKind::Text, SessionKey::new("selftest"), SourceSpan::default());
    head.direction = Some(direction);
    Event {
        head,
        parts: vec![Part {
            surface,
            span: Span::new(0, text.len()),
            label: Label::None,
            origin: Origin::Decoded { offset: 0, len: text.len() as u64 },
        }],
        text,
        document: Bytes::new(),
        document_offset: 0,
        extents: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin_texts;

    #[test]
    fn every_builtin_rule_keeps_its_promises() {
        let promises = promises(&builtin_texts()).expect("the built-in packs compile");
        let broken = promises.iter().filter(|promise| !promise.kept);
        let all: Vec<String> = broken.map(|one| format!("{}: {}", one.rule, one.problem())).collect();
        assert!(
            promises.len() > 1000 && all.is_empty(),
            "{} broken promises:\n{}",
            all.len(),
            all.join("\n")
        );
    }

    #[test]
    fn a_rule_without_a_negative_text_is_refused() {
        let text = "pack: p\nversion: '1'\ntitle: t\nrules:\n- {id: a.b, title: t, gain: g, category: dlp, \
                    severity: low, confidence: 0.5, added: '1', literals: [abcd], regex: abcd, references: {cwe: [X]}, \
                    match: [abcd], no_match: []}\n";
        let refused = Pack::only(&[PackText { name: "p.yaml".into(), text: text.into() }]);
        assert!(refused.expect_err("refused").to_string().contains("no_match"));
    }

    #[test]
    fn a_regex_without_a_text_of_its_own_is_searched_round_the_literals() {
        let rule = |literals: &str| {
            let text = format!(
                "pack: p\nversion: '1'\ntitle: t\nrules:\n- {{id: a.b, title: t, gain: g, category: dlp, severity: low, \
                 confidence: 0.5, added: '1', {literals} regex: '[0-9]{{3}}-[0-9]{{2}} ?[a-z]{{4}}s?', \
                 references: {{cwe: [X]}}, match: ['id 123-45 cards'], no_match: ['123-45 x', 'cards']}}\n"
            );
            Pack::only(&[PackText { name: "p.yaml".into(), text }])
        };
        let refused = rule("").expect_err("refused").to_string();
        assert!(refused.contains("`literals`"), "{refused}");
        rule("literals: [card],").expect("found round the literal");
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let text = "pack: p\nversion: '1'\ntitle: t\nrules: []\ncolour: red\n";
        let refused = Pack::only(&[PackText { name: "p.yaml".into(), text: text.into() }]);
        let message = refused.expect_err("refused").to_string();
        assert!(message.contains("colour") && message.contains('5'), "{message}");
    }
}
