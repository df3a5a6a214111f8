//! The value that binds the first receipt of a chain to its `session_open`.
//!
//! Source: FLIGHT_RECORDER_FORMAT, section 9, "Chain rules": eleven fields after a label, each after its length.

use coldcase_model::json::Value;
use sha2::{Digest, Sha256};

use super::walk::int;

const LABEL: &[u8] = b"pipelock.receipt.session_open.v1";
const BEFORE: [&str; 5] = ["run_nonce", "open_nonce", "recorder_session", "policy_hash", "signer_key_epoch"];
const AFTER: [&str; 5] = [
    "genesis_anchor_head",
    "genesis_anchor_log",
    "posture_capsule_sha256",
    "containment_nonce",
    "contained_uid",
];

/// The value of an `open`; what is absent counts as empty.
pub(super) fn bound_genesis(open: Value<'_, '_>) -> [u8; 32] {
    let mut hasher = Sha256::new();
    let mut frame = |bytes: &[u8]| {
        hasher.update((bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    };
    let text = |name: &str| open.get(name).and_then(Value::string).unwrap_or_default();
    frame(LABEL);
    for name in BEFORE {
        frame(&text(name));
    }
    let seconds = open.get("heartbeat_seconds").and_then(int).unwrap_or(0);
    frame(&u64::try_from(seconds).unwrap_or(0).to_be_bytes());
    for name in AFTER {
        frame(&text(name));
    }
    hasher.finalize().into()
}
