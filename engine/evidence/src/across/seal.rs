//! Recovery seals: a successor saw that its predecessor's last shard was torn, and signed what it saw.
//!
//! A seal that agrees with everything attests a discontinuity; the log is never healthy for it.
//! Left out: why the shard was torn, which no seal says.
//!
//! Source: FLIGHT_RECORDER_FORMAT, section 10.

use coldcase_model::json::{Tape, Value};

use super::link::{MOST_BYTES, digest, moment, session};
use super::message::Message;
use crate::contract::{Document, DocumentError, key, number, signature, text};
use crate::{KeyIndex, KeyRing, PublicKey, SignatureCheck};

/// A recovery seal, and what its signature is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecoverySeal {
    /// The session with the torn shard.
    pub predecessor_session: String,
    /// The torn shard's file name.
    pub shard: String,
    /// Its size in bytes, the torn part included.
    pub shard_size: u64,
    /// SHA-256 of all of it, 64 digits.
    pub shard_sha256: String,
    /// The offset at which the torn part starts.
    pub damage_offset: u64,
    /// The `seq` of the last whole entry.
    pub last_good_seq: u64,
    /// Its hash, 64 digits; `genesis` if there is none.
    pub last_good_hash: String,
    /// The sequence number of the last receipt before the torn part.
    pub predecessor_tail_seq: u64,
    /// Its hash, 64 digits; `genesis` if there is none.
    pub predecessor_tail_hash: String,
    /// The key that signed it.
    pub predecessor_signer_key: PublicKey,
    /// The session that goes on.
    pub successor_session: String,
    /// The key that signs it, and signed this seal.
    pub successor_signer_key: PublicKey,
    /// The hash of the successor's first receipt, 64 digits.
    pub successor_open_hash: String,
    /// When the damage was seen, in the writer's spelling.
    pub observed_at: String,
    /// Whether the signature holds under the successor's key. That says nothing of whose key it is.
    pub signature: SignatureCheck,
}

/// What is known of the shard and the two sessions; what is not known is not compared.
#[derive(Debug, Clone, Copy, Default)]
pub struct SealFacts<'a> {
    /// The predecessor that the file's name claims.
    pub predecessor_session: Option<&'a str>,
    /// The torn shard's file name.
    pub shard: Option<&'a str>,
    /// Its size in bytes.
    pub shard_size: Option<u64>,
    /// SHA-256 of all of it, as 64 digits.
    pub shard_sha256: Option<&'a str>,
    /// The offset at which the torn part starts.
    pub damage_offset: Option<u64>,
    /// The `seq` and the hash of the last whole entry.
    pub last_good: Option<(u64, &'a str)>,
    /// The sequence number and the hash of the last receipt before the torn part.
    pub predecessor_tail: Option<(u64, &'a str)>,
    /// The key that signed it.
    pub predecessor_signer: Option<&'a PublicKey>,
    /// The successor's session.
    pub successor_session: Option<&'a str>,
    /// The key of the successor's first receipt.
    pub successor_signer: Option<&'a PublicKey>,
    /// The hash of that receipt, as 64 digits.
    pub successor_open_hash: Option<&'a str>,
}

/// A member of a seal that facts can be compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SealPart {
    /// The session with the torn shard.
    PredecessorSession,
    /// The shard's name.
    Shard,
    /// The shard's size.
    ShardSize,
    /// The shard's digest.
    ShardSha256,
    /// Where the torn part starts.
    DamageOffset,
    /// The last whole entry.
    LastGood,
    /// The last receipt before the torn part.
    PredecessorTail,
    /// Who signed it.
    PredecessorSigner,
    /// The session that goes on.
    SuccessorSession,
    /// Who signs it.
    SuccessorSigner,
    /// Its first receipt.
    SuccessorOpenHash,
}

/// Where a seal contradicts itself or what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealProblem {
    /// The signature does not hold.
    #[error("the seal's signature does not hold under the successor's key")]
    SignatureWrong,
    /// Common verifiers take the signature, a strict one does not.
    #[error("a signature that no honest signer makes")]
    LenientOnly,
    /// A session that follows itself.
    #[error("the seal ties a session to itself")]
    SameSession,
    /// The torn part would start behind the shard's last byte.
    #[error("the damage starts behind the end of the shard")]
    DamageBeyondEnd,
    /// A member differs from what is known.
    #[error("the seal differs from the evidence in {0:?}")]
    Differs(SealPart),
}

const DOMAIN: &[u8] = b"pipelock-recovery-seal-v1\0";
/// Source: FLIGHT_RECORDER_FORMAT, section 10: what every reader's numbers hold.
const MOST: u64 = (1 << 53) - 1;

impl RecoverySeal {
    /// Reads a seal, and checks its signature under the key that it names.
    pub fn parse(json: &[u8]) -> Result<Self, DocumentError> {
        let mut tape = Tape::default();
        let document = Document::read(json, &mut tape, MOST_BYTES)?;
        let (mut seal, proof) = Self::take(document)?;
        seal.signature = seal.successor_signer_key.check(&seal.message(), &proof);
        Ok(seal)
    }

