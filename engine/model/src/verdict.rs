//! What policy decides about an event.

use std::sync::Arc;

use crate::ScanCoverage;
use crate::kind::vocabulary;

vocabulary! {
    /// What is to be done about an event, from the mildest to the strictest.
    Action {
        /// Let it pass.
        Allow => "allow",
        /// Let it pass, and say so.
        Warn => "warn",
        /// Let it pass without what was found.
        Strip => "strip",
        /// Ask a person.
        Ask => "ask",
        /// Send it elsewhere.
        Redirect => "redirect",
        /// Stop it.
        Block => "block",
    }
}

vocabulary! {
    /// How far a session has gone bad.
    RiskLevel {
        /// Nothing out of the ordinary.
        Normal => "normal",
        /// Worth a look.
        Elevated => "elevated",
        /// Likely an incident.
        High => "high",
        /// An incident.
        Critical => "critical",
    }
}

/// The risk of a session after an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Risk {
    /// Points.
    pub score: f64,
    /// The level that the points amount to.
    pub level: RiskLevel,
}

/// The decision about one event.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// What is to be done.
    pub action: Action,
    /// Why, in one line that a person can act on. It holds no bytes of the input.
    pub reason: Arc<str>,
    /// The session's risk after the event.
    pub risk: Risk,
    /// How much of the event the verdict rests on.
    pub coverage: ScanCoverage,
}
