//! Base 85: Ascii85 by its delimiters, the two other alphabets by long runs that decode to text.
//!
//! Runs are looked for round `^`, `@` and `$`, which both alphabets have and text seldom does. Of runs without any of these, which is one of five that have 60 digits
//! and fewer of the longer ones, nothing is seen.

use coldcase_model::{Span, ViewKind};
use memchr::memmem;

use super::{Places, Region, reads_as_text};
use crate::view::base85::{Alphabet, is_digit, start};

/// The shortest run without delimiters that is looked at.
const SHORTEST: usize = 25;
/// How far into a run its first digit may stand behind something else.
const LEAD: usize = 32;

/// Ascii85 between `<~` and `~>`.
pub(super) fn delimited(
    text: &[u8],
    mut places: Places<'_>,
    bounds: &impl Fn(usize) -> Span,
    out: &mut Vec<Region>,
) {
    let mut at = 0;
    while let Some(found) = places.next(at) {
        at = found + 1;
        if !text.get(found..).unwrap_or_default().starts_with(b"<~") {
            continue;
        }
        at += 1;
        let rest = Span::new(at, bounds(found).end).of(text);
        if !reads(Alphabet::Ascii, rest, 12) {
            continue;
        }
        let len = memmem::find(rest, b"~>").unwrap_or(rest.len());
        out.push(Region { span: Span::new(at, at + len), kind: ViewKind::Ascii85 });
        at += len;
    }
}

/// Runs of Z85 and of RFC 1924.
pub(super) fn bare(
    text: &[u8],
    mut places: Places<'_>,
    bounds: &impl Fn(usize) -> Span,
    out: &mut Vec<Region>,
) {
    let (mut at, mut floor) = (0, 0);
    while let Some(place) = places.next(at) {
        at = place + 1;
        if !matches!(text.get(place), Some(b'^' | b'@' | b'$')) {
            continue;
        }
        let part = bounds(place);
        let before = Span::new(part.start.max(floor), place).of(text);
        let back = before.iter().rev().take_while(|byte| is_digit(**byte)).count();
        let after = Span::new(place, part.end).of(text);
        let on = after.iter().take_while(|byte| is_digit(**byte)).count();
        let run = Span::new(place - back, place + on);
        if run.len() >= SHORTEST {
            out.extend(region(text, run));
        }
        at = run.end.max(at);
        floor = at;
    }
}

/// A run as it can be read: from its start, or from behind what a value, a tag or a call starts with.
fn region(text: &[u8], run: Span) -> Option<Region> {
    let bytes = run.of(text);
    let lead = bytes.get(..LEAD).unwrap_or(bytes);
    let behind = lead.iter().enumerate().filter(|(_, byte)| matches!(byte, b'=' | b':' | b'>' | b'('));
    let starts = [0].into_iter().chain(behind.map(|(index, _)| index + 1)).take(4);
    starts.into_iter().find_map(|from| {
        let kinds = [(Alphabet::Z, ViewKind::Z85), (Alphabet::Rfc1924, ViewKind::Base85)];
        let bytes = bytes.get(from..)?;
        let (_, kind) = kinds.into_iter().find(|(alphabet, _)| reads(*alphabet, bytes, 20))?;
        Some(Region { span: Span::new(run.start + from, run.end), kind })
    })
}

/// Whether a run decodes to text, and to so many bytes of it at least.
fn reads(alphabet: Alphabet, run: &[u8], least: usize) -> bool {
    let mut out = [0; 32];
    let decoded = start(alphabet, run, &mut out);
    decoded.len() >= least && reads_as_text(decoded)
}
