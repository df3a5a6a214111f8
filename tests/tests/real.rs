//! Recordings of real programs, where a folder of them lies beside the project (`../shared/data`). Without it these
//! tests say so and pass: the project's own tests need nothing from outside.

use std::path::{Path, PathBuf};

use coldcase_model::InputState;
use coldcase_readers::Limits;
use serde_json::Value;

use crate::reading::read_one;

/// The files under a folder of the data; `None`, with a note, when it is not there.
pub(crate) fn files(folder: &str) -> Option<Vec<PathBuf>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(folder);
    if !data.is_dir() {
        println!("absent: {}, so nothing of it is tested", data.display());
        return None;
    }
    let (mut open, mut found) = (vec![data], Vec::new());
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "{folder} is empty");
    println!("{} files of {folder}", found.len());
    Some(found)
}

/// The entries of a HAR file; some programs write a call round it (JSONP), which is no part of the JSON.
fn entries(bytes: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}').trim();
    let json = match text.split_once('(') {
        Some((name, call)) if !name.contains('{') => {
            call.trim_end().trim_end_matches(';').strip_suffix(')')?
        }
        _ => text,
    };
    let har: Value = serde_json::from_str(json).ok()?;
    Some(har.get("log")?.get("entries")?.as_array()?.len() as u64)
}

#[test]
fn every_entry_of_a_real_har_file_is_a_record_and_every_broken_file_is_named() {
    let Some(files) = files("har") else { return };
    let mut wrong = Vec::new();
    for path in files.iter().filter(|path| path.extension().is_some_and(|ending| ending == "har")) {
        let reading = read_one(path, Limits::default());
        match entries(&std::fs::read(path).unwrap()) {
            Some(count) if reading.records != count => {
                wrong.push(format!("{}: {} records of {count} entries", path.display(), reading.records));
            }
            None if reading.facts.state == InputState::Read && reading.anomalies.is_empty() => {
                wrong.push(format!("{}: broken, and nothing says so", path.display()));
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_ledger_of_every_real_recording_adds_up() {
    for folder in ["har", "sessions/livemcpbench", "flight/genuine", "mcp", "aeb"] {
        for path in files(folder).unwrap_or_default() {
            read_one(&path, Limits::default());
        }
    }
}

#[test]
fn every_line_of_a_genuine_recorder_log_is_an_event() {
    let Some(files) = files("flight/genuine") else { return };
    for path in files.iter().filter(|path| path.extension().is_some_and(|ending| ending == "jsonl")) {
        let reading = read_one(path, Limits::default());
        let bytes = std::fs::read(path).unwrap();
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
        assert_eq!(reading.facts.format, "flight_recorder", "{}", path.display());
        assert_eq!((reading.records, reading.kinds.len()), (lines as u64, lines), "{}", path.display());
    }
}
