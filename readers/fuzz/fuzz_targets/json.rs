//! Any bytes as JSON: the tape never panics, and what it calls whole stands inside the bytes.
#![no_main]

use coldcase_model::json::Tape;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut tape = Tape::default();
    if let Ok((_, end)) = tape.parse_first(bytes) {
        assert!(end <= bytes.len());
    }
    if let Ok(value) = tape.parse(bytes) {
        assert!(value.span().end <= bytes.len() && value.content().end <= bytes.len());
        for (key, member) in value.members() {
            assert!(key.span().end <= member.span().start);
        }
    }
});
