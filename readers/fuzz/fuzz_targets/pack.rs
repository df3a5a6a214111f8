//! Any text as a rule pack: it is refused with a message, or compiles.
#![no_main]

use coldcase_engine::{Pack, PackText};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let text = PackText { name: "fuzz.yaml".to_owned(), text: text.to_owned() };
    if let Err(error) = Pack::only(&[text]) {
        assert!(!error.to_string().is_empty());
    }
});
