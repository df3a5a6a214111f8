//! One entry to one event, with the firewall's decision kept as the recorded verdict.

use std::sync::Arc;

use bytes::Bytes;
use coldcase_model::json::{Mark, Value};
use coldcase_model::{
    Anomaly, AnomalyKind, Detail, Direction, Event, EventHead, EventKind, Interner, Item, Name, NotScanned,
    Recorded, SessionKey, Surface, TimeSource,
};

use crate::build;
use crate::record::{Booked, Context, Emit, RawRecord, RecordReader, Reject, Scratch};
use crate::time;

/// Reads entries of versions 1 to 3.
pub(crate) struct RecorderReader {
    pub(crate) context: Arc<Context>,
}

/// The entry versions that are known.
const VERSIONS: std::ops::RangeInclusive<u64> = 1..=3;

/// What every entry has.
const REQUIRED: [&str; 6] = ["seq", "ts", "session_id", "type", "prev_hash", "hash"];

impl RecordReader for RecorderReader {
    fn read(&self, record: &RawRecord, scratch: &mut Scratch, emit: Emit<'_>) -> Result<Booked, Reject> {
        let root = scratch.tape.parse(&record.bytes)?;
        let names = &mut scratch.names;
        let version = root.get("v").and_then(Value::u64);
        if !version.is_some_and(|version| VERSIONS.contains(&version)) {
            let what = "an entry of a version other than 1 to 3; its content was scanned";
            emit(Item::Anomaly(Anomaly::new(AnomalyKind::UnknownVersion, record.pos, what)));
        }
        let mut required = [None; REQUIRED.len()];
        for (key, slot) in REQUIRED.into_iter().zip(&mut required) {
            *slot = root.get(key);
            if slot.is_none() {
                let what = format!("an entry without `{key}`");
                emit(Item::Anomaly(Anomaly::new(AnomalyKind::MissingField, record.pos, what)));
            }
        }
        let [_, ts, session, ..] = required;
        let session = session.and_then(Value::str).map(|id| SessionKey(names.name(&id)));
        let session = session.unwrap_or_else(|| self.context.session.clone());
        let mut head = EventHead::new(EventKind::Log, session, record.span());
        head.time = ts.and_then(Value::str).and_then(|text| time::parse(&text, TimeSource::Recorder));
        let event = event(head, &record.bytes, record.pos.offset, root, names);
        emit(Item::Event(Box::new(event)));
        Ok(Booked::Whole)
    }
}

/// Whether an object is an entry of such a log.
pub(crate) fn is_entry(value: Value<'_, '_>) -> bool {
    ["prev_hash", "hash", "seq", "detail"].iter().all(|key| value.get(key).is_some())
}

/// The event of an entry that stands in `document`, which starts at `offset` of the artifact.
pub(crate) fn event(
    mut head: EventHead,
    document: &Bytes,
    offset: u64,
    root: Value<'_, '_>,
    names: &mut Interner,
) -> Event {
    let detail = root.get("detail");
    head.detail = Detail::Log { entry_type: name_at(root, &["type"], names) };
    if let Some(detail) = detail {
        head.recorded = recorded(detail, names);
        head.agent = name_at(detail, &["agent"], names)
            .or_else(|| name_at(detail, &["action_record", "actor"], names));
        head.direction = head.direction.or_else(|| direction(detail));
        head.missing.extend(missing(detail));
    }
    let mut marks = detail.map(marks).unwrap_or_default();
    marks.sort_by_key(|mark| mark.span);
    build::document_event(head, document, offset, root, &marks, Surface::LogField)
}

fn name_at(value: Value<'_, '_>, path: &[&str], names: &mut Interner) -> Option<Name> {
    let text = value.at(path)?.string()?;
    (!text.is_empty()).then(|| names.name_lossy(&text))
}

