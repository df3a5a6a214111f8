//! A shelf: one file with what a run kept of its inputs, each part as two sealed records, and a sealed list of them at its end.
//!
//! ```text
//! magic | id of the key | id | record … | list | length of the list
//! ```
//!
//! Ten thousand small files would take longer to open than to scan. The list says which records are whose; it comes last, so a file
//! that was cut has none, and is refused. Records name the shelf's id, the input and the batch, so that none opens in another's
//! place. Left out: the end of a shelf, which is [`super::room`]'s.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, bail};
use coldcase_model::Digest;
use serde::{Deserialize, Serialize};

use super::seal::{KEY_ID, Seal};
use crate::regular_file::open;

pub(super) const MAGIC: &[u8; 17] = b"coldcase shelf/1\n";
pub(super) const ID: usize = 16;
const TRAILER: usize = 8;
/// A list has some hundred bytes for each part; this is one of ten million.
pub(super) const MOST_LIST: u64 = 1 << 30;
/// A part holds what came of a batch, which is about a megabyte of input or one record of 16.
pub(super) const MOST_RECORD: u64 = 1 << 28;

/// What a shelf holds.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct List {
    pub(super) inputs: Vec<Listed>,
}

/// An input on a shelf.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Listed {
    pub(super) name: Digest,
    /// The book of the rules that judged it.
    pub(super) book: Digest,
    pub(super) parts: Vec<At>,
}

/// Where the records of a part lie: the items right behind the sign.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct At {
    pub(super) offset: u64,
    pub(super) sign: u64,
    pub(super) items: u64,
    /// The number of the batch in the run that kept it.
    pub(super) number: u64,
}

/// Which record of a part is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Sign,
    Items,
}

impl Which {
    const fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::Sign => b"sign",
            Self::Items => b"items",
        }
    }
}

/// A record by the shelf, the input, the batch, and which of the two it is.
pub(super) fn seal_record(
    seal: &Seal,
    (id, name, number): (&[u8; ID], Digest, u64),
    which: Which,
    bytes: &[u8],
) -> anyhow::Result<Vec<u8>> {
    seal.seal(&[id, &name.0, &number.to_le_bytes(), which.as_bytes()], bytes)
}

/// The sealed list of a shelf.
pub(super) fn seal_list(seal: &Seal, id: &[u8; ID], list: &[u8]) -> anyhow::Result<Vec<u8>> {
    seal.seal(&[id, b"list"], list)
}

/// A shelf that can be read from.
#[derive(Debug)]
pub(super) struct Shelf {
    pub(super) path: PathBuf,
    id: [u8; ID],
    /// `None` where it is opened for each record: a process may hold few files, and the scan needs some.
    file: Mutex<Option<File>>,
    seal: Seal,
}

/// What the head of a shelf says: the id of its key, and its own.
fn head_of(file: &mut File) -> anyhow::Result<([u8; KEY_ID], [u8; ID])> {
    let mut head = [0; MAGIC.len() + KEY_ID + ID];
    file.read_exact(&mut head).context("it has no head")?;
    let ids = head.strip_prefix(MAGIC).context("it is no shelf")?;
    let (key, id) = ids.split_first_chunk().context("it is no shelf")?;
    Ok((*key, *id.first_chunk().context("it is no shelf")?))
}

/// Whether a file is a shelf, by its head.
pub(super) fn is_shelf(path: &Path) -> bool {
    open(path).is_ok_and(|mut file| head_of(&mut file).is_ok())
}

/// A shelf of this very key that is not as it was left.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Damaged(&'static str);

impl Shelf {
    /// Opens a shelf, with what it holds; `None` for one of another key.
    pub(super) fn open(path: &Path, seal: &Seal) -> anyhow::Result<Option<(Self, List)>> {
        let mut file = open(path)?;
        let (key, id) = head_of(&mut file)?;
        if key != seal.id() {
            return Ok(None);
        }
        let cut = Damaged("it was cut");
        let end = file.seek(SeekFrom::End(0))?.checked_sub(TRAILER as u64).ok_or(cut)?;
        file.seek(SeekFrom::Start(end))?;
        let mut length = [0; TRAILER];
        file.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        let start = end.checked_sub(length).filter(|_| length <= MOST_LIST);
        let record = stretch(&mut file, start.ok_or(Damaged("it was cut"))?, length)?;
        let list = seal.open(&[&id, b"list"], record).ok_or(Damaged("it is not what this key sealed"))?;
        let read = postcard::take_from_bytes::<List>(&list).ok().filter(|(_, rest)| rest.is_empty());
        let (list, _) = read.ok_or(Damaged("its list cannot be read"))?;
        Ok(Some((Self { path: path.to_owned(), id, file: Mutex::new(Some(file)), seal: seal.clone() }, list)))
    }

    /// Closes its file; it is opened again for each record.
    pub(super) fn close(&mut self) {
        *self.file.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// What a record holds.
    pub(super) fn read(&self, name: Digest, at: At, which: Which) -> anyhow::Result<Vec<u8>> {
        let (offset, length) = match which {
            Which::Sign => (Some(at.offset), at.sign),
            Which::Items => (at.offset.checked_add(at.sign), at.items),
        };
        let offset = offset.filter(|_| length <= MOST_RECORD).context("its place is none")?;
        let record = {
            let mut held = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            match &mut *held {
                Some(file) => stretch(file, offset, length)?,
                None => {
                    let mut file = open(&self.path)?;
                    if head_of(&mut file)? != (self.seal.id(), self.id) {
                        bail!("it is another shelf now");
                    }
                    stretch(&mut file, offset, length)?
                }
            }
        };
        let part = [&self.id[..], &name.0, &at.number.to_le_bytes(), which.as_bytes()];
        self.seal.open(&part, record).context("a record is not what this key sealed")
    }
}

/// So many bytes of a file from a place on.
fn stretch(file: &mut File, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    // What is not there is not made room for.
    if file.take(length).read_to_end(&mut bytes)? as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}
