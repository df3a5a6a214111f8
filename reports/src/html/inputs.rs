//! The inputs: what was looked at, what was not read in full, and where formats are broken.

use coldcase_model::{InputFacts, InputState};

use super::findings::path;
use super::left_out;
use crate::Summary;
use crate::quantity::grouped;

/// All that the page says of inputs.
pub(crate) struct InputsView {
    pub(crate) rows: Vec<InputView>,
    pub(crate) left_out: String,
    pub(crate) troubled: Vec<InputView>,
    pub(crate) troubled_left_out: String,
    pub(crate) anomaly_kinds: Vec<(&'static str, String)>,
    pub(crate) anomalies: Vec<AnomalyView>,
    pub(crate) anomalies_left_out: String,
}

/// An input.
pub(crate) struct InputView {
    pub(crate) artifact: u32,
    pub(crate) path: String,
    pub(crate) format: String,
    pub(crate) state: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) creator: String,
    pub(crate) bytes: String,
    pub(crate) events: String,
    pub(crate) anomalies: String,
    /// The first digits of the SHA-256; empty when there is none.
    pub(crate) short: String,
    pub(crate) sha256: String,
}

/// An anomaly.
pub(crate) struct AnomalyView {
    pub(crate) kind: &'static str,
    pub(crate) path: String,
    pub(crate) record: String,
    pub(crate) offset: String,
    pub(crate) what: String,
}

impl InputsView {
    pub(crate) fn of(summary: &Summary) -> Self {
        let inputs =
            |all, shown| left_out(all, shown, "input", "inputs", "manifest.json and tables/inputs.parquet");
        Self {
            rows: summary.first_inputs.iter().map(InputView::of).collect(),
            left_out: inputs(summary.inputs, summary.first_inputs.len()),
            troubled: summary.troubled.iter().map(InputView::of).collect(),
            troubled_left_out: inputs(summary.troubled_inputs(), summary.troubled.len()),
            anomaly_kinds: summary
                .anomaly_kinds
                .iter()
                .map(|(kind, count)| (kind.as_str(), grouped(*count)))
                .collect(),
            anomalies: anomalies(summary),
            anomalies_left_out: left_out(
                summary.anomalies,
                summary.first_anomalies.len(),
                "anomaly",
                "anomalies",
                "tables/anomalies.parquet",
            ),
        }
    }
}

impl InputView {
    fn of(facts: &InputFacts) -> Self {
        let sha256 = facts.sha256.map(|digest| digest.to_string()).unwrap_or_default();
        Self {
            artifact: facts.artifact.0,
            path: facts.path.clone(),
            format: match &*facts.compression {
                "none" => facts.format.to_string(),
                compression => format!("{} in {compression}", facts.format),
            },
            state: facts.state.as_str(),
            meaning: meaning(facts.state),
            creator: facts.creator.clone().unwrap_or_default(),
            bytes: grouped(facts.stored_bytes),
            events: grouped(facts.events),
            anomalies: grouped(facts.anomalies),
            short: sha256.chars().take(12).collect(),
            sha256,
        }
    }
}

fn meaning(state: InputState) -> &'static str {
    match state {
        InputState::Read => "read to its end",
        InputState::Partial => "read in part: something in it is malformed, cut or over a limit",
        InputState::NotScanned => "its format is not one that Coldcase reads; nothing of it was scanned",
        InputState::Failed => "could not be opened or read",
    }
}

fn anomalies(summary: &Summary) -> Vec<AnomalyView> {
    let view = |anomaly: &coldcase_model::Anomaly| AnomalyView {
        kind: anomaly.kind.as_str(),
        path: path(summary, anomaly.pos.artifact),
        record: grouped(anomaly.pos.record),
        offset: grouped(anomaly.pos.offset),
        what: anomaly.what.clone(),
    };
    summary.first_anomalies.iter().map(view).collect()
}
