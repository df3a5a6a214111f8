//! Files, folders, globs and standard input: which inputs are there, in an order that does not change.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::error::ReadError;
use crate::limits::Limits;

/// An input that was named or found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl Found {
    /// The path as it is shown, `-` for standard input.
    pub fn path(&self) -> &Path {
        match self {
            Self::Stdin => Path::new("-"),
            Self::File(path) => path,
        }
    }
}

/// Lists the inputs behind the named paths: in the order named, the files of a folder sorted by path.
///
/// Links inside folders are not followed; a path that is named is opened whatever it is. A file that is named
/// twice is read once.
pub fn expand(named: &[PathBuf], limits: &Limits) -> Result<Vec<Found>, ReadError> {
    let mut found = Vec::new();
    for path in named {
        if path.as_os_str() == "-" {
            found.push(Found::Stdin);
        } else if path.is_dir() {
            folder(path, &mut found, limits)?;
        } else if path.exists() {
            found.push(Found::File(path.clone()));
        } else {
            pattern(path, &mut found, limits)?;
        }
        if found.len() > limits.files {
            return Err(ReadError::TooMany { limit: limits.files });
        }
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|input| seen.insert(input.path().to_owned()));
    Ok(found)
}

/// The paths that arguments name: globs are resolved, folders and `-` stay as they are.
pub fn expand_globs(named: &[PathBuf]) -> Result<Vec<PathBuf>, ReadError> {
    let mut found = Vec::new();
    for path in named {
        if path.as_os_str() == "-" || path.exists() {
            found.push(path.clone());
        } else {
            found.extend(matches(path)?);
        }
    }
    Ok(found)
}

fn folder(path: &Path, found: &mut Vec<Found>, limits: &Limits) -> Result<(), ReadError> {
    // An entry that cannot be read shows when it is opened; a folder that cannot be listed has no files to show.
    for entry in WalkDir::new(path).sort_by_file_name().into_iter().filter_map(Result::ok) {
        if entry.file_type().is_file() {
            found.push(Found::File(entry.into_path()));
        }
        if found.len() > limits.files {
            return Err(ReadError::TooMany { limit: limits.files });
        }
    }
    Ok(())
}

fn pattern(path: &Path, found: &mut Vec<Found>, limits: &Limits) -> Result<(), ReadError> {
    for path in matches(path)? {
        if path.is_dir() {
            folder(&path, found, limits)?;
        } else {
            found.push(Found::File(path));
        }
    }
    Ok(())
}

/// What a path that is not there matches as a glob.
fn matches(path: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let missing = || ReadError::Missing { path: path.to_owned() };
    let pattern = path.to_str().filter(|text| text.contains(['*', '?', '['])).ok_or_else(missing)?;
    let matches =
        glob::glob(pattern).map_err(|cause| ReadError::BadGlob { pattern: pattern.to_owned(), cause })?;
    let found: Vec<PathBuf> = matches.filter_map(Result::ok).collect();
    if found.is_empty() {
        return Err(ReadError::NoMatch { pattern: pattern.to_owned() });
    }
    Ok(found)
}
