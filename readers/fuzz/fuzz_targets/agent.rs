//! Any bytes after the first record of an agent's log: reading never panics, every event is tiled, the ledger adds up.
#![no_main]

use std::io::Write;

use coldcase_model::{BatchSource, Item, Ledger};
use coldcase_readers::{Found, InputSet, Limits};
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

fuzz_target!(|input: (u8, &[u8])| {
    let first = FIRST[usize::from(input.0) % FIRST.len()];
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(first.as_bytes()).expect("a temporary file that can be written");
    file.write_all(b"\n").expect("a temporary file that can be written");
    file.write_all(input.1).expect("a temporary file that can be written");
    let mut inputs = InputSet::new(vec![Found::File(file.path().to_owned())], Limits::default());
    let mut booked = Ledger::default();
    while let Some(batch) = inputs.next_batch() {
        let outcome = batch.read(&mut |item| {
            if let Item::Event(event) = item {
                assert!(event.is_tiled());
            }
        });
        booked.merge(&outcome.ledger);
        let Some(facts) = outcome.finished else { continue };
        let mut stored = facts.stored;
        stored.merge(&booked);
        assert_eq!(stored.total(), (first.len() + 1 + input.1.len()) as u64);
    }
});
