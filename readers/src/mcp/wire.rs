//! Messages that are under way: a line of a stdio transport, with the side that sent it, to the events that a
//! transcript of it gives.
//!
//! What a line means must not depend on who reads it. A line that a receiver could take apart otherwise than it was
//! judged is told here, and left to the caller to stop: text that is no JSON, signs that end a line elsewhere, members
//! that stand twice. Left out: what to do about it, and framing.

use std::borrow::Cow;

use bytes::Bytes;
use coldcase_model::json::{self, Kind, Tape, Value};
use coldcase_model::{Direction, Event, Interner, Name, SessionKey, SourcePos, SourceSpan, Span, Timestamp};

use super::message::{self, Hints, is_rpc};

/// The longest line that is read. An event record of a message is a line as well, with this much put round it, and it
/// must fit [`crate::Limits::record_bytes`].
pub const MCP_LINE_BYTES: usize = (16 << 20) - AROUND;
const AROUND: usize = 4096;
/// Messages of a batch. Real ones have a few; each costs an event, an entry and an answer.
const MOST_MESSAGES: usize = 1024;

/// Reads the lines that one side of a connection sends.
pub struct McpWire {
    hints: Hints,
    direction: Direction,
    tape: Tape,
    names: Interner,
    lines: u64,
}

/// A line that holds a message, or several.
#[derive(Debug)]
pub struct McpLine {
    /// The messages, in order; never empty.
    pub messages: Vec<McpMessage>,
    /// Whether they stand in an array.
    pub is_batch: bool,
}

/// A message of a line.
#[derive(Debug)]
pub struct McpMessage {
    /// Its event. Offsets count from the start of the line.
    pub event: Event,
    /// Where the message stands in the line.
    pub span: Span,
    /// Where its id stands, as long as it has a member `id`; `null` is one.
    pub id: Option<Span>,
    /// Whether it asks or tells, and is no answer.
    pub has_method: bool,
    /// What is wrong with it, so that receivers may differ on what it says.
    pub fault: Option<&'static str>,
}

/// Why a line holds no message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct NotMcp {
    /// What is wrong. It holds no bytes of the input.
    pub what: String,
    /// Where it shows, in the line.
    pub offset: usize,
    /// Whether it is no JSON. Of a line that is too long that is not known.
    pub is_no_json: bool,
}

impl McpWire {
    /// A reader of what goes in `direction`; `server` is what the server is called.
    pub fn new(session: &str, server: Option<&str>, direction: Direction) -> Self {
        let mut hints = Hints::of_session(SessionKey::new(session));
        hints.server = server.map(Name::from);
        hints.direction = Some(direction);
        Self { hints, direction, tape: Tape::default(), names: Interner::default(), lines: 0 }
    }

    /// How many lines were read; the last of them has this number.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Counts a line that is not read.
    pub fn pass_over(&mut self) {
        self.lines += 1;
    }

    /// Reads a line, given without its end.
    pub fn read(&mut self, line: &Bytes, time: Option<Timestamp>) -> Result<McpLine, NotMcp> {
        let Self { hints, direction, tape, names, lines } = self;
        *lines += 1;
        hints.time = time;
        check_bytes(line)?;
        let root = tape.parse(line).map_err(|error| NotMcp {
            what: format!("a line that {error}"),
            offset: error.offset,
            is_no_json: true,
        })?;
        let is_batch = root.kind() == Kind::Array;
        let found: Vec<Value<'_, '_>> = if is_batch { root.items().collect() } else { vec![root] };
        if found.is_empty() || found.len() > MOST_MESSAGES {
            let what = format!("a batch of {} messages; there may be 1 to {MOST_MESSAGES}", found.len());
            return Err(NotMcp { what, offset: 0, is_no_json: false });
        }
        if let Some(other) = found.iter().find(|value| value.kind() != Kind::Object) {
            let what = "a value that is no object, where a message should stand".to_owned();
            return Err(NotMcp { what, offset: other.span().start, is_no_json: false });
        }
        let prefix = if *direction == Direction::Egress { "out" } else { "in" };
        let mut messages = Vec::with_capacity(found.len());
        for (index, value) in found.into_iter().enumerate() {
            let place = if is_batch { format!(".{}", index + 1) } else { String::new() };
            hints.name = Some(Name::from(format!("{prefix}-{lines}{place}")));
            messages.push(one(line, *lines, value, hints, names));
        }
        Ok(McpLine { messages, is_batch })
    }
}

fn one(line: &Bytes, number: u64, value: Value<'_, '_>, hints: &Hints, names: &mut Interner) -> McpMessage {
    let pos = SourcePos { record: number.saturating_sub(1), ..SourcePos::default() };
    let source = SourceSpan { pos, len: line.len() as u64 };
    let mut event = message::event(line, 0, value, source, hints.clone(), names);
    // A transcript guesses by the method; here it is known who sent it, whatever the method says.
    event.head.direction = hints.direction;
    McpMessage {
        event,
        span: value.span(),
        id: value.get("id").map(Value::span),
        has_method: value.get("method").is_some(),
        fault: fault(value, line),
    }
}

