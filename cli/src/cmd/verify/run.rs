//! The paths of the command line, one log after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, bail};
use coldcase_evidence::{Break, LogFiles, LogFormat, NameList, SessionReport, Status, verify_log};
use serde::Serialize;

use super::anchors::{self, Kept};
use super::capped::Capped;
use super::files::{self, Folder, MOST_NAME_BYTES, OneFile, ShardFiles};
use super::links::{Claims, Facts, LinkReport};
use super::paths::{Named, Other};
use super::text;
use super::trust::Trust;
use crate::args::VerifyArgs;
use crate::cmd::seal::{SealedVerdict, is_sealed, verify_sealed};
use crate::term::{self, Exit};

pub(crate) fn verify(args: &VerifyArgs) -> anyhow::Result<Exit> {
    let mut trust = Trust::of(args)?;
    let named = Named::of(coldcase_readers::expand_globs(&args.paths)?);
    trust.options.is_only_session = match named.others.as_slice() {
        [] => named.sessions() == 1,
        [Other { is_folder: false, .. }] => named.sessions() == 0,
        [Other { path, .. }] => named.sessions() == 0 && is_one_log(path),
        _ => false,
    };
    trust.options.index_heads();
    let mut run = Run::new(args, trust)?;
    run.twice = named.twice.iter().map(|path| path.display().to_string()).collect();
    run.begin()?;
    for Other { path, is_folder, is_covered } in named.others {
        let outcome = if is_folder { run.folders(&path) } else { run.file(&path, is_covered) };
        // One bad path does not keep the others from being looked at, and decides the exit code.
        if let Err(error) = outcome {
            term::error(&error);
            run.unusable += 1;
        }
    }
    for (path, mut set) in named.shards.into_values() {
        set.sort();
        run.folder(&Folder { path, set, ..Folder::default() })?;
    }
    run.finish()
}

/// Whether a folder holds the log of one session and no folders.
fn is_one_log(path: &Path) -> bool {
    files::look(path, MOST_NAME_BYTES).is_ok_and(|folder| {
        folder.folders.is_empty() && folder.others.is_empty() && folder.set.session_count() == 1
    })
}

pub(super) struct Run<'a> {
    pub(super) args: &'a VerifyArgs,
    pub(super) trust: Rc<Trust>,
    pub(super) kept: Vec<Kept>,
    /// Heads that were found in some log.
    pub(super) heads_found: BTreeSet<[u8; 32]>,
    /// Paths of the command line that could not be looked at.
    pub(super) unusable: u64,
    /// Whoever read the output has gone; the verdict still counts.
    is_closed: bool,
    pub(super) sessions: u64,
    pub(super) failed: u64,
    pub(super) incomplete: u64,
    pub(super) links: Capped<LinkReport>,
    pub(super) sealed: Capped<SealedVerdict>,
    pub(super) sealed_total: u64,
    pub(super) not_read: Capped<String>,
    /// Paths that were named twice, and count once.
    pub(super) twice: Vec<String>,
}

/// A session with the folder that it stands in.
#[derive(Serialize)]
struct Located<'a> {
    folder: &'a str,
    #[serde(flatten)]
    report: &'a SessionReport,
}

impl<'a> Run<'a> {
    fn new(args: &'a VerifyArgs, trust: Trust) -> anyhow::Result<Self> {
        let mut kept = Vec::new();
        for manifest in &args.manifest {
            kept.extend(anchors::kept(manifest)?);
        }
        Ok(Self {
            args,
            trust: Rc::new(trust),
            kept,
            heads_found: BTreeSet::new(),
            unusable: 0,
            is_closed: false,
            sessions: 0,
            failed: 0,
            incomplete: 0,
            links: Capped::default(),
            sealed: Capped::default(),
            sealed_total: 0,
            not_read: Capped::default(),
            twice: Vec::new(),
        })
    }

