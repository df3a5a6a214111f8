//! Baselines as their users meet them: made, scanned with, accepted into, listed, pruned.

mod hostile;
mod imported;
mod kept;
mod marked;
mod scanned;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::command::{Outcome, coldcase};
use crate::output;

/// A folder with recordings, a baseline and reports.
pub(super) struct Bench {
    temp: tempfile::TempDir,
}

impl Bench {
    /// An empty baseline beside these recordings.
    pub(super) fn new(recordings: &[(&str, &str)]) -> Self {
        let bench = Self { temp: tempfile::tempdir().unwrap() };
        std::fs::create_dir(bench.path("in")).unwrap();
        for (name, text) in recordings {
            bench.record(name, text);
        }
        let made = coldcase(["baseline", "create", &bench.text("accepted.jsonl")]);
        assert_eq!(made.code, 0, "{}", made.stderr);
        bench
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Writes a recording, in the place of the one that is there.
    pub(super) fn record(&self, name: &str, text: &str) {
        std::fs::write(self.path("in").join(name), text).unwrap();
    }

    pub(super) fn baseline(&self) -> String {
        std::fs::read_to_string(self.path("accepted.jsonl")).unwrap()
    }

    /// Scans all recordings with the baseline into a folder of this name.
    pub(super) fn scan(&self, name: &str, more: &[&str]) -> (Outcome, PathBuf) {
        let (input, out, file) = (self.text("in"), self.text(name), self.text("accepted.jsonl"));
        let mut args = vec!["scan", &input, "-o", &out, "--force", "--baseline", &file];
        args.extend(more);
        (coldcase(args), self.path(name))
    }

    /// Accepts findings of a report.
    pub(super) fn accept(&self, name: &str, which: &[&str]) -> Outcome {
        let (file, out) = (self.text("accepted.jsonl"), self.text(name));
        let mut args = vec!["baseline", "accept", &file, &out];
        args.extend(which);
        args.extend(["--reason", "a key of the test tenant", "--author", "ann", "--expires", "30d"]);
        coldcase(args)
    }
}

/// The findings of a rule.
pub(super) fn of_rule(report: &Path, rule: &str) -> Vec<Value> {
    output::findings(report).into_iter().filter(|finding| finding["rule"] == rule).collect()
}

pub(super) fn is_suppressed(finding: &Value) -> bool {
    finding["suppressed"].is_string()
}

/// The rule of [`crate::samples::token`].
pub(super) const TOKEN_RULE: &str = "dlp.github.pat-classic";

/// An event record: a body that is posted.
pub(super) fn posted(id: &str, host: &str, body: &Value) -> String {
    posted_to(id, &format!("https://{host}/notes"), body)
}

/// The same, to any URL.
pub(super) fn posted_to(id: &str, url: &str, body: &Value) -> String {
    let headers = json!([["Content-Type", "application/json"]]);
    let request =
        json!({ "method": "POST", "url": url, "headers": headers, "body": { "text": body.to_string() } });
    let record = json!({ "v": 1, "id": id, "kind": "http_request", "session": format!("of {id}"), "request": request });
    format!("{record}\n")
}
