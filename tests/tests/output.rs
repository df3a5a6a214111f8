//! What a report folder holds, read again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Every file of a folder by its path in it.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                all.insert(path.strip_prefix(folder).unwrap().to_owned(), bytes);
            }
        }
    }
    all
}

/// The lines of `findings.jsonl`.
pub(crate) fn findings(report: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(report.join("findings.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// `(rule, surface)` of every finding.
pub(crate) fn rules_and_surfaces(report: &Path) -> BTreeSet<(String, String)> {
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    findings(report).iter().map(|finding| (text(finding, "rule"), text(finding, "surface"))).collect()
}

/// The manifest.
pub(crate) fn manifest(report: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(report.join("manifest.json")).unwrap()).unwrap()
}
