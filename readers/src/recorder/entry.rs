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

/// Whether an entry holds what the firewall judged: a capture, whose sample is all of what was scanned, else of what came over
/// the wire, else of the request; the first that it speaks of. A decision or receipt names what was judged and does not hold
/// it, and no entry does of which something was redacted or put into a file beside the log.
fn has_content(detail: Value<'_, '_>) -> bool {
    let says_no = |key: &str| detail.get(key).is_some_and(|value| value.raw() == b"false");
    if says_no("payload_complete") || memchr::memmem::find(detail.raw(), b"[REDACTED").is_some() {
        return false;
    }
    let sample = |place: &[&str], size: &str| {
        let sample = detail.at(place).and_then(Value::str);
        let size = detail.get(size).and_then(Value::u64);
        match (sample, size) {
            // What was no UTF-8 was replaced as it was written.
            (Some(sample), size) => {
                let is_whole = size.is_none_or(|size| sample.len() as u64 >= size);
                Some(is_whole && !sample.contains('\u{fffd}'))
            }
            (None, Some(size)) => Some(size == 0),
            (None, None) => None,
        }
    };
    let request = || {
        let body = sample(&["request", "body_sample"], "payload_bytes");
        let names = |key: &&str| {
            detail.at(&["request", key]).and_then(Value::str).is_some_and(|text| !text.is_empty())
        };
        body.unwrap_or_else(|| ["url", "tool_args_json"].iter().any(names))
    };
    sample(&["scanner_sample"], "scanner_bytes")
        .or_else(|| sample(&["wire_payload_sample"], "wire_payload_bytes"))
        .unwrap_or_else(request)
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

#[cfg(test)]
mod tests {
    use coldcase_model::json::Tape;

    use super::*;

    #[test]
    fn an_entry_holds_what_was_judged_only_with_all_of_its_bytes() {
        let request = r#""request":{"method":"GET","url":"https://example.com/a"}"#;
        let short = "a".repeat(256);
        for (detail, wanted) in [
            (format!(r#"{{"scanner_sample":"abc","scanner_bytes":3,{request}}}"#), true),
            (format!(r#"{{"scanner_sample":"abc","scanner_bytes":4,{request}}}"#), false),
            (format!(r#"{{"scanner_bytes":4,{request}}}"#), false),
            // What was scanned is there, though the page that it was made of is not.
            (
                format!(
                    r#"{{"scanner_sample":"abc","scanner_bytes":3,"wire_payload_bytes":90000,"wire_payload_sample":"{short}"}}"#
                ),
                true,
            ),
            (
                format!(
                    r#"{{"payload_ref":"000000.payload.enc","payload_complete":true,"wire_payload_bytes":90000,"wire_payload_sample":"{short}",{request}}}"#
                ),
                false,
            ),
            (format!(r#"{{"scanner_sample":"[REDACTED]","scanner_bytes":3,{request}}}"#), false),
            (
                r#"{"request":{"tool_name":"t","tool_args_json":"[REDACTED]"},"payload_complete":true}"#
                    .into(),
                false,
            ),
            (r#"{"request":{"url":"https://a.example/?t=[REDACTED:AWS Access ID]"}}"#.into(), false),
            (format!(r"{{{request}}}"), true),
            (format!(r#"{{{request},"payload_complete":false}}"#), false),
            (
                format!(
                    r#"{{"payload_bytes":90000,"request":{{"url":"https://a.example/","body_sample":"{short}"}}}}"#
                ),
                false,
            ),
            (
                r#"{"payload_bytes":3,"request":{"url":"https://a.example/","body_sample":"abc"}}"#.into(),
                true,
            ),
            (r#"{"request":{"method":"","url":"","mcp_method":"tools/list"}}"#.into(), false),
            ("{\"scanner_sample\":\"a\u{fffd}\",\"scanner_bytes\":2}".into(), false),
            (r#"{"verdict":"block","layer":"dlp"}"#.into(), false),
        ] {
            let mut tape = Tape::default();
            assert_eq!(has_content(tape.parse(detail.as_bytes()).expect("valid")), wanted, "{detail}");
        }
    }
}
