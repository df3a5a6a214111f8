//! JSON bodies of requests to models and of their answers: which stretches are what is said, by the shape of the body.
//!
//! | API | request | answer |
//! |---|---|---|
//! | OpenAI Chat Completions and servers like it | `messages` | `choices` |
//! | OpenAI Responses | `input` beside `model` or `instructions` | `output` |
//! | completions | `prompt` beside `model` or a limit of tokens | `choices`, `completion`, `generation` |
//! | Anthropic Messages, also through Bedrock and Vertex | `messages` | `role` and `content` |
//! | Gemini, also in the envelope of Code Assist | `contents` | `candidates` |
//! | Bedrock Converse | `messages` | `output.message` |
//! | Amazon Titan | `inputText` | `results` |
//! | Ollama | `messages`, `prompt` | `message`, `response` |
//! | OpenAI Realtime | `item`, `session` | `item`, `response.output` |
//!
//! Hosts are not asked: a gateway has any name. What is said inside is found by the same shapes as in the logs of agents.
//! Streams are joined in `stream`; the binary event streams of Amazon are not taken apart.

use coldcase_model::Surface;
use coldcase_model::json::{Kind, Mark, Value};

use crate::agent::{self, Act, Speaker};

/// What is said in a body: its stretches with their surfaces, sorted and apart; none where it is no such body.
pub(super) fn marks(root: Value<'_, '_>) -> Vec<Mark> {
    // An answer of Gemini may come in an array of its pieces.
    let asked = root.items().next().unwrap_or(root);
    let Some(speaker) = speaker(asked) else { return Vec::new() };
    let said = agent::acts(root, Some(speaker));
    let mut marks: Vec<Mark> = said.iter().flat_map(Act::all_marks).collect();
    plain(root, speaker.surface(), &mut marks);
    apart(marks)
}

/// Marks in order, without those that another one holds.
fn apart(mut marks: Vec<Mark>) -> Vec<Mark> {
    marks.sort_by_key(|mark| mark.span);
    let mut end = 0;
    marks.retain(|mark| {
        let is_apart = mark.span.start >= end && !mark.span.is_empty();
        if is_apart {
            end = mark.span.end;
        }
        is_apart
    });
    marks
}

/// Members whose text is said to a model or by one, in shapes that are of one API only.
const PLAIN: [&str; 6] = ["input", "inputText", "outputText", "response", "generation", "completion"];

/// Marks text that stands in no message.
fn plain(root: Value<'_, '_>, surface: Surface, marks: &mut Vec<Mark>) {
    for holder in std::iter::once(root).chain(root.get("results").into_iter().flat_map(Value::items)) {
        let texts = PLAIN.iter().filter_map(|key| holder.get(key));
        for value in texts {
            let strings = std::iter::once(value).chain(value.items());
            let strings = strings.filter(|value| value.kind() == Kind::String);
            marks.extend(strings.map(|value| Mark { span: value.content(), surface }));
        }
    }
}

/// Who speaks in a body where its items do not say: the user in a request, the model in an answer.
fn speaker(root: Value<'_, '_>) -> Option<Speaker> {
    if root.kind() != Kind::Object {
        return None;
    }
    if is_answer(root) {
        return Some(Speaker::Assistant);
    }
    if is_request(root) {
        return Some(Speaker::User);
    }
    // The envelopes of Code Assist, of Realtime, and of events in the streams of Responses.
    ["request", "response", "item", "session"].iter().find_map(|key| {
        let inner = root.get(key)?;
        if is_answer(inner) || inner.get_str("role").is_some_and(|role| role == "assistant") {
            return Some(Speaker::Assistant);
        }
        let is_item = *key == "item" && (has(inner, "role") || has(inner, "call_id"));
        let is_session = *key == "session" && has(inner, "instructions");
        (is_request(inner) || is_item || is_session).then_some(Speaker::User)
    })
}

fn has(value: Value<'_, '_>, key: &str) -> bool {
    value.get(key).is_some_and(|value| !value.is_null())
}

/// The first item of a list.
fn first<'t, 'd>(value: Value<'t, 'd>, key: &str) -> Option<Value<'t, 'd>> {
    value.get(key)?.items().next()
}

fn is_answer(root: Value<'_, '_>) -> bool {
    let text = |key: &str| root.get(key).is_some_and(|value| value.kind() == Kind::String);
    let speaks = |value: Value<'_, '_>| has(value, "role") && has(value, "content");
    let choice = |item: Value<'_, '_>| has(item, "message") || has(item, "text") || has(item, "delta");
    first(root, "choices").is_some_and(choice)
        || first(root, "candidates").is_some_and(|item| has(item, "content") || has(item, "finishReason"))
        || first(root, "output").is_some_and(|item| has(item, "type"))
        || root.at(&["output", "message"]).is_some_and(speaks)
        || root.get("message").is_some_and(speaks) && !has(root, "messages")
        || root.get_str("role").is_some_and(|role| role == "assistant") && has(root, "content")
        || text("response") && has(root, "done")
        || text("completion") && has(root, "stop_reason")
        || text("generation")
        || first(root, "results").is_some_and(|item| has(item, "outputText"))
}

