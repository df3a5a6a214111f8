//! Entries of the cache: a folder each, with the files of a report, their hashes, and a code over these.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail};
use coldcase_engine::MacKey;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::ticket::Ticket;
use crate::key_file::KeyFile;
use crate::regular_file::{hex, open, read_small};
use crate::whole_file::create_folder;

/// Keeps these codes apart from any other use of the key.
const PURPOSE: &str = "coldcase.cache/1";
pub(super) const ENTRY: &str = "entry.json";
const CODE: &str = "entry.mac";
const FILES: &str = "report";
/// A report has some twenty files; a longer list is none of ours.
const MOST_ENTRY: u64 = 1 << 20;

/// The folder of a cache, with its key.
#[derive(Debug)]
pub(crate) struct Cache {
    pub(super) dir: PathBuf,
    pub(super) key: MacKey,
}

/// What the cache had.
#[derive(Debug)]
pub(crate) enum Found<T> {
    /// The report, now in the folder that was named, and what else there is to know of the run.
    Hit(T),
    /// Nothing of that name.
    Miss,
    /// An entry that is not as this key's owner left it.
    Refused(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry<T> {
    ticket: String,
    files: Vec<Listed>,
    outcome: T,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    path: String,
    sha256: String,
    bytes: u64,
}

impl Cache {
    /// Opens a cache; folder and key are made if they are not there.
    pub(crate) fn open(dir: &Path, key: Option<&Path>) -> anyhow::Result<Self> {
        if dir.file_name().is_none() && key.is_none() {
            bail!("{} has no name to put a key beside; name one with --cache-key", dir.display());
        }
        create_folder(dir).with_context(|| format!("cannot make the cache {}", dir.display()))?;
        let place = key.map_or_else(|| KeyFile::beside(dir), Path::to_owned);
        let key = if fs::symlink_metadata(&place).is_ok() {
            KeyFile::read(&place)?
        } else {
            KeyFile::make(&place)?
        };
        Ok(Self { dir: dir.to_owned(), key: key.into_mac() })
    }

    /// Copies the report of this name into `into`, which is empty. What is refused may leave files there.
    pub(crate) fn find<T: DeserializeOwned>(&self, ticket: Ticket, into: &Path) -> Found<T> {
        let folder = self.folder(ticket);
        match fs::symlink_metadata(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Found::Miss,
            _ => {}
        }
        match self.read::<T>(ticket, &folder, into) {
            Ok(outcome) => Found::Hit(outcome),
            Err(why) => Found::Refused(format!("{}: {why:#}", folder.display())),
        }
    }

    fn read<T: DeserializeOwned>(&self, ticket: Ticket, folder: &Path, into: &Path) -> anyhow::Result<T> {
        let text = read_small(&folder.join(ENTRY), MOST_ENTRY).context(ENTRY)?;
        let code = read_small(&folder.join(CODE), 64).context(CODE)?;
        if !self.key.holds(PURPOSE, &[&text], &code) {
            bail!("{CODE} is not the code of {ENTRY} under this key");
        }
        let entry: Entry<T> = serde_json::from_slice(&text).context(ENTRY)?;
        if entry.ticket != ticket.0.to_string() {
            bail!("it is the entry of another run");
        }
        for listed in &entry.files {
            copy(&folder.join(FILES), into, listed).with_context(|| listed.path.clone())?;
        }
        Ok(entry.outcome)
    }

    /// Keeps the report in `from` under this name, in the place of an entry that is there; says where.
    pub(crate) fn keep<T: Serialize>(
        &self,
        ticket: Ticket,
        from: &Path,
        outcome: &T,
    ) -> anyhow::Result<PathBuf> {
        let folder = self.folder(ticket);
        let partial = self.dir.join(format!(".{}.partial-{}", ticket.0, std::process::id()));
        let _gone = fs::remove_dir_all(&partial);
        let kept = self.write(&partial, ticket, from, outcome).and_then(|()| {
            match fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
            Ok(fs::rename(&partial, &folder)?)
        });
        if kept.is_err() {
            let _gone = fs::remove_dir_all(&partial);
        }
        kept.map(|()| folder).with_context(|| format!("cannot keep the report in {}", self.dir.display()))
    }

    fn write<T: Serialize>(
        &self,
        partial: &Path,
        ticket: Ticket,
        from: &Path,
        outcome: &T,
    ) -> anyhow::Result<()> {
        let report = partial.join(FILES);
        create_folder(&report)?;
        let mut files = Vec::new();
        for path in files_of(from)? {
            let (sha256, bytes) = copied(&from.join(&path), &report.join(&path))?;
            files.push(Listed { path, sha256, bytes });
        }
        let entry = Entry { ticket: ticket.0.to_string(), files, outcome };
        let text = serde_json::to_vec(&entry)?;
        fs::write(partial.join(ENTRY), &text)?;
        fs::write(partial.join(CODE), self.key.mac(PURPOSE, &[&text]))?;
        Ok(())
    }

    /// Where the report of this name lies.
    pub(crate) fn folder(&self, ticket: Ticket) -> PathBuf {
        self.dir.join(ticket.0.to_string())
    }
}

/// The files of a report by their paths in it: those at the top and those one folder down, sorted.
fn files_of(report: &Path) -> anyhow::Result<Vec<String>> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(report.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            match entry.file_type()? {
                kind if kind.is_dir() => folders.push(path),
                _ => files.push(path.to_str().context("a file of the report has no UTF-8 name")?.to_owned()),
            }
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// Copies a listed file, and holds what was copied to its hash.
fn copy(from: &Path, into: &Path, listed: &Listed) -> anyhow::Result<()> {
    let path = Path::new(&listed.path);
    // The list has this key's code; a path that leads out would still be a mistake not to make.
    if !path.components().all(|part| matches!(part, Component::Normal(_))) {
        bail!("its path leads out of the entry");
    }
    let (sha256, bytes) = copied(&from.join(path), &into.join(path))?;
    if sha256 != listed.sha256 || bytes != listed.bytes {
        bail!("its bytes are not those that were kept");
    }
    Ok(())
}

/// Copies a file; gives the hash and size of what was written.
fn copied(from: &Path, to: &Path) -> anyhow::Result<(String, u64)> {
    let mut from = open(from)?;
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut to = File::create_new(to)?;
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 256 << 10]);
    loop {
        let count = from.read(&mut buffer)?;
        let read = buffer.get(..count).unwrap_or_default();
        if read.is_empty() {
            return Ok((hex(&hash.finalize()), bytes));
        }
        hash.update(read);
        to.write_all(read)?;
        bytes += count as u64;
    }
}
