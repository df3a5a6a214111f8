//! Texts and traffic with labels, through the judge: how much of what is bad is found, and how much of what is harmless is
//! not let alone. The labels lie in `../shared/data`; without them these tests say so and pass.

mod egress;
mod texts;

use coldcase_engine::Judge;
use coldcase_model::{Item, Judged};
use coldcase_readers::RecordLines;
use serde_json::Value;

/// Judges event records one after the other; each is a session of its own unless it names one.
pub(crate) fn judged(judge: &mut Judge<'_>, session: &str, record: &Value) -> Vec<Judged> {
    let mut lines = RecordLines::new(session);
    let items = lines.read(record.to_string().as_bytes(), 0);
    let events = items.into_iter().map(|item| match item {
        Item::Event(event) => event,
        Item::Anomaly(anomaly) => panic!("{}: {record}", anomaly.what),
    });
    events.map(|event| judge.judge(&event)).collect()
}
