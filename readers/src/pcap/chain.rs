//! Captures under way: one file, or the files of a ring one after another, with what connects them carried over.
//!
//! A file's stream is open only while it is read. The facts of all files come when the last one is read, since what was found
//! in one may go on in the next.

use std::collections::VecDeque;
use std::sync::Arc;

use coldcase_model::{Anomaly, Batch, CaptureSummary, InputState, Ledger, SessionKey, SourcePos};
use coldcase_wire::{Advance, Wire};

use super::batches::{FoundBatch, Numbered};
use super::books::Books;
use super::places::Places;
use super::ring::{Member, SLACK};
use super::secrets::keys;
use super::sessions::Sessions;
use super::summary;
use crate::closing::{Closing, facts, shown};
use crate::limits::Limits;
use crate::record::Context;
use crate::session_rule::SessionRule;
use crate::source::{Closed, Stream};

/// Bytes that are read at once.
const CHUNK: usize = 1 << 20;

/// How captures are read.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    /// Secrets that decrypt TLS: the text of an `SSLKEYLOGFILE`.
    pub(crate) key_log: Vec<u8>,
    /// What makes a session.
    pub(crate) sessions: SessionRule,
}

/// The files of a chain.
pub(crate) struct Chain {
    wire: Wire,
    /// The file that is read.
    now: Option<(Member, Stream)>,
    /// What was read of it and not taken in: from `start` on.
    buffer: Vec<u8>,
    start: usize,
    ended: bool,
    /// Bytes that were taken in since the last batch.
    taken: u64,
    /// Files to come, in order of time.
    next: VecDeque<Member>,
    read: Vec<ReadFile>,
    places: Arc<Places>,
    /// Findings of each file.
    records: Vec<u64>,
    books: Books,
    sessions: Sessions,
    /// Bytes that packets of earlier files lack.
    missing: u64,
    context: Arc<Context>,
    /// The last batches; `Some` when all is read.
    closings: Option<std::vec::IntoIter<Closing>>,
}

/// A file that was read.
struct ReadFile {
    member: Member,
    closed: Closed,
    summary: CaptureSummary,
}

impl Chain {
    /// A chain whose first file is open, with the first bytes that were read of it.
    pub(crate) fn begin(
        member: Member,
        (stream, head): (Stream, Vec<u8>),
        next: VecDeque<Member>,
        limits: Limits,
        rules: &Rules,
    ) -> Self {
        let artifact = member.artifact;
        let session = SessionKey::new(&shown(member.found.path()));
        let keys = keys(std::iter::once(&member).chain(&next), &rules.key_log);
        let mut chain = Self {
            wire: Wire::new(keys),
            now: None,
            buffer: head,
            start: 0,
            ended: false,
            taken: 0,
            next,
            read: Vec::new(),
            places: Arc::default(),
            records: Vec::new(),
            books: Books::default(),
            sessions: Sessions::new(rules.sessions, session.clone()),
            missing: 0,
            context: Arc::new(Context { artifact, session, limits }),
            closings: None,
        };
        chain.begin_file(member, stream);
        chain
    }

    /// The next batch; `None` at the end.
    pub(crate) fn next_batch(&mut self) -> Option<Box<dyn Batch>> {
        if let Some(closings) = &mut self.closings {
            return closings.next().map(|closing| -> Box<dyn Batch> { Box::new(closing) });
        }
        loop {
            let mut window = self.buffer.get(self.start..).unwrap_or_default();
            let advance = self.wire.advance(&mut window, self.ended);
            let taken = self.buffer.len() - self.start - window.len();
            self.start += taken;
            self.taken += taken as u64;
            match advance {
                Advance::Full => return Some(self.batch()),
                Advance::Need(wanted) => self.fill(wanted),
                Advance::End => {
                    self.end_file();
                    if !self.next_file() {
                        self.wire.finish();
                        let batch = self.batch();
                        self.close();
                        return Some(batch);
                    }
                }
            }
        }
    }

