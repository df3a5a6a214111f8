//! A sweep for a person and for a program.

use coldcase_model::Action;
use coldcase_reports::RulesetPair;
use serde_json::{Map, Value, json};

use super::tally::{Side, Swung};
use crate::cmd::labels::Share;
use crate::cmd::labels::curve::{self, Point};

/// The columns of verdicts that say that something was done.
const SHOWN: [Action; 4] = [Action::Warn, Action::Ask, Action::Strip, Action::Block];

/// The table, with what must be known beside it.
pub(super) fn as_text(sides: &RulesetPair, swung: &Swung, points: &[Point]) -> String {
    if swung.nothing_read() {
        return "Nothing could be read: this says nothing of the candidate.\n".to_owned();
    }
    let baseline = sides.baseline.as_ref().map_or("", |baseline| baseline.name.as_str());
    let mut text = format!(
        "{} events in {} inputs\nBaseline:  {baseline}\nCandidate: {}\n",
        swung.events, swung.inputs, sides.candidate.name
    );
    if swung.partly_recorded > 0 {
        text.push_str(&format!(
            "Of {} events the recording left bytes out; their verdicts rest on what is left.\n",
            swung.partly_recorded
        ));
    }
    text.push('\n');
    let mut heads = vec!["confidence", "findings"];
    heads.extend(SHOWN.iter().map(|action| action.as_str()));
    heads.extend(["new block", "new allow"]);
    if !points.is_empty() {
        heads.extend(["precision", "recall"]);
    }
    text.push_str(&row(heads.iter().map(|head| (*head).to_owned())));
    let side = |side: &Side| {
        let of = |action: &Action| side.actions.get(action).copied().unwrap_or(0).to_string();
        let mut cells = vec![side.findings.to_string()];
        cells.extend(SHOWN.iter().map(of));
        cells
    };
    text.push_str(&row(std::iter::once("baseline".to_owned()).chain(side(&swung.before))));
    for (index, level) in swung.levels.iter().enumerate() {
        let mut cells = vec![format!("{:.2}", level.least)];
        cells.extend(side(&level.side));
        cells.extend([level.new_blocks.to_string(), level.new_allows.to_string()]);
        if let Some(point) = points.get(index) {
            cells.extend([point.score.precision.text(), point.score.recall.text()]);
        }
        text.push_str(&row(cells.into_iter()));
    }
    if !points.is_empty() {
        let recordings = swung.labelled.recordings;
        text.push_str(&format!("\nPrecision and recall are those of {recordings} labelled recordings.\n"));
    }
    text
}

fn row(cells: impl Iterator<Item = String>) -> String {
    let line: String = cells.map(|cell| format!("{cell:>10} ")).collect();
    format!("{}\n", line.trim_end())
}

/// The same as one JSON object.
pub(super) fn as_json(sides: &RulesetPair, swung: &Swung, points: &[Point]) -> Value {
    let side = |side: &Side| {
        let actions: Map<String, Value> =
            side.actions.iter().map(|(action, events)| (action.to_string(), json!(events))).collect();
        json!({ "findings": side.findings, "actions": actions })
    };
    let share = |share: Share| json!({ "right": share.right, "of": share.of });
    let levels: Vec<Value> = swung
        .levels
        .iter()
        .enumerate()
        .map(|(index, level)| {
            let mut one = side(&level.side);
            if let Some(members) = one.as_object_mut() {
                members.insert("confidence".into(), json!(curve::decimal(level.least)));
                members.insert("new_block".into(), json!(level.new_blocks));
                members.insert("new_allow".into(), json!(level.new_allows));
                if let Some(point) = points.get(index) {
                    members.insert("precision".into(), share(point.score.precision));
                    members.insert("recall".into(), share(point.score.recall));
                }
            }
            one
        })
        .collect();
    json!({
        "schema": "coldcase.sweep/1",
        "baseline": sides.baseline.as_ref().map(|baseline| baseline.name.as_str()),
        "candidate": sides.candidate.name,
        "inputs": swung.inputs,
        "events": swung.events,
        "partly_recorded": swung.partly_recorded,
        "labelled_recordings": swung.labelled.recordings,
        "before": side(&swung.before),
        "levels": levels,
    })
}
