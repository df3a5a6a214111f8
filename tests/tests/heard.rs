//! What readers make of a text, and what the built-in rules find in it, in this process.

use std::io::Write;
use std::sync::LazyLock;

use coldcase_engine::{Judge, Pack, Policy};
use coldcase_model::{AnomalyKind, BatchSource, Detail, Event, EventKind, Finding, Item, Show};
use coldcase_readers::{InputSet, Limits, expand};

use crate::reading::read_one;

/// Compiled once: it takes longer than all else here.
static PACK: LazyLock<Pack> = LazyLock::new(|| coldcase_builtin::pack().unwrap());

/// The events of a file, and their findings.
pub(crate) struct Heard {
    pub(crate) format: String,
    pub(crate) events: Vec<Event>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) anomalies: Vec<AnomalyKind>,
}

/// Reads and judges bytes as a file; its ledger adds up and nothing of it is lost.
pub(crate) fn hear(bytes: &[u8]) -> Heard {
    let mut file = tempfile::Builder::new().suffix(".rec").tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.flush().unwrap();
    let format = read_one(file.path(), Limits::default()).facts.format.into_owned();
    let limits = Limits::default();
    let mut inputs = InputSet::new(expand(&[file.path().to_owned()], &limits).unwrap(), limits);
    let mut heard = Heard { format, events: Vec::new(), findings: Vec::new(), anomalies: Vec::new() };
    while let Some(batch) = inputs.next_batch() {
        batch.read(&mut |item| match item {
            Item::Event(event) => {
                assert!(event.is_tiled());
                heard.events.push(*event);
            }
            Item::Anomaly(anomaly) => heard.anomalies.push(anomaly.kind),
        });
    }
    let mut judge = Judge::new(&PACK, Policy::balanced(), Show::Redacted);
    heard.findings = heard.events.iter().flat_map(|event| judge.judge(event).findings).collect();
    heard
}

impl Heard {
    /// Of each message to or from a model: role, direction, tool, call and what its marked parts say.
    pub(crate) fn said(&self) -> Vec<String> {
        let events = self.events.iter().filter(|event| event.head.kind == EventKind::Model);
        events.map(shown).collect()
    }

    /// Surface, direction and pointer of each finding of a rule.
    pub(crate) fn found(&self, rule: &str) -> Vec<String> {
        let of_rule = self.findings.iter().filter(|finding| finding.rule.id.as_ref() == rule);
        of_rule
            .map(|finding| {
                let direction = finding.direction.map_or("-", |direction| direction.as_str());
                format!("{} {direction} {}", finding.surface, finding.pointer.as_str()).trim_end().to_owned()
            })
            .collect()
    }

    /// Whether any event holds this text on this surface.
    pub(crate) fn holds(&self, surface: &str, text: &str) -> bool {
        self.events.iter().any(|event| {
            event.parts.iter().any(|part| {
                let bytes = event.bytes(part);
                part.surface.as_str() == surface
                    && bytes.windows(text.len()).any(|window| window == text.as_bytes())
            })
        })
    }
}

fn shown(event: &Event) -> String {
    let Detail::Model { role, tool, call, .. } = &event.head.detail else { return String::new() };
    let words = [role, tool, call].map(|word| word.as_deref().unwrap_or("-"));
    let direction = event.head.direction.map_or("-", |direction| direction.as_str());
    let log = coldcase_model::Surface::LogField;
    let parts = event.parts.iter().filter(|part| part.surface != log);
    let texts: Vec<String> = parts
        .map(|part| format!("{}={}", part.surface, String::from_utf8_lossy(event.bytes(part))))
        .collect();
    format!("{} {direction} {} {}: {}", words[0], words[1], words[2], texts.join(" | "))
}
