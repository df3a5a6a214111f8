//! A report as a whole, written to a folder and read back.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{TimestampNanosecondType, UInt16Type, UInt64Type};
use arrow_array::{Array as _, RecordBatch};
use coldcase_model::{Chain, Digest, Excerpt, InputState, Redactor, RuleInfo, Severity};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::{ReportWriter, Summary, sample, summary_text, verdict_record};

/// Enough for two batches and an incomplete third.
const EVENTS: u64 = 40_000;

fn written(events: u64) -> (TempDir, Summary) {
    let dir = TempDir::new().unwrap();
    let mut report = ReportWriter::create(dir.path(), sample::run()).unwrap();
    let rules = sample::rules();
    for index in 0..events {
        report.event(&sample::judged(&rules, 0, index)).unwrap();
    }
    report.input(&sample::input(0, "a.jsonl", events)).unwrap();
    report.anomaly(&sample::anomaly(1, 0)).unwrap();
    report.input(&sample::broken(1, "cut.har", InputState::Partial, 500)).unwrap();
    report.input(&sample::broken(2, "core.dump", InputState::NotScanned, 70)).unwrap();
    report.input(&sample::broken(3, "locked", InputState::Failed, 9)).unwrap();
    report.chain(&sample::intact_chain()).unwrap();
    report.chain(&sample::broken_chain()).unwrap();
    let summary = report.finish(&[("policy.yaml".to_owned(), Digest([1; 32]), 12)]).unwrap();
    (dir, summary)
}

fn bytes(dir: &Path, name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    File::open(dir.join(name)).unwrap().read_to_end(&mut out).unwrap();
    out
}

fn text(dir: &Path, name: &str) -> String {
    String::from_utf8(bytes(dir, name)).unwrap()
}

fn table(dir: &Path, name: &str) -> Vec<RecordBatch> {
    let file = File::open(dir.join(format!("tables/{name}.parquet"))).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    reader.map(Result::unwrap).collect()
}

fn rows(dir: &Path, name: &str) -> usize {
    table(dir, name).iter().map(RecordBatch::num_rows).sum()
}

#[test]
fn a_writer_can_be_given_a_thread_of_its_own() {
    fn is_send<T: Send>() {}
    is_send::<ReportWriter>();
}

#[test]
fn tables_read_back_with_every_row() {
    let (dir, summary) = written(EVENTS);
    let all = usize::try_from(EVENTS).unwrap();
    assert_eq!((rows(dir.path(), "events"), rows(dir.path(), "verdicts")), (all, all));
    assert_eq!(rows(dir.path(), "findings") as u64, summary.findings);
    assert_eq!(rows(dir.path(), "inputs"), 4);
    assert_eq!((rows(dir.path(), "anomalies"), rows(dir.path(), "runs")), (1, 1));
    assert_eq!((rows(dir.path(), "chains"), summary.chains), (2, 2));
    assert_eq!(
        rows(dir.path(), "coverage"),
        4,
        "scanned, framing, lost, opaque; a failed input has no account"
    );
    assert_eq!(text(dir.path(), "findings.jsonl").lines().count() as u64, summary.findings);
}

#[test]
fn values_read_back_typed_and_what_is_absent_is_null() {
    let (dir, _) = written(10);
    let events = &table(dir.path(), "events")[0];
    let column = |name: &str| events.column_by_name(name).unwrap();
    assert_eq!(column("offset").as_primitive::<UInt64Type>().value(3), 3 * 911);
    let times = column("time").as_primitive::<TimestampNanosecondType>();
    assert_eq!(times.value(0), 1_772_359_200_120_000_000);
    assert!(times.is_null(3));
    assert_eq!(times.timezone(), Some("UTC"));
    let status = column("status").as_primitive::<UInt16Type>();
    assert!(status.is_null(0));
    assert_eq!(status.value(1), 201);
    assert_eq!(column("target").as_string::<i32>().value(1), "https://api.example/v1/items/1");
    assert!(column("target").is_null(0) && column("name").is_null(0) && column("pair_event").is_null(1));
    let findings = &table(dir.path(), "findings")[0];
    let views = findings.column_by_name("views").unwrap().as_list::<i32>().value(2);
    let views: Vec<_> = views.as_string::<i32>().iter().flatten().collect();
    assert_eq!(views, ["html_entities", "unicode_fold"]);
    assert!(findings.column_by_name("pointer").unwrap().is_null(3));
}

