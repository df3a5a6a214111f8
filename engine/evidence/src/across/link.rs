//! Chain links: a run's signed statement that it goes on where another run ended.
//!
//! A link is optional: whoever deletes one makes its successor look unlinked, and nothing shows it.
//! Left out: white space round the members, which is allowed; the signature covers the members only.
//!
//! Source: FLIGHT_RECORDER_FORMAT, section 10.

use coldcase_model::json::{Tape, Value};

use super::message::Message;
use crate::contract::{Document, DocumentError, key, number, signature, text};
use crate::{KeyIndex, KeyRing, PublicKey, SignatureCheck, hex, spelling};

/// A chain link, and what its signature is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChainLink {
    /// The session that ended.
    pub predecessor_session: String,
    /// The sequence number of its last receipt.
    pub predecessor_tail_seq: u64,
    /// The hash of its last receipt, 64 digits.
    pub predecessor_tail_hash: String,
    /// The key that signed it.
    pub predecessor_signer_key: PublicKey,
    /// The session that goes on.
    pub successor_session: String,
    /// The key that signs it, and signed this link.
    pub successor_signer_key: PublicKey,
    /// When, in the writer's spelling.
    pub linked_at: String,
    /// Whether the signature holds under the successor's key. That says nothing of whose key it is.
    pub signature: SignatureCheck,
}

/// What is known of the two sessions; what is not known is not compared.
#[derive(Debug, Clone, Copy, Default)]
pub struct LinkFacts<'a> {
    /// The predecessor that the file's name claims.
    pub named_predecessor: Option<&'a str>,
    /// The sequence number of the predecessor's last receipt, and its hash as 64 digits.
    pub predecessor_tail: Option<(u64, &'a str)>,
    /// The key of the predecessor's last receipt.
    pub predecessor_signer: Option<&'a PublicKey>,
    /// The successor's session.
    pub successor_session: Option<&'a str>,
    /// The key of the successor's first receipt.
    pub successor_signer: Option<&'a PublicKey>,
}

/// Where a link contradicts itself or what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkProblem {
    /// The signature does not hold.
    #[error("the link's signature does not hold under the successor's key")]
    SignatureWrong,
    /// Common verifiers take the signature, a strict one does not.
    #[error("a signature that no honest signer makes")]
    LenientOnly,
    /// A session that follows itself.
    #[error("the link ties a session to itself")]
    SameSession,
    /// The file is named after another session.
    #[error("the file's name claims another predecessor")]
    FileName,
    /// The predecessor ends elsewhere.
    #[error("the link says that the predecessor ends at {claimed}; it ends at {seen}")]
    TailSeq {
        /// By the link.
        claimed: u64,
        /// By the log.
        seen: u64,
    },
    /// The predecessor ends with another receipt.
    #[error("the predecessor's last receipt has another hash")]
    TailHash,
    /// Another key signed the predecessor.
    #[error("the predecessor is signed by another key")]
    PredecessorSigner,
    /// The link is another session's.
    #[error("the successor is another session")]
    SuccessorSession,
    /// Another key signed the successor.
    #[error("the successor is signed by another key")]
    SuccessorSigner,
}

const DOMAIN: &[u8] = b"pipelock-chain-link-v1\0";
/// The writer's own cap.
pub(super) const MOST_BYTES: usize = 64 << 10;

impl ChainLink {
    /// Reads a link, and checks its signature under the key that it names.
    pub fn parse(json: &[u8]) -> Result<Self, DocumentError> {
        let mut tape = Tape::default();
        let [version, before, tail_seq, tail_hash, before_key, after, after_key, linked_at, proof] =
            Document::read(json, &mut tape, MOST_BYTES)?.ordered([
                "version",
                "predecessor_session",
                "predecessor_tail_seq",
                "predecessor_tail_hash",
                "predecessor_signer_key",
                "successor_session",
                "successor_signer_key",
                "linked_at",
                "signature",
            ])?;
        if version.u64() != Some(1) {
            return Err(DocumentError::Unsupported { member: "version" });
        }
        let mut link = Self {
            predecessor_session: session(before, "predecessor_session")?,
            predecessor_tail_seq: number(tail_seq, "predecessor_tail_seq")?,
            predecessor_tail_hash: digest(tail_hash, "predecessor_tail_hash")?,
            predecessor_signer_key: key(before_key, "predecessor_signer_key")?,
            successor_session: session(after, "successor_session")?,
            successor_signer_key: key(after_key, "successor_signer_key")?,
            linked_at: moment(linked_at, "linked_at")?,
            signature: SignatureCheck::Bad,
        };
        let proof = signature(proof, "signature")?;
        link.signature = link.successor_signer_key.check(&link.message(), &proof);
        Ok(link)
    }

