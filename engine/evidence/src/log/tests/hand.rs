//! Logs spelled by hand: the versions and shapes that our own writer does not make.

use super::entries::{Line, key};
use super::logs::Log;
use crate::hex;

/// A log that is being made, line by line.
pub(super) struct Hand {
    session: String,
    version: u8,
    lines: Vec<Line>,
    /// Where shards begin.
    starts: Vec<usize>,
    /// The first entry that no checkpoint counts.
    since: u64,
}

impl Hand {
    pub(super) fn new(session: &str, version: u8) -> Self {
        Self { session: session.to_owned(), version, lines: Vec::new(), starts: vec![0], since: 0 }
    }

    /// Adds an entry.
    pub(super) fn entry(self, summary: &str, detail: &str) -> Self {
        let event_kind = if self.version == 1 { "" } else { "proxy_decision" };
        self.push("decision", event_kind, "fetch", summary, detail, |_| {})
    }

    /// Adds an entry with the parts that most entries do not have.
    pub(super) fn full_entry(self, summary: &str) -> Self {
        self.push("capture", "", "mcp", summary, "null", |line| {
            line.trace = "trace-1".to_owned();
            line.raw_ref = "evidence-x-1.raw.enc".to_owned();
        })
    }

    /// Adds a checkpoint, signed by the key of this seed or not at all.
    pub(super) fn checkpoint(mut self, seed: Option<u8>) -> Self {
        let event_kind = if self.version == 1 { "" } else { "checkpoint" };
        let first = self.since;
        self = self.push("checkpoint", event_kind, "", "", "null", |line| {
            let sign = |seed| hex::encode(&key(seed).sign(line.prev.as_bytes()));
            let signature = seed.map(sign).unwrap_or_default();
            line.span(first, &signature);
        });
        self.since = self.lines.len() as u64;
        self
    }

    /// Goes on in a new shard.
    pub(super) fn rotate(mut self) -> Self {
        if self.starts.last() != Some(&self.lines.len()) {
            self.starts.push(self.lines.len());
        }
        self
    }

    /// Goes on as a new process does: in a new shard, with counters that start anew.
    pub(super) fn restart(mut self) -> Self {
        self.since = self.lines.len() as u64;
        self.rotate()
    }

    /// Goes on as a newer recorder.
    pub(super) fn version(mut self, version: u8) -> Self {
        self.version = version;
        self
    }

    /// Whether a checkpoint has anything to count.
    pub(super) fn has_uncovered(&self) -> bool {
        self.since < self.lines.len() as u64
    }

    pub(super) fn log(self) -> Log {
        let lines: Vec<Vec<u8>> = self.lines.iter().map(Line::spell).collect();
        let ends = self.starts.iter().skip(1).copied().chain([lines.len()]);
        let shards = self.starts.iter().zip(ends).filter(|(start, end)| *start < end);
        let name = |start: &usize| format!("evidence-{}-{start}.jsonl", self.session);
        let shards = shards.map(|(start, end)| (name(start), lines[*start..end].concat())).collect();
        Log { session: Some(self.session.clone()), shards, step: usize::MAX }
    }

    fn push(
        mut self,
        kind: &str,
        event_kind: &str,
        transport: &str,
        summary: &str,
        detail: &str,
        change: impl FnOnce(&mut Line),
    ) -> Self {
        let seq = self.lines.len() as u64;
        let mut line = Line {
            version: self.version,
            seq,
            ts: format!("2026-03-01T10:{:02}:{:02}.5Z", seq / 60 % 60, seq % 60),
            session: self.session.clone(),
            writer: if self.version == 3 { "writer-01".to_owned() } else { String::new() },
            trace: String::new(),
            kind: kind.to_owned(),
            event_kind: event_kind.to_owned(),
            transport: transport.to_owned(),
            summary: summary.to_owned(),
            detail: detail.to_owned(),
            raw_ref: String::new(),
            prev: self.lines.last().map_or_else(|| "genesis".to_owned(), |last| last.hash.clone()),
            hash: String::new(),
        };
        change(&mut line);
        line.rehash();
        self.lines.push(line);
        self
    }
}
