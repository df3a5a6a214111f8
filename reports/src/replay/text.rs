//! A replay for the terminal: plain text, no colour. First how much was compared, then what changed and why.

use coldcase_model::{Action, Standing};

use super::sums::{FindingSums, ReplaySummary};
use super::writer::RulesetPair;
use crate::quantity::{counted, grouped, size};

/// Rules and sessions that are named; page and JSON have them all.
const MOST_NAMED: usize = 20;

/// The summary of a replay for a terminal, ending in a line's end. The caller sanitises what it prints.
pub fn replay_text(rulesets: &RulesetPair, summary: &ReplaySummary) -> String {
    let mut out = String::new();
    out.push_str(&headline(summary));
    out.push('\n');
    let baseline =
        rulesets.baseline.as_ref().map_or("the recorded verdicts", |baseline| baseline.name.as_str());
    out.push_str(&format!("Baseline:  {baseline}\nCandidate: {}\n", rulesets.candidate.name));
    for sentence in beside(summary) {
        out.push_str(&sentence);
        out.push('\n');
    }
    push_matrix(&mut out, summary);
    push_rules(&mut out, summary);
    push_sessions(&mut out, summary);
    out
}

/// The first thing that is said of a replay.
pub(super) fn headline(summary: &ReplaySummary) -> String {
    if summary.run.nothing_read() {
        return "Nothing could be read: this says nothing of the candidate.".to_owned();
    }
    let compared = summary.standings.get(&Standing::Compared).copied().unwrap_or(0);
    if compared == 0 {
        let events = counted(summary.run.events, "event", "events");
        return format!("Nothing could be compared: of {events}, none has two verdicts.");
    }
    let of = counted(compared, "event", "events");
    if summary.is_changed() {
        let (changed, moved) = (grouped(summary.changed), grouped(summary.moved));
        return format!("{changed} of {of} compared changed, {moved} in verdict");
    }
    format!("No change in {of} compared")
}

/// What must be known beside it, a sentence each.
pub(super) fn beside(summary: &ReplaySummary) -> Vec<String> {
    let mut all = Vec::new();
    let count = |standing| summary.standings.get(&standing).copied().unwrap_or(0);
    let events = |count: u64| counted(count, "event", "events");
    if summary.new_blocks > 0 || summary.new_allows > 0 {
        let (blocks, allows) = (grouped(summary.new_blocks), grouped(summary.new_allows));
        all.push(format!("Newly blocked: {blocks}. Newly let pass, or not warned of any more: {allows}."));
    }
    if count(Standing::EvidenceOnly) > 0 {
        let only = events(count(Standing::EvidenceOnly));
        all.push(format!("{only} are evidence only: the recording does not hold their bytes, so no verdict can be drawn again."));
    }
    if count(Standing::NoVerdict) > 0 {
        all.push(format!("{} have no recorded verdict.", events(count(Standing::NoVerdict))));
    }
    if count(Standing::UnknownVerdict) > 0 {
        all.push(format!(
            "{} have a recorded verdict that is no known action.",
            events(count(Standing::UnknownVerdict))
        ));
    }
    all.extend(summary.run.suppressed.sentences());
    if summary.run.not_scanned_bytes() > 0 {
        all.push(format!("{} of the inputs were not scanned.", size(summary.run.not_scanned_bytes())));
    }
    if summary.run.troubled_inputs() > 0 {
        let inputs = counted(summary.run.inputs, "input", "inputs");
        all.push(format!("{} of {inputs} not read in full.", grouped(summary.run.troubled_inputs())));
    }
    if summary.unfollowed > 0 {
        all.push(format!("{} belong to sessions that are too many to follow.", events(summary.unfollowed)));
    }
    all
}

/// The name of a row or column.
pub(super) fn name(action: Option<Action>) -> &'static str {
    action.map_or("not replayable", Action::as_str)
}

/// Rows and columns of the matrix that hold anything.
pub(super) fn axes(summary: &ReplaySummary) -> (Vec<Option<Action>>, Vec<Option<Action>>) {
    let order = || Action::ALL.iter().copied().map(Some).chain([None]);
    let rows = order().filter(|row| summary.matrix.keys().any(|(from, _)| from == row)).collect();
    let columns = order().filter(|column| summary.matrix.keys().any(|(_, to)| to == column)).collect();
    (rows, columns)
}

fn push_matrix(out: &mut String, summary: &ReplaySummary) {
    let (rows, columns) = axes(summary);
    if rows.is_empty() {
        return;
    }
    out.push_str("\nVerdicts: baseline down, candidate across\n");
    out.push_str(&format!("  {:<15}", ""));
    for column in &columns {
        out.push_str(&format!("{:>15}", name(*column)));
    }
    out.push('\n');
    for row in rows {
        out.push_str(&format!("  {:<15}", name(row)));
        for column in &columns {
            let count = summary.matrix.get(&(row, *column)).copied().unwrap_or(0);
            out.push_str(&format!("{:>15}", if count == 0 { "-".to_owned() } else { grouped(count) }));
        }
        out.push('\n');
    }
}

/// As in `3 gained, 1 lost`.
fn sums(sums: FindingSums) -> String {
    let all = [(sums.gained, "gained"), (sums.lost, "lost"), (sums.altered, "altered")];
    let some = all.into_iter().filter(|(count, _)| *count > 0);
    some.map(|(count, word)| format!("{} {word}", grouped(count))).collect::<Vec<_>>().join(", ")
}

fn push_rules(out: &mut String, summary: &ReplaySummary) {
    if summary.changed == 0 {
        return;
    }
    out.push_str("\nWhy, by events\n");
    for (cause, events) in &summary.causes {
        out.push_str(&format!("  {:<14}{:>9}\n", cause.as_str(), grouped(*events)));
    }
    if summary.rules.is_empty() {
        return;
    }
    out.push_str(&format!("\nFindings by rule: {}\n", sums(summary.findings)));
    for ((rule, cause), sum) in summary.rules.iter().take(MOST_NAMED) {
        let through = sum.through.as_ref().map(|rule| format!(" of {rule}")).unwrap_or_default();
        let first = sum.first.map(|event| format!(", first in event {event}")).unwrap_or_default();
        out.push_str(&format!("  {rule}: {} ({cause}{through}{first})\n", sums(sum.findings)));
    }
    let more = summary.rules.len().saturating_sub(MOST_NAMED);
    if more > 0 {
        out.push_str(&format!("  and {more} more, in the JSON and the page\n"));
    }
}

fn push_sessions(out: &mut String, summary: &ReplaySummary) {
    let moved: Vec<_> = summary.moved_sessions().collect();
    if moved.is_empty() {
        return;
    }
    out.push_str("\nSessions whose peak risk changed\n");
    for peak in moved.iter().take(MOST_NAMED) {
        let session = peak.session.as_str();
        out.push_str(&format!(
            "  {} to {}  {session} (from event {})\n",
            peak.before, peak.after, peak.first
        ));
    }
    if moved.len() > MOST_NAMED {
        out.push_str(&format!("  and {} more, in the JSON and the page\n", moved.len() - MOST_NAMED));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_name_only_what_there_is() {
        let mut all = FindingSums::default();
        assert_eq!(sums(all), "");
        all.gained = 1200;
        all.altered = 1;
        assert_eq!(sums(all), "1,200 gained, 1 altered");
    }
}
