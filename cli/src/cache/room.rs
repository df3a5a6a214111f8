//! The room that a cache takes: what was used least lately goes first, reports and shelves alike.
//!
//! When something was used last is the time of its file, which is set when it is used. Each thing goes in one step: a shelf is one
//! file, and a report gets another name before its files are removed. Only what a cache calls its own is ever removed.

use std::fs::{self, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::Cache;
use super::entry::ENTRY;
use super::shelf::is_shelf;
use super::shelves::{is_book, is_hex, number};

/// What an interrupted run left is removed when no run can still be at it.
const LEFT_OVER: Duration = Duration::from_hours(24);
const GONE: &str = ".gone-";

/// Something that can be removed.
#[derive(Debug)]
struct Thing {
    used: SystemTime,
    path: PathBuf,
    bytes: u64,
}

impl Cache {
    /// Removes what was used least lately until the rest has room; never what is in `stays`.
    pub(crate) fn make_room(&self, most: u64, stays: &[PathBuf]) -> io::Result<()> {
        remove_left_over(&self.dir)?;
        let mut things = things(&self.dir)?;
        let mut bytes: u64 = things.iter().map(|thing| thing.bytes).sum();
        things.sort_unstable_by(|one, other| (one.used, &one.path).cmp(&(other.used, &other.path)));
        for thing in things.iter().filter(|thing| !stays.contains(&thing.path)) {
            if bytes <= most {
                break;
            }
            remove(&thing.path)?;
            bytes -= thing.bytes;
        }
        Ok(())
    }

    /// Says that these were used now.
    pub(crate) fn used(paths: &[PathBuf]) {
        let now = SystemTime::now();
        for path in paths {
            let stamp = if path.is_dir() { path.join(ENTRY) } else { path.clone() };
            // Where it cannot be said, it is removed sooner.
            let _said = OpenOptions::new().write(true).open(stamp).and_then(|file| file.set_modified(now));
        }
    }
}

/// What a cache calls its own.
fn things(dir: &Path) -> io::Result<Vec<Thing>> {
    let mut things = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        // What another run removes meanwhile is gone.
        let Ok(about) = fs::symlink_metadata(&path) else { continue };
        if about.is_dir() && is_hex(name, 64) {
            let stamp = fs::symlink_metadata(path.join(ENTRY)).unwrap_or_else(|_| about.clone());
            let (used, bytes) = (used(&stamp), bytes_in(&path).unwrap_or(0));
            things.push(Thing { used, path, bytes });
        } else if about.is_file() && (is_book(name) || number(&path).is_some() && is_shelf(&path)) {
            things.push(Thing { used: used(&about), path, bytes: about.len() });
        }
    }
    Ok(things)
}

/// A time that the file system does not tell is long ago.
fn used(about: &Metadata) -> SystemTime {
    about.modified().unwrap_or(SystemTime::UNIX_EPOCH)
}

/// The bytes of the files in a folder and the folders in it.
fn bytes_in(folder: &Path) -> io::Result<u64> {
    let (mut bytes, mut open) = (0, vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let about = entry.metadata()?;
            if about.is_dir() {
                open.push(entry.path());
            } else {
                bytes += about.len();
            }
        }
    }
    Ok(bytes)
}

