//! Any text on any surface, through every decoding and rule: no panic, and each finding's span lies in its part.
#![no_main]

use std::sync::LazyLock;

use coldcase_engine::{Judge, Pack, Policy};
use coldcase_model::{Item, Show};
use coldcase_readers::RecordLines;
use libfuzzer_sys::fuzz_target;

static PACK: LazyLock<Pack> = LazyLock::new(|| Pack::builtin().expect("the built-in packs compile"));

fuzz_target!(|bytes: &[u8]| {
    let mut judge = Judge::new(&PACK, Policy::balanced(), Show::Redacted);
    // A line that is no record is scanned as text, so any bytes reach the views.
    for item in RecordLines::new("fuzz").read(bytes, 0) {
        if let Item::Event(event) = item {
            for finding in judge.judge(&event).findings {
                assert!(finding.span.start <= finding.span.end && finding.span.end <= event.text.len());
            }
        }
    }
});
