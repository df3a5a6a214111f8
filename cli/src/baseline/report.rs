//! The findings of a report that carry a fingerprint: what can be accepted, and what is still seen.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, bail};
use coldcase_model::{Fingerprint, Severity};
use serde::Deserialize;

/// A finding of a report.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Candidate {
    pub(crate) finding: String,
    pub(crate) rule: String,
    pub(crate) severity: Severity,
    pub(crate) surface: String,
    pub(crate) pointer: Option<String>,
    /// `None` for conclusions about a session, and in reports without a baseline.
    pub(crate) fingerprint: Option<String>,
    pub(crate) suppressed: Option<String>,
    pub(crate) excerpt: Option<String>,
}

impl Candidate {
    /// Its fingerprint.
    pub(crate) fn print(&self) -> Option<Fingerprint> {
        self.fingerprint.as_deref().and_then(Fingerprint::from_hex)
    }
}

/// The findings of a report, in its order, given one after another.
pub(crate) fn candidates(
    out: &Path,
    mut each: impl FnMut(Candidate) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let path = out.join("findings.jsonl");
    let file = File::open(&path)
        .with_context(|| format!("{} is no report: cannot open {}", out.display(), path.display()))?;
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let line = line.with_context(|| format!("cannot read {}", path.display()))?;
        let finding = serde_json::from_str(&line)
            .with_context(|| format!("{}, line {}, is no finding", path.display(), number + 1))?;
        each(finding)?;
    }
    Ok(())
}

/// Makes sure that a report's fingerprints were made with this key.
pub(crate) fn made_with(out: &Path, key: &str) -> anyhow::Result<()> {
    #[derive(Deserialize)]
    struct Manifest {
        configuration: Vec<Configured>,
    }
    #[derive(Deserialize)]
    struct Configured {
        name: String,
    }
    let path = out.join("manifest.json");
    let file = File::open(&path)
        .with_context(|| format!("{} is no report: cannot open {}", out.display(), path.display()))?;
    let manifest: Manifest = serde_json::from_reader(BufReader::new(file))
        .with_context(|| format!("{} is no manifest", path.display()))?;
    let part = format!(", key {key}, as of ");
    let named = |one: &Configured| one.name.starts_with("baseline ") && one.name.contains(part.as_str());
    if !manifest.configuration.iter().any(named) {
        bail!(
            "{} was not scanned with this baseline, so its findings have no fingerprints that it knows; scan with --baseline",
            out.display()
        );
    }
    Ok(())
}
