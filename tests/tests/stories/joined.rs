//! One run of an agent in several files and formats: the recordings are told to be of one run, and those of another run, with
//! the same tools and another content or at another time, are not.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::Path;

use coldcase_engine::{Pack, Policy, Report, run};
use coldcase_model::{Anomaly, Basis, InputFacts, Judged, Show, TieKind};
use coldcase_readers::{InputSet, Limits, expand};

use super::formats::Format;
use super::script::{Script, incidents};

/// A pair of inputs that are told to be one run, with what that rests on.
type Joined = (u32, u32, Basis, TieKind);

#[derive(Default)]
struct Joins(Vec<Joined>);

impl Report for Joins {
    type Error = Infallible;
    fn judged(&mut self, judged: &Judged) -> Result<(), Infallible> {
        self.0.extend(judged.story.joins.iter().map(|join| {
            assert!(join.from < judged.head.id, "an earlier event");
            (join.from.artifact.0, judged.head.id.artifact.0, join.basis, join.by)
        }));
        Ok(())
    }
    fn anomaly(&mut self, anomaly: &Anomaly) -> Result<(), Infallible> {
        panic!("{}", anomaly.what);
    }
    fn input(&mut self, _: &InputFacts) -> Result<(), Infallible> {
        Ok(())
    }
}

/// What is joined of a folder's files, on so many threads.
fn joined(pack: &Pack, folder: &Path, threads: usize) -> Vec<Joined> {
    let limits = Limits::default();
    let mut inputs = InputSet::new(expand(&[folder.to_owned()], &limits).unwrap(), limits);
    let mut joins = Joins::default();
    let Ok(()) = run(&mut inputs, pack, &Policy::balanced(), Show::Redacted, threads, &mut joins, &|_| {});
    joins.0
}

/// Writes recordings under names that keep their order.
fn folder(recordings: &[(Format, &Script)]) -> tempfile::TempDir {
    let temp = tempfile::tempdir().unwrap();
    for (index, (format, script)) in recordings.iter().enumerate() {
        let (name, bytes) = format.write(script);
        std::fs::write(temp.path().join(format!("{index}-{name}")), bytes).unwrap();
    }
    temp
}

#[test]
fn recordings_of_one_run_in_other_formats_are_joined_on_any_number_of_threads() {
    let pack = coldcase_builtin::pack().unwrap();
    let script = &incidents()[0];
    // Files with a name of their own for the session: those that call it alike are one session as they are.
    let formats = [Format::Transcript, Format::Har, Format::ClaudeCode, Format::Capture];
    let temp = folder(&formats.map(|format| (format, script)));
    let found = joined(&pack, temp.path(), 1);
    let inputs: BTreeSet<(u32, u32)> = found.iter().map(|(from, to, ..)| (*from, *to)).collect();
    assert_eq!(inputs, BTreeSet::from([(0, 1), (0, 2), (0, 3)]), "{found:?}");
    assert!(found.iter().all(|(.., basis, by)| (*basis, *by) == (Basis::Inferred, TieKind::Content)));
    for threads in [2, 8] {
        assert_eq!(joined(&pack, temp.path(), threads), found);
    }
}

#[test]
fn recordings_of_other_runs_are_not_joined() {
    let pack = coldcase_builtin::pack().unwrap();
    let mut other = incidents()[0].clone();
    for step in &mut other.steps {
        step.result.push_str(" of another day");
    }
    let temp = folder(&[(Format::Transcript, &incidents()[0]), (Format::Har, &other)]);
    assert_eq!(joined(&pack, temp.path(), 2), []);
    let (_, bytes) = Format::Transcript.write(&incidents()[0]);
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("T10:00:00Z"));
    std::fs::write(temp.path().join("1-later.jsonl"), text.replace("T10:00:00Z", "T11:00:00Z")).unwrap();
    assert_eq!(joined(&pack, temp.path(), 2), [], "the same an hour later is another run");
}

#[test]
fn ids_that_recordings_share_link_them() {
    let pack = coldcase_builtin::pack().unwrap();
    let temp = tempfile::tempdir().unwrap();
    let line = |session: &str, field: &str, value: &str| {
        let request = serde_json::json!({ "method": "GET", "url": "https://hub.example.test/mcp", "headers": [[field, value]] });
        let record = serde_json::json!({ "v": 1, "kind": "http_request", "session": session, "direction": "egress", "request": request });
        format!("{record}\n")
    };
    let id = "0198c2d4-5f1e-7b11";
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let child = "00-4bf92f3577b34da6a3ce929d0e0e4736-53995c3f42cd8ad8-01";
    let files = [
        line("client", "Mcp-Session-Id", id),
        line("gateway", "mcp-session-id", id),
        line(id, "Accept", "*/*"),
        line("one", "traceparent", trace),
        line("two", "Traceparent", child),
        line("three", "Mcp-Session-Id", "0198c2d4-5f1e-7b12"),
    ];
    for (index, text) in files.iter().enumerate() {
        std::fs::write(temp.path().join(format!("{index}.jsonl")), text).unwrap();
    }
    let linked = |from, to, by| (from, to, Basis::Linked, by);
    assert_eq!(
        joined(&pack, temp.path(), 2),
        [linked(0, 1, TieKind::McpSession), linked(0, 2, TieKind::McpSession), linked(3, 4, TieKind::Trace)]
    );
}

#[test]
fn a_run_is_shown_by_time_over_its_recordings_with_what_is_the_same() {
    let script = &incidents()[0];
    let temp = folder(&[(Format::Transcript, script), (Format::ClaudeCode, script)]);
    let out = tempfile::tempdir().unwrap();
    let report = out.path().join("report");
    let (input, report) = (temp.path().to_str().unwrap(), report.to_str().unwrap());
    let scanned = crate::command::coldcase(["scan", input, "-q", "-o", report]);
    assert_eq!(scanned.code, 0, "{}", scanned.stderr);
    let shown = crate::command::coldcase(["timeline", report, "--worst", "--joined", "--all"]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    let at = |needle: &str| shown.stdout.find(needle);
    assert!(at("\n  A  ").is_some() && at("\n  B  ").is_some(), "{}", shown.stdout);
    assert!(at("same_as 0:").is_some(), "{}", shown.stdout);
    let alone = crate::command::coldcase(["timeline", report, "--worst", "--all"]);
    assert!(alone.stdout.lines().count() < shown.stdout.lines().count());
}
