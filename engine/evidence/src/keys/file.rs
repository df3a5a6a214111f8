//! The spellings of a key in a file: hex, base64, PEM, and the two-line file of Pipelock.
//!
//! Left out: encrypted private keys and certificates.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::hex;

/// Why a key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// No known spelling.
    #[error(
        "not a key: expected 64 hex digits, base64 of 32 bytes, a PEM block, or a `pipelock-ed25519-…-v1` file"
    )]
    Unknown,
    /// A private key where a public one belongs.
    #[error("this is a private key; give the public one, and keep this file to yourself")]
    Private,
    /// A public key where a private one belongs.
    #[error("this is a public key; signing needs the private one")]
    Public,
    /// The bytes are no point of the curve.
    #[error("these 32 bytes are no Ed25519 public key")]
    NotAPoint,
    /// A key of small order: some signatures hold under it for any message.
    #[error("a key of small order: anyone can sign under it")]
    Weak,
    /// The two halves of a private key do not belong together.
    #[error("the public half of this private key is not its own")]
    HalvesDiffer,
}

/// Which half of a key pair a text holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    /// Stated: public.
    Public,
    /// Stated: private.
    Private,
    /// Bare digits do not say.
    Unstated,
}

/// Longer texts are no key.
pub(super) const MOST: usize = 4096;

/// RFC 8410, section 4: a `SubjectPublicKeyInfo` of an Ed25519 key up to its 32 bytes.
const SPKI: [u8; 12] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00];
/// RFC 8410, section 7: a version-1 `OneAsymmetricKey` of an Ed25519 key up to its 32 bytes.
const PKCS8: [u8; 16] =
    [0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// The bytes of a key, 32 or 64, and what the text says of them.
pub(super) fn read(text: &[u8]) -> Result<(Half, Vec<u8>), KeyError> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    if text.len() > MOST {
        return Err(KeyError::Unknown);
    }
    let text = std::str::from_utf8(text).map_err(|_| KeyError::Unknown)?.trim();
    if let Some(rest) = text.strip_prefix("pipelock-ed25519-public-v1") {
        return Ok((Half::Public, bare(rest)?));
    }
    if let Some(rest) = text.strip_prefix("pipelock-ed25519-private-v1") {
        return Ok((Half::Private, bare(rest)?));
    }
    if let Some(bytes) = pem(text, "PUBLIC KEY", &SPKI) {
        return Ok((Half::Public, bytes?));
    }
    if let Some(bytes) = pem(text, "PRIVATE KEY", &PKCS8) {
        return Ok((Half::Private, bytes?));
    }
    Ok((Half::Unstated, bare(text)?))
}

/// Hex digits or standard base64, with or without its padding, of 32 or 64 bytes.
fn bare(text: &str) -> Result<Vec<u8>, KeyError> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    if let Some(bytes) = hex::decode::<32>(lower.as_bytes()) {
        return Ok(bytes.to_vec());
    }
    if let Some(bytes) = hex::decode::<64>(lower.as_bytes()) {
        return Ok(bytes.to_vec());
    }
    let bytes = STANDARD.decode(text).map_err(|_| KeyError::Unknown)?;
    if matches!(bytes.len(), 32 | 64) { Ok(bytes) } else { Err(KeyError::Unknown) }
}

/// The key inside a PEM block of this label; `None` if the text is no such block.
fn pem(text: &str, label: &str, prefix: &[u8]) -> Option<Result<Vec<u8>, KeyError>> {
    let inside = text
        .strip_prefix(&format!("-----BEGIN {label}-----"))?
        .strip_suffix(&format!("-----END {label}-----"));
    let key = || {
        let joined: String = inside?.split_ascii_whitespace().collect();
        let der = STANDARD.decode(joined).ok()?;
        let key = der.strip_prefix(prefix)?;
        (key.len() == 32).then(|| key.to_vec())
    };
    Some(key().ok_or(KeyError::Unknown))
}
