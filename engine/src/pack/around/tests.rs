//! Bytes that a match can have beside its anchor are never left out, and most others are.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::string::bytes_regex;

use super::*;
use crate::pack::anchor::Anchored;
use crate::pack::pattern::Pattern;
use crate::pack::schema::Case;

/// Patterns of every construct, in the shapes that rules have.
const PATTERNS: [&str; 14] = [
    r"ignore\s+(?:all|every|it\b)[\s,]+(?:of\s+)?(?:rules|orders)\b",
    r"\b(?:please|kindly)\s+(?:do\s+)?nottell\s+",
    r"(?:[a-z]{1,3}_)?secret(?:[_.-]?(?:base|64))?\s{0,2}[:=]+[0-9a-f]{4,}",
    r"x?passwords?\b[^.\n]{0,9}end",
    r"(?:a|bc|def)+zyzzyva(?:q|rs)*t{0,3}",
    r"\bquokka\b",
    r"[0-9]{2}quokka[^a-z]{1,3}!",
    r"(?:first|second|third)(?:one|two)",
    r"(?:naïve|café) zyzzyva é+",
    r"(?u:[^.]zyzzyva[é-ü]\s)",
    r"zyzzyva(?:\\[nrt]|\s)+x",
    r"(?:zyzzyva){1,2}end",
    r"longer text than an anchor is(?:, by far|!)",
    r"(?:[^:]zyzzyva|quokka[^:])",
];

fn anchored(pattern: &str, case: Case) -> (Anchored, Vec<Vec<Vec<u8>>>) {
    let pattern = Arc::new(Pattern::new(&[pattern], case));
    let parsed = pattern.parsed().expect("valid");
    let anchored = Anchored::new(pattern);
    let anchors = anchored.anchors(&parsed, &[]);
    (anchored, anchors.into_iter().map(|anchor| anchor.texts).collect())
}

/// Whether an anchor stands somewhere in a text so that what is round it fits.
fn is_possible(pattern: &str, case: Case, text: &[u8]) -> bool {
    let (anchored, anchors) = anchored(pattern, case);
    anchors.iter().enumerate().any(|(number, texts)| {
        let around = anchored.around(number, texts.iter().cloned());
        texts.iter().zip(around).any(|(literal, around)| {
            let stands = |at: &usize| match case {
                Case::Sensitive => text[*at..].starts_with(literal),
                Case::Insensitive => {
                    text[*at..].to_ascii_lowercase().starts_with(&literal.to_ascii_lowercase())
                }
            };
            let mut places = (0..text.len()).filter(stands);
            places.any(|at| around.fits(&There::read(text, Span::new(at, at + literal.len()))))
        })
    })
}

proptest! {
    #[test]
    fn every_match_is_possible(
        (number, matched) in (0..PATTERNS.len()).prop_flat_map(|number| {
            let plain = PATTERNS[number].replace(r"\b", "").replace("(?u:", "(?:");
            (Just(number), bytes_regex(&plain).expect("generates"))
        }),
        before in "[ .:é\n\"]{1,5}",
        after in "[ .,:é\n\"]{1,5}",
        shout: bool,
    ) {
        let pattern = PATTERNS[number];
        let text = [before.as_bytes(), &matched, after.as_bytes()].concat();
        let case = if shout { Case::Insensitive } else { Case::Sensitive };
        let text = if shout { text.to_ascii_uppercase() } else { text };
        let really = Pattern::new(&[pattern], case);
        if really.regex().expect("compiles").is_match(&text) {
            prop_assert!(is_possible(pattern, case, &text), "{pattern} {:?}", String::from_utf8_lossy(&text));
        }
    }
}

#[test]
fn most_other_bytes_are_left_out() {
    for (pattern, text) in [
        (r"ignore\s+(?:all|every)", "ignore the"),
        (r"ignore\s+(?:all|every)", "ignored all"),
        (r"\bquokka\b", "quokkas"),
        (r"\bquokka\b", "aquokka"),
        (r"secret(?:[_.-]?(?:base|64))?\s{0,2}[:=]+[0-9a-f]{4,}", "secret_to=cafe"),
        (r"(?:first|second|third)(?:one|two)", "firstly one"),
        (r"longer text than an anchor is(?:, by far|!)", "longer text than an anchovy is, by far"),
        (r"zyzzyva é", "zyzzyva e"),
    ] {
        assert!(!is_possible(pattern, Case::Insensitive, text.as_bytes()), "{pattern} {text}");
    }
}
