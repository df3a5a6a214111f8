//! What a scan came to besides its report: what the terminal is told, and what the exit code rests on.

use std::collections::BTreeMap;
use std::path::PathBuf;

use coldcase_model::{Account, Digest, Ledger, Severity};
use coldcase_reports::{Summary, summary_text};
use serde::{Deserialize, Serialize};

use super::{Judges, Scanned};
use crate::args::ScanArgs;
use crate::cache::Hashed;
use crate::term::Exit;

/// The end of a scan, from the scan itself or from the cache.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outcome {
    /// The summary for the terminal.
    pub(super) text: String,
    nothing_read: bool,
    complete: bool,
    /// Audit logs, and those that are broken or that no given key vouches for.
    pub(super) chains: u64,
    failed_chains: u64,
    worst: Option<Severity>,
    /// Where the report is now.
    #[serde(skip)]
    pub(super) report: PathBuf,
    #[serde(skip)]
    read: Option<BTreeMap<u32, Option<Digest>>>,
    #[serde(skip)]
    judges: Judges,
}

impl Outcome {
    pub(super) fn of(scanned: Scanned) -> Self {
        let Scanned { summary, report, worst, read, judges } = scanned;
        Self {
            text: summary_text(&summary),
            nothing_read: summary.nothing_read(),
            complete: is_complete(&summary),
            chains: summary.chains,
            failed_chains: summary.failed_chains,
            worst,
            report,
            read,
            judges,
        }
    }

    /// Whether the scan read the very bytes that were hashed before.
    pub(super) fn is_of(&self, hashed: &[Hashed]) -> bool {
        let Some(read) = &self.read else { return false };
        let same = hashed.iter().zip(read.values()).all(|(hashed, read)| *read == Some(hashed.sha256));
        read.len() == hashed.len() && same
    }

    /// Whether it was judged by what was read before: packs, policy and key log may have been changed meanwhile, and back.
    pub(super) fn is_by(&self, judges: &Judges) -> bool {
        let Judges { packs, policy, key_log } = &self.judges;
        packs.ends_with(&judges.packs) && *policy == judges.policy && *key_log == judges.key_log
    }

    /// Integrity comes first, where a key was given. Incomplete evidence comes before a gate: a gate that was not met on half
    /// the evidence says nothing.
    pub(super) fn exit(&self, args: &ScanArgs) -> Exit {
        if !args.key.is_empty() && self.failed_chains > 0 {
            return Exit::Integrity;
        }
        let nothing_to_pin = !args.key.is_empty() && self.chains == 0;
        if self.nothing_read || nothing_to_pin || (args.require_complete && !self.complete) {
            return Exit::Incomplete;
        }
        match (args.fail_on, self.worst) {
            (Some(least), Some(worst)) if worst >= least => Exit::Gate,
            _ => Exit::Done,
        }
    }
}

/// Whether every byte was scanned or is framing, and the recordings left nothing out.
fn is_complete(summary: &Summary) -> bool {
    let seen = |ledger: &Ledger| {
        [Account::Opaque, Account::Lost, Account::OverLimit]
            .into_iter()
            .all(|account| ledger.bytes(account) == 0)
    };
    seen(&summary.stored)
        && seen(&summary.content)
        && summary.unaccounted_bytes() == 0
        && summary.not_scanned.is_empty()
        && summary.troubled_inputs() == 0
}
