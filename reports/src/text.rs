//! The terminal's summary: plain text, no colour. First how much was looked at, then what was found, then what
//! was not read, by name.

use coldcase_model::{Chain, ChainStatus};

use crate::Summary;
use crate::headline::Headline;
use crate::quantity::{counted, grouped, size};
use crate::suppressed::days_ago;

/// Rules that are named; the page has them all.
const MOST_RULES: usize = 20;
/// Inputs that are named; the manifest has them all.
const MOST_NAMED: usize = 20;
/// Audit logs that are named; the table has them all.
const MOST_CHAINS: usize = 20;

/// The summary of a run for a terminal, ending in a line's end.
///
/// It holds nothing of an input but paths and counts; the caller still sanitises what it prints.
pub fn summary_text(summary: &Summary) -> String {
    let mut out = String::new();
    push_headline(&mut out, summary);
    push_findings(&mut out, summary);
    push_suppressed(&mut out, summary);
    push_recorded(&mut out, summary);
    push_chains(&mut out, summary);
    push_unfollowed(&mut out, summary);
    push_troubled(&mut out, summary);
    out
}

fn push_headline(out: &mut String, summary: &Summary) {
    let headline = Headline::of(summary);
    out.push_str(&headline.title);
    out.push('\n');
    for sentence in &headline.beside {
        out.push_str(sentence);
        out.push('\n');
    }
    let events = counted(summary.events, "event", "events");
    let inputs = counted(summary.inputs, "input", "inputs");
    let anomalies = counted(summary.anomalies, "anomaly", "anomalies");
    out.push_str(&format!("{events} in {inputs}, {anomalies}.\n"));
}

fn push_findings(out: &mut String, summary: &Summary) {
    if summary.findings == 0 {
        return;
    }
    out.push_str("\nFindings\n");
    for (severity, count) in summary.severities.iter().rev() {
        out.push_str(&format!("  {:<9}{:>9}\n", severity.as_str(), grouped(*count)));
    }
    out.push_str("\nBy rule, the worst first\n");
    for rule in summary.worst.rules().take(MOST_RULES) {
        let severity = rule.rule.severity.as_str();
        let first = rule.shown.first().map(|shown| format!(", first in event {}", shown.finding.event));
        let first = first.unwrap_or_default();
        let count = grouped(rule.count);
        out.push_str(&format!("  {severity:<9}{count:>9}  {} ({}{first})\n", rule.rule.title, rule.rule.id));
    }
    let rules = summary.worst.rules().count();
    if rules > MOST_RULES {
        out.push_str(&format!("  and {} more in report.html\n", counted_rules(rules - MOST_RULES)));
    }
}

fn counted_rules(rules: usize) -> String {
    counted(rules as u64, "rule", "rules")
}

/// What was accepted, and for how long already; what was accepted once and is no more.
fn push_suppressed(out: &mut String, summary: &Summary) {
    if summary.suppressed.is_empty() {
        return;
    }
    out.push_str("\nAccepted by the baseline\n");
    for sentence in summary.suppressed.sentences() {
        out.push_str(&format!("  {sentence}\n"));
    }
    for applied in summary.suppressed.oldest_first().take(MOST_RULES) {
        let entry = &applied.entry;
        let state = if entry.in_force { "suppressed" } else { "expired" };
        out.push_str(&format!(
            "  {state:<11}{:>9}  {} ({}), accepted {} by {} until {}\n",
            grouped(applied.findings),
            entry.reason,
            entry.rule,
            days_ago(entry.age_days),
            entry.author,
            entry.expires,
        ));
    }
    let more = summary.suppressed.entries().saturating_sub(MOST_RULES);
    if more > 0 {
        out.push_str(&format!("  and {} more\n", counted(more as u64, "entry", "entries")));
    }
}

/// The one comparison that matters at a glance: let through then, blocked now.
fn push_recorded(out: &mut String, summary: &Summary) {
    let missed = summary.missed();
    if missed > 0 {
        let events = counted(missed, "event", "events");
        out.push_str(&format!("\nThe recording firewall let pass {events} that this policy blocks.\n"));
    }
}

/// What came to a bound of the sessions' memory: it was scanned, and not held against later events.
fn push_unfollowed(out: &mut String, summary: &Summary) {
    if let Some(words) = unfollowed(summary) {
        out.push_str(&format!("\nNot followed from event to event: {words}.\n"));
    }
}

/// What was not followed, in words; nothing where all was.
pub(crate) fn unfollowed(summary: &Summary) -> Option<String> {
    let kinds = summary.unfollowed.kinds().into_iter().filter(|(_, count)| *count > 0);
    let words: Vec<String> = kinds.map(|(kind, count)| format!("{kind} {}", grouped(count))).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// One line if all audit logs are as they should be, else one for each that is not.
fn push_chains(out: &mut String, summary: &Summary) {
    if summary.chains == 0 {
        return;
    }
    out.push_str("\nAudit logs\n");
    for chain in summary.first_other_chains.iter().take(MOST_CHAINS) {
        out.push_str(&format!("  {:<14}{}\n", chain.status.as_str(), chain_line(chain)));
    }
    let named = summary.first_other_chains.len().min(MOST_CHAINS) as u64;
    let more = summary.chains.saturating_sub(summary.sound_chains).saturating_sub(named);
    if more > 0 {
        let logs = counted(more, "log", "logs");
        out.push_str(&format!("  and {logs} more that are not intact, in tables/chains.parquet\n"));
    }
    if summary.sound_chains > 0 {
        let authenticated = summary.first_sound_chains.iter().any(|chain| chain.trusted_keys > 0);
        let key = if authenticated { "a given key vouches for entries" } else { "no key was given" };
        let logs = counted(summary.sound_chains, "log", "logs");
        out.push_str(&format!("  {:<14}{logs}; {key}\n", ChainStatus::Intact.as_str()));
    }
}

fn chain_line(chain: &Chain) -> String {
    let mut line = format!("{} in {}", chain.session, chain.folder);
    if let Some(first) = &chain.first_bad {
        line.push_str(&format!(": {}, line {} (byte {})", first.file, first.line, first.offset));
        if chain.breaks_total > 1 {
            line.push_str(&format!(", and {} more", counted(chain.breaks_total - 1, "break", "breaks")));
        }
    } else if let Some(first) = chain.breaks.first() {
        line.push_str(&format!(": {}", first.seen));
    } else if let Some(torn) = &chain.torn {
        let bytes = counted(torn.bytes, "byte", "bytes");
        line.push_str(&format!(": {} ends in an incomplete line of {bytes}", torn.file));
    } else if let Some(first) = chain.first_seq.filter(|first| *first > 0) {
        line.push_str(&format!(": starts at entry {}", grouped(first)));
    }
    if chain.is_unpinned() {
        line.push_str("; no given key vouches for it");
    }
    line
}

fn push_troubled(out: &mut String, summary: &Summary) {
    if summary.troubled.is_empty() {
        return;
    }
    out.push_str("\nInputs not read in full\n");
    for facts in summary.troubled.iter().take(MOST_NAMED) {
        let bytes = size(facts.stored_bytes);
        out.push_str(&format!(
            "  {:<12}{bytes:>11}  {} ({})\n",
            facts.state.as_str(),
            facts.path,
            facts.format
        ));
    }
    let named = summary.troubled.len().min(MOST_NAMED) as u64;
    let more = summary.troubled_inputs().saturating_sub(named);
    if more > 0 {
        out.push_str(&format!("  and {} more in manifest.json\n", counted(more, "input", "inputs")));
    }
}
