//! Why nothing of a source is taken: the file cannot be read as what it is said to be, or it is not signed as it must be.

/// Why an import ends before it has looked at rules.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file is not of the form that it should have.
    #[error("{file}, line {line}, column {column}: {problem}; {hint}")]
    Shape {
        /// The file, as the caller named it.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The column, from 1.
        column: u64,
        /// What is wrong.
        problem: String,
        /// What would be right.
        hint: String,
    },
    /// The file is of no form that is known.
    #[error(
        "{file}: not a rule set of gitleaks, Kingfisher, Pipelock or YARA that can be told by its content; say which with --from"
    )]
    Unknown {
        /// The file.
        file: String,
    },
    /// The files are of several forms.
    #[error("{first} and {second} are rule sets of different tools; import each by itself")]
    Mixed {
        /// A file.
        first: String,
        /// Another.
        second: String,
    },
    /// There is no rule in it.
    #[error("{file}: no rule in it; {hint}")]
    Empty {
        /// The file.
        file: String,
        /// What would be right.
        hint: String,
    },
    /// It is over a limit.
    #[error("{file}: {what}, and {limit} is the most")]
    OverLimit {
        /// The file.
        file: String,
        /// What is over.
        what: String,
        /// The limit.
        limit: usize,
    },
    /// The bundle's signature does not hold.
    #[error("{file}: {problem}; a bundle that is not signed by a key that you trust is not loaded")]
    Signature {
        /// The bundle.
        file: String,
        /// What is wrong with the signature.
        problem: String,
    },
}

impl ImportError {
    pub(crate) fn shape(file: &str, line: u64, column: u64, problem: &str, hint: &str) -> Self {
        // The first line is the message; what follows may quote the file.
        let problem = problem.lines().next().unwrap_or_default().to_owned();
        Self::Shape { file: file.to_owned(), line, column, problem, hint: hint.to_owned() }
    }

    pub(crate) fn empty(file: &str, hint: &str) -> Self {
        Self::Empty { file: file.to_owned(), hint: hint.to_owned() }
    }
}
