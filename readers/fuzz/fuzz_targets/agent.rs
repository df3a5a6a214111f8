//! Any bytes after the first record of an agent's log: reading never panics, every event is tiled, the ledger adds up.
#![no_main]

#[path = "shared/booked.rs"]
mod booked;

use libfuzzer_sys::fuzz_target;

/// First records that tell the format.
const FIRST: [&str; 14] = [
    r#"{"type":"user","sessionId":"s","uuid":"u","message":{"role":"user","content":"x"}}"#,
    r#"{"type":"session_meta","payload":{"id":"s"}}"#,
    r#"{"sessionId":"s","projectHash":"h"}"#,
    r#"{"type":"session.start","id":"e","timestamp":"t","data":{"sessionId":"s"}}"#,
    r#"{"type":"user","sessionId":"s","uuid":"u","message":{"role":"user","parts":[]}}"#,
    r#"{"type":"metadata","protocol_version":"1.4"}"#,
    r#"{"type":"session","version":3,"id":"s","cwd":"/"}"#,
    r#"{"type":"session_start","id":"s","cwd":"/"}"#,
    r#"{"role":"user","message":{"content":"x"}}"#,
    r#"{"type":"system","content":"x"}"#,
    r#"{"id":"p","sessionID":"s","messageID":"m","type":"text","text":"x"}"#,
    r#"{"step_index":0,"source":"MODEL","type":"RUN_COMMAND","content":"x"}"#,
    r#"{"role":"user","content":"x"}"#,
    r#"{"messages":[{"role":"user","content":"x"},"#,
];

fuzz_target!(|input: (u8, u16, u16, &[u8])| {
    let (format, record_bytes, batch_bytes, rest) = input;
    let first = FIRST[usize::from(format) % FIRST.len()].as_bytes();
    booked::read(&[first, b"\n", rest].concat(), record_bytes, batch_bytes);
});
