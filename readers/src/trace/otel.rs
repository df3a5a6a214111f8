//! OpenTelemetry: requests of OTLP in JSON, one a line or a document, and spans as exporters print them one by one.
//!
//! A session is a trace. Who acts is `gen_ai.agent.name` of the span, else `service.name` of its resource. Resource and scope
//! are one log event for each record. Metrics are fields of a log.

use std::sync::Arc;

use coldcase_model::json::{Kind, Value};
use coldcase_model::{Interner, Name, SessionKey, TimeSource, Timestamp};

use super::attributes::{self, Attribute, Held};
use super::meaning::{self, Meaning, Work};
use super::numbered;
use super::unit::{self, Piece, Unit};
use crate::agent::{Facts, Speaker};
use crate::record::{Booked, Context, Emit, RawRecord, RecordReader, Reject, Scratch};
use crate::time;

/// Reads spans and log records.
pub(crate) struct OtelReader {
    pub(crate) context: Arc<Context>,
}

const RESOURCES: [&str; 4] = ["resourceSpans", "resource_spans", "resourceLogs", "resource_logs"];
const SCOPES: [&str; 5] =
    ["scopeSpans", "scope_spans", "instrumentationLibrarySpans", "scopeLogs", "scope_logs"];
const UNITS: [&str; 3] = ["spans", "logRecords", "log_records"];

/// Whether a value is a request of OTLP or the spans of one resource.
pub(super) fn is_request(value: Value<'_, '_>) -> bool {
    RESOURCES.iter().chain(&SCOPES).any(|key| value.get(key).is_some_and(|list| list.kind() == Kind::Array))
}

/// Whether a value is a span that stands alone.
pub(super) fn is_span(value: Value<'_, '_>) -> bool {
    let has = |path: &[&str]| value.at(path).is_some_and(|id| id.kind() == Kind::String);
    let ids = [
        [&["context", "trace_id"][..], &["context", "span_id"][..]],
        [&["trace_id"][..], &["span_id"][..]],
        [&["traceId"][..], &["spanId"][..]],
    ];
    value.get("attributes").is_some()
        && value.get("name").is_some()
        && ids.iter().any(|[one, other]| has(one) && has(other))
}

impl RecordReader for OtelReader {
    fn read(&self, record: &RawRecord, scratch: &mut Scratch, emit: Emit<'_>) -> Result<Booked, Reject> {
        let Scratch { tape, inner, names, .. } = scratch;
        let root = tape.parse(&record.bytes)?;
        let mut units = Vec::new();
        let resources = RESOURCES.iter().filter_map(|key| root.get(key)).flat_map(Value::items);
        for resource in resources.chain([root]) {
            self.resource(resource, names, &mut units);
        }
        if units.is_empty() && is_span(root) {
            let agent = service(root.get("resource").and_then(|resource| resource.get("attributes")), names);
            units.push(self.unit(root, agent, names));
        }
        let mut spans: Vec<_> = units.iter().map(|unit| unit.root.span()).collect();
        spans.sort_unstable();
        if !spans.contains(&root.span()) {
            let entry_type = Some(names.name("resource"));
            let session = self.context.session.clone();
            let facts = Facts { session, time: None, agent: None, name: None, entry_type };
            unit::rest(record, (root, &spans), &[], &facts, emit);
        }
        for unit in units {
            unit::emit(record, unit, inner, names, emit);
        }
        Ok(Booked::Whole)
    }
}

/// The service that a resource is.
fn service(attributes: Option<Value<'_, '_>>, names: &mut Interner) -> Option<Name> {
    attributes::string(&attributes::of(attributes), "service.name").map(|name| names.name(&name))
}

impl OtelReader {
    /// The units of a resource, in the order of the document.
    fn resource<'t, 'd>(&self, resource: Value<'t, 'd>, names: &mut Interner, units: &mut Vec<Unit<'t, 'd>>) {
        let scopes = SCOPES.iter().filter_map(|key| resource.get(key)).flat_map(Value::items);
        let listed =
            |scope: Value<'t, 'd>| UNITS.iter().filter_map(move |key| scope.get(key)).flat_map(Value::items);
        let found: Vec<Value<'t, 'd>> =
            scopes.flat_map(listed).filter(|unit| unit.kind() == Kind::Object).collect();
        if found.is_empty() {
            return;
        }
        let agent = service(resource.get("resource").and_then(|inner| inner.get("attributes")), names);
        let start = units.len();
        units.extend(found.into_iter().map(|value| self.unit(value, agent.clone(), names)));
        // Two lists may stand side by side in any order.
        if let Some(added) = units.get_mut(start..) {
            added.sort_by_key(|unit| unit.root.span());
        }
    }

