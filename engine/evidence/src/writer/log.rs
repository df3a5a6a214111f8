//! The writer of one session's log: entries, checkpoints, shards, and the end.
//!
//! It fails closed: after the first operation of the store that fails, nothing more is written, and every call
//! says so. Whoever must not act unrecorded then has to stop acting.
//!
//! Left out: going on in a log of an earlier process; see [`LogWriter::resume`].

use std::io;

use super::members::Members;
use super::{
    Altered, Detail, EntryKind, Head, LogConfig, LogConfigError, SignedReceipt, Store, Tail, TranscriptRoot,
};
use super::{entry, time};
use crate::entry::{Fields, GENESIS};
use crate::hex;

/// What is to be recorded. In the texts a NUL becomes U+FFFD, and is flagged.
#[derive(Debug, Clone, Default)]
pub struct Record<'a> {
    /// What ties entries of one exchange together; may be empty.
    pub trace: &'a str,
    /// The type.
    pub kind: EntryKind,
    /// What kind within the type; may be empty.
    pub event_kind: &'a str,
    /// How the traffic came; may be empty.
    pub transport: &'a str,
    /// A line for people.
    pub summary: &'a str,
    /// The rest.
    pub detail: Detail,
}

/// An entry that is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// Its number.
    pub seq: u64,
    /// Its hash.
    pub hash: [u8; 32],
    /// What of it stands otherwise than it was given.
    pub altered: Altered,
}

/// Why an entry is not in the log, or not surely.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The store failed. What was to be written may be there in part.
    #[error("cannot {doing} the audit log")]
    Store {
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        #[source]
        cause: io::Error,
    },
    /// The store failed before; nothing was tried.
    #[error("the audit log is stopped, because writing to it failed before")]
    Stopped,
}

/// Writes one session's log.
#[derive(Debug)]
pub struct LogWriter<S> {
    config: LogConfig,
    store: S,
    /// The predecessor, until its link is written.
    follows: Option<Tail>,
    last: Option<(u64, [u8; 32])>,
    shard: Option<Shard>,
    shards: u32,
    /// The first entry that no checkpoint covers, and how many there are.
    uncovered: Option<(u64, u64)>,
    stopped: bool,
    line: Vec<u8>,
    room: Vec<u8>,
}

#[derive(Debug, Default)]
struct Shard {
    lines: u64,
    bytes: u64,
}

impl<S: Store> LogWriter<S> {
    /// How many shards of a session Pipelock's own readers take.
    ///
    /// Source: FLIGHT_RECORDER_FORMAT, section 2, "Limits".
    pub const MOST_SHARDS: u32 = 256;

    /// Opens the log of a new session. Its first shard is created with its first entry, so that no run leaves an
    /// empty one.
    pub fn open(config: LogConfig, store: S) -> Result<Self, LogConfigError> {
        config.check()?;
        Ok(Self {
            config,
            store,
            follows: None,
            last: None,
            shard: None,
            shards: 0,
            uncovered: None,
            stopped: false,
            line: Vec::new(),
            room: Vec::new(),
        })
    }

    /// Opens the log of a new session that follows on another, which ended or was torn there.
    ///
    /// The link is put beside the shards right after the first entry: a run that records nothing leaves no link
    /// to nowhere, and its predecessor free for the next one.
    pub fn resume(config: LogConfig, store: S, predecessor: Tail) -> Result<Self, LogConfigError> {
        Ok(Self { follows: Some(predecessor), ..Self::open(config, store)? })
    }

    /// Records an entry, and a checkpoint if one is due.
    ///
    /// Units: `now` is nanoseconds since 1970-01-01T00:00:00Z.
    pub fn record(&mut self, now: i64, record: &Record<'_>) -> Result<Recorded, WriteError> {
        self.unless_stopped(|log| {
            let recorded = log.append(now, record.kind.name(), record)?;
            let (first, count) = log.uncovered.unwrap_or((recorded.seq, 0));
            log.uncovered = Some((first, count + 1));
            if let Some(tail) = log.follows.take() {
                log.link(now, &tail)?;
            }
            if count + 1 >= log.config.checkpoint_interval {
                log.checkpoint(now)?;
            }
            Ok(recorded)
        })
    }

    /// Records a receipt under the summary that readers compare it with.
    pub fn record_receipt(
        &mut self,
        now: i64,
        trace: &str,
        receipt: &SignedReceipt,
    ) -> Result<Recorded, WriteError> {
        let kind = receipt.action_type.name();
        let summary = format!("receipt: {} {kind} {}", receipt.verdict, receipt.transport);
        self.record(
            now,
            &Record {
                trace,
                kind: EntryKind::ActionReceipt,
                event_kind: kind,
                transport: &receipt.transport,
                summary: &summary,
                detail: receipt.detail.clone(),
            },
        )
    }

    /// Records the sum of all receipts, after which only the last checkpoint should come.
    pub fn record_root(&mut self, now: i64, root: &TranscriptRoot) -> Result<Recorded, WriteError> {
        let hash = hex::encode(root.hash.first_chunk::<8>().unwrap_or(&[0; 8]));
        let summary = format!("transcript_root: {} receipts, root={hash}", root.count);
        self.record(
            now,
            &Record {
                kind: EntryKind::TranscriptRoot,
                event_kind: EntryKind::TranscriptRoot.name(),
                summary: &summary,
                detail: root.detail.clone(),
                ..Record::default()
            },
        )
    }

