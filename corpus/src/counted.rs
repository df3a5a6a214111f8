//! A writer that knows how much went through it, so that a generator can stop at a size.

use std::io::{self, Write};

/// Counts bytes on their way to another writer.
pub(crate) struct Counted<W> {
    inner: W,
    pub(crate) bytes: u64,
}

impl<W: Write> Counted<W> {
    pub(crate) const fn new(inner: W) -> Self {
        Self { inner, bytes: 0 }
    }

    pub(crate) fn text(&mut self, text: &str) -> io::Result<()> {
        self.inner.write_all(text.as_bytes())?;
        self.bytes += text.len() as u64;
        Ok(())
    }
}
