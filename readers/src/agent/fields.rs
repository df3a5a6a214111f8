//! The members of an object that tell what it is: who speaks, which tool is called, with what, and what it answered.
//!
//! Each is known by the names that formats have for it. A name that occurs twice counts twice: readers of JSON differ in
//! which of the two they take, so both are what was said.

use std::borrow::Cow;

use coldcase_model::json::{Kind, Value};

/// Members that are looked up in one go.
#[derive(Default)]
pub(super) struct Fields<'t, 'd> {
    pub(super) role: Option<Value<'t, 'd>>,
    pub(super) kind: Option<Value<'t, 'd>>,
    pub(super) name: Option<Value<'t, 'd>>,
    pub(super) server: Option<Value<'t, 'd>>,
    /// Ids that can only be those of a call, and those that may be of anything.
    pub(super) call: Option<Value<'t, 'd>>,
    pub(super) id: Option<Value<'t, 'd>>,
    pub(super) inputs: Few<'t, 'd>,
    pub(super) outputs: Few<'t, 'd>,
    /// An object of a call's name and arguments.
    function: Option<Value<'t, 'd>>,
    /// An object that holds the fields of a record beside its type.
    wrapped: Option<Value<'t, 'd>>,
}

/// Mostly one value.
#[derive(Default)]
pub(super) struct Few<'t, 'd> {
    first: Option<Value<'t, 'd>>,
    more: Vec<Value<'t, 'd>>,
}

impl<'t, 'd> Few<'t, 'd> {
    fn push(&mut self, value: Value<'t, 'd>) {
        match self.first {
            None => self.first = Some(value),
            Some(_) => self.more.push(value),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Value<'t, 'd>> {
        self.first.into_iter().chain(self.more.iter().copied())
    }

    /// These, or where there are none those.
    fn or(self, others: Self) -> Self {
        if self.is_empty() { others } else { self }
    }
}

impl<'t, 'd> Fields<'t, 'd> {
    pub(super) fn of(value: Value<'t, 'd>) -> Self {
        let mut fields = Self::default();
        for (key, member) in value.members().filter(|(_, member)| !member.is_null()) {
            let slot = match word(key).as_ref() {
                b"role" => &mut fields.role,
                b"type" => &mut fields.kind,
                b"kind" if member.kind() == Kind::String => &mut fields.kind,
                b"name" | b"toolName" | b"tool_name" | b"tool" | b"tool_type" => &mut fields.name,
                b"server" | b"serverName" | b"server_label" | b"mcpServer" => &mut fields.server,
                b"tool_use_id" | b"tool_call_id" | b"toolCallId" | b"toolUseId" | b"call_id" | b"callID"
                | b"callId" => &mut fields.call,
                b"id" => &mut fields.id,
                b"input" | b"arguments" | b"args" | b"action" | b"parameters" | b"kwargs" | b"command"
                | b"changes" | b"code" | b"queries" => {
                    fields.inputs.push(member);
                    continue;
                }
                b"output" | b"outputs" | b"result" | b"results" | b"response" | b"content"
                | b"content_items" | b"stdout" | b"stderr" | b"aggregated_output" | b"formatted_output"
                | b"value" | b"error" => {
                    fields.outputs.push(member);
                    continue;
                }
                b"function" => &mut fields.function,
                b"data" | b"payload" | b"event" | b"item" | b"invocation" | b"state" | b"kind" => {
                    &mut fields.wrapped
                }
                _ => continue,
            };
            slot.get_or_insert(member);
        }
        fields
    }

    /// The fields of an object, and where they are missing those of the object that it wraps.
    pub(super) fn with_wrapped(mut self) -> Self {
        let Some(wrapped) = self.wrapped.filter(|wrapped| wrapped.kind() == Kind::Object) else {
            return self;
        };
        let inner = Self::of(wrapped).with_function();
        self.name = self.name.or(inner.name);
        self.server = self.server.or(inner.server);
        // The record's own id is not the call's where the call has one.
        self.call = self.call.or(inner.call).or(inner.id);
        self.inputs = self.inputs.or(inner.inputs);
        self.outputs = self.outputs.or(inner.outputs);
        self
    }

    /// The name and arguments of `function`, where they stand in there.
    pub(super) fn with_function(mut self) -> Self {
        if let Some(function) = self.function.filter(|function| function.kind() == Kind::Object) {
            let inner = Self::of(function);
            self.name = inner.name.or(self.name);
            self.inputs = inner.inputs.or(self.inputs);
        }
        self
    }

    /// The type, or nothing.
    pub(super) fn kind(&self) -> Cow<'d, [u8]> {
        self.kind.filter(|kind| kind.kind() == Kind::String).map_or(Cow::Borrowed(&[]), word)
    }

    /// The name of a tool.
    pub(super) fn tool(&self) -> Option<Value<'t, 'd>> {
        self.name.filter(|name| name.kind() == Kind::String)
    }

    /// The name of a tool's server.
    pub(super) fn server(&self) -> Option<Value<'t, 'd>> {
        self.server.filter(|server| server.kind() == Kind::String)
    }

    /// What pairs a call with its result.
    pub(super) fn pairing(&self) -> Option<Value<'t, 'd>> {
        self.call.or(self.id).filter(|id| id.kind() == Kind::String)
    }
}

/// The types of calls; what ends in one of the endings is one too.
const CALLS: &[&[u8]] = &[
    b"tool",
    b"tool_use",
    b"tool-call",
    b"toolCall",
    b"server_tool_use",
    b"mcp_tool_use",
    b"exec_command_begin",
    b"patch_apply_begin",
    b"tool.execution_start",
    b"tool.call",
    b"command_execution",
    b"CommandExecution",
    b"McpToolCall",
    b"FileChange",
    b"Extension",
];
const CALL_ENDINGS: &[&[u8]] = &[b"_call", b"_call_begin", b"_call_request"];
/// The types of results.
const RESULTS: &[&[u8]] = &[
    b"tool_result",
    b"tool-result",
    b"toolResult",
    b"function_result",
    b"exec_command_end",
    b"patch_apply_end",
    b"web_search_end",
    b"image_generation_end",
    b"tool_search_output",
    b"tool.execution_complete",
    b"tool.result",
    b"bash_progress",
    b"mcp_progress",
];
const RESULT_ENDINGS: &[&[u8]] = &[b"_call_output", b"_call_end", b"_call_response", b"_tool_result"];

/// Whether a type is that of a call.
pub(super) fn is_call(kind: &[u8]) -> bool {
    CALLS.contains(&kind) || CALL_ENDINGS.iter().any(|ending| kind.ends_with(ending))
}

/// Whether a type is that of a result.
pub(super) fn is_result(kind: &[u8]) -> bool {
    RESULTS.contains(&kind) || RESULT_ENDINGS.iter().any(|ending| kind.ends_with(ending))
}

/// A key or a short string, as it reads once its escapes are resolved.
pub(super) fn word<'d>(value: Value<'_, 'd>) -> Cow<'d, [u8]> {
    let raw = value.raw();
    let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
    if value.is_escaped() { Cow::Owned(coldcase_model::json::unescape(inner)) } else { Cow::Borrowed(inner) }
}