    fn take(document: Document<'_, '_>) -> Result<(Self, [u8; 64]), DocumentError> {
        let [kind, version, before, shard, size, sha256, damage, good_seq, good_hash, rest @ ..] =
            document.ordered([
                "kind",
                "version",
                "predecessor_session",
                "shard",
                "shard_size",
                "shard_sha256",
                "damage_offset",
                "last_good_seq",
                "last_good_hash",
                "predecessor_tail_seq",
                "predecessor_tail_hash",
                "predecessor_signer_key",
                "successor_session",
                "successor_signer_key",
                "successor_open_hash",
                "observed_at",
                "signature",
            ])?;
        let [tail_seq, tail_hash, before_key, after, after_key, open_hash, observed_at, proof] = rest;
        if text(kind, "kind")? != "recovery_seal" {
            return Err(DocumentError::Unsupported { member: "kind" });
        }
        if version.u64() != Some(1) {
            return Err(DocumentError::Unsupported { member: "version" });
        }
        let seal = Self {
            predecessor_session: session(before, "predecessor_session")?,
            shard: session(shard, "shard")?,
            shard_size: small(size, "shard_size")?,
            shard_sha256: digest(sha256, "shard_sha256")?,
            damage_offset: small(damage, "damage_offset")?,
            last_good_seq: small(good_seq, "last_good_seq")?,
            last_good_hash: head(good_hash, "last_good_hash")?,
            predecessor_tail_seq: small(tail_seq, "predecessor_tail_seq")?,
            predecessor_tail_hash: head(tail_hash, "predecessor_tail_hash")?,
            predecessor_signer_key: key(before_key, "predecessor_signer_key")?,
            successor_session: session(after, "successor_session")?,
            successor_signer_key: key(after_key, "successor_signer_key")?,
            successor_open_hash: digest(open_hash, "successor_open_hash")?,
            observed_at: moment(observed_at, "observed_at")?,
            signature: SignatureCheck::Bad,
        };
        Ok((seal, signature(proof, "signature")?))
    }

    /// The signed bytes.
    fn message(&self) -> Vec<u8> {
        Message::new(DOMAIN)
            .text("kind", "recovery_seal")
            .number("version", 1)
            .text("predecessor_session", &self.predecessor_session)
            .text("shard", &self.shard)
            .number("shard_size", self.shard_size)
            .text("shard_sha256", &self.shard_sha256)
            .number("damage_offset", self.damage_offset)
            .number("last_good_seq", self.last_good_seq)
            .text("last_good_hash", &self.last_good_hash)
            .number("predecessor_tail_seq", self.predecessor_tail_seq)
            .text("predecessor_tail_hash", &self.predecessor_tail_hash)
            .text("predecessor_signer_key", &self.predecessor_signer_key.hex())
            .text("successor_session", &self.successor_session)
            .text("successor_signer_key", &self.successor_signer_key.hex())
            .text("successor_open_hash", &self.successor_open_hash)
            .text("observed_at", &self.observed_at)
            .finish()
    }

    /// The trusted key that signed the seal; none if it does not hold, or its key is not trusted.
    pub fn trusted(&self, keys: &KeyRing) -> Option<KeyIndex> {
        let good = self.signature == SignatureCheck::Good;
        good.then(|| keys.find(&self.successor_signer_key.to_bytes())).flatten()
    }

    /// Where the seal contradicts itself or what is known.
    pub fn check_against(&self, facts: &SealFacts<'_>) -> Vec<SealProblem> {
        let mut problems = Vec::new();
        let mut tell = |wrong: bool, problem| problems.extend(wrong.then_some(problem));
        tell(self.signature == SignatureCheck::Bad, SealProblem::SignatureWrong);
        tell(self.signature == SignatureCheck::LenientOnly, SealProblem::LenientOnly);
        tell(self.predecessor_session == self.successor_session, SealProblem::SameSession);
        tell(self.damage_offset >= self.shard_size, SealProblem::DamageBeyondEnd);
        let mut compare = |differs: bool, part| tell(differs, SealProblem::Differs(part));
        let names = |seen: Option<&str>, claimed: &str| seen.is_some_and(|seen| seen != claimed);
        let keys = |seen: Option<&PublicKey>, claimed| seen.is_some_and(|seen| seen != claimed);
        let good = (self.last_good_seq, self.last_good_hash.as_str());
        let tail = (self.predecessor_tail_seq, self.predecessor_tail_hash.as_str());
        compare(names(facts.predecessor_session, &self.predecessor_session), SealPart::PredecessorSession);
        compare(names(facts.shard, &self.shard), SealPart::Shard);
        compare(facts.shard_size.is_some_and(|seen| seen != self.shard_size), SealPart::ShardSize);
        compare(names(facts.shard_sha256, &self.shard_sha256), SealPart::ShardSha256);
        compare(facts.damage_offset.is_some_and(|seen| seen != self.damage_offset), SealPart::DamageOffset);
        compare(facts.last_good.is_some_and(|seen| seen != good), SealPart::LastGood);
        compare(facts.predecessor_tail.is_some_and(|seen| seen != tail), SealPart::PredecessorTail);
        compare(keys(facts.predecessor_signer, &self.predecessor_signer_key), SealPart::PredecessorSigner);
        compare(names(facts.successor_session, &self.successor_session), SealPart::SuccessorSession);
        compare(keys(facts.successor_signer, &self.successor_signer_key), SealPart::SuccessorSigner);
        compare(names(facts.successor_open_hash, &self.successor_open_hash), SealPart::SuccessorOpenHash);
        problems
    }
}

fn small(value: Value<'_, '_>, member: &'static str) -> Result<u64, DocumentError> {
    let number = number(value, member)?;
    if number > MOST { Err(DocumentError::Form { member }) } else { Ok(number) }
}

/// A hash, or `genesis` where a chain has not begun.
fn head(value: Value<'_, '_>, member: &'static str) -> Result<String, DocumentError> {
    let text = text(value, member)?;
    if text == "genesis" { Ok(text) } else { digest(value, member) }
}

#[cfg(test)]
mod tests;
