//! Which rule sets a rule belongs to: two sets that share most of their rules are compiled and scanned as one.
//!
//! A pack for a scan has one set. A pack for a replay has two, the baseline's and the candidate's, and a rule that is
//! the same in both belongs to both.

/// One of the rule sets of a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Set {
    /// The only one, or the baseline.
    First,
    /// The candidate.
    Second,
}

/// The sets that something belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sets(u8);

impl Sets {
    /// The first set alone.
    pub(crate) const FIRST: Self = Self(1);
    /// The second set alone.
    pub(crate) const SECOND: Self = Self(2);
    /// Both sets.
    pub(crate) const BOTH: Self = Self(3);

    pub(crate) const fn has(self, set: Set) -> bool {
        self.0 & Self::of(set).0 != 0
    }

    pub(crate) const fn of(set: Set) -> Self {
        match set {
            Set::First => Self::FIRST,
            Set::Second => Self::SECOND,
        }
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
