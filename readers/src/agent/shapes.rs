//! What is said in a JSON value, in the shapes that agents and model APIs write: messages with a role, blocks of content,
//! calls of tools and their results.
//!
//! Formats differ in what they wrap round these and change it from release to release; the shapes inside stay. So they are
//! looked for at any depth, and a wrapper that nobody knew is no reason to take a tool's answer for a remark of the user.
//! What a shape holds is not searched for further shapes: arguments of a call may look like messages.

use coldcase_model::Surface;
use coldcase_model::json::{Kind, Mark, Value};

use super::speaker::Speaker;
use crate::mcp::tool_marks;

/// Something that is said: a stretch of a record with one speaker.
#[derive(Debug)]
pub(crate) struct Act<'t, 'd> {
    /// The stretch, where it has to become an event of its own.
    pub(crate) value: Value<'t, 'd>,
    pub(crate) speaker: Speaker,
    /// The tool that is called, or that answers.
    pub(crate) tool: Option<Value<'t, 'd>>,
    /// The server that has the tool, where the record names it beside the tool.
    pub(crate) server: Option<Value<'t, 'd>>,
    /// What pairs a call with its result.
    pub(crate) call: Option<Value<'t, 'd>>,
    pub(crate) kind: ActKind,
    pub(crate) marks: Vec<Mark>,
}

/// What is done by saying it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ActKind {
    /// Words.
    Said,
    /// A tool is called.
    Call,
    /// A tool answers.
    Result,
    /// Tools are told to the model.
    Listed,
}

/// How deep shapes are looked for.
const MAX_DEPTH: usize = 12;
/// How many acts of one record are told apart; what is beyond goes with the last.
const MAX_ACTS: usize = 4096;

/// Finds what is said in a value, in order; `speaker` is who speaks where the value itself does not say.
pub(crate) fn acts<'t, 'd>(root: Value<'t, 'd>, speaker: Option<Speaker>) -> Vec<Act<'t, 'd>> {
    let mut found = Vec::new();
    walk(root, Place { speaker, inside: Inside::Nothing, depth: 0 }, &mut found);
    found
}

/// Definitions of tools: a list of them, or one alone.
pub(crate) fn tools<'t, 'd>(root: Value<'t, 'd>) -> Vec<Act<'t, 'd>> {
    let mut found = Vec::new();
    listed(root, Place { speaker: None, inside: Inside::Nothing, depth: MAX_DEPTH }, &mut found);
    found
}

/// What is known of a value from what it stands in.
#[derive(Debug, Clone, Copy)]
struct Place {
    speaker: Option<Speaker>,
    inside: Inside,
    depth: usize,
}

/// The kind of list that a value stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    Calls,
    Results,
    /// Text of a message: bare strings are words too.
    Content,
}

/// The members of an object that tell what it is, looked up in one go.
#[derive(Default)]
struct Fields<'t, 'd> {
    role: Option<Value<'t, 'd>>,
    kind: Option<Value<'t, 'd>>,
    name: Option<Value<'t, 'd>>,
    server: Option<Value<'t, 'd>>,
    /// Ids that can only be those of a call, and those that may be of anything.
    call: Option<Value<'t, 'd>>,
    id: Option<Value<'t, 'd>>,
    input: Option<Value<'t, 'd>>,
    output: Option<Value<'t, 'd>>,
    /// An object of a call's name and arguments.
    function: Option<Value<'t, 'd>>,
    function_call: Option<Value<'t, 'd>>,
    function_response: Option<Value<'t, 'd>>,
    /// An object that holds the fields of a record beside its type.
    wrapped: Option<Value<'t, 'd>>,
}

impl<'t, 'd> Fields<'t, 'd> {
    fn of(value: Value<'t, 'd>) -> Self {
        let mut fields = Self::default();
        for (key, member) in value.members() {
            let slot = match key_text(key) {
                b"role" => &mut fields.role,
                b"type" | b"kind" => &mut fields.kind,
                b"name" | b"toolName" | b"tool_name" | b"tool" => &mut fields.name,
                b"server" | b"serverName" | b"server_label" | b"mcpServer" => &mut fields.server,
                b"tool_use_id" | b"tool_call_id" | b"toolCallId" | b"toolUseId" | b"call_id" | b"callID"
                | b"callId" => &mut fields.call,
                b"id" => &mut fields.id,
                b"input" | b"arguments" | b"args" | b"action" | b"parameters" | b"kwargs" => {
                    &mut fields.input
                }
                b"output" | b"result" | b"response" | b"content" | b"stdout" | b"aggregated_output" => {
                    &mut fields.output
                }
                b"function" => &mut fields.function,
                b"functionCall" | b"function_call" | b"toolUse" => &mut fields.function_call,
                b"functionResponse" | b"function_response" | b"toolResult" => &mut fields.function_response,
                b"data" | b"payload" | b"event" | b"item" | b"invocation" | b"state" => &mut fields.wrapped,
                _ => continue,
            };
            if slot.is_none() && !member.is_null() {
                *slot = Some(member);
            }
        }
        fields
    }

