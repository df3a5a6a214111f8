//! Malformed inputs: they are read to their end, booked to the last byte, judged, and named.

use std::path::PathBuf;

use coldcase_corpus::hostile::all;
use coldcase_engine::{Judge, Policy};
use coldcase_model::{AnomalyKind, InputState, Item, Show};
use coldcase_readers::{Limits, RecordLines};

use crate::command::{coldcase, coldcase_with};
use crate::output;
use crate::reading::read_one;

/// Writes every hostile input to a folder of its own.
fn written() -> (tempfile::TempDir, Vec<PathBuf>) {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("in");
    std::fs::create_dir(&folder).unwrap();
    let paths = all().unwrap().into_iter().map(|hostile| {
        let path = folder.join(hostile.name);
        std::fs::write(&path, hostile.bytes).unwrap();
        path
    });
    let paths = paths.collect();
    (temp, paths)
}

#[test]
fn every_hostile_input_is_booked_to_the_last_byte_under_every_limit() {
    let (_temp, paths) = written();
    assert!(paths.len() > 60, "{} inputs", paths.len());
    let mut small = Limits::default();
    small.record_bytes = 500;
    small.batch_bytes = 64;
    small.free_expansion_bytes = 10_000;
    small.expansion_ratio = 3;
    for path in &paths {
        for limits in [Limits::default(), small] {
            read_one(path, limits);
        }
    }
}

#[test]
fn damaged_compression_and_cut_documents_show_as_anomalies() {
    let (temp, _) = written();
    let anomalies = |name: &str| read_one(&temp.path().join("in").join(name), Limits::default()).anomalies;
    for name in [
        "cut.jsonl.gz",
        "cut-in-trailer.jsonl.gz",
        "wrong-checksum.jsonl.gz",
        "garbage-after.jsonl.gz",
        "second-member-cut.jsonl.gz",
        "bit-flip.jsonl.gz",
        "zstd-garbage.zst",
        "zstd-only-magic.zst",
        "only-the-head.gz",
        "cut-in-entry.har",
        "text-after-the-end.har",
        "unterminated-string.jsonl",
        "deep-unclosed.json",
        "elf.bin",
        "recorder-cut.jsonl",
        "wrong-types.har",
    ] {
        assert_ne!(anomalies(name), [], "{name}");
    }
    assert_eq!(anomalies("two-members.jsonl.gz"), []);
    assert_eq!(anomalies("crlf.jsonl"), []);
    assert_eq!(anomalies("bom.jsonl"), []);
    assert_ne!(anomalies("jsonp.har"), [], "a call round the document is not JSON");
}

#[test]
fn json_that_is_not_utf_8_is_an_anomaly() {
    let (temp, _) = written();
    let reading = read_one(&temp.path().join("in/not-utf-8.jsonl"), Limits::default());
    assert_ne!(reading.anomalies, [], "RFC 8259, section 8.1: JSON text is UTF-8");
}

#[test]
fn records_after_a_broken_one_are_read() {
    let (temp, _) = written();
    let reading = |name: &str| read_one(&temp.path().join("in").join(name), Limits::default());
    assert_eq!(reading("records-bad-times.jsonl").kinds.len(), 6, "a bad time costs no event");
    let types = reading("records-wrong-types.jsonl");
    assert!(types.kinds.len() >= 17, "every line is an event, as text if need be: {:?}", types.kinds);
    assert!(types.anomalies.contains(&AnomalyKind::UnknownVersion), "{:?}", types.anomalies);
    assert_eq!(reading("not-utf-8.jsonl").records, 2);
    assert_eq!(reading("ids-of-every-type.jsonl").records, 8);
}

#[test]
fn one_scan_of_them_all_ends_well_and_names_each() {
    let (temp, paths) = written();
    let (input, out) = (temp.path().join("in"), temp.path().join("out"));
    let outcome = coldcase(["scan", input.to_str().unwrap(), "-q", "-o", out.to_str().unwrap()]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let manifest = output::manifest(&out);
    let inputs = manifest["inputs"].as_array().unwrap();
    assert_eq!(inputs.len(), paths.len());
    for (path, input) in paths.iter().zip(inputs) {
        assert_eq!(input["path"], path.to_str().unwrap());
    }
}

#[test]
fn each_alone_is_read_or_said_not_to_be() {
    let (_temp, paths) = written();
    for path in &paths {
        let outcome = coldcase(["inspect", "--json", path.to_str().unwrap()]);
        assert!(matches!(outcome.code, 0 | 3), "{}: {} {}", path.display(), outcome.code, outcome.stderr);
        let reading = read_one(path, Limits::default());
        let nothing = reading.kinds.is_empty();
        assert_eq!(outcome.code == 3, nothing, "{}: exit {}", path.display(), outcome.code);
        let silent = reading.facts.state == InputState::Read && reading.anomalies.is_empty();
        let size = reading.facts.stored_bytes;
        let empty =
            ["only-bom.json", "bom.har", "zstd-skippable.zst"].iter().any(|name| path.ends_with(name));
        assert!(
            !(nothing && silent) || size == 0 || empty,
            "{} gives nothing and says nothing",
            path.display()
        );
    }
}

#[test]
fn every_line_of_them_is_judged() {
    let pack = coldcase_builtin::pack().unwrap();
    for hostile in all().unwrap() {
        let mut judge = Judge::new(&pack, Policy::builtin("strict").unwrap(), Show::Redacted);
        let mut records = RecordLines::new("hostile");
        for line in hostile.bytes.split(|byte| *byte == b'\n').take(50) {
            let items = records.read(line, 0);
            let mut events = 0;
            for item in items {
                if let Item::Event(event) = item {
                    assert!(event.is_tiled(), "{}", hostile.name);
                    judge.judge(&event);
                    events += 1;
                }
            }
            assert!(events > 0 || line.trim_ascii().is_empty(), "{}: a line without a verdict", hostile.name);
        }
    }
}

#[test]
fn the_judge_command_gives_a_verdict_for_every_line_that_is_not_empty() {
    for hostile in all().unwrap().into_iter().filter(|hostile| hostile.bytes.len() < 5000) {
        let lines = hostile.bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
        let outcome = coldcase_with(["judge"], &hostile.bytes);
        assert_eq!(outcome.stdout.lines().count(), lines.count(), "{}: {}", hostile.name, outcome.stderr);
    }
}