/// What a receiver could read otherwise.
fn fault(message: Value<'_, '_>, line: &[u8]) -> Option<&'static str> {
    if !is_rpc(message) {
        return Some("an object that is no JSON-RPC message");
    }
    let has = |key| message.get(key).is_some_and(|value| !value.is_null());
    if message.get("method").is_some() && (has("result") || has("error")) || has("result") && has("error") {
        return Some("a message that is two kinds at once");
    }
    let inner = ["params", "result", "error"].into_iter().filter_map(|key| message.get(key));
    let twice = std::iter::once(message).chain(inner).any(|object| has_key_twice(object, line));
    twice.then_some("a member that stands twice, of which readers take the first or the last")
}

fn has_key_twice(object: Value<'_, '_>, line: &[u8]) -> bool {
    let text = |key: Value<'_, '_>| -> Cow<'_, [u8]> {
        let content = key.content().of(line);
        if key.is_escaped() { json::unescape(content).into() } else { content.into() }
    };
    let mut keys: Vec<Cow<'_, [u8]>> = object.members().map(|(key, _)| text(key)).collect();
    keys.sort_unstable();
    keys.windows(2).any(|two| matches!(two, [a, b] if a == b))
}

/// Bytes that no JSON has, and of which some end a line for some readers.
fn check_bytes(line: &[u8]) -> Result<(), NotMcp> {
    if line.len() > MCP_LINE_BYTES {
        let what = "a line that is too long".to_owned();
        return Err(NotMcp { what, offset: MCP_LINE_BYTES, is_no_json: false });
    }
    let refuse = |what: &str, offset| Err(NotMcp { what: what.to_owned(), offset, is_no_json: true });
    if let Err(error) = std::str::from_utf8(line) {
        return refuse("bytes that are not UTF-8", error.valid_up_to());
    }
    match line.iter().position(|byte| *byte < b' ' && *byte != b'\t') {
        Some(at) => refuse("a control character inside a line", at),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coldcase_model::{Detail, RpcRole};

    fn wire(direction: Direction) -> McpWire {
        McpWire::new("s", Some("server"), direction)
    }

    fn read(line: &str) -> Result<McpLine, NotMcp> {
        wire(Direction::Egress).read(&Bytes::copy_from_slice(line.as_bytes()), None)
    }

    #[test]
    fn a_message_is_one_event_and_a_batch_one_for_each_item() {
        let line = r#"[{"jsonrpc":"2.0","id":7,"method":"ping"}, {"jsonrpc":"2.0","method":"x"}]"#;
        let read = read(line).unwrap();
        assert!(read.is_batch);
        let spans: Vec<&str> = read
            .messages
            .iter()
            .map(|one| std::str::from_utf8(one.span.of(line.as_bytes())).unwrap())
            .collect();
        assert_eq!(spans, [line.get(1..41).unwrap(), line.get(43..line.len() - 1).unwrap()]);
        let roles: Vec<_> = read
            .messages
            .iter()
            .map(|one| match &one.event.head.detail {
                Detail::Rpc { role, .. } => *role,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(roles, [RpcRole::Request, RpcRole::Notification]);
        assert_eq!(read.messages[0].id.map(|id| id.of(line.as_bytes()).to_vec()), Some(b"7".to_vec()));
        assert_eq!(read.messages[1].event.head.name.as_deref(), Some("out-1.2"));
    }

    #[test]
    fn who_sent_it_counts_and_not_what_its_method_says() {
        for method in ["tools/call", "notifications/message", "no/such"] {
            let line = Bytes::from(format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{{}}}}"#));
            for direction in [Direction::Egress, Direction::Ingress] {
                let read = wire(direction).read(&line, None).unwrap();
                assert_eq!(read.messages[0].event.head.direction, Some(direction), "{method}");
            }
        }
    }

    #[test]
    fn what_receivers_could_read_otherwise_is_told() {
        for (line, part) in [
            (r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"x"}"#, "twice"),
            (r#"{"jsonrpc":"2.0","id":1,"\u0069d":2,"method":"x"}"#, "twice"),
            (r#"{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":1,"a":2}}"#, "twice"),
            (r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[],"tools":[]}}"#, "twice"),
            (r#"{"jsonrpc":"2.0","id":1,"method":"x","result":{}}"#, "two kinds"),
            (r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"#, "two kinds"),
            (r#"{"a":1}"#, "no JSON-RPC message"),
        ] {
            let read = read(line).unwrap();
            assert!(read.messages[0].fault.is_some_and(|fault| fault.contains(part)), "{line}");
        }
        let fine =
            read(r#"{"jsonrpc":"2.0","id":null,"method":"x","params":{"a":{"b":1},"c":{"b":1}}}"#).unwrap();
        assert_eq!(fine.messages[0].fault, None);
        assert!(fine.messages[0].id.is_some(), "an id that is null is one");
    }

    #[test]
    fn lines_that_hold_no_message_are_refused() {
        let long = format!(r#"{{"jsonrpc":"2.0","method":"{}"}}"#, "x".repeat(MCP_LINE_BYTES));
        let many = format!("[{}{{}}]", "{},".repeat(MOST_MESSAGES));
        for line in [
            "",
            "{",
            "1",
            "[]",
            "[1]",
            "[[]]",
            "{} {}",
            "hello",
            "{\"a\":\r1}",
            "{\"a\":\"\n\"}",
            "\u{feff}{}",
            &long,
            &many,
        ] {
            assert!(read(line).is_err(), "{line:.40}");
        }
        let bad = wire(Direction::Egress).read(&Bytes::from_static(b"{\"jsonrpc\":\"\xFF\"}"), None);
        assert_eq!(bad.unwrap_err().offset, 12);
    }
}
