//! Events cover their record: every byte of it, and each once.

use bytes::Bytes;
use coldcase_model::json::Tape;
use coldcase_model::{ArtifactIndex, Event, SourcePos};
use proptest::prelude::*;

use super::super::shapes::acts;
use super::super::speaker::Speaker;
use super::*;

fn events(text: &str, speaker: Option<Speaker>) -> Vec<Event> {
    let pos = SourcePos { artifact: ArtifactIndex(0), record: 0, offset: 100 };
    let record = RawRecord { bytes: Bytes::copy_from_slice(text.as_bytes()), pos };
    let mut tape = Tape::default();
    let root = tape.parse(&record.bytes).expect("the test's JSON is valid");
    let facts =
        Facts { session: SessionKey::new("s"), time: None, agent: None, name: None, entry_type: None };
    let mut found = Vec::new();
    let mut names = Interner::default();
    emit(&record, root, &acts(root, speaker), &facts, &mut names, &mut |item| match item {
        Item::Event(event) => found.push(*event),
        Item::Anomaly(anomaly) => panic!("{}", anomaly.what),
    });
    found
}

/// Role or `log`, then surface and text of each part.
fn shown(event: &Event) -> String {
    let role = match &event.head.detail {
        Detail::Model { role, tool, call, .. } => {
            let name = |name: &Option<Name>| name.as_deref().unwrap_or("-").to_owned();
            format!("{} {} {}", name(role), name(tool), name(call))
        }
        _ => "log".to_owned(),
    };
    let parts =
        event.parts.iter().filter(|part| !matches!(part.surface, Surface::LogField | Surface::JsonString));
    let parts = parts
        .map(|part| format!(" {}={}", part.surface.as_str(), String::from_utf8_lossy(event.bytes(part))));
    role + &parts.collect::<Vec<_>>().concat()
}

#[test]
fn tools_of_mcp_servers_are_told_by_their_names() {
    assert_eq!(of_server("mcp__github__create_issue"), Some(("github", "create_issue")));
    assert_eq!(of_server("mcp__my_server__a__b"), Some(("my_server", "a__b")));
    for name in ["Bash", "mcp__", "mcp__x", "mcp____y", "mcp__x__"] {
        assert_eq!(of_server(name), None, "{name}");
    }
}

