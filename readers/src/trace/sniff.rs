//! Which service's trace a JSON file is, by its first records, and how these are laid out.

use coldcase_model::json::{Tape, Value};

use super::{otel, runs};

/// Who wrote a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Service {
    /// OpenTelemetry.
    Otel,
    /// LangSmith.
    LangSmith,
    /// Langfuse.
    Langfuse,
}

impl Service {
    /// The name used in tables and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Otel => "otel",
            Self::LangSmith => "langsmith",
            Self::Langfuse => "langfuse",
        }
    }

    /// The service that a record is of.
    fn of(value: Value<'_, '_>) -> Option<Self> {
        if otel::is_request(value) || otel::is_span(value) {
            Some(Self::Otel)
        } else if runs::is_run(value) {
            Some(Self::LangSmith)
        } else if runs::is_observation(value) {
            Some(Self::Langfuse)
        } else {
            None
        }
    }
}

/// How the records of a trace stand in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TraceLayout {
    /// One a line.
    Lines,
    /// One value after the other, or the items of an array.
    Values,
    /// The items of an array in an object.
    Array(&'static [&'static str]),
}

/// How many lines are asked.
const LINES: usize = 16;
/// Arrays in which documents keep their records.
const LISTS: [&[&str]; 7] = [
    &["resourceSpans"],
    &["resource_spans"],
    &["resourceLogs"],
    &["resource_logs"],
    &["runs"],
    &["observations"],
    &["data"],
];

/// The trace that lines of JSON are.
pub(crate) fn of_lines(text: &[u8], tape: &mut Tape) -> Option<(Service, TraceLayout)> {
    let mut lines = text.split(|byte| *byte == b'\n').take(LINES);
    let service = lines.find_map(|line| tape.parse(line.trim_ascii()).ok().and_then(Service::of))?;
    Some((service, TraceLayout::Lines))
}

/// The trace that a document is, of which this is the start.
pub(crate) fn of_start(text: &[u8], tape: &mut Tape) -> Option<(Service, TraceLayout)> {
    if let Some(items) = text.strip_prefix(b"[") {
        let (item, _) = tape.parse_first(items.trim_ascii_start()).ok()?;
        return Some((Service::of(item)?, TraceLayout::Values));
    }
    // A request on one line may be the first of many and longer than what is seen of it.
    let is_line = !text.contains(&b'\n');
    for path in LISTS {
        let Some(service) = first_of(text, path, tape) else { continue };
        let is_request = path.iter().any(|key| key.starts_with("resource"));
        let layout = if is_line && is_request { TraceLayout::Lines } else { TraceLayout::Array(path) };
        return Some((service, layout));
    }
    if let Ok((root, _)) = tape.parse_first(text) {
        return Some((Service::of(root)?, TraceLayout::Values));
    }
    // A trace of Langfuse that is longer than what is seen of it.
    let at = memchr::memmem::find(text, b"\"observations\"")? + b"\"observations\"".len();
    let list =
        text.get(at..)?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"[")?;
    let (item, _) = tape.parse_first(list.trim_ascii_start()).ok()?;
    runs::is_observation(item).then_some((Service::Langfuse, TraceLayout::Values))
}

/// The service of the first item of a list that stands first in a document.
fn first_of(text: &[u8], path: &[&str], tape: &mut Tape) -> Option<Service> {
    let key = path.first()?;
    let member = text.strip_prefix(b"{")?.trim_ascii_start();
    let after =
        member.strip_prefix(b"\"")?.strip_prefix(key.as_bytes())?.strip_prefix(b"\"")?.trim_ascii_start();
    let list = after.strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"[")?.trim_ascii_start();
    if key.starts_with("resource") {
        return Some(Service::Otel);
    }
    Service::of(tape.parse_first(list).ok()?.0)
}
