//! What can go wrong while a report is written. Every variant names the file; the cause is in `source()`.

use std::io;
use std::path::PathBuf;

/// Why a report could not be written.
///
/// After any of these the folder is incomplete, and the caller drops it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A file or folder of the report could not be made.
    #[error("cannot create {}", path.display())]
    Create {
        /// What was to be made.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// A file could not be written to its end.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// A file of a report could not be opened.
    #[error("cannot open {}: no report, or one of an older version", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// A table of a report could not be read back.
    #[error("cannot read table {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        #[source]
        cause: parquet::errors::ParquetError,
    },
    /// Rows could not be encoded as, or written to, a Parquet file.
    #[error("cannot write table {}", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// What the encoder said.
        #[source]
        cause: parquet::errors::ParquetError,
    },
    /// Columns do not fit the schema that they were declared with: a bug here, not in the input.
    #[error("rows of {} do not fit its columns", path.display())]
    Rows {
        /// The file.
        path: PathBuf,
        /// What the columns said.
        #[source]
        cause: arrow_schema::ArrowError,
    },
    /// A value could not be written as JSON.
    #[error("cannot write JSON to {}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What the encoder said.
        #[source]
        cause: serde_json::Error,
    },
}
