//! The fields of a receipt, a decision record and an endorsement, in the order in which they are written.
//!
//! Source: FLIGHT_RECORDER_FORMAT, sections 8 and 9. Data only: `walk` checks against it, `rebuild` spells by it.

/// What a value must be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// A string.
    Text,
    /// A string that is a time.
    Time,
    Bool,
    /// A whole number that fits 64 bits with a sign.
    Int,
    /// A whole number that fits 64 bits without one.
    Unsigned,
    /// 0 to 255.
    Byte,
    /// A list of strings.
    Texts,
    /// A list of strings; the writer spells one that was never made as `null`.
    TextsOrNull,
    Object(&'static Table),
    Objects(&'static Table),
    /// An object of whole numbers, its keys sorted by bytes.
    Counts,
    /// Any JSON.
    Any,
}

/// When a field is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Always,
    /// Always, and never empty.
    Filled,
    /// Left out when empty.
    IfNotEmpty,
}

#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) presence: Presence,
}

/// The fields of one kind of object.
#[derive(Debug)]
pub(super) struct Table {
    /// What messages call it.
    pub(super) name: &'static str,
    /// At most 128 of them: the fields seen are bits of a number.
    pub(super) fields: &'static [Field],
    /// The bits of those that must be there.
    pub(super) required: u128,
}

impl Table {
    #[expect(clippy::indexing_slicing, reason = "filled when this is compiled; a mistake would not compile")]
    const fn new(name: &'static str, fields: &'static [Field]) -> Self {
        assert!(fields.len() <= 128, "a bit for each field");
        let (mut required, mut at) = (0, 0);
        while at < fields.len() {
            if !matches!(fields[at].presence, Presence::IfNotEmpty) {
                required |= 1 << at;
            }
            at += 1;
        }
        Self { name, fields, required }
    }
}

const fn always(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, presence: Presence::Always }
}

const fn filled(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, presence: Presence::Filled }
}

const fn maybe(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, presence: Presence::IfNotEmpty }
}

use Shape::{Any, Bool, Byte, Counts, Int, Object, Objects, Text, Texts, TextsOrNull, Time, Unsigned};

pub(super) static RECEIPT: Table = Table::new(
    "receipt",
    &[
        filled("version", Int),
        always("action_record", Object(&ACTION_RECORD)),
        filled("signature", Text),
        filled("signer_key", Text),
        maybe("ext", Any),
    ],
);

pub(super) static ACTION_RECORD: Table = Table::new(
    "action_record",
    &[
        filled("version", Int),
        filled("action_id", Text),
        filled("action_type", Text),
        filled("timestamp", Time),
        always("principal", Text),
        always("actor", Text),
        always("delegation_chain", TextsOrNull),
        filled("target", Text),
        maybe("intent", Text),
        maybe("data_classes_in", Texts),
        maybe("data_classes_out", Texts),
        always("side_effect_class", Text),
        always("reversibility", Text),
        always("policy_hash", Text),
        filled("verdict", Text),
        maybe("decision_phase", Text),
        maybe("defer_id", Text),
        maybe("resolution_policy", Text),
        maybe("resolution_source", Text),
        maybe("session_id", Text),
        maybe("session_id_original", Text),
        maybe("session_taint_level", Text),
        maybe("session_contaminated", Bool),
        maybe("recent_taint_sources", Objects(&TAINT_SOURCE)),
        maybe("session_task_id", Text),
        maybe("session_task_label", Text),
        maybe("authority_kind", Text),
        maybe("taint_decision", Text),
        maybe("taint_decision_reason", Text),
        maybe("task_override_applied", Bool),
        maybe("contract_winning_source", Text),
        maybe("contract_live_verdict", Text),
        maybe("contract_policy_sources", Texts),
        maybe("contract_rule_id", Text),
        maybe("active_manifest_hash", Text),
        maybe("contract_hash", Text),
        maybe("contract_selector_id", Text),
        maybe("contract_generation", Unsigned),
        filled("transport", Text),
        maybe("method", Text),
        maybe("layer", Text),
        maybe("pattern", Text),
        maybe("severity", Text),
        maybe("redaction", Object(&REDACTION)),
        maybe("shield", Object(&SHIELD)),
        maybe("request_id", Text),
        always("chain_prev_hash", Text),
        always("chain_seq", Unsigned),
        maybe("run_nonce", Text),
        maybe("key_transition", Object(&KEY_TRANSITION)),
        maybe("session_control", Object(&SESSION_CONTROL)),
        maybe("venue", Text),
        maybe("jurisdiction", Text),
        maybe("rulebook_id", Text),
        maybe("remedy_class", Text),
        maybe("contestation_window", Text),
        maybe("precedent_refs", Texts),
    ],
);

static TAINT_SOURCE: Table = Table::new(
    "recent_taint_sources",
    &[
        always("url", Text),
        always("kind", Text),
        always("level", Byte),
        always("timestamp", Time),
        maybe("receipt_id", Text),
        maybe("match_reason", Text),
    ],
);

