//! Labelled corpora: folders with files of expectations beside recordings or lines of texts, judged by the rules.
//!
//! Events are judged one after the other on one thread, so that costs are those of the rules. Only findings of rules count,
//! not those that a session draws from several events.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use coldcase_engine::{Detector, Pack, PackText, RuleCost};
use coldcase_model::{BatchSource, Event, Finding, Item, Show};
use coldcase_readers::{InputSet, Limits, RecordLines, expand};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::super::rules_bench::nanoseconds;
use crate::cmd::labels::{
    About, ENDING, Entry, ExpectedFinding, Labels, Marking, Observation, Tally, Texts, is_named, read,
};
use crate::regular_file;

/// A folder that is deeper, or holds more files, is no corpus.
const MOST_DEPTH: usize = 32;
const MOST_FILES: usize = 100_000;
/// A line of labelled texts has at the most so many bytes.
const MOST_LINE: u64 = 16 << 20;

/// What a corpus gave.
pub(super) struct Judged {
    pub(super) tally: Tally,
    /// What each rule cost.
    pub(super) costs: BTreeMap<String, RuleCost>,
    /// SHA-256 over the names and bytes of the files of expectations.
    pub(super) labels: String,
    /// Recordings in which no event was read.
    pub(super) unread: Vec<PathBuf>,
}

/// Judges all recordings and texts of these folders that have labels.
pub(super) fn judge(packs: &[PackText], folders: &[PathBuf]) -> anyhow::Result<Judged> {
    let pack = Pack::untested(packs)?;
    let mut detector = Detector::new(&pack, Show::Redacted);
    detector.measure(nanoseconds);
    let mut bench = Bench { detector, tally: Tally::default(), unread: Vec::new() };
    let mut labels = Sha256::new();
    for folder in folders {
        let files = files(folder)?;
        if files.is_empty() {
            bail!("{} holds no file NAME{ENDING}", folder.display());
        }
        for file in &files {
            let entry = read(file)?;
            labels.update(file.strip_prefix(folder).unwrap_or(file).to_string_lossy().as_bytes());
            labels.update([0u8]);
            labels.update(&entry.bytes);
            bench.entry(&entry)?;
        }
    }
    let costs =
        pack.rules().map(|rule| rule.id.to_owned()).zip(bench.detector.costs().iter().copied()).collect();
    Ok(Judged {
        tally: bench.tally,
        costs,
        labels: regular_file::hex(&<[u8; 32]>::from(labels.finalize())),
        unread: bench.unread,
    })
}

