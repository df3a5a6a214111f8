//! The shelves of a cache: which inputs they hold, the newest of each; and the books by which signs are told.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use coldcase_engine::{Book, Holds};
use coldcase_model::Digest;

use super::seal::Seal;
use super::shelf::{At, List, Shelf};
use crate::regular_file::read_small;
use crate::whole_file::{IfThere, PRIVATE, put};

pub(super) const SHELF: &str = "inputs-";
pub(super) const BOOK: &str = "rules-";
/// A book of a thousand rules has half a megabyte.
const MOST_BOOK: u64 = 1 << 28;
/// A cache that somebody fills with files is not read for ever.
const MOST_SHELVES: usize = 4096;
/// So many shelves stay open.
const MOST_OPEN: usize = 16;

/// An input that a shelf holds.
#[derive(Debug)]
pub(super) struct Held {
    /// The shelf, by its place among all.
    pub(super) shelf: usize,
    pub(super) book: Digest,
    pub(super) parts: Vec<At>,
}

/// All shelves that open.
#[derive(Debug, Default)]
pub(super) struct Shelves {
    pub(super) all: Vec<Shelf>,
    /// Those that do not open, and why.
    pub(super) refused: Vec<(PathBuf, anyhow::Error)>,
    /// How many of them are open.
    open: usize,
    /// The number for the next one.
    next: u64,
}

impl Shelves {
    /// Opens the shelves of a folder; gives what they hold of the inputs that are `wanted`.
    pub(super) fn open(
        dir: &Path,
        seal: &Seal,
        wanted: impl Fn(Digest) -> bool,
    ) -> anyhow::Result<(Self, HashMap<Digest, Held>)> {
        let mut numbered = BTreeMap::new();
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            if let Some(number) = number(&path) {
                numbered.insert((number, path.clone()), path);
            }
        }
        // The newest count.
        while numbered.len() > MOST_SHELVES {
            numbered.pop_first();
        }
        let next = numbered.last_key_value().map_or(0, |((number, _), _)| number.saturating_add(1));
        let mut shelves = Self { next, ..Self::default() };
        let mut held = HashMap::new();
        // The newest come last, and stay.
        for path in numbered.into_values() {
            match Shelf::open(&path, seal) {
                Ok(None) => {}
                Ok(Some((mut shelf, List { inputs }))) => {
                    let at = shelves.all.len();
                    let mut listed = inputs.into_iter().filter(|listed| wanted(listed.name)).peekable();
                    if listed.peek().is_none() || shelves.open >= MOST_OPEN {
                        shelf.close();
                    } else {
                        shelves.open += 1;
                    }
                    shelves.all.push(shelf);
                    for listed in listed {
                        let one = Held { shelf: at, book: listed.book, parts: listed.parts };
                        held.insert(listed.name, one);
                    }
                }
                Err(why) => shelves.refused.push((path, why)),
            }
        }
        Ok((shelves, held))
    }

    /// Where the next shelf goes.
    pub(super) fn place(&self, dir: &Path) -> PathBuf {
        dir.join(format!("{SHELF}{:012}-{:08x}", self.next, std::process::id()))
    }
}

/// The number in the name of a shelf; `None` for any other name, however alike.
pub(super) fn number(path: &Path) -> Option<u64> {
    let (number, process) = path.file_name()?.to_str()?.strip_prefix(SHELF)?.split_once('-')?;
    let is_ours =
        number.len() == 12 && number.bytes().all(|byte| byte.is_ascii_digit()) && is_hex(process, 8);
    number.parse().ok().filter(|_| is_ours)
}

/// Whether a name is that of a book.
pub(super) fn is_book(name: &str) -> bool {
    name.strip_prefix(BOOK).is_some_and(|digest| is_hex(digest, 64))
}

pub(super) fn is_hex(text: &str, len: usize) -> bool {
    text.len() == len && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Where a book lies.
pub(super) fn place_of_book(dir: &Path, book: Digest) -> PathBuf {
    dir.join(format!("{BOOK}{book}"))
}

/// Keeps a book, if it is not there yet as it was kept.
pub(super) fn keep_book(dir: &Path, seal: &Seal, book: &Book) -> anyhow::Result<()> {
    let place = place_of_book(dir, book.digest());
    let is_there = || matches!(read_book(dir, seal, book.digest()), Ok(Some(_)));
    if let Some(bytes) = book.to_bytes().filter(|_| !is_there()) {
        put(&place, &seal.seal(&[b"book", &book.digest().0], &bytes)?, PRIVATE, IfThere::Replace)?;
    }
    Ok(())
}

/// Tells of a book under which parts were concluded, if it is there; says why one that is there is not used.
pub(super) fn learn(dir: &Path, seal: &Seal, book: Digest, holds: &mut Holds<'_>) -> anyhow::Result<()> {
    if let Some(read) = read_book(dir, seal, book)? {
        holds.learn(&read);
    }
    Ok(())
}

/// A book that was kept; `None` where there is none.
fn read_book(dir: &Path, seal: &Seal, book: Digest) -> anyhow::Result<Option<Book>> {
    let place = place_of_book(dir, book);
    if fs::symlink_metadata(&place).is_err() {
        return Ok(None);
    }
    let bytes = read_small(&place, MOST_BOOK)?;
    let read = seal.open(&[b"book", &book.0], bytes).and_then(|bytes| Book::from_bytes(&bytes));
    let read = read.filter(|read| read.digest() == book);
    read.map(Some).context("it is not what this key sealed")
}
