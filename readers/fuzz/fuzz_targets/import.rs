//! Any text as a rule set of another tool: it is refused with a message, or each rule has its account and the pack is one
//! that the engine takes.
#![no_main]

use coldcase_engine::{Pack, PackText};
use coldcase_import::{Dialect, Outcome, Source, import};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (mode, bytes) = input;
    let source = Source { name: "fuzz".to_owned(), bytes: bytes.to_vec() };
    let dialect = match mode % 6 {
        0 => None,
        1 => Some(Dialect::Gitleaks),
        2 => Some(Dialect::Kingfisher),
        3 => Some(Dialect::PipelockConfig),
        4 => Some(Dialect::PipelockBundle),
        _ => Some(Dialect::Yara),
    };
    let imported = match import(&[source], dialect) {
        Ok(imported) => imported,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    for rule in &imported.rules {
        assert_eq!(rule.outcome == Outcome::LeftOut, rule.became.is_empty(), "{rule:?}");
        assert_eq!(rule.outcome == Outcome::LeftOut, rule.reason.is_some(), "{rule:?}");
    }
    if let Some(text) = imported.pack {
        let pack = PackText { name: "made.yaml".to_owned(), text };
        assert!(Pack::only(&[pack]).is_ok(), "the pack that was made is refused");
    }
});