    fn begin(&mut self) -> anyhow::Result<()> {
        if !self.args.json {
            return Ok(());
        }
        let version = env!("CARGO_PKG_VERSION");
        self.out(&format!(r#"{{"schema":"coldcase.verify/1","version":"{version}","sessions":["#))
    }

    /// A file that is no shard by its name, or standard input. One that is covered is verified with its folder.
    fn file(&mut self, path: &Path, is_covered: bool) -> anyhow::Result<()> {
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
        if is_covered {
            self.twice.push(shown.to_string());
            return Ok(());
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        self.log(format, folder, &mut OneFile { path, stdin }, &mut |_| ())
    }

    /// A folder and the folders below it.
    fn folders(&mut self, path: &Path) -> anyhow::Result<()> {
        // For each folder on the way down, those in it that are still to be looked at.
        let mut open: Vec<(PathBuf, NameList, usize)> = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(at) = next.take().or_else(|| next_of(&mut open)) {
            let pending = open.iter().map(|(_, names, _)| names.bytes()).sum::<usize>();
            let folder = match files::look(&at, MOST_NAME_BYTES.saturating_sub(pending)) {
                Ok(folder) => folder,
                Err(error) if at != path => {
                    self.not_read.text(format!("{}: {error}", at.display()));
                    continue;
                }
                Err(error) => return Err(error).with_context(|| format!("cannot read {}", at.display())),
            };
            self.folder(&folder)?;
            for name in folder.refused.iter() {
                let shown = at.join(name);
                self.not_read.text(format!(
                    "{}: a link, a pipe or a device, or a name that is not UTF-8",
                    shown.display()
                ));
            }
            if folder.left_out > 0 {
                let text = format!("{}: {} more names than there is room for", at.display(), folder.left_out);
                self.not_read.text(text);
            }
            if !folder.folders.is_empty() {
                open.push((at, folder.folders, 0));
            }
        }
        Ok(())
    }

    fn folder(&mut self, folder: &Folder) -> anyhow::Result<()> {
        // A report may lie over a folder of logs, by accident or to hide them: both are looked at.
        if is_sealed(&folder.path) {
            self.report(&folder.path)?;
        }
        let trust = Rc::clone(&self.trust);
        let claims = Claims::read(&folder.path, &folder.links, &trust.options.keys);
        let mut facts = BTreeMap::new();
        for shards in folder.set.sessions() {
            let mut files = ShardFiles { folder: &folder.path, shards };
            self.log(LogFormat::Recorder, &folder.path, &mut files, &mut |report| {
                if claims.name(&report.session) {
                    facts.insert(report.session.clone(), Facts::of(report));
                }
            })?;
        }
        for name in folder.others.iter() {
            let path = folder.path.join(name);
            match files::start_of(&path) {
                Ok(start) => {
                    if let Some(format) = LogFormat::of_start(&start) {
                        let mut file = OneFile { path: &path, stdin: None };
                        self.log(format, &folder.path, &mut file, &mut |_| ())?;
                    }
                }
                Err(error) => self.not_read.text(format!("{}: {error}", path.display())),
            }
        }
        self.links(folder, claims, &facts)
    }

    fn links(
        &mut self,
        folder: &Folder,
        claims: Claims,
        facts: &BTreeMap<String, Facts>,
    ) -> anyhow::Result<()> {
        if claims.left_out > 0 {
            let text = format!("{}: {} more links between logs", folder.path.display(), claims.left_out);
            self.not_read.text(text);
        }
        let links = claims.check(&folder.path, facts, &self.trust.options.keys);
        self.failed += links.iter().filter(|link| !link.problems.is_empty()).count() as u64;
        if !self.args.json && !self.args.quiet {
            self.out(&term::sanitize(&links.iter().map(text::link).collect::<String>()))?;
        }
        for link in links {
            let bytes = link.bytes();
            self.links.push(link, bytes);
        }
        Ok(())
    }

    /// A sealed report.
    fn report(&mut self, folder: &Path) -> anyhow::Result<()> {
        let verdict = verify_sealed(folder, &self.trust.options.keys, self.trust.keys_given());
        self.failed += u64::from(verdict.has_failed());
        if !self.args.json {
            self.out(&term::sanitize(&verdict.text()))?;
        }
        self.sealed_total += 1;
        let bytes = verdict.bytes();
        self.sealed.push(verdict, bytes);
        Ok(())
    }

    fn log(
        &mut self,
        format: LogFormat,
        folder: &Path,
        files: &mut dyn LogFiles,
        each: &mut dyn FnMut(&SessionReport),
    ) -> anyhow::Result<()> {
        let live = !self.args.json && !self.args.quiet;
        let mut told = false;
        let mut on_break = |found: &Break| {
            // The first is worth knowing before the rest of a long log is read.
            if live && !told {
                term::note(&text::one_break(folder, found));
            }
            told = true;
        };
        let trust = Rc::clone(&self.trust);
        let mut outcome = Ok(());
        let mut on_report = |report: SessionReport| {
            each(&report);
            if outcome.is_ok() {
                outcome = self.session(folder, &report);
            }
        };
        verify_log(format, files, &trust.trail_keys, &trust.options, &mut on_break, &mut on_report);
        outcome
    }

    fn session(&mut self, folder: &Path, report: &SessionReport) -> anyhow::Result<()> {
        self.sessions += 1;
        self.failed += u64::from(report.has_failed());
        self.incomplete += u64::from(!matches!(report.status, Status::Intact | Status::Broken));
        self.heads_found.extend(&report.heads_found);
        if let Some(left) = &report.not_followed {
            let at = folder.join(&left.from.file);
            let text = format!(
                "{}, line {} and on: {} lines of more sessions than are followed",
                at.display(),
                left.from.line,
                left.lines
            );
            self.not_read.text(text);
        }
        let folder = folder.display().to_string();
        if !self.args.json {
            let text = text::report(&folder, report, self.args.quiet, self.args.verbose);
            return self.out(&term::sanitize(&text));
        }
        let comma = if self.sessions > 1 { "," } else { "" };
        let json = serde_json::to_string(&Located { folder: &folder, report })?;
        self.out(&format!("{comma}{json}"))
    }

    /// Prints, unless nobody reads any more.
    pub(super) fn out(&mut self, text: &str) -> anyhow::Result<()> {
        match term::out(text) {
            _ if self.is_closed => Ok(()),
            Err(error) if term::is_closed_pipe(&error) => {
                self.is_closed = true;
                Ok(())
            }
            outcome => outcome,
        }
    }
}

/// The next folder that is still to be looked at.
fn next_of(open: &mut Vec<(PathBuf, NameList, usize)>) -> Option<PathBuf> {
    loop {
        let (path, names, next) = open.last_mut()?;
        if let Some(name) = names.get(*next) {
            *next += 1;
            return Some(path.join(name));
        }
        open.pop();
    }
}
