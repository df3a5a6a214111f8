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
const MESSAGES: &[&str] = &["messages"];

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
    if let Ok((root, _)) = tape.parse_first(first) {
        if let Some(item) = root.get("messages").and_then(|messages| messages.items().next()) {
            let log = AgentLog::of(root).or_else(|| message(item))?;
            // In an array of such objects each is a record.
            let layout = if first.len() < text.len() { Layout::Values } else { Layout::Array(MESSAGES) };
            return Some((log, layout));
        }
        return AgentLog::of(root).map(|log| (log, Layout::Values));
    }
    // The first value is longer than the head.
    let at = memchr::memmem::find(text, b"\"messages\"")?;
    let list = text.get(at + 10..)?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    let item = list.strip_prefix(b"[")?.trim_ascii_start();
    let is_gemini = memchr::memmem::find(text.get(..at)?, b"\"projectHash\"").is_some();
    let log = if is_gemini { AgentLog::GeminiCli } else { message(tape.parse_first(item).ok()?.0)? };
    let layout = if first.len() < text.len() { Layout::Values } else { Layout::Array(MESSAGES) };
    Some((log, layout))
}

/// Whether an item of a list of messages is one.
fn message(item: Value<'_, '_>) -> Option<AgentLog> {
    let is_message =
        item.kind() == Kind::Object && (item.get("role").is_some() || item.get("type").is_some());
    let says = ["content", "parts", "text", "tool_calls"].iter().any(|key| item.get(key).is_some());
    (is_message && says).then_some(AgentLog::Chat)
}
