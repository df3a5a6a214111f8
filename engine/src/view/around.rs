//! The stretch that is decoded round a sign: enough of its neighbours for a phrase, and never a whole long part.

use coldcase_model::{Span, ViewKind};

use super::Region;

/// How much is decoded on either side of a sign.
const NEIGHBOURS: usize = 256;
/// Adds the stretch round `core`, or lets the last one of this kind grow over it.
pub(super) fn add(text: &[u8], part: Span, core: Span, kind: ViewKind, out: &mut Vec<Region>) {
    let span = widened(text, part, core);
    match out.last_mut() {
        // Parts touch; a stretch of the part before is not gone on with.
        Some(last) if last.kind == kind && last.span.start >= part.start && last.span.end >= span.start => {
            last.span.end = last.span.end.max(span.end);
        }
        _ => out.push(Region { span, kind }),
    }
}

/// Adds the stretch round `core` as one of its own.
pub(super) fn add_apart(text: &[u8], part: Span, core: Span, kind: ViewKind, out: &mut Vec<Region>) {
    out.push(Region { span: widened(text, part, core), kind });
}

/// A span with its neighbours, as far as the part goes, cut at white space where there is some.
fn widened(text: &[u8], part: Span, core: Span) -> Span {
    let (mut start, mut end) = (part.start, part.end);
    if core.start.saturating_sub(part.start) > NEIGHBOURS {
        start = core.start - NEIGHBOURS;
        let before = Span::new(start, core.start).of(text);
        start += before.iter().position(u8::is_ascii_whitespace).unwrap_or(0);
    }
    if part.end.saturating_sub(core.end) > NEIGHBOURS {
        let after = Span::new(core.end, core.end + NEIGHBOURS).of(text);
        end = core.end + after.iter().rposition(u8::is_ascii_whitespace).unwrap_or(after.len());
    }
    Span::new(start, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_ends_at_white_space_and_grows_over_its_neighbours() {
        let text = "word ".repeat(400);
        let part = Span::new(0, text.len());
        let mut out = Vec::new();
        add(text.as_bytes(), part, Span::new(1000, 1004), ViewKind::SpelledOut, &mut out);
        assert_eq!(out.first().map(|region| region.span), Some(Span::new(744, 1259)));
        add(text.as_bytes(), part, Span::new(1200, 1204), ViewKind::SpelledOut, &mut out);
        assert_eq!(out.len(), 1);
        add(text.as_bytes(), part, Span::new(1990, 1994), ViewKind::SpelledOut, &mut out);
        assert_eq!(out.get(1).map(|region| region.span), Some(Span::new(1734, 2000)));
    }

    #[test]
    fn a_stretch_does_not_grow_into_the_next_part() {
        let text = "one part.another part.";
        let parts = [Span::new(0, 9), Span::new(9, text.len())];
        let mut out = Vec::new();
        for part in parts {
            add(text.as_bytes(), part, Span::new(part.start + 2, part.start + 4), ViewKind::Markup, &mut out);
        }
        assert_eq!(out.iter().map(|region| region.span).collect::<Vec<_>>(), parts);
    }
}
