//! A table tells what the automaton tells, wherever it tells anything.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::string::bytes_regex;

use super::super::half::{Half, HalfState, Tried};
use super::*;
use crate::pack::{Pack, PackText};

/// Patterns of every construct, in the shapes that rules have.
const PATTERNS: [&str; 8] = [
    r"ignore\s+(?:all|every|it\b)[\s,]+(?:of\s+)?(?:rules|orders)\b",
    r"\b(?:please|kindly)\s+(?:do\s+)?nottell\s+x",
    r"(?:[a-z]{1,3}_)?secret(?:[_.-]?(?:base|64))?\s{0,2}[:=]+[0-9a-f]{4,}",
    r"(?-u:\b)x?passwords?(?-u:\b)[^.\n]{0,9}end",
    r"(?:a|bc|def)+zyzzyva(?:q|rs)*t{0,3}",
    r"(?:naïve|café) zyzzyva é+",
    r"(?m:^)quokka[^a-z]{1,3}!$",
    r"[0-9a-f]{3}longword(?:ab|ba|[^a]b){2,5}[0-9a-f]{200}!",
];

fn pack(patterns: &[&str]) -> Pack {
    let rule = |(number, pattern): (usize, &&str)| {
        let pattern = pattern.replace('\'', "''");
        let mut text = format!(
            "- {{id: a.r{number}, title: t, gain: g, category: dlp, severity: low, confidence: 0.9, "
        );
        text.push_str("added: '1', references: {cwe: [X]}, match: [x], no_match: [x], case: insensitive, ");
        text.push_str(&format!("regex: '{pattern}'}}\n"));
        text
    };
    let rules: String = patterns.iter().enumerate().map(rule).collect();
    let text = format!("pack: p\nversion: '1'\ntitle: t\nrules:\n{rules}");
    Pack::untested(&[PackText { name: "p.yaml".into(), text }]).expect("a well-formed pack")
}

/// A half with its first states, and how many it has.
fn shortened(half: &mut Half) -> usize {
    let drawn = half.drawn().expect("small enough for an automaton");
    let states = drawn.rows.len() / usize::from(drawn.entry.classes);
    half.shorten(FirstStates {
        entry: drawn.entry,
        classes: Box::leak(Box::new(drawn.classes)),
        rows: Vec::leak(drawn.rows),
    });
    states
}

/// What a half tells at each place of a text: with how much work, and where a match reaches.
fn told(half: &Half, text: &[u8]) -> Vec<(Tried, bool, usize)> {
    let (mut state, work) = (HalfState::default(), Cell::new(0));
    let mut at = |place: usize, reach: usize| {
        let literal = Span::new(place, place);
        let is_no = matches!(half.attempt_at(&mut state, text, literal, reach, &work), Tried::No(_));
        let span = match half.way() {
            Way::Forwards => Span::new(place, text.len().min(place + reach)),
            Way::Backwards => Span::new(place.saturating_sub(reach), place),
        };
        (half.attempt(&mut state, text, span, &work), is_no, work.get())
    };
    (0..=text.len())
        .flat_map(|place| [3, 192].map(|reach| (place, reach)))
        .map(|(place, reach)| at(place, reach))
        .collect()
}

#[test]
fn tables_tell_what_automata_tell() {
    let (plain, mut short) = (pack(&PATTERNS), pack(&PATTERNS));
    let mut cut = 0;
    for anchor in short.lenses.anchors_mut() {
        for half in anchor.halves_mut().into_iter().flatten() {
            cut += usize::from(shortened(half) == MOST_STATES);
        }
    }
    assert!(cut > 0, "no pattern here has more states than a table");
    // What a pattern asks of neighbours is up to what stands beside the text that is made of it.
    let looks = ["(?-u:\\b)", "\\b", "(?m:^)", "$"];
    let plain_of = |pattern: &str| looks.iter().fold(pattern.to_owned(), |made, look| made.replace(look, ""));
    let texts = PATTERNS
        .map(plain_of)
        .map(|pattern| bytes_regex(&format!("(?s-u:.{{0,4}})(?i:{pattern})(?s-u:.{{0,4}})")).expect("valid"));
    let noise = bytes_regex(
        "(?-u)(?:ignore|please |nottell|secret|password|zyzzyva|quokka|word |[ -~]|\\n|\\r|\\xff){0,12}",
    )
    .expect("valid");
    let text = prop_oneof![proptest::strategy::Union::new(texts), noise];
    proptest!(|(text in text)| {
        for (plain, short) in plain.lenses.anchors().iter().zip(short.lenses.anchors()) {
            for (plain, short) in plain.halves().into_iter().zip(short.halves()) {
                let (Some(plain), Some(short)) = (plain, short) else { continue };
                for (plain, short) in told(plain, &text).into_iter().zip(told(short, &text)) {
                    prop_assert_eq!((plain.0, plain.1), (short.0, short.1));
                    // Backwards an automaton goes on to the furthest match, which not every try asks for.
                    prop_assert!(short.2 <= plain.2);
                }
            }
        }
    });
}
