//! The files of a log, found and opened so that no kind of file can hang or trick the reading.
//!
//! Only regular files are opened; links inside a folder are not followed. A folder is a set of its own.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use coldcase_evidence::{EvidenceName, EvidenceSet, LogFiles, NameList, OpenShard, SessionShards};

use crate::regular_file;

/// A folder's logs, and what else lies there.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    pub(crate) set: EvidenceSet,
    /// Folders below, in order of their names.
    pub(crate) folders: NameList,
    /// Chain links, recovery seals and group manifests.
    pub(crate) links: NameList,
    /// Files that are not named as evidence; some may be logs all the same.
    pub(crate) others: NameList,
    /// Links, pipes and the like, and names that are not UTF-8: not opened.
    pub(crate) refused: NameList,
    /// Names for which there was no room.
    pub(crate) left_out: u64,
}

/// Names may take so many bytes, those of folders that are still to be looked at included: a million of forty bytes.
pub(crate) const MOST_NAME_BYTES: usize = 68 << 20;
/// Room for more shards is made as they are met.
const MOST_SHARDS: usize = 1 << 20;

/// Looks at a folder, whose names may take so many bytes.
pub(crate) fn look(path: &Path, room: usize) -> io::Result<Folder> {
    let mut folder = Folder { path: path.to_owned(), ..Folder::default() };
    folder.set.reserve(fs::read_dir(path)?.count().min(MOST_SHARDS));
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let (kind, name) = (entry.file_type()?, entry.file_name());
        if folder.bytes() > room {
            folder.left_out += 1;
            continue;
        }
        let kept = match name.to_str() {
            None => folder.refused.push(&name.to_string_lossy()),
            Some(name) if kind.is_dir() => folder.folders.push(name),
            Some(name) if !kind.is_file() => folder.refused.push(name),
            Some(name) => match folder.set.push(name) {
                EvidenceName::Link | EvidenceName::Group => folder.links.push(name),
                EvidenceName::Other => folder.others.push(name),
                _ => true,
            },
        };
        folder.left_out += u64::from(!kept);
    }
    folder.set.sort();
    for list in [&mut folder.folders, &mut folder.links, &mut folder.others, &mut folder.refused] {
        list.sort();
    }
    Ok(folder)
}

impl Folder {
    fn bytes(&self) -> usize {
        let lists = [&self.folders, &self.links, &self.others, &self.refused];
        self.set.bytes() + lists.into_iter().map(NameList::bytes).sum::<usize>()
    }
}

/// Opens a regular file as a log's; anything else is an error.
pub(crate) fn open(path: &Path) -> io::Result<OpenShard> {
    let file = regular_file::open(path)?;
    let size = file.metadata()?.len();
    Ok(OpenShard { reader: Box::new(file), size: Some(size) })
}

/// The shards of a session in a folder.
pub(crate) struct ShardFiles<'f> {
    pub(crate) folder: &'f Path,
    pub(crate) shards: SessionShards<'f>,
}

impl LogFiles for ShardFiles<'_> {
    fn session(&self) -> Option<&str> {
        Some(self.shards.session)
    }

    fn len(&self) -> usize {
        self.shards.len()
    }

    fn name(&self, index: usize) -> String {
        self.shards.name(index)
    }

    fn start(&self, index: usize) -> Option<u64> {
        self.shards.start(index)
    }

    fn open(&mut self, index: usize) -> io::Result<OpenShard> {
        let path = self.folder.join(self.shards.name(index));
        // A link that took the place of a file since the folder was looked at.
        if fs::symlink_metadata(&path)?.is_symlink() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a symbolic link"));
        }
        open(&path)
    }
}

/// A log whose name states nothing.
pub(crate) struct OneFile<'f> {
    pub(crate) path: &'f Path,
    /// Standard input, if that is it.
    pub(crate) stdin: Option<Box<dyn Read>>,
}

impl LogFiles for OneFile<'_> {
    fn session(&self) -> Option<&str> {
        None
    }

    fn len(&self) -> usize {
        1
    }

    fn name(&self, _: usize) -> String {
        self.path.file_name().map_or_else(|| "-".to_owned(), |name| name.to_string_lossy().into_owned())
    }

    fn start(&self, _: usize) -> Option<u64> {
        None
    }

    fn open(&mut self, _: usize) -> io::Result<OpenShard> {
        match self.stdin.take() {
            Some(reader) => Ok(OpenShard { reader, size: None }),
            None => open(self.path),
        }
    }
}

/// How much of a file is looked at to tell its format: its first line is rarely longer, and then its start is enough.
const FIRST_BYTES: u64 = 64 << 10;

/// The start of a file, to tell its format.
pub(crate) fn start_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.reader.take(FIRST_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The start of standard input, and all of it to read again.
pub(crate) fn peek_stdin() -> io::Result<(Vec<u8>, Box<dyn Read>)> {
    let mut bytes = Vec::new();
    io::stdin().take(FIRST_BYTES).read_to_end(&mut bytes)?;
    let all = io::Cursor::new(bytes.clone()).chain(io::stdin());
    Ok((bytes, Box::new(all)))
}
