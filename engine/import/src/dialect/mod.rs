//! Dialects of regular expressions: each pattern becomes one that means the same to the engine, or is refused.
//!
//! The engine runs patterns on bytes, where `\w`, `\s`, `\b` and letters in either case are ASCII, unless a pattern names
//! letters beyond ASCII. RE2 counts characters, and so do the patterns that are made from it. What stays different in a
//! corner is told as a change of the rule.

mod bytes;
mod class;
mod cursor;
mod re2;
mod yara;

pub(crate) use bytes::translate as bytes;
pub(crate) use re2::translate as re2;
pub(crate) use yara::{spelled, translate as yara};

use regex_syntax::hir::Hir;

use crate::account::{ChangeKind, Reason};
use crate::limits::MOST_PATTERN;

/// A pattern as the engine takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Translated {
    pub(crate) regex: String,
    pub(crate) changes: Vec<ChangeKind>,
}

/// Why a pattern cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) reason: Reason,
    pub(crate) detail: String,
}

impl Refused {
    pub(crate) fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }
}

/// Whether the engine takes a pattern as one over characters: it does where letters beyond ASCII are named.
pub(crate) fn is_unicode(pattern: &str) -> bool {
    pattern.chars().any(|c| !c.is_ascii() && c.is_alphanumeric())
        || [r"\p{", r"\u{", r"\x{"].iter().any(|sign| pattern.contains(sign))
}

/// The parts of a pattern as the engine reads it.
pub(crate) fn parsed(pattern: &str) -> Result<Hir, Refused> {
    regex_syntax::ParserBuilder::new()
        .utf8(false)
        .unicode(is_unicode(pattern))
        .build()
        .parse(pattern)
        .map_err(|error| Refused::new(Reason::Syntax, last_line(&error.to_string())))
}

/// The sentence of a message that shows the pattern above it.
fn last_line(message: &str) -> String {
    message.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

/// A pattern that is ready, but for what would be read as the name of a fragment.
fn finished(regex: &str, changes: Vec<ChangeKind>) -> Result<Translated, Refused> {
    let regex = regex.replace("(?&", "(?\\&");
    if regex.len() > MOST_PATTERN {
        return Err(Refused::new(
            Reason::TooLarge,
            format!("the pattern has {} bytes, {MOST_PATTERN} is the most", regex.len()),
        ));
    }
    parsed(&regex)?;
    Ok(Translated { regex, changes })
}
