//! Signed flight-recorder logs by our own writer, for the benches and tests of the verifier.
//!
//! The key is that of a seed which anyone can read here: what it signs proves nothing.

use std::io;
use std::path::Path;
use std::sync::Arc;

use coldcase_evidence::{
    Action, ActionType, Detail, LogConfig, LogWriter, MemoryStore, ReceiptWriter, Record, SecretKey, Session,
    SideEffect,
};

use crate::Prng;
use crate::prose::{path, prose, word};

/// 2026-03-01T10:00:00Z.
const START: i64 = 1_772_359_200_000_000_000;
/// Between two entries.
const STEP: i64 = 1_234_567;

/// The key that signs: its public half is what a verifier is given.
pub fn key() -> SecretKey {
    SecretKey::from_seed(&[0x43; 32])
}

/// A log of `entries` decisions, or receipts, in memory. Lines have about 860 bytes, receipts about 1,200.
pub fn log(entries: u64, receipts: bool) -> Result<MemoryStore, Box<dyn std::error::Error>> {
    let key = Arc::new(key());
    let mut store = MemoryStore::default();
    let config = LogConfig::new(Session::named("bench")?, key.clone());
    let mut log = LogWriter::open(config, &mut store)?;
    let mut prng = Prng::new(1);
    let mut receipt_writer = ReceiptWriter::new(key);
    let mut now = START;
    for number in 0..entries {
        now += STEP;
        if receipts {
            let target = format!("https://api.example.com{}?q=a&n={number}", path(&mut prng));
            let action = Action {
                random: std::array::from_fn(|_| prng.next().to_le_bytes()[0]),
                action_type: ActionType::Read,
                principal: "local",
                actor: "agent-0",
                target: &target,
                side_effect: SideEffect::ExternalRead,
                policy_hash: "cfg-1",
                verdict: prng.pick(&["allow", "allow", "block"]),
                transport: "fetch",
                method: "GET",
                ..Action::default()
            };
            let receipt = receipt_writer.next(now, &action)?;
            log.record_receipt(now, "", &receipt)?;
        } else {
            let record = decision(&mut prng, number)?;
            log.record(now, &record)?;
        }
    }
    if let Some(root) = receipts.then(|| receipt_writer.finish(&Session::named("bench").ok()?)).flatten() {
        log.record_root(now, &root)?;
    }
    log.close(now)?;
    Ok(store)
}

fn decision(prng: &mut Prng, number: u64) -> Result<Record<'static>, Box<dyn std::error::Error>> {
    let text = |text: String| Detail::text(text.as_bytes());
    let inner = Detail::object([
        ("layer", text("dlp".to_owned())),
        ("match_text", text(prose(prng, 250))),
        ("pattern", text(word(prng))),
    ])?;
    let request = Detail::object([
        ("direction", text("outbound".to_owned())),
        ("target", text(format!("https://api.example.com{}?q=a&b=<x>", path(prng)))),
        ("transport", text("fetch".to_owned())),
    ])?;
    let detail = Detail::object([
        ("request_context", request),
        ("request_id", text(format!("req-{number}"))),
        ("scanner_result", inner),
        ("verdict", text("allow".to_owned())),
    ])?;
    Ok(Record {
        event_kind: "proxy_decision",
        transport: "fetch",
        summary: "allow: dlp",
        detail,
        ..Record::default()
    })
}

/// The same in a folder, shard by shard, with the public key beside it as `key.pub`.
pub fn write(folder: &Path, entries: u64, receipts: bool) -> io::Result<()> {
    let store = log(entries, receipts).map_err(|error| io::Error::other(error.to_string()))?;
    std::fs::create_dir_all(folder)?;
    for (name, bytes) in &store.shards {
        std::fs::write(folder.join(name), bytes)?;
    }
    std::fs::write(folder.join("key.pub"), key().public_file())
}
