//! The shelves of a cache: which inputs they hold, the newest of each; and the books by which signs are told.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

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
    pub(super) refused: Vec<(PathBuf, String)>,
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
            if let Some(number) = number(&path)
                && numbered.len() < MOST_SHELVES
            {
                numbered.insert((number, path.clone()), path);
            }
        }
        let next = numbered.last_key_value().map_or(0, |((number, _), _)| number.saturating_add(1));
        let mut shelves = Self { next, ..Self::default() };
        let mut held = HashMap::new();
        // The newest come last, and stay.
        for path in numbered.into_values() {
            match Shelf::open(&path, seal) {
                Ok((shelf, List { inputs })) => {
                    let at = shelves.all.len();
                    shelves.all.push(shelf);
                    for listed in inputs.into_iter().filter(|listed| wanted(listed.name)) {
                        let one = Held { shelf: at, book: listed.book, parts: listed.parts };
                        held.insert(listed.name, one);
                    }
                }
                Err(why) => shelves.refused.push((path, format!("{why:#}"))),
            }
        }
        Ok((shelves, held))
    }

    /// Where the next shelf goes.
    pub(super) fn place(&self, dir: &Path) -> PathBuf {
        dir.join(format!("{SHELF}{:012}-{:08x}", self.next, std::process::id()))
    }
}

/// The number in the name of a shelf.
fn number(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?.strip_prefix(SHELF)?;
    name.split_once('-')?.0.parse().ok()
}

/// Where a book lies.
pub(super) fn place_of_book(dir: &Path, book: Digest) -> PathBuf {
    dir.join(format!("{BOOK}{book}"))
}

/// Keeps a book, if it is not there yet.
pub(super) fn keep_book(dir: &Path, seal: &Seal, book: &Book) -> anyhow::Result<()> {
    let place = place_of_book(dir, book.digest());
    if let Some(bytes) = book.to_bytes().filter(|_| !place.exists()) {
        put(&place, &seal.seal(&[b"book", &book.digest().0], &bytes)?, PRIVATE, IfThere::Replace)?;
    }
    Ok(())
}

/// Tells of a book under which parts were concluded, if it is there; one that is not what was kept is taken away.
pub(super) fn learn(dir: &Path, seal: &Seal, book: Digest, holds: &mut Holds<'_>) {
    let place = place_of_book(dir, book);
    let Ok(bytes) = read_small(&place, MOST_BOOK) else { return };
    let read = seal.open(&[b"book", &book.0], bytes).and_then(|bytes| Book::from_bytes(&bytes));
    match read.filter(|read| read.digest() == book) {
        Some(read) => holds.learn(&read),
        None => {
            let _gone = fs::remove_file(&place);
        }
    }
}
