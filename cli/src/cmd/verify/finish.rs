//! What follows the logs: counts, what was kept elsewhere and is not here, what was not read, and the exit code.

use serde::Serialize;

use super::anchors::Kept;
use super::capped::Capped;
use super::links::LinkReport;
use super::run::Run;
use crate::cmd::seal::SealedVerdict;
use crate::term::{self, Exit};

/// What follows the sessions in the output.
#[derive(Serialize)]
struct Rest<'a> {
    links: &'a Capped<LinkReport>,
    sealed_reports: Vec<serde_json::Value>,
    earlier_manifest: &'a [Kept],
    heads_missing: &'a [String],
    not_read: &'a Capped<String>,
    named_twice: &'a [String],
    left_out: LeftOut,
}

/// How much of each list is not in the output; all of it counts for the exit code.
#[derive(Serialize)]
struct LeftOut {
    links: u64,
    sealed_reports: u64,
    not_read: u64,
}

impl Run<'_> {
    /// Heads that no log holds: the end of a log, or all of it, is not here.
    fn heads_missing(&self) -> Vec<String> {
        let missing = self.trust.options.heads.iter().filter(|head| !self.heads_found.contains(&head.hash));
        missing.map(|head| format!("{} ({})", head.hex(), head.source)).collect()
    }

    pub(super) fn finish(mut self) -> anyhow::Result<Exit> {
        let heads_missing = self.heads_missing();
        // A file that is gone, or that cannot be held against what it was, is no success either.
        let stands = |kept: &&Kept| matches!(kept.state, "unchanged" | "grown");
        let changed = (self.kept.len() - self.kept.iter().filter(stands).count()) as u64;
        self.failed += heads_missing.len() as u64 + changed;
        let nothing = self.sessions == 0 && self.sealed_total == 0;
        let not_looked_at = !self.not_read.is_empty();
        let exit = if self.unusable > 0 {
            Exit::Input
        } else if self.failed > 0 {
            Exit::Integrity
        } else if nothing || not_looked_at || (self.args.require_complete && self.incomplete > 0) {
            Exit::Incomplete
        } else {
            Exit::Done
        };
        if self.args.json {
            let rest = Rest {
                links: &self.links,
                sealed_reports: self.sealed.kept().iter().map(SealedVerdict::json).collect(),
                earlier_manifest: &self.kept,
                heads_missing: &heads_missing,
                not_read: &self.not_read,
                named_twice: &self.twice,
                left_out: LeftOut {
                    links: self.links.more(),
                    sealed_reports: self.sealed.more(),
                    not_read: self.not_read.more(),
                },
            };
            let rest = serde_json::to_string(&rest)?;
            let text = format!("],{}\n", rest.strip_prefix('{').unwrap_or(&rest));
            self.out(&text)?;
            return Ok(exit);
        }
        for hash in &heads_missing {
            term::note(&format!("no log holds the head {hash}"));
        }
        for kept in self.kept.iter().filter(|kept| kept.state != "unchanged" || self.args.verbose) {
            term::note(&format!("earlier manifest: {} is {}", kept.file, kept.state.replace('_', " ")));
        }
        for path in self.not_read.kept() {
            term::note(&format!("not read: {path}"));
        }
        if self.not_read.more() > 0 {
            term::note(&format!("not read: {} more", self.not_read.more()));
        }
        for path in &self.twice {
            term::note(&format!("named twice, counted once: {path}"));
        }
        if nothing {
            term::note(
                "no log was found: shards are named evidence-SESSION-SEQ.jsonl; name other files themselves",
            );
        } else if !self.args.quiet {
            term::note(&format!(
                "{} logs, {} failed, {} incomplete",
                self.sessions, self.failed, self.incomplete
            ));
        }
        Ok(exit)
    }
}
