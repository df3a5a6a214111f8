//! What a file is, by its content. Names are hints for sessions only.

use coldcase_model::json::{Kind, Tape, Value};
use coldcase_wire::capture;

use crate::agent::{self, AgentLog, Layout};
use crate::exchange::{self, Cassette};
use crate::mcp;
use crate::trace::{self, Service, TraceLayout};

/// A format that is read, and how its records are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// HTTP Archive.
    Har,
    /// MCP or A2A messages, one a line, bare, wrapped or behind a log prefix.
    McpLines,
    /// MCP messages in an array, or one after another over several lines.
    McpDocument,
    /// MCP messages in an array under a key of an export.
    McpExport(&'static [&'static str]),
    /// Packet capture.
    Pcap,
    /// Packet capture of the newer format.
    Pcapng,
    /// Flight-recorder log.
    Recorder,
    /// Event records.
    EventRecords,
    /// The log of an agent, or a list of messages.
    Agent(AgentLog, Layout),
    /// A trace of a program that calls models.
    Trace(Service, TraceLayout),
    /// HTTP exchanges on a cassette of VCR.
    Vcr(Cassette),
    /// Flows of mitmproxy.
    Mitmproxy,
    /// An A2A agent card.
    AgentCard,
    /// JSON lines of no known format.
    JsonLines,
    /// A JSON document of no known format.
    Json,
    /// Nothing that is read.
    Unknown,
    /// No bytes at all.
    Empty,
}

impl Format {
    /// The name used in tables and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Har => "har",
            Self::McpLines | Self::McpDocument | Self::McpExport(_) => "mcp",
            Self::Pcap => "pcap",
            Self::Pcapng => "pcapng",
            Self::Recorder => "flight_recorder",
            Self::EventRecords => "event_records",
            Self::Agent(log, _) => log.as_str(),
            Self::Trace(service, _) => service.as_str(),
            Self::Vcr(_) => "vcr",
            Self::Mitmproxy => "mitmproxy",
            Self::AgentCard => "a2a_card",
            Self::JsonLines => "json_lines",
            Self::Json => "json",
            Self::Unknown => "unknown",
            Self::Empty => "empty",
        }
    }
}

/// How much of a file is looked at.
pub(crate) const HEAD: usize = 64 << 10;
/// How many lines may come before the first message of a text log.
const LINES: usize = 200;

/// Where exports keep their messages.
const EXPORTS: [&[&str]; 5] = [&["messages"], &["interactions"], &["events"], &["_rpcLogs"], &["entries"]];

/// Recognises a format by the first bytes of the decoded content.
pub fn sniff(head: &[u8]) -> Format {
    let head = head.get(..head.len().min(HEAD)).unwrap_or(head);
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if head.is_empty() {
        return Format::Empty;
    }
    match capture::sniff(head) {
        Some(capture::Kind::Pcap) => return Format::Pcap,
        Some(capture::Kind::Pcapng) => return Format::Pcapng,
        None => {}
    }
    let mut tape = Tape::default();
    if is_har(text) {
        return Format::Har;
    }
    if exchange::is_flow_file(head) {
        return Format::Mitmproxy;
    }
    if let Some(cassette) = exchange::cassette(text, &mut tape) {
        return Format::Vcr(cassette);
    }
    if exchange::is_cassette_text(text) {
        return Format::Vcr(Cassette::Yaml);
    }
    if matches!(text.first(), Some(b'{' | b'[')) && !mcp::is_tagged(text) {
        let json = agent_log(json(text, &mut tape), text, &mut tape);
        if json != Format::Unknown {
            return json;
        }
    }
    let lines = text.split(|byte| *byte == b'\n').take(LINES);
    if lines.into_iter().any(|line| mcp::holds_message(line, &mut tape)) {
        return Format::McpLines;
    }
    // A document whose first value is cut by the end of the head, or broken further on.
    match text.first() {
        Some(b'{' | b'[') if is_text(text) => agent_log(Format::Json, text, &mut tape),
        _ => Format::Unknown,
    }
}

/// JSON of no other format may be a trace or the log of an agent.
fn agent_log(format: Format, text: &[u8], tape: &mut Tape) -> Format {
    let trace = match format {
        Format::JsonLines => trace::of_lines(text, tape),
        Format::Json => trace::of_start(text, tape),
        _ => None,
    };
    if let Some((service, layout)) = trace {
        return Format::Trace(service, layout);
    }
    let log = match format {
        Format::JsonLines => agent::of_lines(text, tape),
        Format::Json => agent::of_document(text, tape),
        _ => None,
    };
    log.map_or(format, |(log, layout)| Format::Agent(log, layout))
}

