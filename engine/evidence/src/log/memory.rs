//! A session's files in memory: for tests, and for whoever holds a log without a disk.

use std::io::{self, Read};

use super::blocks::OpenShard;
use super::name::EvidenceName;
use super::verify::LogFiles;

/// A session's files, in order.
#[derive(Debug, Clone)]
pub struct MemoryFiles {
    /// The session that their names state; none if they state none.
    pub session: Option<String>,
    /// Names and bytes.
    pub shards: Vec<(String, Vec<u8>)>,
    /// How many bytes a read gives at most. Less than all is read as from a pipe, whose size nobody knows.
    pub step: usize,
}

impl MemoryFiles {
    /// One file that states no session.
    pub fn file(bytes: Vec<u8>) -> Self {
        Self { session: None, shards: vec![("x.jsonl".to_owned(), bytes)], step: usize::MAX }
    }
}

/// A reader that gives a few bytes at a time.
struct Slow(io::Cursor<Vec<u8>>, usize);

impl Read for Slow {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let room = out.len().min(self.1);
        self.0.read(out.get_mut(..room).unwrap_or_default())
    }
}

impl LogFiles for MemoryFiles {
    fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    fn len(&self) -> usize {
        self.shards.len()
    }

    fn name(&self, index: usize) -> String {
        self.shards.get(index).map(|(name, _)| name.clone()).unwrap_or_default()
    }

    fn start(&self, index: usize) -> Option<u64> {
        match EvidenceName::of(&self.shards.get(index)?.0) {
            EvidenceName::Shard { start, .. } => Some(start),
            _ => None,
        }
    }

    fn open(&mut self, index: usize) -> io::Result<OpenShard> {
        let bytes = self.shards.get(index).map(|(_, bytes)| bytes.clone()).ok_or(io::ErrorKind::NotFound)?;
        let size = (self.step == usize::MAX).then_some(bytes.len() as u64);
        Ok(OpenShard { reader: Box::new(Slow(io::Cursor::new(bytes), self.step)), size })
    }
}
