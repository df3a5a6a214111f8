//! Other recordings of a session's run, read back from the table `joins`.

use std::fmt::Write;
use std::path::Path;

use coldcase_model::{Basis, TieKind};

use super::rows::rows;
use crate::ReportError;
use crate::stories::words;

/// Other recordings of a session's run: each session with what tells it. A report of a version without such a table has none.
pub fn joined(report: &Path, session: &str) -> Result<Vec<(String, String)>, ReportError> {
    let mut all = Vec::new();
    if !report.join("tables").join("joins.parquet").exists() {
        return Ok(all);
    }
    for row in rows(report, "joins", &["session", "with_session", "basis", "by", "shared"])? {
        let row = row?;
        let (one, two) = (row.text("session"), row.text("with_session"));
        let other = match (one == session, two == session) {
            (true, _) => two,
            (_, true) => one,
            _ => continue,
        };
        let basis = Basis::from_name(&row.text("basis"));
        if let Some((basis, by)) = basis.zip(TieKind::from_name(&row.text("by"))) {
            all.push((other, words(basis, by, row.number("shared"))));
        }
    }
    Ok(all)
}

/// Other recordings of a session's run for the terminal, a line each.
pub fn joined_text(joined: &[(String, String)]) -> String {
    let mut out = String::new();
    for (session, words) in joined {
        // Writing to a string cannot fail.
        let _written = writeln!(out, "  also recorded as {session} ({words})");
    }
    out
}
