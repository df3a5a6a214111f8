//! `report.html`: one file that shows a run to a person, without network, script or anything to install.
//!
//! Values are brought into words here; the templates only lay them out, and escape whatever they are given.
//! The page is bounded: what it leaves out it counts, and says in which file the rest is.

mod chains;
mod coverage;
mod findings;
mod inputs;
mod recorded;
mod run;
mod sessions;

use askama::Template;
use coldcase_model::RunFacts;

use self::chains::ChainsView;
pub(crate) use self::coverage::CoverageView;
use self::findings::FindingsView;
pub(crate) use self::inputs::InputsView;
use self::recorded::RecordedView;
pub(crate) use self::run::RunView;
use self::sessions::SessionsView;
use crate::headline::{Headline, Tone};
use crate::output::TextFile;
use crate::quantity::{counted, grouped};
use crate::text::unfollowed;
use crate::{ReportError, Summary};

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    tone: &'static str,
    title: String,
    beside: Vec<String>,
    facts: Vec<Fact>,
    nothing_read: bool,
    coverage: CoverageView,
    findings: FindingsView,
    sessions: SessionsView,
    recorded: RecordedView,
    chains: ChainsView,
    inputs: InputsView,
    run: RunView,
}

/// A number that stands at the head of the page.
struct Fact {
    label: &'static str,
    value: String,
}

/// Renders the page.
pub(crate) fn write(run: &RunFacts, summary: &Summary, out: &mut TextFile) -> Result<(), ReportError> {
    let Headline { tone, title, mut beside } = Headline::of(summary);
    if summary.failed_chains > 0 {
        let logs = counted(summary.chains, "audit log", "audit logs");
        beside.push(format!(
            "{} of {logs} failed: broken, or not signed by a given key.",
            grouped(summary.failed_chains)
        ));
    }
    out.page(&Page {
        tone: tone_name(tone),
        title,
        beside,
        facts: facts(summary),
        nothing_read: summary.nothing_read(),
        coverage: CoverageView::of(summary),
        findings: FindingsView::of(summary),
        sessions: SessionsView::of(summary),
        recorded: RecordedView::of(summary),
        chains: ChainsView::of(summary),
        inputs: InputsView::of(summary),
        run: RunView::of(run, unfollowed(summary)),
    })
}

fn facts(summary: &Summary) -> Vec<Fact> {
    let mut facts = vec![
        Fact { label: "inputs", value: grouped(summary.inputs) },
        Fact { label: "events", value: grouped(summary.events) },
        Fact { label: "anomalies", value: grouped(summary.anomalies) },
    ];
    if summary.chains > 0 {
        facts.push(Fact { label: "audit logs", value: audit_logs(summary) });
    }
    if let (Some(first), Some(last)) = (summary.first, summary.last) {
        facts.push(Fact { label: "first event", value: first.to_string() });
        facts.push(Fact { label: "last event", value: last.to_string() });
    }
    facts
}

fn audit_logs(summary: &Summary) -> String {
    let others = summary.chains.saturating_sub(summary.sound_chains);
    match (others, summary.failed_chains) {
        (0, _) => format!("{}, intact", grouped(summary.chains)),
        (_, 0) => format!("{}, {} not whole", grouped(summary.chains), grouped(others)),
        (_, failed) => format!("{}, {} failed", grouped(summary.chains), grouped(failed)),
    }
}

/// The class by which the style sheet knows a tone.
fn tone_name(tone: Tone) -> &'static str {
    match tone {
        Tone::Unknown => "unknown",
        Tone::Grave => "grave",
        Tone::Notable => "notable",
        Tone::Quiet => "quiet",
    }
}

/// What a capped list leaves out; empty when it leaves out nothing.
pub(crate) fn left_out(all: u64, shown: usize, one: &str, many: &str, elsewhere: &str) -> String {
    match all.saturating_sub(shown as u64) {
        0 => String::new(),
        more => format!("{} more in {elsewhere}.", counted(more, one, many)),
    }
}
