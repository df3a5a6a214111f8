//! The stretch that is decoded round escapes, references and look-alikes, which a phrase or a key may run over many
//! times: a short part whole, of a long one as much as any rule looks at.
//!
//! Stretches of several kinds that overlap become one for all of them, so that the views of it are nested in one order.

use coldcase_model::{Span, ViewKind};

use super::Region;

/// How far round a sign: a match can start so far before its anchor.
const REACH: usize = 8192;
/// Signs within this far of the last one that was added are covered by its stretch.
const COVERED: usize = REACH / 2;

/// Stretches in the making.
#[derive(Debug, Default)]
pub(super) struct Stretches(Vec<(Span, ViewKind)>);

impl Stretches {
    /// Adds the stretch round a sign; gives the place from which on another sign of the kind adds to it.
    pub(super) fn add(&mut self, part: Span, sign: usize, kind: ViewKind) -> usize {
        let start = sign.saturating_sub(REACH).max(part.start);
        let end = sign.saturating_add(REACH).min(part.end);
        if part.len() <= 2 * REACH {
            self.0.push((part, kind));
            return part.end;
        }
        self.0.push((Span::new(start, end), kind));
        if end == part.end { end } else { sign + COVERED }
    }

    /// Tells the regions: each run of stretches that overlap, once for each of their kinds.
    pub(super) fn settle(mut self, bounds: &impl Fn(usize) -> Span, out: &mut Vec<Region>) {
        self.0.sort_unstable_by_key(|(span, kind)| (*span, *kind as u32));
        let mut kinds: Vec<ViewKind> = Vec::new();
        let mut run = Span::new(0, 0);
        for &(span, kind) in &self.0 {
            // Parts touch; a stretch of the part before is not gone on with.
            if kinds.is_empty() || span.start >= run.end || bounds(span.start).start > run.start {
                tell(run, &mut kinds, out);
                run = span;
            }
            run.end = run.end.max(span.end);
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        tell(run, &mut kinds, out);
    }
}

fn tell(span: Span, kinds: &mut Vec<ViewKind>, out: &mut Vec<Region>) {
    kinds.sort_unstable_by_key(|kind| *kind as u32);
    out.extend(kinds.drain(..).map(|kind| Region { span, kind }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_of_all_kinds_become_one_and_keep_to_their_part() {
        let parts = [Span::new(0, 100), Span::new(100, 100_000)];
        let bounds = |at: usize| if at < 100 { parts[0] } else { parts[1] };
        let mut far = Stretches::default();
        assert_eq!(far.add(parts[0], 7, ViewKind::Percent), 100);
        assert_eq!(far.add(parts[1], 150, ViewKind::JsonUnescape), 150 + COVERED);
        far.add(parts[1], 9000, ViewKind::HtmlEntities);
        far.add(parts[1], 90_000, ViewKind::JsonUnescape);
        let mut out = Vec::new();
        far.settle(&bounds, &mut out);
        let told: Vec<_> = out.iter().map(|region| (region.span.start, region.span.end)).collect();
        assert_eq!(told, [(0, 100), (100, 17_192), (100, 17_192), (81_808, 98_192)]);
    }
}
