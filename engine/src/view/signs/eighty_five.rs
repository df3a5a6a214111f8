//! Base 85: Ascii85 by its delimiters, the two other alphabets by long runs that decode to text.
//!
//! Ordinary words are no such runs, minified programs and addresses are: what the first digits give tells most of them.

use coldcase_model::{Span, ViewKind};
use memchr::memmem;

use super::{Places, Region, is_text_but_for, reads_as_text};
use crate::vector::is_digit as is_base64;
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
    let mut at = 0;
    while let Some(place) = places.next(at) {
        let part = bounds(place);
        let after = Span::new(place, part.end).of(text);
        let len = after.iter().take_while(|byte| is_digit(**byte)).count();
        let run = Span::new(place, place + len);
        if run.len() >= SHORTEST {
            out.extend(region(text, run));
        }
        at = run.end.max(place + 1);
    }
}

/// Whether a run looks drawn from all 85 digits: capitals as well as small letters, and signs that base64 has not. Fewer
/// than one of two hundred true runs do not; programs, addresses and names are nearly all in small letters.
fn is_mixed(run: &[u8]) -> bool {
    let (mut lower, mut upper, mut signs) = (0, 0, 0);
    let start = run.get(..32).unwrap_or(run);
    for &byte in start {
        lower += usize::from(byte.is_ascii_lowercase());
        upper += usize::from(byte.is_ascii_uppercase());
        signs += usize::from(!(is_base64(byte) || matches!(byte, b'=' | b'.' | b':')));
    }
    lower * 16 <= start.len() * 9 && upper * 10 >= start.len() && signs > 0
}

/// A run as it can be read: from its start, or from behind what a value, a tag or a call starts with.
fn region(text: &[u8], run: Span) -> Option<Region> {
    let bytes = run.of(text);
    let lead = bytes.get(..LEAD).unwrap_or(bytes);
    let behind = lead.iter().enumerate().filter(|(_, byte)| matches!(byte, b'=' | b':' | b'>' | b'('));
    let starts = [0].into_iter().chain(behind.map(|(index, _)| index + 1)).take(4);
    starts.into_iter().find_map(|from| {
        let kinds = [(Alphabet::Z, ViewKind::Z85), (Alphabet::Rfc1924, ViewKind::Base85)];
        let bytes = bytes.get(from..).filter(|bytes| is_mixed(bytes))?;
        let (_, kind) = kinds.into_iter().find(|(alphabet, _)| reads(*alphabet, bytes, 20))?;
        Some(Region { span: Span::new(run.start + from, run.end), kind })
    })
}

/// Whether a run decodes to text, and to so many bytes of it at least.
fn reads(alphabet: Alphabet, run: &[u8], least: usize) -> bool {
    let mut out = [0; 32];
    // Five groups tell nearly all that is no code, with as much noise in them as all may have.
    let few = start(alphabet, run.get(..25).unwrap_or(run), &mut out);
    if !(is_text_but_for(few, 8) || reads_as_text(few)) {
        return false;
    }
    let decoded = start(alphabet, run, &mut out);
    decoded.len() >= least && reads_as_text(decoded)
}