/// Members that a request to a model has beside its text, and hardly any other body.
const BESIDE: [&str; 8] = [
    "model",
    "instructions",
    "previous_response_id",
    "max_tokens",
    "max_gen_len",
    "max_tokens_to_sample",
    "max_output_tokens",
    "temperature",
];

fn is_request(root: Value<'_, '_>) -> bool {
    let is_text = |value: Value<'_, '_>| value.kind() == Kind::String;
    let is_item = |item: Value<'_, '_>| is_text(item) || has(item, "role") || has(item, "type");
    let is_input = |key: &str| {
        root.get(key).is_some_and(|value| is_text(value) || value.items().next().is_some_and(is_item))
    };
    first(root, "messages").is_some_and(|item| has(item, "role"))
        || first(root, "contents").is_some_and(|item| has(item, "parts"))
        || (is_input("input") || is_input("prompt")) && BESIDE.iter().any(|key| has(root, key))
        || root.get("inputText").is_some_and(is_text)
}

#[cfg(test)]
mod tests {
    use coldcase_model::Surface::{
        ModelInput, ModelOutput, ToolArgument, ToolDescription, ToolName, ToolResult, ToolSchema,
    };
    use coldcase_model::json::Tape;

    use super::*;

    /// What is marked in a body, without the marks of words that are about something else.
    fn said(body: &str) -> Vec<(Surface, String)> {
        let mut tape = Tape::default();
        let marks = marks(tape.parse(body.as_bytes()).unwrap());
        let text = |mark: &Mark| String::from_utf8(mark.span.of(body.as_bytes()).to_vec()).unwrap();
        marks.iter().map(|mark| (mark.surface, text(mark))).collect()
    }

    fn check(body: &str, wanted: &[(Surface, &str)]) {
        let wanted: Vec<_> = wanted.iter().map(|(surface, text)| (*surface, (*text).to_owned())).collect();
        assert_eq!(said(body), wanted, "{body}");
    }

    #[test]
    fn requests_and_answers_of_chat_completions() {
        check(
            r#"{"model":"m","messages":[{"role":"system","content":"S"},{"role":"user","content":[{"type":"text","text":"U"}]},
            {"role":"assistant","content":"A","tool_calls":[{"id":"c1","type":"function","function":{"name":"get","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"c1","content":"R"}],
            "tools":[{"type":"function","function":{"name":"get","description":"D","parameters":{"a":1}}}]}"#,
            &[
                (ModelInput, "S"),
                (ModelInput, "U"),
                (ModelOutput, "A"),
                (ToolName, "get"),
                (ToolArgument, "{}"),
                (ToolResult, "R"),
                (ToolName, "get"),
                (ToolDescription, "D"),
                (ToolSchema, r#"{"a":1}"#),
            ],
        );
        check(
            r#"{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"A"}},{"text":"B"}]}"#,
            &[(ModelOutput, "A"), (ModelOutput, "B")],
        );
        check(r#"{"model":"m","prompt":"P","max_tokens":5}"#, &[(ModelInput, "P")]);
    }

    #[test]
    fn requests_and_answers_of_responses() {
        check(
            r#"{"model":"m","instructions":"S","input":[{"role":"user","content":[{"type":"input_text","text":"U"}]},
            {"type":"function_call","call_id":"c","name":"get","arguments":"{}"},
            {"type":"function_call_output","call_id":"c","output":"R"}],
            "tools":[{"type":"function","name":"get","description":"D","parameters":{}}]}"#,
            &[
                (ModelInput, "S"),
                (ModelInput, "U"),
                (ToolName, "get"),
                (ToolArgument, "{}"),
                (ToolResult, "R"),
                (ToolName, "get"),
                (ToolDescription, "D"),
                (ToolSchema, "{}"),
            ],
        );
        check(r#"{"model":"m","input":"U"}"#, &[(ModelInput, "U")]);
        check(
            r#"{"object":"response","output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"T"}]},
            {"type":"message","role":"assistant","content":[{"type":"output_text","text":"A"}]}]}"#,
            &[(ModelOutput, "T"), (ModelOutput, "A")],
        );
    }

    #[test]
    fn requests_and_answers_of_messages() {
        check(
            r#"{"model":"m","system":[{"type":"text","text":"S"}],"max_tokens":9,"messages":[{"role":"user","content":"U"},
            {"role":"assistant","content":[{"type":"thinking","thinking":"T"},{"type":"tool_use","id":"t","name":"get","input":{"q":1}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"R"}]}]}],
            "tools":[{"name":"get","description":"D","input_schema":{}}]}"#,
            &[
                (ModelInput, "S"),
                (ModelInput, "U"),
                (ModelOutput, "T"),
                (ToolName, "get"),
                (ToolArgument, r#"{"q":1}"#),
                (ToolResult, r#"[{"type":"text","text":"R"}]"#),
                (ToolName, "get"),
                (ToolDescription, "D"),
                (ToolSchema, "{}"),
            ],
        );
        check(
            r#"{"type":"message","role":"assistant","content":[{"type":"text","text":"A"},{"type":"tool_use","id":"t","name":"get","input":{}}]}"#,
            &[(ModelOutput, "A"), (ToolName, "get"), (ToolArgument, "{}")],
        );
    }

