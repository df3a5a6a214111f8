//! The audit logs among the inputs of a scan: found by what the scan recognised, verified, and put into the model's words.
//!
//! The files are read a second time for this. Only regular, uncompressed files are; what is named as a shard is
//! verified with the other shards of its session in the same folder, anything else alone.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use coldcase_evidence::{
    Break, BreakReason, EvidenceName, EvidenceSet, LogFiles, LogFormat, SessionReport, Status, VerifyOptions,
    verify_session,
};
use coldcase_model::{
    Chain, ChainBreak, ChainCheckpoints, ChainKey, ChainPlace, ChainStatus, ChainStretch, ChainTorn, Excerpt,
    InputFacts, Redactor,
};
use coldcase_readers::Found;

use super::scan::Job;
use super::verify::files::{OneFile, ShardFiles, start_of};

/// Inputs that are audit logs, or parts of one.
#[derive(Debug, Default)]
pub(super) struct Logs {
    /// By their place in the run.
    inputs: BTreeMap<usize, Why>,
}

/// Why an input may be a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// The scan recognised a recorder's lines.
    Content,
    /// It is named as a shard, whatever its content.
    Name,
    /// Its content is nothing in particular.
    Shapeless,
}

/// Logs in the order of their first input.
#[derive(Debug)]
enum Log {
    /// The shards in one folder, and the sessions of which at least one was recognised.
    Folder { path: PathBuf, set: Box<EvidenceSet>, sessions: Vec<String> },
    /// A file whose name says nothing.
    Alone(PathBuf),
}

impl Logs {
    /// Notes an input.
    ///
    /// One that is named as a shard is noted too, and so is one whose content is nothing in particular: a first line
    /// that was destroyed, or made to look like something else, must not hide a log.
    pub(super) fn see(&mut self, facts: &InputFacts) {
        let recognised = facts.format == "flight_recorder";
        let shapeless = matches!(&*facts.format, "empty" | "unknown" | "json_lines" | "json");
        let name = Path::new(&facts.path).file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let why = match EvidenceName::of(name) {
            _ if facts.compression != "none" => return,
            _ if recognised => Why::Content,
            EvidenceName::Shard { .. } => Why::Name,
            _ if shapeless => Why::Shapeless,
            _ => return,
        };
        self.inputs.insert(facts.artifact.0 as usize, why);
    }

    /// Verifies every log and hands it on.
    pub(super) fn verify<E>(
        &mut self,
        found: &[Found],
        job: &Job<'_>,
        mut each: impl FnMut(&Chain) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut options = VerifyOptions::default();
        options.keys = job.keys.clone();
        options.threads = job.threads;
        let mut chain = |folder: &Path, files: &mut dyn LogFiles| {
            let report = verify_session(files, &options, &mut |_| {});
            each(&Words { redactor: Redactor::new(job.show) }.chain(folder, &report))
        };
        for log in self.logs(found) {
            match log {
                Log::Folder { path, set, sessions } => {
                    for shards in set.sessions().filter(|shards| names(&sessions, shards.session)) {
                        chain(&path, &mut ShardFiles { folder: &path, shards })?;
                    }
                }
                Log::Alone(path) => {
                    let folder = path.parent().unwrap_or(Path::new(""));
                    chain(folder, &mut OneFile { path: &path, stdin: None })?;
                }
            }
        }
        Ok(())
    }

    fn logs(&mut self, found: &[Found]) -> Vec<Log> {
        let mut logs: Vec<Log> = Vec::new();
        let mut folders: BTreeMap<PathBuf, usize> = BTreeMap::new();
        for (index, why) in std::mem::take(&mut self.inputs) {
            let Some(Found::File(path)) = found.get(index) else { continue };
            // A link is no part of a log: it may lead anywhere.
            if !fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file()) {
                continue;
            }
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let recognised = || why == Why::Content || starts_as_log(path);
            let EvidenceName::Shard { session, .. } = EvidenceName::of(name) else {
                if recognised() {
                    logs.push(Log::Alone(path.clone()));
                }
                continue;
            };
            let folder = path.parent().unwrap_or(Path::new("")).to_owned();
            let at = *folders.entry(folder.clone()).or_insert(logs.len());
            if at == logs.len() {
                logs.push(Log::Folder { path: folder, set: Box::default(), sessions: Vec::new() });
            }
            if let Some(Log::Folder { set, sessions, .. }) = logs.get_mut(at) {
                set.push(name);
                if sessions.last().is_none_or(|last| last != session) && recognised() {
                    sessions.push(session.to_owned());
                }
            }
        }
        for log in &mut logs {
            if let Log::Folder { set, sessions, .. } = log {
                set.sort();
                sessions.sort_unstable();
                sessions.dedup();
            }
        }
        logs
    }
}

