//! Where messages in full are kept, as event records: lines of a file of the owner's, or files for the holder of a key.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use anyhow::{Context, bail};

use super::segments::Segments;
use crate::args::RecordArgs;
use crate::whole_file::{self, PRIVATE};

/// A place for event records.
#[derive(Debug)]
pub(super) enum Bodies {
    /// In clear.
    Clear(File),
    /// Encrypted.
    Sealed(Segments),
}

impl Bodies {
    /// Opens what the arguments name, if they do.
    pub(super) fn open(args: &RecordArgs) -> anyhow::Result<Option<Self>> {
        let Some(path) = args.record_bodies.as_deref() else { return Ok(None) };
        Ok(Some(if args.encrypt_to.is_empty() {
            Self::Clear(open_bodies(path)?)
        } else {
            Self::Sealed(Segments::open(path, &args.encrypt_to)?)
        }))
    }

    /// Adds whole lines.
    pub(super) fn append(&mut self, lines: &[u8]) -> anyhow::Result<()> {
        match self {
            Self::Clear(file) => file.write_all(lines).context("cannot write the event records"),
            Self::Sealed(segments) => segments.append(lines),
        }
    }

    pub(super) fn close(self) -> anyhow::Result<()> {
        match self {
            Self::Clear(_) => Ok(()),
            Self::Sealed(segments) => segments.close(),
        }
    }
}

/// The file for messages in full, at a line's start.
fn open_bodies(path: &Path) -> anyhow::Result<File> {
    let shown = path.display();
    let mut options = whole_file::appending(PRIVATE);
    let mut file = options.read(true).open(path).with_context(|| format!("cannot append to {shown}"))?;
    let metadata = file.metadata().with_context(|| format!("cannot look at {shown}"))?;
    if !metadata.is_file() {
        bail!("{shown} is not a regular file");
    }
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::mode(&metadata) & 0o077 != 0 {
        bail!("others can read {shown}, and messages hold secrets: chmod 600 it, or name another file");
    }
    end_torn_line(&mut file).with_context(|| format!("cannot append to {shown}"))?;
    Ok(file)
}

/// A process that was killed may have left half a line.
fn end_torn_line(file: &mut File) -> io::Result<()> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(());
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    if last == *b"\n" { Ok(()) } else { file.write_all(b"\n") }
}
