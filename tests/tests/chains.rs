//! Audit logs among the inputs of a scan: what their chains came to, in the table, on the page and in the exit code.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use coldcase_evidence::{LogConfig, LogWriter, MemoryStore, Record, SecretKey, Session};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;

use crate::command::{Outcome, coldcase};
use crate::{output, samples};

const SECOND: i64 = 1_000_000_000;
const NOW: i64 = 1_772_359_200 * SECOND;

fn key(seed: u8) -> Arc<SecretKey> {
    Arc::new(SecretKey::from_seed(&[seed; 32]))
}

/// Writes a log of thirty entries with a checkpoint after every ten, in files of at most fifteen lines.
fn write_log(folder: &Path, session: &str) -> Vec<PathBuf> {
    let mut store = MemoryStore::default();
    let config =
        LogConfig::new(Session::named(session).unwrap(), key(7)).checkpoint_interval(10).max_entries(15);
    let mut log = LogWriter::open(config, &mut store).unwrap();
    for at in 0..30 {
        let summary = format!("allow: entry {at}");
        let record = Record { summary: &summary, ..Record::default() };
        log.record(NOW + at * SECOND, &record).unwrap();
    }
    log.close(NOW + 40 * SECOND).unwrap();
    std::fs::create_dir_all(folder).unwrap();
    let write = |(name, bytes): &(String, Vec<u8>)| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    store.shards.iter().map(write).collect()
}

struct Scan {
    outcome: Outcome,
    report: PathBuf,
    _temp: tempfile::TempDir,
}

fn scan(fill: impl FnOnce(&Path), keys: &[String]) -> Scan {
    let temp = tempfile::tempdir().unwrap();
    let (inputs, report) = (temp.path().join("in"), temp.path().join("out"));
    std::fs::create_dir(&inputs).unwrap();
    fill(&inputs);
    let mut args = vec!["scan", inputs.to_str().unwrap(), "-o", report.to_str().unwrap()];
    for key in keys {
        args.extend(["--key", key]);
    }
    Scan { outcome: coldcase(args), report, _temp: temp }
}

impl Scan {
    /// The rows of the table, by column.
    fn rows(&self) -> Vec<BTreeMap<String, Value>> {
        let file = File::open(self.report.join("tables/chains.parquet")).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let columns = |row: parquet::record::Row| {
            row.get_column_iter().map(|(name, field)| (name.clone(), value(field))).collect()
        };
        reader.get_row_iter(None).unwrap().map(|row| columns(row.unwrap())).collect()
    }

    fn page(&self) -> String {
        std::fs::read_to_string(self.report.join("report.html")).unwrap()
    }
}

/// A field of the types that the table has.
fn value(field: &Field) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::ULong(number) => (*number).into(),
        Field::Str(text) => text.as_str().into(),
        Field::ListInternal(list) => list.elements().iter().map(value).collect(),
        other => panic!("{other}"),
    }
}

#[test]
fn a_log_in_several_files_is_one_row_and_a_section_of_the_page() {
    let public = key(7).public().hex();
    let scan = scan(|folder| drop(write_log(folder, "proxy")), std::slice::from_ref(&public));
    assert_eq!(scan.outcome.code, 0, "{}", scan.outcome.stderr);
    let rows = scan.rows();
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!((&row["session"], &row["status"]), (&"proxy".into(), &"intact".into()));
    let entries = output::manifest(&scan.report)["totals"]["events"].clone();
    assert_eq!(row["entries"], entries);
    assert!(row["files"].as_u64().unwrap() > 1 && row["checkpoints_good"].as_u64().unwrap() >= 3, "{row:?}");
    assert_eq!(row["checkpoints_good"], row["checkpoints"]);
    assert_eq!(row["first_seq"], 0);
    let last = row["last_seq"].as_u64().unwrap();
    assert_eq!(row["authenticated_through_seq"], last - 1);
    assert_eq!(row["keys"], serde_json::json!([public]));
    assert_eq!(row["breaks_total"], 0);
    let page = scan.page();
    assert!(page.contains("<section id=\"chains\">") && page.contains("<dt>Consistent</dt>"));
    assert!(scan.outcome.stdout.contains("\n  intact        1 log; a given key vouches for entries\n"));
}

#[test]
fn an_altered_line_shows_with_file_and_line_and_counts_only_where_a_key_was_given() {
    let alter = |folder: &Path| {
        let files = write_log(folder, "proxy");
        let text = std::fs::read_to_string(&files[0]).unwrap();
        std::fs::write(&files[0], text.replacen("allow: entry 3", "allow: entry 9", 1)).unwrap();
    };
    let loose = scan(alter, &[]);
    assert_eq!(loose.outcome.code, 0, "{}", loose.outcome.stderr);
    let row = &loose.rows()[0];
    assert_eq!(row["status"], "broken");
    assert_eq!(
        (&row["first_bad_file"], &row["first_bad_line"]),
        (&"evidence-proxy-0.jsonl".into(), &4.into())
    );
    assert_eq!(row["break_reasons"][0], "hash_differs");
    assert_eq!(row["break_seqs"][0], 3);
    let line = "  broken        proxy in ";
    assert!(loose.outcome.stdout.contains(line), "{}", loose.outcome.stdout);
    assert!(
        loose.outcome.stdout.contains("evidence-proxy-0.jsonl, line 4 (byte "),
        "{}",
        loose.outcome.stdout
    );
    assert!(loose.page().contains("break 1 at entry 3: "));
    assert_eq!(scan(alter, &[key(7).public().hex()]).outcome.code, 4);
}

