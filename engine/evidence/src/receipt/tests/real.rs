//! Logs that the real recorder wrote, and the same with one change each.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use coldcase_model::json::{Tape, Value};

use crate::keys::{KeyRing, PublicKey};
use crate::place::Place;
use crate::receipt::{
    Chain, Decision, Outer, ReceiptReader, ReceiptStatus, Receipts, SealFault, TranscriptSeal, check_decision,
};

/// The folder, if this checkout has it beside it.
fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/flight");
    let found = folder.join("manifest.jsonl").is_file();
    if !found {
        println!("skipped: no folder {}", folder.display());
    }
    found.then_some(folder)
}

fn key(folder: &Path) -> KeyRing {
    let mut text = Vec::new();
    File::open(folder.join("keys/A.pub")).unwrap().read_to_end(&mut text).unwrap();
    KeyRing::new([PublicKey::parse(&text).unwrap()])
}

/// The lines of a session's shards, in the order of their start.
fn lines(folder: &Path) -> Vec<(Place, Vec<u8>)> {
    let mut shards: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    let start = |path: &PathBuf| -> u64 {
        path.file_stem().unwrap().to_str().unwrap().rsplit('-').next().unwrap().parse().unwrap()
    };
    shards.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    shards.sort_by_key(start);
    let mut lines = Vec::new();
    for (file, shard) in (0..).zip(shards) {
        for (line, text) in (1..).zip(BufReader::new(File::open(shard).unwrap()).split(b'\n')) {
            lines.push((Place { file, line, offset: 0 }, text.unwrap()));
        }
    }
    lines
}

fn judge(folder: &Path, keys: &KeyRing) -> Receipts {
    let (mut chain, mut reader, mut tape) =
        (Chain::new(Vec::new()), ReceiptReader::default(), Tape::default());
    for (place, line) in lines(folder) {
        let entry = tape.parse(&line).unwrap();
        let text = |name: &str| entry.get(name).and_then(Value::string).unwrap_or_default();
        let detail = entry.get("detail").unwrap().raw();
        let (summary, transport, event_kind) = (text("summary"), text("transport"), text("event_kind"));
        let outer = Outer { summary: &summary, transport: &transport, event_kind: &event_kind };
        match text("type").as_ref() {
            b"action_receipt" => chain.push(place, &reader.read(detail, Some(&outer), keys)),
            b"transcript_root" => chain.push_root(place, detail),
            _ => {}
        }
    }
    chain.finish(keys)
}

#[test]
fn genuine_logs_are_whole() {
    let Some(folder) = folder() else { return };
    let keys = key(&folder);
    for version in ["v1", "v2"] {
        for (case, count, sealed) in
            [("s06-receipts", 200, true), ("s07-mixed", 300, true), ("s11-restart-receipts", 35, false)]
        {
            let found = judge(&folder.join("genuine").join(version).join(case), &keys);
            assert_eq!((found.status, found.count), (ReceiptStatus::Valid, count), "{case}: {found:?}");
            assert_eq!(found.remarks, [], "{case}");
            assert_eq!(
                matches!(found.seal, TranscriptSeal::Agrees { receipts_after: 0, .. }),
                sealed,
                "{case}"
            );
        }
        let found = judge(&folder.join("genuine").join(version).join("s08-redaction"), &keys);
        assert_eq!(found.status, ReceiptStatus::Redacted, "{found:?}");
        assert!(found.altered > 0 && found.altered >= found.unprovable_links && found.remarks.is_empty());
    }
}

#[test]
fn each_change_shows_where_it_was_made() {
    let Some(folder) = folder() else { return };
    let keys = key(&folder);
    let mut cases = 0;
    for line in BufReader::new(File::open(folder.join("manifest.jsonl")).unwrap()).lines() {
        let case: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let Some(verdict) = case["receipts"].as_str() else { continue };
        cases += 1;
        let found = judge(&folder.join(case["dir"].as_str().unwrap()), &keys);
        let first = found.first_break().and_then(|first| first.place).map(|place| place.line);
        assert_eq!(first, case["receipt_first_bad"]["line"].as_u64(), "{case}: {found:?}");
        assert_eq!(found.status == ReceiptStatus::Valid, verdict == "valid", "{case}");
        // An edited receipt may contradict its line too.
        let warned = !found.remarks.is_empty();
        assert!(warned == case["warn"].is_string() || verdict == "broken", "{case}");
        let contradicts =
            matches!(found.seal, TranscriptSeal::Contradicts { what: SealFault::ReceiptCount, .. });
        assert_eq!(contradicts, case["seal"].is_string(), "{case}");
    }
    assert!(cases >= 8, "{cases}");
}

#[test]
fn genuine_decisions_are_signed() {
    let Some(folder) = folder() else { return };
    let (keys, mut tape, mut inner) = (key(&folder), Tape::default(), Tape::default());
    let mut good = 0;
    for (_, line) in lines(&folder.join("genuine/v2/s01-basic")) {
        let entry = tape.parse(&line).unwrap();
        if entry.get_str("type").as_deref() == Some("decision") {
            let checked = check_decision(entry.get("detail").unwrap().raw(), &mut inner, &keys);
            assert!(matches!(checked, Decision::Good(_)), "{checked:?}");
            good += 1;
        }
    }
    assert!(good > 0);
}