    /// Writes a checkpoint now, if anything was recorded since the last one, and gives the head it made.
    pub fn checkpoint_now(&mut self, now: i64) -> Result<Option<Head>, WriteError> {
        self.unless_stopped(|log| log.checkpoint(now))
    }

    /// Ends the log with a checkpoint over whatever no checkpoint covers yet, in a new shard if the last is full.
    pub fn close(mut self, now: i64) -> Result<Option<Head>, WriteError> {
        self.checkpoint_now(now)
    }

    /// Where the log ends now; `None` before its first entry.
    pub fn tail(&self) -> Option<Tail> {
        let (seq, hash) = self.last?;
        Some(Tail { session: self.config.session.clone(), seq, hash, signer: self.config.key.public() })
    }

    /// Whether it is time for a new session, which follows on this one: Pipelock's readers take no more shards.
    /// The log goes on all the same, since no reader's limit is a reason to lose evidence.
    pub fn is_full(&self) -> bool {
        self.shards >= Self::MOST_SHARDS
    }

    fn unless_stopped<T>(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<T, WriteError>,
    ) -> Result<T, WriteError> {
        if self.stopped {
            return Err(WriteError::Stopped);
        }
        let written = write(self);
        self.stopped = written.is_err();
        written
    }

    fn append(&mut self, now: i64, kind: &str, record: &Record<'_>) -> Result<Recorded, WriteError> {
        let mut altered = record.detail.altered();
        let [trace, event_kind, transport, summary] =
            [record.trace, record.event_kind, record.transport, record.summary]
                .map(|text| altered.clean(text.as_bytes()));
        let ts = time::spell(now);
        let seq = self.last.map_or(0, |(seq, _)| seq + 1);
        let previous = self.last.map(|(_, hash)| hex::encode32(&hash));
        let fields = Fields {
            version: 2,
            seq,
            ts: ts.as_bytes(),
            session: self.config.session.as_str().as_bytes(),
            trace: trace.as_bytes(),
            kind: kind.as_bytes(),
            event_kind: event_kind.as_bytes(),
            transport: transport.as_bytes(),
            summary: summary.as_bytes(),
            detail: record.detail.json(),
            prev_hash: previous.as_ref().map_or(GENESIS, |text| text),
            ..Fields::default()
        };
        let line = entry::encode(&fields, &mut self.line, &mut self.room);
        altered.over_limit = line.over_limit;
        self.write_line(seq)?;
        self.last = Some((seq, line.hash));
        Ok(Recorded { seq, hash: line.hash, altered })
    }

    /// Appends the spelled line, in a new shard if it would not fit.
    fn write_line(&mut self, seq: u64) -> Result<(), WriteError> {
        let bytes = self.line.len() as u64;
        let fits = |shard: &&mut Shard| {
            shard.lines < self.config.max_entries && shard.bytes + bytes <= self.config.max_bytes
        };
        let shard = match self.shard.as_mut().filter(fits) {
            Some(shard) => shard,
            None => {
                // The store syncs the newest shard only, so the full one must be safe before there is a newer.
                if self.shards > 0 {
                    self.store.sync().map_err(doing("sync"))?;
                }
                self.store.create(&self.config.session.shard(seq)).map_err(doing("create a shard of"))?;
                self.shards += 1;
                self.shard.insert(Shard::default())
            }
        };
        self.store.append(&self.line).map_err(doing("append to"))?;
        shard.lines += 1;
        shard.bytes += bytes;
        Ok(())
    }

    fn link(&mut self, now: i64, tail: &Tail) -> Result<(), WriteError> {
        self.store.sync().map_err(doing("sync"))?;
        let file = tail.link(&self.config.session, &time::spell(now), &self.config.key);
        self.store.put(&tail.link_name(), &file).map_err(doing("link the last session to"))
    }

    /// Source: FLIGHT_RECORDER_FORMAT, section 6: the signed bytes are the 64 digits of the hash before.
    fn checkpoint(&mut self, now: i64) -> Result<Option<Head>, WriteError> {
        let (Some((first, count)), Some((last, hash))) = (self.uncovered, self.last) else { return Ok(None) };
        let signature = self.config.key.sign(&hex::encode32(&hash));
        let mut detail = Vec::new();
        Members::begin(&mut detail)
            .number("entry_count", count)
            .number("first_seq", first)
            .number("last_seq", last)
            .text("signature", hex::encode(&signature).as_bytes())
            .end();
        let summary = format!("checkpoint: {count} entries [seq {first}-{last}]");
        let record = Record {
            event_kind: "checkpoint",
            summary: &summary,
            detail: Detail::spelled(detail),
            ..Record::default()
        };
        let recorded = self.append(now, "checkpoint", &record)?;
        self.uncovered = None;
        // A head must not name an entry that a loss of power could still take.
        self.store.sync().map_err(doing("sync"))?;
        let head =
            Head::sign(&self.config.session, recorded.seq, recorded.hash, time::spell(now), &self.config.key);
        self.store.write_head(&head.line()).map_err(doing("write the head of"))?;
        Ok(Some(head))
    }
}

fn doing(doing: &'static str) -> impl FnOnce(io::Error) -> WriteError {
    move |cause| WriteError::Store { doing, cause }
}

#[cfg(test)]
mod tests;
