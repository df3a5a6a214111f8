//! Signed receipts and rosters for tests.

use super::canonical::canonical_form;
use crate::{SecretKey, hex};

/// The key of a number.
pub(crate) fn secret(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

/// A signature as files spell it.
pub(crate) fn spell(signature: &[u8; 64]) -> String {
    format!("ed25519:{}", hex::encode(signature))
}

/// A payload of the kind `proxy_decision`.
pub(crate) const DECISION: &str = r#"{"action_type":"read","target":"https://x/?a=1\u0026b","verdict":"allow","transport":"fetch","policy_sources":["p"],"winning_source":"p"}"#;

/// What a receipt says.
pub(crate) struct Receipt<'a> {
    pub(crate) seq: u64,
    pub(crate) prev: String,
    pub(crate) kind: &'a str,
    pub(crate) purpose: &'a str,
    pub(crate) signer: &'a str,
    pub(crate) payload: &'a str,
    /// Further members, each with a comma before it.
    pub(crate) more: &'a str,
}

impl Default for Receipt<'_> {
    fn default() -> Self {
        Self {
            seq: 0,
            prev: "genesis".to_owned(),
            kind: "proxy_decision",
            purpose: "receipt-signing",
            signer: "k",
            payload: DECISION,
            more: "",
        }
    }
}

impl Receipt<'_> {
    /// The receipt as an entry's detail, signed by a key.
    pub(crate) fn sign(&self, key: &SecretKey) -> String {
        let blank = self.text("", "", "", "");
        let message = canonical_form(blank.as_bytes()).unwrap();
        self.text(self.signer, self.purpose, "ed25519", &spell(&key.sign(&message)))
    }

    fn text(&self, signer: &str, purpose: &str, algorithm: &str, signature: &str) -> String {
        let Self { seq, prev, kind, payload, more, .. } = self;
        format!(
            r#"{{"record_type":"evidence_receipt_v2","receipt_version":2,"payload_kind":"{kind}","event_id":"e","timestamp":"2026-04-01T12:00:00.12Z","signature":{{"signer_key_id":"{signer}","key_purpose":"{purpose}","algorithm":"{algorithm}","signature":"{signature}"}},"chain_seq":{seq},"chain_prev_hash":"{prev}","payload":{payload}{more}}}"#
        )
    }
}

/// A member of a roster.
pub(crate) fn roster_key(id: &str, purpose: &str, key: &SecretKey, until: &str, status: &str) -> String {
    let public = key.public().hex();
    format!(
        r#"{{"key_id":"{id}","key_purpose":"{purpose}","public_key_hex":"{public}","valid_from":"2026-01-01T00:00:00Z","valid_until":{until},"status":"{status}"}}"#
    )
}

/// A roster of these keys, signed by the key of number 9 under the id `root`.
pub(crate) fn roster(keys: &[String]) -> String {
    let keys = keys.join(",");
    let body = format!(
        r#"{{"schema_version":1,"roster_signed_by":"root","keys":[{keys}],"data_class_root":"public"}}"#
    );
    envelope(&body, &secret(9))
}

/// A body with one signature.
pub(crate) fn envelope(body: &str, key: &SecretKey) -> String {
    let signature = spell(&key.sign(&canonical_form(body.as_bytes()).unwrap()));
    format!(r#"{{"body":{body},"signature":"{signature}"}}"#)
}
