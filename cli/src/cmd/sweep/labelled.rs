//! Which of the inputs of a sweep have labels. Files of labels are not inputs themselves.
//!
//! Labels of lines of texts are for `rules test --corpus`: such lines are no recording.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use coldcase_readers::Found;

use crate::cmd::labels::{ENDING, Entry, Labels, read};
use crate::cmd::rules_test::files;

/// Entries of labels by the real path of their recordings.
pub(super) struct Labelled(BTreeMap<PathBuf, Entry>);

impl Labelled {
    /// Reads the labels in the folders of `paths` and beside their files, and takes files of labels out of `found`.
    pub(super) fn find(paths: &[PathBuf], found: &mut Vec<Found>) -> anyhow::Result<Self> {
        let mut all = Vec::new();
        for path in paths {
            if path.is_dir() {
                all.extend(files(path)?);
            } else {
                let mut beside = path.as_os_str().to_owned();
                beside.push(ENDING);
                all.extend(Some(PathBuf::from(beside)).filter(|path| path.is_file()));
            }
        }
        let mut labelled = BTreeMap::new();
        for file in all {
            let entry = read(&file)?;
            if matches!(entry.labels, Labels::Findings(_)) {
                labelled.insert(real(&entry.recording), entry);
            }
        }
        found.retain(|input| !input.path().as_os_str().to_string_lossy().ends_with(ENDING));
        Ok(Self(labelled))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The labels of each input, in their order.
    pub(super) fn of(mut self, found: &[Found]) -> Vec<Option<Entry>> {
        found.iter().map(|input| self.0.remove(&real(input.path()))).collect()
    }
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
