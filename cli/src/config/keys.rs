//! Keys that the command line names.

use std::path::Path;

use anyhow::{Context, bail};
use coldcase_evidence::{KeyError, P256Key, PublicKey, SecretKey};

use crate::regular_file::read_small;

/// Key files are short; what is longer is none.
const MOST_BYTES: u64 = 1 << 16;

/// A public key that is trusted.
pub(crate) enum TrustedKey {
    /// For recorder logs, receipts, seals and trails.
    Ed25519(PublicKey),
    /// For agent audit trails.
    P256(Box<P256Key>),
}

/// The private key in a file.
pub(crate) fn secret_key(path: &Path) -> anyhow::Result<SecretKey> {
    SecretKey::parse(&read(path)?).with_context(|| format!("cannot use the key in {}", path.display()))
}

/// A public key that is spelled out, or the one in a file.
pub(crate) fn trusted_key(text: &str) -> anyhow::Result<TrustedKey> {
    let parsed = match parse(text.as_bytes()) {
        Err(KeyError::Unknown) => parse(&read(Path::new(text))?),
        parsed => parsed,
    };
    parsed.with_context(|| format!("cannot use the key in {text}"))
}

/// An Ed25519 public key that is spelled out, or the one in a file.
pub(crate) fn public_key(text: &str) -> anyhow::Result<PublicKey> {
    match trusted_key(text)? {
        TrustedKey::Ed25519(key) => Ok(key),
        TrustedKey::P256(_) => bail!("{text} is a P-256 key; an Ed25519 key is needed here"),
    }
}

fn parse(text: &[u8]) -> Result<TrustedKey, KeyError> {
    match PublicKey::parse(text) {
        Ok(key) => Ok(TrustedKey::Ed25519(key)),
        Err(KeyError::Unknown) => match P256Key::parse(text) {
            Ok(key) => Ok(TrustedKey::P256(Box::new(key))),
            Err(_) => Err(KeyError::Unknown),
        },
        Err(error) => Err(error),
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    read_small(path, MOST_BYTES).with_context(|| format!("cannot read the key {}", path.display()))
}