#[test]
fn a_table_describes_its_own_columns() {
    let (dir, _) = written(1);
    let file = File::open(dir.path().join("tables/events.parquet")).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let doc = &reader.schema().field_with_name("offset").unwrap().metadata()["doc"];
    assert!(doc.ends_with("Unit: bytes."), "{doc}");
    let metadata = reader.metadata().file_metadata();
    let value = |key: &str| {
        let pair = metadata.key_value_metadata().unwrap().iter().find(|pair| pair.key == key);
        pair.unwrap().value.clone().unwrap()
    };
    assert_eq!(value("coldcase.version"), "0.1.0");
    let columns: Value = serde_json::from_str(&value("coldcase.columns")).unwrap();
    assert_eq!(columns[3]["name"], "offset");
    assert_eq!(columns[3]["unit"], "bytes");
    assert!(metadata.created_by().unwrap().starts_with("parquet-rs version "));
}

#[test]
fn two_writes_are_byte_identical_and_the_manifest_names_them() {
    let ((one, _), (two, _)) = (written(3000), written(3000));
    let manifest: Value = serde_json::from_str(&text(one.path(), "manifest.json")).unwrap();
    assert_eq!(text(one.path(), "manifest.json"), text(two.path(), "manifest.json"));
    let outputs = manifest["outputs"].as_array().unwrap();
    assert_eq!(outputs.len(), 16);
    for output in outputs {
        let name = output["path"].as_str().unwrap();
        let written = bytes(one.path(), name);
        assert!(written == bytes(two.path(), name), "{name}");
        assert_eq!(output["bytes"], written.len());
        assert_eq!(output["sha256"], Digest(Sha256::digest(&written).into()).to_string(), "{name}");
    }
    assert_eq!(manifest["schema"], "coldcase.manifest/1");
    assert_eq!(manifest["inputs"][3]["state"], "failed");
    assert_eq!(manifest["inputs"][3]["sha256"], Value::Null);
    assert_eq!(manifest["totals"]["findings_by_severity"]["low"], 31);
    assert_eq!(manifest["configuration"][0]["name"], "policy.yaml");
    assert_eq!(fs::read_dir(one.path()).unwrap().count(), 4, "nothing but what is documented");
}

#[test]
fn a_finding_line_has_the_names_of_the_table() {
    let (dir, _) = written(2);
    let lines = text(dir.path(), "findings.jsonl");
    let line: Value = serde_json::from_str(lines.lines().nth(1).unwrap()).unwrap();
    let columns: Vec<_> = table(dir.path(), "findings")[0]
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .filter(|name| !["owasp", "atlas", "attack", "cwe"].contains(&name.as_str()))
        .collect();
    let keys = line.as_object().unwrap();
    assert!(columns.iter().all(|name| keys.contains_key(name)));
    assert_eq!(keys.len(), columns.len() + 2, "gain and refs");
    assert_eq!(line["event"], "0:1");
    assert_eq!(line["time"], "2026-03-01T10:00:01.430Z");
    assert_eq!(line["refs"]["owasp"][0], "LLM01:2025");
    assert_eq!(line["direction"], Value::Null);
}