fn remove(path: &Path) -> io::Result<()> {
    let removed = if path.is_dir() {
        // Half a report would be taken for one that was changed.
        let mut name = std::ffi::OsString::from(GONE);
        name.push(path.file_name().unwrap_or_default());
        let gone = path.with_file_name(name);
        fs::rename(path, &gone).and_then(|()| fs::remove_dir_all(gone))
    } else {
        fs::remove_file(path)
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes what runs that were interrupted left behind.
fn remove_left_over(dir: &Path) -> io::Result<()> {
    let now = SystemTime::now();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_str().unwrap_or_default();
        let is_gone = name.strip_prefix(GONE).is_some_and(|name| is_hex(name, 64));
        let partial = name.strip_prefix('.').and_then(|name| name.split_once(".partial-"));
        let is_ours = is_gone || partial.is_some_and(|(name, _)| is_hex(name, 32) || is_hex(name, 64));
        let is_old = || {
            let age = entry.metadata().ok().and_then(|about| now.duration_since(used(&about)).ok());
            age.is_some_and(|age| age > LEFT_OVER)
        };
        if is_ours && (is_gone || is_old()) {
            let path = entry.path();
            let _gone = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::shelf::MAGIC;
    use crate::cache::shelves::{BOOK, SHELF};

    /// Names that are like those of a cache, and files that only have such a name.
    const NOT_OURS: [&str; 6] = [
        "letter",
        "inputs-2026-03-01.jsonl",
        "rules-acme.yaml",
        ".gone-mine",
        ".notes.partial-1",
        "inputs-000000000002-0000000a",
    ];

    /// A cache with a shelf, a book and a report of 1,000 bytes each, used in this order; and what is none of its things.
    fn filled(temp: &Path) -> (Cache, [PathBuf; 3]) {
        let cache = Cache::open(&temp.join("cache"), None).unwrap();
        let names =
            [format!("{SHELF}000000000001-0000000a"), format!("{BOOK}{}", "0".repeat(64)), "a".repeat(64)];
        let things = names.map(|name| cache.dir.join(name));
        let [shelf, book, report] = &things;
        fs::create_dir(report).unwrap();
        let files = [shelf.clone(), book.clone(), report.join(ENTRY)];
        for (file, hours) in files.iter().zip([30, 20, 10]) {
            fs::write(file, [MAGIC.as_slice(), &[0; 1000 - MAGIC.len()]].concat()).unwrap();
            let used = SystemTime::now() - Duration::from_secs(3600 * hours);
            OpenOptions::new().write(true).open(file).unwrap().set_modified(used).unwrap();
        }
        for name in NOT_OURS {
            fs::write(cache.dir.join(name), vec![0; 9000]).unwrap();
        }
        (cache, things)
    }

    fn there(things: &[PathBuf; 3]) -> [bool; 3] {
        things.each_ref().map(|thing| thing.exists())
    }

    #[test]
    fn what_was_used_least_lately_goes_first_and_what_stays_never() {
        let temp = tempfile::tempdir().unwrap();
        let (cache, things) = filled(temp.path());
        cache.make_room(3000, &[]).unwrap();
        assert_eq!(there(&things), [true; 3]);
        cache.make_room(2999, &[]).unwrap();
        assert_eq!(there(&things), [false, true, true]);
        cache.make_room(1000, &things[1..2]).unwrap();
        assert_eq!(there(&things), [false, true, false]);
        cache.make_room(0, &things[1..2]).unwrap();
        assert_eq!(there(&things), [false, true, false]);
        for name in NOT_OURS {
            assert!(cache.dir.join(name).exists(), "{name}");
        }
    }

    #[test]
    fn what_is_used_counts_as_new() {
        let temp = tempfile::tempdir().unwrap();
        let (cache, things) = filled(temp.path());
        Cache::used(&[things[0].clone(), things[2].clone()]);
        cache.make_room(2000, &[]).unwrap();
        assert_eq!(there(&things), [true, false, true]);
    }

    #[test]
    fn what_an_interrupted_run_left_goes_when_it_is_old() {
        let temp = tempfile::tempdir().unwrap();
        let (cache, _) = filled(temp.path());
        let [old, new] =
            ["1", "2"].map(|digit| cache.dir.join(format!(".{}.partial-{digit}", digit.repeat(32))));
        let gone = cache.dir.join(format!("{GONE}{}", "b".repeat(64)));
        fs::create_dir(&gone).unwrap();
        for path in [&old, &new] {
            fs::write(path, b"x").unwrap();
        }
        let used = SystemTime::now() - 2 * LEFT_OVER;
        OpenOptions::new().write(true).open(&old).unwrap().set_modified(used).unwrap();
        cache.make_room(u64::MAX, &[]).unwrap();
        assert_eq!([old, new, gone].map(|path| path.exists()), [false, true, false]);
    }
}
