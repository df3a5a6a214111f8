//! Any line as an event record, and any bytes as the head of a file.
#![no_main]

use coldcase_model::Item;
use coldcase_readers::{RecordLines, sniff};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    sniff(bytes);
    let mut records = RecordLines::new("fuzz");
    for line in bytes.split(|byte| *byte == b'\n') {
        for item in records.read(line, 0) {
            if let Item::Event(event) = item {
                assert!(event.is_tiled());
            }
        }
    }
});
