//! How to verify: what is trusted, what was recorded elsewhere, and how much may be spent.

use std::sync::Arc;

use super::defect::ReplacedBudget;
use super::heads::HeadIndex;
use crate::contract::{KeyRoster, Signers};
use crate::hex;
use crate::keys::KeyRing;
use crate::receipt::Endorsement;

/// A head that was recorded outside the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedHead {
    /// The hash.
    pub hash: [u8; 32],
    /// The entry that has it, if that was recorded.
    pub seq: Option<u64>,
    /// The session, if that was recorded.
    pub session: Option<String>,
    /// Where it was recorded.
    pub source: String,
}

impl ExpectedHead {
    /// The hash as 64 lower-case hex digits.
    pub fn hex(&self) -> String {
        hex::encode(&self.hash)
    }

    /// A head of which only the hash is known, as 64 lower-case hex digits.
    pub fn from_hex(hash: &str, source: &str) -> Option<Self> {
        let hash = hex::decode(hash.as_bytes())?;
        Some(Self { hash, seq: None, session: None, source: source.to_owned() })
    }
}

/// How to verify.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VerifyOptions {
    /// The trusted keys.
    pub keys: KeyRing,
    /// Trusted keys that cannot sign a log of this format: they were given, so something must be signed.
    pub other_keys: u64,
    /// A verified roster of keys for evidence receipts, in place of the trusted keys.
    pub roster: Option<KeyRoster>,
    /// Endorsements of changes of the receipts' key.
    pub endorsements: Vec<Endorsement>,
    /// Heads that must be in the log.
    pub heads: Vec<ExpectedHead>,
    /// Whether heads without a session must be in this one.
    pub is_only_session: bool,
    /// Threads to check on.
    pub threads: usize,
    /// The longest line that is read.
    ///
    /// Units: bytes.
    pub line_limit: usize,
    /// What may be spent on trying which broken bytes were replaced; clones share it.
    pub replaced: ReplacedBudget,
    /// Where the heads stand, if [`Self::index_heads`] was called.
    pub(crate) index: Option<Arc<HeadIndex>>,
}

impl Default for VerifyOptions {
    /// Writers keep to 1 MiB or had no limit; sixteen leave room and bound memory.
    fn default() -> Self {
        Self {
            keys: KeyRing::default(),
            other_keys: 0,
            roster: None,
            endorsements: Vec::new(),
            heads: Vec::new(),
            is_only_session: false,
            threads: 1,
            line_limit: 16 << 20,
            replaced: ReplacedBudget::default(),
            index: None,
        }
    }
}

impl VerifyOptions {
    /// How many keys were given.
    pub(crate) fn keys_given(&self) -> u64 {
        self.keys.keys().len() as u64 + self.other_keys
    }

    /// Makes ready for many sessions and many heads, which must not change from then on.
    pub fn index_heads(&mut self) {
        self.index = Some(Arc::new(HeadIndex::of(&self.heads)));
    }

    pub(crate) fn head_index(&self) -> Arc<HeadIndex> {
        self.index.clone().unwrap_or_else(|| Arc::new(HeadIndex::of(&self.heads)))
    }

    pub(crate) fn signers(&self) -> Signers<'_> {
        self.roster.as_ref().map_or(Signers::Ring(&self.keys), Signers::Roster)
    }
}
