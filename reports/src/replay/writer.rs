//! The folder of a replay: `report.html`, `changes.jsonl`, `tables/verdict_changes.parquet`, `tables/inputs.parquet`, `manifest.json`.

use std::fs;
use std::path::{Path, PathBuf};

use coldcase_model::{Anomaly, Digest, InputFacts, Replayed, RulesetFacts, RunFacts};

use super::lines::ChangeLine;
use super::page;
use super::sums::ReplaySummary;
use crate::ReportError;
use crate::manifest::Manifest;
use crate::output::TextFile;
use crate::schema::{Inputs, VerdictChanges};
use crate::tables::TableFile;

/// What judges on both sides.
#[derive(Debug, Clone, Default)]
pub struct RulesetPair {
    /// The baseline; `None` where it is what was recorded.
    pub baseline: Option<RulesetFacts>,
    /// The candidate.
    pub candidate: RulesetFacts,
}

/// Counts a replay and writes its report, if there is a folder for one.
pub struct ReplayWriter {
    summary: ReplaySummary,
    files: Option<Files>,
}

struct Files {
    dir: PathBuf,
    manifest: Manifest,
    lines: TextFile,
    changes: TableFile<VerdictChanges>,
    inputs: TableFile<Inputs>,
}

impl ReplayWriter {
    /// Counts only.
    pub fn counting() -> Self {
        Self { summary: ReplaySummary::default(), files: None }
    }

    /// Starts a report in `dir`, which exists and is empty.
    pub fn create(dir: &Path, version: &'static str, rulesets: &RulesetPair) -> Result<Self, ReportError> {
        let tables = dir.join("tables");
        fs::create_dir(&tables).map_err(|cause| ReportError::Create { path: tables, cause })?;
        let files = Files {
            dir: dir.to_owned(),
            manifest: Manifest::create(dir, &run_facts(version, &rulesets.candidate))?,
            lines: TextFile::create(dir, "changes.jsonl")?,
            changes: TableFile::create(dir, version)?,
            inputs: TableFile::create(dir, version)?,
        };
        Ok(Self { summary: ReplaySummary::default(), files: Some(files) })
    }

    /// Counts an event, and writes it if it changed.
    pub fn event(&mut self, replayed: &Replayed) -> Result<(), ReportError> {
        self.summary.add(replayed);
        let Some(files) = self.files.as_mut().filter(|_| replayed.is_changed()) else { return Ok(()) };
        files.lines.json(&ChangeLine::of(replayed))?;
        files.lines.text("\n")?;
        files.changes.push(replayed)
    }

    /// Counts an anomaly.
    pub fn anomaly(&mut self, anomaly: &Anomaly) {
        self.summary.run.add_anomaly(anomaly);
    }

    /// Writes an input, after all of its events.
    pub fn input(&mut self, facts: &InputFacts) -> Result<(), ReportError> {
        self.summary.input(facts);
        let Some(files) = &mut self.files else { return Ok(()) };
        files.manifest.input(facts)?;
        files.inputs.push(facts)
    }

    /// Closes all files, and writes page and manifest.
    pub fn finish(
        self,
        version: &'static str,
        rulesets: &RulesetPair,
        configuration: &[(String, Digest, u64)],
    ) -> Result<ReplaySummary, ReportError> {
        let Self { summary, files } = self;
        let Some(files) = files else { return Ok(summary) };
        let mut file = TextFile::create(&files.dir, "report.html")?;
        page::write(version, rulesets, &summary, &mut file)?;
        let mut outputs =
            vec![file.seal()?, files.lines.seal()?, files.changes.seal()?, files.inputs.seal()?];
        outputs.sort_by(|a, b| a.path.cmp(&b.path));
        files.manifest.seal(configuration, &outputs, &summary.run)?;
        Ok(summary)
    }
}

/// The candidate's run, as a scan would name it.
pub(super) fn run_facts(version: &'static str, candidate: &RulesetFacts) -> RunFacts {
    RunFacts {
        version,
        policy: candidate.policy.clone(),
        policy_sha256: candidate.policy_sha256,
        packs: candidate.packs.clone(),
        rules: candidate.rules,
    }
}
