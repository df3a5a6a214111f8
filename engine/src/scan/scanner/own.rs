//! The event's own text: searched as one, but for parts that were seen before; what hides in a large part is told from that
//! part alone, so that it is the same wherever the part stands.

use super::{Large, Region, Scanner, Span, Walk, seen};
use crate::view;

impl Scanner<'_> {
    /// Finds the literals of one lens in a stretch of the event's own text, but where it is known that nothing comes of them.
    pub(super) fn own_search(&mut self, walk: &mut Walk<'_>, stretch: Span, lens: u8, far: &mut Vec<usize>) {
        let text = &walk.event.text;
        if !walk.has_known() {
            return self.search(walk, text, stretch, lens, far);
        }
        let mut stretches = std::mem::take(&mut self.stretches);
        seen::unknown(&walk.large, stretch, self.pack.lenses.longest(), &mut stretches);
        for &stretch in &stretches {
            self.search(walk, text, stretch, lens, far);
        }
        self.stretches = stretches;
    }

    /// Notes what has to be known of large parts from the search of the event's own text.
    pub(super) fn note(&mut self, walk: &mut Walk<'_>, far: &[usize]) {
        if walk.large.is_empty() {
            return;
        }
        let is_turned = |part: &Large| self.turned.iter().any(|(place, _)| place.overlaps(part.span));
        walk.is_turned = walk.large.iter().any(|part| part.is_known && is_turned(part));
        let (matches, _) = self.confirmer.found();
        for part in walk.large.iter_mut().filter(|part| !part.is_known) {
            let turned = self.turned.iter().map(|(place, _)| *place);
            let mut loud = turned.chain(matches.iter().map(|found| found.span));
            part.is_loud |= loud.any(|span| span.overlaps(part.span));
            part.note_far(far);
        }
    }

    /// Finds the regions of the event's own text: of each large part by itself, if it is not known, and of each run of other
    /// parts.
    pub(super) fn own_regions(&mut self, walk: &mut Walk<'_>, out: &mut Vec<Region>) {
        let event = walk.event;
        let whole = Span::new(0, event.text.len());
        for parts in event.parts.chunk_by(|a, b| !seen::is_large(a) && !seen::is_large(b)) {
            let (Some(first), Some(last)) = (parts.first(), parts.last()) else { continue };
            let stretch = Span::new(first.span.start, last.span.end);
            if seen::at(&mut walk.large, stretch.start).is_some_and(|part| part.is_known) {
                continue;
            }
            let text = stretch.of(&event.text);
            let base = stretch.start;
            let within = |span: Span| Span::new(span.start - base, span.end - base);
            let turned =
                self.turned.iter().filter(|(place, _)| place.start >= base && place.start < stretch.end);
            let turned: Vec<_> = turned.map(|(place, kind)| (within(*place), *kind)).collect();
            let bounds = |at| within(event.part_at(base + at).map_or(whole, |part| part.span));
            // What finds regions goes on with those before, so each stretch has a list of its own.
            let mut regions = self.regions.pop().unwrap_or_default();
            view::regions(text, self.hints.within(stretch), &turned, bounds, &mut regions);
            let placed = |region: Region| Region {
                span: Span::new(region.span.start + base, region.span.end + base),
                ..region
            };
            out.extend(regions.drain(..).map(placed));
            self.regions.push(regions);
        }
    }
}
