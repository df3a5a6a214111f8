//! Other recordings of a session's run, read back from the table `joins`.

use std::collections::BTreeSet;
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

/// How many recordings of a run are shown together.
const MOST: usize = 8;

/// The recordings of a session's run, itself first: those that are joined with it, and those that are joined with these. And
/// how many more there are, at the least, than are shown together.
pub fn recordings(report: &Path, session: &str) -> Result<(Vec<String>, usize), ReportError> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    if report.join("tables").join("joins.parquet").exists() {
        for row in rows(report, "joins", &["session", "with_session"])? {
            let row = row?;
            pairs.push((row.text("session"), row.text("with_session")));
        }
    }
    Ok(reached(session, &pairs))
}

fn reached(session: &str, pairs: &[(String, String)]) -> (Vec<String>, usize) {
    let mut all = vec![session.to_owned()];
    let mut known = BTreeSet::from([session]);
    let mut at = 0;
    // What is not shown is not followed.
    while let Some(from) = all.get(at).filter(|_| at < MOST).cloned() {
        for (one, two) in pairs {
            let other = if *one == from { two } else { one };
            if (*one == from || *two == from) && known.insert(other) {
                all.push(other.clone());
            }
        }
        at += 1;
    }
    let more = all.len().saturating_sub(MOST);
    all.truncate(MOST);
    (all, more)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recordings_are_reached_over_others_and_cut() {
        let pair = |one: &str, two: &str| (one.to_owned(), two.to_owned());
        let pairs = [pair("b", "a"), pair("c", "b"), pair("x", "y"), pair("c", "a")];
        assert_eq!(reached("a", &pairs), (vec!["a".to_owned(), "b".to_owned(), "c".to_owned()], 0));
        assert_eq!(reached("q", &pairs), (vec!["q".to_owned()], 0));
        let star: Vec<_> = (0..20).map(|number| pair("a", &format!("r{number}"))).collect();
        let (all, more) = reached("r3", &star);
        assert_eq!((all.len(), more, &*all[1]), (MOST, 13, "a"));
    }
}