#[test]
fn a_log_that_another_key_signed_fails_and_no_log_at_all_is_incomplete() {
    let other = scan(|folder| drop(write_log(folder, "proxy")), &[key(8).public().hex()]);
    assert_eq!(other.outcome.code, 4);
    assert_eq!(other.rows()[0]["authenticated_through_seq"], Value::Null);
    let none = scan(
        |folder| std::fs::write(folder.join("e.har"), samples::har()).unwrap(),
        &[key(7).public().hex()],
    );
    assert_eq!(none.outcome.code, 3, "{}", none.outcome.stderr);
    assert!(none.rows().is_empty() && !none.page().contains("Audit logs"));
}

#[test]
fn folders_and_sessions_are_logs_of_their_own_and_a_shard_without_its_content_still_belongs_to_its_log() {
    let scan = scan(
        |folder| {
            write_log(&folder.join("a"), "one");
            write_log(&folder.join("a"), "two");
            let files = write_log(&folder.join("b"), "one");
            std::fs::write(&files[1], b"").unwrap();
            // Signed as nothing: a copy under a name that states no session.
            let log = std::fs::read(&files[0]).unwrap();
            std::fs::write(folder.join("copy.jsonl"), &log[..log.len() - 20]).unwrap();
        },
        &[],
    );
    let rows = scan.rows();
    let text = |row: &BTreeMap<String, Value>, name: &str| row[name].as_str().unwrap().to_owned();
    let found: Vec<_> = rows
        .iter()
        .map(|row| {
            let folder = text(row, "folder").rsplit('/').next().unwrap().to_owned();
            (folder, text(row, "session"), text(row, "status"))
        })
        .collect();
    let expected =
        [("a", "one", "intact"), ("a", "two", "intact"), ("b", "one", "broken"), ("in", "one", "torn_tail")];
    let expected = expected.map(|(folder, session, status)| (folder.into(), session.into(), status.into()));
    assert_eq!(found, expected);
    assert!(rows[2]["files"].as_u64().unwrap() > 1);
    assert!(rows[3]["torn_bytes"].as_u64().unwrap() > 20);
}

/// One shard only, named as such or not: the lines after the first still show what it is.
#[test]
fn a_first_line_that_was_destroyed_hides_no_log_from_a_scan_with_a_key() {
    let public = key(7).public().hex();
    for name in ["evidence-proxy-0.jsonl", "copy.jsonl"] {
        for first in ["\0\0\0\0", "gone", r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#] {
            let destroy = |folder: &Path| {
                let files = write_log(&folder.join("all"), "proxy");
                let text = std::fs::read_to_string(&files[0]).unwrap();
                std::fs::remove_dir_all(folder.join("all")).unwrap();
                let rest = text.split_once('\n').unwrap().1;
                std::fs::write(folder.join(name), format!("{first}\n{rest}")).unwrap();
            };
            let scan = scan(destroy, std::slice::from_ref(&public));
            assert_eq!(scan.outcome.code, 4, "{name} {first}: {}", scan.outcome.stderr);
            assert_eq!(
                (&scan.rows()[0]["status"], &scan.rows()[0]["first_bad_line"]),
                (&"broken".into(), &1.into())
            );
        }
    }
    // Named as a shard, and nothing of one.
    let other = |folder: &Path| {
        std::fs::write(folder.join("evidence-a-0.jsonl"), "{\"a\":1}\n{\"seq\":1}\n").unwrap();
    };
    assert!(scan(other, &[]).rows().is_empty());
}

#[test]
fn no_key_of_an_altered_line_is_shown_if_it_may_be_a_secret() {
    let token = samples::token();
    let scan = scan(
        |folder| {
            let files = write_log(folder, "proxy");
            let text = std::fs::read_to_string(&files[0]).unwrap();
            std::fs::write(&files[0], text.replacen("{\"v\"", &format!("{{\"{token}\":1,\"v\""), 1)).unwrap();
        },
        &[],
    );
    let row = &scan.rows()[0];
    assert_eq!(row["status"], "broken");
    let shown = [scan.page(), format!("{row:?}"), scan.outcome.stdout.clone()];
    assert!(shown.iter().all(|text| !text.contains(&token[8..])), "{row:?}");
}

#[test]
fn the_demo_has_an_intact_log() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("demo");
    let outcome = coldcase(["demo", dir.to_str().unwrap()]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let totals = output::manifest(&dir.join("report"))["totals"]["chains_by_status"].clone();
    assert_eq!(totals, serde_json::json!({ "intact": 1 }));
    assert!(outcome.stdout.contains("  intact        1 log; no key was given\n"), "{}", outcome.stdout);
}