    #[test]
    fn requests_and_answers_of_gemini_and_of_code_assist() {
        let request = r#"{"contents":[{"role":"user","parts":[{"text":"U"}]},
            {"role":"model","parts":[{"functionCall":{"name":"get","args":{"q":1}}}]},
            {"role":"user","parts":[{"functionResponse":{"name":"get","response":{"r":"R"}}}]}],
            "systemInstruction":{"parts":[{"text":"S"}]},
            "tools":[{"functionDeclarations":[{"name":"get","description":"D","parameters":{}}]}]}"#;
        let wanted = [
            (ModelInput, "U"),
            (ToolName, "get"),
            (ToolArgument, r#"{"q":1}"#),
            (ToolResult, r#"{"r":"R"}"#),
            (ModelInput, "S"),
            (ToolName, "get"),
            (ToolDescription, "D"),
            (ToolSchema, "{}"),
        ];
        check(request, &wanted);
        check(&format!(r#"{{"model":"m","project":"p","request":{request}}}"#), &wanted);
        let answer = r#"{"candidates":[{"content":{"parts":[{"text":"A"}],"role":"model"}}]}"#;
        check(answer, &[(ModelOutput, "A")]);
        check(&format!("[{answer},{answer}]"), &[(ModelOutput, "A"), (ModelOutput, "A")]);
        check(r#"{"contents":[{"parts":[{"text":"U"}]}]}"#, &[(ModelInput, "U")]);
    }

    #[test]
    fn requests_and_answers_of_bedrock() {
        check(
            r#"{"system":[{"text":"S"}],"messages":[{"role":"user","content":[{"text":"U"}]},
            {"role":"assistant","content":[{"toolUse":{"toolUseId":"t","name":"get","input":{"q":1}}}]},
            {"role":"user","content":[{"toolResult":{"toolUseId":"t","content":[{"text":"R"}]}}]}],
            "toolConfig":{"tools":[{"toolSpec":{"name":"get","description":"D","inputSchema":{"json":{}}}}]}}"#,
            &[
                (ModelInput, "S"),
                (ModelInput, "U"),
                (ToolName, "get"),
                (ToolArgument, r#"{"q":1}"#),
                (ToolResult, r#"[{"text":"R"}]"#),
                (ToolName, "get"),
                (ToolDescription, "D"),
                (ToolSchema, r#"{"json":{}}"#),
            ],
        );
        check(
            r#"{"output":{"message":{"role":"assistant","content":[{"text":"A"}]}},"stopReason":"end_turn"}"#,
            &[(ModelOutput, "A")],
        );
        check(r#"{"inputText":"U","textGenerationConfig":{}}"#, &[(ModelInput, "U")]);
        check(r#"{"results":[{"tokenCount":3,"outputText":"A"}]}"#, &[(ModelOutput, "A")]);
        check(r#"{"generation":"A","stop_reason":"stop"}"#, &[(ModelOutput, "A")]);
    }

    #[test]
    fn requests_and_answers_of_ollama_and_items_of_realtime() {
        check(r#"{"model":"m","prompt":"U","system":"S"}"#, &[(ModelInput, "U"), (ModelInput, "S")]);
        check(r#"{"model":"m","response":"A","done":true}"#, &[(ModelOutput, "A")]);
        check(
            r#"{"model":"m","message":{"role":"assistant","content":"A"},"done":true}"#,
            &[(ModelOutput, "A")],
        );
        check(
            r#"{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"U"}]}}"#,
            &[(ModelInput, "U")],
        );
    }

    #[test]
    fn other_bodies_have_no_marks() {
        for body in [
            r#"{"messages":["a","b"]}"#,
            r#"{"messages":[{"id":1,"content":"x"}]}"#,
            r#"{"input":"x"}"#,
            r#"{"content":"x","role":"editor"}"#,
            r#"{"output":"x"}"#,
            r#"{"choices":["red","blue"]}"#,
            r#"{"prompt":"x"}"#,
            "[1,2]",
            "[]",
            "{}",
            r#""text""#,
        ] {
            check(body, &[]);
        }
    }
}
