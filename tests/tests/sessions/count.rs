//! Counts what a log says by the fields of its own format: plain walks over serde_json's values, one for each format,
//! which know nothing of the reader's shapes.

use std::path::Path;

use serde_json::Value;

use super::tally::Tally;

/// The programs that wrote the samples.
#[derive(Debug, Clone, Copy)]
pub(super) enum Format {
    Claude,
    Codex,
    Gemini,
    GeminiAnswers,
    Copilot,
    Qwen,
    Kimi,
    Pi,
    Droid,
    Cursor,
    Grok,
    Opencode,
    Antigravity,
    Chat,
}

/// The JSON values of a file, one after another, lists and lines alike; what is not JSON is passed over.
fn values(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    let whole: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(&text).into_iter().collect();
    whole.unwrap_or_else(|_| text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value[key].as_array().into_iter().flatten()
}

fn text(value: &Value) -> usize {
    usize::from(value.as_str().is_some_and(|text| !text.is_empty()))
}

pub(super) fn tally(format: Format, path: &Path) -> Tally {
    let mut tally = Tally::default();
    for value in values(path) {
        match format {
            Format::Claude if value["loglines"].is_array() => {
                list(&value, "loglines").for_each(|record| claude(record, &mut tally));
            }
            Format::Claude => claude(&value, &mut tally),
            Format::Codex => codex(&value, &mut tally),
            Format::Gemini => gemini(&value, &mut tally),
            Format::GeminiAnswers => gemini_answer(&value["response"], &mut tally),
            Format::Copilot => copilot(&value, &mut tally),
            Format::Qwen => qwen(&value, &mut tally),
            Format::Kimi => kimi(&value, &mut tally),
            Format::Pi => pi(&value, &mut tally),
            Format::Droid => droid(&value, &mut tally),
            Format::Cursor => {
                let role = value["role"].as_str().unwrap_or_default();
                blocks(role, &value["message"]["content"], &mut tally);
            }
            Format::Grok => grok(&value, &mut tally),
            Format::Opencode => opencode(&value, &mut tally),
            Format::Antigravity => antigravity(&value, &mut tally),
            Format::Chat => chat(&value, &mut tally),
        }
    }
    tally
}

/// So many texts of a role.
fn said(role: &str, texts: usize, tally: &mut Tally) {
    match role {
        "user" => tally.user += texts,
        "assistant" | "gemini" | "model" => tally.assistant += texts,
        _ => {}
    }
}

/// Content of a message as Anthropic has it: a text, or blocks. Gives how many results and texts there are.
fn blocks(role: &str, content: &Value, tally: &mut Tally) -> (usize, usize) {
    let (mut results, mut texts) = (0, text(content));
    for block in content.as_array().into_iter().flatten() {
        let id = |key: &str| block[key].as_str();
        match block["type"].as_str().unwrap_or_default() {
            "tool_use" | "tool_call" | "toolCall" => tally.call(id("name"), id("id")),
            "tool_result" | "tool-result" => {
                results += 1;
                tally.result(id("tool_use_id"));
            }
            "thinking" => said("assistant", text(&block["thinking"]), tally),
            _ => texts += text(block) + text(&block["text"]),
        }
    }
    said(role, texts, tally);
    (results, texts)
}

fn claude(record: &Value, tally: &mut Tally) {
    let message = &record["message"];
    let kind = record["type"].as_str().unwrap_or_default();
    let (mut results, mut texts) = (0, 0);
    match kind {
        "user" | "assistant" => {
            // One sample misspells the member.
            let content =
                if message["content"].is_null() { &message["contenst"] } else { &message["content"] };
            (results, texts) = blocks(message["role"].as_str().unwrap_or(kind), content, tally);
            // Another has a bare text where the message should be.
            said(kind, text(message), tally);
        }
        "summary" => tally.assistant += text(&record["summary"]),
        "queue-operation" => tally.user += text(&record["content"]),
        "tool_use" => tally.call(record["name"].as_str(), None),
        "tool_result" => tally.result(None),
        "attachment" if record["attachment"]["type"] == "queued_command" => {
            blocks("user", &record["attachment"]["prompt"], tally);
        }
        "attachment" => tally.result(None),
        _ => {}
    }
    // The program's own copy of a result is the result's, where the record has one and nothing else.
    if !record["toolUseResult"].is_null() && (results, texts) != (1, 0) {
        tally.result(None);
    }
}

fn codex(record: &Value, tally: &mut Tally) {
    let payload = &record["payload"];
    match record["type"].as_str().unwrap_or_default() {
        "response_item" => codex_item(payload, tally),
        "event_msg" => codex_event(payload, tally),
        "compacted" => {
            tally.assistant += text(&payload["message"]);
            list(payload, "replacement_history").for_each(|item| codex_item(item, tally));
        }
        // Before there were payloads, items were records.
        _ if payload.is_null() => codex_item(record, tally),
        _ => {}
    }
}

fn codex_item(item: &Value, tally: &mut Tally) {
    let (call, id) = (item["call_id"].as_str(), item["id"].as_str());
    let kind = item["type"].as_str().unwrap_or_default();
    match kind {
        "function_call"
        | "custom_tool_call"
        | "local_shell_call"
        | "web_search_call"
        | "tool_search_call"
        | "tool_call"
        | "image_generation_call" => {
            let name = item["name"].as_str().or(item["function"]["name"].as_str());
            tally.call(name, call.or(id));
            if text(&item["result"]) > 0 {
                tally.result(call.or(id));
            }
        }
        "function_call_output"
        | "custom_tool_call_output"
        | "tool_search_output"
        | "tool_result"
        | "function_result" => tally.result(call.or(id)),
        "reasoning" => {
            let texts = list(item, "summary").chain(list(item, "content")).map(|part| text(&part["text"]));
            tally.assistant += texts.sum::<usize>();
        }
        "agent_message" => {
            tally.assistant += list(item, "content").map(|part| text(&part["text"])).sum::<usize>();
        }
        _ => {
            let texts = list(item, "content").map(|part| text(&part["text"])).sum::<usize>();
            let texts = texts + text(&item["content"]) + text(&item["message"]);
            said(item["role"].as_str().unwrap_or_default(), texts, tally);
        }
    }
}

fn codex_event(event: &Value, tally: &mut Tally) {
    let call = event["call_id"].as_str();
    match event["type"].as_str().unwrap_or_default() {
        "user_message" => tally.user += text(&event["message"]),
        "agent_message" => tally.assistant += text(&event["message"]),
        "agent_reasoning" => tally.assistant += text(&event["text"]),
        "dynamic_tool_call_request" => tally.call(event["tool"].as_str(), event["callId"].as_str()),
        "view_image_tool_call" => tally.call(None, call),
        "exec_command_end"
        | "mcp_tool_call_end"
        | "patch_apply_end"
        | "web_search_end"
        | "image_generation_end"
        | "dynamic_tool_call_response" => tally.result(call),
        "item_completed" => codex_thread_item(&event["item"], tally),
        _ => {}
    }
}

fn codex_thread_item(item: &Value, tally: &mut Tally) {
    let id = item["id"].as_str();
    let texts = |key: &str| list(item, key).map(|part| text(part) + text(&part["text"])).sum::<usize>();
    match item["type"].as_str().unwrap_or_default() {
        "UserMessage" => tally.user += texts("content"),
        "AgentMessage" => tally.assistant += texts("content"),
        "Reasoning" => tally.assistant += texts("raw_content") + texts("summary_text"),
        "Plan" => tally.assistant += text(&item["text"]),
        "CommandExecution" | "McpToolCall" | "FileChange" | "Extension" => {
            tally.call(item["tool"].as_str(), id);
            let holds = |key: &&str| match &item[*key] {
                Value::String(text) => !text.is_empty(),
                Value::Array(items) => !items.is_empty(),
                Value::Object(members) => !members.is_empty(),
                _ => false,
            };
            if ["aggregated_output", "stdout", "stderr", "formatted_output", "result", "results"]
                .iter()
                .any(holds)
            {
                tally.result(id);
            }
        }
        _ => {}
    }
}

/// Parts as the Gemini API has them.
fn parts(role: &str, message: &Value, tally: &mut Tally) {
    for part in list(message, "parts") {
        said(role, text(&part["text"]), tally);
        let call = &part["functionCall"];
        if call.is_object() {
            tally.call(call["name"].as_str(), call["id"].as_str());
        }
        if part["functionResponse"].is_object() {
            tally.result(part["functionResponse"]["id"].as_str());
        }
    }
}

fn gemini(record: &Value, tally: &mut Tally) {
    if record["messages"].is_array() || record["history"].is_array() {
        list(record, "messages").chain(list(record, "history")).for_each(|message| gemini(message, tally));
        return;
    }
    let role = record["type"].as_str().or(record["role"].as_str()).unwrap_or_default();
    let texts =
        text(&record["content"]) + list(record, "content").map(|part| text(&part["text"])).sum::<usize>();
    said(role, texts, tally);
    parts(role, record, tally);
    for thought in list(record, "thoughts") {
        tally.assistant += text(&thought["subject"]) + text(&thought["description"]);
    }
    for call in list(record, "toolCalls") {
        tally.call(call["name"].as_str(), call["id"].as_str());
        if call["result"].as_array().is_some_and(|result| !result.is_empty()) {
            tally.result(call["id"].as_str());
        }
    }
}

fn gemini_answer(answer: &Value, tally: &mut Tally) {
    for chunk in answer.as_array().into_iter().flatten() {
        gemini_answer(chunk, tally);
    }
    for candidate in list(answer, "candidates") {
        parts("model", &candidate["content"], tally);
        // Stretches of the answer that a source supports are said again.
        let supports = list(&candidate["groundingMetadata"], "groundingSupports");
        tally.assistant += supports.map(|support| text(&support["segment"]["text"])).sum::<usize>();
    }
}

fn copilot(record: &Value, tally: &mut Tally) {
    let data = &record["data"];
    match record["type"].as_str().unwrap_or_default() {
        "user.message" => tally.user += text(&data["content"]) + text(&data["transformedContent"]),
        "assistant.message" => {
            tally.assistant += text(&data["content"]) + text(&data["reasoningText"]);
            for call in list(data, "toolRequests") {
                tally.call(call["name"].as_str(), call["toolCallId"].as_str());
            }
        }
        // The model's order to an agent of its own, quoted when that agent is done.
        "system.notification" => tally.assistant += text(&data["kind"]["prompt"]),
        "assistant.reasoning" => tally.assistant += text(&data["content"]),
        "tool.execution_start" => tally.call(data["toolName"].as_str(), data["toolCallId"].as_str()),
        "tool.execution_complete" => tally.result(data["toolCallId"].as_str()),
        _ => {}
    }
}

fn qwen(record: &Value, tally: &mut Tally) {
    let message = &record["message"];
    parts(message["role"].as_str().unwrap_or_default(), message, tally);
}

fn kimi(record: &Value, tally: &mut Tally) {
    let event = &record["event"];
    match record["type"].as_str().unwrap_or_default() {
        "turn.prompt" | "turn.steer" => {
            blocks("user", &record["input"], tally);
        }
        "context.append_message" => {
            let message = &record["message"];
            blocks(message["role"].as_str().unwrap_or_default(), &message["content"], tally);
        }
        "context.apply_compaction" => {
            tally.assistant += text(&record["summary"]) + text(&record["contextSummary"]);
        }
        "context.append_loop_event" => match event["type"].as_str().unwrap_or_default() {
            "content.part" => tally.assistant += text(&event["part"]["text"]) + text(&event["part"]["think"]),
            "tool.call" => tally.call(event["name"].as_str(), event["toolCallId"].as_str()),
            "tool.result" => tally.result(event["toolCallId"].as_str()),
            _ => {}
        },
        _ => {}
    }
}

fn pi(record: &Value, tally: &mut Tally) {
    let message = &record["message"];
    match message["role"].as_str() {
        Some("toolResult") => tally.result(message["toolCallId"].as_str()),
        Some(role) => {
            blocks(role, &message["content"], tally);
        }
        None if record["type"] == "compaction" => tally.assistant += text(&record["summary"]),
        None => {}
    }
}

fn droid(record: &Value, tally: &mut Tally) {
    let id = record["toolCallId"].as_str().or(record["id"].as_str());
    match record["type"].as_str().unwrap_or_default() {
        "tool_call" => tally.call(record["toolName"].as_str(), id),
        "tool_result" => tally.result(id),
        "completion" => tally.assistant += text(&record["finalText"]),
        "message" => {
            let message = if record["message"].is_object() { &record["message"] } else { record };
            let role = message["role"].as_str().unwrap_or_default();
            said(role, text(&message["text"]), tally);
            blocks(role, &message["content"], tally);
        }
        _ => {}
    }
}

fn grok(record: &Value, tally: &mut Tally) {
    let kind = record["type"].as_str().unwrap_or_default();
    match kind {
        "user" | "assistant" => {
            blocks(kind, &record["content"], tally);
        }
        "reasoning" => {
            tally.assistant += list(record, "summary").map(|part| text(&part["text"])).sum::<usize>();
        }
        "tool_result" => tally.result(record["tool_call_id"].as_str()),
        "backend_tool_call" => {
            tally.call(record["kind"]["tool_type"].as_str(), record["kind"]["id"].as_str());
        }
        _ => {}
    }
    for call in list(record, "tool_calls") {
        tally.call(call["name"].as_str(), call["id"].as_str());
    }
}

fn opencode(part: &Value, tally: &mut Tally) {
    match part["type"].as_str().unwrap_or_default() {
        "tool" => {
            tally.call(part["tool"].as_str(), part["callID"].as_str());
            if text(&part["state"]["output"]) + text(&part["state"]["error"]) > 0 {
                tally.result(part["callID"].as_str());
            }
        }
        "reasoning" => tally.assistant += text(&part["text"]),
        _ => {}
    }
}

fn antigravity(step: &Value, tally: &mut Tally) {
    let source = step["source"].as_str().unwrap_or_default();
    match step["type"].as_str().unwrap_or_default() {
        "USER_INPUT" => tally.user += text(&step["content"]),
        "PLANNER_RESPONSE" => {
            tally.assistant += text(&step["thinking"]) + text(&step["content"]);
            list(step, "tool_calls").for_each(|call| tally.call(call["name"].as_str(), None));
        }
        _ if source != "SYSTEM" => tally.result(None),
        _ => {}
    }
}

fn chat(value: &Value, tally: &mut Tally) {
    for run in value.as_array().into_iter().flatten() {
        chat(run, tally);
    }
    for message in list(value, "messages").chain(list(value, "traj")) {
        let role = message["role"].as_str().unwrap_or_default();
        if role == "tool" {
            tally.result(message["tool_call_id"].as_str());
            continue;
        }
        blocks(role, &message["content"], tally);
        let reasons = list(message, "codex_reasoning_items").map(|item| text(&item["text"])).sum::<usize>();
        said(role, text(&message["reasoning"]) + text(&message["reasoning_content"]) + reasons, tally);
        for call in list(message, "tool_calls") {
            tally.call(call["function"]["name"].as_str(), call["id"].as_str());
        }
    }
}
