//! Anchors: what was recorded outside the logs earlier, to hold them against today.

use std::io;
use std::path::Path;

use anyhow::{Context, bail};
use coldcase_evidence::{ExpectedHead, KeyRing, Role, Signed, listed, read_heads};
use serde::Serialize;

use crate::regular_file::{digest, read_small};

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
    let texts = bytes.split_inclusive(|byte| *byte == b'\n');
    for (index, (line, text)) in lines.into_iter().zip(texts).enumerate() {
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
            // It was killed earlier, and the next run ended the line.
            Err(_) if is_cut_off(text) => {}
            Err(error) => bail!("{shown}, line {}: {error}", index + 1),
        }
    }
    if expected.is_empty() {
        bail!("{shown} holds no head");
    }
    Ok(expected)
}

/// Whether a line is the start of a head's and not all of it.
fn is_cut_off(line: &[u8]) -> bool {
    const START: &[u8] = br#"{"v":1,"session":"#;
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    // A whole one ends with its signature; in a session's name a quote is escaped, so a brace may stand there.
    let starts = START.starts_with(line) || line.starts_with(START);
    !line.is_empty() && starts && !line.ends_with(br#""}"#)
}

/// What has become of a file that an earlier scan listed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Kept {
    pub(crate) file: String,
    /// `unchanged`, `grown` (it starts with the bytes that it had), `changed`, `not_here`, `unreadable`, or
    /// `no_digest` (the scan could not read it to its end).
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
        let bytes = input.bytes.unwrap_or_default();
        let state = match input.sha256 {
            None => "no_digest",
            Some(sha256) => match state(Path::new(&input.path), bytes, &sha256) {
                Ok(state) => state,
                Err(error) if error.kind() == io::ErrorKind::NotFound => "not_here",
                Err(_) => "unreadable",
            },
        };
        kept.push(Kept { file: input.path, state, bytes });
    }
    Ok(kept)
}

fn state(path: &Path, bytes: u64, sha256: &[u8; 32]) -> io::Result<&'static str> {
    let now = std::fs::metadata(path)?;
    if now.is_file() && now.len() < bytes {
        return Ok("changed");
    }
    let (read, found) = digest(path, Some(bytes))?;
    Ok(if read < bytes || found != *sha256 {
        "changed"
    } else if now.len() > bytes {
        "grown"
    } else {
        "unchanged"
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_head_line_that_was_cut_off_is_told_from_a_foreign_one() {
        for line in ["{", "{\"v\":1", "{\"v\":1,\"session\":\"a\",\"seq\"", "{\"v\":1,\"session\":\"a}\n"] {
            assert!(is_cut_off(line.as_bytes()), "{line}");
        }
        for line in ["\n", "x\n", "{\"v\":2\n", "{\"v\":1,\"session\":\"a\",\"signature\":\"0\"}\n"] {
            assert!(!is_cut_off(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn a_head_file_without_a_head_is_an_error() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("heads");
        for text in ["", "{\"v\":1,\"sess\n"] {
            fs::write(&path, text).unwrap();
            let refused = heads(&path, &KeyRing::default()).unwrap_err().to_string();
            assert!(refused.contains("holds no head"), "{refused}");
        }
        fs::write(&path, "{\"v\":1,\"sess\nno head\n").unwrap();
        assert!(heads(&path, &KeyRing::default()).unwrap_err().to_string().contains("line 2"));
    }

    #[test]
    fn files_of_an_earlier_scan_are_told_apart() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("file");
        fs::write(&path, b"abc").unwrap();
        let hex = crate::regular_file::hex(&digest(&path, None).unwrap().1);
        let input = |path: &Path, sha256: Option<&str>| serde_json::json!({"path": path, "sha256": sha256, "bytes": 3});
        let manifest = serde_json::json!({
            "schema": "coldcase.manifest/1",
            "run": { "policy": "balanced", "policy_sha256": "0".repeat(64) },
            "packs": [],
            "inputs": [
                input(&path, Some(&hex)),
                input(&temp.path().join("gone"), Some(&hex)),
                input(temp.path(), Some(&hex)),
                input(&path, None),
            ],
            "configuration": [],
            "outputs": [],
        });
        let at = temp.path().join("manifest.json");
        fs::write(&at, serde_json::to_vec(&manifest).unwrap()).unwrap();
        let states = || kept(&at).unwrap().iter().map(|kept| kept.state).collect::<Vec<_>>();
        assert_eq!(states(), ["unchanged", "not_here", "unreadable", "no_digest"]);
        for (bytes, state) in [("abcd", "grown"), ("ab", "changed"), ("abd", "changed")] {
            fs::write(&path, bytes).unwrap();
            assert_eq!(states()[0], state);
        }
    }
}
