//! Any bytes as receipts, bare and in a log; and genuine receipts that were edited, which are valid only as a prefix.
#![no_main]

#[path = "shared/edits.rs"]
mod edits;

use std::sync::{Arc, LazyLock};

use coldcase_evidence::MemoryFiles as Files;
use coldcase_evidence::{
    Action, Detail, EntryKind, KeyRing, LogConfig, LogWriter, MemoryStore, ReceiptStatus, ReceiptWriter,
    Record, SecretKey, Session, SessionReport, Status, VerifyOptions, verify_receipts, verify_session,
};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const NOW: i64 = 1_772_359_200_000_000_000;

/// Receipts under the trusted key; others under the same key, which an attacker may take from elsewhere; and some
/// under a key of his own.
static RECEIPTS: LazyLock<[Vec<u8>; 3]> = LazyLock::new(|| {
    [(1, "https://one.example/"), (1, "https://two.example/"), (9, "https://one.example/")].map(write)
});
static OTHERS: LazyLock<Vec<Vec<u8>>> =
    LazyLock::new(|| RECEIPTS.iter().flat_map(|all| edits::lines(all)).collect());
static OPTIONS: LazyLock<VerifyOptions> = LazyLock::new(|| {
    let mut options = VerifyOptions::default();
    options.keys = KeyRing::new([SecretKey::from_seed(&[1; 32]).public()]);
    options
});

fn write((seed, target): (u8, &str)) -> Vec<u8> {
    let mut receipts = ReceiptWriter::new(Arc::new(SecretKey::from_seed(&[seed; 32])));
    let mut out = Vec::new();
    for at in 0..4 {
        let random = [at; 10];
        let action = Action { random, target, verdict: "allow", transport: "fetch", ..Action::default() };
        let receipt = receipts.next(NOW + i64::from(at), &action).expect("a whole action");
        out.extend_from_slice(receipt.json());
        out.push(b'\n');
    }
    out
}

fuzz_target!(|bytes: &[u8]| {
    let Some((mode, bytes)) = bytes.split_first() else { return };
    match mode % 3 {
        0 => drop(bare(bytes)),
        1 => detail(bytes),
        _ => edited(bytes),
    }
});

/// The report with a trusted key, after one without.
fn bare(bytes: &[u8]) -> SessionReport {
    let mut reports = [VerifyOptions::default(), OPTIONS.clone()].map(|options| {
        let mut told = 0;
        let report = verify_receipts(&mut Files::file(bytes.to_vec()), &options, &mut |_| told += 1);
        let lines = bytes.split(|byte| *byte == b'\n').count() as u64;
        assert!(report.entries <= lines);
        assert!(told <= report.breaks_total);
        assert_eq!(report.status == Status::Broken, report.breaks_total > 0);
        let valid = report.receipts == Some(ReceiptStatus::Valid);
        assert!(!valid || report.trusted_keys > 0);
        assert!(report.authenticated_through_seq.is_none() || valid);
        serde_json::to_vec(&report).expect("a report is always written");
        report
    });
    let [_, report] = &mut reports;
    std::mem::replace(report, verify_receipts(&mut Files::file(Vec::new()), &OPTIONS, &mut |_| {}))
}

/// As the detail of a line of a log: hashed as it should be where a detail may be so, spliced in where it may not.
fn detail(bytes: &[u8]) {
    let written = |detail| {
        let config = LogConfig::new(
            Session::named("proxy").expect("a name"),
            Arc::new(SecretKey::from_seed(&[1; 32])),
        );
        let mut store = MemoryStore::default();
        let mut log = LogWriter::open(config, &mut store).expect("right settings");
        let record = Record { kind: EntryKind::ActionReceipt, detail, ..Record::default() };
        log.record(NOW, &record).expect("a store in memory");
        log.close(NOW).expect("a store in memory");
        store.log()
    };
    let log = match Detail::raw(bytes) {
        Ok(detail) => written(detail),
        Err(_) => {
            let log = written(Detail::from("HERE"));
            let at = log.windows(6).position(|six| six == b"\"HERE\"").expect("the detail");
            [&log[..at], bytes, &log[at + 6..]].concat()
        }
    };
    let report = verify_session(&mut Files::file(log), &OPTIONS, &mut |_| {});
    let valid = report.receipts == Some(ReceiptStatus::Valid);
    assert!(!valid || report.receipt_chain.as_ref().is_some_and(|chain| chain.breaks.is_empty()));
    serde_json::to_vec(&report).expect("a report is always written");
}

fn edited(bytes: &[u8]) {
    let genuine = &RECEIPTS[0];
    let mut file = genuine.clone();
    for [kind, a, b, c, _] in edits::edits(bytes) {
        edits::edit(&mut file, kind, [a, b, c], &OTHERS);
    }
    if file == *genuine {
        assert_eq!(bare(&file).receipts, Some(ReceiptStatus::Valid));
        return;
    }
    let report = bare(&file);
    if report.receipts != Some(ReceiptStatus::Valid) {
        return;
    }
    // Receipts that say the same in another spelling are signed all the same. A torn last line is told apart.
    let of = |bytes: &[u8]| -> Vec<Option<Value>> {
        edits::lines(bytes).iter().map(|line| serde_json::from_slice(line).ok()).collect()
    };
    let mut found = of(&file);
    if report.torn.is_some() {
        assert_eq!(report.status, Status::TornTail);
        found.pop();
    }
    let is_prefix_of = |receipts: &[u8]| of(receipts).starts_with(&found);
    assert!(!found.contains(&None), "valid, and one is not JSON");
    assert!(RECEIPTS[..2].iter().any(|receipts| is_prefix_of(receipts)), "valid, and no prefix");
}
