//! Any bytes as a capture, through all layers: reading ends, no byte is told of twice, and windows change nothing.
#![no_main]

use coldcase_wire::tls::KeyLog;
use coldcase_wire::{Accounts, Advance, Note, What, Wire};
use libfuzzer_sys::fuzz_target;

/// A random and secrets that a capture of the seeds may name.
const KEYS: &[u8] = b"CLIENT_RANDOM \
    c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1 \
    3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a\n";

fuzz_target!(|input: (u8, &[u8])| {
    let (piece, file) = input;
    let whole = read(file, usize::MAX);
    assert_eq!(read(file, 1 + usize::from(piece) * 8), whole, "the windows");
});

#[derive(Debug, PartialEq)]
struct Outcome {
    found: Vec<String>,
    notes: Vec<Note>,
    accounts: Accounts,
}

fn read(file: &[u8], piece: usize) -> Outcome {
    let mut keys = KeyLog::default();
    keys.add(KEYS);
    let mut wire = Wire::new(keys);
    let (mut found, mut content) = (Vec::new(), 0);
    let (mut start, mut end, mut is_end) = (0, 0, false);
    loop {
        let mut window = &file[start..end];
        let advance = wire.advance(&mut window, is_end);
        if advance == Advance::End {
            wire.finish();
        }
        let taken = wire.take();
        for one in &taken {
            content += one.content_bytes();
            if let What::Text(text) = &one.what {
                assert!(text.own <= text.bytes.len() as u64, "more is its own than there is");
            }
            found.push(format!("{one:?}"));
        }
        match advance {
            Advance::Full => assert!(!taken.is_empty(), "full, and nothing to take"),
            Advance::Need(need) => {
                assert!(!is_end && need > window.len(), "{need} bytes of {} are wanted", window.len());
                start = end - window.len();
                is_end = end == file.len();
                end = end.saturating_add(piece).min(file.len());
                continue;
            }
            Advance::End => {
                assert!(window.is_empty());
                break;
            }
        }
        start = end - window.len();
    }
    let accounts = wire.accounts();
    assert_eq!(accounts.total, file.len() as u64);
    let told = content + accounts.content + accounts.opaque + accounts.lost + accounts.over_limit;
    assert!(told <= accounts.total, "{content} in findings, and {accounts:?}");
    Outcome { found, notes: wire.take_notes(), accounts }
}
