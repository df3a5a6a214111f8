//! What a sealed report is worth: its seal, its files, what was scanned, and its time stamp.
//!
//! Left out: packs, policies and configuration, of which the manifest has the digests but no place.

use std::path::Path;

use coldcase_evidence::{KeyRing, Role, check_seal, listed, read_time_stamp};
use sha2::{Digest, Sha256};

use super::compare::{self, Tally};
use super::verdict::{SealedVerdict, Stamp};
use super::{MANIFEST, MOST_BYTES, MOST_MANIFEST_BYTES, SEAL, TIME_STAMP, read};

/// Whether a folder looks like a sealed report.
pub(crate) fn is_sealed(folder: &Path) -> bool {
    folder.join(MANIFEST).is_file() && folder.join(SEAL).is_file()
}

/// Checks a sealed report. Whatever is wrong with it, unreadable files too, ends in a verdict that says so.
///
/// `keys_given` counts all keys that the user trusts, those too that cannot seal.
pub(crate) fn verify_sealed(folder: &Path, keys: &KeyRing, keys_given: u64) -> SealedVerdict {
    let manifest = read(&folder.join(MANIFEST), MOST_MANIFEST_BYTES).map_err(|error| unreadable(&error));
    let seal = read(&folder.join(SEAL), MOST_BYTES).map_err(|error| unreadable(&error));
    let bytes = manifest.as_deref().unwrap_or_default();
    let mut verdict = SealedVerdict {
        folder: folder.display().to_string(),
        trusted_keys: keys_given,
        time_stamp: seal.as_ref().ok().and_then(|seal| time_stamp(&folder.join(TIME_STAMP), seal)),
        seal: seal.and_then(|seal| check_seal(&seal, bytes, keys).map_err(|error| format!("is {error}"))),
        manifest_problem: None,
        folder_problem: None,
        outputs: Tally::default(),
        outputs_opened: false,
        inputs: Tally::default(),
        inputs_opened: false,
        not_listed: Vec::new(),
    };
    match manifest.and_then(|bytes| listed(&bytes).map_err(|error| format!("is {error}"))) {
        Ok(files) => {
            // A manifest that nobody vouches for must not choose what we open. Who gives no key asks for the report's
            // own files to be held against it all the same; inputs lie anywhere.
            verdict.inputs_opened = verdict.is_manifest_vouched_for();
            verdict.outputs_opened = verdict.inputs_opened || keys_given == 0;
            verdict.outputs = if verdict.outputs_opened {
                compare::outputs(folder, &files)
            } else {
                compare::unopened(&files, Role::Output)
            };
            verdict.inputs = if verdict.inputs_opened {
                compare::inputs(&files)
            } else {
                compare::unopened(&files, Role::Input)
            };
            match compare::not_listed(folder, &files) {
                Ok(strangers) => verdict.not_listed = strangers,
                Err(error) => verdict.folder_problem = Some(error.to_string()),
            }
        }
        Err(problem) => verdict.manifest_problem = Some(problem),
    }
    verdict
}

fn unreadable(error: &anyhow::Error) -> String {
    format!("cannot be read: {error:#}")
}

fn time_stamp(path: &Path, seal: &[u8]) -> Option<Stamp> {
    if !path.exists() {
        return None;
    }
    let stamp = read(path, MOST_BYTES)
        .map_err(|error| format!("{error:#}"))
        .and_then(|der| read_time_stamp(&der).map_err(|error| error.to_string()));
    Some(match stamp {
        Ok(stamp) => Stamp {
            matches: stamp.matches(&Sha256::digest(seal).into()),
            time: Some(stamp.time),
            serial: Some(stamp.serial),
            policy: Some(stamp.policy),
            problem: None,
        },
        Err(problem) => Stamp { problem: Some(problem), ..Stamp::default() },
    })
}
