//! `manifest.json`: what went in, what was used, what came out, by SHA-256. It names every file but itself.
//!
//! Inputs are written as they come, so that a run over a million files needs no list of them in memory.

use std::path::Path;

use coldcase_model::{Account, Digest, InputFacts, InputState, RunFacts};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::output::{Output, TextFile};
use crate::{ReportError, Summary};

/// The manifest being written.
pub(crate) struct Manifest {
    out: TextFile,
    any: bool,
}

#[derive(Serialize)]
struct InputLine<'f> {
    path: &'f str,
    sha256: Option<String>,
    bytes: u64,
    format: &'f str,
    state: InputState,
}

#[derive(Serialize)]
struct FileLine<'f> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'f str>,
    sha256: String,
    bytes: u64,
}

impl Manifest {
    /// Makes the file and writes what is known before the first input.
    pub(crate) fn create(dir: &Path, run: &RunFacts) -> Result<Self, ReportError> {
        let mut out = TextFile::create(dir, "manifest.json")?;
        out.text("{\"schema\":\"coldcase.manifest/1\",\n\"version\":")?;
        out.json(&run.version)?;
        out.text(",\n\"run\":")?;
        let policy_sha256 = run.policy_sha256.to_string();
        out.json(&json!({ "policy": run.policy, "policy_sha256": policy_sha256, "rules": run.rules }))?;
        out.text(",\n\"packs\":[")?;
        for (at, (name, version, digest)) in run.packs.iter().enumerate() {
            out.text(separator(at > 0))?;
            out.json(&json!({ "name": name, "version": version, "sha256": digest.to_string() }))?;
        }
        out.text("\n],\n\"inputs\":[")?;
        Ok(Self { out, any: false })
    }

    /// Writes an input.
    pub(crate) fn input(&mut self, facts: &InputFacts) -> Result<(), ReportError> {
        self.out.text(separator(self.any))?;
        self.any = true;
        self.out.json(&InputLine {
            path: &facts.path,
            sha256: facts.sha256.map(|digest| digest.to_string()),
            bytes: facts.stored_bytes,
            format: &facts.format,
            state: facts.state,
        })
    }

    /// Writes the rest.
    pub(crate) fn seal(
        mut self,
        configuration: &[(String, Digest, u64)],
        outputs: &[Output],
        summary: &Summary,
    ) -> Result<(), ReportError> {
        self.out.text("\n],\n\"configuration\":[")?;
        for (at, (name, sha256, bytes)) in configuration.iter().enumerate() {
            self.out.text(separator(at > 0))?;
            self.out.json(&FileLine {
                name: Some(name),
                path: None,
                sha256: sha256.to_string(),
                bytes: *bytes,
            })?;
        }
        self.out.text("\n],\n\"outputs\":[")?;
        for (at, Output { path, sha256, bytes }) in outputs.iter().enumerate() {
            self.out.text(separator(at > 0))?;
            self.out.json(&FileLine {
                name: None,
                path: Some(path),
                sha256: sha256.to_string(),
                bytes: *bytes,
            })?;
        }
        self.out.text("\n],\n\"totals\":")?;
        self.out.json(&totals(summary))?;
        self.out.text("}\n")?;
        self.out.seal().map(|_| ())
    }
}

/// One entry a line, so that two manifests compare well as text.
fn separator(follows: bool) -> &'static str {
    if follows { ",\n" } else { "\n" }
}

fn totals(summary: &Summary) -> Value {
    let stored: Map<_, _> = Account::ALL
        .iter()
        .map(|&account| (account.to_string(), summary.stored.bytes(account).into()))
        .collect();
    json!({
        "inputs": summary.inputs,
        "inputs_by_state": summary.states,
        "stored_bytes": summary.stored_bytes,
        "stored_by_account": stored,
        "not_scanned_bytes": summary.not_scanned_bytes(),
        "unfollowed": summary.unfollowed,
        "events": summary.events,
        "events_by_action": summary.actions,
        "findings": summary.findings,
        "suppressed": summary.suppressed.findings(),
        "findings_by_severity": summary.severities,
        "findings_by_category": summary.categories,
        "anomalies": summary.anomalies,
        "anomalies_by_kind": summary.anomaly_kinds,
        "chains": summary.chains,
        "chains_by_status": summary.chain_statuses,
    })
}
