//! The inputs of a run, one after another, as batches that any thread can read.

use std::path::Path;
use std::sync::Arc;

use coldcase_model::{
    Account, Anomaly, AnomalyKind, ArtifactIndex, Batch, BatchSource, Direction, Excerpt, InputFacts,
    InputState, Item, Ledger, Outcome, SessionKey, SourcePos,
};

use coldcase_wire::tls::KeyLog;

use crate::agent::{AgentReader, Layout, session_of};
use crate::exchange::{self, Cassette, MitmReader, VcrReader};
use crate::frame::{ElementFrames, Frames, ItemFrames, JsonFrames, LineFrames, Target};
use crate::har::HarReader;
use crate::limits::Limits;
use crate::mcp::{CardReader, TranscriptReader};
use crate::pcap::{Captures, add_secrets};
use crate::record::{Context, RecordBatch, RecordReader};
use crate::recorder::RecorderReader;
use crate::records::RecordsReader;
use crate::sniff::{self, Format, sniff};
use crate::source::{Closed, Found, Stream};
use crate::trace::{OtelReader, RunsReader, Service, TraceLayout};

/// The inputs of a run.
pub struct InputSet {
    found: std::vec::IntoIter<Found>,
    limits: Limits,
    key_log: Vec<u8>,
    next: u32,
    open: Option<Open>,
}

impl InputSet {
    /// The inputs that [`crate::expand`] listed.
    pub fn new(found: Vec<Found>, limits: Limits) -> Self {
        Self { found: found.into_iter(), limits, key_log: Vec::new(), next: 0, open: None }
    }

    /// Secrets that decrypt TLS in captures: the text of an `SSLKEYLOGFILE`.
    #[must_use]
    pub fn key_log(mut self, text: Vec<u8>) -> Self {
        self.key_log = text;
        self
    }

    fn open_next(&mut self) -> Option<Box<dyn Batch>> {
        let found = self.found.next()?;
        let artifact = ArtifactIndex(self.next);
        self.next += 1;
        match Open::new(&found, artifact, self.limits, &self.key_log) {
            Ok(open) => {
                self.open = Some(open);
                self.next_batch()
            }
            Err(error) => Some(Box::new(unreadable(&found, artifact, &error))),
        }
    }
}

impl BatchSource for InputSet {
    fn next_batch(&mut self) -> Option<Box<dyn Batch>> {
        let Some(open) = &mut self.open else { return self.open_next() };
        if let Some(captures) = &mut open.captures
            && let Some(batch) = captures.next_batch(&mut open.stream, &open.context)
        {
            return Some(batch);
        }
        if let Some(chunk) = open.frames.as_mut().and_then(|frames| frames.next_chunk(&mut open.stream)) {
            let (context, reader) = (open.context.clone(), open.reader.clone());
            return Some(Box::new(RecordBatch { chunk, context, reader }));
        }
        self.open.take().map(|open| -> Box<dyn Batch> { Box::new(open.close()) })
    }
}

/// An input under way.
struct Open {
    path: String,
    format: Format,
    creator: Option<String>,
    stream: Stream,
    /// `None` where the input has no records of bytes, or nothing of it is read.
    frames: Option<Box<dyn Frames>>,
    /// A packet capture.
    captures: Option<Box<Captures>>,
    reader: Arc<dyn RecordReader>,
    context: Arc<Context>,
    /// Decoded bytes that no frame will see.
    opaque: u64,
}

impl Open {
    fn new(found: &Found, artifact: ArtifactIndex, limits: Limits, key_log: &[u8]) -> std::io::Result<Self> {
        let mut stream = Stream::open(found, limits)?;
        let mut head = Vec::new();
        stream.fill(&mut head, sniff::HEAD);
        let format = sniff(&head);
        let path = shown(found.path());
        let pairing = pairing(found.path());
        let session = match format {
            Format::McpLines | Format::McpDocument => pairing.0,
            Format::Agent(log, _) => session_of(log, &head).unwrap_or_else(|| path.clone()),
            _ => path.clone(),
        };
        let context = Arc::new(Context { artifact, session: SessionKey::new(&session), limits });
        let creator = (format == Format::Har).then(|| sniff::creator(&head)).flatten();
        let opaque = if format == Format::Unknown { head.len() as u64 } else { 0 };
        let is_capture = matches!(format, Format::Pcap | Format::Pcapng);
        let captures = is_capture.then(|| {
            let keys = keys(found, format, key_log);
            Box::new(Captures::new(std::mem::take(&mut head), keys))
        });
        let (frames, reader) = layout(format, head, &context, pairing.1);
        let creator = creator.map(|name| Excerpt::of_name(name.as_bytes()).as_str().to_owned());
        Ok(Self { path, format, creator, stream, frames, captures, reader, context, opaque })
    }

