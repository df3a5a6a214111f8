//! The first thing that a report says: how bad it is, of how much. Terminal and page say it in the same words.

use coldcase_model::{Account, NotScanned, Severity};

use crate::Summary;
use crate::quantity::{counted, part_of, size};

/// How a headline is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing was read: no conclusion at all.
    Unknown,
    /// Findings to be acted on.
    Grave,
    /// Findings to be looked at.
    Notable,
    /// No findings.
    Quiet,
}

/// A headline.
#[derive(Debug, Clone)]
pub(crate) struct Headline {
    /// How it is to be taken.
    pub(crate) tone: Tone,
    /// One line.
    pub(crate) title: String,
    /// What must be known beside it, a sentence each.
    pub(crate) beside: Vec<String>,
}

impl Headline {
    /// The headline of a run.
    pub(crate) fn of(summary: &Summary) -> Self {
        if summary.nothing_read() {
            return Self::nothing_read(summary);
        }
        let (scanned, all) = part_of(
            summary.content.bytes(Account::Scanned),
            summary.content.total().saturating_add(summary.unaccounted_bytes()),
        );
        let looked_at = format!("{scanned} scanned of {all}");
        let (tone, title) = match summary.severities.last_key_value() {
            None => {
                let tone = if summary.failed_chains > 0 { Tone::Notable } else { Tone::Quiet };
                (tone, format!("No findings in {looked_at}"))
            }
            Some((&worst, _)) => {
                let tone = if worst >= Severity::High { Tone::Grave } else { Tone::Notable };
                (tone, format!("{} in {looked_at}", counted(summary.findings, "finding", "findings")))
            }
        };
        let mut beside = vec![not_scanned(summary)];
        beside.extend(summary.suppressed.sentences());
        beside.extend(left_out(summary));
        beside.extend(troubled(summary));
        Self { tone, title, beside }
    }

    fn nothing_read(summary: &Summary) -> Self {
        let looked_at = format!(
            "{}, {}: no event could be scanned in any of it. This is not a clean result.",
            counted(summary.inputs, "input", "inputs"),
            size(summary.stored_bytes),
        );
        Self { tone: Tone::Unknown, title: "Nothing could be read".to_owned(), beside: vec![looked_at] }
    }
}

/// What was not scanned, by account. Framing carries no content, so it is named apart.
fn not_scanned(summary: &Summary) -> String {
    let accounts = [
        (summary.content.bytes(Account::Opaque), "opaque"),
        (summary.content.bytes(Account::Lost), "lost"),
        (summary.content.bytes(Account::OverLimit), "over a limit"),
        (summary.unaccounted_bytes(), "never opened"),
    ];
    let parts: Vec<_> = accounts
        .into_iter()
        .filter(|(bytes, _)| *bytes > 0)
        .map(|(bytes, name)| format!("{} {name}", size(bytes)))
        .collect();
    let mut out = format!("{} were not scanned", size(summary.not_scanned_bytes()));
    if summary.not_scanned_bytes() == 1 {
        "1 byte was not scanned".clone_into(&mut out);
    }
    if !parts.is_empty() {
        out.push_str(&format!(" ({})", parts.join(", ")));
    }
    let framing = summary.content.bytes(Account::Framing);
    if framing > 0 {
        out.push_str(&format!("; {} of framing carry no content", size(framing)));
    }
    out.push('.');
    out
}

/// What the recordings themselves do not hold: no verdict can rest on it.
fn left_out(summary: &Summary) -> Option<String> {
    let bytes = summary.not_scanned.get(&NotScanned::NotRecorded).copied().filter(|bytes| *bytes > 0)?;
    Some(format!("{} of bodies are not in the recordings.", size(bytes)))
}

fn troubled(summary: &Summary) -> Option<String> {
    let troubled = summary.troubled_inputs();
    (troubled > 0).then(|| {
        let verb = if troubled == 1 { "was" } else { "were" };
        format!("{troubled} of {} {verb} not read in full.", counted(summary.inputs, "input", "inputs"))
    })
}
