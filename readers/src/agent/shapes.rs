//! What is said in a JSON value, in the shapes that agents and model APIs write: messages with a role, blocks of content,
//! calls of tools and their results.
//!
//! Formats differ in what they wrap round these and change it from release to release; the shapes inside stay. So they are
//! looked for at any depth, and a wrapper that nobody knew is no reason to take a tool's answer for a remark of the user.
//! What a shape holds is not searched for further shapes: arguments of a call may look like messages.

use coldcase_model::json::{Kind, Mark, Value};
use coldcase_model::{Span, Surface};

use super::fields::{Fields, is_call, is_result, word};
use super::speaker::Speaker;
use crate::mcp::tool_marks;

/// Something that is said: a stretch of a record with one speaker.
#[derive(Debug)]
pub(crate) struct Act<'t, 'd> {
    /// The stretch, where it has to become an event of its own. Those of a record do not overlap.
    pub(crate) value: Value<'t, 'd>,
    /// More of it that stands elsewhere in the record, on the surface of its kind.
    pub(crate) also: Vec<Value<'t, 'd>>,
    pub(crate) speaker: Speaker,
    /// The tool that is called, or that answers.
    pub(crate) tool: Option<Value<'t, 'd>>,
    /// The server that has the tool, where the record names it beside the tool.
    pub(crate) server: Option<Value<'t, 'd>>,
    /// What pairs a call with its result.
    pub(crate) call: Option<Value<'t, 'd>>,
    pub(crate) kind: ActKind,
    /// What sits where in `value`, sorted.
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

impl<'t, 'd> Act<'t, 'd> {
    fn new(kind: ActKind, speaker: Speaker, value: Value<'t, 'd>, marks: Vec<Mark>) -> Self {
        let mut act =
            Self { value, also: Vec::new(), speaker, tool: None, server: None, call: None, kind, marks };
        act.marks.sort_unstable_by_key(|mark| mark.span);
        act
    }

    /// The same, with the names that the fields have for tool, server and call.
    fn named(self, fields: &Fields<'t, 'd>) -> Self {
        Self { tool: fields.tool(), server: fields.server(), call: fields.pairing(), ..self }
    }

    /// Where what is said stands in the record.
    pub(crate) fn spans(&self) -> impl Iterator<Item = Span> {
        std::iter::once(self.value).chain(self.also.iter().copied()).map(Value::span)
    }

    /// The surface of what stands elsewhere.
    pub(crate) fn surface(&self) -> Surface {
        if self.kind == ActKind::Call { Surface::ToolArgument } else { self.speaker.surface() }
    }

