//! The report of a run: takes what was judged, in input order, and writes every file of the folder.

use std::fs;
use std::path::{Path, PathBuf};

use coldcase_model::{Anomaly, Chain, Digest, InputFacts, Judged, RunFacts, Story, Unfollowed};

use crate::jsonl::FindingLine;
use crate::manifest::Manifest;
use crate::output::TextFile;
use crate::schema::{
    Anomalies, Arguments, Chains, Coverage, CoverageRow, Edges, Events, FindingRow, Findings, Inputs, Joins,
    Risks, RunRow, Runs, Told, ToolChanges, Tools, Verdicts,
};
use crate::tables::TableFile;
use crate::{ReportError, Summary, html};

/// Writes a report.
///
/// Memory is bounded however long the run: tables hold one batch and one row group each, lists that the page
/// shows are capped, everything else is counted.
pub struct ReportWriter {
    dir: PathBuf,
    run: RunFacts,
    summary: Summary,
    manifest: Manifest,
    findings_jsonl: TextFile,
    inputs: TableFile<Inputs>,
    events: TableFile<Events>,
    findings: TableFile<Findings>,
    verdicts: TableFile<Verdicts>,
    coverage: TableFile<Coverage>,
    anomalies: TableFile<Anomalies>,
    chains: TableFile<Chains>,
    risk: TableFile<Risks>,
    edges: TableFile<Edges>,
    tools: TableFile<Tools>,
    tool_changes: TableFile<ToolChanges>,
    joins: TableFile<Joins>,
    arguments: TableFile<Arguments>,
    runs: TableFile<Runs>,
}

impl ReportWriter {
    /// Starts a report in `dir`, which exists and is empty: the caller makes it beside the final folder and
    /// renames it when [`ReportWriter::finish`] has returned.
    pub fn create(dir: &Path, run: RunFacts) -> Result<Self, ReportError> {
        let tables = dir.join("tables");
        fs::create_dir(&tables).map_err(|cause| ReportError::Create { path: tables, cause })?;
        let version = run.version;
        Ok(Self {
            dir: dir.to_owned(),
            summary: Summary::default(),
            manifest: Manifest::create(dir, &run)?,
            run,
            findings_jsonl: TextFile::create(dir, "findings.jsonl")?,
            inputs: TableFile::create(dir, version)?,
            events: TableFile::create(dir, version)?,
            findings: TableFile::create(dir, version)?,
            verdicts: TableFile::create(dir, version)?,
            coverage: TableFile::create(dir, version)?,
            anomalies: TableFile::create(dir, version)?,
            chains: TableFile::create(dir, version)?,
            risk: TableFile::create(dir, version)?,
            edges: TableFile::create(dir, version)?,
            tools: TableFile::create(dir, version)?,
            tool_changes: TableFile::create(dir, version)?,
            joins: TableFile::create(dir, version)?,
            arguments: TableFile::create(dir, version)?,
            runs: TableFile::create(dir, version)?,
        })
    }

    /// Writes a judged event: its row, its verdict and its findings.
    pub fn event(&mut self, judged: &Judged) -> Result<(), ReportError> {
        self.summary.add_event(judged);
        self.events.push(judged)?;
        self.verdicts.push(judged)?;
        for finding in &judged.findings {
            let row = FindingRow { judged, finding };
            self.findings.push(row)?;
            self.findings_jsonl.json(&FindingLine::from(row))?;
            self.findings_jsonl.text("\n")?;
        }
        let Story { signals, edges, tools, changes, joins, arguments } = &judged.story;
        signals.iter().try_for_each(|told| self.risk.push(Told { judged, told }))?;
        edges.iter().try_for_each(|told| self.edges.push(Told { judged, told }))?;
        tools.iter().try_for_each(|told| self.tools.push(Told { judged, told }))?;
        changes.iter().try_for_each(|told| self.tool_changes.push(Told { judged, told }))?;
        joins.iter().try_for_each(|told| self.joins.push(Told { judged, told }))?;
        arguments.iter().try_for_each(|told| self.arguments.push(Told { judged, told }))
    }

    /// Writes an anomaly.
    pub fn anomaly(&mut self, anomaly: &Anomaly) -> Result<(), ReportError> {
        self.summary.add_anomaly(anomaly);
        self.anomalies.push(anomaly)
    }

    /// Writes an input, after all of its events and anomalies.
    pub fn input(&mut self, facts: &InputFacts) -> Result<(), ReportError> {
        self.summary.add_input(facts);
        self.manifest.input(facts)?;
        self.inputs.push(facts)?;
        CoverageRow::all(facts).try_for_each(|row| self.coverage.push(row))
    }

    /// Writes what the verification of an audit log came to.
    pub fn chain(&mut self, chain: &Chain) -> Result<(), ReportError> {
        self.summary.add_chain(chain);
        self.chains.push(chain)
    }

    /// Takes in what was not followed from event to event.
    pub fn unfollowed(&mut self, unfollowed: Unfollowed) {
        self.summary.unfollowed = unfollowed;
    }

    /// What the run has come to so far.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Closes all files and writes `report.html` and `manifest.json`.
    ///
    /// `configuration` names the files that the run was set up with: name, SHA-256, size in bytes.
    pub fn finish(mut self, configuration: &[(String, Digest, u64)]) -> Result<Summary, ReportError> {
        self.runs.push(RunRow { run: &self.run, summary: &self.summary })?;
        let mut page = TextFile::create(&self.dir, "report.html")?;
        html::write(&self.run, &self.summary, &mut page)?;
        let mut outputs = vec![
            page.seal()?,
            self.findings_jsonl.seal()?,
            self.inputs.seal()?,
            self.events.seal()?,
            self.findings.seal()?,
            self.verdicts.seal()?,
            self.coverage.seal()?,
            self.anomalies.seal()?,
            self.chains.seal()?,
            self.risk.seal()?,
            self.edges.seal()?,
            self.tools.seal()?,
            self.tool_changes.seal()?,
            self.joins.seal()?,
            self.arguments.seal()?,
            self.runs.seal()?,
        ];
        outputs.sort_by(|a, b| a.path.cmp(&b.path));
        self.manifest.seal(configuration, &outputs, &self.summary)?;
        Ok(self.summary)
    }
}
