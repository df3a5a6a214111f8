//! Traces: who speaks in a span, whichever convention its attributes follow, and that nothing else of it is left out.

use serde_json::{Value, json};

use crate::heard::hear;
use crate::samples::{ORDER, token};

const TOKEN: &str = "dlp.github.pat-classic";
const IGNORE: &str = "injection.override.ignore-previous";

/// Attributes in OTLP's spelling.
fn attributes(pairs: &[(&str, &str)]) -> Vec<Value> {
    pairs.iter().map(|(key, value)| json!({ "key": key, "value": { "stringValue": value } })).collect()
}

fn span(name: &str, pairs: &[(&str, &str)], events: &Value) -> Value {
    json!({
        "traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "spanId": "00f067aa0ba902b7", "name": name, "kind": 3,
        "startTimeUnixNano": "1772359200000000001", "endTimeUnixNano": "1772359201000000002",
        "attributes": attributes(pairs), "events": events,
    })
}

fn request(spans: &[Value]) -> Value {
    json!({ "resourceSpans": [{
        "resource": { "attributes": attributes(&[("service.name", "triage"), ("note", "resource-note")]) },
        "scopeSpans": [{ "scope": { "name": "lib" }, "spans": spans }],
    }] })
}

#[test]
fn a_planted_incident_is_found_where_it_came_in_and_where_it_went_out() {
    let arguments = json!({ "body": token() }).to_string();
    let tool = [
        ("gen_ai.operation.name", "execute_tool"),
        ("gen_ai.tool.name", "get_issue"),
        ("gen_ai.tool.call.id", "c1"),
        ("gen_ai.tool.call.result", ORDER),
    ];
    let leak = [("gen_ai.tool.name", "post"), ("gen_ai.tool.call.arguments", arguments.as_str())];
    let text = request(&[
        span("execute_tool get_issue", &tool, &json!([])),
        span("execute_tool post", &leak, &json!([])),
    ]);
    for text in [format!("{text}\n"), format!("{text:#}\n"), format!("{text}\n{text}\n")] {
        let heard = hear(text.as_bytes());
        assert_eq!(heard.format, "otel");
        let times = text.matches("resourceSpans").count();
        assert_eq!(heard.found(IGNORE), vec!["tool_result ingress"; times]);
        assert_eq!(heard.found(TOKEN), vec!["tool_argument egress /body"; times]);
        let said = heard.said();
        assert_eq!(said[0], format!("tool ingress get_issue c1: tool_result={ORDER}"));
        assert_eq!(said[1], format!("assistant egress post -: tool_argument={arguments}"));
        assert!(heard.holds("log_field", "resource-note") && heard.holds("tool_name", "post"));
        let first = &heard.events.iter().find(|event| event.head.kind.as_str() == "model").unwrap().head;
        assert_eq!(first.agent.as_deref(), Some("triage"));
        assert_eq!(first.session.as_str(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(first.time.unwrap().to_string(), "2026-03-01T10:00:01.000000002Z");
    }
}

#[test]
fn messages_of_the_current_convention_are_told_apart_by_their_roles() {
    let input = json!([
        { "role": "user", "parts": [{ "type": "text", "content": "U" }] },
        { "role": "assistant", "parts": [{ "type": "tool_call", "id": "c", "name": "get", "arguments": { "q": 1 } }] },
        { "role": "tool", "parts": [{ "type": "tool_call_response", "id": "c", "result": "R" }] },
    ]);
    let output = json!([{ "role": "assistant", "parts": [{ "type": "text", "content": "A" }], "finish_reason": "stop" }]);
    let tools = json!([{ "type": "function", "name": "get", "description": "D", "parameters": {} }]);
    let pairs = [
        ("gen_ai.agent.name", "helper"),
        ("gen_ai.system_instructions", r#"[{"type":"text","content":"S"}]"#),
        ("gen_ai.input.messages", &input.to_string()),
        ("gen_ai.output.messages", &output.to_string()),
        ("gen_ai.tool.definitions", &tools.to_string()),
    ];
    let heard = hear(request(&[span("chat m", &pairs, &json!([]))]).to_string().as_bytes());
    assert_eq!(
        heard.said(),
        [
            "system ingress - -: model_input=S",
            "user ingress - -: model_input=U",
            r#"assistant egress get c: tool_argument={"q":1} | tool_name=get"#,
            "tool ingress - c: tool_result=R",
            "assistant egress - -: model_output=A",
            "system ingress - -: tool_description=D | tool_name=get | tool_schema={}",
        ]
    );
    assert!(heard.events.iter().all(|event| event.head.kind.as_str() != "model" || event.head.agent.as_deref() == Some("helper")));
}

#[test]
fn older_conventions_say_the_same() {
    let pairs = [
        ("gen_ai.prompt.0.role", "system"),
        ("gen_ai.prompt.0.content", "S"),
        ("gen_ai.prompt.1.role", "user"),
        ("gen_ai.prompt.1.content", r#"[{"type":"text","text":"U"}]"#),
        ("gen_ai.completion.0.role", "assistant"),
        ("gen_ai.completion.0.tool_calls.0.name", "get"),
        ("gen_ai.completion.0.tool_calls.0.arguments", "{}"),
    ];
    let heard = hear(request(&[span("openai.chat", &pairs, &json!([]))]).to_string().as_bytes());
    let wanted = [
        "system ingress - -: model_input=S",
        "user ingress - -: model_input=U",
        "assistant egress get -: tool_argument={}",
    ];
    assert_eq!(heard.said(), wanted);
    let event = |name: &str, pairs: &[(&str, &str)]| json!({ "name": name, "timeUnixNano": "1772359200500000000", "attributes": attributes(pairs) });
    let events = json!([
        event("gen_ai.system.message", &[("content", "S")]),
        event("gen_ai.content.prompt", &[("gen_ai.prompt", r#"[{"role":"user","content":"U"}]"#)]),
        event("gen_ai.tool.message", &[("content", "R"), ("id", "c")]),
        event("gen_ai.choice", &[("message", r#"{"role":"assistant","content":"A"}"#)]),
        event("exception", &[("exception.message", "E")]),
    ]);
    let heard = hear(request(&[span("chat", &[], &events)]).to_string().as_bytes());
    let wanted = [
        "system ingress - -: model_input=S",
        "user ingress - -: model_input=U",
        "tool ingress - -: tool_result=R",
        "assistant egress - -: model_output=A",
    ];
    assert_eq!(heard.said(), wanted);
    assert!(heard.holds("log_field", "exception.message"));
}

#[test]
fn log_records_with_typed_bodies_are_read() {
    let body = json!({ "kvlistValue": { "values": [
        { "key": "content", "value": { "stringValue": format!("U {}", token()) } },
        { "key": "n", "value": { "intValue": "1" } },
    ] } });
    let record = json!({ "timeUnixNano": "1772359200000000000", "eventName": "gen_ai.user.message", "body": body,
        "traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "attributes": attributes(&[("gen_ai.system", "openai")]) });
    let text = json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": [record] }] }] }).to_string();
    let heard = hear(text.as_bytes());
    assert_eq!(heard.said(), [format!("user ingress - -: model_input=U {}", token())]);
    assert_eq!(heard.found(TOKEN), ["model_input ingress /content"]);
}

#[test]
fn openinference_and_traceloop_say_by_the_kind_of_span_what_goes_in_and_out() {
    let tool = [
        ("openinference.span.kind", "TOOL"),
        ("tool.name", "get"),
        ("input.value", r#"{"q":1}"#),
        ("output.value", ORDER),
    ];
    let chat = [
        ("openinference.span.kind", "LLM"),
        ("llm.input_messages.0.message.role", "user"),
        ("llm.input_messages.0.message.content", "U"),
        ("llm.output_messages.0.message.tool_calls.0.tool_call.function.name", "get"),
        ("llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments", "{}"),
        (
            "llm.tools.0.tool.json_schema",
            r#"{"type":"function","function":{"name":"get","description":"D"}}"#,
        ),
    ];
    let loop_tool = [
        ("traceloop.span.kind", "tool"),
        ("traceloop.entity.input", r#"{"a":1}"#),
        ("traceloop.entity.output", "R"),
    ];
    let heard = hear(
        request(&[
            span("get", &tool, &json!([])),
            span("chat", &chat, &json!([])),
            span("t", &loop_tool, &json!([])),
        ])
        .to_string()
        .as_bytes(),
    );
    assert_eq!(
        heard.said(),
        [
            r#"assistant egress get -: tool_argument={"q":1}"#.to_owned(),
            format!("tool ingress get -: tool_result={ORDER}"),
            "user ingress - -: model_input=U".to_owned(),
            "assistant egress get -: tool_argument={}".to_owned(),
            "system ingress - -: tool_name=get | tool_description=D".to_owned(),
            r#"assistant egress - -: tool_argument={"a":1}"#.to_owned(),
            "tool ingress - -: tool_result=R".to_owned(),
        ]
    );
    assert_eq!(heard.found(IGNORE), ["tool_result ingress"]);
}

#[test]
fn spans_that_are_printed_one_by_one_are_read() {
    let span = json!({
        "name": "chat", "context": { "trace_id": "0x1", "span_id": "0x2" }, "kind": "SpanKind.CLIENT",
        "start_time": "2026-03-01T10:00:00.000001Z", "end_time": "2026-03-01T10:00:01.000000Z",
        "attributes": { "gen_ai.completion.0.content": "A", "llm": { "input_messages": [{ "message": { "role": "user", "content": "U" } }] } },
        "events": [], "resource": { "attributes": { "service.name": "triage" } },
    });
    for text in
        [format!("{span}\n{span}\n"), format!("{span:#}\n{span:#}\n"), json!([span, span]).to_string()]
    {
        let heard = hear(text.as_bytes());
        assert_eq!(heard.format, "otel", "{text}");
        let one = ["assistant egress - -: model_output=A", "user ingress - -: model_input=U"];
        assert_eq!(heard.said(), [one, one].concat());
        assert!(heard.events.iter().all(|event| event.head.session.as_str() == "0x1"));
    }
}

#[test]
fn runs_of_langsmith_are_told_by_their_kind() {
    let message = |kind: &str, text: &str| {
        json!({ "lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", kind],
            "kwargs": { "content": text, "type": if kind == "HumanMessage" { "human" } else { "ai" } } })
    };
    let llm = json!({ "id": "r2", "trace_id": "t1", "run_type": "llm", "name": "ChatOpenAI", "start_time": "2026-03-01T10:00:00Z",
        "inputs": { "messages": [[message("HumanMessage", "U")]] },
        "outputs": { "generations": [[{ "message": message("AIMessage", "A") }]] } });
    let tool = json!({ "id": "r3", "trace_id": "t1", "run_type": "tool", "name": "get", "inputs": { "input": token() },
        "outputs": { "output": ORDER } });
    let chain = json!({ "id": "r1", "trace_id": "t1", "run_type": "chain", "name": "agent", "inputs": { "question": "Q" },
        "outputs": null, "child_runs": [llm, tool], "extra": { "metadata": { "note": "kept" } } });
    let wanted = [
        r#"user ingress - -: model_input={"question":"Q"}"#.to_owned(),
        "user ingress - -: model_input=U".to_owned(),
        "assistant egress - -: model_output=A".to_owned(),
        format!(r#"assistant egress get -: tool_argument={{"input":"{}"}}"#, token()),
        format!(r#"tool ingress get -: tool_result={{"output":"{ORDER}"}}"#),
    ];
    for text in [format!("{chain}\n"), json!([chain]).to_string(), json!({ "runs": [chain] }).to_string()] {
        let heard = hear(text.as_bytes());
        assert_eq!(heard.format, "langsmith", "{text}");
        assert_eq!(heard.said(), wanted);
        assert!(heard.holds("log_field", "kept"));
        assert_eq!(heard.found(TOKEN), ["tool_argument egress /input"]);
        let of_runs = heard.events.iter().filter(|event| event.head.name.is_some());
        assert!(of_runs.into_iter().all(|event| event.head.session.as_str() == "t1"));
    }
}

#[test]
fn observations_of_langfuse_are_read_alone_and_in_their_trace() {
    let generation = json!({ "id": "o1", "traceId": "t1", "type": "GENERATION", "name": "chat", "startTime": "2026-03-01T10:00:00.000Z",
        "endTime": "2026-03-01T10:00:02.000Z", "input": [{ "role": "user", "content": "U" }], "output": { "role": "assistant", "content": "A" } });
    let tool = json!({ "id": "o2", "traceId": "t1", "type": "TOOL", "name": "get", "input": r#"{"q":1}"#, "output": ORDER });
    let wanted = [
        "user ingress - -: model_input=U".to_owned(),
        "assistant egress - -: model_output=A".to_owned(),
        r#"assistant egress get -: tool_argument={"q":1}"#.to_owned(),
        format!("tool ingress get -: tool_result={ORDER}"),
    ];
    let heard = hear(format!("{generation}\n{tool}\n").as_bytes());
    assert_eq!((heard.format.as_str(), heard.said()), ("langfuse", wanted.to_vec()));
    let trace = json!({ "id": "t1", "name": "run", "input": "Q", "observations": [generation, tool] });
    let heard = hear(trace.to_string().as_bytes());
    let said = heard.said();
    assert_eq!(said[0], "user ingress - -: model_input=Q");
    assert_eq!(said[1..], wanted);
    assert!(heard.events.iter().all(|event| event.head.session.as_str() == "t1"));
}

#[test]
fn broken_and_cut_traces_are_scanned_all_the_same() {
    let text = request(&[span("chat", &[("gen_ai.prompt", &token())], &json!([]))]).to_string();
    for end in (0..text.len()).step_by(7) {
        hear(&text.as_bytes()[..end]);
    }
    let odd = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[7,null,{"attributes":[1,{"key":5,"value":{}},{"key":"gen_ai.prompt","value":{"stringValue":9}}],"events":{}}]},3]},"x"]}"#;
    assert_eq!(hear(odd.as_bytes()).format, "otel");
}
