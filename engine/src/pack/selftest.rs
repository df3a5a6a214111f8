//! A rule's promises are tests: every `match` text fires it, no `no_match` text does.

use bytes::Bytes;
use coldcase_model::{
    Direction, Event, EventHead, EventKind, Label, Origin, Part, SessionKey, SourceSpan, Span, Surface,
};

use super::load::{Pack, PackError, PackText, parse, refused};
use super::schema::{RuleFile, joined};
use crate::Detector;

/// Tests the rules of `texts`, which `pack` was compiled from; the first broken promise is the error.
pub(super) fn run(pack: &Pack, texts: &[PackText]) -> Result<(), PackError> {
    match broken(pack, texts)?.into_iter().next() {
        None => Ok(()),
        Some(error) => Err(error),
    }
}

/// Every promise that a rule of `texts` does not keep.
fn broken(pack: &Pack, texts: &[PackText]) -> Result<Vec<PackError>, PackError> {
    let mut detector = Detector::new(pack, coldcase_model::Show::Redacted);
    let mut errors = Vec::new();
    for source in texts {
        for rule in &parse(source)?.rules {
            let mut refuse = |problem: String| {
                errors.push(refused(source, rule, problem));
            };
            let mut fires = |text: &str| {
                let detection = detector.detect(&event_of(rule, &joined(text)));
                detection.findings.iter().any(|finding| *finding.rule.id == *rule.id.value)
            };
            for text in rule.matches.iter().filter(|text| !fires(text)) {
                refuse(format!("does not match its own `match` text {text:?}"));
            }
            for text in rule.no_match.iter().filter(|text| fires(text)) {
                refuse(format!("matches its own `no_match` text {text:?}"));
            }
        }
    }
    Ok(errors)
}

/// An event that holds the text on the rule's first surface.
fn event_of(rule: &RuleFile, text: &str) -> Event {
    let surface = rule.surfaces.first().copied().unwrap_or(Surface::Body);
    let direction = rule.direction.only().unwrap_or(Direction::Egress);
    let text = Bytes::from(text.to_owned());
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin_texts;

    #[test]
    fn every_builtin_rule_keeps_its_promises() {
        let pack = Pack::builtin().expect("the built-in packs compile");
        let broken = broken(&pack, &builtin_texts()).expect("and their texts parse");
        let all: Vec<String> = broken.iter().map(ToString::to_string).collect();
        assert!(all.is_empty(), "{} broken promises:\n{}", all.len(), all.join("\n"));
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