    /// What sits where in the record.
    pub(crate) fn all_marks(&self) -> impl Iterator<Item = Mark> {
        let surface = self.surface();
        self.marks.iter().copied().chain(self.also.iter().map(move |value| mark(*value, surface)))
    }
}

/// How many acts of one record are told apart; what is beyond stays text of the record.
pub(crate) const MAX_ACTS: usize = 4096;

/// Finds what is said in a value, in order; `speaker` is who speaks where the value itself does not say. Where that is a
/// tool, the value is its answer.
///
/// Goes as deep as values are nested, which the tape that they were read from bounds.
pub(crate) fn acts<'t, 'd>(root: Value<'t, 'd>, speaker: Option<Speaker>) -> Vec<Act<'t, 'd>> {
    let mut found = Vec::new();
    if speaker == Some(Speaker::Tool) && root.kind() == Kind::Object {
        let fields = Fields::of(root);
        // A step is named by its type.
        let tool = fields.tool().or(fields.kind);
        result(root, &fields, &mut found);
        for act in &mut found {
            act.tool = tool;
        }
    } else {
        walk(root, Place { speaker, inside: Inside::Nothing }, &mut found);
    }
    found.sort_by_key(|act| act.value.span().start);
    found
}

/// Definitions of tools: a list of them, or one alone.
pub(crate) fn tools<'t, 'd>(root: Value<'t, 'd>) -> Vec<Act<'t, 'd>> {
    let marks = definitions(root);
    if marks.is_empty() { Vec::new() } else { vec![Act::new(ActKind::Listed, Speaker::System, root, marks)] }
}

/// What is known of a value from what it stands in.
#[derive(Debug, Clone, Copy)]
struct Place {
    speaker: Option<Speaker>,
    inside: Inside,
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

fn walk<'t, 'd>(value: Value<'t, 'd>, place: Place, out: &mut Vec<Act<'t, 'd>>) {
    if out.len() >= MAX_ACTS {
        return;
    }
    match value.kind() {
        Kind::Array => value.items().for_each(|item| walk(item, place, out)),
        Kind::Object => object(value, place, out),
        Kind::String if place.inside == Inside::Content => said(value, place, out),
        _ => {}
    }
}

fn object<'t, 'd>(value: Value<'t, 'd>, place: Place, out: &mut Vec<Act<'t, 'd>>) {
    let fields = Fields::of(value);
    let kind = fields.kind();
    if is_call(&kind) || place.inside == Inside::Calls {
        return call(value, &fields.with_function().with_wrapped(), out);
    }
    let speaks = |word: Option<Value<'_, '_>>| word.and_then(Value::str).and_then(|word| Speaker::of(&word));
    // An approval quotes the call that it is about, and an error is the program's own.
    if &*kind == b"guardian_assessment" {
        return;
    }
    let role = speaks(fields.role);
    if is_result(&kind) || place.inside == Inside::Results || role == Some(Speaker::Tool) {
        return answer(value, &fields.with_wrapped(), out);
    }
    let speaker = role.or_else(|| speaks(fields.kind)).or(place.speaker);
    members(value, speaker, out);
}

fn members<'t, 'd>(value: Value<'t, 'd>, speaker: Option<Speaker>, out: &mut Vec<Act<'t, 'd>>) {
    for (key, value) in value.members() {
        member(&word(key), value, Place { speaker, inside: Inside::Nothing }, out);
    }
}

/// What a member of a message, a block or a wrapper says.
fn member<'t, 'd>(key: &[u8], value: Value<'t, 'd>, place: Place, out: &mut Vec<Act<'t, 'd>>) {
    let (is_text, is_object) = (value.kind() == Kind::String, value.kind() == Kind::Object);
    let content = Place { inside: Inside::Content, ..place };
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
            walk(value, Place { speaker: Some(Speaker::System), ..content }, out);
        }
        b"thoughts" if value.kind() == Kind::Array => {
            value.items().for_each(|thought| thought_of(thought, content, out));
        }
        b"content"
        | b"parts"
        | b"text"
        | b"thinking"
        | b"think"
        | b"message"
        | b"reasoning"
        | b"reasoning_content"
        | b"reasoningText"
        | b"summary"
        | b"summary_text"
        | b"raw_content"
        | b"contextSummary"
        | b"finalText"
        | b"refusal"
        | b"thought"
        | b"prompt"
        | b"transformedContent"
        | b"output_text"
            if is_text || !is_object =>
        {
            walk(value, content, out);
        }
        b"input" if is_text && place.speaker == Some(Speaker::User) => walk(value, content, out),
        b"functionCall" | b"function_call" | b"toolUse" if is_object => call(value, &Fields::of(value), out),
        b"functionResponse" | b"function_response" if is_object => {
            result(value, &Fields::of(value), out);
        }
        // Of Bedrock; hooks quote results under the same name, without the call's id.
        b"toolResult" if is_object && value.get("toolUseId").is_some() => {
            result(value, &Fields::of(value), out);
        }
        b"tool_calls" | b"toolCalls" | b"toolRequests" | b"tool_requests" | b"function_calls" => {
            walk(value, Place { inside: Inside::Calls, ..place }, out);
        }
        b"tool_results" | b"toolResults" => walk(value, Place { inside: Inside::Results, ..place }, out),
        b"toolUseResult" | b"toolCallResult" if !value.is_null() => whole_result(value, out),
        b"attachment" if is_object => attachment(value, out),
        b"tools" | b"functions" | b"functionDeclarations" if value.kind() == Kind::Array => {
            listed(value, place, out);
        }
        // What a model's API answers is the model's, said or not.
        b"candidates" | b"choices" => {
            walk(value, Place { speaker: place.speaker.or(Some(Speaker::Assistant)), ..place }, out);
        }
        b"error" | b"errors" => {}
        _ if !is_text => walk(value, place, out),
        _ => {}
    }
}

fn said<'t, 'd>(value: Value<'t, 'd>, place: Place, out: &mut Vec<Act<'t, 'd>>) {
    // Words of nobody are a field of a log.
    let Some(speaker) = place.speaker.filter(|_| !value.content().is_empty()) else { return };
    let kind = if speaker == Speaker::Tool { ActKind::Result } else { ActKind::Said };
    out.push(Act::new(kind, speaker, value, vec![mark(value, speaker.surface())]));
}

/// A thought with a subject.
fn thought_of<'t, 'd>(value: Value<'t, 'd>, place: Place, out: &mut Vec<Act<'t, 'd>>) {
    if value.kind() != Kind::Object {
        return walk(value, place, out);
    }
    for (key, value) in value.members() {
        match word(key).as_ref() {
            b"subject" | b"description" => walk(value, place, out),
            key => member(key, value, Place { inside: Inside::Nothing, ..place }, out),
        }
    }
}

