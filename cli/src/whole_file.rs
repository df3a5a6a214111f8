//! Files that are whole or absent: written and synced beside their place, then put there in one step.
//!
//! Modes count on Unix only; elsewhere files get what the folder gives them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What to do with a file that has the name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfThere {
    /// Leave it, and fail.
    Fail,
    /// Put the new one in its place.
    Replace,
}

/// Read and written by the owner only: private keys, logs, heads.
pub(crate) const PRIVATE: u32 = 0o600;
/// Read by everyone: public keys, seals, notes.
pub(crate) const PUBLIC: u32 = 0o644;

/// Puts a file of these bytes in its place.
///
/// # Errors
///
/// `AlreadyExists` if the name is taken and [`IfThere::Fail`] was asked for; nothing is changed then.
pub(crate) fn put(path: &Path, bytes: &[u8], mode: u32, if_there: IfThere) -> io::Result<()> {
    let beside = Beside::write(path, bytes, mode)?;
    match if_there {
        IfThere::Replace => fs::rename(&beside.path, path)?,
        // A second name is the one step that never replaces. Where a file system has none, the file is created in
        // its place, exclusively: whole or absent only if nothing interrupts that.
        IfThere::Fail => match fs::hard_link(&beside.path, path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
            Err(_) => write_new(path, bytes, mode)?,
        },
    }
    drop(beside);
    sync_folder(folder_of(path))
}

/// How to create a file with this mode, which must not exist yet.
pub(crate) fn new_file(mode: u32) -> OpenOptions {
    let mut options = with_mode(mode);
    options.write(true).create_new(true);
    options
}

/// How to open a file for appending, created with this mode if need be.
pub(crate) fn appending(mode: u32) -> OpenOptions {
    let mut options = with_mode(mode);
    options.append(true).create(true);
    options
}

/// Makes sure that the names in a folder outlast a loss of power.
#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere folders cannot be opened, nor need they be synced.
#[cfg(not(unix))]
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Makes a folder, and those above it, for the owner and its group.
pub(crate) fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o750);
    builder.recursive(true).create(folder)
}

/// The folder that a path names a file in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg_attr(not(unix), expect(unused_variables, reason = "modes are a matter of Unix"))]
fn with_mode(mode: u32) -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    options
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut file = new_file(mode).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The file under a name that no one looks for; gone when dropped.
struct Beside {
    path: PathBuf,
}

impl Beside {
    fn write(target: &Path, bytes: &[u8], mode: u32) -> io::Result<Self> {
        let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.tmp", std::process::id()));
        let path = folder_of(target).join(hidden);
        // Only a process that had this number and was killed can have left one.
        if fs::symlink_metadata(&path).is_ok() {
            fs::remove_file(&path)?;
        }
        let beside = Self { path };
        write_new(&beside.path, bytes, mode)?;
        Ok(beside)
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        let _gone = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_name_that_is_taken_is_left_alone_unless_it_is_to_be_replaced() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("x");
        put(&path, b"one", PUBLIC, IfThere::Fail).unwrap();
        let taken = put(&path, b"two", PUBLIC, IfThere::Fail).unwrap_err();
        assert_eq!(taken.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        put(&path, b"three", PUBLIC, IfThere::Replace).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"three");
        assert_eq!(names(temp.path()), ["x"]);
    }
}
