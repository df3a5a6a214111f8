//! A replayed event: what two rule sets make of it, or what was recorded and what a rule set makes of it now.

use std::sync::Arc;

use crate::kind::vocabulary;
use crate::{Action, Digest, Finding, Judged};

vocabulary! {
    /// Whether an event's two verdicts can be compared.
    Standing {
        /// Both verdicts rest on the whole event.
        Compared => "compared",
        /// The recording left bytes of the event out, so that a verdict about it can be read and not drawn again.
        EvidenceOnly => "evidence_only",
        /// The recording holds no verdict about it.
        NoVerdict => "no_verdict",
        /// The recorded verdict is a word that is no action.
        UnknownVerdict => "unknown_verdict",
    }
}

vocabulary! {
    /// What became of a finding under the candidate.
    FindingChangeKind {
        /// Only the candidate draws it.
        Gained => "gained",
        /// Only the baseline draws it.
        Lost => "lost",
        /// Both draw it, with another severity, confidence or title.
        Altered => "altered",
    }
}

vocabulary! {
    /// Why a verdict or a finding changed.
    ChangeCause {
        /// The candidate has a rule that the baseline has not.
        NewRule => "new_rule",
        /// The baseline has a rule that the candidate has not.
        RemovedRule => "removed_rule",
        /// The rule matches other bytes.
        Pattern => "pattern",
        /// The rule asks for more or less, or is trusted more or less.
        Threshold => "threshold",
        /// The rule says something else of what it matches: severity, category, title.
        Metadata => "metadata",
        /// The rules are the same and stand in another order.
        Order => "order",
        /// The policy decides otherwise about the same findings.
        Policy => "policy",
        /// What came before in the session differs.
        State => "state",
        /// More was found, or to be looked at, than an event may hold, and the cut fell elsewhere.
        Limit => "limit",
        /// The recorded verdict was another one.
        Recorded => "recorded",
    }
}

/// A finding that only one rule set draws, or that both draw otherwise.
#[derive(Debug, Clone)]
pub struct FindingChange {
    /// What became of it.
    pub kind: FindingChangeKind,
    /// Why.
    pub cause: ChangeCause,
    /// The rule whose change made the difference, where it is not the finding's own.
    pub through: Option<Arc<str>>,
    /// The finding of the baseline; `None` for one that was gained.
    pub before: Option<Finding>,
    /// The finding of the candidate; `None` for one that was lost.
    pub after: Option<Finding>,
}

impl FindingChange {
    /// The finding that it is about, as the candidate draws it where it does.
    pub fn finding(&self) -> Option<&Finding> {
        self.after.as_ref().or(self.before.as_ref())
    }

    /// The rule of the finding.
    pub fn rule(&self) -> &str {
        self.finding().map_or("", |finding| &finding.rule.id)
    }
}

/// An event under both rule sets.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// What the baseline concludes; where the baseline is what was recorded, what the candidate concludes.
    pub before: Judged,
    /// What the candidate concludes.
    pub after: Judged,
    /// The baseline's action; `None` where it has none.
    pub from: Option<Action>,
    /// The candidate's action; `None` where what is recorded does not allow one.
    pub to: Option<Action>,
    /// Whether the two can be compared.
    pub standing: Standing,
    /// What became of findings, in the order of places.
    pub findings: Vec<FindingChange>,
    /// Why verdict or findings changed, each cause once.
    pub causes: Vec<ChangeCause>,
}

impl Replayed {
    /// Whether the verdict changed.
    pub fn is_moved(&self) -> bool {
        matches!((self.from, self.to), (Some(from), Some(to)) if from != to)
    }

    /// Whether verdict or findings changed.
    pub fn is_changed(&self) -> bool {
        self.is_moved() || !self.findings.is_empty()
    }

    /// Whether the candidate blocks what the baseline did not.
    pub fn is_new_block(&self) -> bool {
        self.is_moved() && self.to == Some(Action::Block)
    }

    /// Whether the candidate lets pass what the baseline stopped or altered, or is silent where it warned.
    pub fn is_new_allow(&self) -> bool {
        match (self.from, self.to) {
            (Some(from), Some(to)) => to < from && to <= Action::Warn,
            _ => false,
        }
    }
}

/// What judges on one side of a replay.
#[derive(Debug, Clone, Default)]
pub struct RulesetFacts {
    /// In words: names of packs and policy, and what was asked to be left out.
    pub name: String,
    /// The policy's name.
    pub policy: String,
    /// The SHA-256 of the policy's text.
    pub policy_sha256: Digest,
    /// Name, version and SHA-256 of each pack, in load order.
    pub packs: Vec<(String, String, Digest)>,
    /// How many rules judge.
    pub rules: u64,
}
