//! A file of the report that is hashed while it is written, so that the manifest names the bytes that left here
//! and nothing has to be read again. It does not buffer: the writers above it hand over large chunks.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use coldcase_model::Digest;
use sha2::{Digest as _, Sha256};

use crate::ReportError;

/// A finished file, as the manifest lists it.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    /// Its path under the report's folder, with `/` between the parts on every system.
    pub(crate) path: String,
    /// The SHA-256 of its bytes.
    pub(crate) sha256: Digest,
    /// Its size in bytes.
    pub(crate) bytes: u64,
}

/// A file being written.
pub(crate) struct OutputFile {
    path: PathBuf,
    name: String,
    file: File,
    hasher: Sha256,
    bytes: u64,
}

impl OutputFile {
    /// Makes the file `name` under `dir`; it must not exist yet.
    pub(crate) fn create(dir: &Path, name: &str) -> Result<Self, ReportError> {
        let path = dir.join(name);
        match File::create_new(&path) {
            Ok(file) => Ok(Self { path, name: name.to_owned(), file, hasher: Sha256::new(), bytes: 0 }),
            Err(cause) => Err(ReportError::Create { path, cause }),
        }
    }

    /// Where it is, for messages.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What was written.
    pub(crate) fn seal(self) -> Output {
        Output { path: self.name, sha256: Digest(self.hasher.finalize().into()), bytes: self.bytes }
    }
}

impl Write for OutputFile {
    fn write(&mut self, chunk: &[u8]) -> io::Result<usize> {
        let written = self.file.write(chunk)?;
        self.hasher.update(chunk.get(..written).unwrap_or(chunk));
        self.bytes = self.bytes.saturating_add(written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// An [`OutputFile`] for text: buffered, and its errors name the file.
pub(crate) struct TextFile {
    path: PathBuf,
    out: BufWriter<OutputFile>,
}

impl TextFile {
    /// Makes the file `name` under `dir`.
    pub(crate) fn create(dir: &Path, name: &str) -> Result<Self, ReportError> {
        let file = OutputFile::create(dir, name)?;
        Ok(Self { path: file.path.clone(), out: BufWriter::with_capacity(64 << 10, file) })
    }

    /// Appends text.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), ReportError> {
        self.out.write_all(text.as_bytes()).map_err(|cause| self.failed(cause))
    }

    /// Appends a value as JSON on one line, without the line's end.
    pub(crate) fn json(&mut self, value: &impl serde::Serialize) -> Result<(), ReportError> {
        serde_json::to_writer(&mut self.out, value)
            .map_err(|cause| ReportError::Json { path: self.path.clone(), cause })
    }

    /// Appends a rendered page.
    pub(crate) fn page(&mut self, page: &impl askama::Template) -> Result<(), ReportError> {
        askama::Template::write_into(page, &mut self.out).map_err(|cause| self.failed(cause))
    }

    /// Writes out what is buffered and says what was written in all.
    pub(crate) fn seal(self) -> Result<Output, ReportError> {
        let Self { path, out } = self;
        let file =
            out.into_inner().map_err(|error| ReportError::Write { path, cause: error.into_error() })?;
        Ok(file.seal())
    }

    fn failed(&self, cause: io::Error) -> ReportError {
        ReportError::Write { path: self.path.clone(), cause }
    }
}