    /// The fields of an object, and where they are missing those of the object that it wraps.
    fn with_wrapped(mut self) -> Self {
        let Some(wrapped) = self.wrapped.filter(|wrapped| wrapped.kind() == Kind::Object) else {
            return self;
        };
        let inner = Self::of(wrapped).with_function();
        self.name = self.name.or(inner.name);
        self.server = self.server.or(inner.server);
        self.call = self.call.or(inner.call);
        self.input = self.input.or(inner.input);
        self.output = self.output.or(inner.output);
        self
    }

    /// The name and arguments of `function`, where they stand in there.
    fn with_function(mut self) -> Self {
        if let Some(function) = self.function.filter(|function| function.kind() == Kind::Object) {
            self.name = function.get("name").or(self.name);
            self.input = function.get("arguments").or(self.input);
        }
        self
    }

    fn kind(&self) -> &'d [u8] {
        self.kind.filter(|kind| kind.kind() == Kind::String).map_or(&[], text_of)
    }
}

/// The types of calls and of results; the shapes of lists and members tell the others.
const CALLS: &[&[u8]] = &[
    b"tool",
    b"tool_use",
    b"tool_call",
    b"tool-call",
    b"toolCall",
    b"function_call",
    b"custom_tool_call",
    b"server_tool_use",
    b"mcp_tool_use",
    b"mcp_call",
    b"local_shell_call",
    b"web_search_call",
    b"file_search_call",
    b"computer_call",
    b"code_interpreter_call",
    b"exec_command_begin",
    b"mcp_tool_call_begin",
    b"tool.execution_start",
    b"tool.call",
];
const RESULTS: &[&[u8]] = &[
    b"tool_result",
    b"tool-result",
    b"toolResult",
    b"function_call_output",
    b"function_result",
    b"custom_tool_call_output",
    b"local_shell_call_output",
    b"computer_call_output",
    b"mcp_tool_result",
    b"web_search_tool_result",
    b"code_execution_tool_result",
    b"web_fetch_tool_result",
    b"exec_command_end",
    b"mcp_tool_call_end",
    b"tool.execution_complete",
    b"tool.result",
    b"tool_call_response",
];

fn walk<'t, 'd>(value: Value<'t, 'd>, place: Place, out: &mut Vec<Act<'t, 'd>>) {
    if place.depth > MAX_DEPTH || out.len() >= MAX_ACTS {
        return;
    }
    let deeper = Place { depth: place.depth + 1, ..place };
    match value.kind() {
        Kind::Array => value.items().for_each(|item| walk(item, deeper, out)),
        Kind::Object => object(value, deeper, out),
        Kind::String if place.inside == Inside::Content => said(value, place, out),
        _ => {}
    }
}

fn object<'t, 'd>(value: Value<'t, 'd>, place: Place, out: &mut Vec<Act<'t, 'd>>) {
    let fields = Fields::of(value);
    let kind = fields.kind();
    if let Some(inner) = fields.function_call.filter(|inner| inner.kind() == Kind::Object) {
        return call(value, Fields::of(inner), out);
    }
    if let Some(inner) = fields.function_response.filter(|inner| inner.kind() == Kind::Object) {
        return result(value, Fields::of(inner), out);
    }
    let speaker = fields.role.and_then(Value::str).and_then(|role| Speaker::of(&role));
    if CALLS.contains(&kind) || place.inside == Inside::Calls {
        return call(value, fields.with_function().with_wrapped(), out);
    }
    // The parts of a tool's message may be results of their own.
    let is_result =
        speaker == Some(Speaker::Tool) && value.get("parts").is_none_or(|parts| parts.kind() != Kind::Array);
    if RESULTS.contains(&kind) || place.inside == Inside::Results || is_result {
        return result(value, fields.with_wrapped(), out);
    }
    let of_kind = || fields.kind.and_then(Value::str).and_then(|kind| Speaker::of(&kind));
    let speaker = speaker.or_else(of_kind).or(place.speaker);
    for (key, member) in value.members() {
        self::member(key_text(key), member, Place { speaker, inside: Inside::Nothing, ..place }, out);
    }
}

/// What a member of a message, a block or a wrapper says.
fn member<'t, 'd>(key: &[u8], value: Value<'t, 'd>, place: Place, out: &mut Vec<Act<'t, 'd>>) {
    let is_text = value.kind() == Kind::String;
    match key {
        b"system"
        | b"systemPrompt"
        | b"system_prompt"
        | b"system_instruction"
        | b"systemInstruction"
        | b"instructions"
        | b"user_instructions"
        | b"base_instructions"
        | b"developer_instructions" => {
            let place = Place { speaker: Some(Speaker::System), inside: Inside::Content, ..place };
            walk(value, place, out);
        }
        b"content"
        | b"parts"
        | b"text"
        | b"thinking"
        | b"message"
        | b"reasoning"
        | b"reasoning_content"
        | b"summary"
        | b"refusal"
        | b"thought"
        | b"thoughts"
        | b"prompt"
        | b"transformedContent"
        | b"output_text"
            if is_text || value.kind() != Kind::Object =>
        {
            walk(value, Place { inside: Inside::Content, ..place }, out);
        }
        b"tool_calls" | b"toolCalls" | b"toolRequests" | b"tool_requests" | b"function_calls" => {
            walk(value, Place { inside: Inside::Calls, ..place }, out);
        }
        b"toolUseResult" | b"tool_results" | b"toolResults" if !value.is_null() => {
            result_of(value, out);
        }
        b"tools" | b"functions" | b"functionDeclarations" if value.kind() == Kind::Array => {
            listed(value, place, out);
        }
        _ if !is_text => walk(value, place, out),
        _ => {}
    }
}