#[test]
fn words_and_one_call_of_one_message_are_one_event() {
    let text = r#"{"uuid":"u","role":"assistant","content":[{"type":"text","text":"I look"},{"type":"tool_use","input":{"c":"ls"},"id":"t1","name":"Bash"}]}"#;
    let events = events(text, None);
    let all: Vec<String> = events.iter().map(shown).collect();
    assert_eq!(all, [r#"assistant Bash t1 model_output=I look tool_argument={"c":"ls"} tool_name=Bash"#]);
}

#[test]
fn two_calls_of_one_message_are_two_events() {
    for ids in [["\"id\":\"t1\",", "\"id\":\"t2\","], ["", ""]] {
        let [one, two] = ids.map(|id| format!(r#"{{"type":"tool_use",{id}"name":"Bash","input":{{}}}}"#));
        let events = events(&format!(r#"{{"role":"assistant","content":[{one},{two}]}}"#), None);
        assert_eq!(events.len(), 2, "{ids:?}");
    }
}

#[test]
fn a_result_and_its_copy_without_an_id_are_one_event_of_the_call() {
    let text = r#"{"toolUseResult":{"stdout":"a"},"message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"a"}]}}"#;
    let all: Vec<String> = events(text, None).iter().map(shown).collect();
    assert_eq!(all, [r#"tool - t1 tool_result={"stdout":"a"} tool_result=a"#]);
}

#[test]
fn what_stands_round_acts_of_two_directions_goes_neither_way() {
    let text = r#"{"aside":"x","type":"tool","state":{"output":"o","extra":"y","input":{"c":1}},"callID":"c1","tool":"bash"}"#;
    let events = events(text, None);
    let all: Vec<String> = events.iter().map(shown).collect();
    assert_eq!(all, ["tool bash c1 tool_result=o", r#"assistant bash c1 tool_argument={"c":1}"#, "log"]);
    assert_eq!(events[2].head.direction, None);
    for word in ["aside", "extra", "\"y\"", "callID"] {
        assert!(memchr::memmem::find(&events[2].text, word.as_bytes()).is_some(), "{word}");
    }
}

#[test]
fn answers_in_several_members_are_one_event() {
    let text =
        r#"{"type":"CommandExecution","id":"x","command":["ls"],"stdout":"a\nb","exit":0,"stderr":"c\td"}"#;
    let all: Vec<String> = events(text, None).iter().map(shown).collect();
    assert_eq!(all[0], r#"assistant - x tool_argument=["ls"]"#);
    assert_eq!(all[1], "tool - x tool_result=a\nb tool_result=\"c\td\"");
    assert_eq!(all.len(), 3);
}

/// What is said in an event, as [`shown`], after it went through an event record.
fn written_and_read(event: &Event) -> Vec<String> {
    let line = crate::write_event(event, "1").to_string();
    let items = crate::RecordLines::new("again").read(line.as_bytes(), 0);
    let events = items.into_iter().filter_map(|item| match item {
        Item::Event(event) => Some(*event),
        Item::Anomaly(_) => None,
    });
    events.filter(|event| event.head.kind == EventKind::Model).map(|event| shown(&event)).collect()
}

#[test]
fn event_records_say_what_events_say() {
    let records = [
        r#"{"role":"user","content":[{"type":"text","text":"a \"b\""},{"type":"text","text":"c"}]}"#,
        r#"{"role":"assistant","content":[{"type":"text","text":"I look"},{"type":"tool_use","name":"Bash","input":{"c":"ls"},"id":"t1"}]}"#,
        r#"{"type":"function_call","call_id":"c1","name":"now","summary":"no arguments"}"#,
        r#"{"role":"tool","tool_call_id":"c1","name":"now","content":"12:00"}"#,
        r#"{"role":"system","content":"be kind"}"#,
    ];
    for record in records {
        for event in events(record, None) {
            let said = |text: &str| {
                let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
                words.sort();
                words
            };
            let again = written_and_read(&event);
            assert_eq!(again.len(), 1, "{record}");
            assert_eq!(said(&again[0]), said(&shown(&event)), "{record}");
        }
    }
    let unknown = events(r#"{"text":"hm"}"#, Some(Speaker::Unknown));
    assert_eq!(written_and_read(&unknown[0]), ["unknown - - model_output=hm"]);
}

/// Names that mean something to the reader, and values that do.
fn key() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&[
        "role",
        "type",
        "content",
        "text",
        "message",
        "parts",
        "input",
        "arguments",
        "output",
        "result",
        "name",
        "id",
        "tool_calls",
        "toolCalls",
        "tools",
        "function",
        "functionCall",
        "functionResponse",
        "state",
        "data",
        "payload",
        "toolUseResult",
        "attachment",
        "thoughts",
        "description",
        "candidates",
        "system",
        "call_id",
        "stdout",
        "x",
    ])
}

fn known_word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&[
        "user",
        "assistant",
        "system",
        "tool",
        "tool_use",
        "tool_result",
        "function_call",
        "function_call_output",
        "text",
        "reasoning",
        "gemini",
        "queued_command",
        "CommandExecution",
        "tool.execution_complete",
        "message",
    ])
}

#[derive(Debug, Clone)]
enum Node {
    Text { escaped: bool },
    Word(&'static str),
    Number,
    Null,
    List(Vec<Node>),
    Object(Vec<(&'static str, Node)>),
}

fn node() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        4 => any::<bool>().prop_map(|escaped| Node::Text { escaped }),
        4 => known_word().prop_map(Node::Word),
        1 => Just(Node::Number),
        1 => Just(Node::Null),
    ];
    leaf.prop_recursive(6, 96, 8, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Node::List),
            // Keys may stand twice.
            3 => prop::collection::vec((key(), inner), 0..8).prop_map(Node::Object),
        ]
    })
}

/// Writes a node; every text and number of it is a token of its own.
fn write(node: &Node, tokens: &mut Vec<String>, out: &mut String) {
    let mut token = || {
        tokens.push(format!("90{}09", tokens.len() + 10_000));
        tokens.last().cloned().unwrap_or_default()
    };
    match node {
        Node::Text { escaped: false } => out.push_str(&format!("\"k{}\"", token())),
        Node::Text { escaped: true } => out.push_str(&format!("\"\\n{}\\u00e9\"", token())),
        Node::Word(word) => out.push_str(&format!("\"{word}\"")),
        Node::Number => out.push_str(&token()),
        Node::Null => out.push_str("null"),
        Node::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                write(item, tokens, out);
            }
            out.push(']');
        }
        Node::Object(members) => {
            out.push('{');
            for (index, (key, value)) in members.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                out.push_str(&format!("\"{key}\": "));
                write(value, tokens, out);
            }
            out.push('}');
        }
    }
}

fn speakers() -> impl Strategy<Value = Option<Speaker>> {
    prop::sample::select(&[
        None,
        Some(Speaker::User),
        Some(Speaker::Assistant),
        Some(Speaker::Tool),
        Some(Speaker::Unknown),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn each_token_of_a_record_is_in_exactly_one_event(node in node(), speaker in speakers()) {
        let (mut tokens, mut text) = (Vec::new(), String::new());
        write(&node, &mut tokens, &mut text);
        let events = events(&text, speaker);
        for event in &events {
            prop_assert!(event.is_tiled(), "{}", text);
        }
        for token in &tokens {
            let times: usize = events.iter().map(|event| memchr::memmem::find_iter(&event.text, token.as_bytes()).count()).sum();
            prop_assert_eq!(times, 1, "{} in {}", token, &text);
        }
    }

    #[test]
    fn the_events_of_a_record_hold_its_bytes_once(node in node(), speaker in speakers()) {
        let (mut tokens, mut text) = (Vec::new(), String::new());
        write(&node, &mut tokens, &mut text);
        // Without escapes the texts are the record's own bytes; a line break stands before each piece that is added.
        let text = text.replace("\\n", "").replace("\\u00e9", "");
        let mut held: Vec<u8> = events(&text, speaker).iter().flat_map(|event| event.text.to_vec()).collect();
        held.retain(|byte| *byte != b'\n');
        let mut own = text.into_bytes();
        held.sort_unstable();
        own.sort_unstable();
        prop_assert_eq!(String::from_utf8(held), String::from_utf8(own));
    }
}
