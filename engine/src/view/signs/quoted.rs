//! Quoted-printable: one of the tokens that nothing but an encoder writes, or three that a query could hold as well.
//!
//! Most equals signs are followed by neither.

use coldcase_model::{Span, ViewKind};

use super::{Places, Region};
use crate::view::quoted::{escaped, soft_break};

/// From this weight on, a part is decoded.
const ENOUGH: usize = 3;

pub(super) fn quoted(
    text: &[u8],
    mut places: Places<'_>,
    bounds: &impl Fn(usize) -> Span,
    out: &mut Vec<Region>,
) {
    let (mut weight, mut part) = (0, Span::new(0, 0));
    let mut at = 0;
    while let Some(place) = places.next(at) {
        at = place + 1;
        let token = weight_at(text, place);
        if token == 0 {
            continue;
        }
        if place >= part.end {
            (weight, part) = (0, bounds(place));
        }
        weight += token;
        if weight >= ENOUGH {
            out.push(Region { span: part, kind: ViewKind::QuotedPrintable });
            at = part.end.max(at);
        }
    }
}

/// How much the equals sign at a place tells.
fn weight_at(text: &[u8], place: usize) -> usize {
    if text.get(place) != Some(&b'=') {
        return 0;
    }
    let before = place.checked_sub(1).and_then(|at| text.get(at)).copied().unwrap_or(b'=');
    let rest = text.get(place + 1..).unwrap_or_default();
    if let Some(len) = soft_break(rest) {
        // Padding of base64 ends lines as well, and so does an assignment, whose next line is indented.
        let next = rest.get(len).copied().unwrap_or(b' ');
        return if before != b'=' && next.is_ascii_alphanumeric() { ENOUGH } else { 0 };
    }
    let Some(byte) = escaped(rest) else { return 0 };
    let (after, upper) = (rest.get(2), !rest.iter().take(2).any(u8::is_ascii_lowercase));
    let another = after == Some(&b'=') && rest.get(3..).and_then(escaped).is_some();
    if upper && (another || byte == b'=') {
        return ENOUGH;
    }
    // A letter needs no escape; as the value of a parameter two digits seldom stand before a letter.
    let inside = before.is_ascii_alphabetic() && after.is_some_and(u8::is_ascii_alphabetic);
    usize::from(upper && inside && byte.is_ascii_alphabetic())
}
