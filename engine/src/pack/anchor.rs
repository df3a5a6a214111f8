//! What the prefilter looks for on behalf of a rule, and how far round a hit its regex must look.
//!
//! A pattern such as `(?:ignore|disregard)\s+(?:all\s+)?previous\s+(?:rules|instructions)` names several groups of
//! literals; every match contains one of each. The rarest group in agent traffic is the anchor: its hits open
//! windows, as long as the pattern around it. The next ones are guards: a window without them is not searched. A
//! rule so pays for places where all its words stand together, not for every `instructions`.

use regex_syntax::hir::{Hir, HirKind};

use crate::scan::expected_hits;

/// Literals of which every match contains one, and the reach of a match round them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group {
    pub(super) literals: Vec<Vec<u8>>,
    reach: Reach,
}

impl Reach {
    /// Whether a match starts exactly where the literal starts: then one anchored try takes a search's place.
    pub(crate) const fn starts_match(self) -> bool {
        self.before == 0
    }
}

/// What is looked for on behalf of a rule: the anchor first, then the guards.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Anchors {
    pub(super) groups: Vec<Group>,
    pub(super) reach: Reach,
}

/// How many bytes before a literal's start and after its end a match can cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reach {
    pub(crate) before: usize,
    pub(crate) after: usize,
}

/// The shortest literal that the prefilter can anchor on.
pub(super) const MIN_LITERAL: usize = 4;
/// More alternatives than this make a poor anchor.
const MAX_LITERALS: usize = 96;
/// What an unbounded repetition counts for beyond its minimum: a few words or a line break with its indentation. A
/// token that runs over the window's end is followed to its own end by the search.
const UNBOUNDED: usize = 24;
/// The same for a run that has to be long: the body of a key. A PEM of RSA-8192 has 6,400 characters.
const UNBOUNDED_BODY: usize = 8192;
/// From which minimum on a run is such a body.
const BODY: u32 = 32;
/// No window reaches further than this to either side.
const MAX_REACH: usize = 8192;

/// How many groups a rule has at the most.
pub(super) const MAX_GROUPS: usize = 3;
/// A guard that is expected more often than this in the 44 MB that the pairs were counted in holds nothing back.
const GUARD_HITS: f64 = 30_000.0;

impl Anchors {
    /// The groups of a pattern; `written` are the literals that the rule's author names, which serve where the
    /// pattern gives none that are rarer.
    pub(super) fn of(pattern: &str, written: &[String]) -> Result<Self, String> {
        let hir = regex_syntax::ParserBuilder::new()
            .utf8(false)
            .unicode(super::compile::needs_unicode(pattern))
            .build()
            .parse(&super::compile::in_bytes(pattern))
            .map_err(|error| format!("the regex is not valid: {error}"))?;
        let whole = longest(&hir).min(MAX_REACH);
        let mut groups = groups(&hir);
        groups.push(Group {
            literals: written.iter().map(|text| text.clone().into_bytes()).collect(),
            reach: Reach { before: whole, after: whole },
        });
        // The sort keeps the order of equals: the pattern's own groups come first, with the narrower window.
        groups.sort_by(|a, b| a.work().total_cmp(&b.work()));
        let reach = groups.first().map_or(Reach { before: whole, after: whole }, |group| group.reach);
        let guards: Vec<Group> = groups.split_off(1);
        groups.extend(guards.into_iter().filter(|guard| guard.cost() < GUARD_HITS).take(MAX_GROUPS - 1));
        Ok(Self { groups, reach })
    }
}

/// An anchored try costs this part of a search in a window, as measured on agent traffic.
const TRY: f64 = 0.1;

impl Group {
    /// How often the literals are expected to occur in agent traffic.
    fn cost(&self) -> f64 {
        self.literals.iter().map(|literal| expected_hits(literal)).sum()
    }

    /// What confirming the hits costs, in searches: an anchored try ends within a few bytes, a search runs on.
    fn work(&self) -> f64 {
        let searches = if self.reach.starts_match() { TRY } else { 1.0 };
        self.cost() * searches
    }

    fn shifted(mut self, before: usize, after: usize) -> Self {
        self.reach.before = self.reach.before.saturating_add(before).min(MAX_REACH);
        self.reach.after = self.reach.after.saturating_add(after).min(MAX_REACH);
        self
    }
}

