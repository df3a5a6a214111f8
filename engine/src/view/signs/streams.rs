//! Compressed streams: gzip and zlib by their headers wherever they stand, deflate without one at the start of a text,
//! which is where a decoded run has it.
//!
//! A text without the bytes of these headers costs three vectorised searches.

use coldcase_model::{Span, ViewKind};
use memchr::{memchr, memchr_iter, memchr3_iter};

use super::{Region, is_mostly_text};
use crate::view::inflate::{self, Prober};

pub(super) fn streams(text: &[u8], bounds: &impl Fn(usize) -> Span, out: &mut Vec<Region>) {
    gzip(text, bounds, out);
    zlib(text, bounds, out);
    if inflate::opens_deflate(text) && !is_mostly_text(text.get(..48).unwrap_or(text)) {
        let span = Span::new(0, bounds(0).end);
        if Prober::deflate().start(span.of(text)).is_some_and(is_mostly_text) {
            out.push(Region { span, kind: ViewKind::Deflate });
        }
    }
}

fn gzip(text: &[u8], bounds: &impl Fn(usize) -> Span, out: &mut Vec<Region>) {
    let mut at = 0;
    while let Some(found) = memchr(inflate::GZIP[0], text.get(at..).unwrap_or_default()) {
        let start = at + found;
        at = start + 1;
        if text.get(start..).unwrap_or_default().starts_with(&inflate::GZIP) {
            let span = Span::new(start, bounds(start).end);
            out.push(Region { span, kind: ViewKind::Gzip });
            at = span.end.max(at);
        }
    }
}

/// The header is `x` and one of four bytes that make the two a multiple of 31, for four levels of compression.
fn zlib(text: &[u8], bounds: &impl Fn(usize) -> Span, out: &mut Vec<Region>) {
    let mut prober = None;
    for flags in memchr3_iter(0x01, 0x9C, 0xDA, text).chain(memchr_iter(b'^', text)) {
        let Some(start) = flags.checked_sub(1) else { continue };
        if !inflate::opens_zlib(text.get(start..).unwrap_or_default()) {
            continue;
        }
        let span = Span::new(start, bounds(start).end);
        if prober.get_or_insert_with(Prober::zlib).start(span.of(text)).is_some() {
            out.push(Region { span, kind: ViewKind::Zlib });
        }
    }
}