fn call<'t, 'd>(value: Value<'t, 'd>, fields: &Fields<'t, 'd>, out: &mut Vec<Act<'t, 'd>>) {
    let holds = |answer: &Value<'_, '_>| !is_hollow(*answer);
    let mut answers = fields.outputs.iter().filter(holds);
    let Some(answer) = answers.next() else {
        let mut marks: Vec<Mark> = fields.inputs.iter().map(|i| mark(i, Surface::ToolArgument)).collect();
        marks.extend(fields.tool().map(|name| mark(name, Surface::ToolName)));
        if marks.is_empty() {
            marks.push(mark(value, Surface::ToolArgument));
        }
        out.push(Act::new(ActKind::Call, Speaker::Assistant, value, marks).named(fields));
        return;
    };
    // Some logs keep the answer within the call; it goes the other way and is an event of its own.
    let mut inputs = fields.inputs.iter();
    let asked = match inputs.next() {
        Some(input) => Some((input, Surface::ToolArgument)),
        None => fields.tool().or(fields.kind).map(|name| (name, Surface::ToolName)),
    };
    if let Some((own, surface)) = asked {
        let act = Act::new(ActKind::Call, Speaker::Assistant, own, vec![mark(own, surface)]).named(fields);
        out.push(Act { also: inputs.collect(), ..act });
    }
    let marks = vec![mark(answer, Surface::ToolResult)];
    let act = Act::new(ActKind::Result, Speaker::Tool, answer, marks).named(fields);
    out.push(Act { also: answers.collect(), ..act });
}

/// Whether a value is a list or object of nothing.
fn is_hollow(value: Value<'_, '_>) -> bool {
    match value.kind() {
        Kind::Array => value.items().next().is_none(),
        Kind::Object => value.members().next().is_none(),
        _ => value.content().is_empty(),
    }
}

/// A result that may wrap results: those inside say more of which call they answer.
fn answer<'t, 'd>(value: Value<'t, 'd>, fields: &Fields<'t, 'd>, out: &mut Vec<Act<'t, 'd>>) {
    let is_block = |item: Value<'_, '_>| {
        item.get("functionResponse").or(item.get("toolResult")).is_some()
            || is_result(&Fields::of(item).kind())
    };
    if !fields.outputs.is_empty() && !fields.outputs.iter().any(|output| output.items().any(is_block)) {
        return result(value, fields, out);
    }
    let before = out.len();
    members(value, Some(Speaker::Tool), out);
    let found = out.get_mut(before..).unwrap_or_default();
    if !found.iter().any(|act| act.kind == ActKind::Result) {
        out.truncate(before);
        return result(value, fields, out);
    }
    for act in found.iter_mut().filter(|act| act.kind == ActKind::Result) {
        act.tool = act.tool.or(fields.tool());
        act.call = act.call.or(fields.call);
    }
}

fn result<'t, 'd>(value: Value<'t, 'd>, fields: &Fields<'t, 'd>, out: &mut Vec<Act<'t, 'd>>) {
    let mut marks: Vec<Mark> = fields.outputs.iter().map(|o| mark(o, Surface::ToolResult)).collect();
    if marks.is_empty() {
        marks.push(mark(value, Surface::ToolResult));
    }
    out.push(Act::new(ActKind::Result, Speaker::Tool, value, marks).named(fields));
}

/// A result that stands by itself, all of it the tool's.
fn whole_result<'t, 'd>(value: Value<'t, 'd>, out: &mut Vec<Act<'t, 'd>>) {
    let marks = vec![mark(value, Surface::ToolResult)];
    let call = Fields::of(value).call;
    out.push(Act { call, ..Act::new(ActKind::Result, Speaker::Tool, value, marks) });
}

/// What a program puts into the conversation beside what was said: files, notes of hooks and servers. None of it is the
/// person's word, but for a prompt that had to wait.
fn attachment<'t, 'd>(value: Value<'t, 'd>, out: &mut Vec<Act<'t, 'd>>) {
    if value.get_str("type").as_deref() == Some("queued_command") {
        members(value, Some(Speaker::User), out);
    } else {
        whole_result(value, out);
    }
}

/// Definitions of tools, as a model is given them.
fn listed<'t, 'd>(value: Value<'t, 'd>, place: Place, out: &mut Vec<Act<'t, 'd>>) {
    let marks = definitions(value);
    if marks.is_empty() {
        return walk(value, place, out);
    }
    out.push(Act::new(ActKind::Listed, Speaker::System, value, marks));
}

/// The marks of definitions, which stand in a list or alone.
fn definitions(value: Value<'_, '_>) -> Vec<Mark> {
    let mut marks = Vec::new();
    let alone = (value.kind() == Kind::Object).then_some(value);
    for item in value.items().chain(alone) {
        match item.get("functionDeclarations").or(item.get("function_declarations")) {
            Some(declared) => declared.items().for_each(|tool| tool_marks(tool, &mut marks)),
            None => {
                tool_marks(item, &mut marks);
                let inner = ["function", "toolSpec"].iter().filter_map(|key| item.get(key));
                inner.for_each(|tool| tool_marks(tool, &mut marks));
            }
        }
    }
    marks
}

fn mark(value: Value<'_, '_>, surface: Surface) -> Mark {
    Mark { span: value.content(), surface }
}

#[cfg(test)]
mod tests;
