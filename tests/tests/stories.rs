//! Scripted sessions in every format that carries them: in each of forty incidents the event that brought the order in and
//! the one that carried the token out are named, and no harmless session rises above *elevated*.

mod formats;
mod joined;
mod script;

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use coldcase_engine::{Pack, Policy, Report, run};
use coldcase_model::{
    Anomaly, Basis, BatchSource, Direction, EdgeKind, Event, InputFacts, Item, Judged, RiskLevel, Severity,
    Show,
};
use coldcase_readers::{InputSet, Limits, expand};

use formats::Format;
use script::{Script, harmless, incidents};

use crate::samples::token;

/// A session as it was read and judged.
#[derive(Default)]
struct Seen {
    judged: Vec<Judged>,
    /// The surfaces and bytes of each event's parts.
    events: Vec<Event>,
}

impl Report for Seen {
    type Error = Infallible;
    fn judged(&mut self, judged: &Judged) -> Result<(), Infallible> {
        self.judged.push(judged.clone());
        Ok(())
    }
    fn anomaly(&mut self, anomaly: &Anomaly) -> Result<(), Infallible> {
        panic!("{}", anomaly.what);
    }
    fn input(&mut self, _: &InputFacts) -> Result<(), Infallible> {
        Ok(())
    }
}

/// Writes every scripted session in every format, each into a folder of its own; the folders.
pub(crate) fn write_all(to: &Path) -> Vec<PathBuf> {
    let scripts: Vec<Script> = incidents().into_iter().chain(harmless()).collect();
    let mut folders = Vec::new();
    for (format, script) in
        Format::ALL.into_iter().flat_map(|format| scripts.iter().map(move |script| (format, script)))
    {
        let (name, text) = format.write(script);
        let folder = to.join(format!("{format:?} {}", script.name));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join(name), text).unwrap();
        folders.push(folder);
    }
    folders
}

fn seen(pack: &Pack, format: Format, script: &Script) -> Seen {
    let temp = tempfile::tempdir().unwrap();
    let (name, text) = format.write(script);
    std::fs::write(temp.path().join(name), text).unwrap();
    let inputs = || {
        let limits = Limits::default();
        InputSet::new(expand(&[temp.path().to_owned()], &limits).unwrap(), limits)
    };
    let mut seen = Seen::default();
    let Ok(()) = run(&mut inputs(), pack, &Policy::balanced(), Show::Redacted, 1, &mut seen, &|_| {});
    let mut source = inputs();
    while let Some(batch) = source.next_batch() {
        batch.read(&mut |item| {
            if let Item::Event(event) = item {
                seen.events.push(*event);
            }
        });
    }
    assert_eq!(seen.events.len(), seen.judged.len(), "{format:?} {}", script.name);
    seen
}

impl Seen {
    /// The events with a part that holds this text, whole or as a JSON string has it.
    fn holding(&self, direction: Direction, text: &str) -> Vec<usize> {
        let quoted = serde_json::to_string(text).unwrap();
        let quoted = quoted.trim_matches('"').as_bytes();
        let holds = |event: &Event| {
            event.head.direction == Some(direction)
                && event.parts.iter().any(|part| {
                    let bytes = event.bytes(part);
                    [text.as_bytes(), quoted]
                        .iter()
                        .any(|text| bytes.windows(text.len().max(1)).any(|window| window == *text))
                })
        };
        (0..self.events.len()).filter(|index| holds(&self.events[*index])).collect()
    }

    fn has_finding(&self, index: usize) -> bool {
        self.judged[index].findings.iter().any(|finding| finding.rule.severity >= Severity::Medium)
    }

    /// Indices of events that go one way and have a finding of medium severity or more.
    fn found(&self, direction: Direction) -> Vec<usize> {
        let goes = |index: &usize| self.judged[*index].head.direction == Some(direction);
        (0..self.judged.len()).filter(goes).filter(|index| self.has_finding(*index)).collect()
    }