fn said<'t, 'd>(value: Value<'t, 'd>, place: Place, out: &mut Vec<Act<'t, 'd>>) {
    // Words of nobody are a field of a log.
    let Some(speaker) = place.speaker else { return };
    if value.content().is_empty() {
        return;
    }
    let marks = vec![mark(value, speaker.surface())];
    let kind = if speaker == Speaker::Tool { ActKind::Result } else { ActKind::Said };
    out.push(Act { value, speaker, tool: None, server: None, call: None, kind, marks });
}

fn call<'t, 'd>(value: Value<'t, 'd>, fields: Fields<'t, 'd>, out: &mut Vec<Act<'t, 'd>>) {
    let id = fields.call.or(fields.id);
    let answered = fields.output.filter(|output| !output.content().is_empty());
    let name = fields.name.filter(|name| name.kind() == Kind::String);
    // Some logs keep the answer within the call; it goes the other way and is an event of its own.
    let own = match answered {
        Some(_) => fields.input.unwrap_or(value),
        None => value,
    };
    let mut marks = Vec::with_capacity(2);
    marks.extend(name.filter(|_| answered.is_none()).map(|name| mark(name, Surface::ToolName)));
    marks.extend(fields.input.map(|input| mark(input, Surface::ToolArgument)));
    if marks.is_empty() {
        marks.push(mark(own, Surface::ToolArgument));
    }
    // Arguments may stand before the name.
    marks.sort_by_key(|mark| mark.span);
    let act = |value, speaker, kind, marks| Act {
        value,
        speaker,
        tool: name,
        server: fields.server.filter(|server| server.kind() == Kind::String),
        call: id,
        kind,
        marks,
    };
    if answered.is_none() || fields.input.is_some() {
        out.push(act(own, Speaker::Assistant, ActKind::Call, marks));
    }
    if let Some(answer) = answered {
        out.push(act(answer, Speaker::Tool, ActKind::Result, vec![mark(answer, Surface::ToolResult)]));
    }
}

fn result<'t, 'd>(value: Value<'t, 'd>, fields: Fields<'t, 'd>, out: &mut Vec<Act<'t, 'd>>) {
    let name = fields.name.filter(|name| name.kind() == Kind::String);
    let marks = vec![mark(fields.output.unwrap_or(value), Surface::ToolResult)];
    let server = fields.server.filter(|server| server.kind() == Kind::String);
    let call = fields.call.or(fields.id);
    out.push(Act { value, speaker: Speaker::Tool, tool: name, server, call, kind: ActKind::Result, marks });
}

/// A result that stands by itself.
fn result_of<'t, 'd>(value: Value<'t, 'd>, out: &mut Vec<Act<'t, 'd>>) {
    let marks = vec![mark(value, Surface::ToolResult)];
    let kind = ActKind::Result;
    out.push(Act { value, speaker: Speaker::Tool, tool: None, server: None, call: None, kind, marks });
}

/// Definitions of tools, as a model is given them.
fn listed<'t, 'd>(value: Value<'t, 'd>, place: Place, out: &mut Vec<Act<'t, 'd>>) {
    let mut marks = Vec::new();
    let alone = (value.kind() == Kind::Object).then_some(value);
    for item in value.items().chain(alone) {
        match item.get("functionDeclarations").or(item.get("function_declarations")) {
            Some(declared) => declared.items().for_each(|tool| tool_marks(tool, &mut marks)),
            None => tool_marks(item.get("function").or(item.get("toolSpec")).unwrap_or(item), &mut marks),
        }
    }
    if marks.is_empty() {
        return walk(value, place, out);
    }
    marks.sort_by_key(|mark| mark.span);
    out.push(Act {
        value,
        speaker: Speaker::System,
        tool: None,
        server: None,
        call: None,
        kind: ActKind::Listed,
        marks,
    });
}

fn mark(value: Value<'_, '_>, surface: Surface) -> Mark {
    Mark { span: value.content(), surface }
}

/// A key's name as it is written.
fn key_text<'d>(key: Value<'_, 'd>) -> &'d [u8] {
    text_of(key)
}

fn text_of<'d>(value: Value<'_, 'd>) -> &'d [u8] {
    let raw = value.raw();
    raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default()
}
