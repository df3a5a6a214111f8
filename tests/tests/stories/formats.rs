//! A scripted session as each format records it. What a format cannot carry (a result without its call, an id) it leaves out.

use serde_json::{Value, json};

use super::script::{Script, Step};
use crate::captures::packets::{Capture, Flow, From, answer, post};

/// The formats that carry calls of tools with their results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Transcript,
    Har,
    Capture,
    Recorder,
    EventRecords,
    ClaudeCode,
    Codex,
    GeminiCli,
    CopilotCli,
    QwenCode,
    KimiCli,
    Pi,
    Droid,
    Cursor,
    Grok,
    Chat,
}

impl Format {
    pub(super) const ALL: [Self; 16] = [
        Self::Transcript,
        Self::Har,
        Self::Capture,
        Self::Recorder,
        Self::EventRecords,
        Self::ClaudeCode,
        Self::Codex,
        Self::GeminiCli,
        Self::CopilotCli,
        Self::QwenCode,
        Self::KimiCli,
        Self::Pi,
        Self::Droid,
        Self::Cursor,
        Self::Grok,
        Self::Chat,
    ];

    /// The name of a file of this format, and its bytes.
    pub(super) fn write(self, script: &Script) -> (&'static str, Vec<u8>) {
        match self {
            Self::Har => ("log.har", har(script).into_bytes()),
            Self::Capture => ("log.pcap", capture(script)),
            _ => ("log.jsonl", self.lines(script).into_bytes()),
        }
    }

