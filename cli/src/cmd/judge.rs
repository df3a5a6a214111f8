//! `judge`: event records on standard input, one verdict record a line on standard output, each flushed.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use anyhow::Context;
use coldcase_engine::{Judge, Tracker};
use coldcase_model::{Item, Judged, Show};
use coldcase_readers::{Limits, RecordLines};
use coldcase_reports::verdict_record;

use crate::args::JudgeArgs;
use crate::baseline::Baseline;
use crate::config::Ruleset;
use crate::term::{self, Exit};
use crate::whole_file::{self, IfThere, PRIVATE};

pub(crate) fn judge(args: &JudgeArgs) -> anyhow::Result<Exit> {
    let Ruleset { pack, policy, .. } = Ruleset::load(&args.ruleset)?;
    let show = if args.show_secrets { Show::Secrets } else { Show::Redacted };
    let accepted = Baseline::named(&args.accepted)?;
    let mut judge = Judge::new(&pack, policy, show);
    if let Some(accepted) = &accepted {
        judge.suppress(&accepted.suppressions);
    }
    if let Some(path) = &args.state
        && let Some(tracker) = state(path)?
    {
        judge = judge.going_on_from(tracker);
    }
    let mut records = RecordLines::new("stdin");
    let mut input = BufReader::new(io::stdin().lock());
    let mut out = io::stdout().lock();
    let cap = Limits::default().record_bytes;
    let mut any = false;
    while let Some((line, left_out)) = next_line(&mut input, cap)? {
        let mut verdict: Option<Judged> = None;
        for item in records.read(&line, left_out) {
            match item {
                Item::Anomaly(anomaly) => {
                    term::note(&format!(
                        "line {}: {}: {}",
                        anomaly.pos.record + 1,
                        anomaly.kind,
                        anomaly.what
                    ));
                }
                Item::Event(event) => {
                    let judged = judge.judge(&event);
                    verdict = Some(match verdict {
                        None => judged,
                        Some(first) => joined(first, judged),
                    });
                }
            }
        }
        if let Some(judged) = verdict {
            any = true;
            serde_json::to_writer(&mut out, &verdict_record(&judged))?;
            out.write_all(b"\n")?;
            out.flush()?;
        }
    }
    if let Some(path) = &args.state {
        let snapshot = judge.tracker().snapshot()?;
        whole_file::put(path, &snapshot, PRIVATE, IfThere::Replace)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(if any { Exit::Done } else { Exit::Incomplete })
}

/// The state that an earlier run left; nothing where there is no such file yet.
fn state(path: &Path) -> anyhow::Result<Option<Tracker>> {
    let cannot = || format!("cannot go on from {}", path.display());
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(cannot),
    };
    let mut snapshot = Vec::new();
    file.take(Tracker::LARGEST_SNAPSHOT as u64 + 1).read_to_end(&mut snapshot).with_context(cannot)?;
    Tracker::resume(&snapshot).map(Some).with_context(cannot)
}

/// A batch of messages is one record and gets one verdict: the strictest, with the findings of all.
fn joined(first: Judged, second: Judged) -> Judged {
    let mut findings = first.findings;
    findings.extend(second.findings);
    let strictest =
        if second.verdict.action > first.verdict.action { &second.verdict } else { &first.verdict };
    let mut verdict = strictest.clone();
    verdict.risk = second.verdict.risk;
    verdict.coverage.scanned = first.verdict.coverage.scanned + second.verdict.coverage.scanned;
    verdict.coverage.not_scanned = first.verdict.coverage.not_scanned;
    verdict.coverage.not_scanned.extend(second.verdict.coverage.not_scanned);
    let mut story = first.story;
    story.signals.extend(second.story.signals);
    story.edges.extend(second.story.edges);
    story.tools.extend(second.story.tools);
    story.changes.extend(second.story.changes);
    story.joins.extend(second.story.joins);
    story.arguments.extend(second.story.arguments);
    Judged { head: first.head, labels: first.labels, findings, story, verdict }
}

/// The next line that is not empty, cut at `cap` bytes, with how many were left out.
fn next_line(input: &mut impl BufRead, cap: usize) -> io::Result<Option<(Vec<u8>, u64)>> {
    loop {
        let mut line = Vec::new();
        let read = input.by_ref().take(cap as u64 + 1).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(None);
        }
        let mut left_out = 0;
        if line.last() == Some(&b'\n') {
            line.pop();
        } else if line.len() > cap {
            left_out = 1 + skip_line(input)?;
            line.truncate(cap);
        }
        if !line.trim_ascii().is_empty() {
            return Ok(Some((line, left_out)));
        }
    }
}

fn skip_line(input: &mut impl BufRead) -> io::Result<u64> {
    let mut skipped = 0;
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(skipped);
        }
        let (used, done) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(end) => (end + 1, true),
            None => (buffer.len(), false),
        };
        input.consume(used);
        skipped += used as u64;
        if done {
            return Ok(skipped);
        }
    }
}
