//! Why what one of two rule sets tells of an event is not told by the other: the first step that makes the difference.
//!
//! A match passes three steps: its rule matches, it gives way to no other, it is likely enough. What the other set matched
//! there is known, so a step is named because it did decide, and not because a rule changed that might have. Left out: what
//! changed in the rules, which [`RuleChange`](crate::RuleChange) knows, and conclusions of the fold over sessions.

use coldcase_model::{Event, Surface};

use super::confirm::kept_out_by;
use super::giving_way::{Rank, ranks, winners};
use super::scanner::Located;
use crate::pack::{CompiledRule, FieldKind, Pack, Set};

/// What of a rule made the difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aspect {
    /// Whether it is there and matches, for what this kind of field says.
    Match(FieldKind),
    /// Whether it gives way.
    Yields,
    /// The severity or category, by which one finding gives way to another.
    Says,
    /// How likely its finding is.
    Confidence,
    /// Where it stands among the rules.
    Order,
    /// The least confidence that counts.
    Least,
}

/// Why a match counts in one set and not in the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Because {
    /// What made the difference.
    pub(crate) aspect: Aspect,
    /// The rule of which it did, by its index in the pack, where it is not the match's own.
    pub(crate) through: Option<usize>,
}

impl Because {
    const fn own(aspect: Aspect) -> Self {
        Self { aspect, through: None }
    }
}

/// What one set matches in an event.
struct Side<'l> {
    set: Set,
    located: &'l [Located],
    ranks: Vec<Option<Rank>>,
    /// What is less likely does not count.
    least: f32,
}

impl<'l> Side<'l> {
    fn new(pack: &Pack, set: Set, located: &'l [Located], least: f32) -> Self {
        Self { set, located, ranks: ranks(pack, located), least }
    }

    fn is_kept(&self, at: usize) -> bool {
        winners(self.located, &self.ranks, at).next().is_none()
    }

    fn counts(&self, at: usize) -> bool {
        self.located.get(at).is_some_and(|found| found.confidence.0 >= self.least) && self.is_kept(at)
    }

    fn rank(&self, at: usize) -> Option<&Rank> {
        self.ranks.get(at)?.as_ref()
    }
}

/// What counts in one set and not in the other, with the reason. `first` and `second` are what the sets match in an event,
/// before anything gave way; of the second what is less likely than `least` does not count.
pub(crate) fn differing<'l>(
    pack: &Pack,
    event: &Event,
    [first, second]: [&'l [Located]; 2],
    least: f32,
) -> Vec<(&'l Located, Because)> {
    let first = Side::new(pack, Set::First, first, 0.0);
    let second = Side::new(pack, Set::Second, second, least);
    let mut all = Vec::new();
    for (here, there) in [(&first, &second), (&second, &first)] {
        let pair = Pair { pack, event, here, there };
        for (at, found) in here.located.iter().enumerate().filter(|(at, _)| here.counts(*at)) {
            all.extend(pair.because(at, found).map(|because| (found, because)));
        }
    }
    all
}

/// The set that tells something, and the one that may not.
struct Pair<'a, 'l> {
    pack: &'a Pack,
    event: &'a Event,
    here: &'a Side<'l>,
    there: &'a Side<'l>,
}

impl Pair<'_, '_> {
    /// Why a match that counts here does not there; `None` where it does.
    fn because(&self, at: usize, found: &Located) -> Option<Because> {
        let (mut same, mut beside) = (None, None);
        for (place, other) in self.there.located.iter().enumerate() {
            if other.secret.overlaps(found.secret) && self.is_of_one_rule(other, found) {
                let is_same = other.secret == found.secret && other.views == found.views;
                *(if is_same { &mut same } else { &mut beside }) = Some(place);
            }
        }
        let Some(place) = same.or(beside) else {
            return Some(Because::own(Aspect::Match(self.refused_by(self.there.set, found))));
        };
        if !self.there.is_kept(place) {
            return Some(self.gives_way(at, place));
        }
        if same.is_none() {
            return Some(Because::own(Aspect::Match(FieldKind::Pattern)));
        }
        let because = if found.confidence.0 < self.there.least { Aspect::Least } else { Aspect::Confidence };
        (!self.there.counts(place)).then_some(Because::own(because))
    }

    fn is_of_one_rule(&self, one: &Located, other: &Located) -> bool {
        let id = |found: &Located| self.pack.rules.get(found.rule).map(|rule| &rule.info.id);
        one.rule == other.rule || id(one) == id(other)
    }

    /// Why a match that stays here gives way there, where its place is `place`: for what it gives way to, if it would have
    /// done so as it is here, and else for itself.
    fn gives_way(&self, at: usize, place: usize) -> Because {
        let own = |aspect| Because::own(aspect);
        let (Some(here), Some(there)) = (self.here.rank(at), self.there.rank(place)) else {
            return own(Aspect::Order);
        };
        let winners: Vec<usize> = winners(self.there.located, &self.there.ranks, place).collect();
        let wins = |winner: &&usize| {
            self.there.rank(**winner).is_some_and(|rank| here.gives_way_to(rank, **winner < place))
        };
        let kept = winners.iter().filter(wins).find(|winner| self.there.is_kept(**winner));
        match kept.or_else(|| winners.iter().find(wins)) {
            None => own(standing(here, there)),
            Some(winner) => self.arrived(*winner),
        }
    }

    /// What of a match that wins there is otherwise here.
    fn arrived(&self, winner: usize) -> Because {
        let Some(found) = self.there.located.get(winner) else { return Because::own(Aspect::Order) };
        let same = |other: &Located| other.secret.overlaps(found.secret) && self.is_of_one_rule(other, found);
        let aspect = match self.here.located.iter().position(same) {
            None => Aspect::Match(self.refused_by(self.here.set, found)),
            Some(at) => match (self.here.rank(at), self.there.rank(winner)) {
                (Some(here), Some(there)) => standing(here, there),
                _ => Aspect::Order,
            },
        };
        let through = (aspect != Aspect::Order).then_some(found.rule);
        Because { aspect, through }
    }

    /// Which kind of field of its rule in one set keeps a match of the other set out.
    fn refused_by(&self, set: Set, found: &Located) -> FieldKind {
        let rules = &self.pack.rules;
        let Some(known) = rules.get(found.rule) else { return FieldKind::Pattern };
        let is_same = |rule: &&CompiledRule| rule.sets.has(set) && rule.info.id == known.info.id;
        let Some(rule) = rules.iter().find(is_same) else { return FieldKind::Pattern };
        let surface = self.event.part_at(found.secret.start).map_or(Surface::Body, |part| part.surface);
        if !rule.looks_at(surface, self.event.head.direction) {
            return FieldKind::Pattern;
        }
        // The regex may refuse it as well; what is told is enough by itself.
        kept_out_by(rule, self.event, found).unwrap_or(FieldKind::Pattern)
    }
}

/// What of two standings of one rule's match differs.
fn standing(here: &Rank, there: &Rank) -> Aspect {
    if here == there {
        Aspect::Order
    } else if here.yields != there.yields {
        Aspect::Yields
    } else if here.grade != there.grade {
        Aspect::Match(FieldKind::Pattern)
    } else if here.severity != there.severity || here.category != there.category {
        Aspect::Says
    } else {
        Aspect::Confidence
    }
}
