//! Messages in full that only the holder of a key can read: files of `age` in a folder, each whole at any moment.
//!
//! What `age` decrypts has an end. So the file under way is written anew with each event, under a new key, and takes the place of
//! the one before in one step; when it has grown to a chunk the next begins. A process that is killed leaves whole files. What has
//! not grown to a chunk yet is in memory in clear, as what passes is. Loss of power loses the file under way, which is synced when
//! it is full and at the end. Left out: reading them.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::age::{Recipient, seal};
use crate::regular_file::hex;
use crate::whole_file::{self, PRIVATE};
use crate::{clock, random};

/// A file that has so much gets no more: each event costs up to as much encryption and writing.
const FULL: usize = 64 << 10;

/// The files of one run.
#[derive(Debug)]
pub(super) struct Segments {
    folder: PathBuf,
    to: Vec<Recipient>,
    /// What their names start with: in the order of names they are in the order of time.
    run: String,
    number: u64,
    /// What the file under way holds.
    held: Vec<u8>,
}

impl Segments {
    pub(super) fn open(folder: &Path, to: &[Recipient]) -> anyhow::Result<Self> {
        let shown = folder.display();
        whole_file::create_folder(folder).with_context(|| format!("cannot create the folder {shown}"))?;
        let millis = clock::now() / 1_000_000;
        let run = format!("{millis:013}-{}", hex(&random::bytes::<4>()?));
        let segments =
            Self { folder: folder.to_owned(), to: to.to_owned(), run, number: 1, held: Vec::new() };
        // It is better known now than with the first message that it cannot be written.
        segments.write().with_context(|| format!("cannot write in {shown}"))?;
        Ok(segments)
    }

    /// Adds whole lines.
    pub(super) fn append(&mut self, lines: &[u8]) -> anyhow::Result<()> {
        self.held.extend_from_slice(lines);
        self.write().with_context(|| format!("cannot write in {}", self.folder.display()))?;
        if self.held.len() >= FULL {
            self.sync()?;
            self.held.clear();
            self.number += 1;
        }
        Ok(())
    }

    /// Makes sure that the file under way outlasts a loss of power.
    pub(super) fn close(self) -> anyhow::Result<()> {
        self.sync()
    }

    fn sync(&self) -> anyhow::Result<()> {
        let synced = fs::File::open(self.place()).and_then(|file| file.sync_data());
        synced
            .and_then(|()| whole_file::sync_folder(&self.folder))
            .with_context(|| format!("cannot sync {}", self.folder.display()))
    }

    fn name(&self) -> String {
        format!("{}-{:06}.age", self.run, self.number)
    }

    fn place(&self) -> PathBuf {
        self.folder.join(self.name())
    }

    fn write(&self) -> anyhow::Result<()> {
        let (beside, place) = (self.folder.join(format!(".{}.tmp", self.name())), self.place());
        let bytes = seal(&self.held, &self.to)?;
        let written = write_new(&beside, &bytes).and_then(|()| put_in_place(&beside, &place));
        if written.is_err() {
            let _gone = fs::remove_file(&beside);
        }
        Ok(written?)
    }
}

/// Puts a file in the place of another, or where none is yet.
///
/// Where the system can exchange two names that is done, since file systems that fear for what a rename replaces (ext4) write it
/// out first, which takes milliseconds.
fn put_in_place(beside: &Path, place: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        if renameat_with(CWD, beside, CWD, place, RenameFlags::EXCHANGE).is_ok() {
            return fs::remove_file(beside);
        }
    }
    fs::rename(beside, place)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    whole_file::new_file(PRIVATE).open(path)?.write_all(bytes)
}