    /// Whether one of some events has content of one of others.
    fn is_linked(&self, from: &[usize], to: &[usize], kind: EdgeKind) -> bool {
        let from: Vec<_> = from.iter().map(|index| self.judged[*index].head.id).collect();
        to.iter()
            .flat_map(|index| &self.judged[*index].story.edges)
            .any(|edge| (edge.kind, edge.basis) == (kind, Basis::Linked) && from.contains(&edge.from))
    }

    fn peak(&self) -> RiskLevel {
        self.judged.iter().map(|judged| judged.verdict.risk.level).max().unwrap_or(RiskLevel::Normal)
    }
}

/// What is wrong with how an incident was judged; nothing if all is right. Content is followed in all formats but the log of
/// a firewall, whose entries do not tell which way they went.
fn wrong(seen: &Seen, script: &Script, format: Format) -> Vec<String> {
    let is_followed = format != Format::Recorder;
    let mut wrong = Vec::new();
    let (came, left) = script.incident.expect("an incident");
    let brought = seen.holding(Direction::Ingress, &script.steps[came].result);
    let first = seen.found(Direction::Ingress).first().copied();
    if !first.is_some_and(|first| brought.contains(&first)) {
        wrong.push(format!("the first finding that came in is {first:?}, the order {brought:?}"));
    }
    let longest = |value: &serde_json::Value| match value {
        serde_json::Value::Object(fields) => {
            fields.values().flat_map(texts).max_by_key(String::len).unwrap_or_default()
        }
        _ => String::new(),
    };
    let out = longest(&script.steps[left].arguments);
    let carried = seen.holding(Direction::Egress, &out);
    let last = seen.found(Direction::Egress).last().copied();
    if !last.is_some_and(|last| carried.contains(&last)) {
        wrong.push(format!("the last finding that went out is {last:?}, the token {carried:?}"));
    }
    let is_led = script.steps[left].arguments.to_string().contains(script::HOST);
    if is_followed && is_led && !seen.is_linked(&brought, &carried, EdgeKind::InjectedBy) {
        wrong.push(format!(
            "what goes to the place of the order, {carried:?}, is not linked to it, {brought:?}"
        ));
    }
    let stolen = seen.holding(Direction::Ingress, &token());
    if is_followed && !seen.is_linked(&stolen, &carried, EdgeKind::Carried) {
        wrong.push(format!(
            "the token that left, {carried:?}, is not linked to where it was read, {stolen:?}"
        ));
    }
    if seen.peak() < RiskLevel::High {
        wrong.push(format!("the session peaks at {}", seen.peak().as_str()));
    }
    wrong
}

/// All strings in a value.
fn texts(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::String(text) => vec![text.clone()],
        serde_json::Value::Object(fields) => fields.values().flat_map(texts).collect(),
        serde_json::Value::Array(items) => items.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn incidents_are_found_with_where_they_came_in_and_where_they_left() {
    let pack = coldcase_builtin::pack().unwrap();
    let all = incidents();
    assert_eq!(all.len(), 40);
    let mut failed = Vec::new();
    for script in &all {
        for format in Format::ALL {
            let seen = seen(&pack, format, script);
            failed.extend(
                wrong(&seen, script, format)
                    .into_iter()
                    .map(|what| format!("{format:?} {}: {what}", script.name)),
            );
        }
    }
    assert!(failed.is_empty(), "{} wrong:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn harmless_sessions_stay_below_high() {
    let pack = coldcase_builtin::pack().unwrap();
    let mut failed = Vec::new();
    for script in &harmless() {
        for format in Format::ALL {
            let seen = seen(&pack, format, script);
            if seen.peak() > RiskLevel::Elevated {
                let rules = seen.judged.iter().flat_map(|judged| &judged.findings);
                let rules: Vec<&str> = rules.map(|finding| &*finding.rule.id).collect();
                failed.push(format!("{format:?} {}: {} by {rules:?}", script.name, seen.peak().as_str()));
            }
        }
    }
    assert!(failed.is_empty(), "{} too high:\n{}", failed.len(), failed.join("\n"));
}
