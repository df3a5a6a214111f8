//! What is kept of a live session: the signed log, redacted, and if asked the messages in full, as event records.
//!
//! An entry is written before the message is passed on, so that a process that is killed loses no message that went
//! through. `bodies` says where the messages in full go.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use base64::Engine;
use coldcase_evidence::{
    Detail as LogDetail, EntryKind, KeyRing, LogConfig, LogWriter, Record, SecretKey, Session, Store, Tail,
};
use coldcase_model::{Detail, Direction, EventKind, Judged};
use coldcase_reports::verdict_record;
use serde_json::json;

use super::bodies::Bodies;
use super::fold::Fate;
use crate::args::{OnLogError, RecordArgs};
use crate::evidence_store::FileStore;
use crate::{clock, cmd, config, random};

/// The bytes of an event.
#[derive(Debug, Clone, Copy)]
pub(super) enum Body<'a> {
    /// A message, which is JSON.
    Message(&'a [u8]),
    /// What is no message: its first bytes, and how many are left out.
    Raw(&'a [u8], u64),
    /// A payload as it stands in the record, under its key.
    Payload(&'static str, &'a [u8]),
}

/// What an event record says besides the bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) kind: &'a str,
    pub(super) name: &'a str,
    pub(super) session: &'a str,
    /// RFC 3339.
    pub(super) time: &'a str,
    pub(super) direction: Direction,
    pub(super) server: Option<&'a str>,
    /// How a JSON-RPC message is carried.
    pub(super) transport: &'static str,
}

/// An event record, without a line feed. A message stands in it byte for byte, so that it is read as it was judged.
pub(super) fn event_record(frame: &Frame<'_>, body: Body<'_>) -> Vec<u8> {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let mut line = format!(
        "{{\"v\":1,\"kind\":{},\"id\":{},\"session\":{},\"time\":{},\"direction\":\"{}\"",
        text(frame.kind),
        text(frame.name),
        text(frame.session),
        text(frame.time),
        frame.direction,
    )
    .into_bytes();
    if let Some(server) = frame.server {
        line.extend_from_slice(format!(",\"server\":{}", text(server)).as_bytes());
    }
    match body {
        Body::Message(message) if frame.kind == "a2a" => {
            line.extend_from_slice(b",\"a2a\":{\"message\":");
            line.extend_from_slice(message);
        }
        Body::Message(message) => {
            line.extend_from_slice(
                format!(",\"mcp\":{{\"transport\":\"{}\",\"message\":", frame.transport).as_bytes(),
            );
            line.extend_from_slice(message);
        }
        Body::Raw(bytes, left_out) => {
            let raw = match std::str::from_utf8(bytes) {
                Ok(text) => json!({ "text": text, "truncated_bytes": left_out }),
                Err(_) => {
                    let coded = base64::engine::general_purpose::STANDARD.encode(bytes);
                    json!({ "base64": coded, "truncated_bytes": left_out })
                }
            };
            line.extend_from_slice(
                format!(",\"mcp\":{{\"transport\":\"{}\",\"raw\":", frame.transport).as_bytes(),
            );
            line.extend_from_slice(raw.to_string().as_bytes());
        }
        Body::Payload(key, payload) => {
            line.extend_from_slice(format!(",\"{key}\":").as_bytes());
            line.extend_from_slice(payload);
            line.push(b'}');
            return line;
        }
    }
    line.extend_from_slice(b"}}");
    line
}

/// Writes what was asked for; nothing by default.
pub(super) struct Recorder {
    log: Option<AuditLog>,
    bodies: Option<Bodies>,
    on_error: OnLogError,
    /// Why writing failed, if it did: nothing more is tried.
    failed: bool,
}

