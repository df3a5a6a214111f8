//! Whole logs: the published example, rotation, checkpoints, failures, and what any input comes out as.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::keys::{KeyIndex, KeyRing, SecretKey, Signed};
use crate::writer::{LogConfig, MemoryStore, Session, read_heads};

use check::check;

mod check;

const SECOND: i64 = 1_000_000_000;
const NOW: i64 = 1_772_359_200 * SECOND;

fn key() -> Arc<SecretKey> {
    Arc::new(SecretKey::from_seed(&std::array::from_fn(|at| at.try_into().unwrap())))
}

fn config() -> LogConfig {
    LogConfig::new(Session::named("demo").unwrap(), key())
}

fn note(summary: &str) -> Record<'_> {
    Record { summary, ..Record::default() }
}

/// Names, and of each shard its lines' numbers and types.
fn shape(store: &MemoryStore) -> Vec<(String, String)> {
    let line = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let mark = if value["type"] == "checkpoint" { "c" } else { "" };
        format!("{}{mark}", value["seq"])
    };
    let shard = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes).unwrap();
        assert!(text.ends_with('\n'));
        text.lines().map(line).collect::<Vec<_>>().join(" ")
    };
    store.shards.iter().map(|(name, bytes)| (name.clone(), shard(bytes))).collect()
}

fn named(shards: &[(&str, &str)]) -> Vec<(String, String)> {
    shards.iter().map(|(seq, lines)| (format!("evidence-demo-{seq}.jsonl"), (*lines).to_owned())).collect()
}

