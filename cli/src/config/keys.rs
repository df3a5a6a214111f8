//! Keys that the command line names.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::Context;
use coldcase_evidence::{KeyError, PublicKey, SecretKey};

/// Key files are short; what is longer is none.
const MOST_BYTES: u64 = 1 << 16;

/// The private key in a file.
pub(crate) fn secret_key(path: &Path) -> anyhow::Result<SecretKey> {
    SecretKey::parse(&read(path)?).with_context(|| format!("cannot use the key in {}", path.display()))
}

/// A public key that is spelled out, or the one in a file.
pub(crate) fn public_key(text: &str) -> anyhow::Result<PublicKey> {
    let parsed = match PublicKey::parse(text.as_bytes()) {
        Err(KeyError::Unknown) => PublicKey::parse(&read(Path::new(text))?),
        parsed => parsed,
    };
    parsed.with_context(|| format!("cannot use the key in {text}"))
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("cannot open the key {shown}"))?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut bytes).with_context(|| format!("cannot read {shown}"))?;
    Ok(bytes)
}