static REDACTION: Table = Table::new(
    "redaction",
    &[
        maybe("profile", Text),
        maybe("provider", Text),
        maybe("parser", Text),
        maybe("total_redactions", Int),
        maybe("by_class", Counts),
        maybe("cache_boundary_kept", Bool),
    ],
);

static SHIELD: Table = Table::new(
    "shield",
    &[
        maybe("pipeline", Text),
        maybe("total_rewrites", Int),
        maybe("extension_probes", Int),
        maybe("tracking_beacons", Int),
        maybe("agent_traps", Int),
        maybe("fingerprint_shim_injected", Bool),
        maybe("svg_foreign_objects", Int),
        maybe("svg_event_handlers", Int),
        maybe("svg_external_references", Int),
        maybe("svg_hidden_text", Int),
        maybe("svg_animation_injections", Int),
        maybe("body_bytes", Int),
        maybe("scanned_bytes", Int),
        maybe("partial", Bool),
        maybe("adaptive_signals_recorded", Int),
        maybe("adaptive_signal_max_per_body", Int),
    ],
);

static KEY_TRANSITION: Table = Table::new(
    "key_transition",
    &[
        always("prior_signer_key", Text),
        always("prior_chain_seq", Unsigned),
        always("prior_chain_hash", Text),
    ],
);

static SESSION_CONTROL: Table = Table::new(
    "session_control",
    &[
        filled("kind", Text),
        maybe("open", Object(&OPEN)),
        maybe("heartbeat", Object(&HEARTBEAT)),
        maybe("close", Object(&CLOSE)),
    ],
);

static OPEN: Table = Table::new(
    "open",
    &[
        filled("run_nonce", Text),
        filled("open_nonce", Text),
        always("recorder_session", Text),
        always("policy_hash", Text),
        always("signer_key_epoch", Text),
        always("heartbeat_seconds", Int),
        always("chain_open_seq", Unsigned),
        maybe("prior_chain_head", Text),
        maybe("prior_chain_seq", Unsigned),
        maybe("genesis_hash", Text),
        maybe("genesis_anchor_head", Text),
        maybe("genesis_anchor_log", Text),
        maybe("posture_capsule_sha256", Text),
        maybe("posture_signer_key_id", Text),
        maybe("containment_nonce", Text),
        maybe("contained_uid", Text),
    ],
);

static HEARTBEAT: Table = Table::new(
    "heartbeat",
    &[
        filled("run_nonce", Text),
        filled("open_nonce", Text),
        always("beat", Unsigned),
        always("chain_head", Text),
        always("chain_seq_head", Unsigned),
        always("heartbeat_time", Text),
        always("fsync_errors_gated", Unsigned),
        always("durability_blocks", Unsigned),
    ],
);

static CLOSE: Table = Table::new(
    "close",
    &[
        filled("run_nonce", Text),
        filled("open_nonce", Text),
        always("final_seq", Unsigned),
        always("root_hash", Text),
        always("receipt_count", Unsigned),
        always("close_reason", Text),
        always("fsync_errors_gated", Unsigned),
        always("durability_blocks", Unsigned),
    ],
);

/// A root as its line holds it.
pub(super) static TRANSCRIPT_ROOT: Table = Table::new(
    "transcript_root",
    &[
        always("session_id", Text),
        always("final_seq", Unsigned),
        always("root_hash", Text),
        always("receipt_count", Unsigned),
        always("start_time", Time),
        always("end_time", Time),
    ],
);

/// A signed decision, without its signature.
pub(super) static DECISION: Table = Table::new(
    "decision_record",
    &[
        filled("version", Int),
        filled("type", Text),
        always("session_id", Text),
        maybe("manifest_ref", Text),
        always("timestamp", Time),
        always("verdict", Text),
        always("scanner_result", Object(&SCANNER_RESULT)),
        always("policy_rule", Object(&POLICY_RULE)),
        always("request_context", Object(&REQUEST_CONTEXT)),
    ],
);

static SCANNER_RESULT: Table = Table::new(
    "scanner_result",
    &[always("layer", Text), maybe("pattern", Text), maybe("match_text", Text), maybe("confidence", Text)],
);

static POLICY_RULE: Table =
    Table::new("policy_rule", &[always("source", Text), maybe("section", Text), maybe("action", Text)]);

static REQUEST_CONTEXT: Table = Table::new(
    "request_context",
    &[always("transport", Text), maybe("tool_name", Text), maybe("direction", Text)],
);

/// A rotation endorsement, without its signature.
pub(super) static ENDORSEMENT: Table = Table::new(
    "rotation_endorsement",
    &[
        filled("version", Int),
        filled("session_id", Text),
        filled("prior_signer_key", Text),
        always("prior_final_seq", Unsigned),
        filled("prior_tail_hash", Text),
        filled("new_signer_key", Text),
        filled("rotated_at", Time),
    ],
);
