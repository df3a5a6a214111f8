//! Which rules look at which surfaces: one prefilter for each set of rules that some surface and direction call for.
//!
//! Text of a tool's description is searched for the shapes of poisoned tools, the arguments of a call for what leaks;
//! neither pays for the other's rules.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use coldcase_model::{Direction, Surface};

use super::anchor::{Anchor, Anchored, Drawings, Piece, Which};
use super::around::Around;
use super::compile::CompiledRule;
use super::schema::Case;
use super::sets::{Set, Sets};
use super::ways::Way;
use crate::scan::{Half, Prefilter, Texts, Wanted};

/// What is tried where a text of a rule stands.
#[derive(Debug)]
pub(crate) struct RuleAnchor {
    /// The rule, by its index in the pack.
    pub(crate) rule: u32,
    /// The pattern before the text; `None` where it starts with the text.
    pub(crate) before: Option<Half>,
    /// The pattern from the text on; `None` where it may end with the text.
    pub(crate) after: Option<Half>,
    /// What stands nearest to the text, on the side that tells sooner that there is no match; tried before the halves.
    pub(crate) nearest: Half,
    /// Where it is written.
    anchored: (Arc<Anchored>, usize),
    /// How far before the text a match may start, where the halves do not tell.
    pub(crate) window: usize,
    /// Its texts, by their places among all that are wanted.
    wanted: Range<usize>,
    /// What can stand round each of them, where that was worked out when the program was built.
    known: Vec<Around>,
}

impl RuleAnchor {
    /// Its halves: the nearest pieces, the half before, the half after.
    pub(crate) const fn halves(&self) -> [Option<&Half>; 3] {
        [Some(&self.nearest), self.before.as_ref(), self.after.as_ref()]
    }

    pub(crate) const fn halves_mut(&mut self) -> [Option<&mut Half>; 3] {
        [Some(&mut self.nearest), self.before.as_mut(), self.after.as_mut()]
    }

    /// Which bytes can stand round each of these texts of it; takes long enough to be kept.
    pub(super) fn around(&self, texts: impl Iterator<Item = Vec<u8>>) -> Vec<Around> {
        self.anchored.0.around(self.anchored.1, texts)
    }

    /// What to try at an anchor of a pattern, by its number there.
    fn new(rule: u32, anchored: &Arc<Anchored>, number: usize, anchor: &mut Anchor) -> Self {
        let half = |which, way| Half::new(Piece::new(anchored.clone(), number, which), way);
        let [starts, ends] = anchor.edges;
        let sooner = if anchor.backwards_first { Way::Backwards } else { Way::Forwards };
        let mut made = Self {
            rule,
            before: (!starts).then(|| half(Which::Before, Way::Backwards)),
            window: anchor.window,
            anchored: (anchored.clone(), number),
            nearest: half(Which::Nearest, sooner),
            after: (!ends).then(|| half(Which::After, Way::Forwards)),
            wanted: 0..0,
            known: Vec::new(),
        };
        if let Some(Drawings { first, around }) = anchor.drawn.take() {
            for (half, first) in made.halves_mut().into_iter().zip(first) {
                if let (Some(half), Some(first)) = (half, first) {
                    half.shorten(first);
                }
            }
            made.known = around;
        }
        made
    }
}

/// The prefilters of a pack.
#[derive(Debug)]
pub(crate) struct Lenses {
    /// The rule sets that the pack is made of, whether they have rules or not.
    sets: Sets,
    anchors: Vec<RuleAnchor>,
    wanted: Vec<Wanted>,
    /// All that is wanted, once for the prefilters of all lenses.
    texts: OnceLock<Texts>,
    longest: usize,
    all: Vec<Lens>,
    /// The lens of each surface and direction.
    chosen: Vec<u8>,
    /// The same for each of two rule sets by itself; empty where there is one set.
    chosen_of: [Vec<u8>; 2],
}

#[derive(Debug)]
struct Lens {
    /// Whether each rule of the pack looks through it.
    rules: Vec<bool>,
    prefilter: OnceLock<Prefilter>,
}

/// Which direction an event has, the unknown one included.
const DIRECTIONS: [Option<Direction>; 3] = [None, Some(Direction::Egress), Some(Direction::Ingress)];

impl Lenses {
    /// Those of a pack without rules that is made of these sets.
    pub(super) const fn of_sets(sets: Sets) -> Self {
        Self {
            sets,
            anchors: Vec::new(),
            wanted: Vec::new(),
            texts: OnceLock::new(),
            longest: 0,
            all: Vec::new(),
            chosen: Vec::new(),
            chosen_of: [Vec::new(), Vec::new()],
        }
    }

    /// Adds the anchors of a rule that belongs to these sets.
    pub(super) fn add(
        &mut self,
        (rule, sets): (u32, Sets),
        case: Case,
        anchored: Anchored,
        anchors: Vec<Anchor>,
    ) {
        let anchored = Arc::new(anchored);
        for (number, mut anchor) in anchors.into_iter().enumerate() {
            let index = u32::try_from(self.anchors.len()).unwrap_or(u32::MAX);
            let starts_word = anchor.starts_word;
            self.longest = anchor.texts.iter().map(Vec::len).max().unwrap_or(0).max(self.longest);
            let made = RuleAnchor::new(rule, &anchored, number, &mut anchor);
            let wanted = |text| Wanted { anchor: index, starts_word, case, sets, text };
            let from = self.wanted.len();
            self.wanted.extend(anchor.texts.into_iter().map(wanted));
            self.anchors.push(RuleAnchor { wanted: from..self.wanted.len(), ..made });
        }
    }

