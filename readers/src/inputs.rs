//! The inputs of a run, one after another, as batches that any thread can read.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use coldcase_model::{
    Account, Anomaly, AnomalyKind, ArtifactIndex, Batch, BatchSource, Direction, Excerpt, InputState, Item,
    KeptPart, Ledger, Outcome, SessionKey, SourcePos,
};

use crate::agent::{AgentReader, Layout, LogFile};
use crate::closing::{Closing, facts, shown, unreadable};
use crate::exchange::{self, Cassette, MitmReader, VcrReader};
use crate::frame::{ElementFrames, Frames, ItemFrames, JsonFrames, LineFrames, Target};
use crate::har::HarReader;
use crate::limits::Limits;
use crate::mcp::{CardReader, TranscriptReader};
use crate::pcap::{Chain, Member, Rings, Rules, chains};
use crate::record::{Context, RecordBatch, RecordReader};
use crate::recorder::RecorderReader;
use crate::records::RecordsReader;
use crate::session_rule::SessionRule;
use crate::sniff::{self, Format, sniff};
use crate::source::{Found, Stream};
use crate::trace::{OtelReader, RunsReader, Service, TraceLayout};

/// The inputs of a run.
pub struct InputSet {
    /// `None` for those that were opened.
    found: Vec<Option<Found>>,
    limits: Limits,
    captures: Rules,
    next: usize,
    rings: Rings,
    /// How many parts are known of inputs that are not read.
    kept: BTreeMap<usize, u32>,
    /// Chains of captures that are not open yet.
    chains: VecDeque<VecDeque<Member>>,
    open: Option<Opened>,
}

/// What is under way.
enum Opened {
    Kept(Kept),
    Records(Box<Open>),
    Captures(Box<Chain>),
}

impl InputSet {
    /// The inputs that [`crate::expand`] listed.
    pub fn new(found: Vec<Found>, limits: Limits) -> Self {
        let rings = Rings::of(&found);
        let found = found.into_iter().map(Some).collect();
        let captures = Rules::default();
        let (kept, chains) = (BTreeMap::new(), VecDeque::new());
        Self { found, limits, captures, next: 0, rings, kept, chains, open: None }
    }

    /// Secrets that decrypt TLS in captures: the text of an `SSLKEYLOGFILE`.
    #[must_use]
    pub fn key_log(mut self, text: Vec<u8>) -> Self {
        self.captures.key_log = text;
        self
    }

    /// What makes a session of flows in captures.
    #[must_use]
    pub fn sessions(mut self, rule: SessionRule) -> Self {
        self.captures.sessions = rule;
        self
    }

    /// Inputs of which nothing is read, by their places: so many parts of each are known. None of them is among [`read_together`].
    #[must_use]
    pub fn kept(mut self, kept: BTreeMap<usize, u32>) -> Self {
        self.kept = kept;
        self
    }

    /// Opens the next input; a batch if that failed.
    fn open_next(&mut self) -> Option<Result<Opened, Closing>> {
        loop {
            if let Some(mut chain) = self.chains.pop_front() {
                let Some(first) = chain.pop_front() else { continue };
                return Some(self.open_chain(first, chain));
            }
            self.find_chains();
            let index = self.next;
            let found = self.found.get_mut(index)?;
            if !self.chains.is_empty() {
                continue;
            }
            self.next += 1;
            let Some(found) = found.take() else { continue };
            let artifact = ArtifactIndex(u32::try_from(index).unwrap_or(u32::MAX));
            if let Some(parts) = self.kept.get(&index) {
                return Some(Ok(Opened::Kept(Kept { artifact, parts: 0..*parts })));
            }
            let opened = open(&found, artifact, self.limits, &self.captures);
            return Some(opened.map_err(|error| unreadable(&found, artifact, &error)));
        }
    }

    fn open_chain(&mut self, first: Member, next: VecDeque<Member>) -> Result<Opened, Closing> {
        match Stream::open(&first.found, self.limits) {
            Ok(stream) => {
                let opened = (stream, Vec::new());
                let chain = Chain::begin(first, opened, next, self.limits, &self.captures);
                Ok(Opened::Captures(Box::new(chain)))
            }
            Err(error) => {
                self.chains.push_front(next);
                Err(unreadable(&first.found, first.artifact, &error))
            }
        }
    }

    /// Looks whether the next input belongs to a ring, and if so which others do.
    fn find_chains(&mut self) {
        let candidates: Vec<(usize, Found)> = self
            .rings
            .take(self.next)
            .into_iter()
            .filter_map(|index| Some((index, self.found.get(index)?.clone()?)))
            .collect();
        self.chains.extend(chains(candidates, self.limits));
        for member in self.chains.iter().flatten() {
            if let Some(found) = self.found.get_mut(member.artifact.0 as usize) {
                *found = None;
            }
        }
    }
}

