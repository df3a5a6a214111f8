//! Where a decoded text can hold a match that its source does not.
//!
//! A view changes a text here and there and leaves the rest as it was. Where a try failed in the source after a look
//! at a few bytes, it fails in the view as well, unless one of those bytes has changed. So a view is searched round
//! its changes, and where the source's tries looked further than that.

use coldcase_model::Span;

/// A try that ends within this many bytes of its literal's start, on either side, is known by them.
pub(super) const NEAR: usize = 48;

/// Leaves in `out` the stretches of a view to search, sorted and disjoint.
///
/// `edges` are the places, in source and view, round each change; `far` the places in the source where tries looked
/// further than [`NEAR`]; `longest` is the length of the longest literal.
pub(super) fn stretches(
    edges: &[(usize, usize)],
    far: &[usize],
    len: usize,
    longest: usize,
    out: &mut Vec<Span>,
) {
    out.clear();
    let reach = NEAR + longest;
    let mut add = |from: usize, to: usize| {
        let span = Span::new(from.min(len), to.min(len));
        match out.last_mut() {
            Some(last) if last.start <= span.start && span.start <= last.end => {
                last.end = last.end.max(span.end)
            }
            _ => out.push(span),
        }
    };
    // At its own ends a view has other neighbours than the source had there.
    add(0, reach);
    for &(_, at) in edges {
        add(at.saturating_sub(reach), at + reach);
    }
    add(len.saturating_sub(reach), len);
    let mut edges = edges.iter().peekable();
    let mut base = (0, 0);
    for &place in far {
        while let Some(&edge) = edges.next_if(|edge| edge.0 <= place) {
            base = edge;
        }
        let at = base.1 + (place - base.0);
        add(at, at + longest);
    }
    if !far.is_empty() {
        merge(out);
    }
}

/// Sorts spans and joins those that touch.
fn merge(spans: &mut Vec<Span>) {
    spans.sort_unstable();
    let mut kept: usize = 0;
    for index in 0..spans.len() {
        let Some(&span) = spans.get(index) else { break };
        match kept.checked_sub(1).and_then(|last| spans.get_mut(last)) {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => {
                if let Some(place) = spans.get_mut(kept) {
                    *place = span;
                }
                kept += 1;
            }
        }
    }
    spans.truncate(kept);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_and_far_places_are_searched_again() {
        let mut out = Vec::new();
        // One change at 1000, which makes the view two bytes shorter; a far try at 5000 of the source.
        stretches(&[(1000, 1000), (1003, 1001)], &[300, 5000], 9000, 10, &mut out);
        let expected = [(0, 58), (300, 310), (942, 1059), (4998, 5008), (8942, 9000)];
        assert_eq!(out, expected.map(|(start, end)| Span::new(start, end)));
    }

    #[test]
    fn a_text_full_of_changes_is_searched_whole() {
        let edges: Vec<(usize, usize)> = (0..100).map(|n| (n * 20, n * 19)).collect();
        let mut out = Vec::new();
        stretches(&edges, &[7, 8, 9], 1900, 10, &mut out);
        assert_eq!(out, [Span::new(0, 1900)]);
    }
}