/// What the firewall decided: a decision, a signed decision, a receipt or a capture says it in different places.
fn recorded(detail: Value<'_, '_>, names: &mut Interner) -> Option<Recorded> {
    const PLACES: [(&[&str], &[&str], &[&str]); 4] = [
        (&["verdict"], &["layer"], &["pattern"]),
        (&["action_record", "verdict"], &["action_record", "layer"], &["action_record", "pattern"]),
        (&["effective_action"], &["surface"], &[]),
        (&["payload", "verdict"], &["payload", "winning_source"], &["payload", "rule_id"]),
    ];
    let (verdict, layer, pattern) = PLACES
        .into_iter()
        .find_map(|(verdict, layer, pattern)| Some((name_at(detail, verdict, names)?, layer, pattern)))?;
    let signed = detail.get("scanner_result");
    let inner = |path: &[&str], key: &str, names: &mut Interner| {
        name_at(detail, path, names).or_else(|| name_at(signed?, &[key], names))
    };
    let layer = inner(layer, "layer", names);
    let pattern = inner(pattern, "pattern", names);
    Some(Recorded { verdict, layer, pattern, has_content: has_content(detail) })
}

/// Whether an entry holds what the firewall judged. A capture does, unless it says that it was cut or its sample is shorter
/// than what was scanned; a decision or receipt names what was judged and does not hold it.
fn has_content(detail: Value<'_, '_>) -> bool {
    let says_no = |key: &str| detail.get(key).is_some_and(|value| value.raw() == b"false");
    let sample = detail.get_str("scanner_sample");
    let scanned = detail.get("scanner_bytes").and_then(Value::u64);
    let is_cut = match (&sample, scanned) {
        (Some(sample), Some(scanned)) => (sample.len() as u64) < scanned,
        _ => false,
    };
    let any =
        sample.is_some() || ["wire_payload_sample", "request"].iter().any(|key| detail.get(key).is_some());
    any && !is_cut && !says_no("payload_complete")
}

/// A capture names its surface; what was fetched reaches the agent, what was asked for leaves it.
fn direction(detail: Value<'_, '_>) -> Option<Direction> {
    let stated = detail.at(&["request_context", "direction"]).and_then(Value::str);
    match stated.or_else(|| detail.get_str("surface")).as_deref() {
        Some("response" | "inbound" | "ingress" | "tool_scan" | "tool_result") => Some(Direction::Ingress),
        Some("url" | "dlp" | "outbound" | "egress" | "request" | "tool_policy" | "cee") => {
            Some(Direction::Egress)
        }
        _ => None,
    }
}

/// What the recorder itself took out: the bytes of a redacted detail are not in the log.
fn missing(detail: Value<'_, '_>) -> Vec<(NotScanned, u64)> {
    let redacted = detail.get("redacted").is_some_and(|value| value.raw() == b"true");
    let size = detail.get("original_size").and_then(Value::u64);
    if redacted { vec![(NotScanned::NotRecorded, size.unwrap_or(0))] } else { Vec::new() }
}

/// The parts of a detail that sit on surfaces of their own.
fn marks(detail: Value<'_, '_>) -> Vec<Mark> {
    let mut marks = Vec::with_capacity(12);
    let mut mark = |holder: Option<Value<'_, '_>>, places: &[(&str, Surface)]| {
        let Some(holder) = holder else { return };
        let found = places
            .iter()
            .filter_map(|(key, surface)| Some(Mark { span: holder.get(key)?.content(), surface: *surface }));
        marks.extend(found);
    };
    let request = [
        ("url", Surface::Url),
        ("headers", Surface::Header),
        ("body_sample", Surface::Body),
        ("tool_name", Surface::ToolName),
        ("tool_args_json", Surface::ToolArgument),
    ];
    mark(detail.get("request"), &request);
    mark(Some(detail), &[("wire_payload_sample", Surface::Body)]);
    mark(detail.get("action_record"), &[("target", Surface::Url)]);
    mark(Some(detail), &[("tool_name", Surface::ToolName)]);
    mark(detail.get("request_context"), &[("tool_name", Surface::ToolName)]);
    if let Some(sample) = detail.get("scanner_sample") {
        let surface = match detail.get_str("surface").as_deref() {
            Some("url") => Surface::Url,
            Some("response") => Surface::Body,
            Some("tool_scan") => Surface::ToolDescription,
            Some("tool_policy") => Surface::ToolArgument,
            _ => Surface::LogField,
        };
        marks.push(Mark { span: sample.content(), surface });
    }
    marks
}