impl Recorder {
    /// Opens what the arguments name. `base` is what the names of the log's sessions start with.
    pub(super) fn open(args: &RecordArgs, base: &str, transport: &'static str) -> anyhow::Result<Self> {
        let log = match (&args.record, &args.key) {
            (Some(folder), Some(key)) => {
                Some(AuditLog::open(args, (base, transport), folder, config::secret_key(key)?)?)
            }
            _ => None,
        };
        let bodies = Bodies::open(args)?;
        Ok(Self { log, bodies, on_error: args.on_log_error, failed: false })
    }

    /// Records nothing.
    #[cfg(test)]
    pub(super) fn nothing() -> Self {
        Self { log: None, bodies: None, on_error: OnLogError::Block, failed: false }
    }

    /// Whether messages are kept in full.
    pub(super) fn keeps_bodies(&self) -> bool {
        self.bodies.is_some()
    }

    /// Records an event with what becomes of it, and its record in full where that is kept.
    ///
    /// An error means that it must not pass.
    pub(super) fn event(
        &mut self,
        judged: &Judged,
        fate: &Fate,
        bytes: u64,
        record: &[u8],
    ) -> anyhow::Result<()> {
        let entry = self.log.is_some().then(|| entry(judged, fate, bytes));
        self.write(|recorder| {
            if let (Some(log), Some((event_kind, summary, detail))) = (&mut recorder.log, &entry) {
                log.record(EntryKind::Decision, event_kind, summary, detail)?;
            }
            if let Some(bodies) = &mut recorder.bodies {
                bodies.append(record)?;
            }
            Ok(())
        })
    }

    /// Records something that is no event.
    pub(super) fn note(
        &mut self,
        kind: EntryKind,
        event_kind: &str,
        summary: &str,
        detail: &serde_json::Value,
    ) -> anyhow::Result<()> {
        self.write(|recorder| match &mut recorder.log {
            Some(log) => log.record(kind, event_kind, summary, detail),
            None => Ok(()),
        })
    }

    /// Ends the log with a checkpoint. Nothing can be recorded, nor pass, afterwards.
    pub(super) fn close(&mut self) -> anyhow::Result<()> {
        let was_failed = std::mem::replace(&mut self.failed, true);
        self.on_error = OnLogError::Block;
        let bodies = self.bodies.take().map_or(Ok(()), Bodies::close);
        match self.log.take() {
            Some(log) if !was_failed => log.close().and(bodies),
            _ => bodies,
        }
    }

    fn write(&mut self, write: impl FnOnce(&mut Self) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let written = if self.failed { Err(anyhow::anyhow!("recording has stopped")) } else { write(self) };
        let Err(error) = written else { return Ok(()) };
        if !std::mem::replace(&mut self.failed, true) {
            crate::term::error(&error);
            let then = match self.on_error {
                OnLogError::Block => "nothing passes any more",
                OnLogError::Pass => "what follows is not recorded",
            };
            crate::term::note(&format!("coldcase: {then}"));
        }
        match self.on_error {
            OnLogError::Block => Err(error),
            OnLogError::Pass => Ok(()),
        }
    }
}

/// The entry of an event: its type, a line for people, and the detail.
fn entry(judged: &Judged, fate: &Fate, bytes: u64) -> (&'static str, String, serde_json::Value) {
    let labels = &judged.labels;
    let is_rpc = matches!(judged.head.kind, EventKind::Mcp | EventKind::A2a);
    let (role, id) = match &judged.head.detail {
        Detail::Rpc { role, id, .. } => (role.as_str(), id.as_deref()),
        _ if is_rpc => ("line", None),
        _ => (judged.head.kind.as_str(), None),
    };
    let what = [role, labels.method.as_str(), labels.tool.as_str()].join(" ");
    let direction = judged.head.direction.map_or("", Direction::as_str);
    let reason = fate.reason().unwrap_or(&judged.verdict.reason);
    let summary = format!("{} {direction} {}: {reason}", fate.word(), what.trim_end());
    let worst = judged.findings.iter().max_by_key(|finding| finding.rule.severity);
    let detail = json!({
        // Under these names every reader of such logs finds what was decided.
        "verdict": fate.word(),
        "layer": worst.map(|finding| finding.rule.category.as_str()),
        "pattern": worst.map(|finding| &*finding.rule.id),
        "direction": direction,
        "role": role,
        "method": labels.method.as_str(),
        "tool": labels.tool.as_str(),
        "server": labels.server.as_str(),
        "target": labels.target.as_str(),
        // An id can be any text, and so a secret; a number of a counter is none.
        "rpc_id": id.filter(|id| id.len() <= 10 && id.bytes().all(|byte| byte.is_ascii_digit())),
        "bytes": bytes,
        "event": verdict_record(judged),
    });
    (if is_rpc { "mcp" } else { "http" }, summary, detail)
}