    /// A file of lines.
    #[expect(clippy::too_many_lines, reason = "a table, an entry for each format")]
    fn lines(self, script: &Script) -> String {
        let each = |call: &dyn Fn(&str, &Step) -> Value, result: &dyn Fn(&str, &Step) -> Value| {
            let pair = |(number, step): (usize, &Step)| {
                let id = format!("c{number}");
                format!("{}\n{}\n", call(&id, step), result(&id, step))
            };
            script.steps.iter().enumerate().map(pair).collect::<String>()
        };
        let head = |head: Value, rest: String| format!("{head}\n{rest}");
        match self {
            Self::Transcript => each(
                &|id, step| json!({ "timestamp": TIME, "origin": "client", "server": "hub", "message": call(id, step) }),
                &|id, step| json!({ "timestamp": TIME, "origin": "server", "server": "hub", "message": result(id, step) }),
            ),
            Self::Har | Self::Capture => String::new(),
            Self::Recorder => recorder(script),
            Self::EventRecords => each(
                &|id, step| json!({ "v": 1, "kind": "mcp", "session": "s", "direction": "egress", "mcp": { "transport": "stdio", "message": call(id, step) } }),
                &|id, step| json!({ "v": 1, "kind": "mcp", "session": "s", "direction": "ingress", "mcp": { "transport": "stdio", "message": result(id, step) } }),
            ),
            Self::ClaudeCode => {
                let record = |kind: &str, content: Value| {
                    json!({
                        "type": kind, "sessionId": "s", "uuid": "u", "timestamp": TIME, "isSidechain": false,
                        "message": { "role": kind, "content": [content] },
                    })
                };
                each(
                    &|id, step| {
                        record(
                            "assistant",
                            json!({ "type": "tool_use", "id": id, "name": step.tool, "input": step.arguments }),
                        )
                    },
                    &|id, step| {
                        record(
                            "user",
                            json!({ "type": "tool_result", "tool_use_id": id, "content": [{ "type": "text", "text": step.result }] }),
                        )
                    },
                )
            }
            Self::Codex => {
                let item = |payload: Value| json!({ "timestamp": TIME, "type": "response_item", "payload": payload });
                head(
                    json!({ "timestamp": TIME, "type": "session_meta", "payload": { "id": "s" } }),
                    each(
                        &|id, step| {
                            item(
                                json!({ "type": "function_call", "call_id": id, "name": step.tool, "arguments": step.arguments.to_string() }),
                            )
                        },
                        &|id, step| {
                            item(
                                json!({ "type": "function_call_output", "call_id": id, "output": step.result }),
                            )
                        },
                    ),
                )
            }
            Self::GeminiCli => {
                let calls: Vec<Value> = script.steps.iter().enumerate().map(|(number, step)| {
                    let response = json!([{ "functionResponse": { "id": number.to_string(), "name": step.tool, "response": { "output": step.result } } }]);
                    json!({ "id": number.to_string(), "name": step.tool, "args": step.arguments, "result": response, "status": "success" })
                }).collect();
                head(
                    json!({ "sessionId": "s", "projectHash": "h", "startTime": TIME, "kind": "main" }),
                    format!(
                        "{}\n",
                        json!({ "id": "m", "timestamp": TIME, "type": "gemini", "content": "", "toolCalls": calls })
                    ),
                )
            }
            Self::CopilotCli => {
                let event = |kind: &str, data: Value| json!({ "type": kind, "id": "e", "timestamp": TIME, "data": data });
                head(
                    event("session.start", json!({ "sessionId": "s" })),
                    each(
                        &|id, step| {
                            event(
                                "tool.execution_start",
                                json!({ "toolCallId": id, "toolName": step.tool, "arguments": step.arguments }),
                            )
                        },
                        &|id, step| {
                            event(
                                "tool.execution_complete",
                                json!({ "toolCallId": id, "success": true, "result": { "content": step.result } }),
                            )
                        },
                    ),
                )
            }
            Self::QwenCode => {
                let record = |kind: &str, role: &str, part: Value| json!({ "uuid": "u", "sessionId": "s", "timestamp": TIME, "type": kind, "message": { "role": role, "parts": [part] } });
                each(
                    &|id, step| {
                        record(
                            "assistant",
                            "model",
                            json!({ "functionCall": { "id": id, "name": step.tool, "args": step.arguments } }),
                        )
                    },
                    &|id, step| {
                        record(
                            "tool_result",
                            "user",
                            json!({ "functionResponse": { "id": id, "name": step.tool, "response": { "output": step.result } } }),
                        )
                    },
                )
            }
            Self::KimiCli => {
                let event = |event: Value| json!({ "type": "context.append_loop_event", "event": event, "time": 1_785_613_801_102_u64 });
                head(
                    json!({ "type": "metadata", "protocol_version": "1.4", "created_at": 1_785_613_801_102_u64 }),
                    each(
                        &|id, step| {
                            event(
                                json!({ "type": "tool.call", "uuid": id, "toolCallId": id, "name": step.tool, "args": step.arguments }),
                            )
                        },
                        &|id, step| {
                            event(
                                json!({ "type": "tool.result", "parentUuid": id, "toolCallId": id, "result": { "output": step.result } }),
                            )
                        },
                    ),
                )
            }
            Self::Pi => {
                let record = |message: Value| json!({ "type": "message", "id": "m", "timestamp": TIME, "message": message });
                head(
                    json!({ "type": "session", "version": 3, "id": "s", "timestamp": TIME, "cwd": "/w" }),
                    each(
                        &|id, step| {
                            record(
                                json!({ "role": "assistant", "content": [{ "type": "toolCall", "id": id, "name": step.tool, "arguments": step.arguments }] }),
                            )
                        },
                        &|id, step| {
                            record(
                                json!({ "role": "toolResult", "toolCallId": id, "toolName": step.tool, "content": [{ "type": "text", "text": step.result }] }),
                            )
                        },
                    ),
                )
            }
            Self::Droid => head(
                json!({ "type": "message", "session_id": "s", "role": "user", "text": "go" }),
                each(
                    &|id, step| json!({ "type": "tool_call", "session_id": "s", "toolCallId": id, "toolName": step.tool, "parameters": step.arguments }),
                    &|id, step| json!({ "type": "tool_result", "session_id": "s", "toolCallId": id, "value": { "stdout": step.result, "exitCode": 0 } }),
                ),
            ),
            Self::Cursor => {
                let record =
                    |role: &str, block: Value| json!({ "role": role, "message": { "content": [block] } });
                each(
                    &|_, step| {
                        record(
                            "assistant",
                            json!({ "type": "tool_use", "name": step.tool, "input": step.arguments }),
                        )
                    },
                    &|id, step| {
                        record(
                            "user",
                            json!({ "type": "tool_result", "tool_use_id": id, "content": [{ "type": "text", "text": step.result }] }),
                        )
                    },
                )
            }
            Self::Grok => head(
                json!({ "type": "system", "content": "You are a tool." }),
                each(
                    &|id, step| json!({ "type": "assistant", "content": "", "tool_calls": [{ "id": id, "name": step.tool, "arguments": step.arguments.to_string() }] }),
                    &|id, step| json!({ "type": "tool_result", "tool_call_id": id, "content": step.result }),
                ),
            ),
            Self::Chat => head(
                json!({ "role": "user", "content": "go" }),
                each(
                    &|id, step| {
                        let function = json!({ "name": step.tool, "arguments": step.arguments.to_string() });
                        json!({ "role": "assistant", "content": null, "tool_calls": [{ "id": id, "type": "function", "function": function }] })
                    },
                    &|id, step| json!({ "role": "tool", "tool_call_id": id, "content": step.result }),
                ),
            ),
        }
    }
}

