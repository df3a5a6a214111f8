//! Which agent's log a JSON file is, by its first records, and how these are laid out.

use coldcase_model::json::{Kind, Tape, Value};

use super::formats::AgentLog;

/// How the records of a log stand in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One a line.
    Lines,
    /// The whole file, or each item of its array, or one value after the other.
    Values,
    /// The items of an array in an object.
    Array(&'static [&'static str]),
}

/// How many lines are asked.
const LINES: usize = 64;
/// Where documents keep their messages.
pub(super) const LISTS: [&[&str]; 5] =
    [&["messages"], &["loglines"], &["history"], &["traj"], &["conversation"]];

/// The log that lines of JSON are; a list of plain messages only where no line says more.
pub(crate) fn of_lines(text: &[u8], tape: &mut Tape) -> Option<(AgentLog, Layout)> {
    let mut chat = None;
    for line in text.split(|byte| *byte == b'\n').take(LINES) {
        match tape.parse(line.trim_ascii()).ok().and_then(AgentLog::of) {
            Some(AgentLog::Chat) => chat = Some(AgentLog::Chat),
            Some(log) => return Some((log, Layout::Lines)),
            None => {}
        }
    }
    chat.map(|log| (log, Layout::Lines))
}

/// The log that a JSON document is.
pub(crate) fn of_document(text: &[u8], tape: &mut Tape) -> Option<(AgentLog, Layout)> {
    let first = text.strip_prefix(b"[").map_or(text, <[u8]>::trim_ascii_start);
    // In an array of objects each is a record, whatever lists it has.
    let layout = |list| if first.len() < text.len() { Layout::Values } else { Layout::Array(list) };
    if let Ok((root, _)) = tape.parse_first(first) {
        for list in LISTS {
            let Some(item) = root.at(list).and_then(|items| items.items().next()) else { continue };
            if let Some(log) = AgentLog::of(root).or_else(|| of_item(item)) {
                return Some((log, layout(list)));
            }
        }
        return AgentLog::of(root).map(|log| (log, Layout::Values));
    }
    // The first value is longer than the head.
    for list in LISTS {
        let Some((at, items)) = start_of(list, first) else { continue };
        let is_gemini = memchr::memmem::find(first.get(..at)?, b"\"projectHash\"").is_some();
        let log = match tape.parse_first(items) {
            _ if is_gemini => Some(AgentLog::GeminiCli),
            Ok((item, _)) => of_item(item),
            Err(_) => None,
        };
        if let Some(log) = log {
            return Some((log, layout(list)));
        }
    }
    None
}

/// Where the key of a list stands, and the text from its first item on.
fn start_of<'d>(list: &[&str], text: &'d [u8]) -> Option<(usize, &'d [u8])> {
    let key = format!("\"{}\"", list.first()?);
    let at = memchr::memmem::find(text, key.as_bytes())?;
    let rest = text.get(at + key.len()..)?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    Some((at, rest.strip_prefix(b"[")?.trim_ascii_start()))
}

/// The log that an item of a list of messages is of.
fn of_item(item: Value<'_, '_>) -> Option<AgentLog> {
    AgentLog::of(item).or_else(|| message(item))
}

/// Whether an item of a list of messages is one.
fn message(item: Value<'_, '_>) -> Option<AgentLog> {
    let is_message =
        item.kind() == Kind::Object && (item.get("role").is_some() || item.get("type").is_some());
    let says = ["content", "parts", "text", "tool_calls"].iter().any(|key| item.get(key).is_some());
    (is_message && says).then_some(AgentLog::Chat)
}
