//! Which rules look at which surfaces: one prefilter for each set of rules that some surface and direction call for.
//!
//! Text of a tool's description is searched for the shapes of poisoned tools, the arguments of a call for what leaks;
//! neither pays for the other's rules.

use std::sync::OnceLock;

use coldcase_model::{Direction, Surface};
use regex_syntax::hir::HirKind;

use super::anchor::Anchor;
use super::compile::CompiledRule;
use super::schema::Case;
use crate::scan::{Half, Prefilter, Wanted, Way};

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
    /// Whether that tells within a few bytes.
    quick: bool,
    /// How far before the text a match may start, where the halves do not tell.
    pub(crate) window: usize,
}

/// A half that passes over this many bytes of any kind is not quick.
const QUICK: usize = 16;

impl RuleAnchor {
    /// What stands nearest to the text, where that tells within a few bytes.
    pub(crate) fn quick(&self) -> Option<&Half> {
        self.quick.then_some(&self.nearest)
    }

    /// Takes an anchor apart: what to try, and the texts to look for.
    fn new(rule: u32, case: Case, anchor: Anchor) -> (Self, Vec<Vec<u8>>) {
        let starts = matches!(anchor.before.kind(), HirKind::Empty);
        let made = Self {
            rule,
            before: (!starts).then(|| Half::new(anchor.before, case, Way::Backwards)),
            window: anchor.window,
            quick: anchor.slack < QUICK,
            nearest: Half::new(
                anchor.nearest,
                case,
                if anchor.backwards_first { Way::Backwards } else { Way::Forwards },
            ),
            after: (!anchor.ends).then(|| Half::new(anchor.after, case, Way::Forwards)),
        };
        (made, anchor.texts)
    }
}

/// The prefilters of a pack.
#[derive(Debug, Default)]
pub(crate) struct Lenses {
    anchors: Vec<RuleAnchor>,
    wanted: Vec<Wanted>,
    longest: usize,
    all: Vec<Lens>,
    /// The lens of each surface and direction.
    chosen: Vec<u8>,
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
    /// Adds the anchors of a rule.
    pub(super) fn add(&mut self, rule: u32, case: Case, anchors: Vec<Anchor>) {
        for anchor in anchors {
            let index = u32::try_from(self.anchors.len()).unwrap_or(u32::MAX);
            let beside = anchor.beside;
            self.longest = anchor.texts.iter().map(Vec::len).max().unwrap_or(0).max(self.longest);
            let (made, texts) = RuleAnchor::new(rule, case, anchor);
            self.anchors.push(made);
            self.wanted.extend(texts.into_iter().map(|text| Wanted { anchor: index, beside, case, text }));
        }
    }

    /// Settles which rules each surface calls for.
    pub(super) fn settle(&mut self, rules: &[CompiledRule]) {
        for &surface in Surface::ALL {
            for direction in DIRECTIONS {
                let looks = |rule: &CompiledRule| rule.looks_at(surface, direction);
                let set: Vec<bool> = rules.iter().map(looks).collect();
                let known = self.all.iter().position(|lens| lens.rules == set);
                let lens = known.unwrap_or_else(|| {
                    self.all.push(Lens { rules: set, prefilter: OnceLock::new() });
                    self.all.len() - 1
                });
                self.chosen.push(u8::try_from(lens).unwrap_or(u8::MAX));
            }
        }
    }

    /// The lens for a surface of events that go one way.
    pub(crate) fn of(&self, surface: Surface, direction: Option<Direction>) -> u8 {
        let direction = DIRECTIONS.iter().position(|known| *known == direction).unwrap_or(0);
        self.chosen.get(surface as usize * DIRECTIONS.len() + direction).copied().unwrap_or(0)
    }

    /// The prefilter of a lens, made when first looked through.
    pub(crate) fn prefilter(&self, lens: u8) -> Option<&Prefilter> {
        let lens = self.all.get(usize::from(lens))?;
        let looks = |wanted: &&Wanted| {
            let rule = self.anchors.get(wanted.anchor as usize).map(|anchor| anchor.rule);
            rule.and_then(|rule| lens.rules.get(rule as usize)).is_some_and(|looks| *looks)
        };
        Some(lens.prefilter.get_or_init(|| Prefilter::new(self.wanted.iter().filter(looks), &self.anchors)))
    }

    /// The length of the longest text that any anchor wants.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// An anchor.
    pub(crate) fn anchor(&self, index: u32) -> Option<&RuleAnchor> {
        self.anchors.get(index as usize)
    }

    /// All anchors.
    pub(crate) fn anchors(&self) -> &[RuleAnchor] {
        &self.anchors
    }
}
