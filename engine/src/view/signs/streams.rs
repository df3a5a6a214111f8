//! Compressed streams: gzip and zlib by their headers wherever they stand, deflate without one at the start of a text,
//! which is where a decoded run has it.
//!
//! Ordinary text has none of the bytes of these headers.

use coldcase_model::{Span, ViewKind};

use super::{Places, Region, is_mostly_text};
use crate::view::inflate::{self, Prober};

pub(super) fn streams(
    text: &[u8],
    places: Places<'_>,
    bounds: &impl Fn(usize) -> Span,
    out: &mut Vec<Region>,
) {
    gzip(text, places, bounds, out);
    zlib(text, places, bounds, out);
    if inflate::opens_deflate(text) && !is_mostly_text(text.get(..48).unwrap_or(text)) {
        let span = Span::new(0, bounds(0).end);
        if Prober::deflate().start(span.of(text)).is_some_and(is_mostly_text) {
            out.push(Region { span, kind: ViewKind::Deflate });
        }
    }
}

fn gzip(text: &[u8], mut places: Places<'_>, bounds: &impl Fn(usize) -> Span, out: &mut Vec<Region>) {
    let mut at = 0;
    while let Some(start) = places.next(at) {
        at = start + 1;
        if text.get(start..).unwrap_or_default().starts_with(&inflate::GZIP) {
            let span = Span::new(start, bounds(start).end);
            out.push(Region { span, kind: ViewKind::Gzip });
            at = span.end.max(at);
        }
    }
}

/// The header is `x` and one of four bytes that make the two a multiple of 31, for four levels of compression.
fn zlib(text: &[u8], mut places: Places<'_>, bounds: &impl Fn(usize) -> Span, out: &mut Vec<Region>) {
    let mut prober = None;
    let mut at = 0;
    while let Some(start) = places.next(at) {
        at = start + 1;
        if !inflate::opens_zlib(text.get(start..).unwrap_or_default()) {
            continue;
        }
        let span = Span::new(start, bounds(start).end);
        if prober.get_or_insert_with(Prober::zlib).start(span.of(text)).is_some() {
            out.push(Region { span, kind: ViewKind::Zlib });
        }
    }
}
