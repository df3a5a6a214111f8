//! Mutation testing of rules: each part of a rule is loosened, tightened or dropped, and a change that none of the rule's
//! own texts tells apart names a part that no text holds.
//!
//! Left out: what texts cannot tell, since each is tried on one surface in one direction and asks only whether the rule
//! fires: surfaces, direction, the group of the secret, severity, confidence. What stands inside of `near` and `allow`
//! patterns is not changed part by part; they are dropped as a whole.

mod fields;
mod parts;
mod place;
mod run;

pub use run::{MutateLimits, mutants};

/// One change of a rule, and whether the rule's texts tell it apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// The field that was changed: `regex`, `near`, …
    pub field: &'static str,
    /// The part of it that was changed, as written.
    pub part: String,
    /// How it was changed.
    pub change: String,
    /// The line of the part in the pack's file, from 1.
    pub line: u64,
    /// And the column, from 1.
    pub column: u64,
    /// What the texts make of it.
    pub fate: MutantFate,
}

/// What a rule's own texts make of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MutantFate {
    /// At least one text tells it apart.
    Killed,
    /// None does: no text holds the part.
    Alive,
    /// The changed rule means the same.
    Same,
    /// The engine would not load the changed rule.
    Refused,
    /// Time was up before.
    NotTried,
}

impl MutantFate {
    /// Its name in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Killed => "killed",
            Self::Alive => "alive",
            Self::Same => "same",
            Self::Refused => "refused",
            Self::NotTried => "not_tried",
        }
    }
}

/// The changes of one rule, or of one fragment of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleMutants {
    /// The pack's file name.
    pub pack: String,
    /// The rule's id; of a fragment, its name.
    pub name: String,
    /// Whether it is a fragment: it is held by the texts of all rules that use it.
    pub is_fragment: bool,
    /// The changes that were made, in the order of the parts.
    pub mutants: Vec<Mutant>,
    /// How many more there are, over the limit.
    pub left_out: usize,
    /// Texts that the rule alone does not keep, so that they hold nothing.
    pub broken_texts: usize,
}

impl RuleMutants {
    /// How many changes met this fate.
    pub fn count(&self, fate: MutantFate) -> usize {
        self.mutants.iter().filter(|mutant| mutant.fate == fate).count()
    }
}
