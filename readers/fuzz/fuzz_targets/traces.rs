//! Any bytes inside of traces, bodies of requests to models, cassettes and flow files: each reader of these gets bytes that
//! are recognised as its own, and the promises of `inputs` hold.
#![no_main]

#[path = "shared/booked.rs"]
mod booked;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, u16, u16, &[u8])| {
    let (mode, record_bytes, batch_bytes, bytes) = input;
    let text = String::from_utf8_lossy(bytes);
    let quoted = serde_json::Value::from(text.as_ref()).to_string();
    let attributes = |value: &str| format!("[{{\"key\":\"gen_ai.input.messages\",\"value\":{value}}}]");
    let whole = match mode % 8 {
        0 => spans(&attributes(&format!("{{\"stringValue\":{quoted}}}"))).into_bytes(),
        1 => spans(&text).into_bytes(),
        2 => format!("{{\"id\":\"a\",\"run_type\":\"tool\",\"inputs\":{quoted},\"outputs\":{text}}}\n").into_bytes(),
        3 => [b"interactions:\n- request:\n    uri: a\n", bytes].concat(),
        4 => format!("{{\"interactions\":[{{\"request\":{{\"method\":\"\",\"uri\":\"\",\"body\":{quoted}}},\"response\":{{}}}},{text}]}}").into_bytes(),
        5 => element(&[b"4:type;4:http;7:request;", &element(bytes, b'}')[..]].concat(), b'}'),
        6 => element(&[b"4:type;", bytes].concat(), b'}'),
        _ => format!("{{\"v\":1,\"kind\":\"http_request\",\"request\":{{\"method\":\"POST\",\"url\":\"a\",\"headers\":[],\"body\":{quoted}}}}}\n").into_bytes(),
    };
    booked::read(&whole, record_bytes, batch_bytes);
});

fn spans(attributes: &str) -> String {
    format!(
        "{{\"resourceSpans\":[{{\"scopeSpans\":[{{\"spans\":[{{\"traceId\":\"a\",\"attributes\":{attributes}}}]}}]}}]}}\n"
    )
}

fn element(payload: &[u8], kind: u8) -> Vec<u8> {
    [format!("{}:", payload.len()).as_bytes(), payload, &[kind]].concat()
}
