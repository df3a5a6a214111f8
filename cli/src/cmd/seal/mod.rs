//! `seal`: a signature over a report, and what it is worth later.

mod check;
mod compare;
mod make;
mod verdict;
pub(crate) use check::{is_sealed, verify_sealed};
pub(crate) use make::seal;
pub(crate) use verdict::SealedVerdict;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};

/// What names every other file of a report.
const MANIFEST: &str = "manifest.json";
/// The signature over the manifest.
const SEAL: &str = "seal.json";
/// A third party's time stamp over the seal.
const TIME_STAMP: &str = "seal.json.tsr";

/// A manifest holds some 200 bytes an input; this is enough for some hundred thousand. It is held in memory before
/// anything vouches for it.
const MOST_MANIFEST_BYTES: u64 = 64 << 20;
/// Seals and time stamps are read up to their own limits, which are lower.
const MOST_BYTES: u64 = (1 << 20) + 1;

/// Reads a file of the report whole.
fn read(path: &Path, most: u64) -> anyhow::Result<Vec<u8>> {
    let shown = path.display();
    // Looked at before it is opened: opening a pipe would wait for its writer.
    let found = std::fs::metadata(path).with_context(|| format!("cannot open {shown}"))?;
    if !found.is_file() {
        bail!("{shown} is not a regular file");
    }
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(|| format!("cannot open {shown}"))?;
    file.take(most + 1).read_to_end(&mut bytes).with_context(|| format!("cannot read {shown}"))?;
    if bytes.len() as u64 > most {
        bail!("{shown} is over {most} bytes");
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
