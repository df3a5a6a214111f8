//! Labelled cases: event records with the findings and the action that each must get, and why.
//!
//! One JSON file a case in `corpus/cases`. A credential in one is made up and cut by `{+}`, which is taken out here,
//! so that scanners of repositories, ours included, find nothing whole in the files.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// A labelled case.
#[derive(Debug, Clone)]
pub struct Case {
    /// The file's name without its ending.
    pub name: String,
    /// Why the expectation is right, in a sentence.
    pub why: String,
    /// The events of one session, in order, each with what it must get.
    pub steps: Vec<Step>,
}

/// An event record with its label.
#[derive(Debug, Clone)]
pub struct Step {
    /// The event record as a line, without line feed.
    pub record: String,
    /// The action that the policy `balanced` must take.
    pub action: String,
    /// `rule surface`, sorted and without repeats: all that must be found, and nothing besides.
    pub findings: Vec<String>,
    /// The decodings that one of the findings must name, outermost first; `None` where that is not the point.
    pub views: Option<Vec<String>>,
}

/// Reads every case, sorted by name.
pub fn load() -> io::Result<Vec<Case>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

#[expect(clippy::disallowed_methods, reason = "the cases are small files of this repository")]
fn read(path: &Path) -> io::Result<Case> {
    let wrong =
        |what: &str| io::Error::new(io::ErrorKind::InvalidData, format!("{}: {what}", path.display()));
    let text = std::fs::read_to_string(path)?.replace("{+}", "");
    let case: Value = serde_json::from_str(&text).map_err(|error| wrong(&error.to_string()))?;
    let why = case.get("why").and_then(Value::as_str).ok_or_else(|| wrong("no `why`"))?.to_owned();
    let steps = case.get("steps").and_then(Value::as_array).ok_or_else(|| wrong("no `steps`"))?;
    let steps = steps.iter().map(|step| read_step(step).ok_or_else(|| wrong("a step lacks a field")));
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Case { name, why, steps: steps.collect::<io::Result<_>>()? })
}

fn read_step(step: &Value) -> Option<Step> {
    let mut findings = words(step.get("findings")?)?;
    findings.sort();
    findings.dedup();
    Some(Step {
        record: step.get("record").filter(|record| record.is_object())?.to_string(),
        action: step.get("action")?.as_str()?.to_owned(),
        findings,
        views: step.get("views").map(words).unwrap_or_default(),
    })
}

fn words(list: &Value) -> Option<Vec<String>> {
    list.as_array()?.iter().map(|word| Some(word.as_str()?.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn cases_are_readable_and_there_are_many() {
        assert!(super::load().unwrap().len() >= 25);
    }
}
