//! What a logger wraps round a message: where the message is, and who sent it when, in the words of many tools.

use coldcase_model::json::Value;
use coldcase_model::{Direction, Interner, Name, SessionKey, TimeSource, Timestamp};

use super::message::{Hints, is_rpc};
use crate::time;

/// The members under which loggers put a message, in the order in which they are tried.
const MESSAGE_KEYS: [&str; 14] = [
    "message",
    "raw",
    "msg",
    "payload",
    "content",
    "data",
    "body",
    "body_json",
    "body_raw",
    "line",
    "request",
    "response",
    "debug",
    "params",
];

/// A message inside an envelope.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Found<'t, 'd> {
    /// An object, or an array of them.
    Value(Value<'t, 'd>),
    /// A string that may hold a message.
    Text(Value<'t, 'd>),
}

/// The messages of an envelope; an inspector keeps a request and its response side by side.
pub(crate) fn find<'t, 'd>(envelope: Value<'t, 'd>) -> Vec<Found<'t, 'd>> {
    let mut found = Vec::new();
    for key in MESSAGE_KEYS {
        let Some(value) = envelope.get(key) else { continue };
        let is_batch = value.items().next().is_some() && value.items().all(is_rpc);
        if is_rpc(value) || is_batch {
            found.push(Found::Value(value));
        } else if value.string().is_some_and(|text| looks_like_message(&text)) {
            found.push(Found::Text(value));
        }
        // `raw` and `message` hold the same message in some logs; the response is another one.
        if !found.is_empty() && !matches!(key, "message" | "request") {
            break;
        }
    }
    found
}

/// Whether text could be a JSON-RPC message, at the cost of a look at its first byte.
fn looks_like_message(text: &[u8]) -> bool {
    matches!(text.trim_ascii_start().first(), Some(b'{' | b'['))
        && ["\"jsonrpc\"", "\"method\"", "\"result\"", "\"error\""]
            .iter()
            .any(|key| memchr::memmem::find(text, key.as_bytes()).is_some())
}

/// What an envelope says about its message.
pub(super) fn hints(envelope: Value<'_, '_>, default: &Hints, names: &mut Interner) -> Hints {
    let mut text = |keys: &[&str]| -> Option<Name> {
        let value = keys.iter().find_map(|key| envelope.get_str(key).filter(|text| !text.is_empty()))?;
        Some(names.name(&value))
    };
    Hints {
        session: text(&["session_id", "sessionId", "session"])
            .map_or_else(|| default.session.clone(), SessionKey),
        server: text(&["server_id", "server_name", "serverName", "server_label", "serverId", "server"])
            .or_else(|| default.server.clone()),
        agent: text(&["agent", "agent_id", "client_name"]).or_else(|| default.agent.clone()),
        name: default.name.clone(),
        direction: direction(envelope).or(default.direction),
        time: timestamp(envelope).or(default.time),
    }
}

/// Words by which loggers tell who sent a message. What a word means depends on the side that logs, so those that
/// name a side come first, and `request`/`response` count only where nothing else does.
pub(crate) fn direction(envelope: Value<'_, '_>) -> Option<Direction> {
    const KEYS: [&str; 8] = ["origin", "direction", "dir", "traffic", "source", "from", "type", "event"];
    KEYS.iter().find_map(|key| word(&envelope.get_str(key)?))
}

/// The direction that a word tells; words for kinds of message tell the usual one.
pub(super) fn word(word: &str) -> Option<Direction> {
    match word.to_ascii_lowercase().as_str() {
        "client" | "c2s" | "client_to_server" | "client-to-server" | "client->server" | "toserver"
        | "to_server" | "outgoing" | "outbound" | "send" | "sent" | "stdin" | "request" | "rpc_request"
        | "egress" => Some(Direction::Egress),
        "server" | "s2c" | "server_to_client" | "server-to-client" | "server->client" | "toclient"
        | "to_client" | "incoming" | "inbound" | "receive" | "received" | "recv" | "stdout" | "response"
        | "rpc_response" | "ingress" => Some(Direction::Ingress),
        _ => None,
    }
}

fn timestamp(envelope: Value<'_, '_>) -> Option<Timestamp> {
    const KEYS: [&str; 8] = [
        "timestamp",
        "ts",
        "time",
        "timestamp_iso",
        "created_at",
        "started_at",
        "timestamp_micros",
        "timestamp_ns",
    ];
    KEYS.iter().find_map(|key| {
        let value = envelope.get(key)?;
        match value.str() {
            Some(text) => time::parse(&text, TimeSource::Transcript),
            None => time::from_epoch(value.f64()?, TimeSource::Transcript),
        }
    })
}
