//! The paths of the command line, one log after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use coldcase_evidence::{
    Break, EvidenceName, EvidenceSet, LogFiles, LogFormat, SessionReport, Status, verify_log,
};
use serde::Serialize;

use super::anchors::{self, Kept};
use super::files::{self, Folder, OneFile, ShardFiles};
use super::links::{self, Facts, LinkReport};
use super::text;
use super::trust::Trust;
use crate::args::VerifyArgs;
use crate::cmd::seal::{SealedVerdict, is_sealed, verify_sealed};
use crate::term::{self, Exit};

pub(crate) fn verify(args: &VerifyArgs) -> anyhow::Result<Exit> {
    let mut run = Run::new(args)?;
    // Shards that are named one by one are one log all the same.
    let mut named: BTreeMap<PathBuf, EvidenceSet> = BTreeMap::new();
    let mut others = Vec::new();
    for path in coldcase_readers::expand_globs(&args.paths)? {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_folder = path.is_dir();
        if !is_folder && matches!(EvidenceName::of(name), EvidenceName::Shard { .. }) {
            let folder = path.parent().unwrap_or(Path::new("")).to_owned();
            named.entry(folder).or_default().push(name);
        } else {
            others.push((path, is_folder));
        }
    }
    let sessions: usize = named.values().map(|set| set.sessions().count()).sum();
    run.trust.options.is_only_session = match others.as_slice() {
        [] => sessions == 1,
        [(_, false)] => sessions == 0,
        [(folder, true)] => sessions == 0 && is_one_log(folder),
        _ => false,
    };
    run.begin()?;
    for (path, is_folder) in others {
        let outcome = if is_folder { run.folders(&path) } else { run.file(&path) };
        // One bad path does not keep the others from being looked at, and decides the exit code.
        if let Err(error) = outcome {
            term::error(&error);
            run.unusable += 1;
        }
    }
    for (folder, mut set) in named {
        set.sort();
        run.folder(&Folder { path: folder, set, ..Folder::default() })?;
    }
    run.finish()
}

/// Whether a folder holds the log of one session and no folders.
fn is_one_log(path: &Path) -> bool {
    files::look(path).is_ok_and(|folder| {
        folder.folders.is_empty() && folder.others.is_empty() && folder.set.sessions().count() == 1
    })
}

struct Run<'a> {
    args: &'a VerifyArgs,
    trust: Trust,
    kept: Vec<Kept>,
    /// Heads that were found in some log.
    heads_found: BTreeSet<[u8; 32]>,
    /// Paths of the command line that could not be looked at.
    unusable: u64,
    /// Whoever read the output has gone; the verdict still counts.
    is_closed: bool,
    sessions: u64,
    failed: u64,
    incomplete: u64,
    links: Vec<LinkReport>,
    sealed: Vec<SealedVerdict>,
    not_read: Vec<String>,
}

/// A session with the folder that it stands in.
#[derive(Serialize)]
struct Located<'a> {
    folder: &'a str,
    #[serde(flatten)]
    report: &'a SessionReport,
}

/// What follows the sessions in the output.
#[derive(Serialize)]
struct Rest<'a> {
    links: &'a [LinkReport],
    sealed_reports: Vec<serde_json::Value>,
    earlier_manifest: &'a [Kept],
    heads_missing: &'a [String],
    not_read: &'a [String],
}

impl<'a> Run<'a> {
    fn new(args: &'a VerifyArgs) -> anyhow::Result<Self> {
        let trust = Trust::of(args)?;
        let mut kept = Vec::new();
        for manifest in &args.manifest {
            kept.extend(anchors::kept(manifest)?);
        }
        Ok(Self {
            args,
            trust,
            kept,
            heads_found: BTreeSet::new(),
            unusable: 0,
            is_closed: false,
            sessions: 0,
            failed: 0,
            incomplete: 0,
            links: Vec::new(),
            sealed: Vec::new(),
            not_read: Vec::new(),
        })
    }

