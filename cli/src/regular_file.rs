//! Regular files, read so that no other kind of file can hang or trick the reading.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

/// Opens a regular file; anything else is an error.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    // Looked at before it is opened: opening a pipe would wait for its writer.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    File::open(path)
}

/// The bytes of a small regular file; an error if it is larger than that.
pub(crate) fn read_small(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if open(path)?.take(most + 1).read_to_end(&mut bytes)? as u64 > most {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("over {most} bytes")));
    }
    Ok(bytes)
}

/// How many bytes a regular file has, up to so many, and their SHA-256: one that grows meanwhile comes to an end.
pub(crate) fn digest(path: &Path, most: Option<u64>) -> io::Result<(u64, [u8; 32])> {
    let mut reader = open(path)?.take(most.unwrap_or(u64::MAX));
    let (mut hash, mut buffer, mut bytes) = (Sha256::new(), vec![0; 256 << 10], 0);
    loop {
        let count = reader.read(&mut buffer)?;
        if count == 0 {
            return Ok((bytes, hash.finalize().into()));
        }
        hash.update(buffer.get(..count).unwrap_or_default());
        bytes += count as u64;
    }
}

/// Bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_up_to_their_limit_and_folders_not_at_all() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("file");
        fs::write(&path, b"abc").unwrap();
        assert_eq!(read_small(&path, 3).unwrap(), b"abc");
        assert_eq!(read_small(&path, 2).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(read_small(temp.path(), 3).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        // FIPS 180-4, the example of one block.
        let whole = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(
            digest(&path, None).map(|(bytes, hash)| (bytes, hex(&hash))).unwrap(),
            (3, whole.to_owned())
        );
        assert_eq!(digest(&path, Some(2)).unwrap().0, 2);
    }
}
