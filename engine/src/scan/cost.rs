//! What each rule costs, by a clock that the caller brings: the engine itself has none.

/// Counts what each rule costs.
#[derive(Debug)]
pub(super) struct Meter {
    pub(super) clock: Clock,
    costs: Vec<RuleCost>,
}

impl Meter {
    /// Counts for so many rules.
    pub(super) fn new(clock: Clock, rules: usize) -> Self {
        Self { clock, costs: vec![RuleCost::default(); rules] }
    }

    /// What each rule has cost, in the pack's order.
    pub(super) fn costs(&self) -> &[RuleCost] {
        &self.costs
    }

    /// Adds to what a rule has cost.
    pub(super) fn add(&mut self, rule: u32, cost: RuleCost) {
        if let Some(sum) = self.costs.get_mut(rule as usize) {
            sum.hits += cost.hits;
            sum.tries += cost.tries;
            sum.searches += cost.searches;
            sum.matches += cost.matches;
            sum.ticks += cost.ticks;
        }
    }
}

/// A clock of the caller's: ticks of any even length since any start.
pub type Clock = fn() -> u64;

/// What a rule has cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RuleCost {
    /// How often a text of the rule's stood in what was scanned.
    pub hits: u64,
    /// How often the bytes beside it were such that the pattern was tried.
    pub tries: u64,
    /// How often the regex itself was searched for.
    pub searches: u64,
    /// How many matches were confirmed.
    pub matches: u64,
    /// What the tries took, in ticks of the caller's clock.
    pub ticks: u64,
}
