//! Receipt groups: the signed manifests that open, close and tie groups of runs.
//!
//! The format's description gives their names, domains, size and spelling, and not their members. So a manifest is
//! read generically: exact spelling, and a signature where the file itself says which key and where.
//! Left out: the order of the members, and all that they say of shards and heads.
//!
//! Source: FLIGHT_RECORDER_FORMAT, sections 2 and 10.

use std::collections::BTreeSet;

use coldcase_model::json::{Kind, Tape, Value};
use sha2::{Digest, Sha256};

use crate::contract::{Document, DocumentError, key, signature};
use crate::{KeyIndex, KeyRing, PublicKey, SignatureCheck, hex, spelling};

/// Which statement about a group a manifest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupStage {
    /// The runs that belong together.
    Open,
    /// Where each of them ended.
    Close,
    /// Which group follows which.
    Transition,
}

/// A manifest of which the spelling was checked, and the signature if it could be. Its members were not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GroupManifest {
    /// Which statement it is, as the caller said; the signature covers it.
    pub stage: GroupStage,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
    /// What was found out about the signature.
    pub signature: GroupSignature,
}

/// What is known of a manifest's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupSignature {
    /// It was checked under the key that the file names. Whose key that is, trust must say.
    Checked(PublicKey, SignatureCheck),
    /// The file has no `signer_key` with a key, or no `signature` as its last member: nothing was checked.
    NotChecked,
}

/// The writer's own cap.
const MOST_BYTES: usize = 128 << 10;

impl GroupStage {
    const NAMES: [(Self, &str); 3] =
        [(Self::Open, "open"), (Self::Close, "close"), (Self::Transition, "transition")];

    /// The group's id and the stage, from a file's name; none if it is no such name.
    pub fn of_name(name: &str) -> Option<(&str, Self)> {
        let (id, stage) = name.strip_prefix("receipt-group-")?.strip_suffix(".json")?.split_once('-')?;
        hex::decode::<16>(id.as_bytes())?;
        let (stage, _) = Self::NAMES.iter().find(|(_, known)| *known == stage)?;
        Some((id, *stage))
    }

    /// What the signed message starts with. No zero byte follows.
    fn domain(self) -> &'static [u8] {
        match self {
            Self::Open => b"pipelock/receipt-group-open/v1",
            Self::Close => b"pipelock/receipt-group-close/v1",
            Self::Transition => b"pipelock/receipt-group-transition/v1",
        }
    }
}

impl GroupManifest {
    /// Reads a manifest, with or without a newline at its end.
    pub fn parse(stage: GroupStage, file: &[u8]) -> Result<Self, DocumentError> {
        let mut tape = Tape::default();
        let json = file.strip_suffix(b"\n").unwrap_or(file);
        let document = Document::read(json, &mut tape, MOST_BYTES)?;
        check_spelling(json, document.value())?;
        Ok(Self {
            stage,
            sha256: Sha256::digest(file).into(),
            signature: check_signature(stage, json, document.value()).unwrap_or(GroupSignature::NotChecked),
        })
    }

    /// The trusted key that signed the manifest; none if it does not hold, was not checked, or is not trusted.
    pub fn trusted(&self, keys: &KeyRing) -> Option<KeyIndex> {
        match &self.signature {
            GroupSignature::Checked(key, SignatureCheck::Good) => keys.find(&key.to_bytes()),
            GroupSignature::Checked(..) | GroupSignature::NotChecked => None,
        }
    }
}

/// The signature over the domain and the file without its `signature`; none if the file does not say which key.
fn check_signature(stage: GroupStage, json: &[u8], root: Value<'_, '_>) -> Option<GroupSignature> {
    let key = key(root.get("signer_key")?, "signer_key").ok()?;
    let (name, proof) = root.members().last()?;
    if !name.is_key("signature") {
        return None;
    }
    let proof = signature(proof, "signature").ok()?;
    let signed = json.get(..name.span().start)?.strip_suffix(b",")?;
    let check = key.check(&[stage.domain(), signed, b"}"].concat(), &proof);
    Some(GroupSignature::Checked(key, check))
}

/// Whether a file is spelled as the writer spells it: compact, each string in its one spelling, whole numbers, and
/// no key twice.
fn check_spelling(json: &[u8], root: Value<'_, '_>) -> Result<(), DocumentError> {
    match spelling::value(json, 0, &mut Vec::new()) {
        Ok(end) if end == json.len() => {}
        Ok(offset) | Err(offset) => return Err(DocumentError::Spelling { offset }),
    }
    for value in root.descendants() {
        let start = value.span().start;
        let right = match value.kind() {
            Kind::String | Kind::Key => {
                spelling::string(json, start + 1, spelling::Strictness::Field)
                    .map_err(|offset| DocumentError::Spelling { offset })?;
                true
            }
            Kind::Number => value.u64().is_some(),
            Kind::Object => {
                let mut keys = BTreeSet::new();
                value.members().all(|(key, _)| keys.insert(key.raw()))
            }
            Kind::Array | Kind::Literal => true,
        };
        if !right {
            return Err(DocumentError::Spelling { offset: start });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
