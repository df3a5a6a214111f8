//! ROT13 and text written backwards: words and the starts of credentials, as they look when turned so.
//!
//! All are searched for in one vectorised pass. Prose is decoded where words of it weigh enough together, a token where
//! it holds what a known kind of credential starts with. Words in capitals throughout, and credentials of a kind that
//! is not listed, go unseen.

use std::sync::LazyLock;

use coldcase_model::{Span, ViewKind};
use regex_automata::util::prefilter::Prefilter;
use regex_automata::{MatchKind, Span as Place};

use super::Region;
use crate::vector::is_digit;

/// Words and their weights. The first letter of those that start a sentence is left out.
const WORDS: [(&str, usize); 10] = [
    ("gnore ", 2),
    ("isregard", 2),
    ("nstructions", 2),
    ("revious", 2),
    ("rompt", 2),
    (" system ", 2),
    (" the ", 1),
    (" and ", 1),
    (" you", 1),
    ("our ", 1),
];
/// Words of this weight together are a sign.
const ENOUGH: usize = 3;

/// What credentials start with.
const STARTS: [&str; 21] = [
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "AKIA",
    "ASIA",
    "AIzaSy",
    "sk-proj-",
    "sk-ant-",
    "sk_live_",
    "rk_live_",
    "xoxb-",
    "xoxp-",
    "npm_",
    "pypi-",
    "dop_v1_",
    "hvs.",
    "eyJh",
];

/// How long a token is that may be a credential.
const TOKEN: std::ops::RangeInclusive<usize> = 20..=2048;
/// How much round the words of a sign is decoded.
const ROUND: usize = 1024;

/// A text to search for, and what it tells.
struct Sign {
    text: Vec<u8>,
    kind: ViewKind,
    /// `None` for the start of a credential.
    weight: Option<usize>,
}

/// The signs, and the search for all of them.
static SIGNS: LazyLock<(Vec<Sign>, Option<Prefilter>)> = LazyLock::new(|| {
    let words = WORDS.iter().map(|(word, weight)| (*word, Some(*weight)));
    let plain: Vec<(&str, Option<usize>)> = words.chain(STARTS.map(|start| (start, None))).collect();
    let mut signs = Vec::new();
    for kind in [ViewKind::Rot13, ViewKind::Reversed] {
        for (text, weight) in &plain {
            let mut turned = Vec::new();
            crate::view::decode(kind, text.as_bytes(), &mut turned, |_, _| {});
            signs.push(Sign { text: turned, kind, weight: *weight });
        }
    }
    let texts: Vec<&[u8]> = signs.iter().map(|sign| sign.text.as_slice()).collect();
    let search = Prefilter::new(MatchKind::LeftmostFirst, &texts);
    (signs, search)
});

pub(super) fn turned(text: &[u8], bounds: &impl Fn(usize) -> Span, out: &mut Vec<Region>) {
    let (signs, Some(search)) = &*SIGNS else { return };
    let mut prose = [Prose::new(ViewKind::Rot13), Prose::new(ViewKind::Reversed)];
    let mut token_end = 0;
    let mut at = 0;
    while let Some(hit) = search.find(text, Place { start: at, end: text.len() }) {
        // Two words may share the space between them.
        at = hit.end.saturating_sub(1).max(hit.start + 1);
        let found = text.get(hit.start..hit.end).unwrap_or_default();
        let Some(index) = signs.iter().position(|sign| sign.text == found) else { continue };
        let Some(sign) = signs.get(index) else { continue };
        let hit = Span::new(hit.start, hit.end);
        match sign.weight {
            Some(weight) => {
                for prose in prose.iter_mut().filter(|prose| prose.kind == sign.kind) {
                    if hit.start >= prose.part.end {
                        prose.end(out);
                        prose.part = bounds(hit.start);
                    }
                    prose.add(hit, index, weight);
                }
            }
            None if hit.start >= token_end => {
                let token = token_round(text, bounds(hit.start), hit);
                token_end = token.end;
                if TOKEN.contains(&token.len()) {
                    out.push(Region { span: token, kind: sign.kind });
                }
            }
            None => {}
        }
    }
    for prose in &mut prose {
        prose.end(out);
    }
}

/// The run of bytes that credentials are made of.
fn token_round(text: &[u8], part: Span, hit: Span) -> Span {
    let belongs = |byte: &&u8| is_digit(**byte) || **byte == b'.';
    let before = Span::new(part.start.max(hit.start.saturating_sub(*TOKEN.end())), hit.start).of(text);
    let after = Span::new(hit.end, part.end.min(hit.end + *TOKEN.end())).of(text);
    let back = before.iter().rev().take_while(belongs).count();
    let on = after.iter().take_while(belongs).count();
    Span::new(hit.start - back, hit.end + on)
}

/// The words of one kind in one part.
struct Prose {
    kind: ViewKind,
    part: Span,
    /// Which signs were seen, a bit for each.
    seen: u64,
    weight: usize,
    /// From the first word to the last.
    span: Span,
}

impl Prose {
    const fn new(kind: ViewKind) -> Self {
        Self { kind, part: Span::new(0, 0), seen: 0, weight: 0, span: Span::new(0, 0) }
    }

    fn add(&mut self, hit: Span, index: usize, weight: usize) {
        let bit = 1u64.checked_shl(u32::try_from(index).unwrap_or(u32::MAX)).unwrap_or(0);
        if self.seen == 0 {
            self.span.start = hit.start;
        }
        if self.seen & bit == 0 {
            self.weight += weight;
        }
        self.seen |= bit;
        self.span.end = hit.end;
    }

    /// Tells of the part's words if they are enough.
    fn end(&mut self, out: &mut Vec<Region>) {
        if self.weight >= ENOUGH {
            let start = self.span.start.saturating_sub(ROUND).max(self.part.start);
            let end = (self.span.end + ROUND).min(self.part.end);
            out.push(Region { span: Span::new(start, end), kind: self.kind });
        }
        (self.seen, self.weight) = (0, 0);
    }
}
