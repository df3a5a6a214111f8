//! Pack files: read whole, and where keys are configured, used only if one of them signed those bytes.

use std::path::{Path, PathBuf};

use coldcase_engine::PackText;
use coldcase_evidence::{KeyRing, who_signed_file};

use super::{public_key, read};
use crate::regular_file::read_small;

/// What is put behind a file's name for the name of its signature.
pub(crate) const SIGNATURE: &str = ".sig";
/// A signature is one line of base64; what is longer is none.
const MOST_SIGNATURE: u64 = 4096;

/// A file that a key was asked for and that does not carry its signature.
#[derive(Debug, thiserror::Error)]
#[error("{file} is not used: {problem}")]
pub(crate) struct NotSigned {
    file: String,
    problem: String,
}

impl NotSigned {
    /// Says why a file does not count as signed.
    pub(crate) fn new(path: &Path, problem: &dyn std::fmt::Display) -> Self {
        Self { file: path.display().to_string(), problem: problem.to_string() }
    }
}

/// The keys that packs must be signed by; empty where none is asked for.
pub(crate) fn pack_keys(keys: &[String]) -> anyhow::Result<KeyRing> {
    let keys: Vec<_> = keys.iter().map(|key| public_key(key)).collect::<Result<_, _>>()?;
    Ok(KeyRing::new(keys))
}

/// The name of the signature of a file.
pub(crate) fn signature_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(SIGNATURE);
    PathBuf::from(name)
}

/// The bytes of a file's signature.
///
/// # Errors
///
/// [`NotSigned`] if there is none that could be one.
pub(crate) fn signature(path: &Path) -> anyhow::Result<Vec<u8>> {
    let place = signature_of(path);
    read_small(&place, MOST_SIGNATURE).map_err(|error| {
        let problem = match error.kind() {
            std::io::ErrorKind::NotFound => format!("it has no signature {}", place.display()),
            _ => format!("its signature {} cannot be read: {error}", place.display()),
        };
        NotSigned::new(path, &problem).into()
    })
}

/// Reads pack files; whether they are packs is not looked at. Where there are keys, each file must be signed by one.
pub(crate) fn pack_texts(paths: &[PathBuf], keys: &KeyRing) -> anyhow::Result<Vec<PackText>> {
    paths.iter().map(|path| pack_of(path, read(path)?, keys)).collect()
}

/// A pack of a file's text; where there are keys, one of them must have signed it.
pub(super) fn pack_of(path: &Path, text: String, keys: &KeyRing) -> anyhow::Result<PackText> {
    // The bytes that are checked are the bytes that are used.
    if !keys.is_empty() {
        held_to(path, text.as_bytes(), keys)?;
    }
    Ok(PackText { name: path.display().to_string(), text })
}

fn held_to(path: &Path, bytes: &[u8], keys: &KeyRing) -> anyhow::Result<()> {
    let signature = signature(path)?;
    who_signed_file(keys, bytes, &signature).map_err(|problem| NotSigned::new(path, &problem))?;
    Ok(())
}
