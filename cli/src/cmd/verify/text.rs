//! A session's report for the terminal: the four lines first, then the breaks.
//!
//! Names come from the logs, so each is kept on its line: one with a line feed could forge the lines that follow.

use std::path::Path;

use coldcase_evidence::{Break, SessionReport};

use crate::term::one_line;

/// How many breaks are shown unless all are asked for.
const SHOWN: usize = 10;

/// One break with its place.
pub(crate) fn one_break(folder: &Path, found: &Break) -> String {
    let told = match (&found.file, found.line, found.offset) {
        (Some(file), Some(line), Some(offset)) => {
            let path = folder.join(file);
            format!("{}:{line} (byte {offset}): {}", path.display(), found.seen)
        }
        _ => format!("{}: {}", folder.display(), found.seen),
    };
    one_line(&told)
}

/// The whole report.
pub(crate) fn report(folder: &str, report: &SessionReport, quiet: bool, verbose: bool) -> String {
    let status = report.status.as_str().replace('_', " ");
    let place = if folder.is_empty() { String::new() } else { format!(" in {}", one_line(folder)) };
    let mut text = format!("{}{place}: {status}\n", one_line(&report.session));
    if quiet {
        return text;
    }
    for (name, sentence) in
        ["consistent", "authenticated", "complete", "damage"].iter().zip(&report.sentences)
    {
        text.push_str(&format!("  {name:<15}{}\n", one_line(sentence)));
    }
    if let Some(sentence) = &report.receipt_sentence {
        text.push_str(&format!("  {:<15}{}\n", "receipts", one_line(sentence)));
    }
    if let (Some(seq), Some(hash)) = (report.last_seq, &report.head_hash) {
        text.push_str(&format!("  {:<15}entry {seq}, hash {hash}\n", "head"));
    }
    let shown = if verbose { report.breaks.len() } else { SHOWN };
    for found in report.breaks.iter().take(shown).skip(usize::from(report.breaks.len() == 1)) {
        text.push_str(&format!("  {:<15}{}\n", "break", one_break(Path::new(folder), found)));
    }
    if report.breaks_total > shown as u64 {
        text.push_str(&format!("  {:<15}{} more\n", "", report.breaks_total - shown as u64));
    }
    for remark in &report.remarks {
        text.push_str(&format!("  {:<15}{}\n", "remark", one_line(&remark.text)));
    }
    text
}

/// What is said of a link, a seal or a group.
pub(crate) fn link(link: &super::links::LinkReport) -> String {
    let verdict = if !link.problems.is_empty() {
        "does not fit"
    } else if link.not_checked.contains(&super::links::NOT_VOUCHED_FOR) {
        "not verified"
    } else {
        "fits"
    };
    let trusted = if link.trusted { "signed by a trusted key" } else { "not signed by a trusted key" };
    let mut text =
        format!("{} ({}): {verdict}, {trusted}\n", one_line(&link.file), link.kind.replace('_', " "));
    for problem in &link.problems {
        text.push_str(&format!("  {:<15}{}\n", "problem", one_line(problem)));
    }
    if !link.compared.is_empty() {
        text.push_str(&format!("  {:<15}{}\n", "compared", link.compared.join(", ")));
    }
    for what in &link.not_checked {
        text.push_str(&format!("  {:<15}{what}\n", "not checked"));
    }
    text
}
