//! Lines taken apart and put together again, as someone does who rewrites a log: written from the format's description.

use std::fmt;

use coldcase_evidence::SecretKey;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What is done with checkpoints that no longer hold.
pub(crate) enum How {
    Keep,
    Strip,
    Blank,
    SignWith(Box<SecretKey>),
}

impl fmt::Debug for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keep => "keep",
            Self::Strip => "strip",
            Self::Blank => "blank",
            Self::SignWith(_) => "sign",
        })
    }
}

/// An entry of version 2 without the parts that our writer leaves out here.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    seq: u64,
    /// From `ts` to `summary`, as they are spelled.
    spelled: String,
    /// The same as they are hashed.
    hashed: Vec<u8>,
    is_checkpoint: bool,
    /// As it is spelled, which is as it is hashed.
    detail: String,
    prev: String,
    hash: String,
}

pub(crate) fn is_checkpoint(line: &[u8]) -> bool {
    String::from_utf8_lossy(line).contains(r#""type":"checkpoint""#)
}

impl Line {
    /// Source: FLIGHT_RECORDER_FORMAT, sections 3 and 4.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, Box<dyn std::error::Error>> {
        let text = std::str::from_utf8(line)?;
        let value: Value = serde_json::from_str(text)?;
        let part = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (head, rest) = text.split_once(r#","detail":"#).ok_or("no detail")?;
        let (detail, _) = rest.rsplit_once(r#","prev_hash":""#).ok_or("no link")?;
        let (_, spelled) = head.split_once(r#","ts":"#).ok_or("no time")?;
        let names = ["ts", "session_id", "trace_id", "type", "event_kind", "transport", "summary"];
        let hashed = names.iter().map(|name| part(name)).collect::<Vec<_>>().join("\0");
        Ok(Self {
            seq: value.get("seq").and_then(Value::as_u64).ok_or("no number")?,
            spelled: spelled.to_owned(),
            hashed: hashed.into_bytes(),
            is_checkpoint: is_checkpoint(line),
            detail: detail.to_owned(),
            prev: part("prev_hash"),
            hash: part("hash"),
        })
    }

    pub(crate) fn spell(&self) -> Vec<u8> {
        let Self { seq, spelled, detail, prev, hash, .. } = self;
        format!(
            r#"{{"v":2,"seq":{seq},"ts":{spelled},"detail":{detail},"prev_hash":"{prev}","hash":"{hash}"}}"#
        )
        .into_bytes()
        .into_iter()
        .chain([b'\n'])
        .collect()
    }

    fn rehash(&mut self) {
        let start = format!("2\0{}\0", self.seq);
        let end = format!("\0{}\0\0{}", self.detail, self.prev);
        let digest =
            Sha256::new().chain_update(start).chain_update(&self.hashed).chain_update(end).finalize();
        self.hash = hex(&digest);
    }

    /// Says that the checkpoint covers the entries from `first` to the one before it.
    fn span(&mut self, first: u64, signature: &str) {
        let (old, last, count) = (self.summary(), self.seq - 1, self.seq - first);
        let new = format!("checkpoint: {count} entries [seq {first}-{last}]");
        self.spelled = self.spelled.replace(&old, &new);
        self.hashed = String::from_utf8_lossy(&self.hashed).replace(&old, &new).into_bytes();
        self.detail = format!(
            r#"{{"entry_count":{count},"first_seq":{first},"last_seq":{last},"signature":"{signature}"}}"#
        );
    }

    fn summary(&self) -> String {
        String::from_utf8_lossy(&self.hashed).rsplit('\0').next().unwrap_or_default().to_owned()
    }

    fn signature(&self) -> &str {
        self.detail.rsplit_once(r#""signature":""#).map_or("", |(_, rest)| rest.trim_end_matches("\"}"))
    }

    /// The same entry with a mark behind its summary.
    fn marked(&self) -> Self {
        let mut line = self.clone();
        line.spelled.truncate(line.spelled.len() - 1);
        line.spelled.push_str("!\"");
        line.hashed.push(b'!');
        line
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The lines with entry `at` edited, deleted, and with one put in before it.
pub(crate) fn changes(lines: &[Line], at: usize) -> Vec<Vec<Line>> {
    let mut out = Vec::new();
    if let Some(line) = lines.get(at).filter(|line| !line.is_checkpoint) {
        let mut edited = lines.to_vec();
        edited.splice(at..=at, [line.marked()]);
        out.push(edited);
    }
    let mut deleted = lines.to_vec();
    deleted.remove(at);
    out.push(deleted);
    if let Some(line) = lines.iter().find(|line| !line.is_checkpoint) {
        let mut inserted = lines.to_vec();
        inserted.insert(at, line.marked());
        out.push(inserted);
    }
    out
}

/// Numbers, links and hashes all lines anew. Checkpoints from line `from` on are treated as `how` says.
pub(crate) fn rebuild(lines: &[Line], from: usize, how: &How) -> Vec<Line> {
    let (mut out, mut prev, mut first) = (Vec::<Line>::new(), "genesis".to_owned(), 0);
    for (at, line) in lines.iter().enumerate() {
        let mut line = line.clone();
        (line.seq, line.prev) = (out.len() as u64, prev.clone());
        let strip = at >= from && matches!(how, How::Strip);
        // A checkpoint that covers nothing is no entry that a writer makes: an attacker leaves it out too.
        if line.is_checkpoint && (strip || line.seq == first) {
            continue;
        }
        if line.is_checkpoint {
            let signature = match how {
                How::Blank if at >= from => String::new(),
                How::SignWith(key) if at >= from => hex(&key.sign(line.prev.as_bytes())),
                _ => line.signature().to_owned(),
            };
            line.span(first, &signature);
            first = line.seq + 1;
        }
        line.rehash();
        prev.clone_from(&line.hash);
        out.push(line);
    }
    out
}
