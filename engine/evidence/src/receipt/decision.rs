//! Signed decision records: stored with their keys sorted, signed in the order of their struct.
//!
//! Source: FLIGHT_RECORDER_FORMAT, section 8, "Decision record".

use coldcase_model::json::{Tape, Value};
use sha2::{Digest, Sha256};

use super::rebuild::rebuild;
use super::schema::DECISION;
use super::walk::Walk;
use crate::hex;
use crate::keys::{KeyIndex, KeyRing, Signed};

/// What a decision's signature is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It has none, and is of the kind that has none.
    NotSigned,
    /// Signed by this trusted key.
    Good(KeyIndex),
    /// No key was given, and the record carries none.
    Untrusted,
    /// No trusted key made the signature: edited, or signed by another key. The two cannot be told apart.
    Bad,
    /// Only lenient verifiers take it under a trusted key.
    Lenient,
    /// Not of the form of a decision record, though it claims to be one.
    Malformed,
}

/// Checks the detail of a `decision` line.
pub(crate) fn check_decision(detail: &[u8], tape: &mut Tape, keys: &KeyRing) -> Decision {
    let Ok(root) = tape.parse(detail) else { return Decision::Malformed };
    let is_record = root.get_str("type").is_some_and(|kind| kind == "decision_record");
    // Any detail may have a member of that name; only the recorder's form claims to be its signature.
    let claims = root.get_str("signature").is_some_and(|text| text.starts_with("ed25519:"));
    if !is_record && !claims {
        return Decision::NotSigned;
    }
    let Some(signature) = signature(root).filter(|_| is_record) else { return Decision::Malformed };
    if keys.is_empty() {
        return Decision::Untrusted;
    }
    let mut signed = Vec::with_capacity(detail.len());
    rebuild(&DECISION, root, &mut signed);
    match keys.who_signed(&Sha256::digest(&signed), &signature) {
        Signed::By(key) => Decision::Good(key),
        Signed::LenientOnly(_) => Decision::Lenient,
        Signed::Nobody => Decision::Bad,
    }
}

/// The signature of a record that has the form of one.
fn signature(root: Value<'_, '_>) -> Option<[u8; 64]> {
    let mut walk = Walk::passing_over(&DECISION, "signature");
    walk.object(&DECISION, root);
    let right = walk.problems.is_empty()
        && root.get("version").and_then(Value::u64) == Some(1)
        && root.members().filter(|(key, _)| key.is_key("signature")).count() == 1;
    let text = root.get("signature").filter(|_| right)?.string()?;
    hex::decode(text.strip_prefix(b"ed25519:")?)
}