/// A store that outlives a writer: a full session is followed by another in the same folder.
#[derive(Debug, Clone)]
struct Shared(Arc<Mutex<FileStore>>);

impl Shared {
    fn with<T>(&self, act: impl FnOnce(&mut FileStore) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store for Shared {
    fn create(&mut self, name: &str) -> io::Result<()> {
        self.with(|store| store.create(name))
    }

    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        self.with(|store| store.append(line))
    }

    fn sync(&mut self) -> io::Result<()> {
        self.with(Store::sync)
    }

    fn put(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.with(|store| store.put(name, bytes))
    }

    fn write_head(&mut self, line: &[u8]) -> io::Result<()> {
        self.with(|store| store.write_head(line))
    }
}

/// The signed log.
struct AuditLog {
    writer: LogWriter<Shared>,
    store: Shared,
    key: Arc<SecretKey>,
    base: String,
    every: u64,
    transport: &'static str,
}

impl AuditLog {
    fn open(
        args: &RecordArgs,
        (base, transport): (&str, &'static str),
        folder: &Path,
        key: SecretKey,
    ) -> anyhow::Result<Self> {
        let (key, base, every) = (Arc::new(key), base.to_owned(), args.checkpoint_every);
        // Minted before the folder is touched: the base may be unfit for a file name.
        let session = mint(&base)?;
        let store = Shared(Arc::new(Mutex::new(FileStore::open(folder, &base)?)));
        let own = key.public();
        let tail = if args.no_link {
            None
        } else {
            cmd::find_predecessor(folder, &base, &own, &KeyRing::new(vec![own.clone()]), every)?
        };
        let writer = writer(session, &key, every, store.clone(), tail)?;
        Ok(Self { writer, store, key, base, every, transport })
    }

    fn record(
        &mut self,
        kind: EntryKind,
        event_kind: &str,
        summary: &str,
        detail: &serde_json::Value,
    ) -> anyhow::Result<()> {
        if self.writer.is_full() {
            self.writer.checkpoint_now(clock::now())?;
            let tail = self.writer.tail();
            self.writer = writer(mint(&self.base)?, &self.key, self.every, self.store.clone(), tail)?;
        }
        let detail = LogDetail::from_json(detail.to_string().as_bytes())?;
        let record = Record { trace: "", kind, event_kind, transport: self.transport, summary, detail };
        self.writer.record(clock::now(), &record)?;
        Ok(())
    }

    fn close(self) -> anyhow::Result<()> {
        self.writer.close(clock::now())?;
        Ok(())
    }
}

fn mint(base: &str) -> anyhow::Result<Session> {
    Session::mint(base, &random::bytes()?).with_context(|| format!("--session cannot be {base:?}"))
}

fn writer(
    session: Session,
    key: &Arc<SecretKey>,
    every: u64,
    store: Shared,
    tail: Option<Tail>,
) -> anyhow::Result<LogWriter<Shared>> {
    let config = LogConfig::new(session, Arc::clone(key)).checkpoint_interval(every);
    Ok(match tail {
        Some(tail) => LogWriter::resume(config, store, tail),
        None => LogWriter::open(config, store),
    }?)
}
