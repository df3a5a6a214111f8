//! Rule sets of other tools, as their users meet them: `rules import`, `rules sign`, `--pack-key`.
//!
//! The rule sets are short and made up here. Those that the tools ship are read where `COLDCASE_RULESETS` names a folder
//! with them (`published.rs`).

mod broken;
mod gitleaks;
mod kingfisher;
mod pipelock;
mod published;
mod signed;
mod yara;
mod yara_broken;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::command::{Outcome, coldcase, coldcase_with};

/// A folder for one test.
struct Bench {
    temp: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { temp: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> String {
        self.temp.path().join(name).to_str().unwrap().to_owned()
    }

    fn put(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        if let Some(folder) = Path::new(&path).parent() {
            std::fs::create_dir_all(folder).unwrap();
        }
        std::fs::write(&path, text).unwrap();
        path
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Imports a file, holds the pack to `lint` and `test`, and gives the account.
    fn imported(&self, source: &str) -> Value {
        let pack = self.path("pack.yaml");
        let run = coldcase(["rules", "import", source, "-o", pack.as_str(), "--json"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        Self::held(&pack);
        serde_json::from_str(&run.stdout).unwrap()
    }

    /// Holds a pack to what the engine says of it.
    fn held(pack: &str) {
        let lint = coldcase(["rules", "lint", pack]);
        assert_eq!(lint.code, 0, "{}\n{}", lint.stdout, std::fs::read_to_string(pack).unwrap());
        let test = coldcase(["rules", "test", pack]);
        assert_eq!(test.code, 0, "{}", test.stdout);
    }

    /// The rules of the pack that find something in a text of this direction and surface.
    fn found(&self, direction: &str, surface: &str, text: &str) -> Vec<String> {
        let run = self.judge(
            &[],
            &json!({"kind": "text", "direction": direction, "text": {"text": text, "surface": surface}}),
        );
        let findings = run["findings"].as_array().unwrap();
        let mut rules: Vec<String> =
            findings.iter().map(|one| one["rule"].as_str().unwrap().to_owned()).collect();
        rules.dedup();
        rules
    }

    /// What the pack makes of an event.
    fn judge(&self, more: &[&str], event: &Value) -> Value {
        let mut record = event.clone();
        record["v"] = json!(1);
        let pack = self.path("pack.yaml");
        let args = [&["judge", "--pack", pack.as_str(), "--only-packs"], more].concat();
        let run = coldcase_with(args, format!("{record}\n").as_bytes());
        assert_eq!(run.code, 0, "{}", run.stderr);
        serde_json::from_str(run.stdout.lines().next().unwrap()).unwrap()
    }
}

/// The account of one rule: the outcome, and the codes of its changes or its reason.
fn account(all: &Value, rule: &str) -> (String, Vec<String>) {
    let rules = all["rules"].as_array().unwrap();
    let one = rules
        .iter()
        .find(|one| one["rule"] == rule)
        .unwrap_or_else(|| panic!("no account of {rule}: {all:#}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let codes = match one["reason"].as_str() {
        Some(reason) => vec![reason.to_owned()],
        None => one["changes"].as_array().unwrap().iter().map(|change| text(&change["change"])).collect(),
    };
    (text(&one["outcome"]), codes)
}

/// What the changes of a rule are about: each code with its detail.
fn details(all: &Value, rule: &str) -> Vec<(String, String)> {
    let one = all["rules"].as_array().unwrap().iter().find(|one| one["rule"] == rule).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    one["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| (text(&change["change"]), text(&change["detail"])))
        .collect()
}

/// Codes with details, to compare with.
fn about(changes: &[(&str, &str)]) -> Vec<(String, String)> {
    changes.iter().map(|&(code, detail)| (code.to_owned(), detail.to_owned())).collect()
}

/// The settings that the account names, each with its detail.
fn settings(all: &Value) -> std::collections::BTreeMap<&str, &str> {
    all["settings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["setting"].as_str().unwrap(), one["detail"].as_str().unwrap()))
        .collect()
}

/// An outcome with its codes, to compare with.
fn told(outcome: &str, codes: &[&str]) -> (String, Vec<String>) {
    (outcome.to_owned(), codes.iter().map(|&code| code.to_owned()).collect())
}

fn run(args: &[&str]) -> Outcome {
    coldcase(args)
}

/// A folder of rule sets that tools ship, if one is named.
fn published() -> Option<PathBuf> {
    std::env::var_os("COLDCASE_RULESETS").map(PathBuf::from)
}
