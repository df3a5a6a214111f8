//! Entries taken apart and spelled again, hashed by `entry::hash` and not by the writer's code.
//!
//! What an attacker without the key can do with a log is done here: [`rebuild`] numbers, links and hashes anew.

use crate::entry::{Fields, Room, hash, read};
use crate::hex;
use crate::keys::SecretKey;
use crate::spelling::encode;

/// An entry with its strings decoded; what is absent is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) version: u8,
    pub(super) seq: u64,
    pub(super) ts: String,
    pub(super) session: String,
    pub(super) writer: String,
    pub(super) trace: String,
    pub(super) kind: String,
    pub(super) event_kind: String,
    pub(super) transport: String,
    pub(super) summary: String,
    pub(super) detail: String,
    pub(super) raw_ref: String,
    pub(super) prev: String,
    pub(super) hash: String,
}

/// What a rebuilt log's checkpoints become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Their signatures stay as they are.
    Keep,
    /// They are taken out.
    Strip,
    /// Their signatures are emptied.
    Blank,
    /// They are signed anew by the key of this seed.
    Sign(u8),
}

/// The key of a seed of equal bytes.
pub(super) fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

impl Line {
    /// Takes a right line apart.
    pub(super) fn parse(line: &[u8]) -> Self {
        let entry = read(line, &mut Room::default()).expect("a line as the writer spells it");
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self {
            version: entry.version,
            seq: entry.seq,
            ts: text(entry.ts),
            session: text(&entry.session.decode()),
            writer: text(&entry.writer.decode()),
            trace: text(&entry.trace.decode()),
            kind: text(&entry.kind.decode()),
            event_kind: text(&entry.event_kind.decode()),
            transport: text(&entry.transport.decode()),
            summary: text(&entry.summary.decode()),
            detail: text(entry.detail),
            raw_ref: text(&entry.raw_ref.decode()),
            prev: text(entry.prev_hash),
            hash: hex::encode(&entry.hash),
        }
    }

    pub(super) fn is_checkpoint(&self) -> bool {
        self.kind == "checkpoint"
    }

    pub(super) fn is_signed(&self) -> bool {
        self.is_checkpoint() && !self.detail.contains(r#""signature":"""#)
    }

    /// States the hash that the content has.
    pub(super) fn rehash(&mut self) {
        let fields = Fields {
            version: self.version,
            seq: self.seq,
            ts: self.ts.as_bytes(),
            session: self.session.as_bytes(),
            chain_kind: if self.version == 3 { b"recorder" } else { b"" },
            writer: self.writer.as_bytes(),
            trace: self.trace.as_bytes(),
            kind: self.kind.as_bytes(),
            event_kind: self.event_kind.as_bytes(),
            transport: self.transport.as_bytes(),
            summary: self.summary.as_bytes(),
            detail: self.detail.as_bytes(),
            raw_ref: self.raw_ref.as_bytes(),
            prev_hash: self.prev.as_bytes(),
        };
        self.hash = hex::encode(&hash(&fields, &mut Vec::new()));
    }

    /// The line with its newline.
    ///
    /// Source: FLIGHT_RECORDER_FORMAT, section 3: the order of keys, and which are left out when empty.
    pub(super) fn spell(&self) -> Vec<u8> {
        let mut out = format!(r#"{{"v":{},"seq":{},"ts":"{}""#, self.version, self.seq, self.ts).into_bytes();
        let mut put = |key: &str, text: &str, always: bool| {
            if always || !text.is_empty() {
                out.extend_from_slice(format!(r#","{key}":"#).as_bytes());
                if key == "detail" {
                    out.extend_from_slice(text.as_bytes());
                } else {
                    encode(text.as_bytes(), &mut out);
                }
            }
        };
        put("session_id", &self.session, true);
        if self.version == 3 {
            put("chain_kind", "recorder", true);
            put("writer_instance_id", &self.writer, true);
        }
        put("trace_id", &self.trace, false);
        put("type", &self.kind, true);
        put("event_kind", &self.event_kind, false);
        put("transport", &self.transport, true);
        put("summary", &self.summary, true);
        put("detail", &self.detail, true);
        put("raw_ref", &self.raw_ref, false);
        put("prev_hash", &self.prev, true);
        put("hash", &self.hash, true);
        out.extend_from_slice(b"}\n");
        out
    }

    /// Makes a checkpoint say that it covers the entries from `first` to the one before it.
    pub(super) fn span(&mut self, first: u64, signature: &str) {
        let (last, count) = (self.seq - 1, self.seq - first);
        self.summary = format!("checkpoint: {count} entries [seq {first}-{last}]");
        self.detail = format!(
            r#"{{"entry_count":{count},"first_seq":{first},"last_seq":{last},"signature":"{signature}"}}"#
        );
    }

    /// The signature as a checkpoint spells it.
    pub(super) fn signature(&self) -> &str {
        self.detail.split(r#""signature":""#).nth(1).and_then(|rest| rest.strip_suffix("\"}")).unwrap_or("")
    }
}

/// Numbers, links and hashes all lines anew. Checkpoints from line `from` on are treated as `how` says; all of them
/// say again what they cover.
pub(super) fn rebuild(lines: &[Line], from: usize, how: How) -> Vec<Line> {
    let (mut out, mut prev, mut first) = (Vec::<Line>::new(), "genesis".to_owned(), 0);
    for (at, line) in lines.iter().enumerate() {
        let mut line = line.clone();
        if line.is_checkpoint() && at >= from && how == How::Strip {
            continue;
        }
        (line.seq, line.prev) = (out.len() as u64, prev);
        // A checkpoint that covers nothing is no entry that a writer makes: an attacker leaves it out too.
        if line.is_checkpoint() && line.seq == first {
            prev = line.prev;
            continue;
        }
        if line.is_checkpoint() {
            let signature = match how {
                How::Blank if at >= from => String::new(),
                How::Sign(seed) if at >= from => hex::encode(&key(seed).sign(line.prev.as_bytes())),
                _ => line.signature().to_owned(),
            };
            line.span(first, &signature);
            first = line.seq + 1;
        }
        line.rehash();
        prev = line.hash.clone();
        out.push(line);
    }
    out
}
