//! `seal.json`: a signature over the digest of a report's `manifest.json`, which names every other file.
//!
//! What is signed stands in the seal as one JSON object; its bytes are hashed as they stand, after a prefix that no
//! other signature of ours has. Says nothing of the time beyond what the signer wrote: [`crate::read_time_stamp`]
//! reads what a third party says of it.

use coldcase_model::json::{Tape, Value};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::contract::Fingerprint;
use crate::hex;
use crate::keys::{KeyIndex, KeyRing, PublicKey, SecretKey, SignatureCheck};

/// The schema that is written and read.
const SCHEMA: &str = "coldcase.seal/1";
/// What stands before the signed object in the signed bytes.
const DOMAIN: &[u8] = b"coldcase-seal-v1\0";
/// Longer files are no seal.
const MOST: usize = 64 * 1024;

/// What a signer states beside the manifest. Nothing here is checked.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReportSealFacts<'a> {
    /// The time of sealing, by the signer's clock, as RFC 3339 text.
    pub signed_at: &'a str,
    /// Who seals: a person, a laboratory, a machine.
    pub signed_by: &'a str,
    /// The version of the software that seals.
    pub version: &'a str,
}

/// What is signed, in this order.
#[derive(Serialize)]
struct Statement<'a> {
    manifest_sha256: &'a str,
    manifest_bytes: u64,
    signed_at: &'a str,
    signed_by: &'a str,
    version: &'a str,
    public_key: &'a str,
    fingerprint: &'a str,
}

/// How many members [`Statement`] has.
const MEMBERS: usize = 7;

/// A seal, as it states itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportSeal {
    /// The digest of the sealed manifest.
    pub manifest_sha256: [u8; 32],
    /// Its size. Units: bytes.
    pub manifest_bytes: u64,
    /// When, by the signer's clock.
    pub signed_at: String,
    /// Who, as the signer wrote it.
    pub signed_by: String,
    /// The version of the software that sealed.
    pub version: String,
    /// The signer's key.
    pub public_key: PublicKey,
}

/// What a seal is worth for a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealCheck {
    /// What the seal states.
    pub seal: ReportSeal,
    /// Whether the manifest has the digest and the size that the seal states.
    pub manifest_matches: bool,
    /// What its signature is worth.
    pub signature: SealSignature,
}

/// What a seal's signature is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealSignature {
    /// It holds under this trusted key.
    Good(KeyIndex),
    /// It holds, under a key that is not trusted: anyone can make such a seal.
    Untrusted,
    /// Only lenient verifiers take it.
    LenientOnly,
    /// It does not hold: the seal was changed.
    Bad,
}

/// Why a file is no seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// Not JSON, too long, or without the members of a seal.
    #[error("not a seal: expected an object of schema `{SCHEMA}`")]
    Unknown,
    /// A member is missing, stands twice, has another type, or is not known.
    #[error("a seal with missing, unknown or malformed members")]
    Malformed,
    /// The key is none, or one under which anyone can sign.
    #[error("a seal with an unusable key")]
    Key,
    /// The fingerprint is not that of the key.
    #[error("a seal whose fingerprint is not that of its key")]
    Fingerprint,
}

impl SealCheck {
    /// Whether a trusted key vouches for this very manifest.
    pub fn holds(&self) -> bool {
        self.manifest_matches && matches!(self.signature, SealSignature::Good(_))
    }
}

/// A key's fingerprint as it is printed everywhere: `sha256:` and the SHA-256 of its 32 bytes in lower-case hex.
pub fn fingerprint(key: &PublicKey) -> String {
    Fingerprint::of(key).to_string()
}

/// Makes the bytes of `seal.json`.
pub fn seal(manifest: &[u8], facts: &ReportSealFacts<'_>, key: &SecretKey) -> Vec<u8> {
    let public = key.public();
    let statement = Statement {
        manifest_sha256: &hex::encode(&Sha256::digest(manifest)),
        manifest_bytes: size(manifest),
        signed_at: facts.signed_at,
        signed_by: facts.signed_by,
        version: facts.version,
        public_key: &public.hex(),
        fingerprint: &fingerprint(&public),
    };
    let signed = serde_json::to_string(&statement)
        .unwrap_or_else(|_| unreachable!("texts and numbers are always written"));
    let signature = hex::encode(&key.sign(&message(signed.as_bytes())));
    format!("{{\"schema\":\"{SCHEMA}\",\n\"signed\":{signed},\n\"signature\":\"{signature}\"}}\n")
        .into_bytes()
}

/// Reads a seal and holds it against a manifest and the trusted keys.
pub fn check_seal(seal: &[u8], manifest: &[u8], keys: &KeyRing) -> Result<SealCheck, SealError> {
    if seal.len() > MOST {
        return Err(SealError::Unknown);
    }
    let mut tape = Tape::default();
    let file = tape.parse(seal).map_err(|_| SealError::Unknown)?;
    if file.get_str("schema").as_deref() != Some(SCHEMA) {
        return Err(SealError::Unknown);
    }
    only(file, 3)?;
    let signed = file.get("signed").ok_or(SealError::Malformed)?;
    only(signed, MEMBERS)?;
    let signature = hex_member::<64>(file, "signature")?;
    let seal = read(signed)?;
    let manifest_matches =
        seal.manifest_bytes == size(manifest) && seal.manifest_sha256[..] == Sha256::digest(manifest)[..];
    let trusted = keys.find(&seal.public_key.to_bytes());
    let signature = match (seal.public_key.check(&message(signed.raw()), &signature), trusted) {
        (SignatureCheck::Good, Some(key)) => SealSignature::Good(key),
        (SignatureCheck::Good, None) => SealSignature::Untrusted,
        (SignatureCheck::LenientOnly, _) => SealSignature::LenientOnly,
        (SignatureCheck::Bad, _) => SealSignature::Bad,
    };
    Ok(SealCheck { seal, manifest_matches, signature })
}

/// The bytes that are signed.
fn message(signed: &[u8]) -> Vec<u8> {
    [DOMAIN, signed].concat()
}

fn size(manifest: &[u8]) -> u64 {
    manifest.len().try_into().unwrap_or(u64::MAX)
}

fn read(signed: Value<'_, '_>) -> Result<ReportSeal, SealError> {
    let text = |name| signed.get_str(name).map(String::from).ok_or(SealError::Malformed);
    let public_key = hex_member::<32>(signed, "public_key")?;
    let public_key = PublicKey::from_bytes(&public_key).map_err(|_| SealError::Key)?;
    if text("fingerprint")? != fingerprint(&public_key) {
        return Err(SealError::Fingerprint);
    }
    Ok(ReportSeal {
        manifest_sha256: hex_member(signed, "manifest_sha256")?,
        manifest_bytes: signed.get("manifest_bytes").and_then(Value::u64).ok_or(SealError::Malformed)?,
        signed_at: text("signed_at")?,
        signed_by: text("signed_by")?,
        version: text("version")?,
        public_key,
    })
}

fn hex_member<const N: usize>(object: Value<'_, '_>, name: &str) -> Result<[u8; N], SealError> {
    object.get_str(name).and_then(|text| hex::decode(text.as_bytes())).ok_or(SealError::Malformed)
}

/// Refuses an object with more or fewer members. As each that is known is read too, none is unknown or there twice.
fn only(object: Value<'_, '_>, members: usize) -> Result<(), SealError> {
    if object.members().count() == members { Ok(()) } else { Err(SealError::Malformed) }
}

#[cfg(test)]
mod tests;