    /// The input is read: its facts, and what was wrong with it as a whole.
    fn close(mut self) -> Closing {
        let mut ledger = Ledger::default();
        if self.frames.is_none() && self.captures.is_none() {
            let rest = self.stream.skip_rest();
            ledger.add(Account::Opaque, self.opaque + rest);
        }
        let complaint = self.frames.as_ref().and_then(|frames| frames.complaint());
        let closed = self.stream.close();
        let pos = |offset| SourcePos { artifact: self.context.artifact, record: 0, offset };
        let mut anomalies = Vec::new();
        if let Some(trouble) = &closed.trouble {
            anomalies.push(Anomaly::new(trouble.kind, pos(trouble.at), trouble.what.clone()));
        }
        if let Some((kind, at, what)) = complaint {
            anomalies.push(Anomaly::new(kind, pos(at), what));
        }
        let state = match self.format {
            Format::Unknown => {
                anomalies.push(Anomaly::new(
                    AnomalyKind::UnknownFormat,
                    pos(0),
                    "no format that is read; not scanned",
                ));
                InputState::NotScanned
            }
            _ => InputState::Read,
        };
        let facts = facts(&closed, self.context.artifact, self.path, self.format, self.creator, state);
        Closing { facts: Box::new(facts), anomalies, ledger }
    }
}

fn facts(
    closed: &Closed,
    artifact: ArtifactIndex,
    path: String,
    format: Format,
    creator: Option<String>,
    state: InputState,
) -> InputFacts {
    InputFacts {
        artifact,
        path,
        sha256: closed.sha256,
        stored_bytes: closed.stored_bytes,
        decoded_bytes: closed.decoded_bytes,
        compression: closed.compression,
        format: format.as_str(),
        creator,
        state,
        records: 0,
        events: 0,
        anomalies: 0,
        stored: closed.stored,
        decoded: closed.is_compressed.then(Ledger::default),
    }
}

/// The secrets that may open TLS in a capture.
fn keys(found: &Found, format: Format, key_log: &[u8]) -> KeyLog {
    let mut keys = KeyLog::default();
    keys.add(key_log);
    if let (Found::File(path), Format::Pcapng) = (found, format) {
        // What cannot be read here cannot be read as a capture either, and is said there.
        let _read = add_secrets(path, &mut keys);
    }
    keys
}

/// How a format's records are found and read.
fn layout(
    format: Format,
    head: Vec<u8>,
    context: &Arc<Context>,
    direction: Option<Direction>,
) -> (Option<Box<dyn Frames>>, Arc<dyn RecordReader>) {
    let limits = context.limits;
    let context = context.clone();
    let lines = |head| -> Option<Box<dyn Frames>> { Some(Box::new(LineFrames::new(head, limits))) };
    let json =
        |target, head| -> Option<Box<dyn Frames>> { Some(Box::new(JsonFrames::new(target, head, limits))) };
    match format {
        Format::Har => (json(Target::Path(&["log", "entries"]), head), Arc::new(HarReader { context })),
        Format::McpLines => (lines(head), Arc::new(TranscriptReader { context, direction })),
        Format::McpDocument => {
            (json(Target::Values, head), Arc::new(TranscriptReader { context, direction }))
        }
        Format::McpExport(path) => {
            (json(Target::Path(path), head), Arc::new(TranscriptReader { context, direction: None }))
        }
        Format::Recorder => (lines(head), Arc::new(RecorderReader { context })),
        Format::EventRecords => (lines(head), Arc::new(RecordsReader { context })),
        Format::AgentCard => (json(Target::Values, head), Arc::new(CardReader { context })),
        Format::Agent(log, layout) => {
            let frames = match layout {
                Layout::Lines => lines(head),
                Layout::Values => json(Target::Values, head),
                Layout::Array(path) => json(Target::Path(path), head),
            };
            (frames, Arc::new(AgentReader { context, log: Some(log) }))
        }
        Format::Trace(service, layout) => {
            let frames = match layout {
                TraceLayout::Lines => lines(head),
                TraceLayout::Values => json(Target::Values, head),
                TraceLayout::Array(path) => json(Target::Path(path), head),
            };
            let reader: Arc<dyn RecordReader> = match service {
                Service::Otel => Arc::new(OtelReader { context }),
                Service::LangSmith | Service::Langfuse => Arc::new(RunsReader { context }),
            };
            (frames, reader)
        }
        Format::Vcr(Cassette::Json(path)) => {
            (json(Target::Path(path), head), Arc::new(VcrReader { context, is_yaml: false }))
        }
        Format::Vcr(Cassette::Yaml) => {
            let frames = ItemFrames::new(exchange::KEYS, head, limits);
            (Some(Box::new(frames)), Arc::new(VcrReader { context, is_yaml: true }))
        }
        Format::Mitmproxy => {
            (Some(Box::new(ElementFrames::new(head, limits))), Arc::new(MitmReader { context }))
        }
        Format::JsonLines | Format::Empty => (lines(head), Arc::new(AgentReader { context, log: None })),
        Format::Json => (json(Target::Values, head), Arc::new(AgentReader { context, log: None })),
        Format::Pcap | Format::Pcapng | Format::Unknown => {
            (None, Arc::new(AgentReader { context, log: None }))
        }
    }
}

