//! `seal`: a signature over a report, and what it is worth later.

mod check;
mod compare;
mod make;
mod verdict;
pub(crate) use check::{is_sealed, verify_sealed};
pub(crate) use make::seal;
pub(crate) use verdict::SealedVerdict;

use std::path::Path;

use anyhow::Context;

use crate::regular_file::read_small;

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
    read_small(path, most).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests;
