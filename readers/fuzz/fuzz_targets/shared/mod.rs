//! A session's files in memory, and edits that bytes tell.

use std::io::{self, Read};

use coldcase_evidence::{EvidenceName, LogFiles, OpenShard};

/// The files of a session, in order.
pub struct Files {
    pub session: Option<String>,
    pub shards: Vec<(String, Vec<u8>)>,
    /// How many bytes a read gives at most.
    pub step: usize,
}

struct Slow(io::Cursor<Vec<u8>>, usize);

impl Read for Slow {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let room = out.len().min(self.1);
        self.0.read(&mut out[..room])
    }
}

impl Files {
    /// One file that states neither session nor start.
    pub fn one(bytes: &[u8]) -> Self {
        Self { session: None, shards: vec![("fuzz.jsonl".to_owned(), bytes.to_vec())], step: usize::MAX }
    }
}

impl LogFiles for Files {
    fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    fn len(&self) -> usize {
        self.shards.len()
    }

    fn name(&self, index: usize) -> String {
        self.shards[index].0.clone()
    }

    fn start(&self, index: usize) -> Option<u64> {
        match EvidenceName::of(&self.shards[index].0) {
            EvidenceName::Shard { start, .. } => Some(start),
            _ => None,
        }
    }

    fn open(&mut self, index: usize) -> io::Result<OpenShard> {
        let bytes = self.shards[index].1.clone();
        // A reader of an unknown size, such as a pipe, is one that gives little at a time.
        let size = (self.step == usize::MAX).then_some(bytes.len() as u64);
        Ok(OpenShard { reader: Box::new(Slow(io::Cursor::new(bytes), self.step)), size })
    }
}
