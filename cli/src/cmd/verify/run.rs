//! The paths of the command line, one log after the other.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use coldcase_evidence::{
    Break, EvidenceName, EvidenceSet, LogFiles, SessionReport, Status, VerifyOptions, verify_session,
};
use serde::Serialize;

use super::files::{self, Folder, OneFile, ShardFiles};
use super::{text, trust};
use crate::args::VerifyArgs;
use crate::term::{self, Exit};

pub(crate) fn verify(args: &VerifyArgs) -> anyhow::Result<Exit> {
    let options = trust::options(args)?;
    let mut run = Run { args, options, sessions: 0, failed: 0, incomplete: 0, not_read: Vec::new() };
    if args.json {
        term::out(&format!(
            r#"{{"schema":"coldcase.verify/1","version":"{}","sessions":["#,
            env!("CARGO_PKG_VERSION")
        ))?;
    }
    // Shards that are named one by one are one log all the same.
    let mut named: BTreeMap<PathBuf, EvidenceSet> = BTreeMap::new();
    for path in coldcase_readers::expand_globs(&args.paths)? {
        run.path(&path, &mut named)?;
    }
    for (folder, mut set) in named {
        set.sort();
        run.folder(&Folder { path: folder, set, ..Folder::default() })?;
    }
    run.finish()
}

struct Run<'a> {
    args: &'a VerifyArgs,
    options: VerifyOptions,
    sessions: u64,
    failed: u64,
    incomplete: u64,
    not_read: Vec<PathBuf>,
}

/// A session with the folder that it stands in.
#[derive(Serialize)]
struct Located<'a> {
    folder: &'a str,
    #[serde(flatten)]
    report: &'a SessionReport,
}

impl Run<'_> {
    fn path(&mut self, path: &Path, named: &mut BTreeMap<PathBuf, EvidenceSet>) -> anyhow::Result<()> {
        if path.as_os_str() == "-" {
            return self.log(path, &mut OneFile { path, is_stdin: true });
        }
        let found = std::fs::metadata(path).with_context(|| format!("cannot open {}", path.display()))?;
        if found.is_dir() {
            return self.folders(path);
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if matches!(EvidenceName::of(name), EvidenceName::Shard { .. }) {
            named.entry(folder.to_owned()).or_default().push(name);
            return Ok(());
        }
        self.log(folder, &mut OneFile { path, is_stdin: false })
    }

    /// A folder and the folders below it.
    fn folders(&mut self, path: &Path) -> anyhow::Result<()> {
        let mut open = vec![path.to_owned()];
        while let Some(next) = open.pop() {
            let folder = match files::look(&next) {
                Ok(folder) => folder,
                Err(_) if next != path => {
                    self.not_read.push(next);
                    continue;
                }
                Err(error) => return Err(error).with_context(|| format!("cannot read {}", next.display())),
            };
            self.folder(&folder)?;
            open.extend(folder.folders.into_iter().rev());
            self.not_read.extend(folder.refused);
        }
        Ok(())
    }

    fn folder(&mut self, folder: &Folder) -> anyhow::Result<()> {
        for shards in folder.set.sessions() {
            self.log(&folder.path, &mut ShardFiles { folder: &folder.path, shards })?;
        }
        Ok(())
    }

    fn log(&mut self, folder: &Path, files: &mut dyn LogFiles) -> anyhow::Result<()> {
        let live = !self.args.json && !self.args.quiet;
        let mut told = 0;
        let mut on_break = |found: &Break| {
            // The first is worth knowing before the rest of a long log is read.
            if live && told == 0 {
                term::note(&text::one_break(folder, found));
            }
            told += 1;
        };
        let report = verify_session(files, &self.options, &mut on_break);
        self.sessions += 1;
        self.failed += u64::from(report.has_failed());
        let whole = matches!(report.status, Status::Intact | Status::Broken);
        self.incomplete += u64::from(!whole);
        let folder = folder.display().to_string();
        if self.args.json {
            let mut out = io::stdout().lock();
            if self.sessions > 1 {
                out.write_all(b",")?;
            }
            serde_json::to_writer(&mut out, &Located { folder: &folder, report: &report })?;
            return Ok(());
        }
        term::out(&term::sanitize(&text::report(&folder, &report, self.args.quiet, self.args.verbose)))
    }

    fn finish(self) -> anyhow::Result<Exit> {
        let exit = if self.failed > 0 {
            Exit::Integrity
        } else if self.sessions == 0 || (self.args.require_complete && self.incomplete > 0) {
            Exit::Incomplete
        } else {
            Exit::Done
        };
        let not_read: Vec<String> = self.not_read.iter().map(|path| path.display().to_string()).collect();
        if self.args.json {
            let rest = serde_json::json!({ "not_read": not_read });
            let rest = rest.to_string();
            term::out(&format!("],{}\n", rest.trim_start_matches('{')))?;
            return Ok(exit);
        }
        for path in &not_read {
            term::note(&format!("not read: {path} (a link, a pipe, or a name that is not UTF-8)"));
        }
        if self.sessions == 0 {
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