/// Every group that the parts of a pattern give.
fn groups(hir: &Hir) -> Vec<Group> {
    match hir.kind() {
        HirKind::Capture(capture) => groups(&capture.sub),
        HirKind::Concat(parts) => of_parts(parts),
        HirKind::Empty
        | HirKind::Literal(_)
        | HirKind::Class(_)
        | HirKind::Look(_)
        | HirKind::Repetition(_)
        | HirKind::Alternation(_) => rarest(hir).into_iter().collect(),
    }
}

/// The group of each part of a concatenation that has one.
fn of_parts(parts: &[Hir]) -> Vec<Group> {
    let lengths: Vec<usize> = parts.iter().map(longest).collect();
    let sum = |lengths: &[usize]| lengths.iter().fold(0usize, |sum, length| sum.saturating_add(*length));
    let group = |(index, part): (usize, &Hir)| {
        let (before, rest) = lengths.split_at_checked(index)?;
        Some(rarest(part)?.shifted(sum(before), sum(rest.get(1..)?)))
    };
    parts.iter().enumerate().filter_map(group).collect()
}

/// The rarest group of literals that every match contains; `None` where there is none of four bytes or more.
fn rarest(hir: &Hir) -> Option<Group> {
    match hir.kind() {
        HirKind::Literal(literal) if literal.0.len() >= MIN_LITERAL => {
            Some(Group { literals: vec![literal.0.to_vec()], reach: Reach { before: 0, after: 0 } })
        }
        HirKind::Capture(capture) => rarest(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min >= 1 => {
            // The literal may stand in any of the rounds.
            let others = longest(hir).saturating_sub(longest(&repetition.sub));
            Some(rarest(&repetition.sub)?.shifted(others, others))
        }
        HirKind::Alternation(branches) => {
            let mut all = Group { literals: Vec::new(), reach: Reach { before: 0, after: 0 } };
            for branch in branches {
                let group = rarest(branch)?;
                all.literals.extend(group.literals);
                all.reach.before = all.reach.before.max(group.reach.before);
                all.reach.after = all.reach.after.max(group.reach.after);
            }
            all.literals.sort_unstable();
            all.literals.dedup();
            (all.literals.len() <= MAX_LITERALS).then_some(all)
        }
        HirKind::Concat(parts) => of_parts(parts).into_iter().min_by(|a, b| a.cost().total_cmp(&b.cost())),
        HirKind::Empty
        | HirKind::Look(_)
        | HirKind::Class(_)
        | HirKind::Literal(_)
        | HirKind::Repetition(_) => None,
    }
}

/// The longest match in bytes, where unbounded repetitions count for a fixed length.
fn longest(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(class) => class.maximum_len().unwrap_or(4),
        HirKind::Capture(capture) => longest(&capture.sub),
        HirKind::Concat(parts) => parts.iter().fold(0, |sum, part| sum.saturating_add(longest(part))),
        HirKind::Alternation(branches) => branches.iter().map(longest).max().unwrap_or(0),
        HirKind::Repetition(repetition) => {
            let each = longest(&repetition.sub);
            match repetition.max {
                Some(max) => each.saturating_mul(max as usize),
                None if repetition.min >= BODY => UNBOUNDED_BODY,
                None => each.saturating_mul(repetition.min as usize).saturating_add(UNBOUNDED),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anchors(pattern: &str) -> Anchors {
        Anchors::of(pattern, &["the ".to_owned()]).expect("valid")
    }

    #[test]
    fn the_rarest_group_is_the_anchor_and_others_guard_it() {
        let found = anchors(r"(?:frobnicate|xylograph) of (?:zyzzyva|quokka)!{3}");
        let literals: Vec<_> = found.groups.iter().map(|group| group.literals.clone()).collect();
        assert_eq!(literals[0], [b"quokka".to_vec(), b"zyzzyva".to_vec()]);
        assert_eq!(literals[1], [b"frobnicate".to_vec(), b"xylograph".to_vec()]);
        assert_eq!(found.reach, Reach { before: 14, after: 3 });
    }

    #[test]
    fn what_may_be_absent_is_no_anchor() {
        for pattern in [r"(?:zyzzyva)?[a-z]{40}", r"(?:zyzzyva|[0-9]{40})"] {
            assert_eq!(anchors(pattern).groups[0].literals, [b"the ".to_vec()]);
        }
        assert_eq!(anchors(r"(?:zyzzyva)+x").groups[0].literals, [b"zyzzyva".to_vec()]);
    }
}