/// The files of expectations of a folder, in the order of their names.
pub(in crate::cmd) fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![(folder.to_owned(), 0)];
    let mut seen = 0;
    while let Some((next, depth)) = open.pop() {
        for entry in fs::read_dir(&next).with_context(|| format!("cannot read {}", next.display()))? {
            let entry = entry?;
            seen += 1;
            if seen > MOST_FILES || depth > MOST_DEPTH {
                bail!(
                    "{} is no corpus: over {MOST_FILES} files or {MOST_DEPTH} folders deep",
                    folder.display()
                );
            }
            // Links are not followed, so that a corpus cannot go round in circles.
            let kind = entry.file_type()?;
            if kind.is_dir() {
                open.push((entry.path(), depth + 1));
            } else if entry.file_name().to_string_lossy().ends_with(ENDING) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

struct Bench<'p> {
    detector: Detector<'p>,
    tally: Tally,
    unread: Vec<PathBuf>,
}

impl Bench<'_> {
    fn entry(&mut self, entry: &Entry) -> anyhow::Result<()> {
        match &entry.labels {
            Labels::Findings(expected) => self.recording(&entry.recording, &entry.about, expected),
            Labels::Texts(texts) => self.texts(&entry.recording, &entry.about, texts),
        }
    }

    fn findings(&mut self, event: &Event) -> Vec<Finding> {
        self.tally.events += 1;
        self.detector.detect(event).findings
    }

    fn recording(&mut self, path: &Path, about: &About, expected: &[ExpectedFinding]) -> anyhow::Result<()> {
        let limits = Limits::default();
        let mut inputs = InputSet::new(expand(&[path.to_owned()], &limits)?, limits);
        let (mut marking, mut number) = (Marking::new(about, expected), 0);
        self.tally.recordings += 1;
        while let Some(batch) = inputs.next_batch() {
            batch.read(&mut |item| {
                let event = match item {
                    Item::Event(event) => event,
                    Item::Anomaly(_) => {
                        self.tally.anomalies += 1;
                        return;
                    }
                };
                for finding in self.findings(&event) {
                    marking.finding(number, &finding, &mut self.tally);
                }
                number += 1;
            });
        }
        if number == 0 {
            self.unread.push(path.to_owned());
        }
        marking.finish(&mut self.tally);
        Ok(())
    }

    fn texts(&mut self, path: &Path, about: &About, texts: &Texts) -> anyhow::Result<()> {
        let file = regular_file::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        let (mut file, mut line, mut number) = (BufReader::new(file), Vec::new(), 0);
        loop {
            line.clear();
            let read = file.by_ref().take(MOST_LINE + 1).read_until(b'\n', &mut line)?;
            if read == 0 {
                return Ok(());
            }
            number += 1;
            if read as u64 > MOST_LINE {
                bail!("{}, line {number}: over {MOST_LINE} bytes", path.display());
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            let row: Value = serde_json::from_slice(&line)
                .with_context(|| format!("{}, line {number}: not JSON", path.display()))?;
            let labelled = Row::of(&row, texts).with_context(|| {
                format!("{}, line {number}: `{}` or `{}` is no text", path.display(), texts.text, texts.label)
            })?;
            self.text(about, texts, &labelled);
        }
    }

    fn text(&mut self, about: &About, texts: &Texts, row: &Row<'_>) {
        let mut text =
            json!({ "v": 1, "kind": "text", "text": { "text": row.text, "surface": texts.surface } });
        if let (Some(direction), Some(members)) = (texts.direction, text.as_object_mut()) {
            members.insert("direction".into(), json!(direction));
        }
        self.tally.texts += 1;
        // The surest finding of each rule.
        let mut rules: BTreeMap<String, f32> = BTreeMap::new();
        for item in RecordLines::new("text").read(text.to_string().as_bytes(), 0) {
            let Item::Event(event) = item else {
                self.tally.anomalies += 1;
                continue;
            };
            for finding in self.findings(&event).iter().filter(|finding| about.takes(finding)) {
                let best = rules.entry(finding.rule.id.to_string()).or_insert(0.0);
                *best = best.max(finding.confidence.0);
            }
        }
        for rule in rules.keys() {
            // Where a line names its rules, others are wrong in it.
            let named = row.rules.is_empty() || row.rules.iter().any(|name| is_named(name, rule));
            self.tally.hit(rule, row.is_positive && named);
        }
        for name in row.rules.iter().filter(|_| row.is_positive) {
            self.tally.expected(name, rules.keys().any(|rule| is_named(name, rule)));
        }
        let confidence = rules.values().copied().reduce(f32::max);
        if row.is_positive || confidence.is_some() {
            self.tally.observations.push(Observation { wanted: row.is_positive, confidence });
        }
    }
}

/// A line of labelled texts.
struct Row<'r> {
    text: &'r str,
    is_positive: bool,
    rules: Vec<&'r str>,
}

impl<'r> Row<'r> {
    fn of(row: &'r Value, texts: &Texts) -> Option<Self> {
        let label = row.get(&texts.label)?.as_str()?;
        let rules = texts.rules.as_ref().and_then(|member| row.get(member));
        let rules = match rules {
            Some(Value::String(one)) => vec![one.as_str()],
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        Some(Self {
            text: row.get(&texts.text)?.as_str()?,
            is_positive: texts.positive.iter().any(|positive| positive == label),
            rules,
        })
    }
}
