//! The folder and the files of an audit log: what `LogWriter` needs of a file system, and no more.
//!
//! One process writes a base's logs in a folder at a time; a lock sees to that. Every line is one write of its own, so
//! that a killed process leaves at most one line cut.
//!
//! Left out: repairing what an earlier process left; each run has shards of its own.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use coldcase_evidence::{Head, Store, read_heads};

use crate::whole_file::{self, IfThere, PRIVATE};

/// A store of files. How much of the log is safe can be asked when writing has failed.
#[derive(Debug)]
pub(crate) struct FileStore {
    folder: PathBuf,
    heads: Option<File>,
    shard: Option<File>,
    /// Whether the folder has names that are not synced yet.
    has_new_names: bool,
    written: u64,
    synced: u64,
    last_head: Vec<u8>,
    /// Held as long as the store is.
    _lock: File,
}

impl FileStore {
    /// Opens a folder for the logs of a base, which must be fit for a file name; the folder is made if need be.
    pub(crate) fn open(folder: &Path, base: &str) -> anyhow::Result<Self> {
        let shown = folder.display();
        if !folder.exists() {
            whole_file::create_folder(folder).with_context(|| format!("cannot create {shown}"))?;
            let above = whole_file::folder_of(folder);
            whole_file::sync_folder(above).with_context(|| format!("cannot sync {}", above.display()))?;
        }
        let lock = whole_file::appending(PRIVATE)
            .open(folder.join(format!(".append-{base}.lock")))
            .with_context(|| format!("cannot write in {shown}"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("another process writes logs of {base} in {shown}; give this one another --session")
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {shown}"));
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            heads: None,
            shard: None,
            has_new_names: false,
            written: 0,
            synced: 0,
            last_head: Vec::new(),
            _lock: lock,
        })
    }

    /// Appends every head to a file as well, which must lie outside the folder.
    pub(crate) fn with_heads(mut self, path: &Path) -> anyhow::Result<Self> {
        self.must_lie_outside(path)?;
        let shown = path.display();
        let mut options = whole_file::appending(PRIVATE);
        let mut heads = options.read(true).open(path).with_context(|| format!("cannot append to {shown}"))?;
        end_torn_line(&mut heads).with_context(|| format!("cannot append to {shown}"))?;
        let above = whole_file::folder_of(path);
        whole_file::sync_folder(above).with_context(|| format!("cannot sync {}", above.display()))?;
        self.heads = Some(heads);
        Ok(self)
    }

    /// Refuses a path inside the folder: whoever can cut the log there could cut that file with it.
    pub(crate) fn must_lie_outside(&self, path: &Path) -> anyhow::Result<()> {
        let shown = path.display();
        let folder = fs::canonicalize(&self.folder)
            .with_context(|| format!("cannot resolve {}", self.folder.display()))?;
        let place = match fs::symlink_metadata(path) {
            Ok(_) => fs::canonicalize(path),
            Err(_) => fs::canonicalize(whole_file::folder_of(path)),
        };
        if place.with_context(|| format!("cannot resolve {shown}"))?.starts_with(&folder) {
            bail!(
                "{shown} lies inside the log's folder; keep it elsewhere, out of reach of who writes there"
            );
        }
        Ok(())
    }

    /// How many entries were written whole, checkpoints included.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// How many of them outlast a loss of power.
    pub(crate) fn synced(&self) -> u64 {
        self.synced
    }

    /// The last head.
    pub(crate) fn last_head(&self) -> Option<Head> {
        read_heads(&self.last_head).into_iter().next()?.ok()
    }
}

impl Store for FileStore {
    fn create(&mut self, name: &str) -> io::Result<()> {
        let mut options = whole_file::new_file(PRIVATE);
        self.shard = Some(options.append(true).open(self.folder.join(name))?);
        self.has_new_names = true;
        Ok(())
    }

    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        self.shard.as_mut().ok_or(io::ErrorKind::NotFound)?.write_all(line)?;
        self.written += 1;
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        if let Some(shard) = &self.shard {
            shard.sync_all()?;
        }
        if self.has_new_names {
            whole_file::sync_folder(&self.folder)?;
            self.has_new_names = false;
        }
        self.synced = self.written;
        Ok(())
    }

    fn put(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        whole_file::put(&self.folder.join(name), bytes, PRIVATE, IfThere::Fail)
    }

    fn write_head(&mut self, line: &[u8]) -> io::Result<()> {
        if let Some(heads) = &mut self.heads {
            heads.write_all(line)?;
            heads.sync_all()?;
        }
        line.clone_into(&mut self.last_head);
        Ok(())
    }
}

/// Ends a line that a killed process left without its end, so that the next head is not glued to it.
fn end_torn_line(heads: &mut File) -> io::Result<()> {
    if heads.metadata()?.len() == 0 {
        return Ok(());
    }
    let mut last = [0];
    heads.seek(SeekFrom::End(-1))?;
    heads.read_exact(&mut last)?;
    if last == *b"\n" { Ok(()) } else { heads.write_all(b"\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_writes_a_base_at_a_time_and_others_write_beside_it() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("a/b");
        let first = FileStore::open(&folder, "proxy").unwrap();
        let refused = FileStore::open(&folder, "proxy").unwrap_err().to_string();
        assert!(refused.contains("another process"), "{refused}");
        FileStore::open(&folder, "other").unwrap();
        drop(first);
        FileStore::open(&folder, "proxy").unwrap();
    }

    #[test]
    fn shards_are_appended_to_and_never_taken_over() {
        let temp = tempfile::tempdir().unwrap();
        let mut store = FileStore::open(temp.path(), "p").unwrap();
        assert!(store.append(b"x\n").is_err(), "there is no shard yet");
        store.create("s").unwrap();
        store.append(b"x\n").unwrap();
        store.append(b"y\n").unwrap();
        assert_eq!((store.written(), store.synced()), (2, 0));
        store.sync().unwrap();
        assert_eq!(store.synced(), 2);
        assert_eq!(store.create("s").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(temp.path().join("s")).unwrap(), b"x\ny\n");
    }

    #[test]
    fn a_torn_head_does_not_spoil_the_next() {
        let temp = tempfile::tempdir().unwrap();
        let heads = temp.path().join("heads");
        fs::write(&heads, b"{\"v\":1").unwrap();
        let mut store = FileStore::open(&temp.path().join("log"), "p").unwrap().with_heads(&heads).unwrap();
        store.write_head(b"next\n").unwrap();
        assert_eq!(fs::read(&heads).unwrap(), b"{\"v\":1\nnext\n");
    }

    #[cfg(unix)]
    #[test]
    fn no_way_into_the_folder_is_taken_for_heads() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("log");
        let open = || FileStore::open(&folder, "p").unwrap();
        open();
        std::os::unix::fs::symlink(&folder, temp.path().join("link")).unwrap();
        std::os::unix::fs::symlink(folder.join("not-there"), temp.path().join("dangling")).unwrap();
        for inside in ["log/heads", "link/heads", "log/../log/heads", "dangling"] {
            assert!(open().with_heads(&temp.path().join(inside)).is_err(), "{inside}");
        }
        open().with_heads(&temp.path().join("heads")).unwrap();
    }
}
