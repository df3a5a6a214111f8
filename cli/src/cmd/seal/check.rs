//! What a sealed report is worth: its seal, its files, what was scanned, and its time stamp.
//!
//! Left out: packs, policies and configuration, of which the manifest has the digests but no place.

use std::path::Path;

use coldcase_evidence::{KeyRing, check_seal, listed, read_time_stamp};
use sha2::{Digest, Sha256};

use super::compare::{self, Tally};
use super::verdict::{SealedVerdict, Stamp};
use super::{MANIFEST, MOST_BYTES, MOST_MANIFEST_BYTES, SEAL, TIME_STAMP, read};

/// Whether a folder looks like a sealed report.
pub(crate) fn is_sealed(folder: &Path) -> bool {
    folder.join(MANIFEST).is_file() && folder.join(SEAL).is_file()
}

/// Checks a sealed report. An error is a file that cannot be read; whatever can be read ends in a verdict.
pub(crate) fn verify_sealed(folder: &Path, keys: &KeyRing) -> anyhow::Result<SealedVerdict> {
    let manifest = read(&folder.join(MANIFEST), MOST_MANIFEST_BYTES)?;
    let seal = read(&folder.join(SEAL), MOST_BYTES)?;
    let mut verdict = SealedVerdict {
        folder: folder.display().to_string(),
        trusted_keys: keys.keys().len() as u64,
        seal: check_seal(&seal, &manifest, keys).map_err(|error| error.to_string()),
        manifest_problem: None,
        outputs: Tally::default(),
        inputs: Tally::default(),
        not_listed: Vec::new(),
        time_stamp: time_stamp(&folder.join(TIME_STAMP), &seal)?,
    };
    match listed(&manifest) {
        Ok(files) => {
            verdict.outputs = compare::outputs(folder, &files);
            verdict.inputs = compare::inputs(&files);
            verdict.not_listed = compare::not_listed(folder, &files)?;
        }
        Err(error) => verdict.manifest_problem = Some(error.to_string()),
    }
    Ok(verdict)
}

fn time_stamp(path: &Path, seal: &[u8]) -> anyhow::Result<Option<Stamp>> {
    if !path.exists() {
        return Ok(None);
    }
    let der = read(path, MOST_BYTES)?;
    Ok(Some(match read_time_stamp(&der) {
        Ok(stamp) => Stamp {
            matches: stamp.matches(&Sha256::digest(seal).into()),
            time: Some(stamp.time),
            serial: Some(stamp.serial),
            policy: Some(stamp.policy),
            problem: None,
        },
        Err(error) => Stamp { problem: Some(error.to_string()), ..Stamp::default() },
    }))
}