    /// A span or a log record.
    fn unit<'t, 'd>(&self, root: Value<'t, 'd>, agent: Option<Name>, names: &mut Interner) -> Unit<'t, 'd> {
        let attributes = attributes::of(root.get("attributes"));
        let of = |key: &str| attributes::string(&attributes, key);
        let text_at = |paths: &[&[&str]]| {
            paths.iter().find_map(|path| root.at(path)?.str()).filter(|text| !text.is_empty())
        };
        let work = meaning::KINDS.iter().filter_map(|key| of(key)).map(|kind| Work::of(&kind));
        let work = work.into_iter().find(|work| *work != Work::Other).unwrap_or_default();
        let trace = text_at(&[&["traceId"], &["trace_id"], &["context", "trace_id"]]);
        let session = trace.map_or_else(|| self.context.session.clone(), |id| SessionKey::new(&id));
        let name = text_at(&[&["eventName"], &["event_name"], &["name"]]).or_else(|| of("event.name"));
        let facts = Facts {
            session,
            time: time_of(root, &START),
            agent: of("gen_ai.agent.name").map(|name| names.name(&name)).or(agent),
            name: text_at(&[&["spanId"], &["span_id"], &["context", "span_id"]]).map(|id| names.name(&id)),
            entry_type: Some(names.name(name.as_deref().unwrap_or("log_record"))),
        };
        let mut pieces = Vec::new();
        let end = time_of(root, &END);
        let speaker = name.as_deref().and_then(meaning::speaker_of_event);
        told(&attributes, work, (speaker, end), &mut pieces);
        let body = root.get("body").and_then(|body| Held::of_typed(body).or_else(|| Held::of_plain(body)));
        if let (Some(held), Some(speaker)) = (body, speaker) {
            let is_result = speaker == Speaker::Tool;
            let meaning = if is_result { Meaning::Result } else { Meaning::Said(speaker) };
            pieces.push(Piece { held, meaning, tool: None, call: None, time: None });
        }
        for event in root.get("events").into_iter().flat_map(Value::items) {
            let title = event.get_str("name");
            let speaker = title.as_deref().and_then(meaning::speaker_of_event);
            let time = time_of(event, &START).or(end.filter(|_| speaker == Some(Speaker::Assistant)));
            let from = pieces.len();
            told(&attributes::of(event.get("attributes")), work, (speaker, time), &mut pieces);
            for piece in pieces.iter_mut().skip(from) {
                piece.time = time;
            }
        }
        Unit { root, facts, pieces, inner: Vec::new() }
    }
}

/// The attributes that mean something.
fn told<'t, 'd>(
    attributes: &[Attribute<'t, 'd>],
    work: Work,
    (speaker, end): (Option<Speaker>, Option<Timestamp>),
    out: &mut Vec<Piece<'t, 'd>>,
) {
    let first = |keys: &[&str]| {
        let found = |key: &&str| attributes.iter().find(|attribute| attribute.key == **key);
        keys.iter().find_map(found).map(|attribute| attribute.held.value)
    };
    let (tool, call) = (first(&meaning::TOOL_NAMES), first(&meaning::CALL_IDS));
    for attribute in attributes {
        let Some(meaning) = meaning::of_event(&attribute.key, speaker, work) else { continue };
        let of_tool = matches!(meaning, Meaning::Arguments | Meaning::Result);
        let is_late = matches!(meaning, Meaning::Result | Meaning::Said(Speaker::Assistant));
        out.push(Piece {
            held: attribute.held,
            meaning,
            tool: tool.filter(|_| of_tool),
            call: call.filter(|_| of_tool),
            time: end.filter(|_| is_late),
        });
    }
    numbered::pieces(attributes, end, out);
}

const START: [&str; 9] = [
    "startTimeUnixNano",
    "start_time_unix_nano",
    "timeUnixNano",
    "time_unix_nano",
    "observedTimeUnixNano",
    "start_time",
    "startTime",
    "timestamp",
    "observed_time_unix_nano",
];
const END: [&str; 4] = ["endTimeUnixNano", "end_time_unix_nano", "end_time", "endTime"];

/// A time in nanoseconds, as text or number, or as a date.
pub(super) fn time_of(value: Value<'_, '_>, fields: &[&str]) -> Option<Timestamp> {
    fields.iter().filter_map(|field| value.get(field)).find_map(|time| {
        let text = time.str().unwrap_or_else(|| String::from_utf8_lossy(time.raw()));
        match text.parse::<u64>() {
            Ok(nanos) if nanos > 100_000_000_000_000_000 => time::from_nanos(nanos, TimeSource::LogField),
            Ok(_) => time::from_epoch(text.parse().ok()?, TimeSource::LogField),
            Err(_) => time::parse(&text, TimeSource::LogField),
        }
    })
}