    /// Settles which rules each surface calls for.
    pub(super) fn settle(&mut self, rules: &[CompiledRule]) {
        self.chosen = self.choose(rules, |_| true);
        if self.are_joint() {
            let of = |set: Set| move |rule: &CompiledRule| rule.sets.has(set);
            self.chosen_of = [self.choose(rules, of(Set::First)), self.choose(rules, of(Set::Second))];
        }
    }

    /// A lens for each surface and direction, of the rules that `takes_part` names.
    fn choose(&mut self, rules: &[CompiledRule], takes_part: impl Fn(&CompiledRule) -> bool) -> Vec<u8> {
        let mut chosen = Vec::with_capacity(Surface::ALL.len() * DIRECTIONS.len());
        for &surface in Surface::ALL {
            for direction in DIRECTIONS {
                let looks = |rule: &CompiledRule| takes_part(rule) && rule.looks_at(surface, direction);
                let set: Vec<bool> = rules.iter().map(looks).collect();
                let known = self.all.iter().position(|lens| lens.rules == set);
                let lens = known.unwrap_or_else(|| {
                    self.all.push(Lens { rules: set, prefilter: OnceLock::new() });
                    self.all.len() - 1
                });
                chosen.push(u8::try_from(lens).unwrap_or(u8::MAX));
            }
        }
        chosen
    }

    /// The lens for a surface of events that go one way: of one of two rule sets, or of all rules.
    pub(crate) fn of(&self, set: Option<Set>, surface: Surface, direction: Option<Direction>) -> u8 {
        let direction = DIRECTIONS.iter().position(|known| *known == direction).unwrap_or(0);
        let [first, second] = &self.chosen_of;
        let chosen = match set.filter(|_| self.are_joint()) {
            Some(Set::First) => first,
            Some(Set::Second) => second,
            None => &self.chosen,
        };
        chosen.get(surface as usize * DIRECTIONS.len() + direction).copied().unwrap_or(0)
    }

    /// Whether there are two rule sets. Either may be empty, and is a set all the same.
    pub(crate) fn are_joint(&self) -> bool {
        self.sets == Sets::BOTH
    }

    /// The rule sets that the pack is made of.
    pub(crate) const fn sets(&self) -> Sets {
        self.sets
    }

    /// The prefilter of a lens, made when first looked through.
    pub(crate) fn prefilter(&self, lens: u8) -> Option<&Prefilter> {
        let lens = self.all.get(usize::from(lens))?;
        let looks = |anchor: u32| {
            let rule = self.anchor(anchor).and_then(|anchor| lens.rules.get(anchor.rule as usize));
            rule.is_some_and(|looks| *looks)
        };
        let texts = || self.texts.get_or_init(|| Texts::new(self.wanted.iter()));
        Some(lens.prefilter.get_or_init(|| Prefilter::new(texts(), looks)))
    }

    /// The texts that are looked for, each with the rule that wants it, by its index in the pack.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (usize, &[u8])> {
        self.wanted().map(|(rule, wanted)| (rule, wanted.text.as_slice()))
    }

    /// What anchors want to hear of, each with the rule that wants it, by its index in the pack.
    pub(super) fn wanted(&self) -> impl Iterator<Item = (usize, &Wanted)> {
        self.wanted.iter().filter_map(|wanted| {
            let anchor = self.anchors.get(wanted.anchor as usize)?;
            Some((anchor.rule as usize, wanted))
        })
    }

    /// The texts of an anchor, as they are compared.
    pub(super) fn texts_of(&self, anchor: &RuleAnchor) -> impl Iterator<Item = Vec<u8>> {
        self.wanted.get(anchor.wanted.clone()).unwrap_or_default().iter().map(Wanted::compared)
    }

    /// Which bytes can stand round a text that an anchor wants, as it is compared; takes long enough to be kept.
    pub(crate) fn around(&self, anchor: u32, text: &[u8]) -> Around {
        let Some(anchor) = self.anchor(anchor) else { return Around::ANYTHING };
        let own = self.wanted.get(anchor.wanted.clone()).unwrap_or_default();
        let number = own.iter().position(|wanted| wanted.is(text));
        let known = number.and_then(|number| anchor.known.get(number));
        let worked_out = || anchor.around(std::iter::once(text.to_vec())).pop();
        known.copied().or_else(worked_out).unwrap_or(Around::ANYTHING)
    }

    /// The length of the longest text that any anchor wants.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// An anchor.
    pub(crate) fn anchor(&self, index: u32) -> Option<&RuleAnchor> {
        self.anchors.get(index as usize)
    }

    /// All anchors, to change them.
    #[cfg(test)]
    pub(crate) fn anchors_mut(&mut self) -> &mut [RuleAnchor] {
        &mut self.anchors
    }

    /// All anchors.
    pub(crate) fn anchors(&self) -> &[RuleAnchor] {
        &self.anchors
    }
}
