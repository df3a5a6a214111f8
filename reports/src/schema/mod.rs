//! The tables, one file each: column, type, unit, nullability, meaning, and how a row fills it.

mod anomalies;
mod chains;
mod coverage;
mod events;
mod findings;
mod inputs;
mod joins;
mod markdown;
mod runs;
mod story;
mod verdict_changes;
mod verdicts;

use coldcase_model::Excerpt;

pub(crate) use anomalies::Anomalies;
pub(crate) use chains::Chains;
pub(crate) use coverage::{Coverage, CoverageRow};
pub(crate) use events::Events;
pub(crate) use findings::{FindingRow, Findings};
pub(crate) use inputs::Inputs;
pub(crate) use joins::Joins;
pub use markdown::tables_markdown;
pub(crate) use runs::{RunRow, Runs};
pub(crate) use story::{Arguments, Edges, Risks, Told, ToolChanges, Tools};
pub(crate) use verdict_changes::{VerdictChanges, is_recorded};
pub(crate) use verdicts::Verdicts;

use crate::tables::{Table, TableSpec};

/// Every table, in the order in which a reader of the report meets them.
fn specs() -> [TableSpec; 15] {
    [
        Inputs::spec(),
        Events::spec(),
        Findings::spec(),
        Verdicts::spec(),
        Coverage::spec(),
        Anomalies::spec(),
        Chains::spec(),
        Risks::spec(),
        Edges::spec(),
        Tools::spec(),
        ToolChanges::spec(),
        Joins::spec(),
        Arguments::spec(),
        Runs::spec(),
        VerdictChanges::spec(),
    ]
}

/// An empty excerpt says that there is nothing: null in a table.
fn filled(text: &Excerpt) -> Option<&str> {
    (!text.is_empty()).then(|| text.as_str())
}
