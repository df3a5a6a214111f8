//! The running program, by hash: results are those of one build, and a version number is the same for every build of it.
//!
//! A program takes as long to hash as thousands of small inputs, so its hash is kept in the cache with what the file system
//! says of the file, under the cache's key. Whoever can forge a file's time of change can replace the program as well.

use std::path::Path;

use coldcase_model::Digest;

use super::Cache;
use crate::regular_file::{digest, read_small};
use crate::whole_file::{IfThere, PRIVATE, put};

const PURPOSE: &str = "coldcase.cache.program/1";
const FILE: &str = "program";
const CODE: usize = 32;
const HASH: usize = 32;
/// A path and some numbers.
const MOST: u64 = 16 << 10;

impl Cache {
    /// The hash of the running program; `None` where it cannot be read.
    pub(crate) fn program(&self) -> Option<Digest> {
        self.program_at(&std::env::current_exe().ok()?)
    }

    fn program_at(&self, path: &Path) -> Option<Digest> {
        let told = told(path);
        if let Some(known) = told.as_deref().and_then(|told| self.known_program(told)) {
            return Some(known);
        }
        let (_, hash) = digest(path, None).ok()?;
        if let Some(told) = told {
            let code = self.key.mac(PURPOSE, &[&told, &hash]);
            // Without it the next run hashes the program again.
            let kept = [&code[..], &hash, &told].concat();
            let _kept = put(&self.dir.join(FILE), &kept, PRIVATE, IfThere::Replace);
        }
        Some(Digest(hash))
    }

    fn known_program(&self, told: &[u8]) -> Option<Digest> {
        let kept = read_small(&self.dir.join(FILE), MOST).ok()?;
        let (code, rest) = kept.split_at_checked(CODE)?;
        let (hash, kept) = rest.split_first_chunk::<HASH>()?;
        (kept == told && self.key.holds(PURPOSE, &[told, hash], code)).then_some(Digest(*hash))
    }
}

/// What the file system says of a file that another file in its place would not have.
#[cfg(unix)]
fn told(path: &Path) -> Option<Vec<u8>> {
    use std::os::unix::fs::MetadataExt;

    let file = std::fs::metadata(path).ok()?;
    let numbers = [file.dev(), file.ino(), file.size()].map(u64::to_le_bytes);
    let times = [file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec()].map(i64::to_le_bytes);
    Some([numbers.concat(), times.concat(), path.as_os_str().as_encoded_bytes().to_vec()].concat())
}

/// Nothing is told elsewhere: the program is hashed each time.
#[cfg(not(unix))]
fn told(_path: &Path) -> Option<Vec<u8>> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_program_is_hashed_again_when_it_or_what_is_kept_of_it_changes() {
        let temp = tempfile::tempdir().unwrap();
        let cache = Cache::open(&temp.path().join("cache"), None).unwrap();
        let (program, kept) = (temp.path().join("program"), temp.path().join("cache").join(FILE));
        let hash = |bytes: &[u8]| {
            Digest(sha2::Digest::finalize(<sha2::Sha256 as sha2::Digest>::new_with_prefix(bytes)).into())
        };
        fs::write(&program, b"one").unwrap();
        assert_eq!(cache.program_at(&program), Some(hash(b"one")));
        assert_eq!(cache.known_program(&told(&program).unwrap()), Some(hash(b"one")));
        assert_eq!(cache.program_at(&program), Some(hash(b"one")));
        // Another file in its place, of the same size.
        fs::write(temp.path().join("other"), b"two").unwrap();
        fs::rename(temp.path().join("other"), &program).unwrap();
        assert_eq!(cache.program_at(&program), Some(hash(b"two")));
        for at in 0..fs::read(&kept).unwrap().len() {
            let mut bytes = fs::read(&kept).unwrap();
            bytes[at] ^= 1;
            fs::write(&kept, bytes).unwrap();
            assert_eq!(cache.known_program(&told(&program).unwrap()), None, "byte {at}");
            assert_eq!(cache.program_at(&program), Some(hash(b"two")));
        }
        assert_eq!(cache.program_at(&temp.path().join("gone")), None);
    }
}
