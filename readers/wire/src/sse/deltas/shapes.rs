//! Where the vendors put what a model writes.
//!
//! A shape is told by its members, not by a path or a host, since gateways serve any of them anywhere.

use coldcase_model::json::Value;

use super::Kind;
use super::joiner::{Key, Texts};

/// Adds what one event's object holds.
pub(super) fn read(root: Value<'_, '_>, texts: &mut Texts) {
    if let Some(choices) = root.get("choices") {
        chat(choices, texts);
    } else if let Some(candidates) = root.get("candidates") {
        gemini(candidates, texts);
    } else if let Some(candidates) = root.get("response").and_then(|inner| inner.get("candidates")) {
        // As Google's code assistant wraps it.
        gemini(candidates, texts);
    } else {
        let kind = root.get("type").and_then(Value::str).unwrap_or_default();
        typed(&kind, root, texts);
    }
}

fn number(value: Value<'_, '_>, key: &str) -> u64 {
    value.get(key).and_then(Value::u64).unwrap_or_default()
}

/// Adds a string member.
fn add(texts: &mut Texts, key: Key, value: Option<Value<'_, '_>>) {
    if let Some(text) = value.and_then(Value::string) {
        texts.add(key, &text);
    }
}

fn name(texts: &mut Texts, key: Key, value: Option<Value<'_, '_>>) {
    if let Some(name) = value.and_then(Value::str) {
        texts.name(key, &name);
    }
}

/// OpenAI chat completions and those who copy them: `choices[].delta`; older completions have `choices[].text`.
fn chat(choices: Value<'_, '_>, texts: &mut Texts) {
    for choice in choices.items() {
        let key = |kind, index| Key { kind, answer: number(choice, "index"), index };
        add(texts, key(Kind::Text, 0), choice.get("text"));
        let Some(delta) = choice.get("delta") else { continue };
        if let Some(content) = delta.get("content") {
            add(texts, key(Kind::Text, 0), Some(content));
            for part in content.items() {
                add(texts, key(Kind::Text, 0), part.get("text"));
                // Mistral: `{"type":"thinking","thinking":[{"type":"text","text":…}]}`.
                for thought in part.get("thinking").into_iter().flat_map(Value::items) {
                    add(texts, key(Kind::Reasoning, 0), thought.get("text"));
                }
            }
        }
        add(texts, key(Kind::Text, 1), delta.get("refusal"));
        // DeepSeek, vLLM and others; OpenRouter.
        let reasoning = delta.get("reasoning_content").or_else(|| delta.get("reasoning"));
        add(texts, key(Kind::Reasoning, 0), reasoning);
        for (place, call) in delta.get("tool_calls").into_iter().flat_map(Value::items).enumerate() {
            let index = call.get("index").and_then(Value::u64).unwrap_or(place as u64);
            function(texts, key(Kind::ToolArguments, index), call.get("function"));
        }
        function(texts, key(Kind::ToolArguments, 0), delta.get("function_call"));
    }
}

fn function(texts: &mut Texts, key: Key, function: Option<Value<'_, '_>>) {
    let Some(function) = function else { return };
    name(texts, key, function.get("name"));
    add(texts, key, function.get("arguments"));
}

/// Gemini: `candidates[].content.parts[]`. A call of a tool comes whole.
fn gemini(candidates: Value<'_, '_>, texts: &mut Texts) {
    for candidate in candidates.items() {
        let answer = number(candidate, "index");
        let parts = candidate.get("content").and_then(|content| content.get("parts"));
        for part in parts.into_iter().flat_map(Value::items) {
            let is_thought = part.get("thought").is_some_and(|thought| thought.raw() == b"true");
            let kind = if is_thought { Kind::Reasoning } else { Kind::Text };
            add(texts, Key { kind, answer, index: 0 }, part.get("text"));
            if let Some(call) = part.get("functionCall") {
                let key = texts.next(Key { kind: Kind::ToolArguments, answer, index: 0 });
                name(texts, key, call.get("name"));
                if let Some(arguments) = call.get("args") {
                    texts.add(key, arguments.raw());
                }
            }
        }
    }
}

/// Events that say their type: Anthropic messages, OpenAI responses and realtime, and others with a string `delta`.
fn typed(kind: &str, root: Value<'_, '_>, texts: &mut Texts) {
    match kind {
        "message_start" | "response.created" => texts.forget(),
        "content_block_start" => block_start(root, texts),
        "content_block_delta" => block_delta(root, texts),
        "response.output_item.added" => {
            if let Some(item) = root.get("item") {
                let key = Key { kind: Kind::ToolArguments, answer: number(root, "output_index"), index: 0 };
                name(texts, key, item.get("name"));
            }
        }
        // Sound is no text.
        "response.audio.delta" | "response.output_audio.delta" => {}
        _ => string_delta(kind, root, texts),
    }
}

/// Anthropic: a block begins, with its type, and the name of a tool.
fn block_start(root: Value<'_, '_>, texts: &mut Texts) {
    let Some(block) = root.get("content_block") else { return };
    let index = number(root, "index");
    let key = |kind| Key { kind, answer: 0, index };
    for kind in [Kind::Text, Kind::Reasoning, Kind::ToolArguments] {
        texts.end(key(kind));
    }
    name(texts, key(Kind::ToolArguments), block.get("name"));
    add(texts, key(Kind::Text), block.get("text"));
    add(texts, key(Kind::Reasoning), block.get("thinking"));
    // The input of a call that comes whole; in streams it is an empty object.
    if let Some(input) = block.get("input").filter(|input| input.members().next().is_some()) {
        texts.add(key(Kind::ToolArguments), input.raw());
    }
}

fn block_delta(root: Value<'_, '_>, texts: &mut Texts) {
    let Some(delta) = root.get("delta") else { return };
    let index = number(root, "index");
    let key = |kind| Key { kind, answer: 0, index };
    add(texts, key(Kind::Text), delta.get("text"));
    add(texts, key(Kind::Reasoning), delta.get("thinking"));
    add(texts, key(Kind::ToolArguments), delta.get("partial_json"));
}

/// OpenAI responses (`response.output_text.delta`, `response.function_call_arguments.delta` and kin) and others.
fn string_delta(kind: &str, root: Value<'_, '_>, texts: &mut Texts) {
    let lower = kind.to_ascii_lowercase();
    let has = |word: &str| lower.contains(word);
    let (kind, index) = if has("reasoning") || has("thinking") {
        (Kind::Reasoning, number(root, "content_index").wrapping_add(number(root, "summary_index")))
    } else if has("arguments") || has("input") || has("tool") || has("code") {
        (Kind::ToolArguments, 0)
    } else {
        (Kind::Text, number(root, "content_index"))
    };
    add(texts, Key { kind, answer: number(root, "output_index"), index }, root.get("delta"));
}