fn json(text: &[u8], tape: &mut Tape) -> Format {
    // One damaged line must not hide what the others are: lines are asked until one tells.
    if let Some(told) = told_by_lines(text, tape) {
        return told;
    }
    let line_end = text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
    let line = text.get(..line_end).unwrap_or(text);
    let more = text.get(line_end..).unwrap_or_default().trim_ascii();
    if let Ok(value) = tape.parse(line) {
        if value.kind() == Kind::Object {
            let format = lines_of(value);
            return if more.is_empty() && format == Format::JsonLines { one_document(value) } else { format };
        }
        if value.items().next().is_some() {
            let rpc = value.items().all(mcp::is_rpc);
            return if rpc { Format::McpLines } else { items_of(value) };
        }
    }
    if text.starts_with(b"[") {
        let first = text.get(1..).unwrap_or_default().trim_ascii_start();
        return match tape.parse_first(first) {
            Ok((item, _)) => item_format(item),
            Err(_) => Format::Unknown,
        };
    }
    // An object over several lines: whole, cut by the head's end, or the first of several.
    match tape.parse_first(text) {
        Ok((value, _)) => one_document(value),
        Err(_) => EXPORTS
            .into_iter()
            .find(|path| export_of_messages(text, path, tape))
            .map_or(Format::Unknown, Format::McpExport),
    }
}

/// What the first whole lines say where they are records of a line format; the first line may be damaged or longer
/// than the head.
fn told_by_lines(text: &[u8], tape: &mut Tape) -> Option<Format> {
    let first = text.get(..text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len())).unwrap_or(text);
    if first.len() == text.len() {
        return told_by_start(first);
    }
    let lines = text.split(|byte| *byte == b'\n').take(LINES);
    lines
        .filter_map(|line| tape.parse(line.trim_ascii()).ok().map(lines_of))
        .find(|format| matches!(format, Format::Recorder | Format::EventRecords))
}

/// A first line that is longer than the head: its first members tell.
fn told_by_start(line: &[u8]) -> Option<Format> {
    if line.len() < HEAD - 8 {
        return None;
    }
    let start = line.get(..512)?;
    let has = |key: &[u8]| memchr::memmem::find(start, key).is_some();
    if has(b"\"v\":") && has(b"\"kind\":") {
        Some(Format::EventRecords)
    } else if has(b"\"v\":") && has(b"\"seq\":") && has(b"\"session_id\":") {
        Some(Format::Recorder)
    } else if has(b"\"jsonrpc\"") && !start.trim_ascii_start().starts_with(b"[\n") {
        Some(Format::McpLines)
    } else {
        None
    }
}

/// The format of a file whose lines are objects like this one.
fn lines_of(value: Value<'_, '_>) -> Format {
    let has = |key| value.get(key).is_some();
    if has("prev_hash") && has("hash") && has("seq") {
        Format::Recorder
    } else if has("v") && value.get_str("kind").is_some() {
        Format::EventRecords
    } else if mcp::is_rpc(value) || is_envelope(value) {
        Format::McpLines
    } else if mcp::is_card(value) {
        Format::AgentCard
    } else {
        Format::JsonLines
    }
}

fn is_envelope(value: Value<'_, '_>) -> bool {
    let tagged = ["session_id", "direction", "timestamp", "ts", "time", "transport_type", "server_id"];
    let is_tagged = || tagged.iter().any(|key| value.get(key).is_some()) || mcp::sender(value).is_some();
    !mcp::find_message(value).is_empty() && is_tagged()
}

/// The format of a single object.
fn one_document(value: Value<'_, '_>) -> Format {
    if let Some(path) = EXPORTS.into_iter().find(|path| {
        value.at(path).is_some_and(|list| {
            list.items().next().is_some_and(|item| item_format(item) == Format::McpDocument)
        })
    }) {
        return Format::McpExport(path);
    }
    match lines_of(value) {
        Format::McpLines => Format::McpDocument,
        Format::JsonLines => Format::Json,
        other => other,
    }
}

fn items_of(array: Value<'_, '_>) -> Format {
    array.items().next().map_or(Format::Json, item_format)
}

fn item_format(item: Value<'_, '_>) -> Format {
    if mcp::is_rpc(item)
        || is_envelope(item)
        || (item.get("type").is_some() && !mcp::find_message(item).is_empty())
    {
        Format::McpDocument
    } else if mcp::is_card(item) {
        Format::AgentCard
    } else {
        Format::Json
    }
}

