//! What the recording firewall had decided, beside what the policy in force decides about the same events.

use std::collections::BTreeSet;

use coldcase_model::Action;

use crate::Summary;
use crate::quantity::{counted, grouped};

/// A matrix of counts: a row for each word of the firewall, a column for each action that occurs.
pub(super) struct RecordedView {
    pub(super) note: String,
    pub(super) actions: Vec<&'static str>,
    pub(super) rows: Vec<RecordedRow>,
}

/// What became of the events that the firewall gave one word.
pub(super) struct RecordedRow {
    pub(super) word: String,
    pub(super) counts: Vec<RecordedCount>,
}

/// A cell of the matrix.
pub(super) struct RecordedCount {
    pub(super) action: &'static str,
    pub(super) count: String,
    /// Let through then, blocked now.
    pub(super) missed: bool,
}

impl RecordedView {
    pub(super) fn of(summary: &Summary) -> Self {
        let actions: BTreeSet<Action> =
            summary.recorded.values().flat_map(|counts| counts.keys().copied()).collect();
        let rows = summary.recorded.iter().map(|(word, counts)| RecordedRow {
            word: word.clone(),
            counts: actions
                .iter()
                .map(|action| cell(word, *action, counts.get(action).copied().unwrap_or(0)))
                .collect(),
        });
        Self {
            note: note(summary),
            rows: rows.collect(),
            actions: actions.iter().map(|action| action.as_str()).collect(),
        }
    }
}

fn cell(word: &str, action: Action, count: u64) -> RecordedCount {
    RecordedCount {
        action: action.as_str(),
        count: if count == 0 { "–".to_owned() } else { grouped(count) },
        missed: count > 0 && action == Action::Block && word.eq_ignore_ascii_case("allow"),
    }
}

fn note(summary: &Summary) -> String {
    let events = summary.recorded.values().flat_map(|counts| counts.values()).sum();
    let missed = match summary.missed() {
        0 => "None that it let pass is blocked by this policy.".to_owned(),
        missed => format!("It let pass {} that this policy blocks.", counted(missed, "event", "events")),
    };
    format!("A firewall's own decision is recorded on {}. {missed}", counted(events, "event", "events"))
}