    /// The signed bytes.
    fn message(&self) -> Vec<u8> {
        Message::new(DOMAIN)
            .number("version", 1)
            .text("predecessor_session", &self.predecessor_session)
            .number("predecessor_tail_seq", self.predecessor_tail_seq)
            .text("predecessor_tail_hash", &self.predecessor_tail_hash)
            .text("predecessor_signer_key", &self.predecessor_signer_key.hex())
            .text("successor_session", &self.successor_session)
            .text("successor_signer_key", &self.successor_signer_key.hex())
            .text("linked_at", &self.linked_at)
            .finish()
    }

    /// The trusted key that signed the link; none if it does not hold, or its key is not trusted.
    pub fn trusted(&self, keys: &KeyRing) -> Option<KeyIndex> {
        let good = self.signature == SignatureCheck::Good;
        good.then(|| keys.find(&self.successor_signer_key.to_bytes())).flatten()
    }

    /// Where the link contradicts itself or what is known.
    pub fn check_against(&self, facts: &LinkFacts<'_>) -> Vec<LinkProblem> {
        let mut problems = Vec::new();
        let mut tell = |wrong: bool, problem| problems.extend(wrong.then_some(problem));
        tell(self.signature == SignatureCheck::Bad, LinkProblem::SignatureWrong);
        tell(self.signature == SignatureCheck::LenientOnly, LinkProblem::LenientOnly);
        tell(self.predecessor_session == self.successor_session, LinkProblem::SameSession);
        tell(
            facts.named_predecessor.is_some_and(|name| name != self.predecessor_session),
            LinkProblem::FileName,
        );
        if let Some((seen, hash)) = facts.predecessor_tail {
            let claimed = self.predecessor_tail_seq;
            tell(claimed != seen, LinkProblem::TailSeq { claimed, seen });
            tell(claimed == seen && hash != self.predecessor_tail_hash, LinkProblem::TailHash);
        }
        let other = |seen: Option<&PublicKey>, claimed| seen.is_some_and(|seen| seen != claimed);
        tell(other(facts.predecessor_signer, &self.predecessor_signer_key), LinkProblem::PredecessorSigner);
        tell(
            facts.successor_session.is_some_and(|name| name != self.successor_session),
            LinkProblem::SuccessorSession,
        );
        tell(other(facts.successor_signer, &self.successor_signer_key), LinkProblem::SuccessorSigner);
        problems
    }
}

/// A session id: any text without the separators of paths.
pub(super) fn session(value: Value<'_, '_>, member: &'static str) -> Result<String, DocumentError> {
    let text = text(value, member)?;
    if text.contains(['/', '\\', '\0']) { Err(DocumentError::Form { member }) } else { Ok(text) }
}

/// A hash in 64 digits.
pub(super) fn digest(value: Value<'_, '_>, member: &'static str) -> Result<String, DocumentError> {
    let text = text(value, member)?;
    let right = hex::decode::<32>(text.as_bytes()).is_some();
    if right { Ok(text) } else { Err(DocumentError::Form { member }) }
}

/// A time in the writer's spelling.
pub(super) fn moment(value: Value<'_, '_>, member: &'static str) -> Result<String, DocumentError> {
    let text = text(value, member)?;
    let right = spelling::is_writer_time(text.as_bytes());
    if right { Ok(text) } else { Err(DocumentError::Form { member }) }
}

#[cfg(test)]
mod tests;