/// Whether a document that is longer than the head has messages in the array at `path`.
fn export_of_messages(text: &[u8], path: &[&str], tape: &mut Tape) -> bool {
    let Some(key) = path.first() else { return false };
    let quoted = format!("\"{key}\"");
    let Some(at) = memchr::memmem::find(text, quoted.as_bytes()) else { return false };
    let rest = text.get(at + quoted.len()..).unwrap_or_default().trim_ascii_start();
    let Some(rest) = rest.strip_prefix(b":").map(<[u8]>::trim_ascii_start) else { return false };
    let Some(first) = rest.strip_prefix(b"[").map(<[u8]>::trim_ascii_start) else { return false };
    tape.parse_first(first).is_ok_and(|(item, _)| item_format(item) == Format::McpDocument)
}

/// A HAR file is an object whose `log` is an object; JSONP puts a call round it.
fn is_har(text: &[u8]) -> bool {
    let text = match text.iter().position(|byte| *byte == b'(') {
        Some(at) if is_call(text.get(..at).unwrap_or_default()) => {
            text.get(at + 1..).unwrap_or_default().trim_ascii_start()
        }
        _ => text,
    };
    if text.first() != Some(&b'{') {
        return false;
    }
    let head = text.get(..text.len().min(4096)).unwrap_or(text);
    let Some(at) = memchr::memmem::find(head, b"\"log\"") else { return false };
    let after = head.get(at + 5..).unwrap_or_default().trim_ascii_start();
    let Some(after) = after.strip_prefix(b":").map(<[u8]>::trim_ascii_start) else { return false };
    let members = ["\"entries\"", "\"creator\"", "\"version\"", "\"pages\""];
    after.first() == Some(&b'{')
        && members.iter().any(|key| memchr::memmem::find(text, key.as_bytes()).is_some())
}

fn is_call(name: &[u8]) -> bool {
    let name = name.trim_ascii();
    !name.is_empty()
        && name.len() < 64
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$'))
}

/// Whether bytes read as text: no zero bytes, and hardly any that are not UTF-8.
fn is_text(head: &[u8]) -> bool {
    let broken: usize = head.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    !head.contains(&0) && broken * 100 <= head.len()
}

/// The program that wrote a HAR file, where its head says so.
pub(crate) fn creator(head: &[u8]) -> Option<String> {
    let at = memchr::memmem::find(head, b"\"creator\"")?;
    let object = head.get(at + 9..)?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    let mut tape = Tape::default();
    let (value, _) = tape.parse_first(object).ok()?;
    let name = value.get_str("name")?;
    let version = value.get_str("version").unwrap_or_default();
    Some(format!("{name} {version}").trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_content() {
        let cases: [(&str, Format); 15] = [
            ("{\"log\":{\"version\":\"1.2\",\"entries\":[]}}", Format::Har),
            ("onInputData({\"log\": {\"entries\": []}})", Format::Har),
            ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n", Format::McpLines),
            ("\u{feff}{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n", Format::McpLines),
            (
                "2025-03-10T17:03:18.764Z [demo] [info] Message from client: {\"method\":\"ping\",\"jsonrpc\":\"2.0\",\"id\":0}\n",
                Format::McpLines,
            ),
            (
                "{\"timestamp\":\"2025-01-01T00:00:00Z\",\"message\":{\"jsonrpc\":\"2.0\",\"method\":\"x\"}}\n",
                Format::McpLines,
            ),
            (
                "{\"origin\":\"server\",\"message\":{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}}\n",
                Format::McpLines,
            ),
            ("{\n \"jsonrpc\":\"2.0\",\"id\":1,\n\"method\":\"ping\"}\n", Format::McpDocument),
            ("{\"v\":2,\"seq\":0,\"prev_hash\":\"genesis\",\"hash\":\"\"}\n", Format::Recorder),
            ("{\"v\":1,\"kind\":\"text\",\"text\":{}}\n", Format::EventRecords),
            ("{\"name\":\"a\",\"skills\":[],\"url\":\"x\"}", Format::AgentCard),
            ("{\"a\":1}\n{\"b\":2}\n", Format::JsonLines),
            ("[{\"a\":1}]", Format::Json),
            ("\u{7f}ELF\0\0", Format::Unknown),
            ("", Format::Empty),
        ];
        for (text, format) in cases {
            assert_eq!(sniff(text.as_bytes()), format, "{text}");
        }
    }
}