    fn begin(&mut self) -> anyhow::Result<()> {
        if !self.args.json {
            return Ok(());
        }
        let version = env!("CARGO_PKG_VERSION");
        self.out(&format!(r#"{{"schema":"coldcase.verify/1","version":"{version}","sessions":["#))
    }

    /// A file that is no shard by its name, or standard input.
    fn file(&mut self, path: &Path) -> anyhow::Result<()> {
        let shown = path.display();
        let (start, stdin) = if path.as_os_str() == "-" {
            let (start, all) = files::peek_stdin()?;
            (start, Some(all))
        } else {
            (files::start_of(path).with_context(|| format!("cannot read {shown}"))?, None)
        };
        let Some(format) = LogFormat::of_start(&start) else {
            bail!(
                "{shown} is no log that can be verified: expected a flight-recorder log, action receipts, or an \
                 agent audit trail, one JSON object a line"
            );
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        self.log(format, folder, &mut OneFile { path, stdin }).map(|_| ())
    }

    /// A folder and the folders below it.
    fn folders(&mut self, path: &Path) -> anyhow::Result<()> {
        let mut open = vec![path.to_owned()];
        while let Some(next) = open.pop() {
            let folder = match files::look(&next) {
                Ok(folder) => folder,
                Err(error) if next != path => {
                    self.not_read.push(format!("{}: {error}", next.display()));
                    continue;
                }
                Err(error) => return Err(error).with_context(|| format!("cannot read {}", next.display())),
            };
            self.folder(&folder)?;
            open.extend(folder.folders.into_iter().rev());
            let refused = folder.refused.iter().map(|path| {
                format!("{}: a link, a pipe or a device, or a name that is not UTF-8", path.display())
            });
            self.not_read.extend(refused);
        }
        Ok(())
    }

    fn folder(&mut self, folder: &Folder) -> anyhow::Result<()> {
        // A report may lie over a folder of logs, by accident or to hide them: both are looked at.
        if is_sealed(&folder.path) {
            self.report(&folder.path)?;
        }
        let mut facts = BTreeMap::new();
        for shards in folder.set.sessions() {
            let mut files = ShardFiles { folder: &folder.path, shards };
            for report in self.log(LogFormat::Recorder, &folder.path, &mut files)? {
                if !folder.links.is_empty() {
                    facts.insert(report.session.clone(), Facts::of(&report));
                }
            }
        }
        for path in &folder.others {
            match files::start_of(path) {
                Ok(start) => {
                    if let Some(format) = LogFormat::of_start(&start) {
                        self.log(format, &folder.path, &mut OneFile { path, stdin: None })?;
                    }
                }
                Err(error) => self.not_read.push(format!("{}: {error}", path.display())),
            }
        }
        let links = links::check(&folder.path, &folder.links, &facts, &self.trust.options.keys);
        self.failed += links.iter().filter(|link| !link.problems.is_empty()).count() as u64;
        if !self.args.json && !self.args.quiet {
            self.out(&term::sanitize(&links.iter().map(text::link).collect::<String>()))?;
        }
        self.links.extend(links);
        Ok(())
    }

    /// A sealed report.
    fn report(&mut self, folder: &Path) -> anyhow::Result<()> {
        let verdict = verify_sealed(folder, &self.trust.options.keys)?;
        self.failed += u64::from(verdict.has_failed());
        if !self.args.json {
            self.out(&term::sanitize(&verdict.text()))?;
        }
        self.sealed.push(verdict);
        Ok(())
    }

    fn log(
        &mut self,
        format: LogFormat,
        folder: &Path,
        files: &mut dyn LogFiles,
    ) -> anyhow::Result<Vec<SessionReport>> {
        let live = !self.args.json && !self.args.quiet;
        let mut told = false;
        let mut on_break = |found: &Break| {
            // The first is worth knowing before the rest of a long log is read.
            if live && !told {
                term::note(&text::one_break(folder, found));
            }
            told = true;
        };
        let reports = verify_log(format, files, &self.trust.trail_keys, &self.trust.options, &mut on_break);
        for report in &reports {
            self.session(folder, report)?;
        }
        Ok(reports)
    }

    fn session(&mut self, folder: &Path, report: &SessionReport) -> anyhow::Result<()> {
        self.sessions += 1;
        self.failed += u64::from(report.has_failed());
        self.incomplete += u64::from(!matches!(report.status, Status::Intact | Status::Broken));
        self.heads_found.extend(&report.heads_found);
        let folder = folder.display().to_string();
        if !self.args.json {
            let text = text::report(&folder, report, self.args.quiet, self.args.verbose);
            return self.out(&term::sanitize(&text));
        }
        let comma = if self.sessions > 1 { "," } else { "" };
        let json = serde_json::to_string(&Located { folder: &folder, report })?;
        self.out(&format!("{comma}{json}"))
    }

    /// Heads that no log holds: the end of a log, or all of it, is not here.
    fn heads_missing(&self) -> Vec<String> {
        let missing = self.trust.options.heads.iter().filter(|head| !self.heads_found.contains(&head.hash));
        missing.map(|head| format!("{} ({})", head.hex(), head.source)).collect()
    }

    /// Prints, unless nobody reads any more.
    fn out(&mut self, text: &str) -> anyhow::Result<()> {
        match term::out(text) {
            _ if self.is_closed => Ok(()),
            Err(error) if term::is_closed_pipe(&error) => {
                self.is_closed = true;
                Ok(())
            }
            outcome => outcome,
        }
    }

    fn finish(mut self) -> anyhow::Result<Exit> {
        let heads_missing = self.heads_missing();
        // A file that is gone, or that cannot be held against what it was, is no success either.
        let stands = |kept: &&Kept| matches!(kept.state, "unchanged" | "grown");
        let changed = (self.kept.len() - self.kept.iter().filter(stands).count()) as u64;
        self.failed += heads_missing.len() as u64 + changed;
        // A key that seals cannot be signed by was given all the same.
        let keys_given = self.trust.options.keys.keys().len() as u64 + self.trust.options.other_keys;
        if self.trust.options.keys.is_empty() && keys_given > 0 {
            self.failed += self.sealed.len() as u64;
        }
        let nothing = self.sessions == 0 && self.sealed.is_empty();
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
                sealed_reports: self.sealed.iter().map(SealedVerdict::json).collect(),
                earlier_manifest: &self.kept,
                heads_missing: &heads_missing,
                not_read: &self.not_read,
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
        for path in &self.not_read {
            term::note(&format!("not read: {path}"));
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