const TIME: &str = "2026-03-01T10:00:00Z";

/// A call as a JSON-RPC request.
fn call(id: &str, step: &Step) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": { "name": step.tool, "arguments": step.arguments } })
}

fn result(id: &str, step: &Step) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "result": { "content": [{ "type": "text", "text": step.result }] } })
}

/// MCP over HTTP: a posted call and its answer in each entry.
fn har(script: &Script) -> String {
    let entry = |(number, step): (usize, &Step)| {
        let id = format!("c{number}");
        let (posted, answer) = (call(&id, step).to_string(), result(&id, step).to_string());
        let headers = json!([{ "name": "Content-Type", "value": "application/json" }, { "name": "Mcp-Session-Id", "value": "s" }]);
        json!({
            "startedDateTime": "2026-03-01T10:00:00.000Z", "time": 12,
            "request": {
                "method": "POST", "url": "https://hub.example.test/mcp", "httpVersion": "HTTP/1.1", "headers": headers,
                "cookies": [], "queryString": [], "headersSize": -1, "bodySize": -1,
                "postData": { "mimeType": "application/json", "text": posted },
            },
            "response": {
                "status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "headers": headers, "cookies": [], "redirectURL": "",
                "headersSize": -1, "bodySize": -1,
                "content": { "size": answer.len(), "mimeType": "application/json", "text": answer },
            },
            "cache": {}, "timings": { "send": 1, "wait": 10, "receive": 1 },
        })
    };
    let entries: Vec<Value> = script.steps.iter().enumerate().map(entry).collect();
    json!({ "log": { "version": "1.2", "creator": { "name": "sample", "version": "1" }, "entries": entries } }).to_string()
}

/// MCP over HTTP on one connection.
fn capture(script: &Script) -> Vec<u8> {
    let mut capture = Capture::new();
    let mut flow = Flow::open(&mut capture, 1);
    for (number, step) in script.steps.iter().enumerate() {
        let id = format!("c{number}");
        let request = post("/mcp", "application/json", call(&id, step).to_string().as_bytes());
        flow.send(&mut capture, From::Client, &request);
        let result = result(&id, step).to_string();
        flow.send(
            &mut capture,
            From::Server,
            &answer("Content-Type: application/json\r\n", result.as_bytes()),
        );
    }
    flow.close(&mut capture);
    capture.bytes
}

/// What a firewall kept of each call and answer.
fn recorder(script: &Script) -> String {
    let details = script.steps.iter().flat_map(|step| {
        let arguments = step.arguments.to_string();
        [
            json!({ "surface": "tool_policy", "request": { "tool_name": step.tool, "tool_args_json": arguments }, "effective_action": "allow" }),
            json!({ "surface": "response", "scanner_sample": step.result, "effective_action": "allow" }),
        ]
    });
    let entry = |(seq, detail): (usize, Value)| {
        let entry = json!({
            "v": 2, "seq": seq, "ts": TIME, "session_id": "proxy", "type": "capture", "transport": "forward",
            "summary": "sample", "detail": detail, "prev_hash": "genesis", "hash": "00",
        });
        format!("{entry}\n")
    };
    details.enumerate().map(entry).collect()
}
