//! One evidence receipt: what it says, whether it is one, and what its signature is worth.
//!
//! Stateless, so that receipts can be read on many threads. Left out: its place in the chain.

use coldcase_model::json::{Kind, Tape, Value};
use sha2::{Digest, Sha256};

use super::canonical::{decode, unsigned, whole};
use super::document;
use super::form::{Form, Member, Need, Others, check};
use super::kind::{PayloadKind, find};
use super::problem::EvidenceProblem;
use super::signers::{Attestation, Signers};
use crate::{hex, spelling};

/// What is kept of a receipt.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// The payload kind, if it is known.
    pub(crate) kind: Option<&'static str>,
    pub(crate) seq: Option<u64>,
    pub(crate) prev: Option<Previous>,
    /// SHA-256 of the canonical form, signature included; none if there is no such form.
    pub(crate) hash: Option<[u8; 32]>,
    pub(crate) signer: Option<Box<str>>,
    pub(crate) attestation: Attestation,
    /// What is wrong with it by itself, at most [`MOST_PROBLEMS`].
    pub(crate) problems: Vec<EvidenceProblem>,
}

/// What a receipt says it follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Previous {
    Genesis,
    Receipt([u8; 32]),
}

/// A hostile receipt could have a million.
const MOST_PROBLEMS: usize = 16;

const fn member(name: &'static str, form: Form, need: Need) -> Member {
    Member { name, form, need }
}

static ENVELOPE: [Member; 16] = [
    member("record_type", Form::OneOf(&["evidence_receipt_v2"]), Need::Always),
    member("receipt_version", Form::Exactly(2), Need::Always),
    member("payload_kind", Form::Text, Need::Always),
    member("event_id", Form::Text, Need::Always),
    member("timestamp", Form::Time, Need::Always),
    member("principal", Form::Text, Need::Never),
    member("actor", Form::Text, Need::Never),
    member("delegation_chain", Form::Texts, Need::Never),
    member("signature", Form::Object, Need::Always),
    member("chain_seq", Form::Number, Need::Always),
    member("chain_prev_hash", Form::Link, Need::Always),
    member("active_manifest_hash", Form::Text, Need::Never),
    member("contract_hash", Form::Text, Need::Never),
    member("selector_id", Form::Text, Need::Never),
    member("contract_generation", Form::Number, Need::Never),
    member("payload", Form::Object, Need::Always),
];

static SIGNATURE: [Member; 4] = [
    member("signer_key_id", Form::Text, Need::Always),
    member("key_purpose", Form::Text, Need::Always),
    member("algorithm", Form::OneOf(&["ed25519"]), Need::Always),
    member("signature", Form::Text, Need::Always),
];

/// Reads the detail of an `evidence_receipt` entry.
pub(crate) fn read(detail: &[u8], tape: &mut Tape, signers: &Signers<'_>) -> Seen {
    let mut seen = Seen {
        kind: None,
        seq: None,
        prev: None,
        hash: None,
        signer: None,
        attestation: Attestation::Unread,
        problems: Vec::new(),
    };
    let root = match tape.parse(detail) {
        Ok(root) if root.kind() == Kind::Object => root,
        Ok(_) => {
            seen.tell(EvidenceProblem::NotAnObject);
            return seen;
        }
        Err(error) => {
            seen.tell(EvidenceProblem::Canonical(super::CanonicalError::Syntax(error)));
            return seen;
        }
    };
    let kind = seen.take_members(root);
    match whole(root) {
        Ok(bytes) => seen.hash = Some(Sha256::digest(bytes).into()),
        Err(error) => seen.tell(EvidenceProblem::Canonical(error)),
    }
    if let Some(kind) = kind {
        seen.attestation = attest(root, kind, signers).unwrap_or(Attestation::Unread);
    }
    seen
}

impl Seen {
    fn tell(&mut self, problem: EvidenceProblem) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(problem);
        }
    }

    /// Takes over what the chain needs, and checks the members of the receipt, its signature and its payload.
    fn take_members(&mut self, root: Value<'_, '_>) -> Option<&'static PayloadKind> {
        check(root, &ENVELOPE, Others::Refused, &mut |problem| self.tell(problem));
        self.seq = root.get("chain_seq").and_then(Value::u64);
        self.prev = root.get("chain_prev_hash").and_then(decode).and_then(|text| match text.as_str() {
            "genesis" => Some(Previous::Genesis),
            digits => hex::decode(digits.as_bytes()).map(Previous::Receipt),
        });
        let signature = root.get("signature").filter(|value| value.kind() == Kind::Object);
        if let Some(signature) = signature {
            check(signature, &SIGNATURE, Others::Refused, &mut |problem| self.tell(problem));
            self.signer = signature.get("signer_key_id").and_then(decode).map(Into::into);
        }
        let kind = root.get("payload_kind").and_then(decode).and_then(|name| find(&name));
        let Some(kind) = kind else {
            self.tell(EvidenceProblem::UnknownKind);
            return None;
        };
        self.kind = Some(kind.name);
        let wanted = kind.purpose.name();
        let stated = root.at(&["signature", "key_purpose"]).and_then(decode);
        if stated.is_some_and(|stated| stated != wanted) {
            self.tell(EvidenceProblem::Purpose { wanted });
        }
        if let Some(payload) = root.get("payload").filter(|value| value.kind() == Kind::Object) {
            check(payload, kind.members, Others::Allowed, &mut |problem| self.tell(problem));
        }
        let text = root.at(&["signature", "signature"]);
        if text.is_some_and(|text| document::signature(text, "signature").is_err()) {
            self.tell(EvidenceProblem::Form { member: "signature" });
        }
        Some(kind)
    }
}

/// What the signature is worth; none if the receipt is too far from one to ask.
fn attest(root: Value<'_, '_>, kind: &PayloadKind, signers: &Signers<'_>) -> Option<Attestation> {
    let proof = root.get("signature")?;
    let signer = decode(proof.get("signer_key_id")?)?;
    let signature = document::signature(proof.get("signature")?, "signature").ok()?;
    let at = spelling::stamp(decode(root.get("timestamp")?)?.as_bytes())?;
    let message = unsigned(root).ok()?;
    Some(signers.attest(&signer, kind.purpose, at, &message, &signature))
}

#[cfg(test)]
mod tests;
