//! Cases of a public benchmark of egress security (agent-egress-bench), as event records: what is to be stopped is
//! stopped under the default policy, and what is harmless passes.

use std::collections::BTreeMap;
use std::path::Path;

use coldcase_engine::{Judge, Policy};
use coldcase_model::{Action, Show};
use serde_json::{Value, json};

use super::judged;

/// The event records of a case.
fn records(case: &Value) -> Vec<Value> {
    let payload = &case["payload"];
    match case["input_type"].as_str().unwrap() {
        "url" | "header" | "request_body" => vec![request(payload)],
        "response_content" => vec![json!({
            "v": 1, "kind": "http_response",
            "response": {
                "url": payload["url"], "status": 200, "headers": [["Content-Type", "text/html"]],
                "body": { "text": payload["response_body"] },
            },
        })],
        "websocket_frame" => items(&payload["frames"]).map(|frame| message(&payload["url"], frame)).collect(),
        "a2a_agent_card" => {
            vec![json!({ "v": 1, "kind": "a2a_card", "a2a": { "card": payload["agent_card"] } })]
        }
        "a2a_message" => items(&payload["jsonrpc_messages"])
            .map(|message| json!({ "v": 1, "kind": "a2a", "a2a": { "message": message } }))
            .collect(),
        _ => items(&payload["jsonrpc_messages"])
            .map(|message| json!({ "v": 1, "kind": "mcp", "mcp": { "transport": "stdio", "message": message } }))
            .collect(),
    }
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn request(payload: &Value) -> Value {
    let headers = payload["headers"].as_object().into_iter().flatten();
    let mut headers: Vec<Value> = headers.map(|(name, value)| json!([name, value])).collect();
    if let Some(media_type) = payload["content_type"].as_str() {
        headers.push(json!(["Content-Type", media_type]));
    }
    let method = payload["method"].as_str().unwrap_or("GET");
    let mut request = json!({ "method": method, "url": payload["url"], "headers": headers });
    if let Some(body) = payload["body"].as_str() {
        request["body"] = json!({ "text": body });
    }
    json!({ "v": 1, "kind": "http_request", "request": request })
}

fn message(url: &Value, frame: &Value) -> Value {
    let mut message = json!({ "url": url, "opcode": frame["opcode"], "data": { "text": frame["payload"] } });
    if frame["fin"].is_boolean() {
        message["fin"] = frame["fin"].clone();
    }
    json!({ "v": 1, "kind": "ws_message", "direction": "egress", "ws": message })
}

#[test]
fn cases_of_the_egress_benchmark_are_contained() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/aeb");
    if !root.exists() {
        return println!("no ../shared/data/aeb: not tested");
    }
    let pack = coldcase_builtin::pack().unwrap();
    let mut confusion: BTreeMap<(String, Action), u32> = BTreeMap::new();
    let (mut cases, mut wrong) = (0, Vec::new());
    for folder in std::fs::read_dir(root).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let text = std::fs::read(file.unwrap().path()).unwrap();
            let case: Value = serde_json::from_slice(&text).unwrap();
            let id = case["id"].as_str().unwrap();
            let mut judge = Judge::new(&pack, Policy::balanced(), Show::Redacted);
            let all = records(&case).into_iter().flat_map(|record| judged(&mut judge, id, &record));
            let action = all.map(|judged| judged.verdict.action).max().unwrap();
            let expected = case["expected_verdict"].as_str().unwrap();
            cases += 1;
            *confusion.entry((expected.to_owned(), action)).or_default() += 1;
            if (expected == "block") != (action == Action::Block) {
                wrong.push(format!("{id}: {action}, and {expected} is expected"));
            }
        }
    }
    println!("{cases} cases: {confusion:?}");
    assert_eq!(wrong, Vec::<String>::new(), "of {cases}");
}
