//! The paths of the command line, each place once.
//!
//! A shard that is named twice, or named and in a folder that is named too, would be two files of its log: told by the
//! canonical path, whatever the spelling. A copy under another name stays another file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use coldcase_evidence::{EvidenceName, EvidenceSet};

/// What was named.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Shards that were named one by one are one log all the same: by canonical folder, with the folder as it was
    /// first spelled.
    pub(super) shards: BTreeMap<PathBuf, (PathBuf, EvidenceSet)>,
    /// Folders, and files that are no shards by their names.
    pub(super) others: Vec<Other>,
    /// What was named more than once.
    pub(super) twice: Vec<PathBuf>,
}

/// A folder or a file.
#[derive(Debug)]
pub(super) struct Other {
    pub(super) path: PathBuf,
    pub(super) is_folder: bool,
    /// Whether it lies in a folder that was named too, which verifies it if it is a log.
    pub(super) is_covered: bool,
}

impl Named {
    /// Sorts paths.
    pub(super) fn of(paths: Vec<PathBuf>) -> Self {
        // What cannot be found is named as it is, and fails when it is opened.
        let place = |path: &PathBuf| fs::canonicalize(path).unwrap_or_else(|_| path.clone());
        let paths: Vec<(PathBuf, PathBuf, bool)> = paths
            .into_iter()
            .map(|path| {
                let is_folder = path.is_dir();
                (place(&path), path, is_folder)
            })
            .collect();
        let folders: BTreeSet<&Path> =
            paths.iter().filter(|(_, _, is_folder)| *is_folder).map(|(place, ..)| place.as_path()).collect();
        let is_covered = |place: &Path| place.ancestors().skip(1).any(|above| folders.contains(above));
        let mut seen: BTreeSet<&Path> = BTreeSet::new();
        let mut named = Self::default();
        for (place, path, is_folder) in &paths {
            let covered = is_covered(place);
            if !seen.insert(place) {
                named.twice.push(path.clone());
                continue;
            }
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let is_shard = !is_folder && matches!(EvidenceName::of(name), EvidenceName::Shard { .. });
            if covered && (is_shard || *is_folder) {
                named.twice.push(path.clone());
            } else if is_shard {
                named.shard(path, name);
            } else {
                named.others.push(Other { path: path.clone(), is_folder: *is_folder, is_covered: covered });
            }
        }
        named
    }

    fn shard(&mut self, path: &Path, name: &str) {
        let folder = path.parent().unwrap_or(Path::new(""));
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let place = fs::canonicalize(here).unwrap_or_else(|_| folder.to_owned());
        self.shards.entry(place).or_insert_with(|| (folder.to_owned(), EvidenceSet::default())).1.push(name);
    }

    /// How many sessions the shards are of.
    pub(super) fn sessions(&self) -> usize {
        self.shards.values().map(|(_, set)| set.session_count()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_counts_once_however_it_is_spelled() {
        let temp = tempfile::tempdir().unwrap();
        let at = |name: &str| temp.path().join(name);
        fs::create_dir_all(at("a/below")).unwrap();
        for file in ["a/evidence-s-0.jsonl", "a/evidence-s-5.jsonl", "a/x.jsonl"] {
            fs::write(at(file), b"").unwrap();
        }
        let counts = |names: &[&str]| {
            let named = Named::of(names.iter().map(|name| at(name)).collect());
            let shards: usize = named.shards.values().map(|(_, set)| set.len()).sum();
            (shards, named.shards.len(), named.others.len(), named.twice.len())
        };
        assert_eq!(counts(&["a/evidence-s-0.jsonl", "a/evidence-s-5.jsonl"]), (2, 1, 0, 0));
        assert_eq!(counts(&["a/evidence-s-0.jsonl", "a/below/../evidence-s-0.jsonl"]), (1, 1, 0, 1));
        assert_eq!(counts(&["a/evidence-s-0.jsonl", "a/below/../evidence-s-5.jsonl"]), (2, 1, 0, 0));
        assert_eq!(counts(&["a/evidence-s-0.jsonl", "a"]), (0, 0, 1, 1));
        assert_eq!(counts(&["a", "a/below", "a/below/.."]), (0, 0, 1, 2));
        // A log that has no shard's name is looked at with its folder; that it is one is not known yet.
        assert_eq!(counts(&["a", "a/x.jsonl"]), (0, 0, 2, 0));
        assert_eq!(counts(&["gone/evidence-s-0.jsonl", "gone/evidence-s-0.jsonl"]), (1, 1, 0, 1));
    }
}
