//! The inputs of a run by hash: read once, on any number of threads, and nothing else done with them.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use coldcase_model::Digest;
use coldcase_readers::Found;
use sha2::Digest as _;

/// An input as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hashed {
    pub(crate) sha256: Digest,
    pub(crate) bytes: u64,
    /// Whether it was named by a link: audit logs are looked for among files only.
    pub(crate) is_link: bool,
}

/// The hashes of all inputs, in their order; `None` if one of them cannot be read as a regular file.
pub(crate) fn hash(found: &[Found], threads: usize) -> Option<Vec<Hashed>> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let all: Mutex<Vec<(usize, Hashed)>> = Mutex::new(Vec::with_capacity(found.len()));
    let work = || {
        let mut buffer = vec![0; BUFFER];
        let mut own = Vec::new();
        while !failed.load(Ordering::Relaxed) {
            let start = next.fetch_add(AT_ONCE, Ordering::Relaxed);
            let Some(some) = found.get(start..found.len().min(start.saturating_add(AT_ONCE))) else { break };
            if some.is_empty() {
                break;
            }
            for (at, input) in some.iter().enumerate() {
                match one(input, &mut buffer) {
                    Some(hashed) => own.push((start + at, hashed)),
                    None => failed.store(true, Ordering::Relaxed),
                }
            }
        }
        all.lock().unwrap_or_else(PoisonError::into_inner).append(&mut own);
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(found.len().div_ceil(AT_ONCE)) {
            scope.spawn(work);
        }
        work();
    });
    let mut all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    all.sort_unstable_by_key(|(at, _)| *at);
    (all.len() == found.len()).then(|| all.into_iter().map(|(_, hashed)| hashed).collect())
}

const BUFFER: usize = 256 << 10;
/// How many inputs a thread takes at a time.
const AT_ONCE: usize = 64;

fn one(input: &Found, buffer: &mut [u8]) -> Option<Hashed> {
    let Found::File(path) = input else { return None };
    let link = fs::symlink_metadata(path).ok()?;
    // Opening anything but a file could wait for ever.
    let is_link = link.is_symlink();
    let is_file = if is_link { fs::metadata(path).ok()?.is_file() } else { link.is_file() };
    if !is_file {
        return None;
    }
    let (sha256, bytes) = digest(path, buffer).ok()?;
    Some(Hashed { sha256, bytes, is_link })
}

/// The hash and size of a file.
fn digest(path: &Path, buffer: &mut [u8]) -> io::Result<(Digest, u64)> {
    let mut file = File::open(path)?;
    let (mut hash, mut bytes) = (sha2::Sha256::new(), 0);
    loop {
        let count = file.read(buffer)?;
        if count == 0 {
            return Ok((Digest(hash.finalize().into()), bytes));
        }
        hash.update(buffer.get(..count).unwrap_or_default());
        bytes += count as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_hashed_in_their_order_and_all_or_none() {
        let temp = tempfile::tempdir().unwrap();
        let found: Vec<Found> = (0..300)
            .map(|number| {
                let path = temp.path().join(format!("{number:03}"));
                fs::write(&path, vec![b'x'; number]).unwrap();
                Found::File(path)
            })
            .collect();
        let one = hash(&found, 1).unwrap();
        assert!(one.iter().enumerate().all(|(number, hashed)| hashed.bytes == number as u64));
        assert_eq!(hash(&found, 4).unwrap(), one);
        let missing = [&found[..], &[Found::File(temp.path().join("gone"))]].concat();
        assert_eq!(hash(&missing, 2), None);
        assert_eq!(hash(&[Found::Stdin], 2), None);
        assert_eq!(hash(&[Found::File(temp.path().to_owned())], 2), None);
    }
}
