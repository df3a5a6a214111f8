//! Files that are held in memory, for tests of whole files; some of them cannot be read, or not to their end.

use std::io::{self, Read};

use super::{LogFiles, OpenShard};

/// A file: its name, its bytes, and what keeps it from being read.
pub(crate) struct Held(pub(crate) &'static str, pub(crate) Vec<u8>, pub(crate) Trouble);

/// What keeps a file from being read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    None,
    /// It does not open.
    Shut,
    /// Behind its bytes stands an error, not the end.
    Fails,
}

struct Failing(io::Cursor<Vec<u8>>);

impl Read for Failing {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.0.read(out)? {
            0 => Err(io::Error::other("a bad sector")),
            count => Ok(count),
        }
    }
}

impl LogFiles for Vec<Held> {
    fn session(&self) -> Option<&str> {
        None
    }

    fn len(&self) -> usize {
        self.as_slice().len()
    }

    fn name(&self, index: usize) -> String {
        self[index].0.to_owned()
    }

    fn start(&self, _: usize) -> Option<u64> {
        None
    }

    fn open(&mut self, index: usize) -> io::Result<OpenShard> {
        let Held(_, bytes, trouble) = &self[index];
        let bytes = io::Cursor::new(bytes.clone());
        match trouble {
            Trouble::None => Ok(OpenShard { reader: Box::new(bytes), size: None }),
            Trouble::Shut => Err(io::Error::other("no permission")),
            Trouble::Fails => Ok(OpenShard { reader: Box::new(Failing(bytes)), size: None }),
        }
    }
}
