//! What the names of attributes mean: the conventions of OpenTelemetry GenAI, old and new, of OpenInference, Traceloop,
//! the Vercel AI SDK, Pydantic Logfire and Langfuse.
//!
//! | meaning | surface | direction |
//! |---|---|---|
//! | said by system or user | `model_input` | ingress |
//! | said by the model | `model_output` | egress |
//! | arguments of a tool | `tool_argument` | egress |
//! | result of a tool, documents that were found | `tool_result` | ingress |
//! | tools that the model is told of | `tool_name`, `tool_description`, `tool_schema` | ingress |
//!
//! Roles inside of messages go before what the attribute's name says. All other attributes are fields of a log.

use crate::agent::Speaker;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Messages or text; the speaker where it does not say itself.
    Said(Speaker),
    /// Arguments of a call.
    Arguments,
    /// What a tool answered.
    Result,
    /// Definitions of tools.
    Tools,
    /// The name of a tool.
    Name,
    /// What a tool is said to do.
    Description,
}

/// What kind of span or run an attribute stands in, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Work {
    /// A tool is called.
    Tool,
    /// Documents are looked for.
    Retriever,
    /// A model is called, or anything else.
    #[default]
    Other,
}

impl Work {
    /// The kind that a word names.
    pub(super) fn of(word: &str) -> Self {
        let is = |known: &str| word.eq_ignore_ascii_case(known);
        if is("tool") || is("execute_tool") {
            Self::Tool
        } else if is("retriever") || is("retrieval") || is("reranker") {
            Self::Retriever
        } else {
            Self::Other
        }
    }

    /// What goes into it.
    pub(super) const fn input(self) -> Meaning {
        match self {
            Self::Tool | Self::Retriever => Meaning::Arguments,
            Self::Other => Meaning::Said(Speaker::User),
        }
    }

    /// What comes out of it.
    pub(super) const fn output(self) -> Meaning {
        match self {
            Self::Tool | Self::Retriever => Meaning::Result,
            Self::Other => Meaning::Said(Speaker::Assistant),
        }
    }
}

/// Attributes that name the kind of work.
pub(super) const KINDS: [&str; 4] =
    ["openinference.span.kind", "traceloop.span.kind", "langfuse.observation.type", "gen_ai.operation.name"];

/// Attributes that name the tool of a span.
pub(super) const TOOL_NAMES: [&str; 5] =
    ["gen_ai.tool.name", "tool.name", "ai.toolCall.name", "mcp.tool.name", "tool_call.function.name"];

/// Attributes that pair a call with its result.
pub(super) const CALL_IDS: [&str; 4] = ["gen_ai.tool.call.id", "tool_call.id", "ai.toolCall.id", "tool.id"];

/// The meaning of an attribute of a span.
pub(super) fn of_attribute(key: &str, work: Work) -> Option<Meaning> {
    if TOOL_NAMES.contains(&key) {
        return Some(Meaning::Name);
    }
    Some(match key {
        "gen_ai.system_instructions" => Meaning::Said(Speaker::System),
        "gen_ai.input.messages"
        | "gen_ai.prompt"
        | "llm.prompts"
        | "llm.input_messages"
        | "ai.prompt"
        | "ai.prompt.messages"
        | "pydantic_ai.all_messages"
        | "all_messages_events" => Meaning::Said(Speaker::User),
        "gen_ai.output.messages"
        | "gen_ai.completion"
        | "llm.completions"
        | "llm.output_messages"
        | "ai.response.text"
        | "ai.response.reasoning"
        | "ai.response.object"
        | "final_result" => Meaning::Said(Speaker::Assistant),
        "gen_ai.tool.call.arguments"
        | "tool.parameters"
        | "ai.toolCall.args"
        | "ai.toolCall.input"
        | "ai.response.toolCalls"
        | "tool_arguments"
        | "tool_call.function.arguments"
        | "gen_ai.retrieval.query.text" => Meaning::Arguments,
        "gen_ai.tool.call.result"
        | "ai.toolCall.result"
        | "ai.toolCall.output"
        | "tool_response"
        | "retrieval.documents"
        | "reranker.output_documents"
        | "gen_ai.retrieval.documents" => Meaning::Result,
        "gen_ai.tool.definitions" | "llm.tools" | "ai.prompt.tools" | "tool.json_schema" => Meaning::Tools,
        "gen_ai.tool.description" | "tool.description" => Meaning::Description,
        "input.value" | "traceloop.entity.input" | "langfuse.observation.input" => work.input(),
        "output.value" | "traceloop.entity.output" | "langfuse.observation.output" => work.output(),
        "langfuse.trace.input" => Meaning::Said(Speaker::User),
        "langfuse.trace.output" => Meaning::Said(Speaker::Assistant),
        _ => return of_numbered(key),
    })
}

/// The meaning of one of a list of tools or documents, whose names hold a number.
fn of_numbered(key: &str) -> Option<Meaning> {
    let rest = |before: &str| key.strip_prefix(before)?.split_once('.').map(|(_, rest)| rest);
    if rest("llm.tools.") == Some("tool.json_schema") {
        return Some(Meaning::Tools);
    }
    match rest("llm.request.functions.") {
        Some("name") => return Some(Meaning::Name),
        Some("description") => return Some(Meaning::Description),
        _ => {}
    }
    let documents = ["retrieval.documents.", "reranker.output_documents."];
    documents.iter().any(|before| rest(before) == Some("document.content")).then_some(Meaning::Result)
}

/// Who speaks in an event of a span, or in a log record, of this name.
pub(super) fn speaker_of_event(name: &str) -> Option<Speaker> {
    match name {
        "gen_ai.system.message" => Some(Speaker::System),
        "gen_ai.user.message" | "gen_ai.content.prompt" => Some(Speaker::User),
        "gen_ai.assistant.message" | "gen_ai.choice" | "gen_ai.content.completion" => {
            Some(Speaker::Assistant)
        }
        "gen_ai.tool.message" => Some(Speaker::Tool),
        _ => None,
    }
}

/// The meaning of an attribute of such an event.
pub(super) fn of_event(key: &str, speaker: Option<Speaker>, work: Work) -> Option<Meaning> {
    let is_said =
        matches!(key, "content" | "message" | "tool_calls" | "gen_ai.event.content" | "event_body" | "body");
    let Some(speaker) = speaker.filter(|_| is_said) else { return of_attribute(key, work) };
    Some(match (key, speaker) {
        ("tool_calls", _) => Meaning::Arguments,
        (_, Speaker::Tool) => Meaning::Result,
        _ => Meaning::Said(speaker),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_work_says_what_goes_in_and_out() {
        for word in ["TOOL", "tool", "execute_tool"] {
            assert_eq!(of_attribute("input.value", Work::of(word)), Some(Meaning::Arguments), "{word}");
            assert_eq!(of_attribute("output.value", Work::of(word)), Some(Meaning::Result), "{word}");
        }
        assert_eq!(of_attribute("output.value", Work::of("RETRIEVER")), Some(Meaning::Result));
        assert_eq!(of_attribute("input.value", Work::of("LLM")), Some(Meaning::Said(Speaker::User)));
    }

    #[test]
    fn numbered_names_have_a_meaning_and_strangers_none() {
        assert_eq!(of_attribute("llm.tools.12.tool.json_schema", Work::Other), Some(Meaning::Tools));
        assert_eq!(
            of_attribute("retrieval.documents.0.document.content", Work::Other),
            Some(Meaning::Result)
        );
        assert_eq!(of_attribute("retrieval.documents.0.document.id", Work::Other), None);
        assert_eq!(of_attribute("http.url", Work::Tool), None);
    }
}
