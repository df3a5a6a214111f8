//! The payload kinds of evidence receipts: which purpose must sign each, and which members it must have.
//!
//! Left out: the kinds that newer writers add; they are refused.
//!
//! Source: FLIGHT_RECORDER_FORMAT, section 11.

use super::form::Form::{Holding, Number, OneOf, Text, TextMap, Texts};
use super::form::{Form, Member, Need};

/// What a key may sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Purpose {
    /// What the proxy saw and decided.
    Receipt,
    /// Contracts that were compiled.
    ContractCompile,
    /// Putting contracts into force, taking them back, and changes of keys.
    ContractActivation,
    /// Rule packs of the maker.
    Rules,
    /// Rosters.
    RosterRoot,
    /// Recovery authorisations.
    RecoveryRoot,
}

impl Purpose {
    const NAMES: [(Self, &str); 6] = [
        (Self::Receipt, "receipt-signing"),
        (Self::ContractCompile, "contract-compile-signing"),
        (Self::ContractActivation, "contract-activation-signing"),
        (Self::Rules, "rules-official-signing"),
        (Self::RosterRoot, "roster-root"),
        (Self::RecoveryRoot, "recovery-root"),
    ];

    /// The purpose of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(purpose, _)| *purpose)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(purpose, _)| *purpose == self).map_or("", |(_, name)| name)
    }
}

/// A kind of payload.
pub(super) struct PayloadKind {
    pub(super) name: &'static str,
    pub(super) purpose: Purpose,
    pub(super) members: &'static [Member],
}

/// The kind of this name.
pub(super) fn find(name: &str) -> Option<&'static PayloadKind> {
    KINDS.iter().find(|kind| kind.name == name)
}

const fn must(name: &'static str, form: Form) -> Member {
    Member { name, form, need: Need::Always }
}

const fn may(name: &'static str, form: Form) -> Member {
    Member { name, form, need: Need::Never }
}

const OUTCOME: Member = must("validation_outcome", OneOf(&["accepted", "rejected"]));
const REASON: Member =
    Member { name: "reject_reason", form: Text, need: Need::If("validation_outcome", "rejected") };
const REDACTIONS: Form = OneOf(&["withdraw_public_proof", "local_erasure_tombstone"]);
const AGGREGATION: Form =
    Holding(&["window_start", "window_end", "lossless_count", "delta_sample_count", "exemplar_ids"]);

/// The table of the format's section 11.
pub(super) static KINDS: [PayloadKind; 13] = [
    PayloadKind {
        name: "proxy_decision",
        purpose: Purpose::Receipt,
        members: &[
            must("action_type", Text),
            must("target", Text),
            must("verdict", Text),
            must("transport", Text),
            must("policy_sources", Texts),
            must("winning_source", Text),
            may("rule_id", Text),
        ],
    },
    PayloadKind {
        name: "contract_ratified",
        purpose: Purpose::Receipt,
        members: &[
            must("contract_hash", Text),
            must("ratifier_key_id", Text),
            must("ratified_rule_ids", Texts),
            must("ratification_decision_per_rule", TextMap),
        ],
    },
    PayloadKind {
        name: "contract_promote_intent",
        purpose: Purpose::ContractActivation,
        members: &[
            must("target_manifest_hash", Text),
            must("target_generation", Number),
            must("prior_manifest_hash", Text),
            must("intent_id", Text),
        ],
    },
    PayloadKind {
        name: "contract_promote_committed",
        purpose: Purpose::Receipt,
        members: &[
            must("target_manifest_hash", Text),
            must("prior_manifest_hash", Text),
            must("intent_id", Text),
            OUTCOME,
            REASON,
        ],
    },
    PayloadKind {
        name: "contract_rollback_authorized",
        purpose: Purpose::ContractActivation,
        members: &[
            must("rollback_target_hash", Text),
            must("current_generation", Number),
            must("authorizer_signatures", Texts),
            must("authorization_id", Text),
        ],
    },
    PayloadKind {
        name: "contract_rollback_committed",
        purpose: Purpose::Receipt,
        members: &[
            must("rollback_target_hash", Text),
            must("prior_manifest_hash", Text),
            must("authorization_id", Text),
            OUTCOME,
            REASON,
        ],
    },
    PayloadKind {
        name: "contract_demoted",
        purpose: Purpose::Receipt,
        members: &[
            must("contract_hash", Text),
            must("rule_id", Text),
            must("demotion_reason", Text),
            must("prior_state", Text),
            must("new_state", Text),
            must("aggregation_window", Text),
        ],
    },
    PayloadKind {
        name: "contract_expired",
        purpose: Purpose::Receipt,
        members: &[must("contract_hash", Text), must("rule_id", Text), must("expiration_reason", Text)],
    },
    PayloadKind {
        name: "contract_drift",
        purpose: Purpose::Receipt,
        members: &[
            must("contract_hash", Text),
            must("rule_id", Text),
            must("drift_kind", Text),
            may("observation_summary", Text),
            may("missed_windows", Number),
            may("opportunity_status", Text),
        ],
    },
    PayloadKind {
        name: "shadow_delta",
        purpose: Purpose::Receipt,
        members: &[
            must("contract_hash", Text),
            must("rule_id", Text),
            must("original_verdict", Text),
            must("candidate_verdict", Text),
            must("aggregation", AGGREGATION),
        ],
    },
    PayloadKind {
        name: "opportunity_missing",
        purpose: Purpose::Receipt,
        members: &[
            must("contract_hash", Text),
            must("rule_id", Text),
            must("parent_context", Text),
            must("historical_opportunity_rate", Text),
            must("current_opportunity_rate", Text),
            must("window", Text),
        ],
    },
    PayloadKind {
        name: "key_rotation",
        purpose: Purpose::ContractActivation,
        members: &[
            must("key_id", Text),
            must("key_purpose", Text),
            must("old_status", Text),
            must("new_status", Text),
            must("roster_hash", Text),
            must("authorization_id", Text),
        ],
    },
    PayloadKind {
        name: "contract_redaction_request",
        purpose: Purpose::ContractActivation,
        members: &[
            must("target_contract_hash", Text),
            must("request_kind", REDACTIONS),
            must("reason_class", Text),
            must("authorization_id", Text),
            must("tombstone_hash", Text),
        ],
    },
];
