//! Where a log goes: the few operations that the writer needs, and a store in memory.
//!
//! Left out: files. Whoever implements them opens shards for appending only, and lets no one else write there.

use std::io;

/// A folder for a log, and a file for its heads outside that folder.
///
/// Each operation is done when it returns; the writer stops for good after the first that fails.
pub trait Store {
    /// Creates a shard, which takes what is appended from now on.
    ///
    /// # Errors
    ///
    /// Fails if the folder has that name already.
    fn create(&mut self, name: &str) -> io::Result<()>;

    /// Appends a line with its line feed to the shard, in one write.
    fn append(&mut self, line: &[u8]) -> io::Result<()>;

    /// Makes sure that the shard, and its name, outlast a loss of power.
    fn sync(&mut self) -> io::Result<()>;

    /// Puts a whole file beside the shards, and syncs it.
    ///
    /// # Errors
    ///
    /// Fails if the folder has that name already.
    fn put(&mut self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Appends a line with its line feed to the file of heads, and syncs it.
    fn write_head(&mut self, line: &[u8]) -> io::Result<()>;
}

impl<S: Store + ?Sized> Store for &mut S {
    fn create(&mut self, name: &str) -> io::Result<()> {
        (**self).create(name)
    }

    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        (**self).append(line)
    }

    fn sync(&mut self) -> io::Result<()> {
        (**self).sync()
    }

    fn put(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        (**self).put(name, bytes)
    }

    fn write_head(&mut self, line: &[u8]) -> io::Result<()> {
        (**self).write_head(line)
    }
}

/// A store in memory, for tests, benches and trials.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    /// Shards by name, in the order in which they were created.
    pub shards: Vec<(String, Vec<u8>)>,
    /// Other files by name.
    pub files: Vec<(String, Vec<u8>)>,
    /// The file of heads.
    pub heads: Vec<u8>,
    /// How many bytes of the last shard are not synced yet.
    pub unsynced: usize,
    /// After how many more operations each one fails; `None` for never. An append that fails writes half a line,
    /// as a full disk does.
    pub fails_after: Option<u32>,
}

impl MemoryStore {
    /// The bytes of all shards, one after the other.
    pub fn log(&self) -> Vec<u8> {
        self.shards.iter().flat_map(|(_, bytes)| bytes).copied().collect()
    }

    fn step(&mut self) -> io::Result<()> {
        match &mut self.fails_after {
            Some(0) => Err(io::Error::from(io::ErrorKind::StorageFull)),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn is_new(&self, name: &str) -> io::Result<()> {
        let taken = self.shards.iter().chain(&self.files).any(|(other, _)| other == name);
        if taken { Err(io::Error::from(io::ErrorKind::AlreadyExists)) } else { Ok(()) }
    }
}

impl Store for MemoryStore {
    fn create(&mut self, name: &str) -> io::Result<()> {
        self.step()?;
        self.is_new(name)?;
        self.shards.push((name.to_owned(), Vec::new()));
        self.unsynced = 0;
        Ok(())
    }

    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        let done = self.step();
        let written = if done.is_ok() { line } else { line.get(..line.len() / 2).unwrap_or_default() };
        let (_, shard) = self.shards.last_mut().ok_or(io::ErrorKind::NotFound)?;
        shard.extend_from_slice(written);
        self.unsynced += written.len();
        done
    }

    fn sync(&mut self) -> io::Result<()> {
        self.step()?;
        self.unsynced = 0;
        Ok(())
    }

    fn put(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.step()?;
        self.is_new(name)?;
        self.files.push((name.to_owned(), bytes.to_vec()));
        Ok(())
    }

    fn write_head(&mut self, line: &[u8]) -> io::Result<()> {
        self.step()?;
        self.heads.extend_from_slice(line);
        Ok(())
    }
}