/// The worked example of the format's description, section 4.
#[test]
fn the_published_example_comes_out_byte_for_byte() {
    let mut store = MemoryStore::default();
    let mut log = LogWriter::open(config(), &mut store).unwrap();
    let pattern = "a<b> & \u{2028}é😀";
    let members = [("verdict", "block"), ("layer", "dlp"), ("pattern", pattern), ("request_id", "req-1")];
    let summary = format!("block: dlp ({pattern})");
    let block = Record {
        event_kind: "proxy_decision",
        transport: "fetch",
        summary: &summary,
        detail: Detail::object(members.map(|(key, text)| (key, text.into()))).unwrap(),
        ..Record::default()
    };
    log.record(NOW + 120_000_000, &block).unwrap();
    let allow = Record {
        trace: "t-1",
        summary: "allow: ",
        detail: Detail::raw(br#"{"layer":"","n":[9007199254740993,1.50,1e3],"verdict":"allow"}"#).unwrap(),
        ..block.clone()
    };
    log.record(NOW + SECOND, &allow).unwrap();
    log.close(NOW + 2 * SECOND + 1).unwrap();
    let expected = r#"{"v":2,"seq":0,"ts":"2026-03-01T10:00:00.12Z","session_id":"demo","type":"decision","event_kind":"proxy_decision","transport":"fetch","summary":"block: dlp (a\u003cb\u003e \u0026 \u2028é😀)","detail":{"layer":"dlp","pattern":"a\u003cb\u003e \u0026 \u2028é😀","request_id":"req-1","verdict":"block"},"prev_hash":"genesis","hash":"2dd333bc4cc11d8c1d58568382b530896c0d4d8924f9d49066b9268f48b390f8"}
{"v":2,"seq":1,"ts":"2026-03-01T10:00:01Z","session_id":"demo","trace_id":"t-1","type":"decision","event_kind":"proxy_decision","transport":"fetch","summary":"allow: ","detail":{"layer":"","n":[9007199254740993,1.50,1e3],"verdict":"allow"},"prev_hash":"2dd333bc4cc11d8c1d58568382b530896c0d4d8924f9d49066b9268f48b390f8","hash":"a61041c90220a9a52b7186ca2cd5f1d0e225403bf39c2e3b34206c421a8e4fc9"}
{"v":2,"seq":2,"ts":"2026-03-01T10:00:02.000000001Z","session_id":"demo","type":"checkpoint","event_kind":"checkpoint","transport":"","summary":"checkpoint: 2 entries [seq 0-1]","detail":{"entry_count":2,"first_seq":0,"last_seq":1,"signature":"4c9045404353292eaae1a34fc8921fb67e18d098d073c2c3d9e081a6947b9ea5d12ed5f9c0a43e032153e84444db5b7f0082611fbee93be61791cb7096ce9a0c"},"prev_hash":"a61041c90220a9a52b7186ca2cd5f1d0e225403bf39c2e3b34206c421a8e4fc9","hash":"e4954fe68a5478d0fecafd17bdddc8f55d2dfbbdfa5e77341763dca3d32fb284"}
"#;
    assert_eq!(String::from_utf8(store.log()).unwrap(), expected);
    assert_eq!(shape(&store), named(&[("0", "0 1 2c")]));
    check(expected.as_bytes());
}

#[test]
fn checkpoints_come_after_so_many_entries_and_do_not_count() {
    let mut store = MemoryStore::default();
    let mut log = LogWriter::open(config().checkpoint_interval(2), &mut store).unwrap();
    for _ in 0..5 {
        log.record(NOW, &note("x")).unwrap();
    }
    log.close(NOW).unwrap();
    assert_eq!(shape(&store), named(&[("0", "0 1 2c 3 4 5c 6 7c")]));
    check(&store.log());
}

#[test]
fn a_close_right_after_a_checkpoint_or_before_any_entry_writes_nothing() {
    let mut store = MemoryStore::default();
    assert!(LogWriter::open(config(), &mut store).unwrap().close(NOW).unwrap().is_none());
    assert_eq!(shape(&store), []);
    let mut log = LogWriter::open(config().checkpoint_interval(1), &mut store).unwrap();
    log.record(NOW, &note("x")).unwrap();
    assert!(log.close(NOW).unwrap().is_none());
    assert_eq!(shape(&store), named(&[("0", "0 1c")]));
}

#[test]
fn a_full_shard_is_followed_by_one_named_by_its_first_entry() {
    let mut store = MemoryStore::default();
    let mut log = LogWriter::open(config().max_entries(3).checkpoint_interval(4), &mut store).unwrap();
    for _ in 0..9 {
        log.record(NOW, &note("x")).unwrap();
    }
    log.close(NOW).unwrap();
    let shards = [("0", "0 1 2"), ("3", "3 4c 5"), ("6", "6 7 8"), ("9", "9c 10 11c")];
    assert_eq!(shape(&store), named(&shards));
    check(&store.log());
}

#[test]
fn the_final_checkpoint_comes_even_when_a_shard_was_just_filled() {
    let mut store = MemoryStore::default();
    let mut log = LogWriter::open(config().max_entries(2), &mut store).unwrap();
    for _ in 0..4 {
        log.record(NOW, &note("x")).unwrap();
    }
    let head = log.close(NOW).unwrap().unwrap();
    assert_eq!(shape(&store), named(&[("0", "0 1"), ("2", "2 3"), ("4", "4c")]));
    assert_eq!(head.seq, 4);
    check(&store.log());
}

#[test]
fn no_shard_grows_over_its_bytes_unless_one_line_alone_does() {
    let mut store = MemoryStore::default();
    let mut log = LogWriter::open(config().max_bytes(1000), &mut store).unwrap();
    for summary in ["x", "x", &"long".repeat(300), "x", "x", "x", "x"] {
        log.record(NOW, &note(summary)).unwrap();
    }
    log.close(NOW).unwrap();
    let lines: Vec<_> = shape(&store).into_iter().map(|(_, lines)| lines).collect();
    assert_eq!(lines, ["0 1", "2", "3 4 5", "6 7c"]);
    for ((_, bytes), lines) in store.shards.iter().zip(&lines) {
        assert_eq!(bytes.len() > 1000, lines == "2", "{lines}: {}", bytes.len());
    }
    check(&store.log());
}

#[test]
fn shards_end_before_eight_mebibytes_with_lines_of_full_length() {
    let mut store = MemoryStore::default();
    let mut log = LogWriter::open(config(), &mut store).unwrap();
    let detail = Detail::text(&vec![b'x'; 1_000_000]);
    for _ in 0..17 {
        log.record(NOW, &Record { detail: detail.clone(), ..Record::default() }).unwrap();
    }
    log.close(NOW).unwrap();
    let lines: Vec<_> = shape(&store).into_iter().map(|(_, lines)| lines).collect();
    assert_eq!(lines, ["0 1 2 3 4 5 6 7", "8 9 10 11 12 13 14 15", "16 17c"]);
    assert!(store.shards.iter().all(|(_, bytes)| bytes.len() <= 8 << 20));
}

#[test]
fn each_checkpoint_makes_a_head_that_names_it() {
    let mut store = MemoryStore::default();
    let mut log = LogWriter::open(config().checkpoint_interval(2), &mut store).unwrap();
    for _ in 0..3 {
        log.record(NOW, &note("x")).unwrap();
    }
    log.close(NOW + SECOND).unwrap();
    assert_eq!(store.unsynced, 0);
    let heads: Vec<_> = read_heads(&store.heads).into_iter().map(Result::unwrap).collect();
    assert_eq!(heads.iter().map(|head| head.seq).collect::<Vec<_>>(), [2, 4]);
    let ring = KeyRing::new([key().public()]);
    let log = String::from_utf8(store.log()).unwrap();
    for head in heads {
        assert_eq!(head.check(&ring), Signed::By(KeyIndex(0)));
        let seq = usize::try_from(head.seq).unwrap();
        let end = format!("\"hash\":\"{}\"}}", hex::encode(&head.hash));
        assert!(log.lines().nth(seq).unwrap().ends_with(&end));
    }
}

#[test]
fn a_successor_is_linked_after_its_first_entry_and_only_then() {
    let mut store = MemoryStore::default();
    let mut first = LogWriter::open(config(), &mut store).unwrap();
    assert_eq!(first.tail(), None);
    let recorded = first.record(NOW, &note("x")).unwrap();
    let tail = first.tail().unwrap();
    assert_eq!((tail.seq, tail.hash), (recorded.seq, recorded.hash));
    let next = LogConfig::new(Session::mint("demo", &[9; 16]).unwrap(), key());
    LogWriter::resume(next.clone(), &mut store, tail.clone()).unwrap().close(NOW).unwrap();
    assert_eq!(store.files, []);

    let mut second = LogWriter::resume(next, &mut store, tail.clone()).unwrap();
    second.record(NOW, &note("y")).unwrap();
    second.record(NOW, &note("z")).unwrap();
    second.close(NOW).unwrap();
    let link = tail.link(&Session::mint("demo", &[9; 16]).unwrap(), "2026-03-01T10:00:00Z", &key());
    assert_eq!(store.files, [("chain-link-demo.json".to_owned(), link)]);
    check(&store.shards[1].1);

    let third = LogConfig::new(Session::mint("demo", &[10; 16]).unwrap(), key());
    let mut third = LogWriter::resume(third, &mut store, tail).unwrap();
    let refused = third.record(NOW, &note("a tail has one successor"));
    assert!(matches!(refused, Err(WriteError::Store { doing: "link the last session to", .. })));
}

#[test]
fn after_a_failure_at_any_step_nothing_more_is_written() {
    let run = |store: &mut MemoryStore| {
        let config = config().checkpoint_interval(2).max_entries(2);
        let mut log = LogWriter::open(config, &mut *store).unwrap();
        let results: Vec<_> = (0..5).map(|_| log.record(NOW, &note("x")).is_ok()).collect();
        (results, log.close(NOW))
    };
    let mut whole = MemoryStore::default();
    assert!(run(&mut whole).1.is_ok());
    let mut failures = 0;
    for step in 0.. {
        let mut store = MemoryStore { fails_after: Some(step), ..MemoryStore::default() };
        let (results, closed) = run(&mut store);
        // The first failure is the last step that was tried.
        assert!(results.is_sorted_by(|before, after| before >= after), "{step}: {results:?}");
        let log = store.log();
        assert!(whole.log().starts_with(&log), "{step}: what is there is a prefix");
        for head in read_heads(&store.heads).into_iter().map(Result::unwrap) {
            let lines = log.split(|byte| *byte == b'\n').count() - 1;
            assert!(usize::try_from(head.seq).unwrap() < lines, "{step}: no head runs ahead of its log");
        }
        match closed {
            Ok(_) => break,
            Err(WriteError::Stopped) => failures += 1,
            Err(WriteError::Store { .. }) => assert!(results.iter().all(|written| *written)),
        }
    }
    assert!(failures > 10);
}

#[test]
fn a_store_that_recovers_does_not_bring_the_log_back() {
    let mut log = LogWriter::open(config(), MemoryStore::default()).unwrap();
    log.record(NOW, &note("x")).unwrap();
    log.store.fails_after = Some(0);
    let failed = log.record(NOW, &note("y")).unwrap_err();
    assert_eq!(failed.to_string(), "cannot append to the audit log");
    log.store.fails_after = None;
    let before = log.store.log();
    assert!(matches!(log.record(NOW, &note("z")), Err(WriteError::Stopped)));
    assert!(matches!(log.checkpoint_now(NOW), Err(WriteError::Stopped)));
    assert_eq!(log.store.log(), before);
}

#[test]
fn a_shard_that_is_there_already_is_not_written_to() {
    let mut store = MemoryStore::default();
    store.create("evidence-demo-0.jsonl").unwrap();
    let mut log = LogWriter::open(config(), &mut store).unwrap();
    assert!(matches!(log.record(NOW, &note("x")), Err(WriteError::Store { .. })));
    assert_eq!(store.log(), b"");
}

#[test]
fn settings_that_readers_refuse_are_refused() {
    let refused = |config: LogConfig| LogWriter::open(config, MemoryStore::default()).err().unwrap();
    assert_eq!(refused(config().checkpoint_interval(0)).setting, "checkpoint_interval");
    assert_eq!(refused(config().max_entries(10_001)).setting, "max_entries");
    assert_eq!(
        refused(config().max_bytes((8 << 20) + 1)).to_string(),
        "max_bytes must lie between 1 and 8388608"
    );
}

#[test]
fn a_session_says_when_its_shards_are_many() {
    let mut log = LogWriter::open(config().max_entries(1), MemoryStore::default()).unwrap();
    for _ in 0..255 {
        log.record(NOW, &note("x")).unwrap();
    }
    assert!(!log.is_full());
    log.record(NOW, &note("x")).unwrap();
    assert!(log.is_full());
    assert!(log.record(NOW, &note("x")).is_ok());
}

fn any_record() -> impl Strategy<Value = ([String; 4], serde_json::Value, i64)> {
    let text = prop_oneof![any::<String>(), "[\u{0}-\u{2a}<>&\u{2028}\"\\\\é]{0,6}"];
    let json = crate::writer::detail::tests::any_json();
    (prop::array::uniform4(text), json, any::<i64>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_and_any_json_make_a_log_that_reads_back(
        records in prop::collection::vec(any_record(), 1..12),
        interval in 1..5_u64,
        lines in 1..6_u64,
        bytes in 1..3000_u64,
    ) {
        let mut store = MemoryStore::default();
        let config = config().checkpoint_interval(interval).max_entries(lines).max_bytes(bytes);
        let mut log = LogWriter::open(config, &mut store).unwrap();
        let mut expected = Vec::new();
        for ([trace, event_kind, transport, summary], json, now) in &records {
            let Ok(detail) = Detail::from_json(json.to_string().as_bytes()) else { continue };
            let record =
                Record { trace, event_kind, transport, summary, detail: detail.clone(), ..Record::default() };
            let recorded = log.record(*now, &record).unwrap();
            let texts = [trace, event_kind, transport, summary].map(|text| text.replace('\0', "\u{fffd}"));
            let changed = texts.iter().ne([trace, event_kind, transport, summary]);
            prop_assert_eq!(recorded.altered.text, changed || detail.altered().text);
            expected.push((texts, crate::writer::detail::tests::expected(json.clone())));
        }
        log.close(NOW).unwrap();
        let written = store.log();
        check(&written);
        let mut expected = expected.into_iter();
        for line in std::str::from_utf8(&written).unwrap().lines() {
            let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
            if line["type"] != "checkpoint" {
                let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
                let texts = ["trace_id", "event_kind", "transport", "summary"].map(text);
                prop_assert_eq!(Some((texts, line["detail"].take())), expected.next());
            }
        }
        prop_assert!(expected.next().is_none());
        for (name, shard) in &store.shards {
            let first: serde_json::Value =
                serde_json::from_slice(shard.split(|byte| *byte == b'\n').next().unwrap()).unwrap();
            prop_assert_eq!(name, &format!("evidence-demo-{}.jsonl", first["seq"]));
        }
    }
}