/// The last batch of an input: its facts.
struct Closing {
    facts: Box<InputFacts>,
    anomalies: Vec<Anomaly>,
    ledger: Ledger,
}

impl Batch for Closing {
    fn read(self: Box<Self>, emit: &mut dyn FnMut(Item)) -> Outcome {
        for anomaly in self.anomalies {
            emit(Item::Anomaly(anomaly));
        }
        Outcome { ledger: self.ledger, records: 0, bytes: 0, finished: Some(self.facts) }
    }
}

fn unreadable(found: &Found, artifact: ArtifactIndex, error: &std::io::Error) -> Closing {
    let pos = SourcePos { artifact, record: 0, offset: 0 };
    let size = std::fs::metadata(found.path())
        .map_or(0, |metadata| if metadata.is_file() { metadata.len() } else { 0 });
    let mut stored = Ledger::default();
    stored.add(Account::Lost, size);
    let closed = Closed {
        sha256: None,
        stored_bytes: size,
        decoded_bytes: 0,
        compression: "none",
        stored,
        is_compressed: false,
        trouble: None,
    };
    let path = shown(found.path());
    let facts = facts(&closed, artifact, path, Format::Unknown, None, InputState::Failed);
    let anomaly = Anomaly::new(AnomalyKind::Unreadable, pos, format!("cannot be opened: {error}"));
    Closing { facts: Box::new(facts), anomalies: vec![anomaly], ledger: Ledger::default() }
}

/// A path as it may be written anywhere.
fn shown(path: &Path) -> String {
    Excerpt::of_name(path.as_os_str().as_encoded_bytes()).as_str().to_owned()
}

/// Words in file names that tell the direction, where a logger keeps one file for each. What a server reads from
/// its standard input leaves the agent.
const PAIRS: [(&str, &str); 7] = [
    ("client_to_server", "server_to_client"),
    ("client-to-server", "server-to-client"),
    ("c2s", "s2c"),
    ("stdin", "stdout"),
    ("requests", "responses"),
    ("request", "response"),
    ("in", "out"),
];

/// The session of a transcript and the direction that its name tells: `x.in.jsonl` and `x.out.jsonl` are one
/// session. Only whole words of the name count.
fn pairing(path: &Path) -> (String, Option<Direction>) {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let is_word = |at: usize, word: &str| {
        let before = name.get(..at).and_then(|text| text.chars().next_back());
        let after = name.get(at + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    };
    for (egress, ingress) in PAIRS {
        for (word, direction) in [(egress, Direction::Egress), (ingress, Direction::Ingress)] {
            if let Some(at) = name.find(word).filter(|at| is_word(*at, word)) {
                let neutral = format!(
                    "{}*{}",
                    name.get(..at).unwrap_or_default(),
                    name.get(at + word.len()..).unwrap_or_default()
                );
                return (shown(&path.with_file_name(neutral)), Some(direction));
            }
        }
    }
    (shown(path), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_two_directions_are_one_session() {
        let (one, out) = pairing(Path::new("logs/fs.stdin.jsonl"));
        let (two, back) = pairing(Path::new("logs/fs.stdout.jsonl"));
        assert_eq!((&one, out, back), (&two, Some(Direction::Egress), Some(Direction::Ingress)));
        assert_eq!(pairing(Path::new("logs/login.jsonl")).1, None);
    }
}