    /// Files that turned out not to follow; they are a chain of their own.
    pub(crate) fn rest(self) -> VecDeque<Member> {
        self.next
    }

    fn fill(&mut self, wanted: usize) {
        self.buffer.drain(..self.start);
        self.start = 0;
        let upto = wanted.max(self.buffer.len() + 1).max(CHUNK);
        self.ended = match &mut self.now {
            Some((_, stream)) => !stream.fill(&mut self.buffer, upto),
            None => true,
        };
    }

    fn begin_file(&mut self, member: Member, stream: Stream) {
        Arc::make_mut(&mut self.places).push(self.wire.at(), member.artifact);
        self.records.push(0);
        self.books.begin();
        self.now = Some((member, stream));
    }

    /// The file is taken in; what was found so far is in its books.
    fn end_file(&mut self) {
        let Some((member, stream)) = self.now.take() else { return };
        self.books.count(self.wire.accounts());
        let missing = self.wire.missing();
        let summary = summary::of_file(self.wire.facts(), missing - self.missing);
        self.missing = missing;
        self.read.push(ReadFile { member, closed: stream.close(), summary });
    }

    /// Goes on with the next file, if it follows in time and can be opened.
    fn next_file(&mut self) -> bool {
        let last = self.read.last().and_then(|file| file.summary.last);
        let follows = |member: &Member| match (last, member.first) {
            (Some(last), Some(first)) => first >= last.saturating_sub(SLACK),
            _ => true,
        };
        let Some(member) = self.next.front().filter(|member| follows(member)) else { return false };
        let Ok(stream) = Stream::open(&member.found, self.context.limits) else { return false };
        let Some(member) = self.next.pop_front() else { return false };
        self.wire.next_file();
        (self.start, self.ended) = (0, false);
        self.buffer.clear();
        self.begin_file(member, stream);
        true
    }

    /// What was found since the last batch.
    fn batch(&mut self) -> Box<dyn Batch> {
        let found = self.wire.take();
        let mut numbered = Vec::with_capacity(found.len());
        for found in found {
            self.books.found(&found, &self.places);
            let count = self.records.get_mut(self.places.file(found.at()));
            let record = count.map_or(0, |count| std::mem::replace(count, *count + 1));
            let session = self.sessions.of(&found);
            numbered.push(Numbered { found, record, session });
        }
        Box::new(FoundBatch {
            found: numbered,
            notes: self.wire.take_notes(),
            context: self.context.clone(),
            places: self.places.clone(),
            bytes: std::mem::take(&mut self.taken),
        })
    }

    /// All files are read: their facts.
    fn close(&mut self) {
        let mut books = std::mem::take(&mut self.books);
        books.count(self.wire.accounts());
        let ledgers = books.close();
        let (files, surveys) = (std::mem::take(&mut self.read), self.wire.surveys());
        let of = files.len() as u64;
        let mut closings = Vec::with_capacity(files.len());
        for ((((mut file, ledger), survey), records), number) in
            files.into_iter().zip(ledgers).zip(surveys).zip(&self.records).zip(1..)
        {
            summary::add_survey(&mut file.summary, survey);
            file.summary.ring = (of > 1).then_some((number, of));
            closings.push(file.closing(ledger, *records));
        }
        // Inputs end in their own order, whatever order their packets have.
        closings.sort_by_key(|closing| closing.facts.artifact);
        self.closings = Some(closings.into_iter());
    }
}

impl ReadFile {
    fn closing(self, ledger: Ledger, records: u64) -> Closing {
        let Self { member: Member { artifact, found, format, .. }, closed, summary } = self;
        let trouble = closed.trouble.iter().map(|trouble| {
            let pos = SourcePos { artifact, record: 0, offset: trouble.at };
            Anomaly::new(trouble.kind, pos, trouble.what.clone())
        });
        let anomalies = trouble.collect();
        let mut facts = facts(&closed, artifact, shown(found.path()), format, None, InputState::Read);
        facts.capture = Some(Box::new(summary));
        Closing { facts: Box::new(facts), anomalies, ledger, records }
    }
}
