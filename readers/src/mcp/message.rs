//! One JSON-RPC message to one event: role, method, direction, and the surfaces of its parts.

use bytes::Bytes;
use coldcase_model::json::{Mark, Value};
use coldcase_model::{
    Detail, Direction, Event, EventHead, EventKind, Interner, Name, RpcRole, SessionKey, SourceSpan, Surface,
    Timestamp,
};

use super::methods;
use crate::build;

/// What the recording says about a message besides the message.
#[derive(Debug, Clone)]
pub(crate) struct Hints {
    pub(crate) session: SessionKey,
    pub(crate) direction: Option<Direction>,
    pub(crate) time: Option<Timestamp>,
    pub(crate) server: Option<Name>,
    pub(crate) agent: Option<Name>,
    pub(crate) name: Option<Name>,
}

impl Hints {
    pub(crate) fn of_session(session: SessionKey) -> Self {
        Self { session, direction: None, time: None, server: None, agent: None, name: None }
    }
}

/// Whether a value is a JSON-RPC message. Reshaping loggers drop `jsonrpc`, so its members count too.
pub(crate) fn is_rpc(value: Value<'_, '_>) -> bool {
    let has = |key| value.get(key).is_some();
    let version = value.get_str("jsonrpc").is_some_and(|version| version.starts_with('2'));
    let method = value.get("method").is_some_and(|method| method.string().is_some());
    // An envelope that repeats the message's members beside the message itself.
    if has("raw") || has("transport_type") || has("direction") && has("message") {
        return false;
    }
    version && (method || has("result") || has("error"))
        || method && (has("params") || has("id")) && !has("url")
        || has("id") && has("result") != has("error") && value.members().count() <= 4
}

/// The event of a message that stands in `document`, which starts at `offset` of the artifact.
pub(crate) fn event(
    document: &Bytes,
    offset: u64,
    message: Value<'_, '_>,
    source: SourceSpan,
    hints: Hints,
    names: &mut Interner,
) -> Event {
    let method = message.get_str("method");
    let (params, result, error) = (message.get("params"), message.get("result"), message.get("error"));
    let id = message.get("id").filter(|id| !id.is_null()).map(|id| names.name_lossy(id.raw()));
    let role = match (&method, &id) {
        (Some(_), Some(_)) => RpcRole::Request,
        (Some(_), None) => RpcRole::Notification,
        (None, _) if error.is_some_and(|error| !error.is_null()) && result.is_none() => RpcRole::Error,
        (None, _) => RpcRole::Response,
    };
    let a2a = match &method {
        Some(method) => methods::is_a2a(method, params),
        None => result.is_some_and(methods::is_a2a_result),
    };
    let mut head = EventHead::new(if a2a { EventKind::A2a } else { EventKind::Mcp }, hints.session, source);
    head.direction = direction(method.as_deref(), result, hints.direction);
    head.time = hints.time;
    head.server = hints.server;
    head.agent = hints.agent;
    head.name = hints.name;
    let tool = (method.as_deref() == Some("tools/call")).then(|| params?.get_str("name")).flatten();
    head.detail = Detail::Rpc {
        role,
        method: method.as_deref().map(|method| names.name(method)),
        id,
        tool: tool.map(|tool| names.name(&tool)),
        pair: None,
    };
    let mut marks = Vec::new();
    if a2a {
        body_marks([params, result, error], Surface::Body, &mut marks);
    } else {
        if let (Some(method), Some(params)) = (method.as_deref(), params) {
            request_marks(method, params, &mut marks);
        }
        if let Some(result) = result {
            result_marks(result, &mut marks);
        }
        body_marks([error], Surface::ToolResult, &mut marks);
    }
    marks.sort_by_key(|mark| mark.span);
    build::document_event(head, document, offset, message, &marks, Surface::JsonString)
}

/// The method tells for what only one side sends; then the recording; then what is usual.
fn direction(
    method: Option<&str>,
    result: Option<Value<'_, '_>>,
    hint: Option<Direction>,
) -> Option<Direction> {
    match (method, result) {
        (Some(method), _) => methods::direction(method).or(hint),
        (None, Some(result)) => match methods::result_direction(result) {
            Direction::Egress => Some(Direction::Egress),
            Direction::Ingress => hint.or(Some(Direction::Ingress)),
        },
        (None, None) => hint.or(Some(Direction::Ingress)),
    }
}

fn mark(value: Value<'_, '_>, surface: Surface) -> Mark {
    Mark { span: value.content(), surface }
}

fn body_marks<const N: usize>(values: [Option<Value<'_, '_>>; N], surface: Surface, marks: &mut Vec<Mark>) {
    marks.extend(values.into_iter().flatten().map(|value| mark(value, surface)));
}

fn request_marks(method: &str, params: Value<'_, '_>, marks: &mut Vec<Mark>) {
    let places: &[(&str, Surface)] = match method {
        "tools/call" | "prompts/get" => &[
            ("name", Surface::ToolName),
            ("arguments", Surface::ToolArgument),
            ("inputResponses", Surface::ToolArgument),
        ],
        "completion/complete" => &[("argument", Surface::ToolArgument), ("context", Surface::ToolArgument)],
        "resources/read" | "resources/subscribe" | "resources/unsubscribe" => {
            &[("uri", Surface::ToolArgument)]
        }
        "sampling/createMessage" => &[
            ("messages", Surface::ModelInput),
            ("systemPrompt", Surface::ModelInput),
            ("tools", Surface::ToolDescription),
        ],
        "elicitation/create" => &[
            ("message", Surface::ModelInput),
            ("requestedSchema", Surface::ToolSchema),
            ("url", Surface::Url),
        ],
        "notifications/message" => &[("data", Surface::ToolResult)],
        "notifications/progress" => &[("message", Surface::ToolResult)],
        _ => &[],
    };
    let found = places.iter().filter_map(|(key, surface)| Some(mark(params.get(key)?, *surface)));
    marks.extend(found);
}

fn result_marks(result: Value<'_, '_>, marks: &mut Vec<Mark>) {
    for (key, value) in result.members() {
        match text(key) {
            "tools" => value.items().for_each(|tool| tool_marks(tool, marks)),
            "content" if result.get("role").is_some() && result.get("model").is_some() => {
                marks.push(mark(value, Surface::ModelOutput));
            }
            "content" | "structuredContent" | "contents" | "toolResult" | "messages" | "completion"
            | "task" | "tasks" | "description" => marks.push(mark(value, Surface::ToolResult)),
            "instructions" | "serverInfo" | "resources" | "resourceTemplates" | "prompts" => {
                marks.push(mark(value, Surface::ToolDescription));
            }
            "inputRequests" => marks.push(mark(value, Surface::ModelInput)),
            _ => {}
        }
    }
}

/// The surfaces of one tool definition.
pub(crate) fn tool_marks(tool: Value<'_, '_>, marks: &mut Vec<Mark>) {
    for (key, value) in tool.members() {
        let surface = match text(key) {
            "name" => Surface::ToolName,
            "inputSchema" | "outputSchema" | "input_schema" | "parameters" => Surface::ToolSchema,
            "title" | "description" | "annotations" | "_meta" => Surface::ToolDescription,
            _ => continue,
        };
        marks.push(mark(value, surface));
    }
}

fn text<'d>(key: Value<'_, 'd>) -> &'d str {
    let raw = key.raw();
    raw.get(1..raw.len().saturating_sub(1))
        .and_then(|name| std::str::from_utf8(name).ok())
        .unwrap_or_default()
}
