//! Action receipts, version 1: each signed by itself, chained to one another.
//!
//! Left out: session control, key transitions, taint and redaction fields. A chain starts at `genesis`.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::members::Members;
use super::{Altered, Detail, Session, time};
use crate::entry::GENESIS;
use crate::hex;
use crate::keys::SecretKey;

mod action;

pub use action::{Action, ActionType, Reversibility, SideEffect};

/// A signed receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedReceipt {
    pub(super) detail: Detail,
    pub(super) action_type: ActionType,
    pub(super) verdict: String,
    pub(super) transport: String,
    hash: [u8; 32],
}

impl SignedReceipt {
    /// The receipt's JSON, as it stands in a log.
    pub fn json(&self) -> &[u8] {
        self.detail.json()
    }

    /// The receipt's hash, to which the next one refers.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }
}

/// The sum of all receipts of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptRoot {
    pub(super) detail: Detail,
    pub(super) count: u64,
    pub(super) hash: [u8; 32],
}

impl TranscriptRoot {
    /// The root's JSON, as it stands in a log.
    pub fn json(&self) -> &[u8] {
        self.detail.json()
    }
}

/// Why there is no receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// A field that every receipt needs is empty.
    #[error("a receipt needs a {0}")]
    Empty(&'static str),
}

/// Signs receipts one after the other.
#[derive(Debug)]
pub struct ReceiptWriter {
    key: Arc<SecretKey>,
    next_seq: u64,
    previous: Option<[u8; 32]>,
    first_ts: String,
    last_ts: String,
}

impl ReceiptWriter {
    /// A new chain, signed with this key.
    pub fn new(key: Arc<SecretKey>) -> Self {
        Self { key, next_seq: 0, previous: None, first_ts: String::new(), last_ts: String::new() }
    }

    /// The receipt of an action.
    ///
    /// Units: `now` is nanoseconds since 1970-01-01T00:00:00Z.
    pub fn next(&mut self, now: i64, action: &Action<'_>) -> Result<SignedReceipt, ReceiptError> {
        for (name, text) in
            [("target", action.target), ("verdict", action.verdict), ("transport", action.transport)]
        {
            if text.is_empty() {
                return Err(ReceiptError::Empty(name));
            }
        }
        let ts = time::spell(now);
        let mut altered = Altered::default();
        let record = self.record(now, &ts, action, &mut altered);
        let signature = self.key.sign(&Sha256::digest(&record));
        let mut json = Vec::with_capacity(record.len() + 320);
        Members::begin(&mut json)
            .number("version", 1)
            .raw("action_record", &record)
            .text("signature", format!("ed25519:{}", hex::encode(&signature)).as_bytes())
            .text("signer_key", self.key.public().hex().as_bytes())
            .end();
        let hash: [u8; 32] = Sha256::digest(&json).into();
        if self.next_seq == 0 {
            self.first_ts.clone_from(&ts);
        }
        self.last_ts = ts;
        self.next_seq += 1;
        self.previous = Some(hash);
        Ok(SignedReceipt {
            detail: Detail::spelled(json).flag(altered),
            action_type: action.action_type,
            verdict: altered.clean(action.verdict.as_bytes()).into_owned(),
            transport: altered.clean(action.transport.as_bytes()).into_owned(),
            hash,
        })
    }

    /// Ends the chain with its sum; `None` if it holds no receipt.
    pub fn finish(self, session: &Session) -> Option<TranscriptRoot> {
        let (hash, final_seq) = (self.previous?, self.next_seq.checked_sub(1)?);
        let mut json = Vec::new();
        Members::begin(&mut json)
            .text("session_id", session.as_str().as_bytes())
            .number("final_seq", final_seq)
            .text("root_hash", &hex::encode32(&hash))
            .number("receipt_count", self.next_seq)
            .text("start_time", self.first_ts.as_bytes())
            .text("end_time", self.last_ts.as_bytes())
            .end();
        Some(TranscriptRoot { detail: Detail::spelled(json), count: self.next_seq, hash })
    }

    /// The signed record. Source: FLIGHT_RECORDER_FORMAT, section 9, "Fields of `action_record`, in order".
    fn record(&self, now: i64, ts: &str, action: &Action<'_>, altered: &mut Altered) -> Vec<u8> {
        let mut clean = |text: &str| altered.clean(text.as_bytes()).into_owned();
        let [principal, actor, target, policy_hash, verdict] =
            [action.principal, action.actor, action.target, action.policy_hash, action.verdict]
                .map(&mut clean);
        let [transport, method, layer, pattern, severity, request_id] = [
            action.transport,
            action.method,
            action.layer,
            action.pattern,
            action.severity,
            action.request_id,
        ]
        .map(&mut clean);
        let previous = self.previous.map(|hash| hex::encode32(&hash));
        let mut record = Vec::with_capacity(1024);
        Members::begin(&mut record)
            .number("version", 1)
            .text("action_id", action.id(now).as_bytes())
            .text("action_type", action.action_type.name().as_bytes())
            .text("timestamp", ts.as_bytes())
            .text("principal", principal.as_bytes())
            .text("actor", actor.as_bytes())
            .raw("delegation_chain", b"null")
            .text("target", target.as_bytes())
            .text("side_effect_class", action.side_effect.name().as_bytes())
            .text("reversibility", action.reversibility.name().as_bytes())
            .text("policy_hash", policy_hash.as_bytes())
            .text("verdict", verdict.as_bytes())
            .text("transport", transport.as_bytes())
            .text_if("method", method.as_bytes())
            .text_if("layer", layer.as_bytes())
            .text_if("pattern", pattern.as_bytes())
            .text_if("severity", severity.as_bytes())
            .text_if("request_id", request_id.as_bytes())
            .text("chain_prev_hash", previous.as_ref().map_or(GENESIS, |text| text))
            .number("chain_seq", self.next_seq)
            .end();
        record
    }
}

#[cfg(test)]
mod tests;
