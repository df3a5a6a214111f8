//! The keys that a caller trusts to sign trails: Ed25519 and P-256.
//!
//! Left out: certificates and key sets fetched from elsewhere.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use coldcase_model::json::{Tape, Value};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::hex;
use crate::keys::{KeyIndex, KeyRing, Signed};

/// A P-256 public key, for ES256.
#[derive(Clone, PartialEq, Eq)]
pub struct P256Key(VerifyingKey);

/// Why a P-256 key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum P256KeyError {
    /// No known spelling.
    #[error("not a P-256 key: expected a PEM block, a JWK, or hex digits of a SEC 1 point")]
    Unknown,
    /// A private key where a public one belongs.
    #[error("this is a private key; give the public one, and keep this file to yourself")]
    Private,
    /// The bytes are no point of the curve.
    #[error("these bytes are no point of P-256")]
    NotAPoint,
}

/// Longer texts are no key.
const MOST: usize = 4096;
/// RFC 5480, section 2: a `SubjectPublicKeyInfo` of a P-256 key up to its uncompressed point.
const SPKI: &[u8] = b"\x30\x59\x30\x13\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01\x06\x08\x2A\x86\x48\xCE\x3D\x03\x01\x07\x03\x42\x00";
/// The same up to its compressed point.
const SPKI_COMPRESSED: &[u8] =
    b"\x30\x39\x30\x13\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01\x06\x08\x2A\x86\x48\xCE\x3D\x03\x01\x07\x03\x22\x00";

impl P256Key {
    /// Reads a key: a PEM block (SPKI), a JWK (RFC 7517), or a SEC 1 point in hex.
    pub fn parse(text: &[u8]) -> Result<Self, P256KeyError> {
        if text.len() > MOST {
            return Err(P256KeyError::Unknown);
        }
        let text = std::str::from_utf8(text).map_err(|_| P256KeyError::Unknown)?.trim();
        if text.starts_with("-----BEGIN") && text.contains("PRIVATE KEY-----") {
            return Err(P256KeyError::Private);
        }
        if text.starts_with('{') {
            return Self::from_jwk(text.as_bytes());
        }
        let point = if text.starts_with("-----") { pem(text) } else { bare(text) };
        Self::from_sec1(&point.ok_or(P256KeyError::Unknown)?)
    }

    /// Takes a SEC 1 point of 33 or 65 bytes.
    pub fn from_sec1(point: &[u8]) -> Result<Self, P256KeyError> {
        VerifyingKey::from_sec1_bytes(point).map(Self).map_err(|_| P256KeyError::NotAPoint)
    }

    /// RFC 7518, section 6.2.
    fn from_jwk(text: &[u8]) -> Result<Self, P256KeyError> {
        let mut tape = Tape::default();
        let key = tape.parse(text).map_err(|_| P256KeyError::Unknown)?;
        if key.get("d").is_some() {
            return Err(P256KeyError::Private);
        }
        let is = |name: &str, value: &str| key.get_str(name).is_some_and(|text| text == value);
        if !is("kty", "EC") || !is("crv", "P-256") {
            return Err(P256KeyError::Unknown);
        }
        let coordinate = |name| coordinate(key, name).ok_or(P256KeyError::Unknown);
        let point = [&[4], coordinate("x")?.as_slice(), coordinate("y")?.as_slice()].concat();
        Self::from_sec1(&point)
    }

    /// The key as an uncompressed SEC 1 point in lower-case hex.
    pub fn hex(&self) -> String {
        hex::encode(self.0.to_sec1_point(false).as_bytes())
    }

    /// Whether r and s, 32 bytes each, sign these bytes by ES256. A high s counts.
    ///
    /// Source: RFC 7518, section 3.4.
    pub fn check(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.0.verify(message, &signature).is_ok())
    }

    /// RFC 7638, section 3.2.
    pub(super) fn thumbprint(&self) -> String {
        let point = self.0.to_sec1_point(false);
        let (x, y) = point.as_bytes().get(1..).unwrap_or_default().split_at_checked(32).unwrap_or_default();
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        thumbprint(&format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#))
    }
}

impl fmt::Debug for P256Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "P256Key({})", self.hex())
    }
}

/// The point inside a PEM block.
fn pem(text: &str) -> Option<Vec<u8>> {
    let inside = text.strip_prefix("-----BEGIN PUBLIC KEY-----")?.strip_suffix("-----END PUBLIC KEY-----")?;
    let joined: String = inside.split_ascii_whitespace().collect();
    let der = STANDARD.decode(joined).ok()?;
    der.strip_prefix(SPKI).or_else(|| der.strip_prefix(SPKI_COMPRESSED)).map(<[u8]>::to_vec)
}

fn bare(text: &str) -> Option<Vec<u8>> {
    let text = text.to_ascii_lowercase();
    let long = hex::decode::<65>(text.as_bytes()).map(|bytes| bytes.to_vec());
    long.or_else(|| hex::decode::<33>(text.as_bytes()).map(|bytes| bytes.to_vec()))
}

fn coordinate(key: Value<'_, '_>, name: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(key.get_str(name)?.as_bytes()).ok()?.try_into().ok()
}

fn thumbprint(jwk: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(jwk.as_bytes()))
}

/// Which trusted key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TrailKey {
    /// The Ed25519 key at this index of the ring.
    Ed25519(KeyIndex),
    /// The P-256 key at this index, in the order in which they were given.
    P256(usize),
}

/// Trusted keys of both kinds.
#[derive(Debug, Clone, Default)]
pub struct TrailKeys {
    ring: KeyRing,
    p256: Vec<P256Key>,
    /// What `signer_kid` says of each of them.
    thumbprints: Vec<(String, TrailKey)>,
}

impl TrailKeys {
    /// Trusts these keys.
    pub fn new(ring: KeyRing, p256: Vec<P256Key>) -> Self {
        let ed25519 = ring.keys().iter().enumerate().map(|(index, key)| {
            let x = URL_SAFE_NO_PAD.encode(key.to_bytes());
            // RFC 8037, appendix A.3.
            let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
            (thumbprint(&jwk), TrailKey::Ed25519(KeyIndex(index)))
        });
        let es256 = p256.iter().enumerate().map(|(index, key)| (key.thumbprint(), TrailKey::P256(index)));
        let thumbprints = ed25519.chain(es256).collect();
        Self { ring, p256, thumbprints }
    }

    /// Whether no key is trusted.
    pub fn is_empty(&self) -> bool {
        self.thumbprints.is_empty()
    }

    /// The Ed25519 keys.
    pub fn ring(&self) -> &KeyRing {
        &self.ring
    }

    /// The P-256 keys.
    pub fn p256(&self) -> &[P256Key] {
        &self.p256
    }

    /// The key that a record names by its thumbprint.
    pub(super) fn named(&self, kid: &str) -> Option<TrailKey> {
        self.thumbprints.iter().find(|(thumbprint, _)| thumbprint == kid).map(|(_, key)| *key)
    }

    /// Who signed by Ed25519.
    pub(super) fn ed25519(&self, message: &[u8], signature: &[u8; 64]) -> Signed {
        self.ring.who_signed(message, signature)
    }

    /// Who signed by ES256.
    pub(super) fn es256(&self, message: &[u8], signature: &[u8; 64]) -> Option<TrailKey> {
        self.p256.iter().position(|key| key.check(message, signature)).map(TrailKey::P256)
    }
}

#[cfg(test)]
mod tests;
