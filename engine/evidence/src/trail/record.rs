//! One record, read without regard to its neighbours.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use coldcase_model::json::{Error, Kind, Tape, Value};
use sha2::{Digest, Sha256};

use super::fields;
use super::jcs::{Irregular, canonical};
use super::keys::{TrailKey, TrailKeys};
use crate::hex;
use crate::keys::{KeyIndex, Signed};

/// What a record says of its place in a chain, and who signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) record: Box<str>,
    /// `None`: null, as in the first record.
    pub(crate) parent: Option<Box<str>>,
    pub(crate) session: Box<str>,
    pub(crate) agent: Box<str>,
    /// `None`: the record has no running number.
    pub(crate) sequence: Option<u64>,
    /// `None`: null, as in the first record.
    pub(crate) link: Option<[u8; 32]>,
    /// What the next record must name.
    pub(crate) hash: [u8; 32],
    /// The same without the signature, which some implementations name instead.
    pub(crate) unsigned_hash: [u8; 32],
    /// What the record that stood here once hashed to, if this one says that it was deleted.
    pub(crate) tombstone: Option<[u8; 32]>,
    pub(crate) signed: TrailSigned,
    /// Whether a number has more digits than its canonical form, so that the hash does not cover all of them.
    pub(crate) inexact: bool,
    /// Whether it has a member that neither link nor signature covers.
    pub(crate) outside: bool,
}

/// Who signed a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrailSigned {
    /// No signature.
    Unsigned,
    /// This trusted key.
    By(TrailKey),
    /// A signature that only lenient verifiers take under this trusted key.
    LenientOnly(TrailKey),
    /// It names this trusted key, and does not hold under it.
    Wrong(TrailKey),
    /// None of the trusted keys: another key signed, or the record was changed.
    Nobody,
    /// An algorithm that is not checked here.
    OtherAlgorithm,
}

/// Why a line is no record of a trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The line is not JSON.
    #[error("the line {0}")]
    NotJson(Error),
    /// The line is JSON, but no object.
    #[error("the line is no object")]
    NotAnObject,
    /// The object has no canonical form.
    #[error(transparent)]
    Irregular(#[from] Irregular),
    /// A member that a chain needs is not there.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A member is not of its type, or not spelled as it must be.
    #[error("`{0}` is not spelled as it must be")]
    Spelling(&'static str),
}

/// Whether a file with this first line is a trail: an object with the members by which a record names itself.
pub(crate) fn recognise(first_line: &[u8]) -> bool {
    let mut tape = Tape::default();
    let Ok(record) = tape.parse(first_line) else { return false };
    let has_text = |name: &str| record.get(name).is_some_and(|value| value.kind() == Kind::String);
    let has_link = record.get(fields::LINK).is_some_and(|link| link.is_null() || link.kind() == Kind::String);
    has_link && [fields::RECORD, fields::SESSION, fields::AGENT, fields::ACTION].into_iter().all(has_text)
}

/// Reads a line, without its line break.
pub(crate) fn read(line: &[u8], tape: &mut Tape, keys: &TrailKeys) -> Result<Seen, Fault> {
    let record = tape.parse(line).map_err(Fault::NotJson)?;
    if record.kind() != Kind::Object {
        return Err(Fault::NotAnObject);
    }
    let mut form = Vec::with_capacity(line.len());
    // The whole form first: it refuses a key that stands twice, also one that is left out of the link.
    let exact = canonical(record, &fields::OUTSIDE_LINK, &mut form)?;
    let hash = Sha256::digest(&form).into();
    let is_signed = record.get(fields::SIGNATURE).is_some();
    if is_signed {
        canonical(record, &fields::OUTSIDE_SIGNATURE, &mut form)?;
    }
    Ok(Seen {
        record: needed(record, fields::RECORD)?,
        parent: nullable(record, fields::PARENT)?,
        session: needed(record, fields::SESSION)?,
        agent: needed(record, fields::AGENT)?,
        sequence: sequence(record)?,
        link: nullable(record, fields::LINK)?.map(|text| digest(&text, fields::LINK)).transpose()?,
        hash,
        unsigned_hash: if is_signed { Sha256::digest(&form).into() } else { hash },
        tombstone: optional(record, fields::TOMBSTONE)?
            .map(|text| digest(&text, fields::TOMBSTONE))
            .transpose()?,
        signed: signed(record, &form, keys)?,
        inexact: !exact,
        outside: fields::OUTSIDE_LINK.iter().any(|name| record.get(name).is_some()),
    })
}

/// A string that must be there.
fn needed(record: Value<'_, '_>, name: &'static str) -> Result<Box<str>, Fault> {
    nullable(record, name)?.ok_or(Fault::Spelling(name))
}

/// A string or null that must be there.
fn nullable(record: Value<'_, '_>, name: &'static str) -> Result<Option<Box<str>>, Fault> {
    let value = record.get(name).ok_or(Fault::Missing(name))?;
    if value.is_null() {
        return Ok(None);
    }
    value.str().map(|text| Some(text.as_ref().into())).ok_or(Fault::Spelling(name))
}

/// A string that need not be there.
fn optional(record: Value<'_, '_>, name: &'static str) -> Result<Option<Box<str>>, Fault> {
    record.get(name).map(|_| needed(record, name)).transpose()
}

fn digest(text: &str, name: &'static str) -> Result<[u8; 32], Fault> {
    hex::decode(text.as_bytes()).ok_or(Fault::Spelling(name))
}

fn sequence(record: Value<'_, '_>) -> Result<Option<u64>, Fault> {
    let found = fields::SEQUENCE.into_iter().find_map(|name| Some((name, record.get(name)?)));
    found.map(|(name, value)| value.u64().ok_or(Fault::Spelling(name))).transpose()
}

/// Who signed these bytes, the form without the signature.
fn signed(record: Value<'_, '_>, form: &[u8], keys: &TrailKeys) -> Result<TrailSigned, Fault> {
    let Some(text) = optional(record, fields::SIGNATURE)? else { return Ok(TrailSigned::Unsigned) };
    let algorithm = optional(record, fields::ALGORITHM)?;
    let ed25519 = match algorithm.as_deref() {
        None | Some("ES256") => false,
        Some("EdDSA" | "Ed25519") => true,
        Some(_) => return Ok(TrailSigned::OtherAlgorithm),
    };
    let signature = signature(&text).ok_or(Fault::Spelling(fields::SIGNATURE))?;
    let named = optional(record, fields::SIGNER)?.and_then(|kid| keys.named(&kid));
    let unknown = named.map_or(TrailSigned::Nobody, TrailSigned::Wrong);
    if ed25519 {
        let key = |index: KeyIndex| TrailKey::Ed25519(index);
        return Ok(match keys.ed25519(form, &signature) {
            Signed::By(index) => TrailSigned::By(key(index)),
            Signed::LenientOnly(index) => TrailSigned::LenientOnly(key(index)),
            Signed::Nobody => unknown,
        });
    }
    Ok(keys.es256(form, &signature).map_or(unknown, TrailSigned::By))
}

/// 64 bytes in base64url without padding (RFC 7515, section 2), or in lower-case hex.
fn signature(text: &str) -> Option<[u8; 64]> {
    let base64 = || URL_SAFE_NO_PAD.decode(text.as_bytes()).ok()?.try_into().ok();
    hex::decode(text.as_bytes()).or_else(base64)
}

#[cfg(test)]
pub(super) mod tests;
