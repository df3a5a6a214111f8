//! Compressed streams: gzip and zlib by their headers wherever they stand, deflate without one at the start of a text,
//! which is where a decoded run has it.
//!
//! A text without the bytes of these headers costs three vectorised searches.

use coldcase_model::{Span, ViewKind};
use memchr::{memchr3_iter, memmem};

use super::{Region, is_mostly_text};
use crate::view::inflate;

/// How many headers of zlib are followed by a try to inflate; what comes after is left to the view, which is counted.
const MAX_TRIES: usize = 256;

pub(super) fn streams(text: &[u8], bounds: &impl Fn(usize) -> Span, out: &mut Vec<Region>) {
    let mut at = 0;
    while let Some(found) = memmem::find(text.get(at..).unwrap_or_default(), &inflate::GZIP) {
        let span = Span::new(at + found, bounds(at + found).end);
        out.push(Region { span, kind: ViewKind::Gzip });
        at = span.end.max(at + found + 1);
    }
    zlib(text, bounds, out);
    if inflate::opens_deflate(text) {
        let span = Span::new(0, bounds(0).end);
        if !is_mostly_text(text.get(..48).unwrap_or(text))
            && inflate::starts_with(span.of(text), false, is_mostly_text)
        {
            out.push(Region { span, kind: ViewKind::Deflate });
        }
    }
}

/// The header is `x` and one of four bytes that make the two a multiple of 31, for four levels of compression.
fn zlib(text: &[u8], bounds: &impl Fn(usize) -> Span, out: &mut Vec<Region>) {
    let mut tries = 0;
    let mut look = |start: usize| {
        if !inflate::opens_zlib(text.get(start..).unwrap_or_default()) {
            return;
        }
        let span = Span::new(start, bounds(start).end);
        tries += 1;
        if tries > MAX_TRIES || inflate::starts_with(span.of(text), true, |_| true) {
            out.push(Region { span, kind: ViewKind::Zlib });
        }
    };
    for flags in memchr3_iter(0x01, 0x9C, 0xDA, text) {
        flags.checked_sub(1).into_iter().for_each(&mut look);
    }
    memmem::find_iter(text, b"x^").for_each(look);
}
