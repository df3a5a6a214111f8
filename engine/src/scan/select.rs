//! From literals that stand in a text to the windows that a rule's regex must search.
//!
//! A rule is looked at only where a literal of each of its groups stands, and a window opens only where they stand
//! together. Most rules end here, at the cost of comparing a few positions.

use coldcase_model::Span;

use super::prefilter::{Hit, Prefilter};
use crate::pack::CompiledRule;

/// The hits of one literal that a rule's group wants: a range of the sorted hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    rule: u32,
    group: u8,
    literal: u32,
    from: usize,
    to: usize,
}

/// Buffers that are reused from text to text.
#[derive(Debug, Default)]
pub(crate) struct Selector {
    claims: Vec<Claim>,
    anchors: Vec<Span>,
    guards: Vec<Vec<usize>>,
}

/// Room for what a pattern looks at beyond its own bytes.
const MARGIN: usize = 8;

impl Selector {
    /// Calls `search` with each rule that all its groups stand for, and its windows: sorted, and disjoint unless
    /// each is the place of one anchored try.
    ///
    /// `may_look` says whether a rule may look at the place where a literal stands.
    pub(crate) fn select(
        &mut self,
        prefilter: &Prefilter,
        rules: &[CompiledRule],
        hits: &mut [Hit],
        text_len: usize,
        may_look: impl Fn(&CompiledRule, usize) -> bool,
        mut search: impl FnMut(u32, &[Span]),
    ) {
        hits.sort_unstable();
        let mut claims = std::mem::take(&mut self.claims);
        claims.clear();
        let mut from = 0;
        for run in hits.chunk_by(|a, b| a.literal == b.literal) {
            let to = from + run.len();
            let literal = run.first().map_or(0, |hit| hit.literal);
            let wanted = prefilter.wanted_by(literal).iter();
            claims.extend(wanted.map(|&(rule, group)| Claim { rule, group, literal, from, to }));
            from = to;
        }
        claims.sort_unstable();
        for of_rule in claims.chunk_by(|a, b| a.rule == b.rule) {
            let index = of_rule.first().map_or(0, |claim| claim.rule);
            let Some(rule) = rules.get(index as usize) else { continue };
            let groups = of_rule.chunk_by(|a, b| a.group == b.group).count();
            if groups < usize::from(rule.groups) {
                continue;
            }
            self.windows(prefilter, rule, of_rule, hits, text_len, &may_look);
            if !self.anchors.is_empty() {
                search(index, &self.anchors);
            }
        }
        self.claims = claims;
    }

    /// Leaves the windows of a rule in `anchors`.
    fn windows(
        &mut self,
        prefilter: &Prefilter,
        rule: &CompiledRule,
        claims: &[Claim],
        hits: &[Hit],
        text_len: usize,
        may_look: &impl Fn(&CompiledRule, usize) -> bool,
    ) {
        let Self { anchors, guards, .. } = self;
        anchors.clear();
        guards.resize_with(usize::from(rule.groups).saturating_sub(1), Vec::new);
        guards.iter_mut().for_each(Vec::clear);
        for claim in claims {
            let places = hits.get(claim.from..claim.to).unwrap_or_default().iter().map(|hit| hit.at);
            match claim.group.checked_sub(1).and_then(|guard| guards.get_mut(usize::from(guard))) {
                Some(guard) => guard.extend(places),
                None => {
                    let len = prefilter.len_of(claim.literal);
                    let before = if rule.reach.starts_match() { 0 } else { rule.reach.before + MARGIN };
                    anchors.extend(places.filter(|at| may_look(rule, *at)).map(|at| Span {
                        start: at.saturating_sub(before),
                        end: at.saturating_add(len + rule.reach.after + MARGIN).min(text_len),
                    }));
                }
            }
        }
        for guard in guards.iter_mut() {
            guard.sort_unstable();
        }
        let guarded = |window: &Span| {
            guards.iter().all(|guard| {
                let next = guard.partition_point(|at| *at < window.start);
                guard.get(next).is_some_and(|at| *at < window.end)
            })
        };
        anchors.retain(guarded);
        anchors.sort_unstable();
        if !rule.reach.starts_match() {
            join(anchors);
        }
    }
}

/// Joins windows that touch, so that a regex sees each byte at most once however dense the hits are.
fn join(windows: &mut Vec<Span>) {
    let mut kept: usize = 0;
    for index in 0..windows.len() {
        let Some(&window) = windows.get(index) else { break };
        match kept.checked_sub(1).and_then(|last| windows.get_mut(last)) {
            Some(last) if window.start <= last.end => last.end = last.end.max(window.end),
            _ => {
                if let Some(place) = windows.get_mut(kept) {
                    *place = window;
                }
                kept += 1;
            }
        }
    }
    windows.truncate(kept);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_that_touch_are_joined() {
        let mut windows = vec![Span::new(0, 5), Span::new(4, 9), Span::new(9, 10), Span::new(20, 30)];
        join(&mut windows);
        assert_eq!(windows, [Span::new(0, 10), Span::new(20, 30)]);
    }
}
