//! Keys of message codes: 32 random bytes in a file of their own, which only its owner reads. The fingerprints of a baseline
//! and the entries of a cache are made with one.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use coldcase_engine::MacKey;

use crate::random;
use crate::regular_file::{hex, read_small};
use crate::whole_file::{self, IfThere, PRIVATE};

const MOST_BYTES: u64 = 4096;

/// A key that was read from its file.
#[derive(Debug)]
pub(crate) struct KeyFile(MacKey);

impl KeyFile {
    /// Where the key of a file or folder is unless another place is named: beside it, never in it.
    pub(crate) fn beside(path: &Path) -> PathBuf {
        // Without the slash at the end that a folder's name may have.
        let mut name = path.components().collect::<PathBuf>().into_os_string();
        name.push(".key");
        PathBuf::from(name)
    }

    /// The key of a file: that of the place that is named, else the one beside it.
    pub(crate) fn of(path: &Path, named: Option<&Path>) -> anyhow::Result<Self> {
        Self::read(&named.map_or_else(|| Self::beside(path), Path::to_owned))
    }

    /// Reads a key's file.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = read_small(path, MOST_BYTES)
            .with_context(|| format!("cannot read the key {}", path.display()))?;
        warn_of_others(path);
        let text = std::str::from_utf8(&bytes).unwrap_or_default().trim();
        let Some(key) = parse(text) else {
            bail!("{} holds no key: 64 lower-case hex digits", path.display());
        };
        Ok(Self(MacKey::new(key)))
    }

    /// Makes a key and its file, which must not be there.
    pub(crate) fn make(path: &Path) -> anyhow::Result<Self> {
        let bytes: [u8; 32] = random::bytes()?;
        let text = format!("{}\n", hex(&bytes));
        whole_file::put(path, text.as_bytes(), PRIVATE, IfThere::Fail)
            .with_context(|| format!("cannot make the key {}", path.display()))?;
        Ok(Self(MacKey::new(bytes)))
    }

    /// Its name, which tells nothing of it.
    pub(crate) fn id(&self) -> String {
        hex(self.0.mac("coldcase.key-id/1", &[]).get(..8).unwrap_or_default())
    }

    /// The key itself.
    pub(crate) fn into_mac(self) -> MacKey {
        self.0
    }
}

fn parse(text: &str) -> Option<[u8; 32]> {
    let mut key = [0; 32];
    let is_spelled = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if text.len() != 64 || !is_spelled {
        return None;
    }
    for (at, pair) in key.iter_mut().zip(text.as_bytes().chunks(2)) {
        *at = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(key)
}

#[cfg(unix)]
fn warn_of_others(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode());
    if mode & 0o077 != 0 {
        crate::term::note(&format!("others can read the key {}; chmod 600 keeps it yours", path.display()));
    }
}

#[cfg(not(unix))]
fn warn_of_others(_: &Path) {}