/// Whether some line at the start of a file is an entry.
fn starts_as_log(path: &Path) -> bool {
    start_of(path).is_ok_and(|start| LogFormat::of_start(&start) == Some(LogFormat::Recorder))
}

/// Whether a sorted list names a session.
fn names(sessions: &[String], session: &str) -> bool {
    sessions.binary_search_by(|one| one.as_str().cmp(session)).is_ok()
}

/// Puts a report into the model's words: displayable, and without what may be a secret.
struct Words {
    redactor: Redactor,
}

impl Words {
    fn chain(&self, folder: &Path, report: &SessionReport) -> Chain {
        let checkpoints = report.checkpoints;
        let first = report.first_bad.as_ref();
        Chain {
            folder: if folder.as_os_str().is_empty() {
                ".".to_owned()
            } else {
                shown(&folder.display().to_string())
            },
            session: shown(&report.session),
            format: report.format,
            status: status(report.status),
            files: report.files,
            entries: report.entries,
            bytes: report.bytes,
            first_seq: report.first_seq,
            last_seq: report.last_seq,
            head_hash: report.head_hash.clone(),
            authenticated_through_seq: report.authenticated_through_seq,
            trusted_keys: report.trusted_keys,
            authority: report.authority.iter().map(key).collect(),
            checkpoints: ChainCheckpoints {
                total: checkpoints.total,
                signed: checkpoints.signed,
                good: checkpoints.good,
            },
            checkpoint_seqs: report.checkpoint_seqs.clone(),
            first_bad: first.map(|first| place(&first.file, first.line, first.offset)),
            breaks: report.breaks.iter().map(|found| self.found(found)).collect(),
            breaks_total: report.breaks_total,
            stretches: report.stretches.iter().map(stretch).collect(),
            torn: report.torn.as_ref().map(|torn| ChainTorn {
                file: shown(&torn.file),
                last_good_offset: torn.last_good_offset,
                bytes: torn.bytes,
                zero_bytes: torn.zero_bytes,
            }),
            receipts: report.receipts.map(|status| status.as_str().to_owned()),
            sentences: self.sentences(report),
            remarks: report.remarks.iter().map(|remark| self.content(&remark.text)).collect(),
        }
    }

    fn found(&self, found: &Break) -> ChainBreak {
        let at = found.file.as_ref().zip(found.line).zip(found.offset);
        ChainBreak {
            reason: found.reason.name(),
            place: at.map(|((file, line), offset)| place(file, line, offset)),
            seq: found.seq,
            seen: self.seen(found),
            explanations: found.explanations.clone(),
        }
    }

    /// What was seen. What is wrong with a line may name a key of it; elsewhere names are those of files.
    fn seen(&self, found: &Break) -> String {
        match found.reason {
            BreakReason::Line { .. } => self.content(&found.seen),
            _ => shown(&found.seen),
        }
    }

    /// The four sentences; the one on damage quotes what was seen first.
    fn sentences(&self, report: &SessionReport) -> [String; 4] {
        let mut sentences = [const { String::new() }; 4];
        for (out, sentence) in sentences.iter_mut().zip(&report.sentences) {
            *out = match report.breaks.first() {
                Some(first) => shown(&sentence.replace(&first.seen, &self.seen(first))),
                None => shown(sentence),
            };
        }
        sentences
    }

    fn content(&self, text: &str) -> String {
        self.redactor.label(text.as_bytes()).as_str().to_owned()
    }
}

/// A name, or words of our own around one.
fn shown(text: &str) -> String {
    Excerpt::of_name(text.as_bytes()).as_str().to_owned()
}

fn place(file: &str, line: u64, offset: u64) -> ChainPlace {
    ChainPlace { file: shown(file), line, offset }
}

fn key(range: &coldcase_evidence::KeyRange) -> ChainKey {
    ChainKey {
        key: range.key.clone(),
        first_seq: range.first_seq,
        last_seq: range.last_seq,
        checkpoints: range.checkpoints,
    }
}

fn stretch(stretch: &coldcase_evidence::Stretch) -> ChainStretch {
    ChainStretch {
        first_seq: stretch.first_seq,
        last_seq: stretch.last_seq,
        authenticated_through_seq: stretch.authenticated_through_seq,
    }
}

fn status(status: Status) -> ChainStatus {
    match status {
        Status::Intact => ChainStatus::Intact,
        Status::MissingStart => ChainStatus::MissingStart,
        Status::TornTail => ChainStatus::TornTail,
        Status::Broken => ChainStatus::Broken,
        Status::Empty => ChainStatus::Empty,
    }
}
