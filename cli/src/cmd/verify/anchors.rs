//! Anchors: what was recorded outside the logs earlier, to hold them against today.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use coldcase_evidence::{ExpectedHead, KeyRing, Role, Signed, listed, read_heads};
use serde::Serialize;

use super::files::{digest, read_small};

/// A head file grows by a line a checkpoint; this is a million of them.
const MOST_HEAD_BYTES: u64 = 512 << 20;
/// Manifests of folders with a million files stay below.
const MOST_MANIFEST_BYTES: u64 = 512 << 20;

/// The heads of a head file. With trusted keys, only those that one of them signed are taken.
pub(crate) fn heads(path: &Path, keys: &KeyRing) -> anyhow::Result<Vec<ExpectedHead>> {
    let shown = path.display();
    let bytes = read_small(path, MOST_HEAD_BYTES).with_context(|| format!("cannot read {shown}"))?;
    let mut expected = Vec::new();
    let lines = read_heads(&bytes);
    let last = lines.len();
    for (index, line) in lines.into_iter().enumerate() {
        match line {
            Ok(head) => {
                if !keys.is_empty() && !matches!(head.check(keys), Signed::By(_)) {
                    bail!("{shown}, line {}: the head is signed by none of the given keys", index + 1);
                }
                expected.push(ExpectedHead {
                    hash: head.hash,
                    seq: Some(head.seq),
                    session: Some(head.session.as_str().to_owned()),
                    source: shown.to_string(),
                });
            }
            // The writer was killed while it wrote the last line.
            Err(_) if index + 1 == last && !bytes.ends_with(b"\n") => {}
            Err(error) => bail!("{shown}, line {}: {error}", index + 1),
        }
    }
    Ok(expected)
}

/// What has become of a file that an earlier scan listed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Kept {
    pub(crate) file: String,
    /// `unchanged`, `grown` (it starts with the bytes that it had), `changed`, or `not_here`.
    pub(crate) state: &'static str,
    /// How many bytes it had.
    pub(crate) bytes: u64,
}

/// Holds the files that the manifest of an earlier scan lists against what is there now.
pub(crate) fn kept(manifest: &Path) -> anyhow::Result<Vec<Kept>> {
    let shown = manifest.display();
    let text = read_small(manifest, MOST_MANIFEST_BYTES).with_context(|| format!("cannot read {shown}"))?;
    let inputs = listed(&text).with_context(|| format!("{shown} is no manifest of a scan"))?;
    let mut kept = Vec::new();
    for input in inputs.into_iter().filter(|listed| listed.role == Role::Input) {
        let (Some(sha256), Some(bytes)) = (input.sha256, input.bytes) else { continue };
        let stated: String = sha256.iter().map(|byte| format!("{byte:02x}")).collect();
        let state = match digest(&PathBuf::from(&input.path), Some(bytes)) {
            Err(_) => "not_here",
            Ok((read, _)) if read < bytes => "changed",
            Ok((_, found)) if found != stated => "changed",
            Ok(_) if std::fs::metadata(&input.path).is_ok_and(|now| now.len() > bytes) => "grown",
            Ok(_) => "unchanged",
        };
        kept.push(Kept { file: input.path, state, bytes });
    }
    Ok(kept)
}