#[test]
fn the_page_escapes_what_comes_from_the_input_and_runs_nothing() {
    let (dir, _) = written(100);
    let page = text(dir.path(), "report.html");
    assert!(!page.contains("<script"));
    assert!(page.contains("&#60;script&#62;alert(&#34;&#38;&#34;)"));
    assert!(page.contains("default-src 'none'"));
    for outside in ["http-equiv=\"refresh\"", "<img", "<link", "<iframe", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn an_audit_log_is_a_row_with_its_lists_side_by_side() {
    let (dir, summary) = written(1);
    let chains = &table(dir.path(), "chains")[0];
    let column = |name: &str| chains.column_by_name(name).unwrap();
    let texts = |name: &str, row: usize| {
        let list = column(name).as_list::<i32>().value(row);
        list.as_string::<i32>().iter().map(|text| text.unwrap().to_owned()).collect::<Vec<_>>()
    };
    let numbers = |name: &str, row: usize| {
        let list = column(name).as_list::<i32>().value(row);
        list.as_primitive::<UInt64Type>().iter().collect::<Vec<_>>()
    };
    assert_eq!(column("status").as_string::<i32>().value(1), "broken");
    assert!(
        column("first_bad_file").is_null(0)
            && column("receipts").is_null(0)
            && column("torn_bytes").is_null(0)
    );
    assert_eq!(column("first_bad_line").as_primitive::<UInt64Type>().value(1), 41);
    assert_eq!(texts("break_reasons", 1), ["hash_differs", "hash_differs", "unreadable"]);
    assert_eq!(numbers("break_seqs", 1), [Some(40), Some(41), None]);
    assert_eq!(texts("break_files", 1)[1..], ["evidence-proxy-0.jsonl", ""]);
    assert_eq!(numbers("stretch_last_seqs", 1), [Some(39), Some(99)]);
    assert_eq!(numbers("key_last_seqs", 0), [Some(98)]);
    assert!(numbers("break_seqs", 0).is_empty());
    assert_eq!((summary.failed_chains, summary.sound_chains), (1, 1));
    let manifest: Value = serde_json::from_str(&text(dir.path(), "manifest.json")).unwrap();
    assert_eq!(manifest["totals"]["chains_by_status"], serde_json::json!({ "intact": 1, "broken": 1 }));
}

#[test]
fn the_page_shows_audit_logs_with_those_that_failed_first() {
    let (dir, _) = written(1);
    let page = text(dir.path(), "report.html");
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text}"));
    assert!(at("<a href=\"#chains\">") < at("<section id=\"chains\">"));
    assert!(at("session <bdi dir=\"ltr\">&#60;script&#62;") < at("session <bdi dir=\"ltr\">proxy"));
    assert!(page.contains("title>break 1 at entry 40: the entry does not have the hash that it states<"));
    assert!(page.contains("entries <span>0 to 39,</span> <span>42 to 99</span>"));
    let names =
        ["Consistent", "Authenticated", "Complete", "Damage"].map(|name| at(&format!("<dt>{name}</dt>")));
    assert!(names.is_sorted());
    assert!(at("1 of 2 audit logs failed") < at("<section id=\"coverage\">"));
}

#[test]
fn a_page_without_audit_logs_does_not_speak_of_them() {
    let dir = TempDir::new().unwrap();
    let mut report = ReportWriter::create(dir.path(), sample::run()).unwrap();
    report.input(&sample::input(0, "a.jsonl", 1)).unwrap();
    report.finish(&[]).unwrap();
    assert!(!text(dir.path(), "report.html").to_lowercase().contains("audit log"));
    assert_eq!(rows(dir.path(), "chains"), 0);
}

#[test]
fn the_terminal_names_each_audit_log_that_is_not_as_it_should_be() {
    let dir = TempDir::new().unwrap();
    let mut report = ReportWriter::create(dir.path(), sample::run()).unwrap();
    report.chain(&sample::intact_chain()).unwrap();
    report.chain(&sample::broken_chain()).unwrap();
    let unpinned = Chain { authenticated_through_seq: None, ..sample::intact_chain() };
    report.chain(&unpinned).unwrap();
    let text = summary_text(&report.finish(&[]).unwrap());
    let logs: Vec<_> = text.lines().skip_while(|line| *line != "Audit logs").collect();
    assert_eq!(
        logs,
        [
            "Audit logs",
            "  broken        <script>alert(1)</script> in logs: evidence-proxy-0.jsonl, line 41 (byte 16400), \
             and 2 breaks more",
            "  intact        proxy in logs; no given key vouches for it",
            "  intact        1 log; a given key vouches for entries",
        ]
    );
}

#[test]
fn a_hostile_label_cannot_leave_its_attribute() {
    let dir = TempDir::new().unwrap();
    let mut report = ReportWriter::create(dir.path(), sample::run()).unwrap();
    let mut judged = sample::judged(&sample::rules(), 0, 0);
    judged.labels.recorded_verdict = Redactor::default().label(b"\"><script>x</script>");
    report.event(&judged).unwrap();
    report.input(&sample::input(0, "\"onload='x'><script>", 1)).unwrap();
    report.finish(&[]).unwrap();
    assert!(!text(dir.path(), "report.html").contains("<script"));
}

#[test]
fn a_run_in_which_nothing_was_read_is_never_called_clean() {
    let dir = TempDir::new().unwrap();
    let mut report = ReportWriter::create(dir.path(), sample::run()).unwrap();
    report.input(&sample::broken(0, "core.dump", InputState::NotScanned, 70)).unwrap();
    let summary = report.finish(&[]).unwrap();
    let page = text(dir.path(), "report.html");
    assert!(page.contains("Warning") && page.contains("Nothing could be read"));
    assert!(!page.contains("No findings") && !page.contains("None in what was scanned"));
    let text = summary_text(&summary);
    assert!(text.starts_with("Nothing could be read\n") && !text.contains("No findings"), "{text}");
    assert!(text.contains("not_scanned") && text.contains("core.dump"), "{text}");
}

#[test]
fn no_findings_says_of_how_much() {
    let dir = TempDir::new().unwrap();
    let mut report = ReportWriter::create(dir.path(), sample::run()).unwrap();
    report.event(&sample::judged(&sample::rules(), 0, 50)).unwrap();
    report.input(&sample::input(0, "a.jsonl", 1)).unwrap();
    report.input(&sample::broken(1, "core.dump", InputState::NotScanned, 70)).unwrap();
    report.input(&sample::broken(2, "locked", InputState::Failed, 9)).unwrap();
    let text = summary_text(&report.finish(&[]).unwrap());
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("No findings in 900 bytes scanned of 990 bytes"));
    assert_eq!(
        lines.next(),
        Some(
            "79 bytes were not scanned (70 bytes opaque, 9 bytes never opened); \
             11 bytes of framing carry no content."
        )
    );
    assert_eq!(lines.next(), Some("2 of 3 inputs were not read in full."));
}

