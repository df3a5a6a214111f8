//! Key rosters: which key belongs to a signer id, for what, and from when to when.
//!
//! Left out: what a revoked key signed before it was revoked, which is the caller's policy, and the data classes.
//!
//! Source: FLIGHT_RECORDER_FORMAT, section 11, "Keys, rosters".

use coldcase_model::json::{Kind, Tape, Value};

use super::canonical::whole;
use super::document::{Document, DocumentError, filled, key, signature, text, time};
use super::fingerprint::Fingerprint;
use super::kind::Purpose;
use super::signers::NoKey;
use crate::spelling::Stamp;
use crate::{PublicKey, SignatureCheck};

/// A roster whose root signature holds under the key that the operator pinned.
#[derive(Debug, Clone)]
pub struct KeyRoster {
    keys: Vec<RosterKey>,
    data_class_root: String,
}

/// A key of a roster.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RosterKey {
    /// The id that receipts name.
    pub id: String,
    /// What it may sign.
    pub purpose: Purpose,
    /// The key.
    pub key: PublicKey,
    /// Whether it counts.
    pub status: KeyStatus,
    /// The first moment at which it counts, in the writer's spelling.
    pub valid_from: String,
    /// The last moment at which it counts; `None`: no end.
    pub valid_until: Option<String>,
    /// Whose it is, if the roster says so.
    pub principal: Option<String>,
    window: (Stamp, Option<Stamp>),
}

/// Whether a key counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyStatus {
    /// It signs receipts and contracts.
    Active,
    /// It is no longer trusted.
    Revoked,
    /// It signs rosters, and nothing else.
    Root,
}

/// Why a roster is not to be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RosterError {
    /// It is no roster.
    #[error("no key roster")]
    Document(#[from] DocumentError),
    /// One id for two keys.
    #[error("one key id stands for two keys")]
    IdTwice,
    /// `roster_signed_by` names no key that is a root for rosters.
    #[error("the key that `roster_signed_by` names is no roster root")]
    NoRoot,
    /// The root is not the pinned one.
    #[error("the roster's root key is not the pinned one")]
    NotPinned,
    /// The signature does not hold strictly.
    #[error("the roster's signature does not hold")]
    SignatureWrong,
}

/// Chosen: some thousand keys.
const MOST_BYTES: usize = 1 << 20;

impl KeyRoster {
    /// Reads a roster, and checks its signature under the root key with this fingerprint.
    pub fn verify(json: &[u8], pinned: &Fingerprint) -> Result<Self, RosterError> {
        let mut tape = Tape::default();
        let file = Document::read(json, &mut tape, MOST_BYTES)?;
        let [body, proof] = file.unordered(["body", "signature"], [])?;
        let signature = signature(proof, "signature")?;
        let message = whole(body).map_err(DocumentError::Canonical)?;
        let names = ["schema_version", "roster_signed_by", "keys", "data_class_root"];
        let [version, signed_by, keys, data_class_root] = Document::of(body)?.unordered(names, [])?;
        if version.u64() != Some(1) {
            return Err(DocumentError::Unsupported { member: "schema_version" }.into());
        }
        if keys.kind() != Kind::Array {
            return Err(DocumentError::Form { member: "keys" }.into());
        }
        let keys = keys.items().map(RosterKey::read).collect::<Result<Vec<_>, _>>()?;
        let mut ids: Vec<_> = keys.iter().map(|key| &key.id).collect();
        ids.sort_unstable();
        if ids.iter().zip(ids.iter().skip(1)).any(|(left, right)| left == right) {
            return Err(RosterError::IdTwice);
        }
        let signed_by = filled(signed_by, "roster_signed_by")?;
        let root = keys
            .iter()
            .find(|key| key.id == signed_by)
            .filter(|key| key.status == KeyStatus::Root && key.purpose == Purpose::RosterRoot)
            .ok_or(RosterError::NoRoot)?;
        if Fingerprint::of(&root.key) != *pinned {
            return Err(RosterError::NotPinned);
        }
        if root.key.check(&message, &signature) != SignatureCheck::Good {
            return Err(RosterError::SignatureWrong);
        }
        let data_class_root = text(data_class_root, "data_class_root")?;
        Ok(Self { keys, data_class_root })
    }

    /// All keys, in the roster's order.
    pub fn keys(&self) -> &[RosterKey] {
        &self.keys
    }

    /// What the roster says of its data classes; not checked.
    pub fn data_class_root(&self) -> &str {
        &self.data_class_root
    }

    /// The key that signed for this purpose at this time, if it counted then.
    pub(super) fn resolve(&self, id: &str, purpose: Purpose, at: Stamp) -> Result<&PublicKey, NoKey> {
        let found = self.keys.iter().find(|key| key.id == id).ok_or(NoKey::UnknownId)?;
        let (from, until) = found.window;
        if found.status != KeyStatus::Active {
            Err(NoKey::NotActive)
        } else if found.purpose != purpose {
            Err(NoKey::OtherPurpose)
        } else if at < from || until.is_some_and(|until| at > until) {
            Err(NoKey::OutsideWindow)
        } else {
            Ok(&found.key)
        }
    }
}

impl RosterKey {
    fn read(value: Value<'_, '_>) -> Result<Self, DocumentError> {
        let must = ["key_id", "key_purpose", "public_key_hex", "valid_from", "valid_until", "status"];
        let document = Document::of(value)?;
        let [id, purpose, public, from, until, status] = document.unordered(must, ["principal"])?;
        let (valid_from, start) = time(from, "valid_from")?;
        let (valid_until, end) = if until.is_null() {
            (None, None)
        } else {
            let (text, stamp) = time(until, "valid_until")?;
            (Some(text), Some(stamp))
        };
        let purpose = Purpose::parse(&text(purpose, "key_purpose")?);
        let status = match text(status, "status")?.as_str() {
            "active" => KeyStatus::Active,
            "revoked" => KeyStatus::Revoked,
            "root" => KeyStatus::Root,
            _ => return Err(DocumentError::Form { member: "status" }),
        };
        let principal = value.get("principal").map(|value| text(value, "principal")).transpose()?;
        Ok(Self {
            id: filled(id, "key_id")?,
            purpose: purpose.ok_or(DocumentError::Form { member: "key_purpose" })?,
            key: key(public, "public_key_hex")?,
            status,
            valid_from,
            valid_until,
            principal,
            window: (start, end),
        })
    }
}

#[cfg(test)]
mod tests;
