//! Why reading cannot go on. What is merely odd about an input is an anomaly, not an error.

use std::path::PathBuf;

/// Why a path that was named gives nothing to read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Nothing is there.
    #[error("{path} does not exist; name a file, a folder, a glob in quotes, or `-` for standard input")]
    Missing {
        /// The path as named.
        path: PathBuf,
    },
    /// A glob that matches nothing.
    #[error("no file matches {pattern}")]
    NoMatch {
        /// The glob as named.
        pattern: String,
    },
    /// A glob that is not one.
    #[error("{pattern} is not a valid glob")]
    BadGlob {
        /// The glob as named.
        pattern: String,
        /// What is wrong with it.
        #[source]
        cause: glob::PatternError,
    },
    /// A folder holds more files than one run takes.
    #[error("more than {limit} files; scan sub-folders one at a time")]
    TooMany {
        /// The cap.
        limit: usize,
    },
}
