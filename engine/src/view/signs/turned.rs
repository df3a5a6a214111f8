//! ROT13 and text written backwards: words and the starts of credentials, as they look when turned so.
//!
//! The words are searched for all in one vectorised pass, and prose is decoded where those of a part weigh enough
//! together; words in capitals throughout go unseen. The starts are looked up where a run of digits begins or ends:
//! credentials of a kind that is not listed go unseen, and so do those that follow a digit of base64.

use std::sync::LazyLock;

use coldcase_model::{Span, ViewKind};
use regex_automata::util::prefilter::Prefilter;
use regex_automata::{MatchKind, Span as Place};

use super::Region;
use crate::vector::{hash, is_digit};

/// Words and their weights; the first letter of those that start a sentence is left out. The search is three times
/// slower with 40 texts than with 16.
const WORDS: [(&str, usize); 8] = [
    ("gnore ", 2),
    ("isregard", 2),
    ("nstruction", 2),
    ("revious", 2),
    ("rompt", 2),
    (" the ", 1),
    (" and ", 1),
    (" you", 1),
];
/// Words of this weight together are a sign.
const ENOUGH: usize = 3;
/// How much round the words of a sign is decoded.
const ROUND: usize = 1024;

/// What credentials start with; four bytes at least.
const STARTS: [&str; 36] = [
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "gldt-",
    "glrt-",
    "AKIA",
    "ASIA",
    "AIzaSy",
    "ya29.",
    "GOCSPX-",
    "sk-proj-",
    "sk-svcacct-",
    "sk-admin-",
    "sk-ant-",
    "sk-or-v1-",
    "gsk_",
    "xai-",
    "pplx-",
    "sk_live_",
    "rk_live_",
    "whsec_",
    "xoxb-",
    "xoxp-",
    "xoxe-",
    "xapp-",
    "npm_",
    "pypi-",
    "dop_v1_",
    "shpat_",
    "hvs.",
    "dckr_pat_",
    "eyJh",
];
/// How long a token is that may be a credential.
const TOKEN: std::ops::RangeInclusive<usize> = 20..=2048;

/// A text to search for, and the view that turns it.
struct Sign {
    text: Vec<u8>,
    kind: ViewKind,
    weight: usize,
}

/// The signs of prose, and the search for all of them.
static PROSE: LazyLock<(Vec<Sign>, Option<Prefilter>)> = LazyLock::new(|| {
    let signs = both_ways(&WORDS);
    let texts: Vec<&[u8]> = signs.iter().map(|sign| sign.text.as_slice()).collect();
    let search = Prefilter::new(MatchKind::LeftmostFirst, &texts);
    (signs, search)
});

/// The signs of credentials, and a bit for the hash of the first four bytes of each.
static CREDENTIALS: LazyLock<(Vec<Sign>, [u64; 64])> = LazyLock::new(|| {
    let signs = both_ways(&STARTS.map(|start| (start, 0)));
    let mut bits = [0; 64];
    for sign in &signs {
        if let Some((word, bit)) = edge(&sign.text, sign.kind).map(place)
            && let Some(word) = bits.get_mut(word)
        {
            *word |= bit;
        }
    }
    (signs, bits)
});

fn both_ways(texts: &[(&str, usize)]) -> Vec<Sign> {
    let turned = |kind| {
        texts.iter().map(move |(text, weight)| {
            let mut turned = Vec::new();
            crate::view::decode(kind, text.as_bytes(), &mut turned, |_, _| {});
            Sign { text: turned, kind, weight: *weight }
        })
    };
    turned(ViewKind::Rot13).chain(turned(ViewKind::Reversed)).collect()
}

/// The four bytes of a text where what it started with stands, turned.
fn edge(text: &[u8], kind: ViewKind) -> Option<[u8; 4]> {
    let edge = if kind == ViewKind::Reversed { text.last_chunk() } else { text.first_chunk() };
    edge.copied()
}

/// The word and the bit of four bytes among 4,096.
fn place(edge: [u8; 4]) -> (usize, u64) {
    let key = hash(u32::from_le_bytes(edge)) >> 5;
    (key as usize >> 6, 1 << (key & 63))
}

/// A run of digits that holds a credential, turned.
pub(super) fn token(text: &[u8], run: Span, part: Span, out: &mut Vec<Region>) {
    let (signs, bits) = &*CREDENTIALS;
    for kind in [ViewKind::Rot13, ViewKind::Reversed] {
        let bytes = run.of(text);
        let Some((word, bit)) = edge(bytes, kind).map(place) else { return };
        if bits.get(word).is_none_or(|word| word & bit == 0) {
            continue;
        }
        let stands = |sign: &Sign| match sign.kind {
            ViewKind::Reversed => bytes.ends_with(&sign.text),
            _ => bytes.starts_with(&sign.text),
        };
        if signs.iter().any(|sign| sign.kind == kind && stands(sign)) {
            let span = whole(text, run, part);
            if TOKEN.contains(&span.len()) {
                out.push(Region { span, kind });
            }
        }
    }
}

/// A run with those that full stops join to it, as in a JSON web token (RFC 7515, section 7.1; RFC 7516 has four).
fn whole(text: &[u8], run: Span, part: Span) -> Span {
    let before = Span::new(part.start.max(run.start.saturating_sub(*TOKEN.end())), run.start).of(text);
    let after = Span::new(run.end, part.end.min(run.end + *TOKEN.end())).of(text);
    Span::new(run.start - joined(before.iter().rev()), run.end + joined(after.iter()))
}

fn joined<'b>(bytes: impl Iterator<Item = &'b u8>) -> usize {
    let mut stops = 0;
    let belongs = |byte: &&u8| {
        stops += usize::from(**byte == b'.');
        stops <= 4 && (is_digit(**byte) || **byte == b'.')
    };
    bytes.take_while(belongs).count()
}

/// Prose, turned.
pub(super) fn prose(text: &[u8], bounds: &impl Fn(usize) -> Span, out: &mut Vec<Region>) {
    let (signs, Some(search)) = &*PROSE else { return };
    let mut words = [Words::new(ViewKind::Rot13), Words::new(ViewKind::Reversed)];
    let mut at = 0;
    while let Some(hit) = search.find(text, Place { start: at, end: text.len() }) {
        // Two words may share the space between them.
        at = hit.end.saturating_sub(1).max(hit.start + 1);
        let hit = Span::new(hit.start, hit.end);
        for (bit, sign) in signs.iter().enumerate().filter(|(_, sign)| sign.text == hit.of(text)) {
            for words in words.iter_mut().filter(|words| words.kind == sign.kind) {
                if hit.start >= words.part.end {
                    words.end(out);
                    words.part = bounds(hit.start);
                }
                words.add(hit, 1 << bit, sign.weight);
            }
        }
    }
    for words in &mut words {
        words.end(out);
    }
}

/// The words of one kind in one part.
struct Words {
    kind: ViewKind,
    part: Span,
    /// Which signs were seen, a bit for each.
    seen: u32,
    weight: usize,
    /// From the first word to the last.
    span: Span,
}

impl Words {
    const fn new(kind: ViewKind) -> Self {
        Self { kind, part: Span::new(0, 0), seen: 0, weight: 0, span: Span::new(0, 0) }
    }

    fn add(&mut self, hit: Span, bit: u32, weight: usize) {
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
