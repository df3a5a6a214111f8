//! ROT13 and text written backwards: texts that rules look for, as they look when turned so.
//!
//! The prefilter looks for these texts where words start, along with the plain ones; what is told to it is decoded here.
//! The starts of credentials, which end in the middle of a word, are looked up where a run of digits ends: credentials of
//! a kind that is not listed go unseen when they are written backwards, and so do those that follow a digit of base64.

use std::sync::LazyLock;

use coldcase_model::{Span, ViewKind};

use super::Region;
use crate::vector::{hash, is_digit};

/// How much round a turned text is decoded, beside the token that it stands in.
const ROUND: usize = 1024;

/// What credentials start with; four bytes at least.
const STARTS: [&str; 34] = [
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
    "dckr_pat_",
    "eyJh",
];
/// How long a token is that may be a credential.
const TOKEN: std::ops::RangeInclusive<usize> = 20..=2048;

/// What credentials end with when they are written backwards, and a bit for the hash of the last four bytes of each.
static ENDS: LazyLock<(Vec<Vec<u8>>, [u64; 64])> = LazyLock::new(|| {
    let ends: Vec<Vec<u8>> = STARTS.iter().map(|start| start.bytes().rev().collect()).collect();
    let mut bits = [0; 64];
    for end in &ends {
        if let Some((word, bit)) = end.last_chunk().map(|edge| place(*edge))
            && let Some(word) = bits.get_mut(word)
        {
            *word |= bit;
        }
    }
    (ends, bits)
});

/// The word and the bit of four bytes among 4,096.
fn place(edge: [u8; 4]) -> (usize, u64) {
    let key = hash(u32::from_le_bytes(edge)) >> 4;
    (key as usize >> 6, 1 << (key & 63))
}

/// A run of digits that holds a credential, written backwards.
pub(super) fn token(text: &[u8], run: Span, part: Span, out: &mut Vec<Region>) {
    let (ends, bits) = &*ENDS;
    let bytes = run.of(text);
    let Some((word, bit)) = bytes.last_chunk().map(|edge| place(*edge)) else { return };
    if bits.get(word).is_some_and(|word| word & bit != 0) && ends.iter().any(|end| bytes.ends_with(end)) {
        let span = whole(text, run, part);
        if TOKEN.contains(&span.len()) {
            out.push(Region { span, kind: ViewKind::Reversed });
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

/// Finds stretches round texts that were found turned, which are in order.
pub(super) fn regions(
    text: &[u8],
    found: &[(Span, ViewKind)],
    bounds: &impl Fn(usize) -> Span,
    out: &mut Vec<Region>,
) {
    let first = out.len();
    for &(span, kind) in found {
        let part = bounds(span.start);
        let token = whole(text, span, part);
        let start = span.start.saturating_sub(ROUND).min(token.start).max(part.start);
        let end = (span.end + ROUND).max(token.end).min(part.end);
        let mut known = out.get_mut(first..).unwrap_or_default().iter_mut().rev().take(4);
        // Parts touch; a stretch of the part before is not gone on with.
        let goes_on = known.find(|region| {
            region.kind == kind && region.span.start >= part.start && region.span.end >= start
        });
        match goes_on {
            Some(region) => region.span.end = region.span.end.max(end),
            None => out.push(Region { span: Span::new(start, end.max(start)), kind }),
        }
    }
}
