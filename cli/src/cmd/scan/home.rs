//! `scan --home`: the logs that this user's agents keep, listed before anything of them is read.

use std::path::{Path, PathBuf};

use anyhow::bail;
use coldcase_readers::{Limits, LogPlace, expand, log_places};

use crate::term;

/// The folders that are there, and what would be read of them.
pub(super) struct Home {
    places: Vec<(LogPlace, usize, u64)>,
}

impl Home {
    /// Looks for the folders of known agents; of files only names and sizes are asked for.
    pub(super) fn find() -> anyhow::Result<Self> {
        let variable =
            |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let Some(home) = variable("HOME").or_else(|| variable("USERPROFILE")) else {
            bail!("neither HOME nor USERPROFILE says where the home is; name the folders instead");
        };
        let mut places: Vec<(LogPlace, usize, u64)> = Vec::new();
        for place in log_places(&home, variable) {
            if !place.path.is_dir() {
                continue;
            }
            let found = expand(std::slice::from_ref(&place.path), &Limits::default())?;
            let bytes = super::total_bytes(&found);
            if !found.is_empty() {
                places.push((place, found.len(), bytes));
            }
        }
        if places.is_empty() {
            bail!(
                "no logs of known agents beneath {}; docs/FORMATS.md says where they are looked for",
                home.display()
            );
        }
        Ok(Self { places })
    }

    /// The folders.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        self.places.iter().map(|(place, ..)| place.path.clone()).collect()
    }

    /// What would be read, a line a folder.
    pub(super) fn listing(&self) -> String {
        let line = |(place, files, bytes): &(LogPlace, usize, u64)| {
            let (log, path) = (place.log.as_str(), shown(&place.path));
            let unit = if *files == 1 { "file" } else { "files" };
            format!("  {log:<12} {files:>8} {unit:<5} {bytes:>14} bytes  {path}\n")
        };
        self.places.iter().map(line).collect()
    }
}

fn shown(path: &Path) -> String {
    term::one_line(&path.display().to_string())
}
