//! What is kept of one receipt for the chain: small, owned, and sent from the thread that read it.

use crate::keys::KeyIndex;
use crate::spelling::Stamp;

use super::problem::ReceiptProblem;
use super::result::Contradiction;

/// What a receipt points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PrevHash {
    /// Nothing: the first of an older chain.
    Genesis,
    /// Its own `session_open`: the first of a newer chain.
    BoundGenesis([u8; 32]),
    /// The receipt before.
    Hash([u8; 32]),
}

/// The hash that the next receipt should point to.
///
/// A receipt that was respelled after signing was chained by the hash of the writer's spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// Of the bytes as they stand.
    pub(crate) raw: [u8; 32],
    /// Of the writer's spelling, where that is another.
    pub(crate) respelled: Option<[u8; 32]>,
}

impl Head {
    /// Whether a hash is this receipt's.
    pub(super) fn is(&self, hash: &[u8; 32]) -> bool {
        self.raw == *hash || self.respelled.as_ref() == Some(hash)
    }
}

/// The SHA-256 of a nonce: nonces are compared, never shown, and may be of any length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Nonce(pub(crate) [u8; 32]);

/// What redaction by the recorder left of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Redaction {
    /// All but its target and pattern.
    Fields,
    /// Nothing.
    Whole,
}

/// What a session control says that the chain must agree with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Control {
    Open(Open),
    Heartbeat { open_nonce: Nonce, head: Option<[u8; 32]>, seq_head: Option<u64> },
    Close { open_nonce: Nonce, root: Option<[u8; 32]>, final_seq: Option<u64>, count: Option<u64> },
}

/// The start of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) nonce: Nonce,
    pub(crate) recorder_session: Box<[u8]>,
    pub(crate) chain_open_seq: Option<u64>,
    pub(crate) prior_head: Option<[u8; 32]>,
    /// 0 if it is left out.
    pub(crate) prior_seq: u64,
    /// Whether `prior_chain_head` or `prior_chain_seq` is there at all.
    pub(crate) has_prior: bool,
    /// Whether a genesis is stated.
    pub(crate) has_genesis: bool,
    /// That genesis, if it is of the form `g1:` and a hash.
    pub(crate) genesis: Option<[u8; 32]>,
    /// The value that these fields have.
    pub(crate) bound: [u8; 32],
}

/// What a marked receipt says of the last one under the old key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyTransition {
    pub(crate) signer: Option<[u8; 32]>,
    pub(crate) seq: Option<u64>,
    pub(crate) hash: Option<[u8; 32]>,
}

/// One receipt, read and checked by itself.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) head: Head,
    /// `None` where the record does not say, or not in the right form; then a problem says so.
    pub(crate) prev: Option<PrevHash>,
    pub(crate) seq: Option<u64>,
    /// The key that it carries.
    pub(crate) signer: Option<[u8; 32]>,
    /// Which of the trusted keys that is.
    pub(crate) trusted: Option<KeyIndex>,
    pub(crate) run: Option<Nonce>,
    pub(crate) control: Option<Box<Control>>,
    pub(crate) transition: Option<Box<KeyTransition>>,
    /// `None` if it is not in UTC as the writer spells it.
    pub(crate) time: Option<Stamp>,
    pub(crate) verdict: Box<[u8]>,
    pub(crate) redaction: Option<Redaction>,
    /// Whether it has an `ext`, which its signature leaves out.
    pub(crate) has_ext: bool,
    /// Where the line round it says something else.
    pub(crate) contradictions: Vec<Contradiction>,
    pub(crate) problems: Vec<ReceiptProblem>,
}

impl Seen {
    /// A receipt of which only its hash is known yet.
    pub(super) fn of(raw: [u8; 32]) -> Self {
        Self {
            head: Head { raw, respelled: None },
            prev: None,
            seq: None,
            signer: None,
            trusted: None,
            run: None,
            control: None,
            transition: None,
            time: None,
            verdict: Box::default(),
            redaction: None,
            has_ext: false,
            contradictions: Vec::new(),
            problems: Vec::new(),
        }
    }
}
