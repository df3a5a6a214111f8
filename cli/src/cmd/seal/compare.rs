//! Files on the disk held against what a manifest says of them.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use coldcase_evidence::{Listed, Role};

use super::{MANIFEST, SEAL, TIME_STAMP};
use crate::regular_file::digest;

/// What a file is, next to what the manifest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// The very bytes.
    Same,
    /// Other bytes, or none that may be read; with what is seen.
    Differs(String),
    /// Nothing under this name.
    Absent,
    /// The manifest has no digest, since the scan could not read the file to its end.
    Unstated,
}

/// How many files are as the manifest says, and which are not.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Tally {
    /// How many the manifest lists.
    pub(crate) listed: u64,
    /// How many are the same.
    pub(crate) same: u64,
    /// How many are not here.
    pub(crate) absent: u64,
    /// How many the manifest has no digest of.
    pub(crate) without_digest: u64,
    /// How many differ.
    pub(crate) differ: u64,
    /// The first of those that differ, or are absent where they must not be, each with what is seen.
    pub(crate) named: Vec<String>,
}

/// More are counted, not named.
const MOST_NAMED: usize = 100;

impl Tally {
    /// Whether every file is the same.
    pub(crate) fn all_same(&self) -> bool {
        self.same == self.listed
    }

    fn count(&mut self, path: &str, found: Found, name_absent: bool) {
        self.listed += 1;
        let seen = match found {
            Found::Same => return self.same += 1,
            Found::Unstated => return self.without_digest += 1,
            Found::Absent => {
                self.absent += 1;
                if !name_absent {
                    return;
                }
                "is not here".to_owned()
            }
            Found::Differs(seen) => {
                self.differ += 1;
                seen
            }
        };
        if self.named.len() < MOST_NAMED {
            self.named.push(format!("{path} {seen}"));
        }
    }
}

/// The files that the scan wrote, all of which must be in the folder.
pub(super) fn outputs(folder: &Path, files: &[Listed]) -> Tally {
    let mut tally = Tally::default();
    for file in files.iter().filter(|file| file.role == Role::Output) {
        let found = match inside(folder, &file.path) {
            Ok(path) => compare(&path, file),
            Err(why) => Found::Differs(why.to_owned()),
        };
        tally.count(&file.path, found, true);
    }
    tally
}

/// The files that were scanned, wherever the manifest says they were; they may have been moved since.
pub(super) fn inputs(files: &[Listed]) -> Tally {
    let mut tally = Tally::default();
    for file in files.iter().filter(|file| file.role == Role::Input) {
        tally.count(&file.path, compare(Path::new(&file.path), file), false);
    }
    tally
}

/// The files of a role, counted and not opened.
pub(super) fn unopened(files: &[Listed], role: Role) -> Tally {
    let listed = files.iter().filter(|file| file.role == role).count() as u64;
    Tally { listed, ..Tally::default() }
}

/// What lies in the folder and is in no way vouched for.
pub(super) fn not_listed(folder: &Path, files: &[Listed]) -> io::Result<Vec<String>> {
    let outputs = files.iter().filter(|file| file.role == Role::Output).map(|file| file.path.as_str());
    let known: BTreeSet<&str> = outputs.chain([MANIFEST, SEAL, TIME_STAMP]).collect();
    let (mut strangers, mut open) = (Vec::new(), vec![(folder.to_owned(), String::new())]);
    while let Some((next, inside)) = open.pop() {
        for entry in fs::read_dir(next)? {
            let entry = entry?;
            let name = format!("{inside}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                open.push((entry.path(), format!("{name}/")));
            } else if !known.contains(name.as_str()) && strangers.len() < MOST_NAMED {
                strangers.push(name);
            }
        }
    }
    strangers.sort();
    Ok(strangers)
}

/// The place of an output, which must neither lead out of the folder nor through a link.
fn inside(folder: &Path, path: &str) -> Result<PathBuf, &'static str> {
    let mut place = folder.to_owned();
    for part in Path::new(path).components() {
        let Component::Normal(name) = part else { return Err("leads out of the report's folder") };
        place.push(name);
        if fs::symlink_metadata(&place).is_ok_and(|found| found.is_symlink()) {
            return Err("is reached through a link");
        }
    }
    Ok(place)
}

fn compare(path: &Path, file: &Listed) -> Found {
    let Some(sha256) = file.sha256 else { return Found::Unstated };
    // Its size first: a manifest must not make us read more than it states.
    let seen = size(path).and_then(|bytes| match file.bytes {
        Some(stated) if stated != bytes => Ok(Err((bytes, stated))),
        _ => digest(path, Some(bytes)).map(|(_, sha256)| Ok(sha256)),
    });
    match seen {
        Ok(Err((bytes, stated))) => Found::Differs(format!("has {bytes} bytes; the manifest says {stated}")),
        Ok(Ok(seen)) if seen == sha256 => Found::Same,
        Ok(Ok(_)) => Found::Differs("has another SHA-256 than the manifest says".to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Found::Absent,
        Err(error) => Found::Differs(format!("cannot be read: {error}")),
    }
}

/// The size of a regular file; a link to one is none.
fn size(path: &Path) -> io::Result<u64> {
    let found = fs::symlink_metadata(path)?;
    if !found.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    Ok(found.len())
}
