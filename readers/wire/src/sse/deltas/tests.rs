//! Tests of the joined texts, one for each vendor's shape.

use super::*;

fn join(events: &[&str]) -> Vec<Joined> {
    let mut joiner = Joiner::default();
    for (number, event) in events.iter().enumerate() {
        joiner.push(number as u64, event.as_bytes());
    }
    assert_eq!(joiner.over_limit(), 0);
    joiner.finish()
}

fn texts(joined: &[Joined]) -> Vec<(Kind, Option<&str>, &str)> {
    let text = |bytes| std::str::from_utf8(bytes).expect("text");
    joined.iter().map(|it| (it.kind, it.name.as_deref(), text(&it.text))).collect()
}

#[test]
fn chat_completions_are_joined_by_choice_and_call() {
    let joined = join(&[
        r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"reasoning_content":"hm"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"AK"}},{"index":1,"delta":{"content":"other"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"IA\u00e9"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"run","arguments":""}}]}}]}"#,
        r#"{"choices":[{"delta":{"tool_calls":[{"index":1,"function":{"name":"stop","arguments":"{}"}}]}}]}"#,
        r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]}}]}"#,
        r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}}],"usage":null}"#,
        "[DONE]",
    ]);
    assert_eq!(
        texts(&joined),
        [
            (Kind::Reasoning, None, "hm"),
            (Kind::Text, None, "AKIAé"),
            (Kind::Text, None, "other"),
            (Kind::ToolArguments, Some("run"), "{\"a\":1}"),
            (Kind::ToolArguments, Some("stop"), "{}"),
        ]
    );
    assert_eq!(joined[1].pieces, [(0, 2), (2, 3)]);
    assert_eq!(joined[2].answer, 1);
    assert_eq!(joined[3].pieces, [(0, 6), (5, 7)]);
}

#[test]
fn responses_are_joined_by_item() {
    let joined = join(&[
        r#"{"type":"response.created","response":{}}"#,
        r#"{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"think"}"#,
        r#"{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"a "}"#,
        r#"{"type":"response.output_item.added","output_index":2,"item":{"type":"function_call","name":"get"}}"#,
        r#"{"type":"response.function_call_arguments.delta","output_index":2,"delta":"{\"x\""}"#,
        r#"{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"b"}"#,
        r#"{"type":"response.function_call_arguments.delta","output_index":2,"delta":":1}"}"#,
        r#"{"type":"response.output_text.done","output_index":1,"text":"a b"}"#,
    ]);
    assert_eq!(
        texts(&joined),
        [
            (Kind::Reasoning, None, "think"),
            (Kind::Text, None, "a b"),
            (Kind::ToolArguments, Some("get"), "{\"x\":1}"),
        ]
    );
}

#[test]
fn messages_are_joined_by_block() {
    let joined = join(&[
        r#"{"type":"message_start","message":{}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"so"}}"#,
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"the "}}"#,
        r#"{"type":"ping"}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"key"}}"#,
        r#"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","name":"sh","input":{}}}"#,
        r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"c\":"}}"#,
        r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"\"ls\"}"}}"#,
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":"new"}}"#,
    ]);
    assert_eq!(
        texts(&joined),
        [
            (Kind::Reasoning, None, "so"),
            (Kind::Text, None, "the key"),
            (Kind::ToolArguments, Some("sh"), "{\"c\":\"ls\"}"),
            (Kind::Text, None, "new"),
        ]
    );
}

#[test]
fn gemini_parts_are_joined_and_calls_stand_alone() {
    let joined = join(&[
        r#"{"candidates":[{"content":{"parts":[{"text":"hm","thought":true},{"text":"one "}]}}]}"#,
        r#"{"response":{"candidates":[{"content":{"parts":[{"text":"two"}]},"index":0}]}}"#,
        r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"a":1}}},{"functionCall":{"name":"f","args":{"a":2}}}]}}]}"#,
    ]);
    assert_eq!(
        texts(&joined),
        [
            (Kind::Reasoning, None, "hm"),
            (Kind::Text, None, "one two"),
            (Kind::ToolArguments, Some("f"), "{\"a\":1}"),
            (Kind::ToolArguments, Some("f"), "{\"a\":2}"),
        ]
    );
}

#[test]
fn an_array_of_answers_is_joined_too() {
    let joined = join(&[r#"[{"candidates":[{"content":{"parts":[{"text":"a"}]}}]},
        {"candidates":[{"content":{"parts":[{"text":"b"}]}}]}]"#]);
    assert_eq!(texts(&joined), [(Kind::Text, None, "ab")]);
    assert_eq!(joined[0].pieces, [(0, 0)]);
}

#[test]
fn other_data_is_passed_over() {
    for data in
        ["", "[DONE]", "{", "{}", "[1]", "text", r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, r#"{"delta":7}"#]
    {
        assert!(join(&[data]).is_empty(), "{data}");
    }
}

#[test]
fn floods_end_at_the_caps() {
    let mut joiner = Joiner::default();
    for index in 0..10_000 {
        joiner.push(
            index,
            format!(r#"{{"choices":[{{"index":{index},"delta":{{"content":"x"}}}}]}}"#).as_bytes(),
        );
    }
    assert_eq!(joiner.over_limit(), 10_000 - 4096);
    assert_eq!(joiner.finish().len(), 4096);
    let mut joiner = Joiner::default();
    let long = format!(r#"{{"choices":[{{"delta":{{"content":"{}"}}}}]}}"#, "x".repeat(5 << 20));
    for number in 0..4 {
        joiner.push(number, long.as_bytes());
    }
    assert_eq!(joiner.over_limit(), 4 << 20);
    let all = joiner.finish();
    assert_eq!((all[0].text.len(), all[0].is_cut, all[0].pieces.len()), (16 << 20, true, 4));
}