#[test]
fn the_page_keeps_rare_rules_when_others_are_noisy() {
    let rules: Vec<_> = (0..40)
        .map(|at| Arc::new(RuleInfo { id: format!("r{at:02}").into(), ..(*sample::rules()[2]).clone() }))
        .collect();
    let mut worst = crate::WorstFindings::default();
    for index in 0..4000 {
        let mut judged = sample::judged(&sample::rules(), 0, index * 97 + 2);
        let mut finding = judged.findings.remove(0);
        finding.rule = rules[usize::try_from(index % 39).unwrap()].clone();
        worst.add(&judged, &finding);
    }
    let judged = sample::judged(&sample::rules(), 0, 2);
    let rare = coldcase_model::Finding { rule: rules[39].clone(), ..judged.findings[0].clone() };
    worst.add(&judged, &rare);
    assert_eq!(worst.shown(), 500);
    assert!(worst.rules().all(|rule| !rule.shown.is_empty() && rule.rule.severity == Severity::High));
    assert_eq!(worst.rules().map(|rule| rule.count).sum::<u64>(), 4001);
}

#[test]
fn a_verdict_record_has_the_documented_form() {
    let judged = sample::judged(&sample::rules(), 0, 0);
    let record = serde_json::to_value(verdict_record(&judged)).unwrap();
    assert_eq!(record["v"], 1);
    assert_eq!(record["id"], "1");
    assert_eq!(record["time"], "2026-03-01T10:00:00.120Z");
    assert_eq!(record["action"], "block");
    assert_eq!(record["risk"]["level"], "high");
    assert_eq!(record["findings"][0]["views"][0], "base64");
    assert_eq!(record["findings"][0]["span"], serde_json::json!([12, 52]));
    let mut bare = sample::judged(&sample::rules(), 0, 3);
    bare.labels.session = Excerpt::default();
    let record = serde_json::to_value(verdict_record(&bare)).unwrap();
    assert!(record.get("time").is_none() && record.get("session").is_none());
}