impl BatchSource for InputSet {
    fn next_batch(&mut self) -> Option<Box<dyn Batch>> {
        loop {
            match self.open.take() {
                None => match self.open_next()? {
                    Ok(opened) => self.open = Some(opened),
                    Err(closing) => return Some(Box::new(closing)),
                },
                Some(Opened::Kept(mut kept)) => {
                    if let Some(part) = kept.parts.next() {
                        let part = KeptPart { artifact: kept.artifact, part };
                        self.open = Some(Opened::Kept(kept));
                        return Some(Box::new(KeptBatch(part)));
                    }
                }
                Some(Opened::Captures(mut chain)) => match chain.next_batch() {
                    Some(batch) => {
                        self.open = Some(Opened::Captures(chain));
                        return Some(batch);
                    }
                    None => self.chains.push_front(chain.rest()),
                },
                Some(Opened::Records(mut open)) => match open.next_batch() {
                    Some(batch) => {
                        self.open = Some(Opened::Records(open));
                        return Some(batch);
                    }
                    None => return Some(Box::new(open.close())),
                },
            }
        }
    }
}

/// Inputs that may be read together with others, by their places: what comes of them is not of one file alone.
pub fn read_together(found: &[Found]) -> BTreeSet<usize> {
    Rings::of(found).members().collect()
}

/// An input of which nothing is read.
struct Kept {
    artifact: ArtifactIndex,
    parts: Range<u32>,
}

/// A part of it.
struct KeptBatch(KeptPart);

impl Batch for KeptBatch {
    fn kept(&self) -> Option<KeptPart> {
        Some(self.0)
    }

    /// Whoever does not know what came of it must not take it for empty.
    fn read(self: Box<Self>, emit: &mut dyn FnMut(Item)) -> Outcome {
        let artifact = self.0.artifact;
        let pos = SourcePos { artifact, record: 0, offset: 0 };
        emit(Item::Anomaly(Anomaly::new(AnomalyKind::Unreadable, pos, "left out, and not known")));
        Outcome { artifact, ..Outcome::default() }
    }
}

/// Opens an input, whatever its format.
fn open(found: &Found, artifact: ArtifactIndex, limits: Limits, captures: &Rules) -> std::io::Result<Opened> {
    let mut stream = Stream::open(found, limits)?;
    let mut head = Vec::new();
    stream.fill(&mut head, sniff::HEAD);
    let format = sniff(&head);
    if matches!(format, Format::Pcap | Format::Pcapng) {
        let member = Member { artifact, found: found.clone(), format, first: None };
        let chain = Chain::begin(member, (stream, head), VecDeque::new(), limits, captures);
        return Ok(Opened::Captures(Box::new(chain)));
    }
    Ok(Opened::Records(Box::new(Open::new(found, artifact, limits, (stream, head, format)))))
}

/// An input of records under way.
struct Open {
    path: String,
    format: Format,
    creator: Option<String>,
    stream: Stream,
    /// `None` where the input has no records of bytes, or nothing of it is read.
    frames: Option<Box<dyn Frames>>,
    reader: Arc<dyn RecordReader>,
    context: Arc<Context>,
    /// Decoded bytes that no frame will see.
    opaque: u64,
}

impl Open {
    fn new(
        found: &Found,
        artifact: ArtifactIndex,
        limits: Limits,
        (stream, head, format): (Stream, Vec<u8>, Format),
    ) -> Self {
        let path = shown(found.path());
        let pairing = pairing(found.path());
        let file = match format {
            Format::Agent(log, _) => LogFile::of(log, &head, found.path()),
            _ => LogFile::default(),
        };
        let session = match format {
            Format::McpLines | Format::McpDocument => pairing.0,
            _ => file.session.clone().unwrap_or_else(|| path.clone()),
        };
        let context = Arc::new(Context { artifact, session: SessionKey::new(&session), limits });
        let creator = (format == Format::Har).then(|| sniff::creator(&head)).flatten();
        let opaque = if format == Format::Unknown { head.len() as u64 } else { 0 };
        let (frames, reader) = layout(format, head, &context, pairing.1, file);
        let creator = creator.map(|name| Excerpt::of_name(name.as_bytes()).as_str().to_owned());
        Self { path, format, creator, stream, frames, reader, context, opaque }
    }

    fn next_batch(&mut self) -> Option<Box<dyn Batch>> {
        let chunk = self.frames.as_mut()?.next_chunk(&mut self.stream)?;
        Some(Box::new(RecordBatch { chunk, context: self.context.clone(), reader: self.reader.clone() }))
    }

    /// The input is read: its facts, and what was wrong with it as a whole.
    fn close(mut self) -> Closing {
        let mut ledger = Ledger::default();
        if self.frames.is_none() {
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
        Closing { facts: Box::new(facts), anomalies, ledger, records: 0 }
    }
}

/// How a format's records are found and read.
fn layout(
    format: Format,
    head: Vec<u8>,
    context: &Arc<Context>,
    direction: Option<Direction>,
    file: LogFile,
) -> (Option<Box<dyn Frames>>, Arc<dyn RecordReader>) {
    let limits = context.limits;
    let context = context.clone();
    let is_list = head.trim_ascii_start().starts_with(b"[");
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
            let holds_several = is_list || layout == Layout::Lines;
            (frames, Arc::new(AgentReader { context, log: Some(log), file, holds_several }))
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
        Format::JsonLines | Format::Empty => {
            (lines(head), Arc::new(AgentReader { context, log: None, file, holds_several: true }))
        }
        Format::Json => {
            let reader = AgentReader { context, log: None, file, holds_several: is_list };
            (json(Target::Values, head), Arc::new(reader))
        }
        Format::Pcap | Format::Pcapng | Format::Unknown => {
            (None, Arc::new(AgentReader { context, log: None, file, holds_several: false }))
        }
    }
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
