//! JSON-RPC in bodies and events: judged by the lanes of `mcp`, message by message.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use coldcase_engine::Pack;
use coldcase_evidence::EntryKind;
use coldcase_model::Direction;
use coldcase_model::json::{Tape, Value};
use coldcase_readers::MCP_LINE_BYTES;
use serde_json::json;

use crate::live::answer::{FAILED, Why};
use crate::live::carriage::Carriage;
use crate::live::fold::{Fold, lock};
use crate::live::framing::Line;
use crate::live::glimpse::Glimpse;
use crate::live::lane::Lane;
use crate::live::sent::{Sent, unread};
use crate::live::waiting::{TOO_LONG, Waiting};

/// Lanes that are kept; then all are made anew, which costs nothing but their count of messages.
const MOST_LANES: usize = 1024;
/// Shorter messages are judged where they are.
const HERE: usize = 64 << 10;
/// Of a message that is too long so much is kept for the record.
const KEPT: usize = 64 << 10;

/// Whose lane it is: session, server, and whether it leads to the server.
type Key = (String, String, bool);

/// The lanes of all sessions.
pub(super) struct Lanes {
    pack: &'static Pack,
    fold: Arc<Mutex<Fold>>,
    most_time: Duration,
    of_keys: Mutex<HashMap<Key, Arc<Mutex<Lane>>>>,
}

impl Lanes {
    pub(super) fn new(pack: &'static Pack, fold: Arc<Mutex<Fold>>, most_time: Duration) -> Self {
        Self { pack, fold, most_time, of_keys: Mutex::default() }
    }

    /// Judges a text of messages.
    pub(super) async fn take(
        &self,
        (session, server): (&str, &str),
        direction: Direction,
        carriage: Carriage,
        text: &[u8],
    ) -> Sent {
        let lane = self.lane(session, server, direction);
        let (message, waiting) = (line(text), Waiting::default());
        // A thread that serves connections never waits for a long message before this one.
        if text.len() <= HERE
            && let Ok(mut lane) = lane.try_lock()
        {
            return trimmed(lane.take_for(waiting, carriage, message));
        }
        let shared = waiting.clone();
        let mut scan = tokio::task::spawn_blocking(move || {
            let mut lane = lane.lock().unwrap_or_else(PoisonError::into_inner);
            trimmed(lane.take_for(shared, carriage, message))
        });
        match tokio::time::timeout(self.most_time, &mut scan).await {
            Ok(Ok(sent)) => return sent,
            Err(_) if !waiting.abandon() => return scan.await.unwrap_or_default(),
            Ok(Err(_)) | Err(_) => {}
        }
        // What the scan found stands in the record later, and this before it.
        let detail = json!({ "verdict": "block", "direction": direction, "session": session });
        let summary = format!("block {direction} mcp: {TOO_LONG}");
        let _told_already =
            lock(&self.fold).recorder.note(EntryKind::CaptureDrop, "proxy_failed", &summary, &detail);
        trimmed(unread(direction, &Glimpse::of(text), &Why::refused(FAILED, TOO_LONG)))
    }

    fn lane(&self, session: &str, server: &str, direction: Direction) -> Arc<Mutex<Lane>> {
        let mut lanes = self.of_keys.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (session.to_owned(), server.to_owned(), direction == Direction::Egress);
        if lanes.len() >= MOST_LANES && !lanes.contains_key(&key) {
            lanes.clear();
        }
        let lane = lanes.entry(key).or_insert_with(|| {
            let lane = Lane::new(direction, (session, Some(server)), self.pack, &self.fold);
            Arc::new(Mutex::new(lane.over("http")))
        });
        Arc::clone(lane)
    }
}

/// Without the ends of lines, which are for pipes.
fn trimmed(mut sent: Sent) -> Sent {
    if let Some(onward) = &mut sent.onward {
        onward.truncate(onward.trim_ascii_end().len());
    }
    if let Some(back) = &mut sent.back {
        back.truncate(back.trim_ascii_end().len());
    }
    sent
}

/// Whether what a lane lets through is the whole text as it was given.
pub(super) fn is_same(onward: &[u8], text: &[u8]) -> bool {
    onward.iter().copied().eq(text.trim_ascii_end().iter().map(|byte| spaced(*byte)))
}

fn spaced(byte: u8) -> u8 {
    if matches!(byte, b'\n' | b'\r') { b' ' } else { byte }
}

/// A text as a line. The ends of lines in it, which JSON has only between its words, become spaces.
fn line(text: &[u8]) -> Line {
    if text.len() > MCP_LINE_BYTES {
        let start = text.get(..KEPT).unwrap_or(text).to_vec();
        return Line::TooLong { start, bytes: text.len() as u64, glimpse: Glimpse::of(text) };
    }
    Line::Whole(text.iter().map(|byte| spaced(*byte)).collect())
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It says of itself that it is JSON-RPC.
    Rpc,
    /// It is something else.
    Other,
    /// It is no JSON.
    NoJson,
}

/// Whether a text is JSON-RPC.
pub(super) fn kind(text: &[u8]) -> Kind {
    let mut tape = Tape::default();
    let Ok(root) = tape.parse(text) else { return Kind::NoJson };
    let says = |value: Value<'_, '_>| value.get("jsonrpc").is_some();
    if says(root) || root.items().any(says) { Kind::Rpc } else { Kind::Other }
}

/// Whether it is worth a look: most bodies are not.
pub(super) fn may_be(text: &[u8]) -> bool {
    matches!(text.trim_ascii_start().first(), Some(b'{' | b'['))
        && memchr::memmem::find(text, b"jsonrpc").is_some()
}
